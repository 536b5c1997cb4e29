"""Smaller programs that show the same fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.fuzz.grammar import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LEAVES = ("1", "[]", "'a'", "null")


def smaller(node: Node) -> Iterator[Node]:
    """The node with one thing less: a statement left out, an expression in place of what it is a part of, a plain value."""
    if node.kind == "expr":
        yield from (part for part in node.parts if isinstance(part, Node) and part.kind in ("expr", "place"))
        if len(node.parts) > 1 or str(node) not in _LEAVES:
            yield from (Node("expr", (leaf,)) for leaf in _LEAVES)
    if node.kind == "stmt":
        for part in node.parts:
            if isinstance(part, Node) and part.kind in ("block", "stmt"):
                yield Node("block", part.parts if part.kind == "block" else (part,))
    if node.kind == "block":
        for place in range(len(node.parts)):
            yield Node("block", node.parts[:place] + node.parts[place + 1 :])
    for place, part in enumerate(node.parts):
        if isinstance(part, Node):
            for less in smaller(part):
                yield Node(node.kind, (*node.parts[:place], less, *node.parts[place + 1 :]))


def shrink(node: Node, shows: Callable[[Node], bool], tries: int = 400) -> Node:
    """The smallest program found, in so many tries, that still shows what ``shows`` looks for."""
    while tries > 0:
        for less in smaller(node):
            tries -= 1
            if len(str(less)) < len(str(node)) and shows(less):
                node = less
                break
            if tries <= 0:
                break
        else:
            return node
    return node
