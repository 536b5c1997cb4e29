"""Text from outside goes through every format, and none of it takes effect: each output is parsed back.

A report is made twice, once with harmless text and once with hostile text in the same places. Whatever has a structure
(commands, rows, cases, elements, results) must have the same one both times.
"""

from __future__ import annotations

import functools
import json
import re
from xml.etree import ElementTree as ET

import pytest
from support.hostile import (
    HOSTILE,
    assert_shown_as_written,
    cells,
    markdown_structure,
    obeyed,
    shape,
    workflow_commands,
)
from support.values import value

from driftcheck.core.characters import json_text
from driftcheck.core.disposition import Baselined, Brought, Preexisting, Waived, Waiver
from driftcheck.core.finding import Finding, Held, Location, Owner, Side
from driftcheck.core.model import MISSING, Hole, Op, Span, Step, Unknown
from driftcheck.core.report import Report, SnapshotInfo
from driftcheck.judging.ratchet import write as write_baseline
from driftcheck.layers.registry import RULES
from driftcheck.report import FORMATS, Medium, github, jsonreport, markdown
from driftcheck.report.escape import relative, short, visible
from driftcheck.report.page.matrix import Matrix

pytestmark = pytest.mark.unmeasured


def matrix_of(report: Report) -> Matrix:
    """A matrix with the names that the report has."""
    settings = tuple(dict.fromkeys(finding.setting for finding in report.findings))
    wikis = dict.fromkeys(name for finding in report.findings for name in finding.wikis)
    return Matrix(settings, tuple((name, "!" * len(settings)) for name in wikis), "")


MEDIUM = Medium(sources=lambda path, _: path.encode("utf-8", "replace") * 9, matrix=matrix_of)
RENDERERS = {
    **{name: lambda report, name=name: FORMATS[name](report, MEDIUM) for name in FORMATS},
    "summary": github.summary,
    "baseline": write_baseline,
}
each_format = pytest.mark.parametrize("form", RENDERERS)
COVERAGE = {
    "wikis_production": 1,
    "wikis_beta": 1,
    "extension_on_production": 1,
    "extension_on_beta": 1,
    "wikis_compared": 1,
}


class Texts:
    """What stands in each place of a report: one text everywhere, or another in one place."""

    def __init__(self, text: str, **other: str) -> None:
        self._text, self._other = text, other

    def __getattr__(self, name: str) -> str:
        return self._other.get(name, self._text)


PLACES = (
    "wiki", "setting", "path", "message", "key", "scalar", "reason", "via", "file", "layer",
    "waiver", "owner", "until", "task", "baseline", "revision", "hole", "extension", "team", "contact", "subject",
)  # fmt: skip


def report_of(t: Texts) -> Report:
    """A report that has text from outside in every place that can hold any."""
    span = Span(t.file, t.revision, 3, 1, 3, 9)
    steps = (Step(Op.LITERAL, t.via, span), Step(Op.SELECT, t.via, None))
    nested = value({"a": {t.key: [t.scalar, {t.key: t.scalar}]}, "b": Unknown(t.reason)})
    given = {
        "layer": t.layer,
        "setting": t.setting,
        "path": t.path,
        "wikis": (t.wiki, t.wiki, "frwiki"),
        "message": t.message,
        "production": Side(nested, span, steps),
        "beta": Side(value(t.scalar), span, steps),
        "related": (Location("related", span),),
        "values": (Held((t.wiki,), nested, value(t.scalar)), Held((t.wiki,), MISSING, value(t.scalar))),
        "extension": t.extension,
        "owner": Owner(t.team, t.contact),
        "brought": Brought(t.revision, t.until, t.subject, (t.task,), "beta"),
    }
    waiver = Waiver("model-off-in-beta", t.waiver, t.owner, t.until, span, t.task)
    rule = RULES["model-off-in-beta"]
    findings = (
        Finding(rule, **given),
        Finding(RULES["setting-drift"], **{**given, "beta": Side(Unknown(t.reason), None)}),
        Finding(RULES["wiki-not-in-beta"], **{**given, "production": Side(value(None), span), "beta": Side()}),
        Finding(rule, **given, disposition=Waived(waiver)),
        Finding(rule, **given, disposition=Baselined(t.baseline)),
        Finding(rule, **given, disposition=Preexisting(t.revision)),
    )
    holes = (Hole(t.hole, span), Hole(t.hole, None))
    return Report(findings, holes, (SnapshotInfo(t.layer, "production", t.file, t.revision),), COVERAGE)


HARMLESS = report_of(Texts("harmless"))
REPORTS = {case: report_of(Texts(text)) for case, text in HOSTILE.items()}


@functools.cache
def outputs(form: str) -> dict[str, str]:
    """What a renderer makes of each hostile report."""
    return {case: RENDERERS[form](report) for case, report in REPORTS.items()}


# -- every format, every text ----------------------------------------------------------------------------------------


@each_format
def test_a_terminal_obeys_nothing(form):
    assert {case: chars for case, output in outputs(form).items() if (chars := obeyed(output))} == {}


@each_format
def test_a_runner_obeys_only_the_commands_that_are_ours(form):
    expected = [name for name, _, _ in workflow_commands(RENDERERS[form](HARMLESS))]
    assert len(expected) == (4 if form == "github" else 0)
    for case, output in outputs(form).items():
        assert [name for name, _, _ in workflow_commands(output)] == expected, case


@each_format
def test_the_output_can_be_written(form):
    for case, output in outputs(form).items():
        assert output, case
        assert not re.search("[\ud800-\udfff]", output), case


def test_a_command_has_no_more_properties_and_lines_than_ours():
    harmless = RENDERERS["github"](HARMLESS)
    for case, output in outputs("github").items():
        for (_, expected, ours), (_, properties, message) in zip(
            workflow_commands(harmless), workflow_commands(output), strict=True
        ):
            assert list(properties) == list(expected), case
            assert "\n" not in "".join(properties.values()), case
            # An empty message has no line.
            assert ours.count("\n") - message.count("\n") in ({0} if HOSTILE[case] else {0, 1}), case
        assert len(output.splitlines()) == len(harmless.splitlines()), case


def test_sarif_keeps_its_shape():
    harmless = json.loads(RENDERERS["sarif"](HARMLESS))
    for case, output in outputs("sarif").items():
        log = json.loads(output)
        assert shape(log) == shape(harmless), case
        for result in log["runs"][0]["results"]:
            held = result["message"]["text"]
            links = re.findall(r"\]\((.*?)\)", held)
            assert all(link.isdigit() for link in links), case
            assert not re.search(r"(?<!\{)\{\d+\}", held), case
            uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            assert re.fullmatch(r"[\w./~%-]+", uri, re.ASCII), case
            assert not uri.startswith("/"), case


def test_code_quality_keeps_its_shape():
    harmless = json.loads(RENDERERS["gitlab"](HARMLESS))
    for case, output in outputs("gitlab").items():
        held = json.loads(output)
        assert shape(held) == shape(harmless), case
        assert all(entry["description"].startswith(entry["check_name"]) for entry in held), case


def test_a_terminal_shows_the_table_as_it_is_written():
    for case, output in outputs("table").items():
        assert_shown_as_written(output, case)


def test_the_report_json_gives_every_text_back():
    for case, text in HOSTILE.items():
        held = json.loads(outputs("json")[case])["findings"][3]
        assert [held["setting"], held["path"], held["message"], held["wikis"][0]] == [text] * 4, case
        assert held["production"]["a"][text] == [text, {text: text}], case
        assert held["disposition"]["reason"] == text, case


def _elements(output: str) -> list[tuple[str, list[str]]]:
    return [(node.tag, sorted(node.attrib)) for node in ET.fromstring(output.encode("utf-8")).iter()]


def test_junit_keeps_its_elements():
    harmless = _elements(RENDERERS["junit"](HARMLESS))
    assert [tag for tag, _ in harmless].count("testcase") == 8
    for case, output in outputs("junit").items():
        assert _elements(output) == harmless, case


@pytest.mark.parametrize("form", ["markdown", "summary"])
def test_markdown_keeps_its_structure(form):
    expected = RENDERERS[form](HARMLESS)
    harmless_kinds, harmless_html, _ = markdown_structure(expected)
    # An empty text stands outside code, in words of ours.
    del harmless_kinds["code_inline"]
    for case, output in outputs(form).items():
        kinds, html, words = markdown_structure(output)
        del kinds["code_inline"]
        assert kinds == harmless_kinds, case
        assert html == harmless_html, case
        assert cells(output) == cells(expected), case
        assert not any(re.search(r"[@<>]|#\d|https?:|www\.", word) for word in words), case


def test_the_table_keeps_its_blocks():
    heads = r"(?m)^(error|warning|note|incomplete)  "
    harmless = re.findall(heads, RENDERERS["table"](HARMLESS))
    for case, output in outputs("table").items():
        assert re.findall(heads, output) == harmless, case


# -- size ------------------------------------------------------------------------------------------------------------

# JSON gives every text back, up to 100,000 characters of it; the baseline holds names of settings alone.
BOUNDED = {name: render for name, render in RENDERERS.items() if name not in {"json", "baseline"}}
BIG = "\x1b\u202e|`:<" * 350_000


def only(report: Report, number: int) -> Report:
    """The report with one of its findings."""
    return report._replace(findings=report.findings[number : number + 1])


def test_two_megabytes_are_cut():
    # One finding and one hole: the fingerprint alone reads a text of this size several times.
    everywhere = only(report_of(Texts("text", message=BIG, key="k", hole=BIG, setting=BIG)), 0)
    a_value = only(report_of(Texts("text", scalar=BIG)), 1)
    for form, render in BOUNDED.items():
        assert len(render(everywhere)) < 1_000_000, form
        output = render(a_value)
        assert len(output) < 200_000, form
        assert obeyed(output) == [], form
        assert len(workflow_commands(output)) == (2 if form == "github" else 0), form


def test_two_megabytes_are_cut_in_json_and_it_says_so():
    held = json.loads(jsonreport.render(only(report_of(Texts(BIG, wiki="w")), 0)))["findings"][0]
    mark = f"... (cut: {len(BIG)} characters)"
    assert len(json.dumps(held, ensure_ascii=False)) < 8_000_000
    for text in (held["setting"], held["message"], held["beta"], *held["production"]["a"]):
        assert text.endswith(mark)


def test_a_comment_fits_whatever_is_in_it():
    for text in HOSTILE.values():
        many = Report(report_of(Texts(text * 20)).findings * 300, (), (), COVERAGE)
        output = markdown.render(many)
        assert len(output) <= 60_000
        assert output.count("\n<details>\n") == output.count("\n</details>\n")
        assert len(set(cells(output))) == 1


# -- the escapes themselves ------------------------------------------------------------------------------------------


def test_every_place_that_holds_text_from_outside_is_named():
    """A field that is added to a finding or a waiver has to be put into the corpus too."""
    assert set(Finding._fields) == {
        "rule", "layer", "setting", "path", "wikis", "message", "production", "beta", "related", "primary_realm",
        "differences", "disposition", "values", "extension", "owner", "brought", "age",
    }  # fmt: skip
    assert set(Waiver._fields) == {"rule", "reason", "owner", "until", "span", "task"}
    used = Texts("x", **dict.fromkeys(PLACES, "harmless"))
    assert jsonreport.render(report_of(used)) == jsonreport.render(HARMLESS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Foo::class", "Foo::class", id="a PHP constant stays"),
        pytest.param("2001:db8::1", "2001:db8::1", id="an address stays"),
        pytest.param("::error::x", ":\\x3aerror::x", id="a command does not"),
        pytest.param("## [x]", "## [x]", id="a heading stays"),
        pytest.param("##[error]", "#\\x23[error]", id="an old command does not"),
        pytest.param("é 漢", "é 漢", id="letters stay"),
        pytest.param("a\tb", "a\\x09b", id="a tab is shown"),
    ],
)
def test_visible_changes_only_what_could_take_effect(text, expected):
    assert visible(text) == expected


def test_short_cuts_what_is_shown():
    assert short("x" * 10, 10) == "x" * 10
    assert short("x" * 11, 10) == "x" * 7 + "..."
    assert len(short("\x1b" * 10, 10)) == 10


def test_json_text_hides_what_only_json_can():
    text = json_text({"a": "##[error]\x7f###", "b\u2028": "\\##"})
    assert "##" not in text
    assert text.isascii()
    assert json.loads(text) == {"a": "##[error]\x7f###", "b\u2028": "\\##"}


def test_relative_is_bounded():
    assert len(relative("a/" * 10_000_000)) <= 4096
