"""What a name or a value calls: functions of the program, of PHP, methods and closures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Input, Unknown, Value
from driftcheck.php.functions import FUNCTIONS
from driftcheck.php.run.access import method_of, seen_method
from driftcheck.php.run.arguments import values
from driftcheck.php.run.arrays import FRESH, UNSURE, PhpArray, is_gapped, plain_array, shares
from driftcheck.php.run.expressions import known_data
from driftcheck.php.run.frames import Undecided
from driftcheck.php.run.functions import invoke, passed
from driftcheck.php.run.objects import Closure, Instance
from driftcheck.php.values import NotEvaluated, to_str

if TYPE_CHECKING:
    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.run.arguments import Argument
    from driftcheck.php.run.frames import Code, Frame
    from driftcheck.php.run.objects import Function
    from driftcheck.php.run.worlds import Turn


def find_function(frame: Frame, name: str) -> Function | None:
    """A function that the program has declared. Raises Undecided where that is not known."""
    slot = frame.machine.functions.get(name)
    if slot is None:
        return None
    held = frame.machine.turn.read(slot)
    if held.__class__ is Unknown:
        raise Undecided(held.reason)
    return None if held is MISSING else held.data  # type: ignore[union-attr, return-value]


def built_in(frame: Frame, name: str, results: list[Result], code: Code, node: Node) -> Result:
    """A function of PHP that looks at values alone. Raises NotEvaluated for arguments that it does not take."""
    data: list[Any] = []
    gapped = False
    if name in _FINDING and any(isinstance(held, Value) and _from_outside(held.data) for held in results[:1]):
        return code.value(False, node)
    for held in results:
        if isinstance(held, Unknown):
            return held
        item = known_data(held)
        frame.machine.look_at(item)
        if isinstance(item, dict):
            gapped = gapped or (name not in FRESH and is_gapped(item))
            item = plain_array(frame.machine, item)
        data.append(item)
    if frame.machine.strict and not FUNCTIONS[name].takes(data):
        raise NotEvaluated(f"the arguments of {name}() may be converted")
    try:
        answer = FUNCTIONS[name](*data)
    except TypeError:
        raise NotEvaluated(f"the arguments of {name}() are not evaluated") from None
    if isinstance(answer, dict) and frame.machine.references and name not in ("array_keys", "array_flip"):
        refuse_shared(frame.machine.turn, name, results)
    frame.machine.spend(len(answer) if isinstance(answer, dict) else 1)
    return code.value(PhpArray(answer, UNSURE) if gapped and isinstance(answer, dict) else answer, node)


def refuse_shared(turn: Turn, name: str, results: list[Result]) -> None:
    """Raises NotEvaluated for an array with references in it, of a function that hands its elements on: they would stay references."""
    if any(isinstance(held, Value) and isinstance(held.data, dict) and shares(turn, held.data) for held in results):
        raise NotEvaluated(f"{name}() of an array with references in it")


_FINDING = {"strpos", "stripos", "strrpos", "str_contains", "str_starts_with", "str_ends_with"}


def _from_outside(data: Any) -> bool:  # noqa: ANN401 - data of PHP
    """Whether a text is one of the surroundings of which it is assumed that nothing that is looked for is in it."""
    return isinstance(data, Input) and data.name.startswith("env:")


def call_value(frame: Frame, callee: Result, given: list[Argument]) -> Result:
    """``$callee( ... )``. Raises Undecided where what is called is not known."""
    if isinstance(callee, Unknown):
        raise Undecided(callee.reason)
    function = function_of(frame, callee)
    if function is not None and function.function is not None:
        return invoke(frame, function, passed(frame, function.function, given))
    return call_back(frame, callee, values(frame, given))


def function_of(frame: Frame, callee: Value) -> Closure | None:
    """The function of the program that a value calls: a closure, a name, or an object and a method; None for others."""
    data: Any = callee.data
    if isinstance(data, Closure):
        return data
    if isinstance(data, str):
        if "::" in data:
            class_name, _, method = data.partition("::")
            return _static_method(frame, class_name, method)
        found = find_function(frame, data.lower().lstrip("\\"))
        return None if found is None else Closure(found)
    if isinstance(data, dict) and len(data) == 2 and 0 in data and 1 in data:
        owner, method = (plain_array(frame.machine, data)[key] for key in (0, 1))
        if isinstance(owner, Value) and isinstance(method, Value):
            holder: Any = owner.data
            if isinstance(holder, Instance) and holder.declaration is not None:
                found = method_of(holder.declaration, to_str(method.data), frame.scope)
                this = None if found is None or found.static else holder
                return None if found is None else Closure(found, this=this, within=holder.declaration)
            if isinstance(holder, str):
                return _static_method(frame, holder, to_str(method.data))
    return None


def _static_method(frame: Frame, class_name: str, method: str) -> Closure | None:
    declaration = frame.machine.classes.find(class_name)
    found = None if declaration is None else seen_method(declaration, method, frame.scope)
    if found is not None and not found.static:
        raise NotEvaluated(f"{class_name}::{method}() is called without an object")
    return None if found is None else Closure(found, within=declaration)


def call_back(frame: Frame, callee: Result, given: list[Any]) -> Result:
    """Call what a value names, with arguments that are worked out. Raises Undecided where that is not known."""
    if isinstance(callee, Unknown):
        raise Undecided(callee.reason)
    closure = function_of(frame, callee)
    if closure is not None and closure.function is not None:
        return invoke(frame, closure, given)
    name = callee.data.lower().lstrip("\\") if isinstance(callee.data, str) else ""
    if name in FUNCTIONS:
        plain = [frame.machine.turn.plain(item) for item in given]
        return built_in(frame, name, plain, frame.machine.host.code, frame.machine.host.node)
    raise Undecided("what is called is not known")
