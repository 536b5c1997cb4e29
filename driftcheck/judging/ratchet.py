"""The ratchet: older findings do not count. Older means in a revision, or in a baseline file.

A baseline holds what a finding is and nothing that moves: no lines, no wikis, no times, POSIX paths, a stable order.
Pruning takes away what is gone and adds nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from driftcheck.core.characters import json_text
from driftcheck.core.disposition import Baselined, Preexisting
from driftcheck.core.model import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from driftcheck.core.disposition import Disposition
    from driftcheck.core.finding import Finding
    from driftcheck.core.report import Report

VERSION = 1
_MAX_BYTES = 64 * 1024 * 1024
_KEYS = ("rule", "layer", "setting", "path", "fingerprint")


def since(report: Report, before: Report, revision: str) -> Report:
    """Findings and holes that ``before`` has too are pre-existing."""
    known = {finding.fingerprint for finding in before.findings}
    old_holes = {hole.kind for hole in before.incomplete}
    fresh = tuple(hole for hole in report.incomplete if hole.kind not in old_holes)
    marked = _marked(report, known.__contains__, Preexisting(revision))
    return marked._replace(incomplete=fresh)


def baselined(report: Report, name: str, content: bytes) -> Report:
    """Findings that a baseline file has do not count."""
    return _marked(report, _fingerprints(name, content).__contains__, Baselined(name))


def _marked(report: Report, known: Callable[[str], bool], disposition: Disposition) -> Report:
    findings = tuple(
        finding._replace(disposition=disposition) if finding.active and known(finding.fingerprint) else finding
        for finding in report.findings
    )
    return report._replace(findings=findings)


def write(report: Report, previous: tuple[str, bytes] | None = None) -> str:
    """The baseline of a report; with a previous one (name, content), only what that has and the report still has."""
    keep = None if previous is None else _fingerprints(*previous)
    return _written(_row(finding) for finding in report.findings if keep is None or finding.fingerprint in keep)


def migrated(name: str, content: bytes, changed: Mapping[str, Finding]) -> str:
    """A baseline in which findings whose fingerprints have ``changed``, by the old ones, are as they are called now.

    Raises InputError where the file is not a baseline.
    """
    rows = _rows(name, content)
    return _written(_row(changed[row["fingerprint"]]) if row["fingerprint"] in changed else row for row in rows)


def _written(rows: Iterable[dict[str, str]]) -> str:
    """Each finding once, in an order that stays."""
    unique = {row["fingerprint"]: row for row in rows}.values()
    ordered = sorted(unique, key=lambda row: (row["rule"], row["setting"], row["path"], row["fingerprint"]))
    return json_text({"version": VERSION, "findings": ordered}, indent=2)


def _row(finding: Finding) -> dict[str, str]:
    return {
        "rule": finding.rule.id,
        "layer": finding.layer,
        "setting": finding.setting,
        "path": finding.path.replace("\\", "/"),
        "fingerprint": finding.fingerprint,
    }


def _fingerprints(name: str, content: bytes) -> set[str]:
    return {row["fingerprint"] for row in _rows(name, content)}


def _list(held: Any) -> list[Any]:  # noqa: ANN401 - JSON
    """A list. Raises TypeError for anything else."""
    if not isinstance(held, list):
        raise TypeError
    return held


def _rows(name: str, content: bytes) -> list[dict[str, str]]:
    """The findings of a baseline file; what a row does not say is empty, but for its fingerprint."""
    try:
        document: Any = json.loads(content) if len(content) <= _MAX_BYTES else None
        if document["version"] != VERSION:
            raise InputError(
                f"{name}: version {document['version']} of a baseline; this driftcheck reads version {VERSION}"
            )
        return [
            {key: str(row.get(key, "")) for key in _KEYS} | {"fingerprint": str(row["fingerprint"])}
            for row in _list(document["findings"])
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputError(f"{name}: not a baseline; write one with driftcheck baseline --output {name}") from None
