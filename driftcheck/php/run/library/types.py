"""Questions about the type of a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import Input, Parts, Unknown, Value
from driftcheck.php.run.expressions import truth
from driftcheck.php.run.frames import Undecided
from driftcheck.php.run.objects import Closure, Instance, Perhaps

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Result
    from driftcheck.php.run.library.call import Call


def _is(test: Callable[[Any], bool]) -> Callable[[Call], Result]:
    """A question about the type of a value, which inputs and objects have too."""

    def run(call: Call) -> Result:
        held = call.values[0]
        if isinstance(held, Value) and held.data.__class__ is Perhaps:
            raise Undecided(f"it hangs on the input {held.data}, which may not be there")
        return held if isinstance(held, Unknown) else call.result(test(held.data))

    return run


def _boolval(call: Call) -> Result:
    held = call.values[0]
    answer = truth(held)
    return held if answer is None else call.result(answer)


def _is_text(data: Any) -> bool:  # noqa: ANN401 - data of PHP
    return isinstance(data, (str, Input, Parts))


TABLE: dict[str, Callable[[Call], Result]] = {
    "boolval": _boolval,
    "is_object": _is(lambda data: isinstance(data, (Instance, Closure))),
    "is_string": _is(_is_text),
    "is_array": _is(lambda data: isinstance(data, dict)),
    "is_null": _is(lambda data: data is None),
    "is_bool": _is(lambda data: isinstance(data, bool)),
    "is_int": _is(lambda data: isinstance(data, int) and not isinstance(data, bool)),
    "is_scalar": _is(lambda data: isinstance(data, (str, int, float, bool)) or _is_text(data)),
}
"""By the name of the function."""
