"""What may have been meant by a name that nothing has."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(name: str, names: Iterable[str], likeness: float = 0.6) -> str:
    """The end of a sentence that names what may have been meant; empty where nothing is near."""
    import difflib

    close = difflib.get_close_matches(name, list(names), 3, likeness)
    return f"; did you mean {' or '.join(close)}?" if close else ""
