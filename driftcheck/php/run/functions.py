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
    from driftcheck.php.run.objects import Closure, Function
    from driftcheck.php.run.worlds import Turn


class Parameter:
    """A parameter of a function: its name, default and type, and whether it takes a reference or all that is left."""

    __slots__ = ("_nothing", "by_reference", "default", "name", "promoted", "type", "variadic")

    def __init__(self, code: Code, node: Node) -> None:
        self.name = text(field(node, "name"))[1:]
        self.variadic = node.type == "variadic_parameter"
        self.promoted = node.type == "property_promotion_parameter"
        self.by_reference = field(node, "reference_modifier") is not None
        self.type = field(node, "type")
        default = field(node, "default_value")
        self.default: Compiled | None = None if default is None else compiled(code, default)
        self._nothing = default is not None and text(default).lower() == "null"

    def takes(self, held: Any) -> bool:  # noqa: ANN401 - a content
        """Whether a value is taken as it is: there is no type, or it is the null that is the default."""
        return self.type is None or (self._nothing and held.__class__ is Value and held.data is None)


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
    turn, out = frame.machine.turn, list[Any]()
    try:
        for number, argument in enumerate(given):
            parameter = wants[min(number, len(wants) - 1)]
            if argument.spread or argument.name:
                raise NotEvaluated("a spread or a name beside a reference")
            if parameter.by_reference and (number < len(wants) or parameter.variadic):
                if argument.place is None:
                    raise NotEvaluated("a reference to something that is no variable")
                out.append(argument.place.own(frame))
                turn.hold(out[-1], names=1)  # while the others are worked out, which may copy the array that it is in
            else:
                out.append(argument.value(frame))
    finally:
        for held in out:
            if held.__class__ is Slot:
                turn.hold(held, names=-1)
    return out


def invoke(frame: Frame, called: Closure, given: list[Any]) -> Result:
    """Call a function of the program with arguments that are worked out; slots are references.

    Raises NotEvaluated for a function that returns a reference.
    """
    machine, function = frame.machine, called.function
    assert function is not None
    if function.by_reference:
        raise NotEvaluated(f"{function.name}() returns a reference")
    machine.deeper()
    try:
        scope = function.within if called.scope is None else called.scope
        within = scope if called.within is None else called.within
        inner = Frame(machine, _captured(machine.turn, called), called.this, within, scope)
        inner.args, inner.statics = given, called.statics
        try:
            _bind(inner, function, given)
            held = made(function).body(inner)
        finally:
            inner.leave()
        returns = made(function).returns
        return (
            held
            if returns is None
            else of_type(held, returns, f"what {function.name}() returns", strict=machine.strict)
        )
    finally:
        machine.shallower()


def _captured(turn: Turn, called: Closure) -> dict[str, Any]:
    """What a closure took along, for one call of it."""
    for held in called.bound.values():
        if held.__class__ is Slot:
            turn.hold(held, names=1)
    return dict(called.bound)


def _bind(inner: Frame, function: Function, given: list[Any]) -> None:
    for number, parameter in enumerate(made(function).parameters):
        if parameter.variadic:
            inner.variables[parameter.name] = _rest(inner, function, parameter, given[number:])
            return
        if number < len(given):
            held = _argument(inner, function, parameter, given[number])
        elif parameter.default is not None:
            held = _default(inner, function, parameter)
        else:
            raise NotEvaluated(f"there is no argument for ${parameter.name}")
        inner.variables[parameter.name] = held
        if parameter.promoted and inner.this is not None:
            _promote(inner, parameter, held)


def _rest(inner: Frame, function: Function, parameter: Parameter, given: list[Any]) -> Value:
    if parameter.by_reference:
        raise NotEvaluated("a variadic parameter by reference")
    return Value({number: _argument(inner, function, parameter, held) for number, held in enumerate(given)})


def _argument(inner: Frame, function: Function, parameter: Parameter, held: Any) -> Any:  # noqa: ANN401 - a content
    """What a parameter gets: by value its content, by reference a slot."""
    what = f"the argument ${parameter.name} of {function.name}()"
    if not parameter.by_reference:
        held = inner.machine.turn.plain(held)
        if parameter.takes(held):
            return held
        return of_type(held, parameter.type, what, strict=inner.machine.strict)  # type: ignore[arg-type]
    if held.__class__ is not Slot:
        slot = Slot(inner.machine.everyone)
        inner.machine.turn.writes[slot] = held
        held = slot
    else:
        inner.machine.turn.hold(held, names=1)
    if parameter.type is not None:
        type_slot(inner, held, parameter.type, what)
    return held


def _default(inner: Frame, function: Function, parameter: Parameter) -> Result:
    assert parameter.default is not None
    held: Result = parameter.default(inner)
    if parameter.takes(held):
        return held
    what = f"the default of ${parameter.name} of {function.name}()"
    return of_type(held, parameter.type, what, strict=inner.machine.strict)  # type: ignore[arg-type]


def _promote(inner: Frame, parameter: Parameter, held: Any) -> None:  # noqa: ANN401 - a content
    """A parameter of a constructor that is a property too; one by reference ClassDeclaration has refused."""
    assert inner.this is not None
    assert inner.scope is not None
    inner.machine.turn.writes[inner.this.properties[inner.scope.key(parameter.name)]] = held
