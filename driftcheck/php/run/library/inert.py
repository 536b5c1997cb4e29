"""Functions whose effect is outside the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Result
    from driftcheck.php.run.library.call import Call

_NOTICE = 1024
_LEVELS = (512, _NOTICE, 16384)  # E_USER_WARNING, E_USER_NOTICE, E_USER_DEPRECATED


def _nothing(answer: Any) -> Callable[[Call], Result]:  # noqa: ANN401 - data of PHP
    """A function whose effect is outside the program, and whose answer is always the same."""

    def run(call: Call) -> Result:
        _ = call.values
        return call.result(answer)

    return run


def _charset(call: Call) -> Result:
    """``mb_internal_encoding``: it is UTF-8 already. Raises NotEvaluated for another, or a wrong one."""
    if not call.values:
        return call.result("UTF-8")
    if call.text(0).lower() != "utf-8":
        raise NotEvaluated("another character set")
    return call.result(True)


def _error(call: Call) -> Result:
    """``trigger_error``. Raises NotEvaluated for a level that ends the program, or that is none."""
    _ = call.text(0)
    if call.integer(1, _NOTICE) not in _LEVELS:
        raise NotEvaluated("an error that ends the program")
    return call.result(True)


def _set(call: Call) -> Result:
    """A function whose effect is outside the program, and whose answer hangs on what was set before."""
    _ = call.text(0)
    return call.code.unknown(call.node, f"what {call.name}() answers is not known")


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
    "trigger_error": _error,
    "error_log": _nothing(True),
    "ignore_user_abort": _set,
    "mb_internal_encoding": _charset,
    "date_default_timezone_set": _set,
    "register_shutdown_function": _nothing(None),
    "spl_autoload_register": _nothing(True),
    "spl_autoload_unregister": _nothing(True),
    "assert": _nothing(True),
}
"""By the name of the function."""
