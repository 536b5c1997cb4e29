"""Words of messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def listed(names: Iterable[object]) -> str:
    """Names in a sentence: "a", "a and b", "a, b and c"; there is at least one."""
    *most, last = map(str, names)
    return f"{', '.join(most)} and {last}" if most else last
