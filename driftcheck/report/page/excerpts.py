"""Lines of the files that findings point to: each file read once, each excerpt made once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from driftcheck.report.page.text import MAX_LINE, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from driftcheck.model import Span

AROUND = 2  # lines of context on either side
MAX_CULPRIT = 8  # lines of one place


class Line(NamedTuple):
    """A line of a file: ``text`` is all of it, in three parts of which the middle one is meant."""

    number: int
    text: str
    parts: tuple[str, str, str] | None
    culprit: bool


class Files:
    """Lines of the files that findings point to, each file read once, each excerpt made once."""

    def __init__(self, sources: Callable[[str, str], bytes | None]) -> None:
        self._sources = sources
        self._lines: dict[tuple[str, str], list[bytes]] = {}
        self._made: dict[Span, list[Line]] = {}

    def _of(self, path: str, revision: str) -> list[bytes]:
        key = (path, revision)
        if key not in self._lines:
            content = self._sources(path, revision)
            self._lines[key] = content.split(b"\n") if content is not None else []
        return self._lines[key]

    def anchor(self, span: Span) -> str:
        """The name of a line in the listings."""
        return f"s{list(self._lines).index((span.path, span.revision))}-{span.line}"

    def excerpt(self, span: Span) -> list[Line]:
        """The lines around a place, without the indentation that they share; empty where the file cannot be had."""
        if span not in self._made:
            lines = self._of(span.path, span.revision)
            last = min(span.end_line, span.line + MAX_CULPRIT - 1)
            numbers = range(max(1, span.line - AROUND), min(len(lines), last + AROUND) + 1)
            self._made[span] = self._shown(lines, numbers, span) if 0 < span.line <= len(lines) else []
        return self._made[span]

    @staticmethod
    def _shown(lines: Sequence[bytes], numbers: Iterable[int], span: Span | None) -> list[Line]:
        raw = [(n, lines[n - 1][: 4 * MAX_LINE].decode("utf-8", "replace").rstrip("\r\n")) for n in numbers]
        texts = [line.expandtabs(4) for _, line in raw]
        shift = min((len(text) - len(text.lstrip(" ")) for text in texts if text.strip()), default=0)
        out = []
        for (number, line), text in zip(raw, texts, strict=True):
            parts = None
            if span is not None and number == span.line:
                end = span.end_column - 1 if span.end_line == span.line else len(line)
                a, b = (len(line[:column].expandtabs(4)) for column in (span.column - 1, end))
                parts = (text[shift:a], text[a:b][:MAX_LINE], text[b:][:MAX_LINE])
            culprit = span is not None and span.line <= number <= span.end_line
            out.append(Line(number, cut(text[shift:], MAX_LINE), parts, culprit))
        return out

    def listings(self, places: Iterable[Span]) -> list[dict[str, Any]]:
        """Every file that was pointed to: its excerpts, each line once."""
        wanted: dict[tuple[str, str], dict[int, bool]] = {}
        for span in places:
            numbers = wanted.setdefault((span.path, span.revision), {})
            for line in self.excerpt(span):
                numbers[line.number] = numbers.get(line.number, False) or line.number == span.line
        out = []
        for (path, revision), numbers in wanted.items():
            lines = self._shown(self._of(path, revision), sorted(numbers), None)
            name = f"s{list(self._lines).index((path, revision))}"
            gaps = [line.number - 1 not in numbers for line in lines]
            shown = [(line._replace(culprit=numbers[line.number]), gap) for line, gap in zip(lines, gaps, strict=True)]
            if shown:
                out.append({"path": path, "name": name, "lines": shown})
        return out
