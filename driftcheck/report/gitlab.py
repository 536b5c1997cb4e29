"""The report as a GitLab code quality artefact (docs.gitlab.com, "Code Quality", "Code Quality report format")."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from driftcheck.core.characters import json_text
from driftcheck.core.severity import Severity
from driftcheck.report import inputs
from driftcheck.report.escape import held, reach, relative, short, since, title, told

if TYPE_CHECKING:
    from driftcheck.core.finding import Finding
    from driftcheck.core.report import Report

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}
_MAX_MESSAGE = 500
_MAX_VALUE = 200
_MAX_PATH = 1000


def render(report: Report) -> str:
    """An array with one object for each finding that counts."""
    return json_text(_findings(report), indent=2)


def _findings(report: Report) -> list[dict[str, Any]]:
    """GitLab keeps one of two objects with the same fingerprint, so a second one has a number."""
    seen: Counter[str] = Counter()
    out = []
    read = inputs.words(report)  # GitLab takes a list of findings alone, so each one says it
    for finding in report.active:
        fingerprint = finding.fingerprint
        seen[fingerprint] += 1
        unique = fingerprint if seen[fingerprint] == 1 else f"{fingerprint}-{seen[fingerprint]}"
        out.append(_finding(finding, unique) | ({"content": {"body": read}} if read else {}))
    return out


def _finding(finding: Finding, fingerprint: str) -> dict[str, Any]:
    # The widget shows the description alone, so it begins with the rule. A finding without a place belongs to the root:
    # GitLab drops an object that has no path.
    span = finding.locations[0].span if finding.locations else None
    parts = [": ".join(filter(None, (finding.rule.id, title(finding), short(finding.message, _MAX_MESSAGE))))]
    parts += [f"{role}: {value}" for role, side in told(finding) if (value := held(finding, side, _MAX_VALUE))]
    parts += [reach(finding), since(finding, _MAX_MESSAGE)]
    return {
        "description": "; ".join(filter(None, parts)),
        "check_name": finding.rule.id,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {
            "path": short(relative(span.path), _MAX_PATH) if span is not None else ".",
            "lines": {"begin": max(1, span.line) if span is not None else 1},
        },
    }
