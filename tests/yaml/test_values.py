"""YAML of services: what PyYAML reads is what is read here, with places; what is hostile is refused soon and in one line."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from driftcheck.core.model import IncompleteError, Op, Source
from driftcheck.yaml import guard
from driftcheck.yaml.values import LIMITS, as_yaml, read

PARSERS = [yaml.CSafeLoader, yaml.SafeLoader]


@pytest.fixture(params=PARSERS, ids=["libyaml", "Python"])
def _parser(request, monkeypatch):
    """Each of PyYAML's two parsers, whichever the machine's build has."""
    monkeypatch.setattr(guard, "loader", lambda: request.param)


def document(text):
    return read(Source("values.yaml", text if isinstance(text, bytes) else text.encode()))


def plain(text):
    held = document(text).value
    return None if held is None else as_yaml(held)


AGREEING = {
    "nothing": "",
    "a scalar": "1",
    "lists and maps, empty ones too": "a: [1, [], {}, {b: [c]}]\nd:\n- e\n- f: g\n",
    "numbers": "[0, -1, 012, 0x1F, 0b11, 1_000, 1.5, 1e3, 1.0e+3, .inf, -.inf, 12:30, 190:20:30.15, +3, 0o14, 08]",
    "words": "[yes, No, ON, off, true, False, null, ~, Null, y, n, none]",
    "quoted words": "['yes', \"no\", 'null', '1', \"1.5\"]",
    "blocks": "a: |\n  b\n  c\nd: >-\n  e\n  f\n",
    "an anchor and its alias": "a: &x {b: 1}\nc: *x\nd: [*x, *x]\n",
    "an anchor of a key": "&x a: 1\nb: *x\n",
    "a merge": "a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\n",
    "a merge of several": "a: &x {b: 1}\nc: &y {b: 2, d: 3}\ne: {<<: [*x, *y], f: 4}\n",
    "a merge after what it would set": "a: &x {b: 1}\nd: {b: 2, <<: *x}\n",
    "the last of two equal keys": "a: 1\na: 2\n",
    "tags of YAML's own": "[!!str 1, !!int '2', !!float '1', !!bool 'yes', !!null '', !!map {a: 1}, !!seq [1]]",
    "text beyond ASCII": "ä: [ö, '\U0001f600']\nb: {c: ü}\n",
    "lines of Windows": "a: 1\r\nb:\r\n- c\r\n",
}


@pytest.mark.usefixtures("_parser")
def test_it_reads_what_pyyaml_reads():
    for name, text in AGREEING.items():
        assert plain(text) == yaml.safe_load(text), name
        assert repr(plain(text)) == repr(yaml.safe_load(text)) or "<<" in text, name


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
)


@given(TREES, st.booleans())
def test_what_is_written_is_read(tree, flow):
    text = yaml.safe_dump(tree, allow_unicode=True, default_flow_style=flow)
    assert repr(plain(text)) == repr(yaml.safe_load(text))


def test_an_anchor_can_be_set_anew():
    """The specification allows it, and Go's reader, which Helm uses; PyYAML's composer does not."""
    assert plain("a: &x 1\nb: *x\nc: &x 2\nd: *x\n") == {"a": 1, "b": 1, "c": 2, "d": 2}


def test_a_day_stays_as_it_is_written():
    assert plain("[2017-11-20, 2017-11-20 10:00:00]") == ["2017-11-20", "2017-11-20 10:00:00"]


def test_keys_are_words_as_json_has_them():
    assert plain("1: a\ntrue: b\n'on': c\nnull: d\n") == {"1": "a", "true": "b", "on": "c", "null": "d"}


def test_an_empty_list_is_no_empty_map():
    held = document("[[], {}]").value
    assert type(held.data[0].data) is not type(held.data[1].data)


@pytest.mark.usefixtures("_parser")
def test_places_are_those_of_the_values():
    held = document("ä: 1\nb:\n  - c\n  - d: 'é' # x\n").value.data
    assert [(v.span.line, v.span.column, v.span.end_column) for v in (held["ä"], held["b"].data[0])] == [
        (1, 4, 5), (3, 5, 6)
    ]  # fmt: skip
    inner = held["b"].data[1].data["d"]
    assert (inner.span.line, inner.span.column, inner.span.end_column) == (4, 8, 11)


@pytest.mark.usefixtures("_parser")
def test_an_alias_and_a_merge_are_steps_on_the_way_and_the_place_is_the_anchor_s():
    held = document("a: &x {b: 1}\nc: *x\nd: {<<: *x}\n").value.data
    assert held["c"].span.line == 1
    assert [(step.op, step.via, step.span.line) for step in held["c"].steps] == [(Op.REFERENCE, "*x", 2)]
    merged = held["d"].data["b"]
    assert (merged.span.line, merged.steps[-1].op, merged.steps[-1].span.line) == (1, Op.MERGE, 3)


DOUBTS = {
    "a key twice": ("a: 1\nb: 2\na: 1\n", ("duplicate-key", 3)),
    "on as a key": ("on:\n- x\n", ("ambiguous-scalar", 1)),
    "no as a value": ("a: no\n", ("ambiguous-scalar", 1)),
    "an octal number": ("a:\n  b: 012\n", ("ambiguous-scalar", 2)),
    "minutes": ("a: 12:30\n", ("ambiguous-scalar", 1)),
    "a number as a key": ("0.10: a\n", ("ambiguous-scalar", 1)),
}


@pytest.mark.parametrize(("text", "told"), DOUBTS.values(), ids=DOUBTS)
def test_what_does_not_mean_what_it_says_is_doubtful(text, told):
    source = Source("v", text.encode())
    (doubt,) = read(source).doubts
    assert (doubt.kind, source.span(doubt.where).line) == told


@pytest.mark.parametrize("text", ["a: 'no'\n'on': x\nb: \"012\"\n", "a: true\nb: 0\nc: 0.5\nd: 10\n", "t: 2017-11-20"])
def test_what_says_what_it_means_is_not(text):
    assert document(text).doubts == ()


LONG = 5_000  # from here on it is the volume that is tested, and not a line
LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(20)
)
CHAIN = "a: &a0 [x]\n" + "".join(f"b{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 150))
HOSTILE = {
    "a billion laughs": (LAUGHS, r"v:\d+: more than \d+ values, aliases counted"),
    "a chain of aliases": (CHAIN, r"v:\d+: nested more than \d+ levels deep, aliases counted"),
    "100,000 brackets": ("[" * 100_000, r"v:1: nested more than 100 levels"),
    "100,000 nested maps": ("{a: " * 100_000, r"v:1: nested more than 100 levels"),
    "brackets, each on its line": ("[\n" * 5_000, r"v:101: nested more than 100 levels"),
    "brackets after letters of two bytes": ("ä: ü\nö: " + "[" * 5_000, r"v:2: nested more than 100 levels"),
    "lists in a line": ("- " * 5_000, r"v:1: nested more than 100 levels"),
    "steps": ("".join(" " * n + "a:\n" for n in range(1_500)), r"v:101: nested more than 100 levels"),
    "half a map in 100,000 brackets": ("a: {b\nc: " + "[" * 100_000, r"v:\d: .*correct the YAML"),
    "50 MB": ("a: b\n" * 10_000_000, r"v: 50000000 bytes is too large"),
    "a tag that makes an object": ("a: !!python/object/apply:os.system [id]\n", r"v:1: the tag .* is not read"),
    "a tag of nobody": ("a: !x 1\n", r"v:1: the tag !x is not read"),
    "a tagged map": ("a: !x {b: 1}\n", r"v:1: the tag !x is not read"),
    "NUL": ("a: b\n\0", r"v:2: this is a binary file"),
    "not UTF-8": (b"a: b\nc: \xff\n", r"v:2: not valid UTF-8"),
    "a control character": ("a: \x07\n", r"v: .*correct the YAML"),
    "an alias of nothing": ("a: *x\n", r"v:1: an alias without anchor: x"),
    "an alias inside its own": ("a: &x [*x]\n", r"v:1: an alias inside the value that it names: x"),
    "a map as a key": ("{a: 1}: b\n", r"v:1: a list or map as a key"),
    "a list as a key": ("? [a]\n: b\n", r"v:1: a list or map as a key"),
    "an alias as a key": ("a: &x b\n*x : c\n", r"v:2: an alias as a key"),
    "a merge of a word": ("a: {<<: b}\n", r"v:1: a merge key needs a map"),
    "a merge of words": ("a: {<<: [b]}\n", r"v:1: a merge key needs a map"),
    "a number in base 60 of 100,000 digits": (
        "a: " + "1:" * 100_000 + "1\n",
        r"v:1: a number of more than 1000 characters",
    ),
    "a key of 2,000 digits": ("9" * 2_000 + ": 1\n", r"v:1: .*"),
    "two documents": ("a: 1\n---\nb: 2\n", r"v:2: a second document"),
    "half a list": ("a: [1,\n", r"v:\d: .*correct the YAML"),
    "a tab": ("a:\n\tb: 1\n", r"v:2: .*correct the YAML"),
}


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(*case, id=name, marks=[pytest.mark.unmeasured] * (len(case[0]) >= LONG))
        for name, case in HOSTILE.items()
    ],
)
def test_hostile_yaml_is_refused_with_its_place(text, said):
    with pytest.raises(IncompleteError, match=said):
        read(Source("v", text if isinstance(text, bytes) else text.encode()))


@pytest.mark.usefixtures("_parser")
def test_the_limits_leave_room():
    assert plain("[" * LIMITS.depth + "]" * LIMITS.depth)


def test_a_pyyaml_without_libyaml_will_do(monkeypatch):
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert guard.loader() is yaml.SafeLoader
    assert plain("a: [1, no]\n") == {"a": [1, False]}
