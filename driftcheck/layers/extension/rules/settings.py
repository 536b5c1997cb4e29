"""setting-drift of settings without a schema: one finding for what one line decides, at the part that differs.

What a row of the profile expects is left out, and so is what another rule tells: an extension that one realm alone
loads has its own finding, and its settings follow from it.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.diff import certainly_differ
from driftcheck.core.finding import Draft
from driftcheck.core.model import MISSING, Op, Value, first_place, is_loading, same
from driftcheck.core.severity import Severity
from driftcheck.core.words import some
from driftcheck.layers.extension.pages.drift import EXPECTATION_UNUSED, SETTING
from driftcheck.layers.extension.rules.differences import Difference
from driftcheck.layers.extension.rules.parts import wrong_parts
from driftcheck.layers.extension.rules.told import told
from driftcheck.mediawiki import known, registration

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from driftcheck.core.leaves import Leaf
    from driftcheck.core.model import Array, Missing, Path, Result, Span, Step
    from driftcheck.layers.extension.comparison import Comparison


def settings(context: Comparison) -> Iterator[Draft]:
    """setting-drift, by the lines that decide."""
    if context.profile.schema:
        return
    others = told(context)
    found: dict[str, list[Difference]] = {}
    for name in sorted({*context.production.columns, *context.beta.columns}):
        if is_loading(name) or context.profile.policy(name) != "same" or not context.profile.covers(name):
            continue
        differences = [one for one in _differences(context, name) if (name, one.dbname) not in others]
        if differences:
            found[name] = differences
    told_there = _without_parts(found)
    yield from wrong_parts(context, found)
    followers = _followers(context, found, others)
    by_lines: dict[object, dict[str, list[Difference]]] = {}
    for name, differences in found.items():
        if differences:
            by_lines.setdefault(_lines(name, differences), {})[name] = differences
    for names in by_lines.values():
        more = [name for name in told_there if told_there[name] in names]
        yield from _drafts(context, names, more, [other for name in names for other in followers.get(name, ())])


def _without_parts(found: dict[str, list[Difference]]) -> dict[str, str]:
    """Take out of ``found`` the parts of settings that the line of another setting of the arrays decides on that wiki.

    Answers with the settings of which nothing is left, each with the other one that has told it.
    """
    rows: dict[str, dict[Span | None, str]] = {}
    told_there: dict[str, str] = {}
    for name, differences in found.items():
        if name.startswith("wmg"):
            for one in differences:
                places = (
                    place for leaf in one.leaves for place in (first_place(leaf.beta), first_place(leaf.production))
                )
                rows.setdefault(one.dbname, {}).update((place, name) for place in places if place is not None)
    for name, differences in found.items():
        if not name.startswith("wmg"):
            kept = [one._replace(leaves=_own(one.leaves, rows.get(one.dbname, {}))) for one in differences]
            found[name] = [one for one in kept if one.leaves]
            if not found[name] and differences:
                told_there[name] = rows[differences[0].dbname][_decided_at(differences[0].leaves[0])]
    return told_there


def _decided_at(leaf: Leaf) -> Span | None:
    """Where a difference is written: beta's side of it, else production's."""
    return first_place(leaf.beta) or first_place(leaf.production)


def _own(leaves: Sequence[Leaf], rows: Mapping[Span | None, str]) -> list[Leaf]:
    """The differences that no row of another setting makes."""
    return [leaf for leaf in leaves if _decided_at(leaf) not in rows]


def _followers(
    context: Comparison, found: dict[str, list[Difference]], others: Container[tuple[str, str]]
) -> dict[str, dict[str, None]]:
    """The settings that differ because a switch does, by the switch; these differences are taken out of ``found``."""
    on = {name: {one.dbname for one in differences} for name, differences in found.items()}
    followers: dict[str, dict[str, None]] = {}
    for name, differences in found.items():
        left = []
        for one in differences:
            switch = _switch(context, name, one)
            if switch is not None and one.dbname in on.get(switch, ()):
                followers.setdefault(switch, {})[name] = None
            elif switch is None or (switch, one.dbname) not in others:
                left.append(one)
        found[name] = left
    return followers


def _switch(context: Comparison, name: str, one: Difference) -> str | None:
    """The setting that the condition around an assignment asks, where it differs too: the block runs in one realm."""
    for value in (one.production, one.beta):
        for guard in context.guards(_assigned(value)):
            sides = [context.value(side, guard, one.dbname) for side in context.sides]
            if guard != name and certainly_differ(*sides):
                return guard
    return None


def _assigned(value: Result | Missing) -> Span | None:
    """The statement that assigned a value last, else where the value is written."""
    if value is MISSING:
        return None
    return next((step.span for step in reversed(value.steps) if step.op is Op.ASSIGN and step.span), value.span)


def _lines(name: str, found: Sequence[Difference]) -> object:
    """What is one cause: the same lines in both realms; the setting alone where a place is not known."""
    places = frozenset(one.places() for one in found)
    return name if any(place is None for pair in places for place in pair) else places


def _drafts(
    context: Comparison, names: dict[str, list[Difference]], more: Sequence[str], followers: Sequence[str]
) -> Iterator[Draft]:
    """A draft for each wiki; of several settings that the lines decide the one that the arrays have comes first."""
    first, *rest = sorted(names, key=lambda name: (context.beta.setting(name) is None, name))
    rest = sorted({*rest, *more})
    found = names[first]
    path = _common([leaf.path for one in found for leaf in one.leaves])
    name = ".".join(map(str, path))
    message = f"{first}{'.' + name if name else ''} differs"
    if rest:
        message += f"; the same lines decide {some(rest)}"
    if followers:
        message += f"; it decides whether {some(followers)} {'is' if len(followers) == 1 else 'are'} set"
    ahead = all(
        leaf.production in (MISSING, Value(False)) and leaf.beta == Value(True) for one in found for leaf in one.leaves
    )
    rule = SETTING._replace(severity=Severity.NOTE) if ahead else SETTING
    for one in found:
        production, beta = (_part(one, side, path) for side in ("production", "beta"))
        related = tuple(_alone(one))
        yield Draft(
            rule, first, name, one.dbname, message, production, beta, *one.places(), related=related, group=first
        )


def _alone(one: Difference) -> Iterator[Span]:
    """The statement that one realm alone runs, where the other has nothing."""
    for held, other in ((one.production, one.beta), (one.beta, one.production)):
        at, place = _assigned(held) if other is MISSING else None, first_place(held)
        if at is not None and (place is None or at[:3] != place[:3]):
            yield at


def _common(paths: Sequence[Path]) -> Path:
    """The place that all differences share."""
    shortest = min(paths, key=len)
    for depth, key in enumerate(shortest):
        if any(path[depth] != key for path in paths):
            return shortest[:depth]
    return shortest


def _part(one: Difference, side: str, path: Path) -> Result | Missing:
    """What a realm has at the place: the value there, or, of a large array, only the parts that differ, by their paths."""
    held = [(leaf.path[len(path) :], getattr(leaf, side)) for leaf in one.leaves]
    if len(held) == 1 and not held[0][0]:
        return held[0][1]  # type: ignore[no-any-return] # of a leaf
    whole = reach.at(getattr(one, side), *path)
    if not isinstance(whole, Value):
        return whole
    parts: Array = {}
    for rest, part in held:
        if part is not MISSING:
            # Elements of a list have no names of their own.
            parts[".".join(map(str, rest)) or len(parts)] = part
    return Value(parts, steps=_steps(whole, first_place(*parts.values()))) if parts else MISSING


def _steps(whole: Value, place: Span | None) -> tuple[Step, ...]:
    """What made a value, from the place on at which the parts that differ stand: what came before made other parts."""
    mine = (step for step in whole.provenance if place is not None and step.span is not None and _at(step.span, place))
    return tuple(mine) or whole.provenance


def _at(step: Span, place: Span) -> bool:
    return step.path == place.path and step.end_line >= place.line


def _differences(context: Comparison, name: str) -> Iterator[Difference]:
    """The wikis on which a setting differs beyond what the profile's rows expect."""
    owners = known.readers(name, context.date)
    # Empty where they agree; the columns keep every value alive.
    differ: dict[tuple[int, int], list[Result | Missing]] = {}
    for dbname, *held in context.pairs(name, "assignments"):
        key = id(held[0]), id(held[1])
        if key not in differ:
            pair = [_value(context, name, one, owners) for one in held]
            differ[key] = [] if same(*pair) or (name.startswith("wmg") and _unset_or_false(*pair)) else pair
        if not differ[key] or (owners and not _matters(context, owners, dbname)):
            continue
        ours, theirs = differ[key]
        left = context.expectations.left(name, ours, theirs)
        if left:
            removed = context.removed(context.production, name, dbname), context.removed(context.beta, name, dbname)
            yield Difference(dbname, ours, theirs, left, removed)


def _unset_or_false(*sides: Result | Missing) -> bool:
    """Whether a switch of CommonSettings.php is off in one realm and not there in the other, which its conditions do not tell."""
    held = [side for side in sides if side is not MISSING]
    return len(held) == 1 and isinstance(held[0], Value) and held[0].data is False


def _value(context: Comparison, name: str, held: Result | Missing, owners: tuple[str, ...]) -> Result | Missing:
    """What a setting means; where nothing sets it, what its extension has for it."""
    held = context.profile.implied(name, held)
    if held is not MISSING:
        return held
    for owner in owners:
        if owner != known.CORE and (entry := _defaults(owner, context.date).entries.get(name)) is not None:
            return MISSING if entry.value.data is None else entry.value
    return held


@functools.cache
def _defaults(owner: str, date: str) -> registration.ExtensionDefaults:
    return registration.bundled(owner, date)


def _matters(context: Comparison, owners: Sequence[str], dbname: str) -> bool:
    """Whether one that reads a setting may run on a wiki in both realms: where none does, nothing shows the difference."""
    return any(owner == known.CORE or _in_both(context, owner, dbname) for owner in owners)


def _in_both(context: Comparison, owner: str, dbname: str) -> bool:
    return all(context.may_load(side, owner, dbname) for side in context.sides)


def unused(context: Comparison) -> Iterator[Draft]:
    """expectation-unused: the rows of a user's own profile, once every setting of it was compared."""
    if context.profile.schema or context.profile.more:
        return
    context.once(settings)
    for row in context.expectations.unused():
        yield Draft(
            EXPECTATION_UNUSED, row.settings[0], "", "", f"this row explains no difference: {row}", beta_at=row.at
        )


CHECKS = (unused,)
"""What :func:`settings` says goes through rules/lists.py."""
