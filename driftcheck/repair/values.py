"""Which values two evaluations of nearly the same tree differ in: every setting, on every wiki, leaf by leaf."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from driftcheck.core import reach
from driftcheck.core.model import MISSING, Input, Parts, Unknown, Value, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from driftcheck.core.model import Missing, Path, Realm, Result

    Column: TypeAlias = Mapping[str, "Result | Missing"]
    Table: TypeAlias = Mapping[str, Column]
    """The value of each setting on each wiki, by setting and wiki; of each part of each service, by part and service."""
    LineBefore: TypeAlias = Callable[[str, int], int]
    """The line that a line of a file was before the edits."""
    _Pair: TypeAlias = tuple[Path, "Result | Missing", "Result | Missing"]


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


def changed(
    realm: Realm,
    before: Table,
    after: Table,
    line_before: LineBefore,
    reads: Callable[[set[str]], set[str] | None] = lambda names: None if names else set(),
) -> Iterator[Leaf]:
    """Every leaf that differs.

    What is not known, because of the same code in both, is the same where nothing that changes is read there: ``reads`` is
    asked with the names of all that changes, and says which of them only their own statements read, or None.
    """
    found, open_ones = _compared(realm, before, after, line_before)
    yield from (leaf for leaf in found if is_setting(leaf.setting))
    own = reads({leaf.setting for leaf in found}) if open_ones else set()
    yield from (leaf for leaf in open_ones if is_setting(leaf.setting) and (own is None or leaf.setting in own))


def _compared(realm: Realm, before: Table, after: Table, line_before: LineBefore) -> tuple[list[Leaf], list[Leaf]]:
    """The leaves that differ, and those that are not known because of the same code."""
    compare = _Comparison(line_before)
    found: list[Leaf] = []
    open_ones: list[Leaf] = []
    for setting in dict.fromkeys((*before, *after)):
        old, new = before.get(setting, {}), after.get(setting, {})
        for wiki in dict.fromkeys((*old, *new)):
            for path, left, right in compare.leaves(old.get(wiki, MISSING), new.get(wiki, MISSING)):
                leaf = Leaf(realm, setting, wiki, path, left, right)
                (open_ones if _same_code(left, right) else found).append(leaf)
    return found, open_ones


def is_setting(name: str) -> bool:
    """Whether a name of a table is a setting, and not a variable with which the configuration works on the way."""
    return not name.startswith("$")


class _Comparison:
    """Compares values, each distinct pair once."""

    def __init__(self, line_before: LineBefore) -> None:
        self._line_before = line_before
        self._known: dict[tuple[int, int], tuple[_Pair, ...]] = {}

    def leaves(self, left: Result | Missing, right: Result | Missing) -> tuple[_Pair, ...]:
        """The smallest parts that differ, or are not known; the order of an array's keys is a part of the array."""
        pair = id(left), id(right)
        if pair not in self._known:
            self._known[pair] = tuple(self._leaves((), left, right))
        return self._known[pair]

    def _leaves(self, path: Path, left: Result | Missing, right: Result | Missing) -> Iterator[_Pair]:
        if reach.is_array(left) and reach.is_array(right):
            ours, theirs = reach.array(left), reach.array(right)
            if [*ours] != [*theirs] and ours.keys() == theirs.keys():
                yield path, left, right
            for key in dict.fromkeys((*ours, *theirs)):
                yield from self._leaves((*path, key), ours.get(key, MISSING), theirs.get(key, MISSING))
        elif (left is not MISSING or right is not MISSING) and not same(left, named_before(right, self._line_before)):
            yield path, left, right


def _same_code(left: Result | Missing, right: Result | Missing) -> bool:
    """Whether two values are not known for the same reason, because of the same code."""
    if not isinstance(left, Unknown) or not isinstance(right, Unknown):
        return False
    code = _code(left)
    return bool(code) and (left.reason, code) == (right.reason, _code(right))


def _code(hole: Unknown) -> bytes:
    """The code that is not evaluated; nothing where that is not known."""
    return hole.source.text[hole.where >> 32 : hole.where & 0xFFFFFFFF] if hole.source is not None else b""


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
