"""Calls: functions, methods and closures of the program, PHP's own, and those of the surroundings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Input, Unknown, Value
from driftcheck.php.functions import FUNCTIONS
from driftcheck.php.run import expressions, library
from driftcheck.php.run.expressions import NULL, compiled, known_data, lookup, refused, truth
from driftcheck.php.run.frames import Frame, Undecided
from driftcheck.php.run.objects import Closure, Function, Instance
from driftcheck.php.run.targets import target
from driftcheck.php.run.worlds import Slot
from driftcheck.php.syntax import children, field, text
from driftcheck.php.types import converted
from driftcheck.php.values import NotEvaluated, to_str
from driftcheck.php.writes import yields

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.run.expressions import Compiled
    from driftcheck.php.run.frames import Code
    from driftcheck.php.run.objects import ClassDeclaration

_NAMED = ("name", "qualified_name", "relative_name")


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
    """The values of the arguments, in their order."""
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
            out.extend(
                frame.machine.turn.through(item) if item.__class__ is Slot else item for item in held.data.values()
            )
    return out


# -- functions of the program ----------------------------------------------------------------------------------------


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
        from driftcheck.php.run.statements import body_of

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


def by_reference(function: Function) -> list[bool]:
    """Which of a function's parameters take a reference."""
    return [parameter.by_reference for parameter in made(function).parameters]


def passed(frame: Frame, function: Function, given: list[Argument]) -> list[Any]:
    """The arguments for a function of the program: slots for those that it takes by reference."""
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
    """Call a function of the program with arguments that are worked out; slots are references."""
    machine = frame.machine
    machine.deeper()
    try:
        inner = Frame(machine, dict(bound or {}), this, within if within is not None else function.within)
        inner.args = given
        inner.statics = function.static_slots
        _bind(inner, function, given)
        held = made(function).body(inner)
        inner.leave()
        returns = made(function).returns
        return held if returns is None else _typed(held, returns, function, f"what {function.name}() returns")
    finally:
        machine.shallower()


def _bind(inner: Frame, function: Function, given: list[Any]) -> None:
    for number, parameter in enumerate(made(function).parameters):
        if parameter.variadic:
            if parameter.by_reference:
                raise NotEvaluated("a variadic parameter by reference")
            inner.variables[parameter.name] = Value(dict(enumerate(map(_by_value(inner), given[number:]))))
            return
        if number < len(given):
            held = given[number]
            if parameter.by_reference:
                if held.__class__ is not Slot:
                    slot = Slot(inner.machine.everyone)
                    inner.machine.turn.writes[slot] = held
                    held = slot
                held.bound += 1
            else:
                held = _by_value(inner)(held)
                if parameter.type is not None:
                    held = _typed(
                        held, parameter.type, function, f"the argument ${parameter.name} of {function.name}()"
                    )
        elif parameter.default is not None:
            held = parameter.default(inner)
        else:
            raise NotEvaluated(f"there is no argument for ${parameter.name}")
        inner.variables[parameter.name] = held
        if parameter.promoted and inner.this is not None:
            inner.this.properties[parameter.name] = Slot(inner.machine.everyone, held)


def _by_value(frame: Frame) -> Callable[[Any], Any]:
    return lambda held: frame.machine.turn.through(held) if held.__class__ is Slot else held


def _typed(held: Result, declared: Node, function: Function, what: str) -> Result:
    """A value where a type is declared: as it is, or converted as PHP does without strict types."""
    if isinstance(held, Unknown):
        return held
    data = held.data
    if isinstance(data, (Instance, Closure)) or data.__class__.__name__ in ("Input", "Parts"):
        return held
    name = text(declared).lower()
    if name in ("void", "static", "self"):
        return held
    if any(part.strip("?") not in _TYPE_NAMES for part in name.replace(" ", "").split("|")):
        if data is None and ("null" in name or name.startswith("?")):
            return held
        if "callable" in name or "iterable" in name or "object" in name:
            return held
        if not any(part in name for part in _TYPE_NAMES):
            raise NotEvaluated(f"{what} is not of its type")
    try:
        new = converted(data, name)
    except NotEvaluated:
        raise NotEvaluated(f"{what} is not of its type") from None
    return held if new is data else Value(new, held.source, held.where, held.steps)


_TYPE_NAMES = {"array", "iterable", "bool", "float", "int", "null", "string", "mixed", "false", "true"}


# -- what is called --------------------------------------------------------------------------------------------------


def call(code: Code, node: Node) -> Compiled:
    """``name( ... )`` and ``$callable( ... )``."""
    function, given_node = field(node, "function"), field(node, "arguments")
    if function is None or given_node is None:
        return refused("a syntax error in an expression")
    name = text(function).lower()
    if function.type in _NAMED and name in _CONSTRUCTS:
        return _CONSTRUCTS[name](code, node, given_node)
    try:
        given = arguments(code, given_node)
    except NotEvaluated as error:
        return refused(str(error))
    if function.type not in _NAMED:
        callee = compiled(code, function)
        return lambda frame: _call_value(frame, callee(frame), given)
    candidates = code.names.functions(text(function))
    return _named_call(code, node, candidates, given)


def _named_call(code: Code, node: Node, candidates: tuple[str, ...], given: list[Argument]) -> Compiled:
    def run(frame: Frame) -> Result:
        machine = frame.machine
        for name in candidates:
            function = find_function(frame, name)
            if function is not None:
                return invoke(frame, function, passed(frame, function, given))
            special = library.SPECIAL.get(name)
            if special is not None:
                return special(library.Call(frame, code, node, name, given))  # type: ignore[no-any-return]
            if name in FUNCTIONS:
                return built_in(frame, name, values(frame, given), code, node)
            native = machine.host.function(name)
            if native is not None:
                return native(library.Call(frame, code, node, name, given))
        raise Undecided(f"the call {candidates[-1]}() is not evaluated")

    return run


def find_function(frame: Frame, name: str) -> Function | None:
    """A function that the program has declared."""
    slot = frame.machine.functions.get(name)
    if slot is None:
        return None
    held = frame.machine.turn.read(slot)
    if held.__class__ is Unknown:
        raise Undecided(held.reason)  # type: ignore[union-attr]
    return None if held is MISSING else held.data  # type: ignore[union-attr, return-value]


def built_in(frame: Frame, name: str, results: list[Result], code: Code, node: Node) -> Result:
    """A function of PHP that looks at values alone."""
    data = []
    if name in _FINDING and any(isinstance(held, Value) and _from_outside(held.data) for held in results[:1]):
        return code.value(False, node)
    for held in results:
        if isinstance(held, Unknown):
            return held
        item = known_data(held)
        data.append(expressions.plain_array(frame, item) if isinstance(item, dict) else item)
    try:
        answer = FUNCTIONS[name](*data)
    except TypeError:
        raise NotEvaluated(f"the arguments of {name}() are not evaluated") from None
    frame.machine.spend(len(answer) if isinstance(answer, dict) else 1)
    return code.value(answer, node)


_FINDING = {"strpos", "stripos", "strrpos", "str_contains", "str_starts_with", "str_ends_with"}


def _from_outside(data: Any) -> bool:  # noqa: ANN401 - data of PHP
    """Whether a text is one of the surroundings of which it is assumed that nothing that is looked for is in it."""
    return isinstance(data, Input) and data.name.startswith("env:")


def _call_value(frame: Frame, callee: Result, given: list[Argument]) -> Result:
    if isinstance(callee, Unknown):
        raise Undecided(callee.reason)
    function = _function_of(frame, callee)
    if function is not None and function.function is not None:
        return invoke(
            frame, function.function, passed(frame, function.function, given), function.this, function.within,
            captured(function),
        )  # fmt: skip
    return call_back(frame, callee, values(frame, given))


def captured(closure: Closure) -> dict[str, Any]:
    """What a closure took along, for one call of it."""
    for held in closure.bound.values():
        if held.__class__ is Slot:
            held.bound += 1  # type: ignore[union-attr]
    return dict(closure.bound)


def _function_of(frame: Frame, callee: Value) -> Closure | None:
    data = callee.data
    if isinstance(data, Closure):
        return data
    if isinstance(data, str):
        if "::" in data:
            class_name, _, method = data.partition("::")
            return _static_method(frame, class_name, method)
        found = find_function(frame, data.lower().lstrip("\\"))
        return None if found is None else Closure(found)
    if isinstance(data, dict) and len(data) == 2 and 0 in data and 1 in data:
        owner, method = (expressions.plain_array(frame, data)[key] for key in (0, 1))
        if isinstance(owner, Value) and isinstance(method, Value):
            if isinstance(owner.data, Instance) and owner.data.declaration is not None:
                found = owner.data.declaration.method(to_str(method.data))
                return None if found is None else Closure(found, this=owner.data, within=owner.data.declaration)
            if isinstance(owner.data, str):
                return _static_method(frame, owner.data, to_str(method.data))
    return None


def _static_method(frame: Frame, class_name: str, method: str) -> Closure | None:
    declaration = frame.machine.classes.find(class_name)
    found = None if declaration is None else declaration.method(method)
    return None if found is None else Closure(found, within=declaration)


def call_back(frame: Frame, callee: Result, given: list[Any]) -> Result:
    """Call what a value names, with arguments that are worked out. Raises Undecided where that is not known."""
    if isinstance(callee, Unknown):
        raise Undecided(callee.reason)
    closure = _function_of(frame, callee)
    if closure is not None and closure.function is not None:
        return invoke(frame, closure.function, given, closure.this, closure.within, captured(closure))
    name = callee.data.lower().lstrip("\\") if isinstance(callee.data, str) else ""
    if name in FUNCTIONS:
        plain = [frame.machine.turn.through(item) if item.__class__ is Slot else item for item in given]
        return built_in(frame, name, plain, frame.machine.host.code, frame.machine.host.node)
    raise Undecided("what is called is not known")


def closure(code: Code, node: Node) -> Compiled:
    """``function () use ( ... ) { ... }`` and ``fn () => ...``."""
    inner = code.within(code.class_name, "{closure}")
    function = Function(inner, node, "{closure}")
    static = any(child.type == "static_modifier" for child in node.children)
    uses = next((child for child in children(node) if child.type == "anonymous_function_use_clause"), None)
    names = [(text(child if child.type == "variable_name" else children(child)[0])[1:], child.type == "by_ref")
             for child in (children(uses) if uses is not None else [])]  # fmt: skip

    def run(frame: Frame) -> Result:
        if function.arrow:
            bound = {name: frame.raw(name) for name in _free(function.node)}
            taken = {name: _by_value(frame)(held) for name, held in bound.items() if held is not MISSING}
        else:
            taken = {}
            for name, shared in names:
                held = frame.slot(name) if shared else frame.get(name)
                taken[name] = NULL if held is MISSING else held
        return code.value(Closure(function, taken, None if static else frame.this, frame.within), node)

    return run


def _free(node: Node) -> set[str]:
    """The variables that stand in an arrow function."""
    found, pending = set(), [node]
    while pending:
        current = pending.pop()
        if current.type == "variable_name":
            found.add(text(current)[1:])
        pending.extend(current.named_children)
    return found - {"this"}


# -- what looks like a call ------------------------------------------------------------------------------------------


def _isset(code: Code, node: Node, given: Node) -> Compiled:
    looks = [lookup(code, children(argument)[0]) for argument in children(given)]

    def run(frame: Frame) -> Result:
        hole: Unknown | None = None
        for look in looks:
            held = look(frame)
            if held.__class__ is Unknown:
                hole = hole or held
            elif held is MISSING or held.data is None:
                return code.value(False, node)
        return code.value(True, node) if hole is None else hole

    return run


def _empty(code: Code, node: Node, given: Node) -> Compiled:
    look = lookup(code, children(children(given)[0])[0])

    def run(frame: Frame) -> Result:
        held = look(frame)
        answer = False if held is MISSING else truth(held)
        return held if answer is None else code.value(not answer, node)  # type: ignore[no-any-return]

    return run


_CONSTRUCTS: dict[str, Callable[[Code, Node, Node], Compiled]] = {"isset": _isset, "empty": _empty}

expressions.register({
    "function_call_expression": call, "anonymous_function": closure, "arrow_function": closure,
    "anonymous_function_creation_expression": closure,
})  # fmt: skip
