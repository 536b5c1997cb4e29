"""Functions that call others for each element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import Unknown, Value
from driftcheck.php.functions import FUNCTIONS
from driftcheck.php.run.arrays import copied
from driftcheck.php.run.callbacks import function_of
from driftcheck.php.run.expressions import NULL, decided
from driftcheck.php.run.worlds import Slot
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Result
    from driftcheck.php.run.library.call import Call


def _call_user_func(call: Call) -> Result:
    return call.call_back(call.values[0], call.values[1:])


def _call_user_func_array(call: Call) -> Result:
    return call.call_back(call.values[0], list(call.handed(1).values()))


def _called_with(call: Call, callee: Result, rows: dict[Any, Any]) -> dict[Any, Any]:
    """Elements for a callback. Raises NotEvaluated where there are none and it may be no function: PHP throws all the same."""
    if rows or isinstance(callee, Unknown):
        return rows
    if (
        not (isinstance(callee.data, str) and callee.data.lower() in FUNCTIONS)
        and function_of(call.frame, callee) is None
    ):
        raise NotEvaluated(f"{call.name}() with something that may be no function")
    return rows


def _array_map(call: Call) -> Result:
    callee = call.values[0]
    if len(call.values) != 2:
        raise NotEvaluated("array_map() over several arrays")
    if isinstance(callee, Value) and callee.data is None:
        _ = call.array(1)
        return call.values[1]
    rows = _called_with(call, callee, call.handed(1))
    return call.result({key: call.call_back(callee, [item]) for key, item in rows.items()})


def _array_filter(call: Call) -> Result:
    rows = call.elements(0)
    if len(call.values) < 2 or call.data(1) is None:
        return call.result({key: item for key, item in rows.items() if decided(item)})
    rows, mode = _called_with(call, call.values[1], rows), call.integer(2, 0)
    given: dict[Any, Callable[[Any, Any], list[Any]]] = {
        0: lambda _, item: [item],
        2: lambda key, _: [Value(key)],
        1: lambda key, item: [item, Value(key)],
    }
    if mode not in given:
        raise NotEvaluated("array_filter() in a mode that is not known")
    return call.result(
        {key: item for key, item in rows.items() if decided(call.call_back(call.values[1], given[mode](key, item)))}
    )


def _array_reduce(call: Call) -> Result:
    held = call.values[2] if len(call.values) > 2 else NULL
    for item in _called_with(call, call.values[1], call.handed(0)).values():
        held = call.call_back(call.values[1], [held, item])
    return held


def _array_walk(call: Call) -> Result:
    """Each element is handed over by reference."""
    place_of = call.target(0)
    frame = call.frame
    callee, extra = call.given[1].value(frame), [argument.value(frame) for argument in call.given[2:]]
    held = place_of.lookup(frame)
    if not isinstance(held, Value) or not isinstance(held.data, dict):
        raise NotEvaluated("array_walk() of something that is not an array")
    out = copied(frame.machine, held.data)
    for key in list(out):
        item = out[key]
        slot = item if item.__class__ is Slot else Slot(frame.machine.everyone)
        if slot is not item:
            frame.machine.turn.writes[slot] = item
        call.call_back(callee, [slot, Value(key), *extra])
        dict.__setitem__(out, key, item if slot is item else frame.machine.turn.through(slot))
    now = place_of.lookup(frame)
    if now is not held:
        raise NotEvaluated("array_walk() of an array that the callback changes otherwise")
    if any(out[key] is not held.data[key] for key in out):
        place_of.set(frame, held.with_data(out))
    return call.result(True)


def _is_callable(call: Call) -> Result:
    held = call.values[0]
    if len(call.values) > 1:
        raise NotEvaluated("is_callable() with more than a value")
    if isinstance(held, Unknown):
        return held
    if held.data is None or isinstance(held.data, (bool, int, float)) or held.data in ("", {}):
        return call.result(False)
    if function_of(call.frame, held) is not None:
        return call.result(True)
    raise NotEvaluated("is_callable() of something that is not known")


TABLE: dict[str, Callable[[Call], Result]] = {
    "call_user_func": _call_user_func,
    "call_user_func_array": _call_user_func_array,
    "array_map": _array_map,
    "array_filter": _array_filter,
    "array_reduce": _array_reduce,
    "array_walk": _array_walk,
    "is_callable": _is_callable,
}
"""By the name of the function."""
