"""Whether a value passes a type declaration as it is; PHP converts some that do not (``int $x`` makes 5 of '5')."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.php.syntax import text
from driftcheck.php.values import NotEvaluated, to_bool, to_number, to_str

if TYPE_CHECKING:
    from tree_sitter import Node

    from driftcheck.core.model import Data

_NAMES: dict[str, tuple[type, ...]] = {
    "array": (dict,),
    "iterable": (dict,),
    "bool": (bool,),
    "float": (float,),
    "int": (int,),
    "null": (type(None),),
    "string": (str,),
    "mixed": (dict, bool, float, int, str, type(None)),
}


def fits(data: Data, declared: Node) -> bool:
    """Whether a value is of a declared type exactly, so that it stays what it is."""
    name = text(declared).lower().replace(" ", "")
    if name.startswith("?"):
        name = f"null|{name[1:]}"
    allowed = [kind for part in name.split("|") for kind in _NAMES.get(part, ())]
    return (dict if isinstance(data, dict) else data.__class__) in allowed


def converted(data: Data, declared: str) -> Data:
    """A value as a parameter of a scalar type gets it without strict types. Raises NotEvaluated where PHP refuses it."""
    parts = declared.replace(" ", "").removeprefix("?").split("|")
    if declared.startswith("?"):
        parts.append("null")
    held = dict if isinstance(data, dict) else data.__class__
    if held in [kind for part in parts for kind in _NAMES.get(part, ())]:
        return data
    if (data is False and "false" in parts) or (data is True and "true" in parts):
        return data
    scalar = isinstance(data, (bool, int, float, str))
    if len(parts) == 1 and scalar:
        return _scalar(data, parts[0])
    raise NotEvaluated(f"not of the type {declared}")


def _scalar(data: Data, kind: str) -> Data:
    if kind == "string":
        return to_str(data)
    if kind == "bool":
        return to_bool(data)
    if kind in ("int", "float"):
        number = to_number(data)
        if kind == "float":
            return float(number)
        if isinstance(number, int):
            return number
        if number.is_integer() and -(2.0**63) <= number < 2.0**63:
            return int(number)
    raise NotEvaluated(f"not of the type {kind}")
