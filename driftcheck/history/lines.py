"""Where the lines of a finding's values stand: a commit that has them as they are now probably has the finding.

That is a guess, which saves most evaluations; whether the finding stands is told by evaluating.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core.model import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from driftcheck.core.finding import Draft
    from driftcheck.core.model import Missing, Result, Source, Span

_FURTHEST = 2000
"""Lines between the name of a setting and one of its values."""


class Mark(NamedTuple):
    """The lines of a value, the line that names its setting, and how many bytes are between them at most."""

    path: str
    key: bytes
    value: bytes
    within: int

    def stands_in(self, text: bytes) -> bool:
        """Whether a text has the lines behind the name."""
        at = text.find(self.key)
        return at >= 0 and text.find(self.value, at, at + self.within) >= 0


def marks(drafts: Iterable[Draft], read: Callable[[str], Source | None]) -> frozenset[Mark]:
    """The lines of the values that drafts compare, as files of the tree have them."""
    found = set()
    for draft in drafts:
        for side in (draft.production, draft.beta):
            for span in _spans(side):
                source = read(span.path)
                if source is not None and span.path.endswith(".php"):
                    found.add(_mark(source, span, draft.setting))
    return frozenset(found)


def _spans(side: Result | Missing) -> Iterator[Span]:
    if side is MISSING:
        return
    if side.span is not None:
        yield side.span
    yield from (step.span for step in side.steps if step.span is not None)


def _mark(source: Source, span: Span, setting: str) -> Mark:
    lines = source.text.split(b"\n")
    value = b"\n".join(lines[span.line - 1 : span.end_line])
    word = setting.encode()
    around = range(span.line - 1, max(-1, span.line - _FURTHEST), -1)
    named = next((number for number in around if word in lines[number : number + 1][0]), span.line - 1)
    between = sum(len(line) + 1 for line in lines[named : span.line - 1])
    return Mark(span.path, lines[named], value, 2 * between + len(value) + _FURTHEST)
