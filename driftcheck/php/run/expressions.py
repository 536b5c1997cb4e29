"""Expressions as functions of a frame: each node is looked at once, however often it runs. The makers stand elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from driftcheck.core.model import MISSING, Input, Parts, Unknown, Value
from driftcheck.php.evaluator import Evaluator
from driftcheck.php.run.frames import Undecided
from driftcheck.php.run.objects import Instance, Perhaps
from driftcheck.php.syntax import children, field, text
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.run.frames import Code, Frame

_STATIC = {"string", "integer", "float", "boolean", "null", "nowdoc"}


Compiled: TypeAlias = "Callable[[Frame], Any]"
"""An expression as a function of the frame that it runs in; what it answers with is a result, or MISSING for a lookup."""
Maker: TypeAlias = "Callable[[Code, Node], Compiled]"
"""Makes such a function of a node."""
NULL = Value(None)


def compiled(code: Code, node: Node) -> Compiled:
    """An expression as a function that answers with its value."""
    made = code.compiled.get(node.id)
    if made is None:
        made = code.compiled[node.id] = _compile(code, node)
    return made


def _compile(code: Code, node: Node) -> Compiled:
    if node.type in _STATIC:
        return constant(Evaluator(code.file).eval(node))
    maker = _MAKERS.get(node.type)
    if maker is None or (node.has_error and node.type != "array_creation_expression"):
        what = (
            "a syntax error in an expression" if node.has_error else f"{node.type.replace('_', ' ')} is not evaluated"
        )
        return refused(what)
    return maker(code, node)


def constant(held: Result) -> Compiled:
    """An expression that is the same wherever it runs."""

    def run(_: Frame) -> Result:
        return held

    run.held = held  # type: ignore[attr-defined]
    return run


def refused(reason: str) -> Compiled:
    """An expression that cannot be run, and that may do anything."""

    def run(_: Frame) -> Result:
        raise Undecided(reason)

    return run


def truth(held: Result) -> bool | None:
    """PHP's truth of a value; None where it is not known. An input that is a text is taken for one that is not empty.

    Raises Undecided for an input that may not be there.
    """
    if held.__class__ is Unknown:
        return None
    data = held.data  # type: ignore[union-attr]
    if data.__class__ is bool:
        return data
    if data.__class__ is Perhaps:
        raise Undecided(f"it hangs on the input {data}, which may not be there")
    if isinstance(data, (Input, Parts)):
        return True
    if data.__class__ is str:
        return data not in ("", "0")
    return bool(data) if isinstance(data, (int, float, dict)) or data is None else True


def decided(held: Result) -> bool:
    """The truth of what decides the way. Raises Undecided where it is not known."""
    answer = truth(held)
    if answer is None:
        raise Undecided(held.reason)  # type: ignore[union-attr]
    return answer


def quiet(node: Node) -> bool:
    """Whether an expression surely writes nothing: what is not known of it can stay a hole."""
    pending = [node]
    while pending:
        current = pending.pop()
        if current.type in _LOUD:
            return False
        pending.extend(current.named_children)
    return True


_LOUD = {
    "assignment_expression", "augmented_assignment_expression", "reference_assignment_expression", "update_expression",
    "function_call_expression", "member_call_expression", "scoped_call_expression", "object_creation_expression",
    "nullsafe_member_call_expression", "include_expression", "include_once_expression", "require_expression",
    "require_once_expression", "exit_statement", "throw_expression", "print_intrinsic", "yield_expression",
    "shell_command_expression",
}  # fmt: skip


WORDS = ("and", "or", "xor")


def loosely(node: Node, signs: tuple[str, ...]) -> bool:
    """Whether an operand is an operation, without parentheses, that PHP does not take into the operand as the grammar does."""
    return node.type == "binary_expression" and text(field(node, "operator")).lower() in signs


def is_plain(node: Node) -> bool:
    """Whether an operand is a variable by a name that is written, which PHP reads only when both sides are there."""
    named = node.type == "dynamic_variable_name" and [part.type for part in children(node)] in (
        ["string"],
        ["encapsed_string"],
    )
    return node.type == "variable_name" or named


def known_data(held: Value) -> Any:  # noqa: ANN401 - data of PHP
    """The data of an operand. Raises NotEvaluated for an input, of which only the name is known, and for an object."""
    data = held.data
    if isinstance(data, (Input, Parts)):
        raise NotEvaluated(f"it hangs on the input {data}")
    if isinstance(data, Instance):
        raise NotEvaluated("an object as an operand")
    return data


def parenthesized(code: Code, node: Node) -> Compiled:
    """``( expression )``."""
    parts = children(node)
    return compiled(code, parts[0]) if len(parts) == 1 else refused("a syntax error in an expression")


def suppressed(code: Code, node: Node) -> Compiled:
    """``@expression``."""
    return compiled(code, children(node)[0])


def lookup(code: Code, node: Node) -> Compiled:
    """An expression where absence is an answer (isset, ??, empty): MISSING for what is not there."""
    maker = _LOOKUPS.get(node.type)
    return compiled(code, node) if maker is None else maker(code, node)


def reading(code: Code, node: Node) -> Compiled:
    """An expression where absence is null: MISSING for what is not there. Where PHP throws instead, it raises NotEvaluated."""
    maker = _READERS.get(node.type)
    return lookup(code, node) if maker is None else maker(code, node)


def valued(read: Compiled) -> Compiled:
    """What is read as a value: null where nothing is. An array is not changed in place from now on."""

    def run(frame: Frame) -> Result:
        held = read(frame)
        if held is MISSING:
            return NULL
        if held.__class__ is Value:
            frame.machine.escape(held.data)
        return held  # type: ignore[no-any-return]

    return run


def _parenthesized_lookup(code: Code, node: Node) -> Compiled:
    parts = children(node)
    return lookup(code, parts[0]) if len(parts) == 1 else compiled(code, node)


_MAKERS: dict[str, Maker] = {
    "parenthesized_expression": parenthesized,
    "error_suppression_expression": suppressed,
}
_LOOKUPS: dict[str, Maker] = {"parenthesized_expression": _parenthesized_lookup}
_READERS: dict[str, Maker] = {}


def register(
    kinds: dict[str, Maker], lookups: dict[str, Maker] | None = None, readers: dict[str, Maker] | None = None
) -> None:
    """Take in the makers of the modules that build on this one, by node type."""
    _MAKERS.update(kinds)
    _LOOKUPS.update(lookups or {})
    _READERS.update(readers or {})


def or_refused(make: Maker) -> Maker:
    """A maker whose refusal is the expression's, not that of the whole file."""

    def made(code: Code, node: Node) -> Compiled:
        try:
            return make(code, node)
        except NotEvaluated as error:
            return refused(str(error))

    return made
