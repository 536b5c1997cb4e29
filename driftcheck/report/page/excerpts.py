"""Lines of the files that findings point to: each file read once, each excerpt made once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from driftcheck.report.page.text import MAX_LINE, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from driftcheck.core.model import Span

AROUND = 2  # lines of context on either side
MAX_CULPRIT = 8  # lines of one place
MAX_LISTED = 6_000  # lines of all listings, about; where there are more, they have less context, then fewer places


class Line(NamedTuple):
    """A line of a file; ``parts`` is the same text in three, of which the middle one is meant."""

    number: int
    text: str
    parts: tuple[str, str, str] | None
    culprit: bool


class Files:
    """What stands at the places of findings. ``sources`` gives the bytes of a path at a revision, or None."""

    def __init__(self, sources: Callable[[str, str], bytes | None]) -> None:
        self._sources = sources
        self._lines: dict[tuple[str, str], tuple[str, Sequence[bytes]]] = {}
        self._made: dict[Span, list[Line]] = {}
        self._listed: dict[Span, None] = {}

    def _of(self, path: str, revision: str) -> tuple[str, Sequence[bytes]]:
        """A file's name in the listings, and its lines; none where it cannot be had."""
        key = (path, revision)
        if key not in self._lines:
            content = self._sources(path, revision)
            self._lines[key] = (f"s{len(self._lines)}", content.split(b"\n") if content is not None else ())
        return self._lines[key]

    def _numbers(self, span: Span, around: int = AROUND) -> range:
        """The lines around a place."""
        _, lines = self._of(span.path, span.revision)
        last = min(span.end_line, span.line + MAX_CULPRIT - 1)
        there = 0 < span.line <= len(lines)
        return range(max(1, span.line - around), min(len(lines), last + around) + 1) if there else range(0)

    def has(self, span: Span) -> bool:
        """Whether there is anything to show of a place."""
        return bool(self._numbers(span))

    def size(self, span: Span) -> int:
        """About how many characters an excerpt has."""
        _, lines = self._of(span.path, span.revision)
        return sum(min(len(lines[number - 1]), MAX_LINE) for number in self._numbers(span))

    def anchor(self, span: Span) -> str:
        """The name of a place in the listings; empty where it is not listed."""
        return f"{self._of(span.path, span.revision)[0]}-{span.line}" if span in self._listed else ""

    def excerpt(self, span: Span) -> list[Line]:
        """The lines around a place, without the indentation that they share; empty where the file cannot be had."""
        if span not in self._made:
            self._made[span] = _shown(self._of(span.path, span.revision)[1], self._numbers(span), span)
        return self._made[span]

    def listings(self, places: Sequence[Span]) -> list[dict[str, Any]]:
        """Every file that was pointed to: its excerpts, each line once, with what stands before it left out or not."""
        there = dict.fromkeys(span for span in places if self._numbers(span))
        for around in range(AROUND, -1, -1):
            wanted: dict[tuple[str, str], set[int]] = {}
            for span in there:
                wanted.setdefault((span.path, span.revision), set()).update(self._numbers(span, around))
            if sum(map(len, wanted.values())) <= MAX_LISTED:
                break
        else:
            return self.listings(list(there)[: len(there) // 2])
        self._listed = there
        meant = {(span.path, span.revision, span.line) for span in there}
        out = []
        for key in sorted(key for key, numbers in wanted.items() if numbers):
            name, content = self._of(*key)
            lines = [
                line._replace(culprit=(*key, line.number) in meant)
                for line in _shown(content, sorted(wanted[key]), None)
            ]
            shown = [(line, line.number - 1 not in wanted[key]) for line in lines]
            out.append({"path": key[0], "revision": key[1], "name": name, "lines": shown})
        return out


def _shown(lines: Sequence[bytes], numbers: Iterable[int], span: Span | None) -> list[Line]:
    raw = [(n, lines[n - 1][: 4 * MAX_LINE].decode("utf-8", "replace").rstrip("\r")) for n in numbers]
    texts = [line.expandtabs(4) for _, line in raw]
    shift = min((len(text) - len(text.lstrip(" ")) for text in texts if text.strip()), default=0)
    out = []
    for (number, line), text in zip(raw, texts, strict=True):
        parts = None
        if span is not None and number == span.line:
            end = span.end_column - 1 if span.end_line == span.line else len(line)
            first, last = (len(line[:column].expandtabs(4)) for column in (span.column - 1, end))
            ends = shift + MAX_LINE
            parts = (
                text[shift : min(first, ends)],
                text[first : min(last, ends)],
                cut(text[max(first, last) :], MAX_LINE),
            )
        culprit = span is not None and span.line <= number <= span.end_line
        out.append(Line(number, cut(text[shift:], MAX_LINE), parts, culprit))
    return out
