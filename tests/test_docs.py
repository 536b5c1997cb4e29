"""What the documentation shows is what the code does."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from driftcheck.cli import cli
from driftcheck.rules import RULES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def generated():
    return runpy.run_path(str(ROOT / "docs/generate.py"))


def test_generated_pages_are_those_of_the_code(generated, monkeypatch):
    monkeypatch.chdir(ROOT)
    stale = [str(path) for path, text in generated["pages"]().items() if path.read_text("utf-8") != text]
    assert stale == [], "run python docs/generate.py"


def test_every_rule_has_a_page_and_no_page_is_left_over():
    assert {path.stem for path in (ROOT / "docs/rules").glob("*.md")} == {*RULES, "README"}


def test_the_readme_begins_with_two_commands_of_one_line_each():
    commands = re.findall(r"^    (\S.*)$", README.partition("\n## ")[0], re.MULTILINE)
    assert len(commands) == 2
    assert "driftcheck check --repo fixtures/mediawiki/incident" in commands[0]
    assert "pytest" in commands[1]
    assert README.index(commands[1]) < README.index("\n## ")


def test_every_option_that_the_readme_names_exists():
    options = {name for command in cli.commands.values() for option in command.params for name in option.opts}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README.split("\n## ", 1)[1]))
    assert named - options == set()


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_a_page_tells_why_bad_good_and_what_to_do():
    for rule in RULES:
        page = (ROOT / f"docs/rules/{rule}.md").read_text("utf-8")
        assert [line[3:] for line in page.split("\n") if line.startswith("## ")] == ["Why", "Bad", "Good", "What to do"]
