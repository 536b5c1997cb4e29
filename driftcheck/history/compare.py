"""Two trees of mediawiki-config, compared by what every setting is on every wiki.

Most changes touch a few rows or statements: then only the settings that these can reach are evaluated, in both trees.
Where that cannot be told, CommonSettings.php runs whole in both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftcheck.core.model import MISSING, InputError, Realm, Unknown, has_unknown
from driftcheck.core.nearest import nearest
from driftcheck.history.alike import alike
from driftcheck.history.reached import reached
from driftcheck.history.touched import touched
from driftcheck.layers.extension.effective import columns
from driftcheck.layers.extension.read import Run
from driftcheck.mediawiki.commonsettings import Assignments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from driftcheck.core.model import Hole, Missing, Result
    from driftcheck.layers.base import Options

    Column = list[Result | Missing]


@dataclass(frozen=True, slots=True)
class Change:
    """A setting that is not what it was, on the wikis of a realm where it was ``before`` and is ``after``.

    MISSING is absent: the setting, or the wiki.
    """

    setting: str
    realm: Realm
    wikis: tuple[str, ...]
    before: Result | Missing
    after: Result | Missing

    @property
    def known(self) -> bool:
        """Whether both values are known."""
        return not (has_unknown(self.before) or has_unknown(self.after))


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changes between two trees. ``partly`` says that only what the change can reach was evaluated."""

    changes: tuple[Change, ...]
    holes: tuple[Hole, ...]
    partly: bool


def compare(old: Run, new: Run, realms: Iterable[Realm] = tuple(Realm)) -> Comparison:
    """Every setting of every wiki of some realms, after the assignments. Raises InputError where a tree cannot be read."""
    names = reached(old, new)
    if names is not None:
        changes = _partly(old, new, {realm: names[realm] for realm in realms})
        if changes is not None:
            return Comparison(tuple(changes), (), partly=True)
    wikis = touched(old, new)
    changes = [change for realm in realms for change in _whole(old, new, realm, wikis[realm] if wikis else None)]
    if names is not None:
        # What is not known in either tree, and what the change cannot reach, is what it was.
        changes = [change for change in changes if change.known or change.setting in names[change.realm]]
    holes = dict.fromkeys((*old.config.tree.holes, *new.config.tree.holes))
    return Comparison(tuple(changes), tuple(holes), partly=wikis is not None)


def _partly(old: Run, new: Run, names: Mapping[Realm, set[str]]) -> list[Change] | None:
    """The changes among settings that a change can reach; None where one of them is not known without a whole run."""
    changes: list[Change] = []
    for realm, wanted in names.items():
        if not wanted:
            continue
        sides = [_evaluated(run, realm, wanted) for run in (old, new)]
        if sides[0] is None or sides[1] is None:
            return None
        changes += _differences(realm, sides[0], sides[1])
    return changes


class _Side:
    """The settings of a realm's wikis."""

    def __init__(self, dbnames: tuple[str, ...], settings: Mapping[str, Column]) -> None:
        self.dbnames, self.settings = dbnames, settings
        self._number = {dbname: number for number, dbname in enumerate(dbnames)}

    def value(self, setting: str, dbname: str) -> Result | Missing:
        """A setting on a wiki; MISSING where there is no such wiki."""
        column, number = self.settings.get(setting), self._number.get(dbname)
        return MISSING if column is None or number is None else column[number]


def _evaluated(run: Run, realm: Realm, names: set[str]) -> _Side | None:
    """Some settings of a realm; None where one of them is not known without a whole run."""
    config = run.config.realm(realm)
    assignments = Assignments(
        run.config.tree, realm, config.wikis, wanted=names.__contains__, elements=(), extension=""
    )
    if not assignments.followed or assignments.read_elsewhere():
        return None
    wanted = names | assignments.reads
    held = columns(config, [name for name in config.settings if name.removeprefix("+") in wanted])
    after = assignments.apply(held)
    settings = {name: column for name, column in after.items() if name in names}
    if any(has_unknown(value) for column in settings.values() for value in _distinct(column)):
        return None
    return _Side(tuple(wiki.dbname for wiki in config.wikis), settings)


def _distinct(column: Column) -> Iterator[Result | Missing]:
    yield from {id(value): value for value in column}.values()


def _whole(old: Run, new: Run, realm: Realm, wikis: set[str] | None = None) -> list[Change]:
    """The changes after a run of the whole of CommonSettings.php, for all wikis or for some."""
    if wikis is not None and not wikis:
        return []
    sides = []
    for run in (old, new):
        effective = run.realm(realm, "assignments", tuple(wikis or ()))
        dbnames = tuple(wiki.dbname for wiki in effective.wikis)
        sides.append(_Side(dbnames, effective.stage("assignments", run.options.profile)))
    return _differences(realm, sides[0], sides[1])


def _differences(realm: Realm, before: _Side, after: _Side) -> list[Change]:
    """What differs, wikis with the same values together."""
    dbnames = tuple(dict.fromkeys((*before.dbnames, *after.dbnames)))
    changes = []
    same: dict[tuple[int, int], bool] = {}
    for setting in sorted({*before.settings, *after.settings}):
        groups: dict[tuple[int, int], list[str]] = {}
        values: dict[tuple[int, int], tuple[Result | Missing, Result | Missing]] = {}
        for dbname in dbnames:
            pair = before.value(setting, dbname), after.value(setting, dbname)
            if pair[0] is pair[1] and not isinstance(pair[0], Unknown):
                continue
            key = id(pair[0]), id(pair[1])
            if key not in same:
                same[key] = alike(*pair)
            if not same[key]:
                groups.setdefault(key, []).append(dbname)
                values[key] = pair
        merged: list[tuple[tuple[Result | Missing, Result | Missing], list[str]]] = []
        for key, wikis in groups.items():
            for pair, held in merged:
                if all(alike(one, other) for one, other in zip(pair, values[key], strict=True)):
                    held.extend(wikis)
                    break
            else:
                merged.append((values[key], list(wikis)))
        changes += [Change(setting, realm, tuple(sorted(wikis)), *pair) for pair, wikis in merged]
    return changes


def between(run: Run, one: tuple[Realm, str], other: tuple[Realm, str]) -> list[Change]:
    """Where a wiki differs from another of one tree, or from itself in the other realm.

    Raises InputError for a wiki that a realm does not have.
    """
    sides = []
    for realm, dbname in (one, other):
        known = [wiki.dbname for wiki in run.config.realm(realm).wikis]
        if dbname not in known:
            raise InputError(f"{dbname}: no such wiki in {realm.value}{nearest(dbname, known) or ''}")
        effective = run.realm(realm, "assignments", (dbname,))
        columns = effective.stage("assignments", run.options.profile)
        number = next(n for n, wiki in enumerate(effective.wikis) if wiki.dbname == dbname)
        sides.append({name: column[number] for name, column in columns.items()})
    before, after = sides
    pairs = [(name, before.get(name, MISSING), after.get(name, MISSING)) for name in sorted({*before, *after})]
    return [Change(name, other[0], (other[1],), *pair) for name, *pair in pairs if not alike(*pair)]


def narrowed(run: Run, options: Options, like: Run | None = None) -> Run:
    """The same tree for settings that a run has in scope too: what is parsed and resolved of it is shared."""
    other = Run(run.snapshot.untraced, options, like)
    other.sides, other.snapshot, other.parses, other.config = run.sides, run.snapshot, run.parses, run.config
    return other
