"""Hostile text in real files goes through the commands from end to end, and none of it takes effect.

A tree is checked twice, once with a harmless word and once with hostile text in the same places: names of settings, keys,
values, selectors, calls that are not evaluated, comments that waive, and the names of the files themselves.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import html5lib
import jsonschema
import pytest
from support.cli import Outcome, driftcheck
from support.git import Repo, write
from support.hostile import (
    HOSTILE,
    assert_shown_as_written,
    cells,
    markdown_structure,
    obeyed,
    shape,
    workflow_commands,
)
from support.trees import ON, tree

from driftcheck.core.characters import is_hidden, yaml_string
from driftcheck.core.resources import schema
from driftcheck.judging import waivers
from driftcheck.layers.registry import RULES
from driftcheck.report import FORMATS
from driftcheck.yaml import own

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.unmeasured

# Each text goes through every renderer by itself in test_hostile.py; here several share a tree, each at the start of a line.
TEXTS = ["\n".join(list(HOSTILE.values())[start : start + 6]) for start in range(0, len(HOSTILE), 6)]
MARK = "HOSTILE"
SETTING = f"wgOres{MARK}"
ROWS = f"""{ON}
'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => true, "{MARK}" => true ] ],
"{SETTING}" => [
	'default' => [ "k{MARK}" => "{MARK}", 'n' => [ "{MARK}", 1.5 ] ],
	"{MARK}" => "{MARK}",
	'enwiki' => [ "{MARK}" => "{MARK}" ],
],
'wgOresSigned' => [
	'default' => 1, // driftcheck: allow setting-drift until 2027-03-31 (T1, o{MARK}): r{MARK}
],
'wgOresUnread' => [
	'default' => 1, // driftcheck: allow no-such-rule until 2027-03-31 (o): {MARK}
],
'wgOresExpired' => [
	'default' => 1, // driftcheck: allow setting-drift until 2017-01-01 (o{MARK}): r{MARK}
],
'wgOresUnknown' => [ 'default' => some_function( "{MARK}" ) ],
"""
OVERLAY_ROWS = f"""
'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => false, "{MARK}" => false ] ],
"{SETTING}" => [ 'default' => [ "k{MARK}" => "x{MARK}" ], "{MARK}" => [ "{MARK}" ] ],
'wgOresSigned' => [ 'default' => 2 ],
'wgOresUnread' => [ 'default' => 2 ],
'wgOresExpired' => [ 'default' => 2 ],
"""
WAIVERS = """version: 1
waivers:
- rule: model-off-in-beta
  setting: wgOresModels
  path: goodfaith*
  reason: {text}
  owner: {text}
  task: {text}
  until: 2027-03-31
- rule: {text}
  reason: {text}
  owner: {text}
  until: {text}
"""


def in_php(text: str) -> bytes:
    """A text inside double quotes of PHP, where no file may hold NUL or a lone surrogate."""
    return re.sub(r'([\\"$])', r"\\\1", text).replace("\0", "\\x00").encode("utf-8", "replace")


def a_tree(text: str) -> dict[str, bytes]:
    """The tree with a text wherever the mark stands: escaped in strings of PHP, on one line in comments."""
    flat = re.sub(r"[\r\n\x0b\x0c\x85\u2028\u2029()\0]|\?>", " ", text).encode("utf-8", "replace")
    out = {}
    for path, content in tree(ROWS, OVERLAY_ROWS).items():
        lines = content.split(b"\n")
        for number, line in enumerate(lines):
            code, comment, said = line.partition(b"// driftcheck:")
            lines[number] = code.replace(MARK.encode(), in_php(text)) + comment + said.replace(MARK.encode(), flat)
        out[path] = b"\n".join(lines)
    return out


@dataclass
class Answers:
    """What the commands said about a tree."""

    reports: dict[str, str]
    said: list[Outcome]

    def texts(self) -> list[str]:
        return [*self.reports.values(), *(text for one in self.said for text in (one.out, one.err))]


def answers(folder: Path, text: str) -> Answers:
    """Every command and format on a tree with a text in it."""
    name = re.sub(r"[/\0\ud800-\udc7f\udd00-\udfff]", " ", text)[:40] or "x"
    repo = Repo(folder / "repo")
    base = repo.commit(tree(ON))
    write(a_tree(text), repo.root)
    signed = folder / f"w{name}.yaml"
    quoted = yaml_string(text.encode("utf-8", "replace").decode())
    signed.write_text(WAIVERS.format(text=quoted), encoding="utf-8")
    common = ["--repo", str(repo.root), "--extension-date", "2017-11-20"]
    given = [*common, "--no-cache", "--today", "2020-01-01"]
    summary = folder / "summary.md"
    pairs = [part for form in FORMATS for part in ("--format", form, "--output", str(folder / f"out.{form}"))]
    check = driftcheck("check", *given, "--waivers", str(signed), *pairs, GITHUB_STEP_SUMMARY=str(summary))
    reports = {form: (folder / f"out.{form}").read_text("utf-8") for form in FORMATS}
    reports["summary"] = summary.read_text("utf-8")
    baseline = folder / f"b{name}.json"
    setting = SETTING.replace(MARK, text.encode("utf-8", "replace").decode())
    said = [
        check,
        driftcheck("baseline", *given, "--output", str(baseline)),
        driftcheck("check", *given, "--baseline", str(baseline)),
        driftcheck("baseline", *given),
        driftcheck("check", *given, "--since", base, "--format", "markdown"),
        driftcheck("explain", "enwiki", setting, *common),
        driftcheck("explain", "frwiki", f"wgOresModels.{text}", *common),
        driftcheck("explain", text, "wgOresModels", *common),
        driftcheck("show", text, *common),
        driftcheck("rules", text or "x"),
        *(driftcheck("show", *common, "--until", stage) for stage in ("arrays", "normalized")),
    ]
    return Answers(reports, said)


@pytest.fixture(scope="module")
def harmless(tmp_path_factory) -> Answers:
    return answers(tmp_path_factory.mktemp("harmless"), "harmless")


def test_the_tree_says_what_the_tests_are_about(harmless):
    """Every place that the marks stand in reaches the report."""
    held = json.loads(harmless.reports["json"])
    rules = {finding["rule"] for finding in held["findings"]}
    assert {"setting-drift", "model-off-in-beta", "waiver-invalid", "waiver-expired"} <= rules
    states = {finding["disposition"]["state"] for finding in held["findings"]}
    assert states == {"active", "waived"}
    assert any("harmless" in finding["disposition"].get("reason", "") for finding in held["findings"])
    assert held["incomplete"]
    assert harmless.said[0].code == 3
    assert all("harmless" in text for text in harmless.reports.values())
    explained = harmless.said[5].out
    assert "overridden: 'default'" in explained
    assert "harmless" in explained


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:24]).replace("\\", "/"))
def test_hostile_files_take_no_effect(tmp_path, harmless, text):
    got = answers(tmp_path, text)
    for one in got.texts():
        assert obeyed(one) == []
    for form, report in got.reports.items():
        # A hostile name of a model is an error that a harmless one is not; a line is still a command, and one of ours.
        # The one line that is none says what was read.
        assert len(names(report)) == (report.count("\n") - 1 if form == "github" else 0)
        assert set(names(report)) <= {"error", "warning", "notice"}
    assert len(names(got.reports["github"])) in {10, 11}
    for one in got.said:
        assert names(one.out) + names(one.err) == []
        assert one.code in {0, 1, 2, 3}
        assert "internal error" not in one.err
    assert_shown_as_written(got.reports["table"])
    for one in got.said[:-2]:
        assert_shown_as_written(one.out)
    held = json.loads(got.reports["json"])
    jsonschema.validate(held, schema("report-v1"))
    assert len(held["findings"]) >= len(json.loads(harmless.reports["json"])["findings"]) - 2
    log = json.loads(got.reports["sarif"])
    assert "" not in strings(log)
    assert {key: shape(item) for key, item in log["runs"][0]["results"][0].items()}.keys() >= {"ruleId", "locations"}
    json.loads(got.reports["gitlab"])
    cases = ET.fromstring(got.reports["junit"].encode("utf-8")).findall(".//testcase")
    assert len(cases) == len(held["findings"]) + len(held["incomplete"])
    for form in ("markdown", "summary"):
        _, html, said = markdown_structure(got.reports[form])
        assert set(html) <= set(markdown_structure(harmless.reports[form])[1])
        assert set(cells(got.reports[form])) <= set(cells(harmless.reports[form]))
        assert not any(re.search(r"[@<>]|#\d|https?:|www\.", word) for word in said)
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("lxml"), namespaceHTMLElements=False, strict=True)
    page = parser.parse(got.reports["html"]).getroot()
    assert len(page.xpath("//script")) == 2
    assert not page.xpath("//@*[starts-with(name(), 'on')] | //img | //iframe | //@src | //@style")
    assert all(link.startswith("#") for link in page.xpath("//@href"))
    for one in got.said[-2:]:
        assert set(json.loads(one.out)) == {"enwiki", "frwiki"}
    json.loads(got.said[3].out)


def names(text: str) -> list[str]:
    return [name for name, _, _ in workflow_commands(text)]


def strings(node: object) -> list[str]:
    if isinstance(node, dict):
        return [text for item in node.values() for text in strings(item)]
    if isinstance(node, list):
        return [text for item in node for text in strings(item)]
    return [node] if isinstance(node, str) else []


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:24]).replace("\\", "/"))
def test_a_waiver_with_hostile_words_can_be_read_again(tmp_path, text):
    """What waive appends is YAML that holds what was given, and covers the finding it was written for."""
    write(a_tree(text), tmp_path / "repo")
    common = ["--repo", str(tmp_path / "repo"), "--extension-date", "2017-11-20", "--no-cache", "--today", "2020-01-01"]
    out = tmp_path / "report.json"
    driftcheck("check", *common, "--format", "json", "--output", str(out))
    active = [
        f for f in json.loads(out.read_text())["findings"] if f["disposition"]["state"] == "active" and f["wikis"]
    ]
    assert active
    file = tmp_path / "repo" / waivers.DEFAULT_FILE
    words = text.strip() or "x"
    for finding in active:
        done = driftcheck(
            "waive", finding["fingerprint"], *common, "--reason", words, "--owner", words, "--until", "2027-01-01"
        )
        assert done.code == 0, done.err
        assert obeyed(done.out + done.err) == []
    content = file.read_text("utf-8")
    assert not [char for char in set(content) - {"\n"} if is_hidden(char)]
    for row in own.load("w", content.encode())["waivers"]:
        assert row["rule"] in RULES
        assert row["reason"] == row["owner"] == words.encode("utf-8", "replace").decode()
    driftcheck("check", *common, "--format", "json", "--output", str(out))
    after = [f for f in json.loads(out.read_text())["findings"] if f["disposition"]["state"] == "active"]
    assert {f["fingerprint"] for f in after} & {f["fingerprint"] for f in active} == set()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"'\x00' => 1,", id="NUL in a file"),
        pytest.param(b"'\xff\x1b[31m' => 1,", id="a file that is not UTF-8"),
        pytest.param(b"\"\\xff\x1b[31m\" => [ 'default' => 1 ],", id="a name that is not UTF-8"),
        pytest.param(b"'wgOresX' => \x1b]0;x\x07 [", id="a file that is no PHP"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_harmless_line(tmp_path, text):
    files = tree(ON)
    path = "wmf-config/InitialiseSettings.php"
    write({**files, path: files[path].replace(b"return [", b"return [\n" + text)}, tmp_path)
    done = driftcheck("check", "--repo", str(tmp_path), "--no-cache")
    assert (done.code, done.err.count("\n")) == (3, 1)
    assert obeyed(done.out + done.err) == []
    assert path in done.err
