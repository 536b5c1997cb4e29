"""Which settings hang on which inputs: CommonSettings.php runs once more, in worlds in which one input each has another value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from driftcheck.core.model import MISSING, Input, Parts, Value
from driftcheck.mediawiki.inputs import Inputs, as_result
from driftcheck.mediawiki.whole.outcome import Reader
from driftcheck.mediawiki.whole.start import run
from driftcheck.php.run.worlds import SEVERAL, Slot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from driftcheck.core.model import Missing, Realm, Result
    from driftcheck.mediawiki.settings import RealmConfig
    from driftcheck.mediawiki.tree import Tree
    from driftcheck.php.file import PhpFile
    from driftcheck.php.run.machine import Machine
    from driftcheck.php.run.worlds import Content


_OTHER = "other"
_MEANT = {"server:REQUEST_METHOD": "POST", "constant:PHP_SAPI": "cli", "env:WMF_DATACENTER": "codfw"}
"""What the configuration asks for, where any other value is like none."""


class Varied(Inputs):
    """Inputs in copies of the worlds: in the first as they are, and in each further copy one of them is another."""

    def __init__(self, like: Inputs, names: Sequence[str], wikis: int) -> None:
        super().__init__(like.rows, like.named)
        self.copies = len(names) + 1
        block = (1 << wikis) - 1
        self._masks = {name: block << wikis * number for number, name in enumerate(names, 1)}
        self._slots: dict[str, Slot] = {}

    def attach(self, machine: Machine) -> None:
        """The machine whose turns read them."""
        self._machine = machine

    def get(self, kind: str, name: str) -> Result | None:
        """As in :class:`Inputs`, in the world of the turn."""
        full = f"{kind}:{name}"
        held = super().get(kind, name)
        if full not in self._masks:
            return held
        if full not in self._slots:
            self._slots[full] = self._slot(full, MISSING if held is None else held)
        content: Any = self._machine.turn.read(self._slots[full])
        return None if content is MISSING else content

    def content(self, kind: str, name: str, held: Content) -> Content:
        """What an element of a variable of PHP is that an input gives."""
        full = f"{kind}:{name}"
        return self._slot(full, held) if full in self._masks else held

    def _slot(self, full: str, held: Content) -> Slot:
        slot = Slot(self._machine.everyone, held, SEVERAL)
        if isinstance(held, Slot):
            slot.facets, slot.links = list(held.facets), False
        slot.put([(self._masks[full], as_result(_MEANT.get(full) or other(self.rows[full])))])
        return slot


def other(data: Any) -> Any:  # noqa: ANN401 - JSON
    """Another value than an input has, of the same kind where it has one."""
    if isinstance(data, bool):
        return not data
    if isinstance(data, int | float):
        return data + 1
    if isinstance(data, dict) and list(data) not in (["input"], ["unknown"]):
        return {key: other(item) for key, item in data.items()} or {_OTHER: _OTHER}
    if isinstance(data, list):
        return [other(item) for item in data] or {_OTHER: _OTHER}
    return "1" if data is None else _OTHER


class Hanging(NamedTuple):
    """By the name of an input the settings that hang on it, and the files that were read for that."""

    settings: dict[str, set[str]]
    files: list[PhpFile]


def hanging(
    tree: Tree, realm: Realm, config: RealmConfig, names: Sequence[str], wanted: Callable[[str], bool]
) -> Hanging:
    """For each of these inputs, the settings that are not the same on all wikis where it has another value.

    Of what only has a name, those settings in which the name stands.
    """
    wikis = len(config.wikis)
    inputs = Inputs.of(realm, tree.inputs)
    named = {name for name in names if _name(inputs.rows[name]) or name.startswith("private:")}
    moving = [name for name in names if name not in named]
    varied = Varied(inputs, moving, wikis)
    machine = run(tree, realm, config, varied)
    reader = Reader(machine, wikis * varied.copies)
    found: dict[str, set[str]] = {name: set() for name in names}
    for setting in [name for name in (*machine.globals, *machine.late) if wanted(name)]:
        column = reader.column(machine.variable(setting), setting)
        own = {id(held): held for held in column[:wikis] if isinstance(held, Value)}.values()
        within = {name for held in own for name in _names(held)}
        for name in named:
            if (_name(inputs.rows[name]) or name) in within:
                found[name].add(setting)
        alike: dict[tuple[int, int], bool] = {}
        for number, name in enumerate(moving, 1):
            pairs = zip(column[:wikis], column[wikis * number : wikis * (number + 1)], strict=True)
            if not all(_alike(alike, one, another) for one, another in pairs):
                found[name].add(setting)
    return Hanging(found, machine.files)


def _name(data: Any) -> str:  # noqa: ANN401 - JSON
    """The name of what only has one."""
    return data["input"] if isinstance(data, dict) and list(data) == ["input"] else ""


def _names(held: Result) -> Iterator[str]:
    """The inputs in a value: a secret by the name of its variable."""
    data = held.data if isinstance(held, Value) else None
    if isinstance(data, dict):
        for item in data.values():
            yield from _names(item)
    elif isinstance(data, (Input, Parts)):
        for part in data.parts if isinstance(data, Parts) else (data,):
            if isinstance(part, Input):
                yield part.name.partition(".")[0] if part.name.startswith("private:") else part.name


def _alike(memo: dict[tuple[int, int], bool], one: Result | Missing, another: Result | Missing) -> bool:
    """Whether two results are the same, and known; the memo is of one column."""
    if one is another:
        return True
    key = id(one), id(another)
    if key not in memo:
        memo[key] = isinstance(one, Value) and isinstance(another, Value) and one == another
    return memo[key]
