"""Values as PHP's json_encode( JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE ) writes them, in harmless characters."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.values import value

from driftcheck.core.model import MISSING, Source, Unknown, Value, pack
from driftcheck.report.phpjson import encode, write_columns, write_normalized

# Each text is what PHP 8.2 printed, with serialize_precision -1, where its name does not say otherwise.
CASES = [
    ("null", None, "null"),
    ("true", True, "true"),
    ("false", False, "false"),
    ("an int", -5, "-5"),
    ("the greatest int", 2**63 - 1, "9223372036854775807"),
    ("a float", 0.1, "0.1"),
    ("a float without a fraction", 1.0, "1.0"),
    ("minus zero", -0.0, "-0.0"),
    ("a small float", 1e-7, "1.0e-7"),
    ("a great float", 1e25, "1.0e+25"),
    ("the greatest power of ten without an exponent", 1e16, "10000000000000000.0"),
    ("the next one has one", 1e17, "1.0e+17"),
    ("the smallest one without", 0.0001, "0.0001"),
    ("a float with digits and an exponent", 1.5e-9, "1.5e-9"),
    ("a text", "a", '"a"'),
    ("a slash", "https://x/", '"https://x/"'),
    ("a quote and a backslash", 'a"\\', '"a\\"\\\\"'),
    ("letters", "é漢", '"é漢"'),
    ("a control", "\x01\t\n", '"\\u0001\\t\\n"'),
    ("delete, which PHP leaves as it is", "\x7f", '"\\u007f"'),
    ("what a terminal could obey, which PHP leaves too", "\x9b\u202e\u200b", '"\\u009b\\u202e\\u200b"'),
    ("a tag beyond the first 65,536 characters", "\U000e0041", '"\\udb40\\udc41"'),
    ("what a CI runner could obey", "##[error]x", '"#\\u0023[error]x"'),
    ("the line separators of JavaScript", "\u2028\u2029", '"\\u2028\\u2029"'),
    ("a list", [1, 2], "[1,2]"),
    ("an empty array", {}, "[]"),
    ("a map", {"a": 1}, '{"a":1}'),
    ("a map with integer keys", {0: 1, 2: 3}, '{"0":1,"2":3}'),
    ("integer keys out of order", {1: "b", 0: "a"}, '{"1":"b","0":"a"}'),
    ("keys that do not begin with 0", {1: "a"}, '{"1":"a"}'),
    ("an empty key", {"": 1}, '{"":1}'),
    ("nested arrays", {"a": [{"b": []}]}, '{"a":[{"b":[]}]}'),
    ("a key with a quote", {'"': 1}, '{"\\"":1}'),
]


@pytest.mark.parametrize(("data", "wanted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_encode(data, wanted):
    assert encode(value(data)) == wanted


def test_a_hole_says_why_and_where():
    source = Source("wmf-config/x.php", b"<?php\n$a = f();\n")
    told = json.loads(encode(Value({"a": Unknown("the call f() is not evaluated", source, pack(11, 14))})))
    assert told == {"a": {"unknown": "the call f() is not evaluated", "place": "wmf-config/x.php:2"}}
    assert json.loads(encode(Unknown("why"))) == {"unknown": "why", "place": None}


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_float_that_json_does_not_have_is_said_to_be_one(number):
    assert "unknown" in json.loads(encode(value(number)))


def test_a_byte_that_is_no_utf_8_stays_visible():
    text = b"a\xff".decode("utf-8", "surrogateescape")
    encode(value(text)).encode("utf-8")
    assert "udcff" in encode(value(text))


data = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=4), inner, min_size=1, max_size=4)
    ),
    max_leaves=12,
)


@given(data)
def test_what_is_written_reads_back(data):
    assert json.loads(encode(value(data))) == (data if data != {} else [])


def test_columns_are_rows_of_wikis_with_sorted_settings_and_without_what_is_absent():
    out = io.StringIO()
    shared = value([1])
    columns = {"wgB": [shared, shared], "wgA": [MISSING, value(None)], "wgC": [value("x"), MISSING]}
    write_columns(out, ["enwiki", "frwiki"], columns, [0, 1])
    assert out.getvalue() == '{\n"enwiki":{"wgB":[1],"wgC":"x"},\n"frwiki":{"wgA":null,"wgB":[1]}\n}\n'


def test_no_wiki_and_no_setting_are_still_json():
    for numbers, columns in (([], {}), ([0], {}), ([], {"wgA": [MISSING]})):
        out = io.StringIO()
        write_columns(out, ["enwiki"], columns, numbers)
        assert json.loads(out.getvalue()) == ({"enwiki": {}} if numbers else {})


def test_documents_are_written_by_wiki():
    out = io.StringIO()
    write_normalized(
        out, {"enwiki": {"enabled": Value(True), "endpoints": {"ores": Value("u")}, "models": Value({})}, "frwiki": {}}
    )
    assert json.loads(out.getvalue()) == {
        "enwiki": {"enabled": True, "endpoints": {"ores": "u"}, "models": []},
        "frwiki": {},
    }
