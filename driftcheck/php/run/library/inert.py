"""Functions whose effect is outside the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Result
    from driftcheck.php.run.library.call import Call


def _nothing(answer: Any) -> Callable[[Call], Result]:  # noqa: ANN401 - data of PHP
    """A function whose effect is outside the program, and whose answer is always the same."""

    def run(call: Call) -> Result:
        _ = call.values
        return call.result(answer)

    return run


def _outside(call: Call) -> Result:
    """A function whose answer too comes from outside."""
    _ = call.values
    return call.frame.machine.host.answer(call)


TABLE: dict[str, Callable[[Call], Result]] = {
    **dict.fromkeys(
        (
            "chdir",
            "error_reporting",
            "ini_set",
            "putenv",
            "session_name",
            "set_include_path",
            "set_time_limit",
            "setlocale",
            "umask",
        ),
        _outside,
    ),
    "header": _nothing(None),
    "trigger_error": _nothing(True),
    "error_log": _nothing(True),
    "ignore_user_abort": _nothing(0),
    "mb_internal_encoding": _nothing(True),
    "date_default_timezone_set": _nothing(True),
    "register_shutdown_function": _nothing(None),
    "spl_autoload_register": _nothing(True),
    "spl_autoload_unregister": _nothing(True),
    "assert": _nothing(True),
}
"""By the name of the function."""
