"""How many arguments PHP's functions take: with fewer, or more, PHP throws (ReflectionFunction of PHP 8.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Result
    from driftcheck.php.run.library.call import Call

_ANY = 1 << 30
_NAMES: dict[tuple[int, int], tuple[str, ...]] = {
    (0, 0): (
        "func_get_args",
    ),
    (0, 1): (
        "error_reporting", "ignore_user_abort", "mb_internal_encoding", "session_name", "umask",
    ),
    (0, 3): (
        "spl_autoload_register",
    ),
    (0, _ANY): (
        "array_merge",
    ),
    (1, 1): (
        "array_pop", "array_shift", "boolval", "chdir", "constant", "current", "date_default_timezone_set",
        "defined", "end", "function_exists", "is_array", "is_bool", "is_int", "is_null", "is_object", "is_scalar",
        "is_string", "putenv", "reset", "set_include_path", "set_time_limit", "shuffle", "spl_autoload_unregister",
    ),
    (1, 2): (
        "arsort", "asort", "assert", "class_exists", "krsort", "ksort", "rsort", "sort", "trigger_error",
    ),
    (1, 3): (
        "array_filter", "extract", "header", "is_callable",
    ),
    (1, 4): (
        "error_log",
    ),
    (1, _ANY): (
        "array_diff", "array_push", "array_unshift", "call_user_func", "compact", "register_shutdown_function",
    ),
    (2, 2): (
        "call_user_func_array", "ini_set", "method_exists", "uasort", "uksort", "usort",
    ),
    (2, 3): (
        "array_reduce", "array_walk", "define",
    ),
    (2, 4): (
        "preg_split",
    ),
    (2, 5): (
        "preg_match",
    ),
    (2, _ANY): (
        "array_map", "setlocale",
    ),
    (3, 5): (
        "preg_replace",
    ),
}  # fmt: skip
TAKE = {name: numbers for numbers, names in _NAMES.items() for name in names}
"""By the name of the function, the fewest and the most."""


def counted(name: str, function: Callable[[Call], Result]) -> Callable[[Call], Result]:
    """A function that refuses a number of arguments for which PHP throws. Raises NotEvaluated for it."""
    fewest, most = TAKE[name]

    def run(call: Call) -> Result:
        spread = any(argument.spread for argument in call.given)
        if not fewest <= (len(call.values) if spread else len(call.given)) <= most:
            raise NotEvaluated(f"{name}() of more or fewer arguments than it takes")
        return function(call)

    return run
