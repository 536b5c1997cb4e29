"""Extensions and skins that one realm alone loads, where the profile is of no extension: every one that the tree loads."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core.diff import certainly_differ
from driftcheck.core.finding import Draft
from driftcheck.core.model import LOADED, MISSING, Realm, Value, first_place, is_loading
from driftcheck.core.words import listed
from driftcheck.layers.extension.pages.drift import EXTENSION_OFF, EXTENSION_ONLY
from driftcheck.mediawiki.loading import is_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.model import Missing, Result, Span
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.extension.effective import Effective


class _Apart(NamedTuple):
    """A wiki on which one realm alone loads something, and the value that stands for the loading."""

    name: str
    dbname: str
    realm: Realm
    loaded: Value


def loading(context: Comparison) -> Iterator[Draft]:
    """extension-off-in-beta, extension-only-in-beta: one finding for what one switch decides."""
    if context.profile.extension:
        return
    outcomes = [side.outcome for side in context.sides if side.outcome is not None]
    by_switch: dict[tuple[Realm, str], list[_Apart]] = {}
    for name in sorted({name for outcome in outcomes for name in outcome.loaded if is_name(name)}):
        apart = list(_apart(context, name))
        for realm in Realm:
            mine = [one for one in apart if one.realm is realm]
            if mine:
                by_switch.setdefault((realm, _switch(context, mine)), []).extend(mine)
    for (realm, setting), some in by_switch.items():
        # What no switch decides is of interest where everything is.
        whole = is_loading(setting) and context.profile.shows(setting) and context.profile.mentions() is None
        if context.profile.judges(setting) or whole:
            yield from _drafts(context, setting, realm, some)


def _apart(context: Comparison, name: str) -> Iterator[_Apart]:
    """The wikis of both realms of which it is certain that one realm loads something and the other does not."""
    for dbname in context.compared:
        ours, theirs = (_loaded(context, side, name, dbname) for side in context.sides)
        if isinstance(ours, Value) and theirs is MISSING:
            yield _Apart(name, dbname, Realm.PRODUCTION, ours)
        elif isinstance(theirs, Value) and ours is MISSING:
            yield _Apart(name, dbname, Realm.BETA, theirs)


def _loaded(context: Comparison, side: Effective, name: str, dbname: str) -> Result | Missing:
    """Whether a wiki loads something: MISSING is certainly not, for what is lost may load anything."""
    outcome, number = side.outcome, context.number(side, dbname)
    if outcome is None or number is None:
        return MISSING
    held = outcome.loaded[name][number] if name in outcome.loaded else MISSING
    return outcome.lost[number] if held is MISSING else held


def _drafts(context: Comparison, setting: str, realm: Realm, apart: list[_Apart]) -> Iterator[Draft]:
    off = realm is Realm.PRODUCTION
    rule, where = (
        (EXTENSION_OFF, "production and not in beta") if off else (EXTENSION_ONLY, "beta and not in production")
    )
    names = list(dict.fromkeys(_words(one.name) for one in apart))
    message = f"{listed(names)} {'is' if len(names) == 1 else 'are'} loaded in {where}"
    production, beta = (_place(context, side, setting, apart[0]) for side in context.sides)
    related = tuple(dict.fromkeys(one.loaded.span for one in apart if one.loaded.span is not None))
    for dbname in dict.fromkeys(one.dbname for one in apart):
        yield Draft(rule, setting, "", dbname, message, Value(off), Value(not off), production, beta, related=related)


def _words(name: str) -> str:
    kind, _, bare = name.partition(":")
    return bare if kind == "extension" else f"the skin {bare}"


def _place(context: Comparison, side: Effective, setting: str, apart: _Apart) -> Span | None:
    """The line of the switch in a realm; without a switch, the statement in the realm that runs it."""
    loaded = apart.loaded if side.realm is apart.realm else MISSING
    return first_place(context.value(side, setting, apart.dbname), loaded)


def _switch(context: Comparison, apart: list[_Apart]) -> str:
    """The setting that decides about a loading: of the guards around the statement the first that differs, else the first.

    Without a guard it is the name of the loading itself.
    """
    names = list(context.guards(apart[0].loaded.span))
    for name in names:
        if certainly_differ(*(context.value(side, name, apart[0].dbname) for side in context.sides)):
            return name
    return names[0] if names else LOADED.format(apart[0].name.partition(":")[2])


CHECKS = (loading,)
