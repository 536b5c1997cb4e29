"""A unified diff as ``git apply`` takes it, made of the edits themselves: no guess at what belongs to what."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from driftcheck.repair.edits import Change

_CONTEXT = 3
_NO_NEWLINE = b"\n\\ No newline at end of file\n"


class _Span(NamedTuple):
    """Lines ``first`` to ``last`` (0-based, ``last`` not among them) of the old file, and the lines in their place."""

    first: int
    last: int
    lines: list[bytes]


def diff(path: str, text: bytes, changes: Sequence[Change]) -> bytes:
    """The diff of one file; empty where nothing changes."""
    old = _lines(text)
    spans = [span for span in _by_line(text, old, changes) if old[span.first : span.last] != span.lines]
    if not spans:
        return b""
    names = [_name(f"{side}/{path}") for side in "ab"]
    head = f"diff --git {names[0]} {names[1]}\n--- {names[0]}\n+++ {names[1]}\n".encode("utf-8", "surrogateescape")
    return head + b"".join(_hunks(old, spans))


def _lines(text: bytes) -> list[bytes]:
    """The lines with their ends; only a line feed ends one."""
    lines = text.split(b"\n")
    rest = lines.pop()
    return [line + b"\n" for line in lines] + ([rest] if rest else [])


def _by_line(text: bytes, old: Sequence[bytes], changes: Iterable[Change]) -> Iterator[_Span]:
    """The changes as whole lines; those that share a line are one."""
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    pending: tuple[int, int, list[Change]] | None = None
    for change in changes:
        first = text.count(b"\n", 0, change.start)
        whole = change.end > change.start and text[change.end - 1 : change.end] == b"\n" and not change.text
        last = text.count(b"\n", 0, change.end) + (0 if whole and starts[first] == change.start else 1)
        last = min(last, len(old))
        if pending is not None and first < pending[1]:
            pending = (pending[0], max(pending[1], last), [*pending[2], change])
            continue
        if pending is not None:
            yield _span(text, starts, *pending)
        pending = (first, last, [change])
    if pending is not None:
        yield _span(text, starts, *pending)


def _span(text: bytes, starts: Sequence[int], first: int, last: int, changes: Sequence[Change]) -> _Span:
    parts: list[bytes] = []
    at = starts[first]
    for change in changes:
        parts += [text[at : change.start], change.text]
        at = change.end
    return _trimmed(
        _lines(text[starts[first] : starts[last]]), first, _lines(b"".join([*parts, text[at : starts[last]]]))
    )


def _trimmed(old: list[bytes], first: int, new: list[bytes]) -> _Span:
    """The span without the lines at its ends that stay as they are."""
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    tail = 0
    while tail < min(len(old), len(new)) - same and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return _Span(first + same, first + len(old) - tail, new[same : len(new) - tail])


def _hunks(old: Sequence[bytes], spans: Sequence[_Span]) -> Iterator[bytes]:
    group: list[_Span] = []
    moved = 0
    for span in spans:
        if group and span.first - group[-1].last > 2 * _CONTEXT:
            yield _hunk(old, group, moved)
            moved += sum(len(one.lines) - (one.last - one.first) for one in group)
            group = []
        group.append(span)
    yield _hunk(old, group, moved)


def _hunk(old: Sequence[bytes], group: Sequence[_Span], moved: int) -> bytes:
    begin, end = max(0, group[0].first - _CONTEXT), min(len(old), group[-1].last + _CONTEXT)
    body: list[bytes] = []
    at = begin
    for span in group:
        body += [_line(b" ", line) for line in old[at : span.first]]
        body += [_line(b"-", line) for line in old[span.first : span.last]]
        body += [_line(b"+", line) for line in span.lines]
        at = span.last
    body += [_line(b" ", line) for line in old[at:end]]
    before = end - begin
    after = before + sum(len(span.lines) - (span.last - span.first) for span in group)
    return f"@@ -{_range(begin, before)} +{_range(begin + moved, after)} @@\n".encode() + b"".join(body)


def _range(begin: int, count: int) -> str:
    """An empty range is named by the line before it."""
    return f"{begin + (count > 0)},{count}" if count != 1 else f"{begin + 1}"


def _line(sign: bytes, line: bytes) -> bytes:
    return sign + (line if line.endswith(b"\n") else line + _NO_NEWLINE)


def _name(path: str) -> str:
    """A path as git writes it: in quotes where it has a character that needs them."""
    raw = path.encode("utf-8", "surrogateescape")
    if all(0x20 <= byte < 0x7F and byte not in b'"\\' for byte in raw):
        return path
    escaped = (
        f"\\{chr(byte)}" if byte in b'"\\' else chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}" for byte in raw
    )
    return f'"{"".join(escaped)}"'
