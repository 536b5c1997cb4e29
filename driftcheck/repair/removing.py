"""How elements and statements of PHP go, in the file's own style: with the comma, line and comments that are theirs alone.

A comment on the line of what goes, goes with it. So do comment lines directly above, unless another row follows without a
blank line or comment of its own: then they may be about that row too.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.repair import elements
from driftcheck.repair.edits import Change, Removal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tree_sitter import Node

_BLANK = re.compile(rb"[ \t\r]*\Z")


class Lines(NamedTuple):
    """A text, and where its lines begin and end."""

    text: bytes

    def begin(self, at: int) -> int:
        """Where the line of an offset begins."""
        return self.text.rfind(b"\n", 0, at) + 1

    def end(self, at: int) -> int:
        """Where the line after that of an offset begins."""
        found = self.text.find(b"\n", at)
        return len(self.text) if found < 0 else found + 1

    def line(self, begin: int) -> bytes:
        """The line that begins at an offset, without its end."""
        return self.text[begin : self.end(begin)].rstrip(b"\r\n")

    def blank(self, begin: int) -> bool:
        """Whether the line that begins at an offset has nothing in it."""
        return begin < len(self.text) and _BLANK.match(self.line(begin)) is not None


def changes(path: str, text: bytes, root: Node, removals: Iterable[Removal]) -> list[Change]:
    """The removals of one file as changes; what stands in something else that goes is not named twice."""
    nodes = _escalated([(_node(root, removal), removal.around) for removal in removals])
    outermost = [node for node in nodes if not any(_inside(node, other) for other in nodes)]
    lines, out = Lines(text), []
    for _, group in groupby(sorted(outermost, key=_order), key=lambda node: node.parent and node.parent.id):
        for run in _runs(list(group)):
            out.append(_gone(path, lines, run))
            if (comma := _left_comma(path, run)) is not None:
                out.append(comma)
    return _without_double_blanks(lines, sorted(out))


def _order(node: Node) -> tuple[int, int]:
    parent = node.parent
    return (parent.start_byte if parent is not None else 0, node.start_byte)


def _node(root: Node, removal: Removal) -> Node:
    node = elements.node_at(root, removal.start, removal.end)
    while node is not None and node.type not in (elements.ELEMENT, elements.STATEMENT, "if_statement"):
        node = node.parent
    assert node is not None, "a removal names an element or a statement"
    return node


def _inside(node: Node, other: Node) -> bool:
    return node.id != other.id and other.start_byte <= node.start_byte and node.end_byte <= other.end_byte


def _escalated(named: list[tuple[Node, bool]]) -> list[Node]:
    """The nodes; where all that stands in something goes, that goes instead, if it was asked for."""
    nodes = {node.id: node for node, _ in named}
    pending = [node for node, around in named if around]
    while pending:
        node = pending.pop()
        outer = elements.around(node)
        if outer is not None and outer.id not in nodes and all(one.id in nodes for one in elements.siblings(node)):
            nodes[outer.id] = outer
            if outer.type != elements.ELEMENT:
                pending.append(outer)
    return list(nodes.values())


def _runs(nodes: list[Node]) -> Iterator[list[Node]]:
    """Neighbours that go together."""
    run: list[Node] = []
    for node in nodes:
        if run and _next(run[-1]) != node.id:
            yield run
            run = []
        run.append(node)
    if run:
        yield run


def _next(node: Node) -> int | None:
    beside = elements.siblings(node)
    at = next(number for number, one in enumerate(beside) if one.id == node.id)
    return beside[at + 1].id if at + 1 < len(beside) else None


def _comma(node: Node) -> Node | None:
    """The comma behind an element; comments may stand between."""
    found = node.next_sibling
    while found is not None and found.type == "comment":
        found = found.next_sibling
    return found if found is not None and found.type == "," else None


def _gone(path: str, lines: Lines, run: Sequence[Node]) -> Change:
    start, end = run[0].start_byte, run[-1].end_byte
    comma = _comma(run[-1]) if run[-1].type == elements.ELEMENT else None
    stop = comma.end_byte if comma is not None else end
    begin, behind = lines.begin(start), _behind(lines, comma or run[-1], stop)
    if _BLANK.match(lines.text[begin:start]) and _BLANK.match(lines.text[behind : lines.end(behind)].rstrip(b"\n")):
        return Change(path, _with_comments(lines, run[0], begin, lines.end(behind)), lines.end(behind))
    return _within_line(path, lines, run, start, stop, has_comma=comma is not None)


def _behind(lines: Lines, last: Node, stop: int) -> int:
    """Where what belongs to something ends on its line: behind the comments that only it has."""
    end, after = stop, last.next_sibling
    while after is not None and after.type == "comment" and b"\n" not in lines.text[end : after.start_byte]:
        end, after = after.end_byte, after.next_sibling
    return end


def _with_comments(lines: Lines, first: Node, begin: int, end: int) -> int:
    """Where a run of whole lines begins, with the comment lines above that are about it alone."""
    following = lines.line(end).strip()
    alone = not following or following[:1] in b"])}" or following[:2] in (b"//", b"/*") or following[:1] == b"#"
    comment = first.prev_sibling
    while alone and comment is not None and comment.type == "comment":
        top, under = lines.begin(comment.start_byte), comment.end_byte
        own = _BLANK.match(lines.text[top : comment.start_byte]) and lines.text[under:begin].strip(b" \t\r") in (
            b"\n",
            b"",
        )
        if not own:
            break
        begin, comment = top, comment.prev_sibling
    return begin


def _within_line(path: str, lines: Lines, run: Sequence[Node], start: int, stop: int, *, has_comma: bool) -> Change:
    """A run that shares a line with what stays."""
    text = lines.text
    after = stop
    while text[after : after + 1] in (b" ", b"\t"):
        after += 1
    if _next(run[-1]) is not None or run[0].type != elements.ELEMENT:
        if text[after : after + 1] in (b"\n", b"\r"):  # nothing stays behind it on the line
            return Change(path, _before_spaces(text, start), stop)
        return Change(path, start, after)
    parent = run[0].parent
    assert parent is not None
    if len(run) == len(elements.siblings(run[0])) and not any(child.type == "comment" for child in parent.children):
        opening = next(child for child in parent.children if child.type in ("[", "("))
        return Change(path, opening.end_byte, parent.end_byte - 1)
    before = run[0].prev_sibling
    joins = before is not None and before.type == "," and not text[before.end_byte : start].strip()
    begin = before.end_byte if joins and before is not None else _before_spaces(text, start)
    return Change(path, begin, stop if has_comma or after == stop else _before_spaces(text, after))


def _before_spaces(text: bytes, at: int) -> int:
    while text[at - 1 : at] in (b" ", b"\t") and at > 0:
        at -= 1
    return at


def _left_comma(path: str, run: Sequence[Node]) -> Change | None:
    """The comma in front of the last elements, where the array had none behind its last."""
    last = run[-1]
    if last.type != elements.ELEMENT or _next(last) is not None or _comma(last) is not None:
        return None
    before = run[0].prev_sibling
    while before is not None and before.type == "comment":
        before = before.prev_sibling
    return Change(path, before.start_byte, before.end_byte) if before is not None and before.type == "," else None


def _without_double_blanks(lines: Lines, found: Sequence[Change]) -> list[Change]:
    """The changes, with one of the blank lines that would stand together, or at an end of the block, where lines went."""
    held, wider = list(found), [_with_blank(lines, change) for change in _adjacent(found)]
    while wider != held:
        held, wider = wider, [_with_blank(lines, change) for change in _adjacent(sorted(wider))]
    return held


def _with_blank(lines: Lines, change: Change) -> Change:
    begin, end = change.start, change.end
    if begin == 0 or begin == end or lines.begin(begin) != begin or lines.begin(end) != end:
        return change
    above = lines.begin(begin - 1)
    closes = lines.line(end).strip()[:1] in (b"]", b")", b"}")
    if lines.blank(above) and (lines.blank(end) or closes):
        return change._replace(start=above)
    opens = lines.line(above).rstrip()[-1:] in (b"[", b"(", b"{")
    return change._replace(end=lines.end(end)) if opens and lines.blank(end) else change


def _adjacent(found: Sequence[Change]) -> Iterator[Change]:
    """Deletions that touch are one."""
    held: Change | None = None
    for change in found:
        if held is not None and change.start <= held.end:
            held = held._replace(end=max(held.end, change.end))
            continue
        if held is not None:
            yield held
        held = change
    if held is not None:
        yield held
