"""The arguments of a call, as they are written and as they are worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import Unknown
from driftcheck.php.run.expressions import compiled
from driftcheck.php.run.targets import target
from driftcheck.php.syntax import children, field, text
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.run.frames import Code, Frame


class Argument:
    """One argument as it is written: its value, the place that it is if it is one, and whether it is spread or named."""

    __slots__ = ("name", "node", "place", "spread", "value")

    def __init__(self, code: Code, node: Node) -> None:
        parts = children(node)
        self.name = ""
        label = field(node, "name")
        if label is not None:
            self.name = text(label)
            parts = [part for part in parts if part.id != label.id]
        if node.type == "variadic_placeholder" or len(parts) != 1:
            raise NotEvaluated("a call in a form that is not modelled")
        self.node = parts[0]
        self.spread = self.node.type == "variadic_unpacking"
        if self.spread:
            self.node = children(self.node)[0]
        self.value = compiled(code, self.node)
        self.place = _place(code, self.node)


def _place(code: Code, node: Node) -> Any:  # noqa: ANN401 - a Target or None
    if node.type not in _PLACES:
        return None
    try:
        return target(code, node)
    except NotEvaluated:
        return None


_PLACES = {"variable_name", "dynamic_variable_name", "subscript_expression", "member_access_expression",
           "scoped_property_access_expression"}  # fmt: skip


def arguments(code: Code, node: Node | None) -> list[Argument]:
    """The arguments of a call. Raises NotEvaluated for forms that are not modelled."""
    return [] if node is None else [Argument(code, child) for child in children(node)]


def values(frame: Frame, given: list[Argument]) -> list[Result]:
    """The values of the arguments, in their order. Raises NotEvaluated for names, and for a spread that is not known or no list."""
    out: list[Result] = []
    for argument in given:
        held = argument.value(frame)
        if argument.name:
            raise NotEvaluated("arguments that are named")
        if not argument.spread:
            out.append(held)
        elif held.__class__ is Unknown:
            raise NotEvaluated(held.reason)
        elif not isinstance(held.data, dict) or any(isinstance(key, str) for key in held.data):
            raise NotEvaluated("a spread of something that is not a list")
        else:
            out.extend(frame.machine.turn.plain(item) for item in held.data.values())
    return out
