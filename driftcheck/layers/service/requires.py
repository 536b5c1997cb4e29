"""The versions of ORES's own packages that a deployment repository asks pip for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from driftcheck.core.model import IncompleteError, pack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.model import Source, Span
    from driftcheck.snapshot import Snapshot

FILES = ("requirements.txt", "frozen-requirements.txt")
_AT_LEAST = re.compile(rb"^[ \t]*(ores|revscoring)[ \t]*(?:==|>=)[ \t]*([0-9]{1,6}(?:\.[0-9]{1,6}){0,5})", re.MULTILINE)

Version: TypeAlias = "tuple[int, ...]"


class Required(NamedTuple):
    """The lowest version of a package that satisfies a line of requirements, and the place of that line."""

    version: Version
    span: Span

    def __str__(self) -> str:
        return ".".join(map(str, self.version))


def required(snapshot: Snapshot) -> dict[str, Required]:
    """The highest of the lowest versions by package: both files are asked for. Empty where the tree names no version."""
    found: dict[str, Required] = {}
    for path in FILES:
        for name, one in _lines(_source(snapshot, path)):
            if name not in found or one.version > found[name].version:
                found[name] = one
    return found


def _source(snapshot: Snapshot, path: str) -> Source | None:
    try:
        return snapshot.read(path)
    except IncompleteError:
        return None  # without it, a class may exist: nothing is said


def _lines(source: Source | None) -> Iterator[tuple[str, Required]]:
    if source is None:
        return
    for match in _AT_LEAST.finditer(source.text):
        version = tuple(map(int, match[2].split(b".")))
        yield match[1].decode(), Required(version, source.span(pack(*match.span())))
