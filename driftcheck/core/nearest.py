"""What may have been meant by a name that nothing has."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(name: str, names: Iterable[str], likeness: float = 0.6) -> str:
    """The end of a sentence that names what may have been meant; empty where nothing is near."""
    close = near(name, names, likeness)
    return f"; did you mean {' or '.join(close)}?" if close else ""


def near(name: str, names: Iterable[str], likeness: float) -> list[str]:
    """Up to three names that are as like as that (0 to 1), the most alike first."""
    return _near(name, tuple(names), likeness).copy()


@functools.lru_cache(maxsize=4096)
def _near(name: str, names: tuple[str, ...], likeness: float) -> list[str]:
    import difflib

    return difflib.get_close_matches(name, names, 3, likeness)
