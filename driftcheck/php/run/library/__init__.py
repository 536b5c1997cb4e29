"""PHP's functions that need more than values: variables, callbacks, the program's state, or the world outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.php.functions import FUNCTIONS
from driftcheck.php.run.callbacks import find_function
from driftcheck.php.run.library import callbacks, ends, inert, names, patterns, sorting, types
from driftcheck.php.run.library.call import Call

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Result

__all__ = ["SPECIAL", "Call"]


def _function_exists(call: Call) -> Result:
    name = call.text(0).lower().lstrip("\\")
    machine = call.frame.machine
    own = find_function(call.frame, name) is not None
    return call.result(own or name in SPECIAL or name in FUNCTIONS or machine.host.function(name) is not None)


SPECIAL: dict[str, Callable[[Call], Result]] = {
    **names.TABLE, **callbacks.TABLE, **sorting.TABLE, **ends.TABLE, **patterns.TABLE, **types.TABLE, **inert.TABLE,
    "function_exists": _function_exists,
}  # fmt: skip
"""By the name of the function."""
