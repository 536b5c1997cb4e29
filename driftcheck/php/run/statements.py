"""Statements as functions of a frame. Each answers with None, or with the signal that ends what surrounds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from driftcheck.core.model import Value
from driftcheck.php.run.expressions import NULL, WORDS, compiled, constant, decided, loosely, refused, register
from driftcheck.php.run.frames import Undecided
from driftcheck.php.run.machine import Ended
from driftcheck.php.run.targets import target
from driftcheck.php.syntax import children, field
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.run.frames import Code, Frame

Statement: TypeAlias = "Callable[[Frame], Any]"
"""A statement as a function of the frame that it runs in; it answers with None or with a signal."""


class Signal(NamedTuple):
    """What ends the statements around it: a return with its value, or a break or continue of so many loops."""

    kind: str
    value: Any = None
    levels: int = 1


def statement(code: Code, node: Node) -> Statement:
    """A statement, compiled once."""
    made = code.compiled.get(-node.id)
    if made is None:
        made = code.compiled[-node.id] = _compile(code, node)
    return made


def _compile(code: Code, node: Node) -> Statement:
    maker = _MAKERS.get(node.type)
    if node.is_error or any(child.is_error or child.is_missing for child in node.children):
        return _refused("a syntax error")
    if maker is None:
        return _refused(f"a {node.type.replace('_', ' ')} is not evaluated")
    try:
        return maker(code, node)
    except NotEvaluated as error:
        return _refused(str(error))


def _refused(reason: str) -> Statement:
    def run(_: Frame) -> None:
        raise Undecided(reason)

    return run


def _nothing(_: Code, __: Node) -> Statement:
    return lambda _: None


def block(code: Code, nodes: list[Node]) -> Statement:
    """Statements one after the other."""
    made = [statement(code, node) for node in nodes if node.type not in SILENT]
    for node in nodes:
        if node.type == "named_label_statement":
            return _refused("a label that can be jumped to")

    def run(frame: Frame) -> Signal | None:
        frame.machine.spend(len(made))
        for part in made:
            signal = part(frame)
            if signal is not None:
                return signal  # type: ignore[no-any-return]
        return None

    return run


def body_of(code: Code, node: Node) -> Callable[[Frame], Result]:
    """The body of a function, as what it returns."""
    run_block = block(code, children(node))

    def run(frame: Frame) -> Result:
        signal = run_block(frame)
        return signal.value if signal is not None and signal.kind == "return" else NULL

    return run


def expression_statement(code: Code, node: Node) -> Statement:
    """An expression that stands alone."""
    parts = children(node)
    if not parts:
        return lambda _: None
    made = compiled(code, parts[0])

    def run(frame: Frame) -> None:
        made(frame)

    return run


def returned(code: Code, node: Node) -> Statement:
    """``return``."""
    parts = children(node)
    made = compiled(code, parts[0]) if parts else constant(NULL)
    return lambda frame: Signal("return", made(frame))


def guarded(code: Code, node: Node) -> Statement:
    """``if``, ``elseif`` and ``else``."""
    arms = [(None if guard is None else compiled(code, guard), branch(code, body)) for guard, body in branches(node)]

    def run(frame: Frame) -> Signal | None:
        for guard, body in arms:
            if guard is None or decided(guard(frame)):
                return body(frame)  # type: ignore[no-any-return]
        return None

    return run


def branches(node: Node) -> list[tuple[Node | None, Node | None]]:
    """The guards of an if with their bodies; the last may have no guard. Raises NotEvaluated for a syntax error.

    The grammar gives an ``else`` behind an unbraced inner ``if`` to the outer one; PHP gives it to the inner one.
    """
    clauses = [child for child in children(node) if child.type in ("else_if_clause", "else_clause")]
    if any(clause.has_error and any(c.is_error or c.is_missing for c in clause.children) for clause in clauses):
        raise NotEvaluated("a syntax error")
    inner = field(node, "body")
    if clauses and _open_if(inner):
        raise NotEvaluated("an else behind an if without braces in an if without braces")
    for clause in clauses[:-1]:
        if _open_if(field(clause, "body")):
            raise NotEvaluated("an else behind an if without braces in an if without braces")
    return [(field(part, "condition"), field(part, "body")) for part in [node, *clauses]]


def _open_if(body: Node | None) -> bool:
    """Whether a body without braces ends in an if that could take an else."""
    while body is not None and body.type not in ("compound_statement", "colon_block"):
        if body.type == "if_statement":
            return all(child.type != "colon_block" for child in body.children)
        body = field(body, "body")
    return False


def branch(code: Code, node: Node | None) -> Statement:
    """The body of a guard or loop: a block, one statement, or nothing."""
    if node is None:
        return lambda _: None
    return block(code, children(node)) if node.type in ("compound_statement", "colon_block") else statement(code, node)


def needed(node: Node, name: str) -> Node:
    """A part of a node. Raises NotEvaluated where it is not there."""
    found = field(node, name)
    if found is None:
        raise NotEvaluated("a syntax error")
    return found


def echoed(code: Code, node: Node) -> Statement:
    """``echo``: what is printed is of no interest, what it calls is."""
    made = [compiled(code, child) for child in children(node)]

    def run(frame: Frame) -> None:
        for part in made:
            part(frame)

    return run


def ended(code: Code, node: Node) -> Statement:
    """``exit``."""
    del code, node

    def run(_: Frame) -> None:
        raise Ended

    return run


def unset(code: Code, node: Node) -> Statement:
    """``unset()``."""
    places = [target(code, child) for child in children(node)]

    def run(frame: Frame) -> None:
        for place in places:
            place.unset(frame)

    return run


def _printed(code: Code, node: Node) -> Any:  # noqa: ANN401 - an expression
    made = compiled(code, children(node)[0])
    if loosely(children(node)[0], WORDS):
        return refused("print before and, or, xor")

    def run(frame: Frame) -> Result:
        made(frame)
        return Value(1)

    return run


SILENT = {"comment", "php_tag", "php_end_tag", "text_interpolation", "text", "empty_statement",
          "namespace_use_declaration", "interface_declaration", "declare_statement"}  # fmt: skip
"""Node types that do nothing where they stand."""
_MAKERS: dict[str, Callable[[Code, Node], Statement]] = {
    **dict.fromkeys(SILENT, _nothing),
    "expression_statement": expression_statement,
    "return_statement": returned,
    "if_statement": guarded,
    "compound_statement": lambda code, node: block(code, children(node)),
    "colon_block": lambda code, node: block(code, children(node)),
    "exit_statement": ended,
    "unset_statement": unset,
    "echo_statement": echoed,
    "namespace_definition": lambda code, node: branch(code, field(node, "body")),
}


def register_statements(kinds: dict[str, Callable[[Code, Node], Statement]]) -> None:
    """Take in the makers of the modules that build on this one, by node type."""
    _MAKERS.update(kinds)


register({"print_intrinsic": _printed, "exit_statement": ended})
