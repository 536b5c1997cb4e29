"""Functions that go by names: of variables, constants, functions and classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Unknown
from driftcheck.php.run.declarations import define
from driftcheck.php.run.machine import DECLARED
from driftcheck.php.run.members import constant_value
from driftcheck.php.run.objects import Instance
from driftcheck.php.values import NotEvaluated, array_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Result
    from driftcheck.php.run.library.call import Call


def _extract(call: Call) -> Result:
    if len(call.given) != 1:
        raise NotEvaluated("extract() with flags")
    found = call.data(0)
    if isinstance(found, Instance):
        return call.frame.machine.host.extracted(call, found)
    for key, item in call.handed(0).items():
        if isinstance(key, str):
            call.frame.set(key, item)
    return call.result(len(call.array(0)))


def _compact(call: Call) -> Result:
    out: dict[Any, Any] = {}
    for number in range(len(call.values)):
        name = call.data(number)
        if not isinstance(name, str):
            raise NotEvaluated("compact() of something that is no name")
        held = call.frame.take(name)
        if isinstance(held, Unknown):
            return held  # whether it is set at all is not known
        if held is not MISSING:
            out[array_key(name)] = held
    return call.result(out)


def _func_get_args(call: Call) -> Result:
    plain = call.frame.machine.turn.plain
    return call.result({n: plain(a) for n, a in enumerate(call.frame.args)})


def _define(call: Call) -> Result:
    define(call.frame, call.text(0), call.values[1])
    return call.result(True)


def _constant(call: Call) -> Result:
    name = call.text(0)
    if "::" in name:
        owner, _, member = name.partition("::")
        declaration = call.frame.machine.classes.find(owner)
        held = None if declaration is None else declaration.constant(member)
    else:
        held = constant_value(call.frame, (name.lstrip("\\"),))
    if held is None:
        raise NotEvaluated(f"the constant {name} is not defined in what was read")
    return held


def _defined(call: Call) -> Result:
    found = constant_value(call.frame, (call.text(0).lstrip("\\"),)) is not None
    return there(call, found)


def there(call: Call, found: bool) -> Result:
    """Whether something is declared. Raises Undecided where code that is not followed may have declared it."""
    if not found:
        call.frame.machine.doubt(DECLARED)
    return call.result(found)


def _class_exists(call: Call) -> Result:
    if len(call.values) > 1 and isinstance(call.data(1), dict):
        raise NotEvaluated("class_exists() with an array")
    name = call.text(0).lstrip("\\")
    return there(call, call.frame.machine.classes.find(name) is not None or call.frame.machine.host.has_class(name))


def _method_exists(call: Call) -> Result:
    owner = call.data(0)
    if not isinstance(owner, (str, Instance)):
        raise NotEvaluated("method_exists() of something that is no object and no name")
    declaration = owner.declaration if isinstance(owner, Instance) else call.frame.machine.classes.find(owner)
    if declaration is None:
        return there(call, False)  # a class that is not loaded has no methods
    return call.result(declaration.method(call.text(1)) is not None)


TABLE: dict[str, Callable[[Call], Result]] = {
    "extract": _extract,
    "compact": _compact,
    "func_get_args": _func_get_args,
    "define": _define,
    "constant": _constant,
    "defined": _defined,
    "class_exists": _class_exists,
    "method_exists": _method_exists,
}
"""By the name of the function."""
