"""Fingerprints that have changed: what people keep by an old one is found by what the finding was called before.

A fingerprint hashes what a rule names. Where a version names something else, a function here makes the finding as the
version before had it, and the changelog says so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.core.finding import Side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from driftcheck.core.finding import Finding


def _of_the_extension(finding: Finding) -> Finding | None:
    """Until 0.1.0 a finding about a waiver was of the layer extension, whatever the waiver was about."""
    about_waiver = not finding.rule.layers
    return finding._replace(layer="extension") if about_waiver and finding.layer != "extension" else None


def _with_production(finding: Finding) -> Finding | None:
    """Until 0.1.0 these findings had no value of production, though production has one."""
    had_none = finding.rule.id in ("override-defeated", "liftwing-not-in-staging")
    return finding._replace(production=Side()) if had_none else None


def _assembled_production(finding: Finding) -> Finding | None:
    """Until 0.1.0 an array that statements put together, element by element, was absent from setting-drift."""
    return finding._replace(production=Side()) if finding.rule.id == "setting-drift" else None


def _assembled_beta(finding: Finding) -> Finding | None:
    """The same in beta."""
    return finding._replace(beta=Side()) if finding.rule.id == "setting-drift" else None


FORMERLY: tuple[Callable[[Finding], Finding | None], ...] = (
    _of_the_extension,
    _with_production,
    _assembled_production,
    _assembled_beta,
)


def renamed(findings: Iterable[Finding]) -> dict[str, Finding]:
    """The findings whose fingerprints have changed, by the old ones."""
    return {
        before.fingerprint: finding
        for finding in findings
        for formerly in FORMERLY
        if (before := formerly(finding)) is not None
    }


def rewritten(text: str, changed: Mapping[str, Finding]) -> tuple[str, int]:
    """A text with the old fingerprints in it replaced by the new ones, and how many there were."""
    pattern = "|".join(map(re.escape, changed)) or r"(?!)"
    return re.subn(pattern, lambda match: changed[match[0]].fingerprint, text)
