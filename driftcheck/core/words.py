"""Words of messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def listed(names: Iterable[object]) -> str:
    """Names in a sentence: "a", "a and b", "a, b and c"; there is at least one."""
    *most, last = map(str, names)
    return f"{', '.join(most)} and {last}" if most else last


def some(names: Sequence[str], most: int = 5) -> str:
    """The first of some names, and how many more there are."""
    more = len(names) - most
    return listed([*names[:most], *([f"{more} more"] if more > 0 else [])])
