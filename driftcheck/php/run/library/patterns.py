"""The functions of regular expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Unknown, Value
from driftcheck.php import patterns
from driftcheck.php.run.expressions import known_data
from driftcheck.php.values import NotEvaluated, to_str

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Result
    from driftcheck.php.run.library.call import Call


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
    parts = patterns.split(call.text(0), call.text(1), call.integer(2, -1), call.integer(3, 0))
    return call.result({number: Value(part) for number, part in enumerate(parts)})


TABLE: dict[str, Callable[[Call], Result]] = {
    "preg_match": _preg_match,
    "preg_replace": _preg_replace,
    "preg_split": _preg_split,
}
"""By the name of the function."""
