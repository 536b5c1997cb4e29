"""Values in short: plain Python as a value, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Unknown, Value

if TYPE_CHECKING:
    from driftcheck.core.model import Missing, Result


def value(data: Any) -> Result:
    """Plain Python as a value: a dict keeps its keys, a list gets 0..n-1. An Unknown stays itself."""
    if isinstance(data, (Value, Unknown)):
        return data
    if isinstance(data, dict):
        return Value({key: value(item) for key, item in data.items()})
    if isinstance(data, list):
        return Value({index: value(item) for index, item in enumerate(data)})
    return Value(data)


def bare(result: Result | Missing) -> Any:
    """The way back from :func:`value`, integer keys kept: arrays are dicts."""
    if isinstance(result, Unknown) or result is MISSING:
        return result
    if isinstance(result.data, dict):
        return {key: bare(item) for key, item in result.data.items()}
    return result.data


def typed(data: Any) -> Any:
    """A form in which True is not 1, 1 is not 1.0, and the order of an array's keys counts."""
    if isinstance(data, dict):
        return [(type(key).__name__, key, typed(item)) for key, item in data.items()]
    return (type(data).__name__, data)


def php(data: Any) -> str:
    """Plain Python as a PHP literal."""
    if data is None:
        return "null"
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, str):
        return "'" + data.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if isinstance(data, dict):
        return "[ " + ", ".join(f"{php(key)} => {php(item)}" for key, item in data.items()) + " ]"
    if isinstance(data, list):
        return "[ " + ", ".join(map(php, data)) + " ]"
    return repr(data)
