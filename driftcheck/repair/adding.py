"""How an element is put into an array of PHP, in the file's own style."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.repair import elements
from driftcheck.repair.edits import Change
from driftcheck.repair.removing import Lines

if TYPE_CHECKING:
    from tree_sitter import Node


def added(path: str, text: bytes, array: Node, element: bytes) -> Change:
    """An element at the end of an array: on a line of its own where the last has one, and with a comma if that has one."""
    closing = array.children[-1]
    there = elements.elements(array)
    if not there:
        return Change(path, array.children[-2].end_byte, closing.start_byte, b" " + element + b" ")
    last, lines = there[-1], Lines(text)
    comma = last.next_sibling if last.next_sibling is not None and last.next_sibling.type == "," else None
    begin = lines.begin(last.start_byte)
    indent = text[begin : last.start_byte]
    if not indent.strip():
        end = lines.end(comma.end_byte if comma is not None else last.end_byte)
        line_end = b"\r\n" if text[end - 2 : end] == b"\r\n" else b"\n"
        if comma is not None:
            return Change(path, end, end, indent + element + b"," + line_end)
        return Change(path, last.end_byte, last.end_byte, b"," + line_end + indent + element)
    at = comma.end_byte if comma is not None else last.end_byte
    return Change(path, at, at, (b" " if comma is not None else b", ") + element + (b"," if comma is not None else b""))


def moved(text: bytes, node: Node, indent: bytes) -> bytes:
    """The text of an expression as it reads on lines with another indentation."""
    lines = Lines(text)
    begin = lines.begin(node.start_byte)
    was = text[begin : node.start_byte]
    was = was[: len(was) - len(was.lstrip(b" \t"))]
    first, *rest = text[node.start_byte : node.end_byte].split(b"\n")
    return b"\n".join([first, *(indent + line.removeprefix(was) if line.startswith(was) else line for line in rest)])


def indentation(text: bytes, at: int) -> bytes:
    """The blanks at the beginning of the line of an offset."""
    begin = Lines(text).begin(at)
    line = text[begin:at]
    return line[: len(line) - len(line.lstrip(b" \t"))]
