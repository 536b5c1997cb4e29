"""Which extensions and skins each wiki of both realms loads, and the statement that loads each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core.model import MISSING, Hole, InputError, Realm, Unknown, Value
from driftcheck.core.nearest import nearest
from driftcheck.layers.records import Answer, Explanation, Reason, Words
from driftcheck.mediawiki.loading import is_name

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from driftcheck.core.model import Missing, Result, Span
    from driftcheck.mediawiki.config import MediaWikiConfig

    Column = list[Result | Missing]

_WORDS = Words(without=" does not have", joined=False)


class Side(NamedTuple):
    """The wikis of a realm that load something, those of which it is not known, and the statements that load it."""

    wikis: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()


class Loaded(NamedTuple):
    """An extension or a skin, ``extension:ORES``, in both realms; ``apart`` are the wikis of both that one side loads it on."""

    name: str
    production: Side
    beta: Side
    apart: Mapping[Realm, tuple[str, ...]]

    def side(self, realm: Realm) -> Side:
        """One realm's."""
        return self.production if realm is Realm.PRODUCTION else self.beta

    @property
    def only_in(self) -> Realm | None:
        """The realm that loads it anywhere, where the other loads it nowhere."""
        if any(self.side(realm).unknown for realm in Realm):
            return None
        held = [realm for realm in Realm if self.side(realm).wikis]
        return held[0] if len(held) == 1 else None

    @property
    def differs(self) -> bool:
        """Whether one realm alone loads it: at all, or on a wiki that both have."""
        return self.only_in is not None or any(self.apart.values())


class Survey(NamedTuple):
    """What both realms load, and what is not known of it."""

    revision: str
    entries: tuple[Loaded, ...]
    holes: tuple[Hole, ...]


def survey(config: MediaWikiConfig) -> Survey:
    """What the wikis of both realms load."""
    columns = {realm: _Columns(config, realm) for realm in Realm}
    both = set.intersection(*(set(held.dbnames) for held in columns.values()))
    entries = []
    holes = [hole for held in columns.values() for hole in held.holes]
    for name in sorted({name for held in columns.values() for name in held.names}):
        sides = {realm: _side(held.of(name), held.dbnames) for realm, held in columns.items()}
        holes += [hole for held in columns.values() for hole in _unknown(name, held.own(name))]
        entries.append(Loaded(name, sides[Realm.PRODUCTION], sides[Realm.BETA], _apart(sides, both)))
    holes += config.entire.tree.holes
    return Survey(config.tree.snapshot.revision, tuple(entries), tuple(dict.fromkeys(holes)))


class _Columns:
    """What a realm, or its wikis of these names, loads: a column for each name."""

    def __init__(self, config: MediaWikiConfig, realm: Realm, only: Collection[str] | None = None) -> None:
        from driftcheck.mediawiki.whole import outcome as whole

        realm_config = config.entire.realm(realm)
        self.known = {wiki.dbname for wiki in realm_config.wikis}
        if only is not None:
            realm_config = realm_config.limited(only)
        self.dbnames = [wiki.dbname for wiki in realm_config.wikis]
        self.names: dict[str, Column] = {}
        self.holes: list[Hole] = []
        self._lost: Column = []
        if self.dbnames:
            outcome = whole.assigned(config.entire.tree, realm, realm_config, lambda _: False)
            self.names = {name: held for name, held in outcome.loaded.items() if is_name(name)}
            self._lost, self.holes = outcome.lost, outcome.holes

    def own(self, name: str) -> Column:
        """A result for each wiki: true, or absent where no statement that was followed loads it."""
        return self.names.get(name) or [MISSING] * len(self.dbnames)

    def of(self, name: str) -> Column:
        """The same; on a wiki where something may load anything, what is absent is unknown."""
        return [lost if held is MISSING else held for held, lost in zip(self.own(name), self._lost, strict=True)]


def _side(column: Column, dbnames: list[str]) -> Side:
    rows = list(zip(dbnames, column, strict=True))
    distinct = {id(held): held for held in column if isinstance(held, Value)}.values()
    return Side(
        tuple(sorted(dbname for dbname, held in rows if isinstance(held, Value))),
        tuple(sorted(dbname for dbname, held in rows if isinstance(held, Unknown))),
        tuple(sorted({held.span for held in distinct if held.span is not None})),
    )


def _apart(sides: Mapping[Realm, Side], both: Collection[str]) -> dict[Realm, tuple[str, ...]]:
    """The wikis of both realms on which one realm alone is known to load it."""
    out = {}
    for realm, other in zip(Realm, reversed(Realm), strict=True):
        elsewhere = {*sides[other].wikis, *sides[other].unknown}
        out[realm] = tuple(name for name in sides[realm].wikis if name in both and name not in elsewhere)
    return out


def _unknown(name: str, column: Column) -> list[Hole]:
    distinct = {id(held): held for held in column if isinstance(held, Unknown)}.values()
    return [Hole(f"{name}: {held.words}", held.span) for held in distinct]


def explain(config: MediaWikiConfig, dbname: str, name: str) -> Explanation:
    """Whether a wiki loads an extension or a skin, and where. Raises InputError for a name that nothing loads."""
    sides = {realm: _Columns(config, realm, {dbname}) for realm in Realm}
    wikis = sorted({known for side in sides.values() for known in side.known})
    if dbname not in wikis:
        more = "; driftcheck show --realm production lists them all"
        raise InputError(f"{dbname}: no such wiki in either realm{nearest(dbname, wikis) or more}")
    if not any(name in side.names for side in sides.values()):
        known = [entry.name for entry in survey(config).entries]
        if name not in known:
            more = nearest(name, known) or "; driftcheck extensions lists those that are loaded"
            raise InputError(f"{name}: neither realm loads it{more}")
    answers = [_answer(realm, next(iter(side.of(name)), None)) for realm, side in sides.items()]
    return Explanation(dbname, name, answers, _WORDS)


def _answer(realm: Realm, held: Result | Missing | None) -> Answer:
    if held is None:
        return Answer(realm.value, None)
    if held is MISSING:
        return Answer(realm.value, Value(False), (Reason("not loaded"),))
    if isinstance(held, Unknown):
        return Answer(realm.value, held, (Reason("not known", at=held.span, quoted=held.span is not None),))
    return Answer(realm.value, held, (Reason("loaded by", at=held.span, quoted=True),))
