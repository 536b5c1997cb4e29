"""What the documentation shows is what the code does."""

from __future__ import annotations

import re
import runpy
import shutil
from pathlib import Path
from unittest import mock
from xml.etree import ElementTree as ET

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


LOOK = ROOT / "docs/look"


@pytest.fixture(scope="module")
def screenshots():
    return runpy.run_path(str(ROOT / "docs/screenshots.py"))


def test_the_pictures_show_what_driftcheck_prints(screenshots):
    assert screenshots["stale"]() == [], "run python docs/screenshots.py"


def test_a_change_of_any_picture_is_noticed(screenshots, tmp_path):
    everything = {"check.svg", "explain.svg", "page-light.png", "page-dark.png"}
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
