"""What a report was made of, in one line: repositories, revisions, profile, day of the extension, and what it was compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.report.escape import short

if TYPE_CHECKING:
    from driftcheck.core.report import Report

_LONGEST = 200
_TREES = {"": "the work tree", ":staged": "the index"}


def words(report: Report) -> str:
    """The line, without an end; empty for a report that no command made."""
    held = report.circumstances
    if not held.profile:
        return ""
    read: dict[tuple[str, str], list[str]] = {}
    for info in report.snapshots:
        read.setdefault((info.path, info.revision), []).append(info.realm)
    parts = [f"{' and '.join(dict.fromkeys(realms))} from {_tree(*tree)}" for tree, realms in read.items()]
    parts.append(f"profile {short(held.profile, _LONGEST)}")
    if held.day:
        parts.append(f"extension of {held.day}")
    if held.since:
        parts.append(f"compared with {' and '.join(short(revision, _LONGEST) for revision in held.since)}")
    if held.baseline:
        parts.append(f"baseline {short(held.baseline, _LONGEST)}")
    return f"read: {'; '.join(parts)}"


def _tree(path: str, revision: str) -> str:
    return f"{_TREES.get(revision) or f'commit {short(revision[:12], 12)}'} in {short(path, _LONGEST)}"
