"""Parsing PHP, and the few questions to a tree's nodes that need no evaluation."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from driftcheck.core.model import IncompleteError, Source, pack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node, Parser, Query


_MARK = "\ufeff".encode()
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0?\0", b"\0<\0?")
"""How a PHP file begins whose characters have two bytes each, with and without a byte order mark."""
_TEXTS = {"string", "encapsed_string", "heredoc", "heredoc_body", "nowdoc", "nowdoc_body", "shell_command_expression"}
_CHAIN = "binary_expression"
_LARGEST = 4_000_000
_DEEPEST = 2000
_LONGEST_ERROR = 10_000
_VARIABLE = re.compile(rb"\$\{?([A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)")


def parse(text: bytes) -> Node:
    """The root of the tree of a file's text; it has error nodes where the text is not PHP."""
    return _parser().parse(text).root_node


@functools.cache
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_php

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_php.language_php()))


@functools.cache
def _query(pattern: str) -> Query:
    import tree_sitter
    import tree_sitter_php

    query: Query = tree_sitter.Query(tree_sitter.Language(tree_sitter_php.language_php()), pattern)
    return query


def search(pattern: str, node: Node) -> dict[str, list[Node]]:
    """The nodes inside a node that a tree-sitter query captures, by the name of the capture."""
    import tree_sitter

    query = _query(pattern)
    # Since tree-sitter 0.25 a query is run by a cursor; before, it ran itself.
    cursor: Any = tree_sitter.QueryCursor(query) if hasattr(tree_sitter, "QueryCursor") else query
    found: dict[str, list[Node]] = cursor.captures(node)
    return found


def check_text(source: Source) -> None:
    """Refuse what cannot be a configuration file, before a parser sees it.

    Raises IncompleteError, with the line, for a binary file and for text that is too long.
    """
    if len(source.text) > _LARGEST:
        raise IncompleteError(
            f"{source.path}: {len(source.text)} bytes is too large for such a file; the limit is {_LARGEST}"
        )
    if (at := source.text.find(b"\0")) >= 0:
        line = source.text.count(b"\n", 0, at) + 1
        if source.text.startswith(_WIDE):
            raise IncompleteError(f"{source.path}:1: this is UTF-16; save the file as UTF-8, then run again")
        raise IncompleteError(f"{source.path}:{line}: this is a binary file; restore the text file, then run again")


def check_utf8(source: Source) -> None:
    """Refuse text that is not UTF-8. PHP reads bytes, and does not ask. Raises IncompleteError, with the line."""
    try:
        source.text.decode()
    except UnicodeDecodeError as error:
        line = source.text.count(b"\n", 0, error.start) + 1
        raise IncompleteError(
            f"{source.path}:{line}: not valid UTF-8; save the file as UTF-8, then run again"
        ) from None


def check_depth(source: Source, root: Node) -> None:
    """Refuse a tree in which nodes stand in each other by the thousand: to search one takes the square of its depth.

    It looks along the way to a byte here and there. A node takes half a byte or more, so that a tree of twice the limit is
    always seen. A chain of operators is deep in the tree and no trouble: its operands are looked at one by one.
    Raises IncompleteError.
    """
    pending = [root]
    while pending:
        node = pending.pop()
        at = node.start_byte
        while at < node.end_byte:
            way = _way_to(node, at)
            chain = next((step for step in way[: len(way) // 2] if step.type == _CHAIN), None)
            if len(way) <= _DEEPEST:
                at += _DEEPEST // 2
            elif chain is not None and all(step.type == _CHAIN for step in way[way.index(chain) :]):
                pending += _operands(chain)
                at = chain.end_byte
            else:
                line = source.text.count(b"\n", 0, at) + 1
                raise IncompleteError(f"{source.path}:{line}: nested more than {_DEEPEST} levels deep; flatten it")


def check_errors(source: Source, root: Node) -> None:
    """Refuse a text that is not PHP where the parser made one long row of it: to search one takes the square of its length.

    Raises IncompleteError, with the line.
    """
    pending = [root] if root.has_error else []
    while pending:
        node = pending.pop()
        if node.is_error and node.child_count > _LONGEST_ERROR:
            raise IncompleteError(f"{source.path}:{node.start_point[0] + 1}: syntax error: this is not PHP")
        pending += [part for part in node.children if part.has_error]


def _way_to(node: Node, at: int) -> list[Node]:
    """The nodes around a byte from the outside in, or no more of them than show that they are too many."""
    cursor, depth = node.walk(), 0
    while depth <= _DEEPEST and cursor.goto_first_child_for_byte(at) is not None:
        depth += 1
    if depth <= _DEEPEST:
        return []
    cursor.reset(node)
    way: list[Node | None] = []
    while len(way) <= _DEEPEST and cursor.goto_first_child_for_byte(at) is not None:
        way.append(cursor.node)
    return [step for step in way if step is not None]


def _operands(chain: Node) -> list[Node]:
    """What a chain of operators connects."""
    found: list[Node] = []
    pending = [chain]
    while pending:
        node = pending.pop()
        for part in node.named_children:
            (pending if part.type == _CHAIN else found).append(part)
    return found


def check_marks(source: Source, root: Node) -> None:
    """Refuse a byte order mark between two words: it is a blank for the grammar, and part of a name for PHP.

    Raises IncompleteError, with the line.
    """
    at = source.text.find(_MARK)
    while at >= 0:
        node = root.descendant_for_byte_range(at, at + len(_MARK))
        first = at == 0 and search("(namespace_definition) @found", root).get("found")
        if first or (at > 0 and node is not None and node.child_count and node.type not in _TEXTS):
            line = source.text.count(b"\n", 0, at) + 1
            raise IncompleteError(f"{source.path}:{line}: PHP does not take a byte order mark here; delete it")
        at = source.text.find(_MARK, at + 1)


def mentions(source: Source, node: Node) -> set[str]:
    """The variables whose names stand in a node, also inside its strings."""
    return {
        match[1].decode("utf-8", "surrogateescape")
        for match in _VARIABLE.finditer(source.text, node.start_byte, node.end_byte)
    }


def places(code: bytes, *words: bytes) -> Iterator[int]:
    """Where one of these words stands, as a word or in another."""
    for word in words:
        at = code.find(word)
        while at >= 0:
            yield at
            at = code.find(word, at + 1)


def text(node: Node | None) -> str:
    """A node's own text; nothing for no node."""
    raw = node.text if node is not None else None
    return raw.decode("utf-8", "surrogateescape") if raw else ""


def field(node: Node, name: str) -> Node | None:
    """The child in a named role."""
    return node.child_by_field_name(name)


def place(node: Node) -> int:
    """Where a node stands, packed."""
    return pack(node.start_byte, node.end_byte)


def children(node: Node) -> list[Node]:
    """The named children that mean something."""
    return [child for child in node.named_children if child.type != "comment"]


def broken(node: Node) -> bool:
    """Whether a syntax error stands directly in a statement, so that its parts may not be what they seem."""
    return node.has_error and any(child.is_error or child.is_missing for child in node.children)


def ancestors(node: Node) -> Iterator[Node]:
    """The nodes around a node, innermost first."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent
