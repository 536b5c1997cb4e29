"""Whether a place that spells a variable only reads it: what nothing writes there need not be run to be known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.php.syntax import field, text
from driftcheck.php.writes import BY_VALUE, CALLBACKS

if TYPE_CHECKING:
    from tree_sitter import Node

_NAMING = {"name", "variable_name", "string", "string_content"}
_PASSING = {"parenthesized_expression", "conditional_expression", "subscript_expression", "array_element_initializer",
            "error_suppression_expression"}  # fmt: skip
"""What has the value of a part of it, which may be written yet: ``( $x )``, ``$x[1]``."""
_COPYING = {"binary_expression", "unary_op_expression", "encapsed_string", "cast_expression", "heredoc_body",
            "array_creation_expression"}  # fmt: skip
"""What makes a value of its own out of its parts."""
_ASKING = {"if_statement", "else_if_clause", "echo_statement"}


def only_read(node: Node | None) -> bool:
    """Whether a variable is an operand, an element, a part of a string, or the value of another one; or in a comment."""
    if node is None or node.type == "comment":
        return node is not None
    child = node
    while node.type in _NAMING and node.parent is not None:
        node, child = node.parent, node
    while node.type in _PASSING:
        if node.type == "subscript_expression" and b"$GLOBALS" in (node.text or b""):
            return False
        if node.parent is None:
            return True
        node, child = node.parent, node
    if node.type == "argument":
        return _is_argument_by_value(node)
    if node.type in ("assignment_expression", "augmented_assignment_expression"):
        right = field(node, "right")
        return right is not None and right.id == child.id
    if node.type == "foreach_statement":
        return _is_walked(node, child)
    return node.type in _COPYING or node.type in _ASKING


def _is_argument_by_value(argument: Node) -> bool:
    """Whether an argument is one of a function of PHP that only reads its arguments."""
    call = argument.parent.parent if argument.parent is not None else None
    name = text(call.child_by_field_name("function")).lower().lstrip("\\") if call is not None else ""
    return name in BY_VALUE and name not in CALLBACKS


def _is_walked(loop: Node, child: Node) -> bool:
    """Whether a loop walks over a value, and its variables are no references to the elements."""
    return loop.named_children[0].id == child.id and not any(
        part.type == "by_ref" or (part.type == "pair" and b"&" in (part.text or b"")) for part in loop.named_children
    )
