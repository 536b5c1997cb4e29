"""Functions of the program: their parameters, and how they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import Value
from driftcheck.php.run.arguments import values
from driftcheck.php.run.expressions import compiled
from driftcheck.php.run.frames import Frame
from driftcheck.php.run.statements import body_of
from driftcheck.php.run.typed import of_type, type_slot
from driftcheck.php.run.worlds import Slot
from driftcheck.php.syntax import children, field, text
from driftcheck.php.values import NotEvaluated
from driftcheck.php.writes import yields

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.run.arguments import Argument
    from driftcheck.php.run.expressions import Compiled
    from driftcheck.php.run.frames import Code
    from driftcheck.php.run.objects import ClassDeclaration, Function, Instance


class Parameter:
    """A parameter of a function: its name, default and type, and whether it takes a reference or all that is left."""

    __slots__ = ("by_reference", "default", "name", "promoted", "type", "variadic")

    def __init__(self, code: Code, node: Node) -> None:
        self.name = text(field(node, "name"))[1:]
        self.variadic = node.type == "variadic_parameter"
        self.promoted = node.type == "property_promotion_parameter"
        self.by_reference = field(node, "reference_modifier") is not None
        self.type = field(node, "type")
        default = field(node, "default_value")
        self.default: Compiled | None = None if default is None else compiled(code, default)


class Made:
    """A function as it runs: its parameters and its body."""

    __slots__ = ("body", "parameters", "returns")

    def __init__(self, function: Function) -> None:
        code, node = function.code, function.node
        nodes = children(field(node, "parameters") or node) if field(node, "parameters") is not None else []
        self.parameters = [Parameter(code, child) for child in nodes if child.type.endswith("parameter")]
        self.returns = field(node, "return_type")
        block = field(node, "body")
        if block is None:
            raise NotEvaluated(f"{function.name}() has no body")
        if function.arrow:
            self.body: Callable[[Frame], Result] = compiled(code, block)
        elif yields(block):
            raise NotEvaluated(f"{function.name}() is a generator")
        else:
            self.body = body_of(code, block)


def made(function: Function) -> Made:
    """A function, compiled at its first call."""
    if function.made is None:
        function.made = Made(function)
    return function.made  # type: ignore[no-any-return]


def passed(frame: Frame, function: Function, given: list[Argument]) -> list[Any]:
    """The arguments for a function of the program: slots for those that it takes by reference. Raises NotEvaluated for a reference to what is no variable."""
    wants = made(function).parameters
    if not any(parameter.by_reference for parameter in wants):
        return values(frame, given)
    out: list[Any] = []
    for number, argument in enumerate(given):
        parameter = wants[min(number, len(wants) - 1)]
        if argument.spread or argument.name:
            raise NotEvaluated("a spread or a name beside a reference")
        if parameter.by_reference and (number < len(wants) or parameter.variadic):
            if argument.place is None:
                raise NotEvaluated("a reference to something that is no variable")
            out.append(argument.place.own(frame))
        else:
            out.append(argument.value(frame))
    return out


def invoke(
    frame: Frame, function: Function, given: list[Any], this: Instance | None = None,
    within: ClassDeclaration | None = None, bound: dict[str, Any] | None = None,
) -> Result:  # fmt: skip
    """Call a function of the program with arguments that are worked out; slots are references.

    Raises NotEvaluated for a function that returns a reference.
    """
    machine = frame.machine
    if function.by_reference:
        raise NotEvaluated(f"{function.name}() returns a reference")
    machine.deeper()
    try:
        inner = Frame(machine, dict(bound or {}), this, within if within is not None else function.within)
        inner.args = given
        inner.statics = function.static_slots
        _bind(inner, function, given)
        held = made(function).body(inner)
        inner.leave()
        returns = made(function).returns
        return held if returns is None else of_type(held, returns, f"what {function.name}() returns")
    finally:
        machine.shallower()


def _bind(inner: Frame, function: Function, given: list[Any]) -> None:
    for number, parameter in enumerate(made(function).parameters):
        if parameter.variadic:
            if parameter.by_reference:
                raise NotEvaluated("a variadic parameter by reference")
            inner.variables[parameter.name] = Value(dict(enumerate(map(inner.machine.turn.plain, given[number:]))))
            return
        if number < len(given):
            held = given[number]
            if parameter.by_reference:
                if held.__class__ is not Slot:
                    slot = Slot(inner.machine.everyone)
                    inner.machine.turn.writes[slot] = held
                    held = slot
                held.bound += 1
                if parameter.type is not None:
                    type_slot(inner, held, parameter.type, f"the argument ${parameter.name} of {function.name}()")
            else:
                held = inner.machine.turn.plain(held)
                if parameter.type is not None:
                    held = of_type(held, parameter.type, f"the argument ${parameter.name} of {function.name}()")
        elif parameter.default is not None:
            held = parameter.default(inner)
        else:
            raise NotEvaluated(f"there is no argument for ${parameter.name}")
        inner.variables[parameter.name] = held
        if parameter.promoted and inner.this is not None:
            slot = inner.this.properties[parameter.name] = Slot(inner.machine.everyone, held)
            if parameter.type is not None:
                inner.machine.typed[slot] = parameter.type
