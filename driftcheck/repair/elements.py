"""What an edit of PHP is about: array elements and statements, found by their place, with the keys that lead to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.php.syntax import ancestors, children, field, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from driftcheck.core.model import Source, Span

ELEMENT, ARRAY, STATEMENT = "array_element_initializer", "array_creation_expression", "expression_statement"
_BLOCK = "compound_statement"
_PLAIN = {"string", "integer", "encapsed_string", "name"}
_DOING = {
    "function_call_expression",
    "member_call_expression",
    "scoped_call_expression",
    "object_creation_expression",
    "assignment_expression",
    "augmented_assignment_expression",
    "update_expression",
    "require_expression",
    "require_once_expression",
    "include_expression",
    "include_once_expression",
}


def offsets(source: Source, span: Span) -> tuple[int, int]:
    """The bytes that a place stands for."""
    return _offset(source, span.line, span.column), _offset(source, span.end_line, span.end_column)


def _offset(source: Source, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = source.text.index(b"\n", start) + 1
    end = source.text.find(b"\n", start)
    whole = source.text[start : len(source.text) if end < 0 else end].decode("utf-8", "replace")
    return start + len(whole[: column - 1].encode())


def node_at(root: Node, start: int, end: int) -> Node | None:
    """The smallest named node that spans these bytes."""
    return root.named_descendant_for_byte_range(start, end)


def chain(node: Node) -> list[Node]:
    """The array elements around a node, or that it is, from the outermost in; what stands beside the array is left out."""
    found: list[Node] = []
    for part in (node, *ancestors(node)):
        if part.type == ELEMENT:
            found.append(part)
        elif part.type not in (ARRAY, *_PLAIN) and found and part.type != "binary_expression":
            break
    return found[::-1]


def key_node(element: Node) -> Node | None:
    """The key of an array element; None for one of a list."""
    parts = children(element)
    return parts[0] if len(parts) == 2 else None


def value_node(element: Node) -> Node:
    """The value of an array element."""
    return children(element)[-1]


def key(element: Node) -> str:
    """The key of an array element as it reads, without its quotes; empty where it is no plain word."""
    node = key_node(element)
    if node is None or node.type not in _PLAIN:
        return ""
    raw = text(node)
    return raw[1:-1] if node.type in ("string", "encapsed_string") else raw


def keys(elements: list[Node]) -> list[str]:
    """The keys that lead to the innermost of some elements."""
    return [key(element) for element in elements]


def elements(array: Node) -> list[Node]:
    """The elements of an array."""
    return [child for child in children(array) if child.type == ELEMENT]


def element(array: Node, name: str) -> Node | None:
    """The last element of an array with a key: of equal keys the last counts."""
    return next((one for one in reversed(elements(array)) if key(one) == name), None)


def statement(node: Node) -> Node | None:
    """The statement that an expression is, or is part of."""
    return next((part for part in (node, *ancestors(node)) if part.type == STATEMENT), None)


def around(node: Node) -> Node | None:
    """What is empty, and means nothing, once all that stands in a node's array or block is gone.

    It is the element whose value the array is, or the ``if`` without an ``else`` whose only block it is.
    """
    parent = node.parent
    if parent is None:
        return None
    if parent.type == ARRAY:
        outer = parent.parent
        return outer if outer is not None and outer.type == ELEMENT else None
    outer = parent.parent if parent.type == _BLOCK else None
    if outer is None or outer.type != "if_statement" or field(outer, "alternative") is not None:
        return None
    condition = field(outer, "condition")
    return outer if condition is not None and not any(part.type in _DOING for part in _walk(condition)) else None


def siblings(node: Node) -> list[Node]:
    """The elements, or statements, that stand beside a node, itself among them."""
    parent = node.parent
    assert parent is not None
    return [child for child in children(parent) if node.type == ELEMENT or child.is_named]


def reads_variables(node: Node) -> bool:
    """Whether an expression hangs on variables, or does something: its text means another thing elsewhere."""
    return any(part.type == "variable_name" or part.type in _DOING for part in _walk(node))


def _walk(node: Node) -> Iterator[Node]:
    pending = [node]
    while pending:
        part = pending.pop()
        yield part
        pending += part.named_children
