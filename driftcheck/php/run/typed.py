"""Values where a type is declared: of parameters, of results and of properties."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Input, Parts, Unknown, Value
from driftcheck.php.run.objects import Closure, Instance
from driftcheck.php.syntax import text
from driftcheck.php.types import converted
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.run.frames import Frame
    from driftcheck.php.run.worlds import Slot


def type_slot(inner: Frame, slot: Slot, declared: Node, what: str) -> None:
    """What a parameter by reference holds, converted to its type. Raises NotEvaluated for what the type does not take."""
    turn = inner.machine.turn
    before = turn.through(slot)
    if before is MISSING or before.__class__ is Unknown:
        return
    held = turn.plain(before)
    after = of_type(held, declared, what, strict=inner.machine.strict)
    if after is not held:
        inner.machine.write(slot, after)


def of_type(held: Result, declared: Node, what: str, *, strict: bool) -> Result:
    """A value where a type is declared: as it is, or converted as PHP does without strict types.

    Raises NotEvaluated for what the type does not take; where types may be ``strict``, for what it would convert.
    """
    if isinstance(held, Unknown):
        return held
    data: Any = held.data
    name = text(declared).lower()
    if isinstance(data, (Input, Parts)):
        return held
    if isinstance(data, (Instance, Closure)):
        if all(part in _PLAIN for part in _SEPARATORS.split(name) if part):
            raise NotEvaluated(f"{what} is not of its type")
        return held
    if name in ("void", "static", "self"):
        return held
    if any(part.strip("?") not in _TYPE_NAMES for part in name.replace(" ", "").split("|")):
        if data is None and ("null" in name or name.startswith("?")):
            return held
        if not any(part in name for part in _TYPE_NAMES):
            raise NotEvaluated(f"{what} is not of its type")
    try:
        new = converted(data, name)
    except NotEvaluated:
        raise NotEvaluated(f"{what} is not of its type") from None
    if strict and new is not data and not (new.__class__ is float and data.__class__ is int):
        raise NotEvaluated(f"{what} is not of its type")
    return held if new is data else Value(new, held.source, held.where, held.steps)


_TYPE_NAMES = {"array", "iterable", "bool", "float", "int", "null", "string", "mixed", "false", "true"}
_PLAIN = _TYPE_NAMES - {"mixed", "iterable"}
_SEPARATORS = re.compile(r"[?|&()\s]+")
