"""What the documentation shows is what the code does."""

from __future__ import annotations

import functools
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from unittest import mock
from xml.etree import ElementTree as ET

import pytest
import yaml
from support import ROOT
from support.cli import commands, driftcheck, process_environment

from driftcheck import __version__
from driftcheck.core import resources
from driftcheck.layers.registry import RULES

README = (ROOT / "README.md").read_text("utf-8")
INCIDENT = (ROOT / "docs/incident.md").read_text("utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
OTHERS = {
    name: (ROOT / f"docs/{name}.md").read_text("utf-8")
    for name in ("glossary", "limits", "reference", "troubleshooting", "profiles", "look")
}
PAGES = {path.stem: path.read_text("utf-8") for path in sorted((ROOT / "docs/recipes").glob("*.md"))}
SNIPPETS = sorted(path.stem for path in (ROOT / "driftcheck/data/recipes").glob("*.yaml"))


@pytest.fixture(scope="module")
def generated():
    return runpy.run_path(str(ROOT / "docs/generate.py"))


def test_generated_pages_are_those_of_the_code(generated, monkeypatch):
    monkeypatch.chdir(ROOT)
    stale = [str(path) for path, text in generated["pages"]().items() if path.read_text("utf-8") != text]
    assert stale == [], "run python docs/generate.py"


def test_every_rule_has_a_page_and_no_page_is_left_over():
    assert {path.stem for path in (ROOT / "docs/rules").glob("*.md")} == {*RULES, "README"}


def test_every_decision_has_a_number_of_its_own():
    pages = sorted((ROOT / "docs/adr").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    assert [page.name for page in pages if not page.read_text("utf-8").startswith(f"# {int(page.name[:4])}. ")] == []


def test_the_first_screen_says_what_it_is_for_whom_and_shows_it():
    screen = README.partition("\n## ")[0]
    for words in ("beta cluster", "production", "any MediaWiki extension", "developers", "docs/look/"):
        assert words in screen, words
    assert "ORES" not in screen


TERMS = {"baseline", "beta", "dblist", "dbname", "dormant", "finding", "hole", "layer", "overlay", "profile", "provenance",
         "realm", "selector", "setting", "staging", "waiver", "wiki"}  # fmt: skip


def test_the_glossary_has_the_words_that_are_ours_in_the_order_of_the_alphabet():
    defined = [term.lower() for term in re.findall(r"^\*\*([^*.]+)\.\*\* [A-Z]", OTHERS["glossary"], re.MULTILINE)]
    assert TERMS - set(defined) == set()
    assert defined == sorted(defined)
    assert "docs/glossary.md" in README


def test_the_reference_has_every_command():
    assert re.findall(r"^## (\S+)$", OTHERS["reference"], re.MULTILINE) == sorted(commands())


def test_the_readme_begins_with_two_commands_of_one_line_each():
    commands = re.findall(r"^    (\S.*)$", README.partition("\n## ")[0], re.MULTILINE)
    assert len(commands) == 2
    assert "driftcheck check --repo fixtures/mediawiki/incident" in commands[0]
    assert "pytest" in commands[1]
    assert README.index(commands[1]) < README.index("\n## ")


@pytest.mark.parametrize(
    "text",
    [README.split("\n## ", 1)[1], INCIDENT, *PAGES.values(), *OTHERS.values()],
    ids=["README", "incident", *PAGES, *OTHERS],
)
def test_every_option_that_a_page_names_exists(text):
    options = {name for command in commands().values() for option in command.params for name in option.opts}
    ours = re.sub(r"\b(?:git|pre-commit) .*|`--filter=\S+", "", text)
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", ours))
    assert named - options - {"--help"} == set()


@pytest.mark.parametrize(
    ("folder", "text"),
    [
        (ROOT, README),
        *((ROOT / "docs", text) for text in (INCIDENT, *OTHERS.values())),
        *((ROOT / "docs/recipes", text) for text in PAGES.values()),
    ],
    ids=["README", "incident", *OTHERS, *PAGES],
)
def test_links_lead_somewhere(folder, text):
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (folder / target).exists(), target


LOOK = ROOT / "docs/look"


@pytest.fixture(scope="module")
def screenshots():
    made = runpy.run_path(str(ROOT / "docs/screenshots.py"))
    look = made["stale"].__globals__
    look["_output"] = functools.cache(look["_output"])
    return made


def test_the_pictures_show_what_driftcheck_prints(screenshots):
    assert screenshots["stale"]() == [], "run python docs/screenshots.py"


def test_a_change_of_any_picture_is_noticed(screenshots, tmp_path):
    everything = {"finding.svg", "check.svg", "explain.svg", "page-light.png", "page-dark.png"}
    look, names = screenshots["stale"].__globals__, []
    for name in sorted(everything):
        copy = shutil.copytree(LOOK, tmp_path / name)
        (copy / name).write_bytes((copy / name).read_bytes() + b"\n")
        with mock.patch.dict(look, FOLDER=copy):
            names += screenshots["stale"]()
    assert set(names) == everything
    assert len(names) == len(everything)
    with mock.patch.dict(look, PAGE=f"{look['PAGE']} --wiki enwiki"):
        assert set(screenshots["stale"]()) == {"page-light.png", "page-dark.png"}


def test_every_picture_is_shown_described_and_small():
    shown = dict(re.findall(r"!\[([^\]]+)\]\(look/([^)]+)\)", (ROOT / "docs/look.md").read_text("utf-8")))
    assert set(shown.values()) == {path.name for path in LOOK.iterdir()} - {"pages.json"}
    for name in shown.values():
        assert (LOOK / name).stat().st_size < 200_000


def test_pictures_hold_nothing_of_the_machine_that_made_them():
    for path in LOOK.glob("*.svg"):
        text = path.read_text("utf-8")
        assert str(ROOT) not in text
        assert "href" not in text
        assert ET.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"
    for path in LOOK.glob("*.png"):
        assert not re.search(rb"tEXt|iTXt|zTXt|tIME|eXIf", path.read_bytes())


def test_a_page_tells_why_bad_good_and_what_to_do():
    for rule in RULES:
        page = (ROOT / f"docs/rules/{rule}.md").read_text("utf-8")
        assert [line[3:] for line in page.split("\n") if line.startswith("## ")] == ["Why", "Bad", "Good", "What to do"]


# -- recipes -----------------------------------------------------------------------------------------------------------


def texts(node):
    """Every text of a YAML document."""
    if isinstance(node, (dict, list)):
        return [text for child in (node.values() if isinstance(node, dict) else node) for text in texts(child)]
    return [node] if isinstance(node, str) else []


def test_each_recipe_has_a_page_and_the_readme_leads_to_it():
    assert set(SNIPPETS) | {"audit", "fix", "monthly", "review"} == set(PAGES)
    for name, page in PAGES.items():
        assert f"docs/recipes/{name}.md" in README
        assert (
            (f"<!-- recipe: {name} -->\n```yaml\n{resources.recipe(name)}```\n" in page) if name in SNIPPETS else True
        )
        assert yaml.safe_load(resources.recipe(name)) if name in SNIPPETS else "$ driftcheck" in page


def test_a_console_example_shows_one_command_and_its_output():
    for name, page in {**PAGES, "incident": INCIDENT}.items():
        for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL):
            assert re.findall(r"^\$ .*", block, re.MULTILINE) == [block.split("\n")[0]], name
            assert block.startswith("$ driftcheck "), name


def test_a_recipe_names_this_version_or_a_commit_until_it_is_tagged():
    """A tag that does not exist would be the first thing that a new user meets."""
    wanted = "COMMIT" if f"## {__version__}, unreleased" in CHANGELOG else f"v{__version__}"
    for name in SNIPPETS:
        assert re.findall(r"(?:driftcheck@|rev: )(\S+)", resources.recipe(name)) == [wanted], name


def test_an_action_is_named_by_its_commit():
    used = re.findall(r"uses: (\S+)", resources.recipe("github-actions"))
    assert len(used) == 3
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action) for action in used)


def test_the_hook_of_the_recipe_is_one_that_this_repository_has():
    (hook,) = yaml.safe_load(resources.recipe("pre-commit"))["repos"][0]["hooks"]
    assert hook["id"] in {held["id"] for held in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}


TEAMS = """
owners:
- {team: Machine Learning, contact: ores@example.org, settings: ["wgOres*"]}
- {team: Nobody, contact: nobody@example.org, settings: ["wgOfNobody*"]}
- {team: Rest, contact: rest@example.org}
"""


@pytest.mark.unmeasured
@pytest.mark.parametrize("name", [name for name in SNIPPETS if name != "pre-commit"])
def test_the_scripts_of_a_recipe_run_as_they_stand_and_leave_what_it_collects(generated, name, tmp_path):
    shim = tmp_path / "bin/driftcheck"
    shim.parent.mkdir()
    shim.write_text(
        f"#!/bin/sh\nexec {shlex.quote(sys.executable)} -c 'from driftcheck.cli import main; main()' \"$@\"\n"
    )
    shim.chmod(0o755)
    mail = tmp_path / "bin/mail"
    mail.write_text(f'#!/bin/sh\n(echo "$@"; cat) >"{tmp_path}/$3"\n')
    mail.chmod(0o755)
    held = texts(yaml.safe_load(resources.recipe(name)))
    scripts = [text for text in held if re.search(r"^\s*driftcheck ", text, re.MULTILINE)]
    collected = {
        part for text in held for part in text.split(",") if re.fullmatch(r"[\w-]+\.(json|xml|html|sarif)", part)
    }
    assert scripts
    assert collected
    with generated["checkout"]() as root:
        (root / "yesterday").mkdir()
        (root / "driftcheck.yaml").write_text(TEAMS)
        driftcheck("check", "--rev", "HEAD^", "--format", "json", "--output", "yesterday/report.json", cwd=root)
        for script in scripts:
            done = subprocess.run(
                ["bash", "-e", "-c", script],
                cwd=root,
                env=process_environment() | {
                    "PATH": f"{shim.parent}:{os.environ['PATH']}",
                    "WORKSPACE_TMP": str(tmp_path),
                    "GITHUB_STEP_SUMMARY": str(root / "summary.md"),
                    "BASE": "HEAD^",
                    "CI_MERGE_REQUEST_DIFF_BASE_SHA": "HEAD^",
                },
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )  # fmt: skip
            assert (done.returncode, done.stderr) == (1, "")
            assert "model-off-in-beta" in done.stdout
        assert {path for path in collected if (root / path).stat().st_size} == collected
        assert name != "github-actions" or "model-off-in-beta" in (root / "summary.md").read_text()
        assert name != "nightly" or re.search(
            r"^[1-9] new, \d gone, 0 changed, [1-9] still$", done.stdout, re.MULTILINE
        )
    sent = {path.name: path.read_text() for path in tmp_path.glob("*@*")}
    assert set(sent) == ({"ores@example.org", "rest@example.org"} if name == "nightly" else set())
    for contact, text in sent.items():
        told = set(re.findall(r"\bwm?g\w+", text))
        assert text.startswith("-s driftcheck: findings of ")
        assert told
        assert ("rest" in contact) is not any(setting.startswith("wgOres") for setting in told), told
