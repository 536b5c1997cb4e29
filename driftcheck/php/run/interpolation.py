"""Texts with expressions in them, and the concatenation of values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Input, Parts, Unknown, Value
from driftcheck.core.sizes import TOO_LONG
from driftcheck.php import strings
from driftcheck.php.run.expressions import compiled, constant, refused, register
from driftcheck.php.run.objects import Instance
from driftcheck.php.run.variables import element_read, or_null
from driftcheck.php.values import LONGEST_STRING, NotEvaluated, decoded, encoded, to_str

if TYPE_CHECKING:
    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.run.expressions import Compiled
    from driftcheck.php.run.frames import Code, Frame


def interpolated(code: Code, node: Node) -> Compiled:
    """``"..."`` and heredoc: texts and expressions in turn."""
    try:
        pieces = strings.pieces(code.source, node)
    except NotEvaluated as error:
        return refused(str(error))
    made: list[str | Compiled] = [piece if isinstance(piece, str) else _piece(code, piece) for piece in pieces]
    if all(isinstance(piece, str) for piece in made):
        return constant(code.value(decoded(encoded("".join(made))), node))  # type: ignore[arg-type]

    def run(frame: Frame) -> Result:
        texts = [code.value(piece, node) if isinstance(piece, str) else piece(frame) for piece in made]
        return joined(frame, texts, code, node)

    return run


def _piece(code: Code, piece: strings.Piece) -> Compiled:
    if piece.kind == "expression" and piece.node is not None:
        return compiled(code, piece.node)
    if piece.kind == "name":
        return lambda frame: or_null(frame.get(piece.name))
    key = compiled(code, piece.node) if piece.node is not None else constant(Value(piece.key))

    def run(frame: Frame) -> Result:
        held, at = frame.get(piece.name), key(frame)
        if not isinstance(held, Value):
            return or_null(held)
        return at if isinstance(at, Unknown) else or_null(element_read(frame, held, at.data, code, piece.whole))

    return run


def joined(frame: Frame, operands: list[Result], code: Code, node: Node) -> Result:
    """The operands one after the other, as a string; inputs in them stay parts. Raises NotEvaluated for an object, an array, and a string that is too long."""
    pieces: list[str | Input] = []
    inputs = False
    for operand in operands:
        if isinstance(operand, Unknown):
            return operand
        data = operand.data
        if isinstance(data, (Input, Parts)):
            inputs = True
            pieces.extend(data.parts if isinstance(data, Parts) else (data,))
        elif isinstance(data, Instance):
            raise NotEvaluated("an object in a string")
        else:
            pieces.append(to_str(data))
    if inputs:
        return code.value(Parts.of(pieces), node)
    total = "".join(pieces)  # type: ignore[arg-type]
    frame.machine.spend(len(total) >> 6)
    if len(total) > LONGEST_STRING:
        raise NotEvaluated(TOO_LONG)
    return code.value(total if total.isascii() else decoded(encoded(total)), node)


register({"encapsed_string": interpolated, "heredoc": interpolated})
