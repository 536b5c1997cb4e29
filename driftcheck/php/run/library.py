"""PHP's functions that need more than values: variables, callbacks, the program's state, or the world outside."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Unknown, Value
from driftcheck.php import patterns
from driftcheck.php.functions import FUNCTIONS
from driftcheck.php.run.arrays import PhpArray, copied, place
from driftcheck.php.run.expressions import NULL, decided, known_data, plain_array, truth
from driftcheck.php.run.frames import Undecided
from driftcheck.php.run.objects import Closure, Instance
from driftcheck.php.run.worlds import Slot
from driftcheck.php.values import NotEvaluated, array_key, compare, to_str

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.run.frames import Code, Frame


class Call:
    """A call that is being made: where, by whom, with which arguments, of which object."""

    __slots__ = ("_values", "code", "frame", "given", "name", "node", "this")

    def __init__(
        self, frame: Frame, code: Code, node: Node, name: str, given: list[Any], this: Instance | None = None
    ) -> None:
        self.frame, self.code, self.node, self.name, self.given, self.this = frame, code, node, name, given, this
        self._values: list[Result] | None = None

    @property
    def values(self) -> list[Result]:
        """The arguments, worked out once."""
        if self._values is None:
            from driftcheck.php.run.calls import values

            self._values = values(self.frame, self.given)
        return self._values

    def data(self, number: int, default: Any = None) -> Any:  # noqa: ANN401 - data of PHP
        """An argument's data. Raises Undecided where it is not known."""
        if number >= len(self.values):
            return default
        held = self.values[number]
        if isinstance(held, Unknown):
            raise Undecided(held.reason)
        return known_data(held) if not isinstance(held.data, (Instance, Closure)) else held.data

    def array(self, number: int) -> dict[Any, Any]:
        """An argument that is an array, without references."""
        data = self.data(number)
        if not isinstance(data, dict):
            raise NotEvaluated(f"{self.name}() of something that is not an array")
        self.frame.machine.spend(len(data))
        return plain_array(self.frame, data)

    def text(self, number: int, default: str = "") -> str:
        """An argument as text."""
        return default if number >= len(self.values) else to_str(self.data(number))

    def result(self, data: Any) -> Value:  # noqa: ANN401 - data of PHP
        """What the call gives."""
        return self.code.value(data, self.node)

    def target(self, number: int) -> Any:  # noqa: ANN401 - a Target
        """An argument as a place to write to."""
        place_of = self.given[number].place if number < len(self.given) else None
        if place_of is None:
            raise NotEvaluated(f"{self.name}() of something that is no variable")
        return place_of

    def call_back(self, callee: Result, given: list[Any]) -> Result:
        """Call a callback."""
        from driftcheck.php.run.calls import call_back

        self.frame.machine.spend(5)
        return call_back(self.frame, callee, given)


def _nothing(answer: Any) -> Callable[[Call], Result]:  # noqa: ANN401 - data of PHP
    """A function whose effect is outside the program, and whose answer is always the same."""

    def run(call: Call) -> Result:
        _ = call.values
        return call.result(answer)

    return run


# -- variables by name -----------------------------------------------------------------------------------------------


def _extract(call: Call) -> Result:
    if len(call.given) != 1:
        raise NotEvaluated("extract() with flags")
    found = call.data(0)
    if isinstance(found, Instance):
        return call.frame.machine.host.extracted(call, found)
    for key, item in call.array(0).items():
        if isinstance(key, str):
            call.frame.set(key, item)
    return call.result(len(call.array(0)))


def _compact(call: Call) -> Result:
    out: dict[Any, Any] = {}
    for number in range(len(call.values)):
        name = call.text(number)
        held = call.frame.get(name)
        if held is not MISSING:
            out[array_key(name)] = held
    return call.result(out)


def _func_get_args(call: Call) -> Result:
    through = call.frame.machine.turn.through
    return call.result({n: through(a) if a.__class__ is Slot else a for n, a in enumerate(call.frame.args)})


def _define(call: Call) -> Result:
    from driftcheck.php.run.statements import define

    define(call.frame, call.text(0), call.values[1])
    return call.result(True)


def _constant(call: Call) -> Result:
    from driftcheck.php.run.members import constant

    name = call.text(0)
    if "::" in name:
        owner, _, member = name.partition("::")
        declaration = call.frame.machine.classes.find(owner)
        held = None if declaration is None else declaration.constant(member)
    else:
        held = constant(call.frame, (name.lstrip("\\"),))
    if held is None:
        raise NotEvaluated(f"the constant {name} is not defined in what was read")
    return held


def _defined(call: Call) -> Result:
    from driftcheck.php.run.members import constant

    return call.result(constant(call.frame, (call.text(0).lstrip("\\"),)) is not None)


def _function_exists(call: Call) -> Result:
    from driftcheck.php.run.calls import find_function

    name = call.text(0).lower().lstrip("\\")
    machine = call.frame.machine
    own = find_function(call.frame, name) is not None
    return call.result(own or name in SPECIAL or name in FUNCTIONS or machine.host.function(name) is not None)


def _class_exists(call: Call) -> Result:
    name = call.text(0).lstrip("\\")
    found = call.frame.machine.classes.find(name) is not None or call.frame.machine.host.has_class(name)
    return call.result(found)


def _method_exists(call: Call) -> Result:
    owner = call.data(0)
    declaration = owner.declaration if isinstance(owner, Instance) else call.frame.machine.classes.find(to_str(owner))
    if declaration is None:
        return call.result(False)  # a class that is not loaded has no methods
    return call.result(declaration.method(call.text(1)) is not None)


# -- callbacks -------------------------------------------------------------------------------------------------------


def _call_user_func(call: Call) -> Result:
    return call.call_back(call.values[0], call.values[1:])


def _call_user_func_array(call: Call) -> Result:
    return call.call_back(call.values[0], list(call.array(1).values()))


def _array_map(call: Call) -> Result:
    callee = call.values[0]
    if len(call.values) != 2:
        raise NotEvaluated("array_map() over several arrays")
    if isinstance(callee, Value) and callee.data is None:
        return call.values[1]
    return call.result({key: call.call_back(callee, [item]) for key, item in call.array(1).items()})


def _array_filter(call: Call) -> Result:
    rows = call.array(0)
    if len(call.values) < 2 or call.data(1) is None:
        return call.result({key: item for key, item in rows.items() if decided(item)})
    mode = call.data(2, 0)
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
    for item in call.array(0).values():
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


def _compared_by(call: Call, callee: Result, left: Result, right: Result) -> int:
    held = call.call_back(callee, [left, right])
    if isinstance(held, Unknown):
        raise Undecided(held.reason)
    data = held.data
    if isinstance(data, bool):
        raise NotEvaluated("a comparison that answers with true or false")
    return int(data) if isinstance(data, (int, float)) else 0


def _user_sort(*, keep: bool, by_key: bool) -> Callable[[Call], Result]:
    def run(call: Call) -> Result:
        callee = call.given[1].value(call.frame)

        def order(a: tuple[Any, Any], b: tuple[Any, Any]) -> int:
            left, right = (Value(a[0]), Value(b[0])) if by_key else (a[1], b[1])
            return _compared_by(call, callee, left, right)

        return _sorted(call, order, keep=keep)

    return run


def _sorted(call: Call, order: Callable[[Any, Any], int], *, keep: bool, reverse: bool = False) -> Result:
    """Put an array into order, stable as PHP 8 does."""
    place_of = call.target(0)
    held = place_of.lookup(call.frame)
    if isinstance(held, Unknown):
        place_of.set(call.frame, held)
        return call.result(True)
    if held is MISSING or not isinstance(held.data, dict):
        raise NotEvaluated(f"{call.name}() of something that is not an array")
    rows = list(plain_array(call.frame, held.data).items())
    call.frame.machine.spend(len(rows) * 4)
    compare_rows = (lambda a, b: order(b, a)) if reverse else order
    rows.sort(key=functools.cmp_to_key(compare_rows))
    out = dict(rows) if keep else dict(enumerate(item for _, item in rows))
    if isinstance(held.data, PhpArray) and keep:
        out = PhpArray(out, held.data.following, held.data.base)
    place_of.set(call.frame, held.with_data(out))
    return call.result(True)


def _shuffle(call: Call) -> Result:
    """An array of several elements comes out in an order that nobody knows."""
    place_of = call.target(0)
    held = place_of.lookup(call.frame)
    if isinstance(held, Value) and isinstance(held.data, dict) and len(held.data) < 2:
        place_of.set(call.frame, held.with_data(dict(enumerate(held.data.values()))))
    else:
        place_of.set(call.frame, call.code.unknown(call.node, "shuffle() puts it into an order by chance"))
    return call.result(True)


def _plain_sort(*, keep: bool, by_key: bool, reverse: bool) -> Callable[[Call], Result]:
    def run(call: Call) -> Result:
        if len(call.given) > 1:
            raise NotEvaluated(f"{call.name}() with flags")

        def order(a: tuple[Any, Any], b: tuple[Any, Any]) -> int:
            if by_key:
                return compare(a[0], b[0])
            sides = [item if isinstance(item, Value) else None for item in (a[1], b[1])]
            if sides[0] is None or sides[1] is None:
                raise NotEvaluated("the order of elements that are not known")
            return compare(known_data(sides[0]), known_data(sides[1]))

        return _sorted(call, order, keep=keep, reverse=reverse)

    return run


# -- arrays that are changed -----------------------------------------------------------------------------------------


def _changed(call: Call, change: Callable[[PhpArray], tuple[PhpArray, Any]]) -> Result:
    """Change the array that the first argument is the place of; what the call gives."""
    place_of = call.target(0)
    keys = place_of.prepare(call.frame)
    held = place_of.lookup(call.frame)
    if isinstance(held, Unknown):
        return held
    if held is MISSING or not isinstance(held.data, dict):
        raise NotEvaluated(f"{call.name}() of something that is not an array")
    new, answer = change(copied(call.frame.machine, held.data))
    place_of.assign(call.frame, keys, held.with_data(new))
    return answer if isinstance(answer, (Value, Unknown)) else call.result(answer)


def _rest(call: Call) -> list[Result]:
    from driftcheck.php.run.calls import values

    return values(call.frame, call.given[1:])


def _array_push(call: Call) -> Result:
    def change(data: PhpArray) -> tuple[PhpArray, int]:
        for item in _rest(call):
            place(data, data.following, item)
        return data, len(data)

    return _changed(call, change)


def _renumbered(rows: list[tuple[Any, Any]], base: str) -> PhpArray:
    out = PhpArray(None, 0, base)
    for key, item in rows:
        place(out, out.following if isinstance(key, int) else key, item)
    return out


def _array_unshift(call: Call) -> Result:
    def change(data: PhpArray) -> tuple[PhpArray, int]:
        new = _renumbered([*((0, item) for item in _rest(call)), *data.items()], data.base)
        return new, len(new)

    return _changed(call, change)


def _array_shift(call: Call) -> Result:
    def change(data: PhpArray) -> tuple[PhpArray, Any]:
        rows = list(data.items())
        if not rows:
            return data, NULL
        return _renumbered(rows[1:], data.base), _through(call, rows[0][1])

    return _changed(call, change)


def _array_pop(call: Call) -> Result:
    def change(data: PhpArray) -> tuple[PhpArray, Any]:
        if not data:
            return data, NULL
        key = next(reversed(data))
        item = data.pop(key)
        numbers = [other for other in data if isinstance(other, int)]
        data.following = max(numbers, default=-1) + 1
        return data, _through(call, item)

    return _changed(call, change)


def _through(call: Call, item: Any) -> Any:  # noqa: ANN401 - a result
    return call.frame.machine.turn.through(item) if item.__class__ is Slot else item


def _end_of(last: bool) -> Callable[[Call], Result]:
    def run(call: Call) -> Result:
        rows = call.array(0)
        if not rows:
            return call.result(False)
        return rows[next(reversed(rows)) if last else next(iter(rows))]  # type: ignore[no-any-return]

    return run


def _merged(call: Call) -> Result:
    """``array_merge``: what the first array was put onto, the result is put onto."""
    from driftcheck.php.run.calls import built_in

    held = built_in(call.frame, call.name, call.values, call.code, call.node)
    first = call.values[0] if call.values else NULL
    if isinstance(held, Value) and isinstance(first, Value) and getattr(first.data, "base", ""):
        return held.with_data(PhpArray(held.data, None, first.data.base))  # type: ignore[union-attr, arg-type]
    return held


# -- patterns --------------------------------------------------------------------------------------------------------


def _preg_match(call: Call) -> Result:
    pattern, subject = call.given[0].value(call.frame), call.given[1].value(call.frame)
    if len(call.given) > 3:
        raise NotEvaluated("preg_match() with flags")
    for held in (pattern, subject):
        if isinstance(held, Unknown):
            return _captured(call, held, held)
    found = patterns.match(to_str(known_data(pattern)), to_str(known_data(subject)))
    groups = {} if found is None else {key: Value(item) for key, item in found.items()}
    return _captured(call, call.result(groups), call.result(int(found is not None)))


def _captured(call: Call, groups: Result, answer: Result) -> Result:
    if len(call.given) > 2:
        call.target(2).set(call.frame, groups)
    return answer


def _preg_replace(call: Call) -> Result:
    if len(call.given) != 3 or any(isinstance(call.data(n), dict) for n in range(3)):
        raise NotEvaluated("preg_replace() of arrays")
    return call.result(patterns.replace(call.text(0), call.text(1), call.text(2)))


def _preg_split(call: Call) -> Result:
    parts = patterns.split(call.text(0), call.text(1), call.data(2, -1), call.data(3, 0))
    return call.result({number: Value(part) for number, part in enumerate(parts)})


# -- types -----------------------------------------------------------------------------------------------------------


def _is(test: Callable[[Any], bool]) -> Callable[[Call], Result]:
    """A question about the type of a value, which inputs and objects have too."""

    def run(call: Call) -> Result:
        held = call.values[0]
        return held if isinstance(held, Unknown) else call.result(test(held.data))

    return run


def _boolval(call: Call) -> Result:
    answer = truth(call.values[0])
    return call.values[0] if answer is None else call.result(answer)


def _is_text(data: Any) -> bool:  # noqa: ANN401 - data of PHP
    return isinstance(data, str) or data.__class__.__name__ in ("Input", "Parts")


def _is_callable(call: Call) -> Result:
    from driftcheck.php.run.calls import _function_of

    held = call.values[0]
    if isinstance(held, Unknown):
        return held
    if held.data is None or isinstance(held.data, (bool, int, float)) or held.data in ("", {}):
        return call.result(False)
    if _function_of(call.frame, held) is not None:
        return call.result(True)
    raise NotEvaluated("is_callable() of something that is not known")


SPECIAL: dict[str, Callable[[Call], Result]] = {
    "extract": _extract,
    "compact": _compact,
    "func_get_args": _func_get_args,
    "define": _define,
    "constant": _constant,
    "defined": _defined,
    "function_exists": _function_exists,
    "class_exists": _class_exists,
    "method_exists": _method_exists,
    "call_user_func": _call_user_func,
    "call_user_func_array": _call_user_func_array,
    "array_map": _array_map,
    "array_filter": _array_filter,
    "array_reduce": _array_reduce,
    "array_walk": _array_walk,
    "usort": _user_sort(keep=False, by_key=False),
    "uasort": _user_sort(keep=True, by_key=False),
    "uksort": _user_sort(keep=True, by_key=True),
    "sort": _plain_sort(keep=False, by_key=False, reverse=False),
    "rsort": _plain_sort(keep=False, by_key=False, reverse=True),
    "asort": _plain_sort(keep=True, by_key=False, reverse=False),
    "arsort": _plain_sort(keep=True, by_key=False, reverse=True),
    "ksort": _plain_sort(keep=True, by_key=True, reverse=False),
    "krsort": _plain_sort(keep=True, by_key=True, reverse=True),
    "shuffle": _shuffle,
    "array_push": _array_push,
    "array_unshift": _array_unshift,
    "array_shift": _array_shift,
    "array_pop": _array_pop,
    "array_merge": _merged,
    "array_diff": _merged,
    "reset": _end_of(last=False),
    "current": _end_of(last=False),
    "end": _end_of(last=True),
    "preg_match": _preg_match,
    "preg_replace": _preg_replace,
    "preg_split": _preg_split,
    "boolval": _boolval,
    "is_callable": _is_callable,
    "is_object": _is(lambda data: isinstance(data, (Instance, Closure))),
    "is_string": _is(_is_text),
    "is_array": _is(lambda data: isinstance(data, dict)),
    "is_null": _is(lambda data: data is None),
    "is_bool": _is(lambda data: isinstance(data, bool)),
    "is_int": _is(lambda data: isinstance(data, int) and not isinstance(data, bool)),
    "is_scalar": _is(lambda data: isinstance(data, (str, int, float, bool)) or _is_text(data)),
    "error_reporting": _nothing(32767),
    "ini_set": _nothing(""),
    "set_time_limit": _nothing(True),
    "setlocale": _nothing("en_US.UTF-8"),
    "putenv": _nothing(True),
    "umask": _nothing(18),
    "header": _nothing(None),
    "trigger_error": _nothing(True),
    "error_log": _nothing(True),
    "set_include_path": _nothing(""),
    "mb_internal_encoding": _nothing(True),
    "date_default_timezone_set": _nothing(True),
    "register_shutdown_function": _nothing(None),
    "spl_autoload_register": _nothing(True),
    "spl_autoload_unregister": _nothing(True),
    "session_name": _nothing("PHPSESSID"),
    "chdir": _nothing(True),
    "assert": _nothing(True),
}
