"""JSON schema validation of normalised values: each distinct value once, with the place of what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core import reach
from driftcheck.core.model import MISSING, Value, has_unknown, plain

if TYPE_CHECKING:
    from driftcheck.core.model import Key, Result

Violation = tuple[tuple["Key", ...], str, "Result"]
_MAX_SHOWN = 60


class Validator:
    """Validates properties of the documents of one schema."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._schema = schema
        self._by_object: dict[tuple[tuple[str, ...], int], tuple[Value, list[Violation]]] = {}
        self._fast: dict[tuple[str, ...], Any] = {}

    def errors(self, path: tuple[str, ...], value: Value) -> list[Violation]:
        """What is wrong with the value of a property: (path inside it, message, the culprit)."""
        known = self._by_object.get((path, id(value)))
        if known is None:
            known = self._by_object[path, id(value)] = (value, self._validate(path, value))
        return known[1]

    def _validate(self, path: tuple[str, ...], value: Value) -> list[Violation]:
        if has_unknown(value):
            return []
        instance = plain(value)
        if self._accepts(path, instance):
            return []
        from jsonschema import Draft202012Validator

        validator = Draft202012Validator(_subschema(self._schema, path))
        return [_violation(error, value) for error in validator.iter_errors(instance)]

    def _accepts(self, path: tuple[str, ...], instance: object) -> bool:
        """The verdict alone, from the fast implementation: jsonschema, which has the better messages, takes 0.2 s."""
        if path not in self._fast:
            import jsonschema_rs

            self._fast[path] = jsonschema_rs.Draft202012Validator(_subschema(self._schema, path))
        return bool(self._fast[path].is_valid(instance))


def _subschema(whole: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    part = whole
    for name in path:
        part = part["properties"][name]
    return {**part, "$defs": whole.get("$defs", {})}


def _violation(error: Any, value: Value) -> Violation:  # noqa: ANN401 - jsonschema.ValidationError
    from jsonschema.exceptions import best_match

    deepest = best_match([error]) or error
    where = tuple(deepest.absolute_path)
    culprit: Result = value
    for key in where:
        inner = reach.get(culprit, key)
        culprit = culprit if inner is MISSING else inner
    return where, _message(deepest), culprit


def _message(error: Any) -> str:  # noqa: ANN401 - jsonschema.ValidationError
    found = repr(error.instance)
    found = found if len(found) <= _MAX_SHOWN else found[: _MAX_SHOWN - 3] + "..."
    wanted = error.validator_value
    if error.validator == "type":
        kinds = wanted if isinstance(wanted, list) else [wanted]
        return f"expected {' or '.join(kinds)}, found {found}"
    if error.validator == "enum":
        return f"expected one of {', '.join(map(str, wanted))}, found {found}"
    if error.validator == "required":
        return f"{error.message}: expected {', '.join(wanted)}"
    return f"{error.message}"
