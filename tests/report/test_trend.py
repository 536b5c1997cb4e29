"""Two reports compared: each finding is in one place of the trend, and a bad file is one line."""

from __future__ import annotations

import json
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from support.cli import driftcheck
from support.reports import report_on
from support.trees import MODELS_AND_DRIFT, tree

from driftcheck.core.model import InputError
from driftcheck.core.resources import schema
from driftcheck.report import jsonreport, trend

STATES = ("active", "waived", "baselined", "preexisting")
VALIDATOR = Draft202012Validator(schema("trend-v1"))
BASE = json.loads(jsonreport.render(report_on(tree(*MODELS_AND_DRIFT))))


def finding(number=0, state="active", severity="error", wikis=("enwiki",), **more):
    return {
        **BASE["findings"][0],
        "fingerprint": f"{number:032x}",
        "severity": severity,
        "wikis": list(wikis),
        "disposition": {"state": state},
        **more,
    }


def report(*findings, **more):
    return {**BASE, "findings": list(findings), **more}


def day(*findings, **more):
    return trend.read("report.json", json.dumps(report(*findings, **more)).encode())


def told(before, after):
    """The JSON document, which keeps its schema whatever the reports are."""
    document = json.loads(trend.render_json(trend.compare(before, after)))
    VALIDATOR.validate(document)
    return document


findings = st.lists(
    st.builds(
        finding,
        st.integers(0, 5),
        st.sampled_from(STATES),
        st.sampled_from(["error", "warning", "note"]),
        st.sets(st.sampled_from(["enwiki", "frwiki", "ruwiki"])),
    ),
    max_size=8,
)


def of(rows):
    return [row["fingerprint"] for row in rows]


@given(findings, findings)
def test_every_finding_is_in_one_place(old, new):
    document = told(day(*old), day(*new))
    before, after = set(of(old)), set(of(new))
    assert set(of(document["new"])) == after - before
    assert set(of(document["gone"])) == before - after
    assert set(of(document["changed"])) | set(of(document["still"])) == before & after
    assert sum(document["summary"].values()) == len(before | after)
    assert document["summary"] == {name: len(document[name]) for name in ("new", "gone", "changed", "still")}
    assert all(row["state"] != row["state_before"] for row in document["changed"])
    assert all(row["state"] == row["state_before"] for row in document["still"])


@given(findings, st.randoms(use_true_random=False))
def test_the_order_of_a_report_does_not_matter(rows, random):
    shuffled = random.sample(rows, len(rows))
    document = told(day(*rows), day(*shuffled))
    assert document["summary"] == {"new": 0, "gone": 0, "changed": 0, "still": len(set(of(rows)))}
    assert document == told(day(*shuffled), day(*rows))


@given(findings, findings)
def test_back_again_new_is_gone(old, new):
    there, back = told(day(*old), day(*new)), told(day(*new), day(*old))
    assert there["new"] == back["gone"]
    assert {(row["fingerprint"], row["state_before"], row["state"]) for row in there["changed"]} == {
        (row["fingerprint"], row["state"], row["state_before"]) for row in back["changed"]
    }


def test_a_finding_that_is_waived_on_some_wikis_only_is_one_that_counts():
    split = day(finding(1, "waived", wikis=["enwiki"]), finding(1, wikis=["frwiki"]))
    (row,) = told(day(), split)["new"]
    assert (row["state"], sorted(row["wikis"])) == ("active", ["enwiki", "frwiki"])


def test_a_finding_that_spreads_says_so():
    (row,) = told(day(finding(wikis=["enwiki", "ruwiki"])), day(finding(wikis=["frwiki", "enwiki"])))["still"]
    assert (row["wikis_arrived"], row["wikis_left"]) == (["frwiki"], ["ruwiki"])
    text = trend.table(trend.compare(day(finding(wikis=["enwiki"])), day(finding(wikis=["enwiki", "frwiki"]))))
    assert "on other wikis (1)" in text
    assert "+1: frwiki" in text
    assert "on other wikis" not in trend.table(trend.compare(day(finding()), day(finding())))


def test_the_table_says_what_moved_and_counts_the_rest():
    old = day(finding(1), finding(2), finding(3, "active"), finding(4, "waived"))
    new = day(finding(2), finding(3, "waived"), finding(4, "active"), finding(5, severity="warning"), finding(6))
    lines = trend.table(trend.compare(old, new)).splitlines()
    assert [line for line in lines if not line.startswith(" ") and line] == [
        "new (2)",
        "gone (1)",
        "changed (2)",
        "2 new, 1 gone, 2 changed, 1 still",
    ]
    assert lines[1].startswith("  error ")
    assert lines[2].startswith("  warning ")
    assert {line.partition("  active -> ")[2] or line.partition("waived -> ")[2] for line in lines if "->" in line} == {
        "waived",
        "active",
    }


def test_a_long_table_is_cut_and_says_so():
    lines = trend.table(trend.compare(day(), day(*(finding(n) for n in range(1200))))).splitlines()
    assert "  200 more; --format json has them all" in lines
    assert len(lines) < 1010


@pytest.mark.parametrize("when", ["old", "new"])
def test_what_could_not_be_worked_out_is_said_beside_what_moved(when):
    holed, whole = day(incomplete=[{"reason": "r"}]), day(finding())
    pair = (holed, whole) if when == "old" else (whole, holed)
    assert f"incomplete: the {when} report has 1 " in trend.table(trend.compare(*pair))
    assert told(*pair)["reports"][when]["incomplete"] == 1


HOSTILE = ["\x1b[31m", "\n::error::x", "\u202e", "\ud800", "a" * 1_000_000, "\0", "##[error]x"]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_text_from_a_report_takes_no_effect(text):
    held = trend.compare(day(), day(finding(setting=f"x{text}", path=text, wikis=[f"w{text}"], message=f"m{text}")))
    shown = trend.table(held)
    assert len(shown.splitlines()) == 4
    assert shown.isprintable() or set(shown) - {"\n"} == {c for c in shown if c.isprintable()}
    assert len(shown) < 2000
    machine = trend.render_json(held)
    assert machine.isascii()
    assert "##" not in machine
    assert json.loads(machine)["new"][0]["setting"] == f"x{text}"


# -- files that are no reports -----------------------------------------------------------------------------------------

BAD = {
    "nothing": b"",
    "no JSON": b"{",
    "binary": b"\xff\xfe\0",
    "null": b"null",
    "a list": b"[]",
    "SARIF": b'{"version": "2.1.0", "runs": []}',
    "a later version": b'{"version": 2}',
    "a version that is huge": b'{"version": 1e999}',
    "100,000 brackets": b"[" * 100_000,
    "a number without end": b'{"version": ' + b"9" * 10_000 + b"}",
    "a finding without fingerprint": json.dumps(report({})).encode(),
    "a fingerprint that is none": json.dumps(report(finding(fingerprint="\x1b[31m"))).encode(),
    "a severity of 10 MB": json.dumps(report(finding(severity="x" * 10_000_000))).encode(),
    "a state that nobody knows": json.dumps(report(finding(state="lost"))).encode(),
    "wikis that are a text": json.dumps(report(finding()) | {"findings": [finding() | {"wikis": "enwiki"}]}).encode(),
    "a baseline": b'{"version": 1, "findings": []}',
}


@pytest.mark.parametrize(("name", "first"), list(product(BAD, [True, False])))
def test_a_file_that_is_no_report_is_one_line_and_exit_2(tmp_path, monkeypatch, name, first):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.json").write_bytes(BAD[name])
    (tmp_path / "good.json").write_text(json.dumps(report()))
    outcome = driftcheck("trend", *(("bad.json", "good.json") if first else ("good.json", "bad.json")))
    (line,) = outcome.err.splitlines()
    assert (outcome.code, outcome.out) == (2, "")
    assert line.startswith("driftcheck: bad.json: ")
    assert "internal error" not in line
    assert "\x1b" not in line
    assert len(line) < 400


@pytest.mark.parametrize(("path", "said"), [("nowhere.json", "No such file"), (".", "Is a directory"), ("/dev/zero", "not a regular file")])  # fmt: skip
def test_a_file_that_cannot_be_read_or_has_no_end(tmp_path, monkeypatch, path, said):
    monkeypatch.chdir(tmp_path)
    outcome = driftcheck("trend", path, path)
    (line,) = outcome.err.splitlines()
    assert (outcome.code, outcome.out) == (2, "")
    assert said in line


def test_a_value_as_deep_as_json_goes_is_no_reason_to_fail():
    with pytest.raises(InputError, match="not JSON that can be read"):
        trend.read("x", b'{"a":' * 200_000)


# -- exit codes --------------------------------------------------------------------------------------------------------

HOLE = [{"reason": "r"}]
EXITS = [
    ("news alone is information", [report()], [report(finding())], [], 0),
    ("a new error fails if news are to", [report()], [report(finding())], ["--fail-on-new"], 1),
    ("a new warning does not", [report()], [report(finding(severity="warning"))], ["--fail-on-new"], 0),
    ("a new error that is waived does not", [report()], [report(finding(state="waived"))], ["--fail-on-new"], 0),
    ("an error that is gone does not", [report(finding())], [report()], ["--fail-on-new"], 0),
    ("an old error does not", [report(finding())], [report(finding())], ["--fail-on-new"], 0),
    ("a waiver that ended does", [report(finding(state="waived"))], [report(finding())], ["--fail-on-new"], 1),
    ("a waiver that began does not", [report(finding())], [report(finding(state="waived"))], ["--fail-on-new"], 0),
    ("a hole is information", [report()], [report(incomplete=HOLE)], [], 0),
    ("a hole is no pass if news are to fail", [report()], [report(incomplete=HOLE)], ["--fail-on-new"], 3),
    ("a hole wins over news", [report()], [report(finding(), incomplete=HOLE)], ["--fail-on-new"], 3),
    ("a hole of yesterday is no failure", [report(incomplete=HOLE)], [report()], ["--fail-on-new"], 0),
]


@pytest.mark.parametrize(
    ("old", "new", "options", "code"), [case[1:] for case in EXITS], ids=[case[0] for case in EXITS]
)
@pytest.mark.parametrize("format_name", ["table", "json"])
def test_exit_codes(tmp_path, old, new, options, code, format_name):
    for name, (document,) in (("old", old), ("new", new)):
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    outcome = driftcheck("trend", "old.json", "new.json", "--format", format_name, *options, cwd=tmp_path)
    assert outcome.code == code
    assert len(outcome.err.splitlines()) == (code == 3)
    assert outcome.out
    if format_name == "json":
        VALIDATOR.validate(json.loads(outcome.out))


def test_the_trend_of_two_real_reports(tmp_path):
    production, beta = MODELS_AND_DRIFT
    reports = [jsonreport.render(report_on(tree(production, overlay))) for overlay in ("", beta)]
    for name, text in zip(("old.json", "new.json"), reports, strict=True):
        (tmp_path / name).write_text(text)
    outcome = driftcheck("trend", "old.json", "new.json", "--output", "trend.txt", cwd=tmp_path)
    assert (outcome.code, outcome.out) == (0, "")
    text = (tmp_path / "trend.txt").read_text()
    assert "model-off-in-beta  wgOresModels.goodfaith.enabled  enwiki, frwiki" in text
    assert text.endswith("2 new, 0 gone, 0 changed, 0 still\n")
