"""The core types: where a value was written, what it is, and what is not known.

A PHP array is a ``dict`` whose keys are ``int`` or ``str``, as PHP has them, in PHP's order; a PHP list is the
same with keys 0..n-1. Nothing here reads a file or knows a format.
"""

from __future__ import annotations

import enum
import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


LOADED = "@{}-extension-loaded"
"""The name under which ``wfLoadExtension( 'X' )`` is remembered, shown and explained; PHP has no variable of such a name."""
_NEWLINE = re.compile(rb"\n")
_NOT_KNOWN_IT = re.compile(r" is not known: it (?=depends |is )")


def is_loading(name: str) -> bool:
    """Whether a name stands for the loading of an extension, rather than for a setting."""
    return name.startswith("@")


class Realm(str, enum.Enum):
    """A deployment that the configuration serves; Wikimedia's code spells beta ``labs``."""

    PRODUCTION = "production"
    BETA = "beta"


class Op(str, enum.Enum):
    """What a step did to a value on its way to a wiki."""

    LITERAL = "literal"
    REFERENCE = "reference"
    OVERRIDE = "override"
    SELECT = "select"
    MERGE = "merge"
    ASSIGN = "assign"
    SCHEMA_DEFAULT = "schema-default"
    COERCE = "coerce"


REPLACEMENT = "replacement of $ parameters"
"""What a COERCE step says of a value that was filled in for its wiki."""


class Span(NamedTuple):
    """A place in a file: 1-based lines and columns; ``end_column`` is one past the last character."""

    path: str
    revision: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


class Source:
    """One file of a snapshot, and the way from byte offsets to places in it."""

    __slots__ = ("_spans", "_starts", "path", "revision", "text")

    def __init__(self, path: str, text: bytes, revision: str = "") -> None:
        self.path, self.text, self.revision = path, text, revision
        self._starts: list[int] | None = None
        self._spans: dict[int, Span] = {}

    def span(self, where: int) -> Span:
        """The place of a packed offset pair, as :func:`pack` made it."""
        span = self._spans.get(where)
        if span is None:
            span = self._spans[where] = self._span(where)
        return span

    def _span(self, where: int) -> Span:
        start, end = where >> 32, where & 0xFFFFFFFF
        first, last = bisect_right(self._line_starts, start), bisect_right(self._line_starts, end)
        return Span(
            self.path,
            self.revision,
            first,
            self._column(first, start),
            last,
            self._column(last, end),
        )

    def _column(self, line: int, offset: int) -> int:
        return len(self.text[self._line_starts[line - 1] : offset].decode("utf-8", "replace")) + 1

    def line_text(self, line: int) -> str:
        """One line of the file, without its end, for display."""
        starts = self._line_starts
        if not 0 < line <= len(starts):
            return ""
        end = starts[line] - 1 if line < len(starts) else len(self.text)
        return self.text[starts[line - 1] : end].decode("utf-8", "replace").rstrip("\r")

    @property
    def _line_starts(self) -> list[int]:
        if self._starts is None:
            self._starts = [0, *(match.end() for match in _NEWLINE.finditer(self.text))]
        return self._starts


def pack(start: int, end: int) -> int:
    """Two byte offsets as one integer: a literal keeps its place without an object of its own."""
    return start << 32 | end


class Step(NamedTuple):
    """One thing that happened to a value: what, through which name, and where."""

    op: Op
    via: str
    span: Span | None


class Value:
    """A known value and where it came from. Equality looks at the data alone, and at its exact type."""

    __slots__ = ("data", "source", "steps", "where")

    def __init__(
        self,
        data: Data,
        source: Source | None = None,
        where: int = 0,
        steps: tuple[Step, ...] = (),
    ) -> None:
        self.data, self.source, self.where, self.steps = data, source, where, steps

    @property
    def span(self) -> Span | None:
        """Where the value was written, or where the step that made it stands; of an array without either, its first part."""
        if self.source is not None:
            return self.source.span(self.where)
        made = next((step.span for step in self.steps if step.span), None)
        if made is None and isinstance(self.data, dict):
            return first_place(*self.data.values())
        return made

    @property
    def provenance(self) -> tuple[Step, ...]:
        """Every step from the literal to here, oldest first."""
        if self.source is None:
            return self.steps
        return (Step(Op.LITERAL, "", self.source.span(self.where)), *self.steps)

    def after(self, *steps: Step) -> Value:
        """The same value with more steps behind it."""
        return Value(self.data, self.source, self.where, self.steps + steps)

    def with_data(self, data: Data, *steps: Step) -> Value:
        """Other data from the same place, with more steps behind it."""
        return Value(data, self.source, self.where, self.steps + steps)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Value) and same(self, other)

    def __hash__(self) -> int:
        return hash(freeze(self))

    def __repr__(self) -> str:
        return f"Value({plain(self)!r})"


class Input(NamedTuple):
    """A value from outside the tree that only has a name, ``KIND:NAME``: a secret, a closure by its place, an object by its class.

    It is equal to itself alone.
    """

    name: str

    def __str__(self) -> str:
        return f"<{self.name.replace(':', ' ', 1)}>"

    def as_json(self) -> dict[str, str]:
        """As show-v1 has it."""
        return {"input": self.name}


class Parts(NamedTuple):
    """A string of which some parts are inputs."""

    parts: tuple[str | Input, ...]

    @classmethod
    def of(cls, pieces: Iterable[str | Input]) -> Parts:
        """The parts, texts that stand beside each other as one."""
        out: list[str | Input] = []
        for piece in pieces:
            if isinstance(piece, str) and out and isinstance(out[-1], str):
                out[-1] += piece
            elif piece != "":
                out.append(piece)
        return cls(tuple(out))

    def __str__(self) -> str:
        return "".join(map(str, self.parts))

    def as_json(self) -> dict[str, list[str | dict[str, str]]]:
        """As show-v1 has it."""
        return {"parts": [part if isinstance(part, str) else part.as_json() for part in self.parts]}


class Unknown:
    """A value that could not be evaluated, with the reason and the place. It equals nothing, not even itself."""

    __slots__ = ("reason", "source", "steps", "where")

    def __init__(
        self,
        reason: str,
        source: Source | None = None,
        where: int = 0,
        steps: tuple[Step, ...] = (),
    ) -> None:
        self.reason, self.source, self.where, self.steps = reason, source, where, steps

    @property
    def span(self) -> Span | None:
        """The place of what was not understood."""
        return self.source.span(self.where) if self.source is not None else None

    @property
    def words(self) -> str:
        """The reason for people: "$x is not known: it depends on $y" reads "$x depends on $y".

        The reason itself is part of fingerprints and of the JSON report, and stays as it is.
        """
        return _NOT_KNOWN_IT.sub(" ", self.reason).replace("in what was read", "in any file that was read")

    @property
    def provenance(self) -> tuple[Step, ...]:
        """The steps that are known."""
        return self.steps

    def after(self, *steps: Step) -> Unknown:
        """The same hole with more steps behind it."""
        return Unknown(self.reason, self.source, self.where, self.steps + steps)

    def __repr__(self) -> str:
        return f"Unknown({self.reason!r})"


class _Missing(enum.Enum):
    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing.MISSING
"""Absent, which is not null."""

Missing: TypeAlias = Literal[_Missing.MISSING]
Key: TypeAlias = "int | str"
Array: TypeAlias = "dict[Key, Result]"
Data: TypeAlias = "bool | int | float | str | Array | Input | Parts | None"
Result: TypeAlias = "Value | Unknown"
Path: TypeAlias = "tuple[Key, ...]"


class Items(dict[int, "Result"]):
    """A list of YAML: keys 0..n-1, and never equal to a map, not even an empty one. PHP has no such kind."""


class Wiki(NamedTuple):
    """A wiki: its database name, the dblist tags that select settings for it, and what ``$lang`` and ``$site`` are."""

    dbname: str
    tags: tuple[str, ...]
    replacements: tuple[tuple[str, str], ...]


class Setting(NamedTuple):
    """One setting before the wiki cascade: its value by selector, and what a realm's overlay replaced."""

    name: str
    by_selector: Mapping[Key, Result]
    replaced: tuple[tuple[str, Result], ...] = ()


class Hole(NamedTuple):
    """Something in scope that could not be read or evaluated; it makes a run incomplete."""

    reason: str
    span: Span | None

    @property
    def kind(self) -> tuple[str, str]:
        """The reason and the file: what is the same where only lines moved."""
        return self.reason, self.span.path if self.span is not None else ""


class InputError(Exception):
    """Input that driftcheck cannot work with. The message is one line: what, where, and what to do."""

    exit_code = 2


class IncompleteError(InputError):
    """Input that is there but cannot be evaluated at all."""

    exit_code = 3


def first_place(*candidates: Result | Missing) -> Span | None:
    """The place of the first of these that has one."""
    spans = (value.span for value in candidates if value is not MISSING)
    return next((span for span in spans if span is not None), None)


def plain(result: Result | Missing) -> object:
    """The value as plain Python, arrays as lists where PHP's json_encode makes lists. Unknown and MISSING stay."""
    if not isinstance(result, Value):
        return result
    data = result.data
    if not isinstance(data, dict):
        return data
    if is_list(data):
        return [plain(item) for item in data.values()]
    return {str(key): plain(item) for key, item in data.items()}


def is_list(data: Array) -> bool:
    """Whether the keys are exactly 0..n-1 in order, as json_encode asks."""
    return all(key == index and key.__class__ is int for index, key in enumerate(data))


def same(left: Result | Missing, right: Result | Missing) -> bool:
    """Equal data of equal types; the order of an array's keys does not matter, Unknown equals nothing."""
    if left is right:
        return not has_unknown(left)
    if not isinstance(left, Value) or not isinstance(right, Value):
        return False
    a, b = left.data, right.data
    if a.__class__ is not b.__class__:
        return False
    if isinstance(a, dict) and isinstance(b, dict):
        if len(a) != len(b):
            return False
        return all(key in b and same(item, b[key]) for key, item in a.items())
    return a == b or (a != a and b != b)


def has_unknown(result: Result | Missing) -> bool:
    """Whether any part of the value is not known."""
    if isinstance(result, Value):
        return isinstance(result.data, dict) and any(map(has_unknown, result.data.values()))
    return isinstance(result, Unknown)


def unknowns(result: Result | Missing, path: Path = ()) -> Iterator[tuple[Path, Unknown]]:
    """Every hole in a value, with its path."""
    if isinstance(result, Unknown):
        yield path, result
    elif isinstance(result, Value) and isinstance(result.data, dict):
        for key, item in result.data.items():
            yield from unknowns(item, (*path, key))


def freeze(result: Result | Missing) -> object:
    """A hashable form of the data, equal exactly when :func:`same` is true."""
    if not isinstance(result, Value):
        return result if result is MISSING else ("unknown", id(result))
    data = result.data
    if isinstance(data, dict):
        return ("array", frozenset((key, freeze(item)) for key, item in data.items()))
    return (data.__class__.__name__, "nan" if data != data else data)
