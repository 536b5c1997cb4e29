"""Which values two evaluations of nearly the same tree differ in: every setting, on every wiki, leaf by leaf."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from driftcheck.core import reach
from driftcheck.core.model import MISSING, Input, Parts, Path, Unknown, Value, has_unknown, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from driftcheck.core.model import Missing, Realm, Result

    Column: TypeAlias = Mapping[str, "Result | Missing"]
    Table: TypeAlias = Mapping[str, Column]
    """The value of each setting on each wiki, by setting and wiki; of each part of each service, by part and service."""
    LineBefore: TypeAlias = Callable[[str, int], int]
    """The line that a line of a file was before the edits."""


_VARIABLE = re.compile(rb"\$([\w\x80-\xff]+|[{$])")


class Leaf(NamedTuple):
    """A part of a setting that has another value on a wiki."""

    realm: Realm
    setting: str
    wiki: str
    path: Path
    before: Result | Missing
    after: Result | Missing

    @property
    def dotted(self) -> str:
        """The setting with the path to the part."""
        return ".".join((self.setting, *map(str, self.path)))


def changed(realm: Realm, before: Table, after: Table, line_before: LineBefore) -> Iterator[Leaf]:
    """Every leaf that differs, in the settings that ``Table`` names as such.

    What is not known is the same only where the same code says it, and every variable that the code reads is the same.
    """
    compare = _Comparison(before, after, line_before)
    for setting in dict.fromkeys((*before, *after)):
        if not is_setting(setting):
            continue
        old, new = before.get(setting, {}), after.get(setting, {})
        for wiki in dict.fromkeys((*old, *new)):
            one, other = old.get(wiki, MISSING), new.get(wiki, MISSING)
            if not compare.equal(wiki, one, other):
                for path, left, right in compare.leaves(wiki, (), one, other):
                    yield Leaf(realm, setting, wiki, path, left, right)


def is_setting(name: str) -> bool:
    """Whether a name of a table is a setting, and not a variable with which the configuration works on the way."""
    return not name.startswith("$")


class _Comparison:
    """Compares values, each distinct pair once where it is known."""

    def __init__(self, before: Table, after: Table, line_before: LineBefore) -> None:
        self._tables, self._line_before = (before, after), line_before
        self._known: dict[tuple[int, int], bool] = {}
        self._reading: set[str] = set()

    def equal(self, wiki: str, left: Result | Missing, right: Result | Missing) -> bool:
        pair = id(left), id(right)
        if has_unknown(left):
            return next(self.leaves(wiki, (), left, right), None) is None
        if pair not in self._known:
            self._known[pair] = next(self.leaves(wiki, (), left, right), None) is None
        return self._known[pair]

    def leaves(
        self, wiki: str, path: Path, left: Result | Missing, right: Result | Missing
    ) -> Iterator[tuple[Path, Result | Missing, Result | Missing]]:
        """The smallest parts that differ; the order of an array's keys is a part of the array."""
        if reach.is_array(left) and reach.is_array(right):
            ours, theirs = reach.array(left), reach.array(right)
            if [*ours] != [*theirs] and ours.keys() == theirs.keys():
                yield path, left, right
            for key in dict.fromkeys((*ours, *theirs)):
                yield from self.leaves(wiki, (*path, key), ours.get(key, MISSING), theirs.get(key, MISSING))
        elif not self._alike(wiki, left, right):
            yield path, left, right

    def _alike(self, wiki: str, left: Result | Missing, right: Result | Missing) -> bool:
        if isinstance(left, Unknown) and isinstance(right, Unknown):
            code = _code(left)
            return code is not None and code == _code(right) and all(self._same(wiki, name) for name in _read(code[1]))
        if isinstance(left, Value) and isinstance(right, Value) and not has_unknown(left):
            return same(left, named_before(right, self._line_before))
        return left is MISSING and right is MISSING

    def _same(self, wiki: str, variable: str) -> bool:
        """Whether a variable is there, and the same, in both; one that hangs on itself is not."""
        if variable in self._reading:
            return False
        sides = [table.get(variable, table.get(f"${variable}", {})).get(wiki, MISSING) for table in self._tables]
        self._reading.add(variable)
        try:
            return sides[0] is not MISSING and self.equal(wiki, *sides)
        finally:
            self._reading.discard(variable)


def named_before(value: Result | Missing, line_before: LineBefore) -> Result | Missing:
    """A value as it was called before the edits: a closure's name ends with its line."""
    if not isinstance(value, Value):
        return value
    data = value.data
    if isinstance(data, dict):
        parts = {key: named_before(item, line_before) for key, item in data.items()}
        return value if all(parts[key] is item for key, item in data.items()) else value.with_data(parts)  # type: ignore[arg-type]
    if isinstance(data, Input):
        named = _named(data, line_before)
        return value if named == data else value.with_data(named)
    if isinstance(data, Parts):
        return value.with_data(Parts(tuple(_named(part, line_before) for part in data.parts)))
    return value


def _named(held: str | Input, line_before: LineBefore) -> Any:  # noqa: ANN401 - of the kind that it is given
    if isinstance(held, str):
        return held
    kind, _, rest = held.name.partition(":")
    path, colon, line = rest.rpartition(":")
    if kind != "closure" or not colon or not line.isdigit():
        return held
    before = line_before(path, int(line))
    return held if before == int(line) else Input(f"{kind}:{path}:{before}")


def _code(hole: Unknown) -> tuple[str, bytes] | None:
    """Why something is not known, and the code that it is about; None where that is not known."""
    if hole.source is None:
        return None
    code = hole.source.text[hole.where >> 32 : hole.where & 0xFFFFFFFF]
    return (hole.reason, code) if code else None


def _read(code: bytes) -> set[str]:
    """The variables that code reads; a name that is made on the way is one that no table has."""
    return {match[1].decode("utf-8", "replace") for match in _VARIABLE.finditer(code)}
