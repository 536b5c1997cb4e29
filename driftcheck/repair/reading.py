"""Who reads variables and settings: any code, or only the statements that make one of them from another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.php.syntax import ancestors, children, field, text
from driftcheck.php.writes import BY_VALUE, CALLBACKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from driftcheck.php.file import PhpFile

_ASSIGNMENTS = ("assignment_expression", "augmented_assignment_expression")
_AROUND = ("compound_statement", "else_clause", "else_if_clause")
_RUNS = re.compile(
    r".*(?:_call_expression|_creation_expression|(?:include|require)(?:_once)?_expression|assignment_expression"
    r"|update_expression|_function|exit_statement|throw_expression)\Z"
)
"""What runs code, or writes, or is code of its own; but for a literal array."""
_HARMLESS = BY_VALUE - CALLBACKS - {"define", "ini_set", "die", "exit"}


def read_within(files: Iterable[PhpFile], names: Iterable[str]) -> set[str] | None:
    """Those of some names that are read, each only in statements that make one of them; None where other code reads one."""
    bare = {name.removeprefix("$") for name in names}
    spelled = b"|".join(re.escape(name.encode()) for name in sorted(bare))
    pattern = re.compile(rb"[${](%s)\b|->(?:%s)\b|['\"](?:%s)['\"](?!\s*=>)" % ((spelled,) * 3))
    found: set[str] = set()
    for file in files:
        for match in pattern.finditer(file.source.text):
            if match[1] is None or not _is_own(file.node_at(*match.span(1)), bare):
                return None
            found.add(match[1].decode())
    return found


def _is_own(node: Node | None, names: set[str]) -> bool:
    """Whether a mention of a variable can change nothing but variables of these names."""
    around = next((one for one in ancestors(node) if one.type.endswith("_statement")), None) if node else None
    return around is not None and _makes(around, names)


def _makes(node: Node, names: set[str]) -> bool:
    """Whether a statement does nothing but assign these variables, under conditions or not."""
    if node.type == "expression_statement":
        held = children(node)
        return len(held) == 1 and held[0].type in _ASSIGNMENTS and _target(held[0]) in names and _is_pure(held[0])
    if node.type == "unset_statement":
        return all(_variable(part) in names for part in children(node))
    if node.type == "if_statement":
        condition = field(node, "condition")
        return condition is not None and _is_pure(condition) and _all_make(node, condition, names)
    return node.type in _AROUND and _all_make(node, field(node, "condition"), names)


def _all_make(node: Node, condition: Node | None, names: set[str]) -> bool:
    rest = [part for part in children(node) if condition is None or part.id != condition.id]
    return (condition is None or _is_pure(condition)) and all(_makes(part, names) for part in rest)


def _target(assignment: Node) -> str:
    left = field(assignment, "left")
    return _variable(left) if left is not None else ""


def _variable(node: Node) -> str:
    """The variable that a place is in; empty for what is no variable."""
    while node.type == "subscript_expression":
        node = children(node)[0]
    return text(node)[1:] if node.type == "variable_name" else ""


def _is_pure(node: Node) -> bool:
    """Whether nothing is written inside an expression but by an assignment that it is itself, and no code of a file runs."""
    return all(_is_harmless(part) for part in _within(node))


def _is_harmless(node: Node) -> bool:
    if node.type == "function_call_expression":
        return text(field(node, "function")).lower() in _HARMLESS
    return node.type == "array_creation_expression" or _RUNS.match(node.type) is None


def _within(node: Node) -> Iterator[Node]:
    pending = list(node.named_children)
    while pending:
        part = pending.pop()
        yield part
        pending.extend(part.named_children)
