"""PHP's functions that need more than values: variables, callbacks, the program's state, or the world outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.php.run.callbacks import find_function
from driftcheck.php.run.library import callbacks, ends, inert, names, patterns, sorting, types
from driftcheck.php.run.library.arity import counted
from driftcheck.php.run.library.call import Call
from driftcheck.php.writes import BY_REFERENCE, BY_VALUE

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Result

__all__ = ["SPECIAL", "Call"]


_CONSTRUCTS = {"array", "die", "empty", "exit", "isset"}
"""What is called like a function and is none."""


def _function_exists(call: Call) -> Result:
    name = call.text(0).lower().lstrip("\\")
    listed = (name in BY_VALUE or name in BY_REFERENCE or name in SPECIAL) and name not in _CONSTRUCTS
    own = find_function(call.frame, name) is not None
    return names.there(call, listed or own or call.frame.machine.host.has_function(name))


_TABLES: dict[str, Callable[[Call], Result]] = {
    **names.TABLE, **callbacks.TABLE, **sorting.TABLE, **ends.TABLE, **patterns.TABLE, **types.TABLE, **inert.TABLE,
    "function_exists": _function_exists,
}  # fmt: skip
SPECIAL = {name: counted(name, function) for name, function in _TABLES.items()}
"""By the name of the function."""
