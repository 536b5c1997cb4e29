"""What a waiver may name of a finding: a part of its values, and the values themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.diff import diff
from driftcheck.core.finding import json_value
from driftcheck.core.globs import matches
from driftcheck.core.model import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.finding import Finding
    from driftcheck.core.model import Missing, Path, Result


def is_named(finding: Finding, path: str) -> bool:
    """Whether a finding, or every part in which its values differ, is what a path names."""
    if matches(finding.path, path):
        return True
    parts = [part.path for part in diff(finding.production.value, finding.beta.value)]
    return bool(parts) and all(any(matches(name, path) for name in _around(finding.path, part)) for part in parts)


def _around(dotted: str, part: Path) -> Iterator[str]:
    """The dotted names of a part of a value, and of what is around it in the value."""
    for key in part:
        dotted = f"{dotted}.{key}" if dotted else str(key)
        yield dotted


def is_value(held: Result | Missing, wanted: Any) -> bool:  # noqa: ANN401 - JSON
    """Whether a side of a finding is what a waiver says of it."""
    if held is MISSING:
        return bool(wanted == "(absent)")
    value: object = json_value(held)
    return type(value) is type(wanted) and bool(value == wanted)
