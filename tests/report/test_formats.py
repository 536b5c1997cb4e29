"""The machine formats: each held to a schema that is not ours, on a clean report, the incident and one with everything.

SARIF's schema is in the package schemastore, as OASIS has it. JUnit's is in pytest's source archive alone, which
tests/fetch_schemas.py unpacks for CI; without it those tests skip:

    DRIFTCHECK_TEST_SCHEMAS=folder with junit-10.xsd, and if you have it OASIS' newer sarif-schema-2.1.0.json (errata 01)
"""

from __future__ import annotations

import copy
import functools
import importlib.metadata
import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from support import FIXTURES
from support.cli import driftcheck
from support.examples import example_report
from support.git import Repo
from support.values import value

from driftcheck.core.disposition import Active, Baselined, Preexisting, Waived, Waiver
from driftcheck.core.finding import Finding, Location, Side
from driftcheck.core.model import MISSING, Hole, Op, Realm, Span, Step, Unknown
from driftcheck.core.report import Report, SnapshotInfo
from driftcheck.core.resources import schema as published
from driftcheck.core.severity import Severity
from driftcheck.engine import check
from driftcheck.layers.base import Options
from driftcheck.layers.extension import profiles
from driftcheck.layers.extension.pages.shape import VERSION_MISSING
from driftcheck.layers.extension.read import Run
from driftcheck.layers.liftwing.pages import VERSION_MISSING as LIFTWING_VERSION_MISSING
from driftcheck.layers.registry import RULES
from driftcheck.report import FORMATS, Medium, github, gitlab, jsonreport, junit, markdown, sarif
from driftcheck.snapshot import open_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

INCIDENT = FIXTURES / "mediawiki/incident"
SCHEMAS = Path(os.environ.get("DRIFTCHECK_TEST_SCHEMAS", "/nonexistent"))

# docs.gitlab.com, "Code Quality report format": what is required, the severities, both forms of a place.
CODE_QUALITY = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path"],
                "properties": {
                    "path": {"type": "string", "minLength": 1, "not": {"pattern": r"^(\./|/)"}},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
                "anyOf": [{"required": ["lines"]}, {"required": ["positions"]}],
            },
        },
    },
}


def span(path: str = "wmf-config/InitialiseSettings.php", line: int = 7) -> Span:
    return Span(path, "", line, 3, line + 1, 9)


def finding(rule: str = "model-off-in-beta", **given: object) -> Finding:
    """A finding with a place on both sides, or with what is given."""
    steps = (Step(Op.LITERAL, "", span()), Step(Op.SELECT, "wiki enwiki", None))
    whole = {
        "rule": RULES[rule],
        "layer": "extension",
        "setting": "wgOresModels",
        "path": "goodfaith.enabled",
        "wikis": ("enwiki", "frwiki"),
        "message": "goodfaith is on in production and off in beta",
        "production": Side(value(True), span(), steps),
        "beta": Side(value(False), span("wmf-config/InitialiseSettings-labs.php", 9), steps),
    }
    return Finding(**{**whole, **given})


def many(number: int, rule: str = "model-off-in-beta") -> tuple[Finding, ...]:
    wikis = tuple(f"w{index}wiki" for index in range(25))
    return tuple(finding(rule, path=f"model{index}.enabled", wikis=wikis) for index in range(number))


def reported(*findings: Finding, incomplete: tuple[Hole, ...] = ()) -> Report:
    covered = {"wikis_compared": 2, "wikis_production": 2, "extension_on_production": 2, "extension_on_beta": 2}
    return Report(findings, incomplete, (SnapshotInfo("extension", "production", ".", ""),), covered)


WAIVER = Waiver("model-off-in-beta", "a trial", "ores", "2027-03-31", span(".driftcheck/waivers.yaml"), "T181187")
UNKNOWN = Unknown("a call of getenv()")


@functools.cache
def everything() -> Report:
    """Every disposition and severity, holes, sides without place, and every kind of value."""
    return reported(
        finding(),
        finding(message="the same finding again"),
        finding(path="a", disposition=Waived(WAIVER)),
        finding(path="b", disposition=Waived(WAIVER._replace(task=""))),
        finding(path="c", disposition=Baselined(".driftcheck/baseline.json")),
        finding(path="d", disposition=Preexisting("abc123")),
        finding("setting-drift", path="", production=Side(value(None)), beta=Side()),
        finding(
            "setting-drift", production=Side(value({"x": [1, 2.5, "{0} [a](b)"], "y": UNKNOWN}), span()), beta=Side()
        ),
        finding("setting-drift", production=Side(UNKNOWN, span()), beta=Side(MISSING, span("a b/ç:#.yaml"))),
        finding(
            "threshold-drift", layer="service", primary_realm=Realm.PRODUCTION, related=(Location("related", span()),)
        ),
        finding("wiki-not-in-beta", wikis=tuple(f"w{n}" for n in range(30)), production=Side(), beta=Side()),
        finding(
            "dead-config", layer="liftwing", wikis=(), message="", production=Side(value(1), Span("x", "", 0, 0, 0, 0))
        ),
        incomplete=(Hole("a file is not UTF-8", span()), Hole("nothing is known of it", None)),
    )


@functools.cache
def incident() -> Report:
    """The report on the day before the incident."""
    options = Options(profiles.load("ores"), "2017-11-20")
    return check(Run(open_snapshot(str(INCIDENT)), options, path=str(INCIDENT)))


REPORTS = {"a clean report": reported, "the incident": incident, "everything at once": everything}
each_report = pytest.mark.parametrize("report", [pytest.param(make, id=name) for name, make in REPORTS.items()])


# -- schemas that are not ours ---------------------------------------------------------------------------------------


@functools.cache
def stored(name: str) -> dict:
    """A schema of schemastore by the end of its id. The package would look for newer ones; its file is read instead."""
    file = importlib.metadata.distribution("schemastore").locate_file("schemastore/cache.sqlite")
    with closing(sqlite3.connect(f"{Path(str(file)).as_uri()}?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT value FROM responses WHERE instr(value, ?) > 0", (name.encode(),)).fetchall()
    for (answer,) in rows:
        # A pickled response, with the JSON in one piece.
        schema, _ = json.JSONDecoder().raw_decode(answer[answer.index(b"{") :].decode("utf-8", "replace"))
        if str(schema.get("$id", "")).endswith(name):
            return schema
    raise AssertionError(f"schemastore has no {name}")


def sarif_schemas() -> list[dict]:
    """OASIS' schema, and the one that was given."""
    given = SCHEMAS / "sarif-schema-2.1.0.json"
    return [stored("/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json")] + (
        [json.loads(given.read_text("utf-8"))] if given.is_file() else []
    )


def test_the_schema_is_the_one_of_the_standard():
    """It refuses what the standard's text refuses."""
    schema = sarif_schemas()[0]
    assert schema["title"] == "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema"
    log = json.loads(sarif.render(incident()))
    breaks: list[Callable[[dict], object]] = [
        lambda result: result.update(level="fatal"),
        lambda result: result.update(unheard="of"),
        lambda result: result.update(suppressions=[{"kind": "external", "state": "accepted"}]),
        lambda result: result["codeFlows"][0].update(threadFlows=[]),
        lambda result: result.pop("message"),
    ]
    for spoil in breaks:
        broken = copy.deepcopy(log)
        spoil(broken["runs"][0]["results"][0])
        assert list(jsonschema.validators.validator_for(schema)(schema).iter_errors(broken))


@each_report
def test_sarif_is_what_oasis_says(report):
    log = json.loads(sarif.render(report()))
    for schema in sarif_schemas():
        validator = jsonschema.validators.validator_for(schema)
        assert [
            error.message for error in validator(schema, format_checker=validator.FORMAT_CHECKER).iter_errors(log)
        ] == []


@each_report
def test_junit_is_what_jenkins_says(report):
    etree = pytest.importorskip("lxml.etree")
    path = SCHEMAS / "junit-10.xsd"
    if not path.is_file():
        pytest.skip("no JUnit schema: python tests/fetch_schemas.py FOLDER gets it")
    schema = etree.XMLSchema(etree.parse(str(path)))
    assert schema.validate(etree.fromstring(junit.render(report()).encode("utf-8"))), schema.error_log


@each_report
def test_code_quality_is_what_gitlab_documents(report):
    jsonschema.validate(json.loads(gitlab.render(report())), CODE_QUALITY)


@each_report
def test_the_report_json_is_what_we_publish(report):
    made = report()
    # No rule is without words, and no file has a line 0.
    held = made._replace(findings=tuple(one for one in made.findings if one.message))
    jsonschema.validate(json.loads(jsonreport.render(held)), published("report-v1"))


# -- SARIF -----------------------------------------------------------------------------------------------------------


def strings(node: object) -> list[str]:
    if isinstance(node, dict):
        return [text for item in node.values() for text in strings(item)]
    if isinstance(node, list):
        return [text for item in node for text in strings(item)]
    return [node] if isinstance(node, str) else []


def run_of(report: Report) -> dict:
    return json.loads(sarif.render(report))["runs"][0]


@each_report
def test_sarif_has_what_github_asks_for(report):
    run = run_of(report())
    assert "" not in strings(run)
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert len(result["locations"]) == 1
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    hashes = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
    assert len(set(hashes)) == len(hashes)


def test_a_sarif_result_says_both_sides_and_links_to_the_other():
    held = finding(wikis=tuple(f"w{number}" for number in range(22)))
    (result,) = run_of(reported(held))["results"]
    lines = result["message"]["text"].split("\n")
    assert lines[0] == "wgOresModels.goodfaith.enabled: goodfaith is on in production and off in beta"
    assert lines[1:3] == ["[production](1): true", "beta: false"]
    assert lines[3].startswith("wikis (22): w0, w1")
    assert lines[3].endswith("w19 and 2 more")
    (related,) = result["relatedLocations"]
    assert (related["id"], related["message"]["text"]) == (1, "production has true here")
    assert result["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 9, "startColumn": 3, "endLine": 10, "endColumn": 9}  # fmt: skip
    threads = [thread for flow in result["codeFlows"] for thread in flow["threadFlows"]]
    assert [(thread["id"], len(thread["locations"])) for thread in threads] == [("production", 1), ("beta", 1)]
    assert len(result["codeFlows"]) == len(threads), "GitHub shows a path for each flow"
    assert result["partialFingerprints"]["primaryLocationLineHash"] == f"{held.fingerprint}:1"
    assert result["partialFingerprints"]["driftcheck/v1"] == held.fingerprint
    assert "baselineState" not in result
    assert "suppressions" not in result


def test_sarif_says_what_became_of_each_result_once_anything_became_of_one():
    results = run_of(everything())["results"]
    assert [result["baselineState"] for result in results[:6]] == ["new", "new", "new", "new", "unchanged", "unchanged"]
    assert [len(result["suppressions"]) for result in results[:6]] == [0, 0, 1, 1, 0, 0]
    (held,) = results[2]["suppressions"]
    assert (held["kind"], held["status"]) == ("external", "accepted")
    assert held["justification"] == "waived until 2027-03-31 by ores (T181187): a trial"


def test_a_waiver_in_the_configuration_is_suppressed_in_source():
    held = finding(disposition=Waived(WAIVER._replace(span=span())))
    report = reported(held, finding(disposition=Waived(WAIVER)))._replace(files=(span().path,))
    kinds = [result["suppressions"][0]["kind"] for result in run_of(report)["results"]]
    assert kinds == ["inSource", "external"]


def test_a_hole_makes_the_invocation_fail():
    (invocation,) = run_of(everything())["invocations"]
    assert invocation["executionSuccessful"] is False
    assert len(invocation["toolExecutionNotifications"]) == 2
    (invocation,) = run_of(reported())["invocations"]
    assert invocation["executionSuccessful"] is True


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        pytest.param("a b/ç.php", "a%20b/%C3%A7.php", id="spaces and letters are percent-encoded"),
        pytest.param("http://x/y", "http%3A/x/y", id="a scheme is none"),
        pytest.param("//host/x", "host/x", id="a host is none"),
        pytest.param("./a//b", "a/b", id="dots and empty parts go"),
        pytest.param("a\\b?c#d", "a%5Cb%3Fc%23d", id="no query and no fragment"),
        pytest.param("\udcff", "%FF", id="a byte that is no UTF-8 stays that byte"),
        pytest.param("\ud800", "%ED%A0%80", id="any other lone surrogate is encoded"),
        pytest.param("", ".", id="nothing is the root"),
    ],
)
def test_a_path_becomes_a_relative_reference(path, uri):
    (result,) = run_of(reported(finding(beta=Side(value(1), span(path)))))["results"]
    held = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert held == {"uri": uri, "uriBaseId": "%SRCROOT%"}
    assert unquote(held["uri"], errors="surrogateescape")


def test_sarif_leaves_out_the_least_of_too_many_results(monkeypatch):
    monkeypatch.setattr(sarif, "MAX_RESULTS", 3)
    waived = finding(disposition=Waived(WAIVER))
    run = run_of(reported(waived, finding("wiki-not-in-beta"), *many(2)))
    assert [result["level"] for result in run["results"]] == ["error", "error", "note"]
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].startswith(
        "1 results are left out"
    )
    assert sarif.MAX_RESULTS <= 25_000


# -- JUnit -----------------------------------------------------------------------------------------------------------


def test_a_clean_junit_report_has_one_case_that_passes():
    (suite,) = ET.fromstring(junit.render(reported()))
    (case,) = suite
    assert (case.get("name"), len(case), suite.get("tests"), suite.get("failures")) == ("no drift", 0, "1", "0")


def test_junit_has_a_suite_a_layer_and_a_case_a_finding():
    root = ET.fromstring(junit.render(everything(), Severity.NOTE))
    counts = {
        suite.get("name"): tuple(int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped"))
        for suite in root
    }
    assert counts == {
        "extension": (10, 6, 0, 4), "service": (1, 1, 0, 0), "liftwing": (1, 1, 0, 0), "incomplete": (2, 0, 2, 0),
    }  # fmt: skip
    assert [root.get(key) for key in ("tests", "failures", "errors")] == ["14", "8", "2"]
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(set(names)) == len(names)
    assert names[0] == ("model-off-in-beta", "wgOresModels.goodfaith.enabled [enwiki, frwiki]")
    skipped = [node.get("message") for node in root.iter("skipped")]
    assert skipped[0] == "waived until 2027-03-31 by ores (T181187): a trial"
    assert skipped[2:] == ["in the baseline .driftcheck/baseline.json", "already in abc123"]
    text = next(root.iter("failure")).text
    assert (
        "production: true  wmf-config/InitialiseSettings.php:7\nbeta: false  wmf-config/InitialiseSettings-labs.php:9"
        in text
    )


@pytest.mark.parametrize("fails", [None, *Severity])
def test_junit_calls_a_failure_only_what_makes_the_run_fail(fails):
    report = everything()
    root = ET.fromstring(junit.render(report, fails))
    failing = [f.severity.label for f in report.active if fails is not None and f.severity >= fails]
    assert sorted(node.get("type") for node in root.iter("failure")) == sorted(failing)
    assert root.get("failures") == str(len(failing))
    passed = [case for case in root.iter("testcase") if case.find("system-out") is not None]
    assert len(passed) == len(report.active) - len(failing)
    for case in passed:
        assert "which does not make the run fail" in case.find("skipped").get("message")
        assert "fingerprint: " in case.find("system-out").text


@pytest.mark.parametrize(
    ("arguments", "code", "failures"),
    [((), 1, 2), (("--fail-on", "warning"), 1, 7), (("--fail-on", "never"), 0, 0), (("--exit-zero",), 0, 0)],
)
def test_junit_fails_as_the_run_does(arguments, code, failures):
    given = ("check", "--repo", str(INCIDENT), "--extension-date", "2017-11-20", "--no-cache", "--format", "junit")
    done = driftcheck(*given, *arguments)
    assert (done.code, ET.fromstring(done.out).get("failures")) == (code, str(failures))


# -- what was read ----------------------------------------------------------------------------------------------------


def test_every_format_says_what_was_read(tmp_path):
    held = Repo(tmp_path / "mc")
    shutil.copytree(INCIDENT, held.root, dirs_exist_ok=True)
    commit = held.commit()
    (tmp_path / "b.json").write_text('{"version": 1, "findings": []}')

    def said(*arguments: str) -> dict[str, str]:
        given = ("--repo", str(held.root), "--extension-date", "2017-11-20", "--no-cache", "--baseline", "b.json")
        outputs = [part for name in FORMATS for part in ("--format", name, "--output", name)]
        driftcheck("check", *arguments, *given, *outputs, cwd=tmp_path, COLUMNS="1000")
        return {name: (tmp_path / name).read_text("utf-8") for name in FORMATS}

    read = said("--rev", "HEAD")
    for name, text in read.items():
        for part in (commit[:12], str(held.root), "ores", "2017-11-20", "b.json"):
            assert part in text, (name, part)
    document = json.loads(read["json"])
    assert [document[key] for key in ("profile", "extension_day", "baseline")] == ["ores", "2017-11-20", "b.json"]
    since = said("--since", "HEAD")
    assert json.loads(since.pop("gitlab")) == [], "a list of no findings has no place for it"
    del since["json"]
    for name, text in since.items():
        for part in ("work tree", "HEAD"):
            assert part in text, (name, part)


# -- the table --------------------------------------------------------------------------------------------------------


def test_a_path_and_an_address_stay_whole_however_narrow_the_table_is():
    from driftcheck.report import table

    path, address = "wmf-config/a-b/" + "very-long-name-" * 9 + ".php", "https://x-y.example.org/" + "part-of-it/" * 12
    drift = (
        everything()
        .findings[0]
        ._replace(production=Side(value(address), Span(path, "", 7, 1, 7, 2)), disposition=Active())
    )
    text = table.render(everything()._replace(findings=(drift,)), width=50)
    assert f"{path[:100]}" in text
    assert f'"{address}"' in text


def test_where_realms_are_compared_both_sides_are_shown():
    from driftcheck.report import table

    drift = next(f for f in everything().findings if f.rule.compares and f.active)
    for side in ("production", "beta"):
        report = everything()._replace(findings=(drift._replace(**{side: Side()}),))
        assert f"  {side:<10}  (absent)" in table.render(report)


def test_the_table_shows_what_waive_takes():
    from driftcheck.report import table

    finding = everything().active[0]
    head = table.render(everything()._replace(findings=(finding,))).splitlines()[0]
    assert head.endswith(f"  {finding.fingerprint[:10]}")
    assert "driftcheck waive FINGERPRINT" in table.render(everything())


# -- GitHub ----------------------------------------------------------------------------------------------------------


def test_github_has_nothing_to_say_of_a_clean_report():
    assert github.render(reported()) == ""
    assert github.summary(reported()).startswith("## driftcheck: no drift\n")


def test_github_annotates_ten_of_the_most_severe_and_counts_the_rest():
    lines = github.render(reported(*many(8, "wiki-not-in-beta"), *many(9))).splitlines()
    assert [line.split(" ", 1)[0] for line in lines] == ["::error"] * 9 + ["::notice"] * 2
    assert (
        lines[-1] == "::notice title=driftcheck::7 more findings; the step summary and the other formats have them all."
    )
    assert lines[0].startswith(
        "::error file=wmf-config/InitialiseSettings-labs.php,line=9,endLine=10,"
        "title=model-off-in-beta%3A wgOresModels.model0.enabled::goodfaith is on in production and off in beta%0Aproduction: true"
    )


def test_github_leaves_room_for_the_closing_notice_among_notices():
    assert github.render(reported(*many(11, "wiki-not-in-beta"))).count("::notice") == 10
    assert github.render(reported(*many(10, "wiki-not-in-beta"))).count("::notice") == 9 + 1


def test_github_says_first_that_the_report_is_incomplete():
    lines = github.render(everything()).splitlines()
    assert lines[0] == "::error title=driftcheck: incomplete".replace("k: i", "k%3A i") + (
        "::could not be read or evaluated: a file is not UTF-8 (and 1 more)"
    )
    assert len(lines) == 9


def test_the_step_summary_has_every_finding_that_counts():
    text = github.summary(reported(*many(1500)))
    assert text.count("\n| model-off-in-beta |") == 1500


def test_github_s_step_summary_is_appended_where_actions_asks_for_it(tmp_path):
    named = tmp_path / "summary.md"
    named.write_text("before\n")
    given = ["check", "--repo", str(INCIDENT), "--extension-date", "2017-11-20", "--no-cache", "--format"]
    silent = driftcheck(*given, "table", GITHUB_STEP_SUMMARY=str(named))
    assert named.read_text() == "before\n"
    done = driftcheck(*given, "github", GITHUB_STEP_SUMMARY=str(named))
    assert done.code == silent.code == 1
    read = f"read: production and beta from the work tree in {INCIDENT}; profile ores; extension of 2017-11-20"
    assert named.read_text().replace(f"\n`{read}`\n", "") == "before\n" + github.summary(incident())
    lost = driftcheck(*given, "github", GITHUB_STEP_SUMMARY=str(tmp_path))
    assert (lost.code, lost.out) == (1, done.out)
    assert "no step summary" in lost.err


@pytest.mark.unmeasured
def test_the_step_summary_leaves_room_for_what_is_there():
    report = reported(*many(9000))
    assert len(github.summary(report).encode()) <= 1024 * 1024
    assert len(github.summary(report, 900_000).encode()) <= 100_000


# -- GitLab ----------------------------------------------------------------------------------------------------------


def test_gitlab_has_the_active_findings_each_with_its_own_fingerprint():
    report = everything()
    held = json.loads(gitlab.render(report))
    assert len(held) == len(report.active)
    assert len({entry["fingerprint"] for entry in held}) == len(held)
    assert held[0]["fingerprint"] == report.findings[0].fingerprint
    assert all(entry["description"].startswith(f"{entry['check_name']}: ") for entry in held)
    assert {entry["severity"] for entry in held} == {"major", "minor", "info"}
    assert json.loads(gitlab.render(reported())) == []


# -- Markdown --------------------------------------------------------------------------------------------------------


def test_markdown_of_a_clean_report_is_its_verdict():
    assert markdown.render(reported()) == "## driftcheck: no drift\n\nThere is no unapproved drift.\n"


def test_markdown_has_a_table_a_severity_and_says_what_does_not_count():
    text = markdown.render(everything())
    assert text.startswith("## driftcheck: incomplete (3 errors, 3 warnings, 2 notes)\n")
    assert [line for line in text.splitlines() if line.startswith("### ")] == [
        "### Errors (3)",
        "### Warnings (3)",
        "### Notes (2)",
    ]
    assert "Not counted: 2 waived, 1 in the baseline, 1 existing before." in text
    assert "`waived until 2027-03-31 by ores (T181187): a trial`" in text
    assert text.count("<details>") == text.count("</details>") == 4
    assert (
        "| `true` at `wmf-config/InitialiseSettings.php:7` | `false` at `wmf-config/InitialiseSettings-labs.php:9` |"
        in text
    )


@pytest.mark.parametrize("number", [1, 100, 200, 1000, 5000])
def test_markdown_fits_a_comment_and_counts_what_does_not(number):
    text = markdown.render(reported(*many(number), *many(number, "wiki-not-in-beta")))
    assert len(text) <= 60_000
    rows = text.count("\n| model-off-in-beta |") + text.count("\n| wiki-not-in-beta |")
    assert text.count("<details>") == text.count("</details>")
    assert (f"{2 * number - rows} findings left out" in text) is (rows < 2 * number)


def test_markdown_shortens_the_wikis():
    assert "`w0wiki` `w1wiki` `w2wiki` and 22 more" in markdown.render(reported(*many(1)))


# -- bounds ----------------------------------------------------------------------------------------------------------


@each_report
@pytest.mark.parametrize("name", FORMATS)
def test_a_renderer_says_the_same_twice(report, name):
    assert FORMATS[name](report(), Medium()) == FORMATS[name](report(), Medium())


def test_severities_and_dispositions_are_all_here():
    report = everything()
    assert {type(held.disposition) for held in report.findings} == {Active, Waived, Baselined, Preexisting}
    assert {held.severity for held in report.findings} == set(Severity)


def test_nothing_is_absent_beside_a_place_where_realms_are_not_compared():
    for rule in (VERSION_MISSING, LIFTWING_VERSION_MISSING):
        report = example_report(rule.bad)
        finding = next(finding for finding in report.findings if finding.rule is rule)
        alone = report._replace(findings=(finding,))
        for name, render in FORMATS.items():
            text = render(alone, Medium())
            assert "absent" not in text, (rule.id, name)
            assert finding.locations[0].span.path in text, (rule.id, name)
