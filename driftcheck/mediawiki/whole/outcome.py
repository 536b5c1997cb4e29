"""What CommonSettings.php leaves behind, as columns of results."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, NamedTuple

from driftcheck.core.model import MISSING, Hole, Input, Realm, Unknown, Value
from driftcheck.core.sizes import Sizes
from driftcheck.mediawiki.eras import ROOT
from driftcheck.mediawiki.whole.overriding import Overriding, Statement
from driftcheck.mediawiki.whole.start import run
from driftcheck.php.run.arrays import PhpArray, plain
from driftcheck.php.run.objects import Closure, Instance, Perhaps
from driftcheck.php.run.worlds import Slot, Turn, first, members
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from driftcheck.core.model import Missing, Result
    from driftcheck.mediawiki.settings import RealmConfig
    from driftcheck.mediawiki.tree import Tree
    from driftcheck.php.run.machine import Machine
    from driftcheck.php.run.worlds import Content

    Column = list[Result | Missing]


class Outcome(NamedTuple):
    """What CommonSettings.php leaves behind: for each variable, and for each extension or skin that it loads, a column.

    A column has a result for each wiki of the realm, in its order. ``extension:ORES`` is true where ORES is loaded.
    ``lost`` says of each wiki why anything may have been written or loaded there; MISSING where everything is followed.
    """

    settings: dict[str, Column]
    loaded: dict[str, Column]
    lost: Column
    holes: list[Hole]
    statements: list[Statement]
    """Those of beta's own file, if it is beta."""

    def loading(self, name: str) -> Column | None:
        """Whether each wiki loads an extension or a skin of this name; None where nothing that was followed loads it."""
        held = self.loaded.get(f"extension:{name}") or self.loaded.get(f"skin:{name}")
        if held is None and all(lost is MISSING for lost in self.lost):
            return None
        not_loaded = Value(False)
        return [
            (not_loaded if lost is MISSING else lost) if one is MISSING else one
            for one, lost in zip(held or [MISSING] * len(self.lost), self.lost, strict=True)
        ]


def assigned(tree: Tree, realm: Realm, config: RealmConfig, wanted: Callable[[str], bool]) -> Outcome:
    """Run CommonSettings.php for the wikis of a realm; the variables that are wanted."""
    watch = Overriding(f"{ROOT}/{tree.layout.common_beta}") if realm is Realm.BETA else None
    machine = run(tree, realm, config, watch=watch)
    reader = Reader(machine, len(config.wikis))
    names = [name for name in (*machine.globals, *machine.late) if wanted(name)]
    settings = {name: reader.column(machine.variable(name), name) for name in names}
    loaded = {
        name: reader.column(slot, "") for name, slot in machine.events.items() if ":" in name and "::" not in name
    }
    lost = [content for _, content in machine.lost.facets if isinstance(content, Unknown)]
    holes = [Hole(f"any setting may be written here: {hole.words}", hole.span) for hole in lost]
    statements = [] if watch is None else reader.statements(watch)
    return Outcome(settings, loaded, reader.column(machine.lost, ""), holes, statements)


class Reader:
    """Makes columns of what a machine holds, each distinct value once."""

    def __init__(self, machine: Machine, count: int) -> None:
        self._machine, self._count, self._sizes = machine, count, Sizes()
        self._memo: dict[int, Any] = {}

    def column(self, slot: Slot, name: str) -> Column:
        """The content of a slot in each world. Null is absence, and so is what nothing was put onto."""
        column: Column = [MISSING] * self._count
        for mask, content in self._facets(slot, self._machine.everyone):
            if untouched(name, content):
                continue
            for some, value in self._exported(mask, content):
                if value is MISSING or (isinstance(value, Value) and value.data is None):
                    continue
                if some == self._machine.everyone:
                    return [value] * self._count
                for number in members(some):
                    column[number] = value
        return column

    def statements(self, watch: Overriding) -> list[Statement]:
        """The statements that something watched, with what each leaves behind."""
        out = []
        for node, name, path, span, idle in watch.statements():
            variable = self._machine.globals.get(name)
            left: Column = [MISSING] * self._count
            for mask, slot, content in watch.left.get(node.start_byte, ()):
                if slot is variable and isinstance(content, (Value, Unknown)):
                    for some, value in self._exported(mask, content):
                        for number in members(some):
                            left[number] = value
            out.append(Statement(name, path, span, idle, left))
        return out

    def _exported(self, mask: int, held: Content) -> Iterator[tuple[int, Result | Missing]]:
        """A content as a value for reports; where references in it lead to different values, each for its worlds."""
        bounded = self._sizes.bounded(held)
        try:
            yield mask, exported(bounded, self._memo)
            return
        except _Reference:
            pass
        while mask:
            turn = self._machine.turn = Turn(first(mask), mask)
            try:
                value = exported(self._sizes.bounded(plain(self._machine, held)), self._memo)
            except NotEvaluated as error:
                assert isinstance(held, Value)
                value = Unknown(str(error), held.source, held.where, held.steps)
            yield turn.mask, value
            mask &= ~turn.mask

    def _facets(self, slot: Slot, mask: int) -> Iterator[tuple[int, Content]]:
        for some, content in slot.facets:
            if content.__class__ is Slot:
                yield from self._facets(content, mask & some)
            elif mask & some:
                yield mask & some, content


_SCALARS = frozenset((str, int, bool, float, type(None)))


class _Reference(Exception):  # noqa: N818 - found on the way, no error
    """A reference is in an array."""


def untouched(name: str, held: Content) -> bool:
    """Whether a setting is what it was before the configuration ran: nothing was put onto it."""
    return isinstance(held, Value) and isinstance(held.data, PhpArray) and held.data.base == name and not held.data


def exported(held: Content, memo: dict[int, Any]) -> Result | Missing:
    """A content as a value for reports: objects and closures by their names, arrays plain.

    Raises _Reference where there is a reference in it.
    """
    if held.__class__ is Slot:
        raise _Reference
    if not isinstance(held, Value):
        return held  # type: ignore[return-value]
    data: Any = held.data
    if isinstance(data, dict):
        found = memo.get(id(data))
        if found is None:
            found = memo[id(data)] = (data, _exported_array(data, memo))
        return held if found[1] is data else held.with_data(found[1])
    if isinstance(data, Closure):
        assert data.function is not None
        code = data.function.code
        path = posixpath.relpath(code.path, ROOT)
        line = code.source.span(data.function.node.start_byte << 32 | data.function.node.end_byte).line
        return held.with_data(Input(f"closure:{path}:{line}"))
    if data.__class__ is Perhaps:
        return held.with_data(Input(data.name))
    if isinstance(data, Instance):
        return held.with_data(Input(f"object:{data.name}"))
    return held


def _exported_array(data: dict[Any, Any], memo: dict[int, Any]) -> dict[Any, Any]:
    changed = {
        key: new
        for key, item in data.items()
        if not (item.__class__ is Value and item.data.__class__ in _SCALARS)
        and (new := exported(item, memo)) is not item
    }
    return {**data, **changed} if changed else data
