"""Globs over names, as a user writes them: ``*``, ``?`` and ``[...]``, case-sensitive, of a length that has a limit.

Python takes the square of a glob's length to read it.
"""

from __future__ import annotations

import fnmatch
import functools
import re
from typing import TYPE_CHECKING

from driftcheck.core.model import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LONGEST = 300


def matches(name: str, glob: str) -> bool:
    """Whether a name fits a glob. Raises InputError for a glob that is too long."""
    return _matcher(glob)(name) is not None


@functools.lru_cache(maxsize=4096)
def _matcher(glob: str) -> Callable[[str], object]:
    if not _is_pattern(glob):
        return lambda name: True if name == glob else None
    return re.compile(fnmatch.translate(_checked(glob))).match


def among(name: str, globs: Iterable[str]) -> bool:
    """Whether a name fits one of some globs. Raises InputError for a glob that is too long."""
    for glob in globs:  # noqa: SIM110 - asked a million times a run, and a generator is half of the cost
        if _matcher(glob)(name) is not None:
            return True
    return False


def meets(glob: str, other: str) -> bool:
    """Whether any name fits both globs; a set of characters counts as any character."""
    left, right = (re.sub(r"\[.[^\]]*\]", "?", _checked(one)) for one in (glob, other))
    reached = {0}
    for sign in left:
        reached = _past(sign, _skipped(reached, right), right)
    return len(right) in _skipped(reached, right)


def _past(sign: str, reached: set[int], right: str) -> set[int]:
    """The places in the other glob that are reached after one more sign of the first."""
    if sign == "*":
        return {place for start in reached for place in range(start, len(right) + 1)}
    out = set()
    for place in reached:
        if place < len(right) and right[place] == "*":
            out.add(place)
        elif place < len(right) and (sign == "?" or right[place] in ("?", sign)):
            out.add(place + 1)
    return out


def _skipped(reached: set[int], right: str) -> set[int]:
    """The places with those behind stars, which may be empty."""
    out = set(reached)
    for place in sorted(reached):
        while place < len(right) and right[place] == "*":
            place += 1
            out.add(place)
    return out


def regex(glob: str) -> str:
    """A glob as a regular expression for the whole name. Raises InputError for a glob that is too long."""
    return fnmatch.translate(_checked(glob))


def is_too_long(glob: str) -> bool:
    """Whether a glob is beyond the limit; a plain name of any length is compared as it is."""
    return len(glob) > LONGEST and _is_pattern(glob)


def _is_pattern(glob: str) -> bool:
    return any(sign in glob for sign in "*?[")


def _checked(glob: str) -> str:
    if is_too_long(glob):
        raise InputError(f"{glob[:40]}...: a glob of more than {LONGEST} characters; write a shorter one")
    return glob
