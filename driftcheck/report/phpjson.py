"""Values as PHP's json_encode writes them, each distinct value once; and documents for every wiki, streamed.

PHP escapes the line separators of JavaScript; every other character that a terminal could obey is escaped here too, which
is the same string to whoever reads JSON. A byte that is no UTF-8 is a lone surrogate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from driftcheck.core.characters import json_string, json_text
from driftcheck.core.model import MISSING, Input, Parts, Unknown, Value, is_list, unknowns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftcheck.core.model import Missing, Result


class Out(Protocol):
    """What texts are written to."""

    def write(self, text: str, /) -> int:
        """Write a text."""


def encode(value: Result) -> str:
    """One value. What is not known is an object {"unknown": reason, "place": where}."""
    if isinstance(value, Unknown):
        return _unknown(value.reason, str(value.span) if value.span else None)
    data = value.data
    if data is None:
        return "null"
    if data is True:
        return "true"
    if data is False:
        return "false"
    if isinstance(data, str):
        return json_string(data)
    if isinstance(data, int):
        return str(data)
    if isinstance(data, float):
        return _float(data)
    if isinstance(data, (Input, Parts)):
        return json_text(data.as_json()).rstrip("\n")
    if is_list(data):
        return "[" + ",".join(map(encode, data.values())) + "]"
    return "{" + ",".join(f"{json_string(str(key))}:{encode(item)}" for key, item in data.items()) + "}"


def _unknown(reason: str, place: str | None) -> str:
    return json_text({"unknown": reason, "place": place}).rstrip("\n")


def _float(number: float) -> str:
    """PHP's serialize_precision -1: the shortest digits that come back, an exponent from 1e17 and below 1e-4."""
    if number != number or number in (float("inf"), float("-inf")):
        return _unknown("a float that JSON does not have", None)
    if 1e16 <= abs(number) < 1e17:
        return f"{number:.1f}"
    digits, _, exponent = repr(number).partition("e")
    if not exponent:
        return digits
    return f"{digits if '.' in digits else digits + '.0'}e{int(exponent):+d}"


def write_columns(
    out: Out,
    dbnames: Sequence[str],
    columns: Mapping[str, Sequence[Result | Missing]],
    numbers: Sequence[int],
) -> list[Unknown]:
    """``{wiki: {setting: value}}`` for the wikis with these numbers, settings sorted by name, one wiki a line.

    Answers with what is unknown in it.
    """
    holes: list[Unknown] = []
    rows: list[tuple[str, list[str | None]]] = []
    for name in sorted(columns):
        prefix = f"{json_string(name)}:"
        texts: list[str | None] = []
        by_id: dict[int, str] = {}
        for value in columns[name]:
            if value is MISSING:
                texts.append(None)
                continue
            text = by_id.get(id(value))
            if text is None:
                text = by_id[id(value)] = prefix + encode(value)
                if '{"unknown": ' in text:
                    holes += [hole for _, hole in unknowns(value)]
            texts.append(text)
        rows.append((name, texts))
    out.write("{")
    separator = "\n"
    for number in numbers:
        body = ",".join([text for _, texts in rows if (text := texts[number]) is not None])
        out.write(f"{separator}{json_string(dbnames[number])}:{{{body}}}")
        separator = ",\n"
    out.write("\n}\n")
    return holes


def write_normalized(out: Out, documents: Mapping[str, Mapping[Any, Any]]) -> list[Unknown]:
    """``{wiki: document}``, one wiki a line. Answers with what is unknown in it."""
    out.write("{\n")
    out.write(",\n".join(f"{json_string(dbname)}:{_document(document)}" for dbname, document in documents.items()))
    out.write("\n}\n")
    return [hole for document in documents.values() for hole in _holes(document)]


def _holes(part: Mapping[Any, Any] | Result) -> list[Unknown]:
    if isinstance(part, (Value, Unknown)):
        return [hole for _, hole in unknowns(part)]
    return [hole for item in part.values() for hole in _holes(item)]


def _document(part: Mapping[Any, Any] | Result) -> str:
    if isinstance(part, (Value, Unknown)):
        return encode(part)
    return "{" + ",".join(f"{json_string(name)}:{_document(item)}" for name, item in part.items()) + "}"
