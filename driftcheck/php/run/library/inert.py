"""Functions whose effect is outside the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Result
    from driftcheck.php.run.library.call import Call


def _outside(name: str) -> Callable[[Call], Result]:
    """A function whose effect and whose answer are outside the program."""

    def run(call: Call) -> Result:
        _ = call.values
        return call.code.unknown(call.node, f"what {name}() gives is not known")

    return run


def _nothing(answer: Any) -> Callable[[Call], Result]:  # noqa: ANN401 - data of PHP
    """A function whose effect is outside the program, and whose answer is always the same."""

    def run(call: Call) -> Result:
        _ = call.values
        return call.result(answer)

    return run


_CHANGING = (
    "error_reporting",
    "ini_set",
    "setlocale",
    "umask",
    "set_include_path",
    "mb_internal_encoding",
    "session_name",
    "error_log",
)
TABLE: dict[str, Callable[[Call], Result]] = {
    **{name: _outside(name) for name in _CHANGING},
    "set_time_limit": _nothing(True),
    "putenv": _nothing(True),
    "header": _nothing(None),
    "trigger_error": _nothing(True),
    "date_default_timezone_set": _nothing(True),
    "register_shutdown_function": _nothing(None),
    "spl_autoload_register": _nothing(True),
    "spl_autoload_unregister": _nothing(True),
    "chdir": _nothing(True),
    "assert": _nothing(True),
}
"""By the name of the function."""
