"""Globs over names, as a user writes them: ``*``, ``?`` and ``[...]``, case-sensitive, of a length that has a limit.

Python takes the square of a glob's length to read it.
"""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

from driftcheck.core.model import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 300


def matches(name: str, glob: str) -> bool:
    """Whether a name fits a glob. Raises InputError for a glob that is too long."""
    return fnmatch.fnmatchcase(name, _checked(glob)) if _is_pattern(glob) else name == glob


def among(name: str, globs: Iterable[str]) -> bool:
    """Whether a name fits one of some globs. Raises InputError for a glob that is too long."""
    return any(matches(name, glob) for glob in globs)


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
