"""Fingerprints that have changed: what people keep by an old one is found by what the finding was called before.

A fingerprint hashes what a rule names. Where a version names something else, a function here makes the finding as the
version before had it, and the changelog says so.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from driftcheck.core.finding import Finding


def _of_the_extension(finding: Finding) -> Finding | None:
    """Until 0.1.0 a finding about a waiver was of the layer extension, whatever the waiver was about."""
    about_waiver = not finding.rule.layers
    return replace(finding, layer="extension") if about_waiver and finding.layer != "extension" else None


FORMERLY: tuple[Callable[[Finding], Finding | None], ...] = (_of_the_extension,)


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
