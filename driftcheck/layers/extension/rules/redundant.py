"""What can be deleted from beta's overrides: without it every wiki of beta has the same values, as evaluation shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.diff import identical
from driftcheck.core.finding import Draft
from driftcheck.core.model import LOADED, MISSING, Realm, first_place
from driftcheck.core.words import listed
from driftcheck.layers.extension.overlay import column, is_left_out, rows, selectable
from driftcheck.layers.extension.pages.overrides import REDUNDANT
from driftcheck.layers.extension.rules.overrides import assigned_at, defeated
from driftcheck.mediawiki.settings import RealmConfig

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftcheck.core.model import Key, Missing, Result, Span, Value
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.extension.overlay import Column, Row
    from driftcheck.mediawiki.settings import LazySetting
    from driftcheck.mediawiki.whole.overriding import Statement


def redundant_rows(context: Comparison) -> Iterator[Draft]:
    """override-redundant, of the overlay: whole rows first, then selectors of the others."""
    beta, later = context.beta, []
    dead = {draft.setting for draft in context.once(defeated)}
    reaching = selectable(beta)
    for row in rows(beta, context.profile):
        have = column(beta, row.merged)
        left = column(beta, row.beneath)
        if _identical(have, left):
            yield from _of_row(context, row)
        elif row.setting not in dead and _assigned_later(context, row, have, left):
            later.append(row)
        elif reaching is not None and (keys := _selectors(context, row, have, reaching)):
            yield from _of_selectors(context, row, keys)
    for row in _proved(context, later):
        yield from _of_row(context, row)


def _identical(ours: Column, theirs: Column) -> bool:
    return all(map(identical, ours, theirs))


def _of_row(context: Comparison, row: Row) -> Iterator[Draft]:
    pinned = "; its - keeps it so whatever production does" if row.pinned else ""
    message = f"beta has the same value of {row.setting} on every wiki without this row{pinned}"
    return _drafts(context, row, message, row.value(), "")


def _of_selectors(context: Comparison, row: Row, keys: list[str]) -> Iterator[Draft]:
    what = f"the selector{'s' if len(keys) > 1 else ''} {listed(keys)}"
    message = f"beta has the same value of {row.setting} on every wiki without {what} of this row"
    return _drafts(context, row, message, row.value(keys), ", ".join(keys))


def _drafts(context: Comparison, row: Row, message: str, value: Value, path: str) -> Iterator[Draft]:
    at = row.own.by_selector[path.partition(", ")[0]].span if path else row.span
    for wiki in context.beta.wikis:
        yield Draft.one_sided(Realm.BETA, REDUNDANT, row.setting, path, wiki.dbname, message, value, at)


def _selectors(context: Comparison, row: Row, have: Column, reaching: set[str]) -> list[str]:
    """The selectors that can go, all of them together; one that reaches no wiki is told by selector-unknown."""
    held = row.own.by_selector.items()
    keys = [str(key) for key, value in held if key in reaching and not is_left_out(str(key), value)]
    alone = [key for key in keys if _holds(context, row, have, [key])]
    if _holds(context, row, have, alone):
        return alone
    together: list[str] = []
    for key in alone:
        if _holds(context, row, have, [*together, key]):
            together.append(key)
    return together


def _holds(context: Comparison, row: Row, have: Column, keys: list[str]) -> bool:
    """Whether every wiki has the same value without these selectors of a row."""
    left: set[Key] = {key for key in keys if key in row.own.by_selector}
    without = row.without(left)
    return without is not None and _identical(have, column(context.beta, without))


# -- rows whose value CommonSettings.php replaces ----------------------------------------------------------------------


def _assigned_later(context: Comparison, row: Row, have: Column, left: Column) -> bool:
    """Whether a statement assigns the setting anew wherever the row makes a difference to the arrays."""
    beta = context.beta
    if (
        beta.outcome is None
        or "*" not in context.profile.settings
        or row.setting in {statement.name for statement in beta.outcome.statements}
    ):
        return False
    after = beta.column(row.setting, "assignments")
    changed = [n for n, pair in enumerate(zip(have, left, strict=True)) if not identical(*pair)]
    return bool(after) and all(after[n] is not MISSING and assigned_at(after[n], row.setting) for n in changed)


def _proved(context: Comparison, later: list[Row]) -> list[Row]:
    """The rows without which CommonSettings.php leaves the same behind, all of them together."""
    if not later or not _changes(context, later):
        return later
    return [row for row in later if not _changes(context, [row])]


def _changes(context: Comparison, gone: Iterable[Row]) -> bool:
    """Whether CommonSettings.php leaves something else behind without some rows, on the wikis where they matter."""
    beta = context.beta
    assert beta.again is not None
    assert beta.config.overlay is not None
    settings = dict(beta.config.settings)
    touched: set[int] = set()
    for row in gone:
        pairs = zip(column(beta, row.merged), column(beta, row.beneath), strict=True)
        touched |= {number for number, pair in enumerate(pairs) if not identical(*pair)}
        _put(settings, row.name, beta.config.overlay.beneath.get(row.name))
    config = RealmConfig(Realm.BETA, beta.config.resolver, settings, beta.config.overlay)
    new = beta.again(config.limited({beta.wikis[number].dbname for number in touched})).settings
    numbers, nothing = sorted(touched), [MISSING] * len(beta.wikis)
    return not all(
        identical(beta.assigned.get(name, nothing)[number], new.get(name, nothing)[place])
        for name in {*new, *beta.assigned}
        for place, number in enumerate(numbers)
    )


def _put(settings: dict[str, LazySetting], name: str, setting: LazySetting | None) -> None:
    if setting is None:
        settings.pop(name)
    else:
        settings[name] = setting


# -- statements of beta's own file -------------------------------------------------------------------------------------


def redundant_statements(context: Comparison) -> Iterator[Draft]:
    """override-redundant, of beta's CommonSettings file: what a statement assigns or loads is so before it, or is so later anyway."""
    beta = context.beta
    for statement in beta.outcome.statements if beta.outcome is not None else ():
        name = _shown(statement)
        message = _why(context, statement) if context.profile.judges(name) else ""
        path = ".".join(statement.path)
        ran = any(held is not MISSING for held in statement.left)
        for wiki, left in zip(beta.wikis, statement.left, strict=True):
            if message and (left is not MISSING or not ran):
                value = _written(statement, left)
                yield Draft.one_sided(Realm.BETA, REDUNDANT, name, path, wiki.dbname, message, value, statement.span)


def _why(context: Comparison, statement: Statement) -> str:
    """Why a statement changes nothing; empty where it does, or may."""
    name = statement.name.rpartition(":")[2]
    if not statement.idle:
        later = _repeated(context, statement)
        return "" if later is None else f"{later} gives {name} the same value later, and nothing reads it before"
    if statement.name == name and all(held is MISSING for held in statement.left):
        return "no wiki of beta runs this statement"
    return f"{name} {'has this value' if name == statement.name else 'is loaded'} before this statement"


def _repeated(context: Comparison, statement: Statement) -> Span | None:
    """The statement of another file that assigns the very same later, wherever this one runs, and that nothing reads before."""
    name, places = statement.name, set()
    for wiki, left in zip(context.beta.wikis, statement.left, strict=True):
        if left is not MISSING:
            after = context.value(context.beta, name, wiki.dbname, "assignments")
            at = assigned_at(after, name)
            if (
                at is None
                or at.path == statement.span.path
                or at == assigned_at(left, name)
                or not identical(left, after)
            ):
                return None
            places.add(at)
    alone = places and not statement.path and not any(context.reads(at, name) for at in places)
    return min(places) if alone and not context.mentioned(name) else None


def _written(statement: Statement, left: Result | Missing) -> Result | Missing:
    """The value that a statement spells out; MISSING where it comes from elsewhere, so that the finding stands at the statement."""
    value, within = reach.at(left, *statement.path), statement.span
    at = first_place(value)
    return value if at is not None and at.path == within.path and within.line <= at.line <= within.end_line else MISSING


def _shown(statement: Statement) -> str:
    """The setting that a statement assigns, or the name of what it loads."""
    kind, _, loaded = statement.name.partition(":")
    return LOADED.format(loaded) if loaded else kind


CHECKS = (redundant_rows, redundant_statements)
