"""The words that people read: idioms that they stumbled over stay away, and a rule's summary is a phrase, not a clause."""

from __future__ import annotations

import re

import pytest
from support import ROOT

from driftcheck.layers.registry import RULES

pytestmark = pytest.mark.unmeasured

PATTERNS = {
    "suppress, approve or waive": r"\bsign(ed|s|ing)? for\b|\bnobody signed\b",
    "fix": r"\bmend(ed|s|ing)?\b",
    "because there is no": r"\bfor want of\b",
    "already exists": r"\bthere already\b|\bis there t[w]ice\b",
    "reported as unknown": r"\bsaid to be unknown\b",
    "distinguished, or case-sensitive": r"\btold apart\b",
    "use only one of": r"\bexclude each other\b",
    "evaluated": r"\b(be|been|was|not) worked out\b",
    "Reports": r"\bFires when\b",
}
TEXTS = sorted(
    path
    for pattern in ("driftcheck/**/*.py", "driftcheck/**/*.j2", "driftcheck/data/recipes/*", "schemas/*", "docs/**/*.md", "*.md",
                    ".pre-commit-hooks.yaml", "pyproject.toml")
    for path in ROOT.glob(pattern)
    if path.parent.name != "adr"
)  # fmt: skip


@pytest.mark.parametrize("plain", PATTERNS)
def test_the_usual_word_is_used(plain):
    idiom = re.compile(PATTERNS[plain], re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in TEXTS
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1)
        if idiom.search(line)
    ]
    assert found == [], f"write: {plain}"


def test_a_summary_completes_reports_and_why_and_fix_are_sentences():
    """A summary that is a clause reads "Reports a model is on": it has its verb behind that, which or where."""
    clause = re.compile(
        r"^(an?|the|any|two)?\s*[\w'-]+( (?!that|which|where|whose)[\w'-]+)? (is|are|has|have|does|differs?|holds?|leaves?)\b"
    )
    for rule in RULES.values():
        assert rule.summary[0].islower(), rule.id
        assert not rule.summary.endswith("."), rule.id
        assert not clause.match(rule.summary), rule.id
        for text in (rule.why, rule.fix):
            assert text.endswith("."), rule.id
