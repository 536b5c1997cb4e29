"""YAML of services as values: maps, lists and scalars as YAML 1.1 reads them, each with the place where it is written.

The guarded stream of events is read once, without recursion. Anchors and merge keys share the value that they name. What another reader, or a human, takes for something else is told as a :class:`Doubt`.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from driftcheck.core import reach
from driftcheck.core.model import IncompleteError, Items, Op, Step, Value, pack
from driftcheck.php.syntax import check_text, check_utf8
from driftcheck.yaml import guard
from driftcheck.yaml.guard import Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Array, Data, Result, Source

_CORE = "tag:yaml.org,2002:"
_KNOWN_TAGS = frozenset(f"{_CORE}{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq"))
LIMITS = Limits(size=4_000_000, depth=100, values=500_000, tags=_KNOWN_TAGS, anchors=True, refusal=IncompleteError)
_MERGE = f"{_CORE}merge"
_LONGEST_NUMBER = 1000
_WORDS = {"yes", "no", "on", "off"}


class Doubt(NamedTuple):
    """Something that may not mean what it says: ``kind`` is duplicate-key or ambiguous-scalar; ``where`` is packed."""

    kind: str
    message: str
    where: int


@dataclass(frozen=True)
class Document:
    """A file's one document, None for an empty file, and what is doubtful in it."""

    value: Value | None
    doubts: tuple[Doubt, ...] = ()


def read(source: Source) -> Document:
    """The document of a file.

    Raises IncompleteError, with the file, the line and the fault, where it cannot be read.
    """
    guard.check_size(source.path, source.text, LIMITS)
    check_text(source)
    check_utf8(source)
    builder = _Builder(source)
    for event in guard.events(source.path, source.text, LIMITS):
        builder.take(event)
    return Document(builder.document, tuple(builder.doubts))


def as_yaml(value: Result) -> Any:  # noqa: ANN401 - what YAML can hold
    """A value as plain Python: lists as lists, maps as maps."""
    data = value.data if isinstance(value, Value) else value
    if isinstance(data, Items):
        return [as_yaml(item) for item in data.values()]
    return {key: as_yaml(item) for key, item in data.items()} if isinstance(data, dict) else data


class _Open:
    """A list or map that is being built. ``start`` is where it begins, ``key`` the key that waits for its value."""

    __slots__ = ("anchor", "data", "key", "merged", "start")

    def __init__(self, data: Array | Items, start: int, anchor: str | None) -> None:
        self.data, self.start, self.anchor = data, start, anchor
        self.key: tuple[str, int] | None = None
        self.merged: list[Value] = []


class _Builder:
    """Takes events one by one; ``document`` is what they made."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.document: Value | None = None
        self.doubts: list[Doubt] = []
        self._stack: list[_Open] = []
        self._anchors: dict[str, Value] = {}
        self._offset = _offsets(source.text)

    def take(self, event: Any) -> None:  # noqa: ANN401 - yaml's events are untyped
        """One event of the stream."""
        handler = _EVENTS.get(type(event).__name__)
        if handler is not None:
            handler(self, event)

    def start_map(self, event: Any) -> None:  # noqa: ANN401
        """A map begins."""
        self._open({}, event)

    def start_list(self, event: Any) -> None:  # noqa: ANN401
        """A list begins."""
        self._open(Items(), event)

    def end(self, event: Any) -> None:  # noqa: ANN401
        """The innermost list or map ends."""
        ended = self._stack.pop()
        for value in ended.merged:
            for key, item in reach.array(value).items():
                ended.data.setdefault(key, item)  # type: ignore[arg-type]
        value = Value(ended.data, self.source, pack(ended.start, self._offset(event.end_mark.index)))  # type: ignore[arg-type]
        self._placed(value, ended.anchor, event)

    def alias(self, event: Any) -> None:  # noqa: ANN401
        """What an anchor named before."""
        step = Step(Op.REFERENCE, f"*{event.anchor}", self.source.span(self._where(event)))
        self._placed(self._anchors[event.anchor].after(step), None, event)

    def scalar(self, event: Any) -> None:  # noqa: ANN401
        """A key, or a value."""
        top = self._stack[-1] if self._stack else None
        plain = event.implicit[0] and not event.style
        if top is not None and not isinstance(top.data, Items) and top.key is None:
            self._keyed(top, event, plain=plain)
            return
        tag = event.tag or (None if plain else f"{_CORE}str")
        data = self._read(event, tag)
        if plain:
            self._doubted(event, data)
        self._placed(Value(data, self.source, self._where(event)), event.anchor, event)

    def _keyed(self, top: _Open, event: Any, *, plain: bool) -> None:  # noqa: ANN401
        where = self._where(event)
        data = self._read(event, event.tag or (None if plain else f"{_CORE}str"))
        if event.anchor is not None:
            self._anchors[event.anchor] = Value(data, self.source, where)
        if plain and event.value == "<<":
            top.key = _MERGE, where
            return
        if not isinstance(data, str):
            message = f"the key {event.value} is read as {_named(data)} in YAML 1.1; quote it"
            self.doubts.append(Doubt("ambiguous-scalar", message, where))
        # JSON, and what Helm and ORES make of it, have keys that are texts; a boolean is another key than a word.
        top.key = event.value if isinstance(data, str) else _named(data), where

    def _read(self, event: Any, tag: str | None) -> Data:  # noqa: ANN401
        try:
            return _scalar(event.value, tag)
        except _TooLongError:
            raise self._refusal(event, f"a number of more than {_LONGEST_NUMBER} characters; quote it") from None

    def _doubted(self, event: Any, data: Data) -> None:  # noqa: ANN401
        text = event.value
        octal = len(text) > 1 and text.lstrip("+-")[:1] == "0" and text.lstrip("+-").isdigit()
        odd = text.lower() in _WORDS or ((octal or ":" in text) and not isinstance(data, str))
        if odd:
            message = f"{text} is read as {_named(data)} in YAML 1.1; quote it, or write {_named(data)}"
            self.doubts.append(Doubt("ambiguous-scalar", message, self._where(event)))

    def _open(self, data: Array | Items, event: Any) -> None:  # noqa: ANN401
        top = self._stack[-1] if self._stack else None
        if top is not None and not isinstance(top.data, Items) and top.key is None:
            raise self._refusal(event, "a list or map as a key; a key must be a word")
        self._stack.append(_Open(data, self._offset(event.start_mark.index), event.anchor))

    def _placed(self, value: Value, anchor: str | None, event: Any) -> None:  # noqa: ANN401
        if anchor is not None:
            self._anchors[anchor] = value
        if not self._stack:
            self.document = value
            return
        top = self._stack[-1]
        if isinstance(top.data, Items):
            top.data[len(top.data)] = value
            return
        if top.key is None:
            raise self._refusal(event, "an alias as a key; a key must be a word")
        (key, where), top.key = top.key, None
        if key == _MERGE:
            self._merge(top, value, event, where)
            return
        if key in top.data:
            message = f"the key {key[:60]} is defined twice, and the last one counts; delete one"
            self.doubts.append(Doubt("duplicate-key", message, where))
        top.data[key] = value

    def _merge(self, top: _Open, value: Value, event: Any, where: int) -> None:  # noqa: ANN401
        maps = list(value.data.values()) if isinstance(value.data, Items) else [value]
        step = Step(Op.MERGE, "<<", self.source.span(where))
        for one in maps:
            if not reach.is_map(one):
                raise self._refusal(event, "a merge key needs a map, or a list of maps")
            marked: Array = {key: item.after(step) for key, item in reach.fields(one).items()}
            top.merged.append(one.with_data(marked))

    def _where(self, event: Any) -> int:  # noqa: ANN401
        return pack(self._offset(event.start_mark.index), self._offset(event.end_mark.index))

    def _refusal(self, event: Any, why: str) -> IncompleteError:  # noqa: ANN401
        return IncompleteError(f"{self.source.path}:{event.start_mark.line + 1}: {why}")


_EVENTS: dict[str, Callable[[_Builder, Any], None]] = {
    "MappingStartEvent": _Builder.start_map,
    "MappingEndEvent": _Builder.end,
    "SequenceStartEvent": _Builder.start_list,
    "SequenceEndEvent": _Builder.end,
    "AliasEvent": _Builder.alias,
    "ScalarEvent": _Builder.scalar,
}


def _offsets(text: bytes) -> Callable[[int], int]:
    """From the characters that YAML counts to bytes."""
    if text.isascii():
        return lambda index: index
    starts = list(accumulate((len(char.encode()) for char in text.decode()), initial=0))
    return lambda index: starts[min(index, len(starts) - 1)]


class _TooLongError(Exception):
    """A scalar that is no text has more characters than any number needs."""


def _named(data: Data) -> str:
    """A scalar as JSON has it."""
    if data is None or isinstance(data, bool):
        return {True: "true", False: "false", None: "null"}[data]
    return str(data)


@functools.lru_cache(maxsize=4096)
def _scalar(text: str, tag: str | None) -> Data:
    """A scalar as PyYAML's safe loader has it; a day and bytes stay as they are written."""
    import yaml

    if tag == f"{_CORE}str":
        return text
    if tag is None:
        tag = _resolver().resolve(yaml.ScalarNode, text, (True, False))
    if tag not in _KNOWN_TAGS:
        return text
    if len(text) > _LONGEST_NUMBER:
        raise _TooLongError
    try:
        data = _constructor().construct_object(yaml.ScalarNode(tag, text))
    except (ValueError, yaml.YAMLError, KeyError, IndexError):
        return text
    return data if isinstance(data, (str, int, float, bool)) or data is None else text


@functools.cache
def _resolver() -> Any:  # noqa: ANN401 - yaml is untyped
    import yaml

    return yaml.resolver.Resolver()


@functools.cache
def _constructor() -> Any:  # noqa: ANN401 - yaml is untyped
    import yaml

    return yaml.constructor.SafeConstructor()
