"""YAML as driftcheck's own files use it: maps, lists and scalars, each with its line; nothing that YAML can do beyond.

The guard limits size, depth and count before anything is built; anchors and tags are refused, equal keys are an error,
and of the plain scalars only true, false, null and numbers in JSON's spelling are not text: a date stays as it is
written, and `no` is a word.
"""

from __future__ import annotations

import re
from typing import Any

from driftcheck.core.model import InputError
from driftcheck.yaml import guard
from driftcheck.yaml.guard import Limits

LIMITS = Limits(size=1_000_000, depth=20, values=200_000, tags=frozenset({"!"}), anchors=False, refusal=InputError)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z")
_LONGEST_NUMBER = 4000
"""Python refuses to convert more than 4300 digits to an integer."""
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}


class Marked(dict[str, Any]):
    """A map that knows the line on which it begins, and the line of each key."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


def load(name: str, content: bytes) -> Any:  # noqa: ANN401 - a document may be anything
    """The document as plain data, maps as :class:`Marked`.

    Raises InputError, with the file, the line and the fault, where the file cannot be read.
    """
    import yaml

    guard.check_size(name, content, LIMITS)
    try:
        content.decode()
    except UnicodeDecodeError:
        raise InputError(f"{name}: not valid UTF-8; save the file as UTF-8") from None
    for _ in guard.events(name, content, LIMITS):
        pass
    node = yaml.compose(content, Loader=guard.loader())
    return None if node is None else _plain(name, node)


def checked(name: str, document: dict[str, Any], schema: dict[str, Any]) -> None:
    """Hold a document against a JSON schema, key by key.

    Raises InputError, with the line of the key or the nearest known key, for the first that does not fit.
    """
    lines = document.lines if isinstance(document, Marked) else {}
    for key, value in document.items():
        place = f"{name}:{lines[key]}" if key in lines else name
        known = schema["properties"]
        if key not in known:
            import difflib

            close = difflib.get_close_matches(key, known, 1)
            hint = f"did you mean {close[0]}?" if close else f"the keys are {', '.join(known)}"
            raise InputError(f"{place}: unknown key {key!r}; {hint}")
        from jsonschema import Draft202012Validator

        error = next(iter(Draft202012Validator(known[key]).iter_errors(value)), None)
        if error is not None:
            inner: Any = value
            for step in error.absolute_path:
                if isinstance(inner, Marked) and step in inner.lines:
                    place = f"{name}:{inner.lines[str(step)]}"
                inner = inner[step]
            described = known[key].get("description")
            raise InputError(f"{place}: {key}: {error.message}" + (f"; {described}" if described else ""))
    for key in schema.get("required", ()):
        if key not in document:
            raise InputError(f"{name}: {key} is missing: {schema['properties'][key]['description']}")


def _plain(name: str, node: Any) -> Any:  # noqa: ANN401 - yaml nodes are untyped
    kind, line = type(node).__name__, node.start_mark.line + 1
    if kind == "ScalarNode":
        return _scalar(node)
    if kind == "SequenceNode":
        return [_plain(name, item) for item in node.value]
    out = Marked(line)
    for key_node, value_node in node.value:
        key_line = key_node.start_mark.line + 1
        if type(key_node).__name__ != "ScalarNode":
            raise InputError(f"{name}:{key_line}: a key must be a word")
        key = str(key_node.value)
        if key in out:
            raise InputError(f"{name}:{key_line}: the key {key!r} is defined twice; delete one")
        out[key] = _plain(name, value_node)
        out.lines[key] = key_line
    return out


def _scalar(node: Any) -> Any:  # noqa: ANN401 - yaml nodes are untyped
    text: str = node.value
    if node.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= _LONGEST_NUMBER and _NUMBER.match(text):
        return int(text) if text.lstrip("-").isdigit() else float(text)
    return text
