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


TABLE: dict[str, Callable[[Call], Result]] = {
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
"""By the name of the function."""
