"""Drift between the realms: what production has and beta does not, or the reverse."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core import reach
from driftcheck.core.diff import Kind, certainly_differ, diff
from driftcheck.core.finding import Draft, Rule
from driftcheck.core.model import MISSING, Realm, Unknown, Value, first_place, is_loading, same
from driftcheck.layers.extension.comparison import is_on
from driftcheck.layers.extension.pages.drift import (
    EXTENSION_OFF,
    EXTENSION_ONLY,
    MODEL_OFF,
    MODEL_ONLY,
    MODEL_OPTION,
    SETTING,
    THRESHOLD,
    WIKI_NOT_IN_BETA,
)
from driftcheck.layers.extension.rules.places import at_own_parts, decided_elsewhere

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.diff import Drift
    from driftcheck.core.model import Missing, Result, Span
    from driftcheck.layers.extension.comparison import Comparison


_SWITCHES = ("excludeBots", "cleanParent", "keepForever")
OPTIONS = ("namespaces", "sources", *_SWITCHES)


def wikis(context: Comparison) -> Iterator[Draft]:
    """extension-off-in-beta, extension-only-in-beta, wiki-not-in-beta."""
    if not context.profile.extension:
        return
    switch = context.profile.switch
    for wiki in context.production.wikis:
        dbname = wiki.dbname
        ours = context.enabled(context.production, dbname)
        if not context.has(Realm.BETA, dbname):
            if ours is True and (context.profile.schema or not context.on(context.beta)):
                message = f"{context.profile.extension} is on in production, and the wiki does not exist in beta"
                value = context.value(context.production, switch, dbname)
                yield Draft(WIKI_NOT_IN_BETA, switch, "", dbname, message, production=value)
            continue
        yield from _switched(context, dbname, ours, context.enabled(context.beta, dbname), switch)
    yield from _interface(context)


def _switched(
    context: Comparison, dbname: str, ours: bool | Unknown, theirs: bool | Unknown, switch: str
) -> Iterator[Draft]:
    if isinstance(ours, Unknown) or isinstance(theirs, Unknown) or ours is theirs:
        return
    name = context.profile.extension
    production = context.value(context.production, switch, dbname)
    beta = context.value(context.beta, switch, dbname)
    if ours:
        message = f"{name} is on in production and off in beta"
        yield Draft(EXTENSION_OFF, switch, "", dbname, message, production, beta)
    else:
        message = f"{name} is on in beta and off in production"
        yield Draft(EXTENSION_ONLY, switch, "", dbname, message, production, beta)


def _interface(context: Comparison) -> Iterator[Draft]:
    path = context.properties.get("wgOresUiEnabled")
    for dbname in context.compared if path else ():
        assert path is not None
        production, beta = (side.property(dbname, *path) for side in context.sides)
        on_here, on_there = reach.is_true(production), reach.is_true(beta)
        if on_here is True and on_there is False:
            message = "the interface of ORES is on in production and off in beta"
            yield Draft(EXTENSION_OFF, "wgOresUiEnabled", "", dbname, message, production, beta)
        elif on_here is False and on_there is True:
            message = "the interface of ORES is on in beta and off in production"
            yield Draft(EXTENSION_ONLY, "wgOresUiEnabled", "", dbname, message, production, beta)


def models(context: Comparison) -> Iterator[Draft]:
    """model-off-in-beta, model-only-in-beta, model-option-drift."""
    for dbname in context.compared:
        production, beta = (side.property(dbname, "models") for side in context.sides)
        for name in map(str, dict.fromkeys((*reach.array(production), *reach.array(beta)))):
            ours, theirs = reach.get(production, name), reach.get(beta, name)
            on_here, on_there = is_on(ours), is_on(theirs)
            if isinstance(on_here, Unknown) or isinstance(on_there, Unknown):
                continue
            if on_here is not on_there:
                # What beta's array leaves to the extension's default is told by extension-default-leak.
                if not (on_there and _leaked(context, dbname, name)):
                    rule = MODEL_OFF if on_here else MODEL_ONLY
                    yield _switched_model(dbname, name, rule, production, beta)
            elif on_here:
                yield from _options(dbname, name, ours, theirs)


def _leaked(context: Comparison, dbname: str, model: str) -> bool:
    """Whether beta's models array is there and does not name a model."""
    models = reach.array(context.value(context.beta, "wgOresModels", dbname, "assignments"))
    return bool(models) and model not in models


def _switched_model(dbname: str, name: str, rule: Rule, production: Result | Missing, beta: Result | Missing) -> Draft:
    """A model that one realm alone has on; ``production`` and ``beta`` are the models of each."""
    words = "on in production and off in beta" if rule is MODEL_OFF else "on in beta and off in production"
    ours, theirs = reach.get(production, name), reach.get(beta, name)
    return Draft(
        rule,
        "wgOresModels",
        f"{name}.enabled",
        dbname,
        f"{name} is {words}",
        reach.get(ours, "enabled"),
        reach.get(theirs, "enabled"),
        first_place(ours, production),
        first_place(theirs, beta),
    )


def _options(dbname: str, name: str, ours: Result | Missing, theirs: Result | Missing) -> Iterator[Draft]:
    for option in OPTIONS:
        left, right = reach.get(ours, option), reach.get(theirs, option)
        if not certainly_differ(left, right):
            continue
        if option in _SWITCHES and _flag(left) is _flag(right) is not None:
            continue
        message = f"the option {option} of {name} differs"
        at = first_place(left, ours), first_place(right, theirs)
        yield Draft(MODEL_OPTION, "wgOresModels", f"{name}.{option}", dbname, message, left, right, *at)


def _flag(option: Result | Missing) -> bool | None:
    """A switch, absent meaning off; None where it is no switch."""
    if option is MISSING:
        return False
    return bool(option.data) if isinstance(option, Value) and not reach.is_array(option) else None


def thresholds(context: Comparison) -> Iterator[Draft]:
    """threshold-drift, level by level, for the models that are on in both realms."""
    path = context.properties.get("wgOresFiltersThresholds")
    for dbname in context.compared if path else ():
        assert path is not None
        production, beta = (side.property(dbname, *path) for side in context.sides)
        for drift in diff(production, beta, depth=2):
            model = str(drift.path[0]) if drift.path else ""
            if drift.kind is Kind.UNDECIDED or (model and not _relevant(context, dbname, model)):
                continue
            named = ".".join(map(str, drift.path))
            message = f"the thresholds {named} differ" if named else "the thresholds differ"
            yield _drifted(drift, THRESHOLD, "wgOresFiltersThresholds", named, dbname, message)


def _drifted(
    drift: Drift,
    rule: Rule,
    setting: str,
    path: str,
    dbname: str,
    message: str,
    removed: tuple[Span | None, Span | None] = (None, None),
) -> Draft:
    """A draft about a difference; ``removed`` are the lines that take the setting away from a realm, by realm."""
    return Draft(
        rule,
        setting,
        path,
        dbname,
        message,
        drift.production,
        drift.beta,
        first_place(drift.production, drift.production_around) or removed[0],
        first_place(drift.beta, drift.beta_around) or removed[1],
    )


_OWN_RULES = {"wgOresModels", "wgOresFiltersThresholds", "wgOresUiEnabled"}
_FOLDED = "wgOresDraftQualityNS"
"""It is an option of a model, where models are normalised."""
_BY_MODEL = {"wgOresModelClasses": 0, "wgOresModelVersions": 1}
"""Settings that hold something for each model, and how deep the model's name is: off models are dormant."""


def settings(context: Comparison) -> Iterator[Draft]:
    """setting-drift where a schema knows the settings: whatever has no rule of its own and no policy that lets it differ."""
    names = sorted({*context.production.columns, *context.beta.columns}) if context.profile.schema else ()
    for name in names:
        if _has_own_rule(context, name) or context.profile.policy(name) != "same" or not context.profile.covers(name):
            continue
        path = context.properties.get(name)
        known: dict[tuple[int, ...], _Parts] = {}
        for dbname in context.compared:
            said = [context.value(side, name, dbname) for side in context.sides]
            if path is not None:
                sides = [side.property(dbname, *path) for side in context.sides]
            else:
                sides = [context.profile.implied(name, value) for value in said]
            key = (*map(id, said), *map(id, sides))
            if key not in known:
                known[key] = _parts(name, said, sides, read_from_document=path is not None)
            yield from _setting(context, name, dbname, known[key])


class _Parts(NamedTuple):
    """The parts in which two sides differ, each with the statements elsewhere that decided it; ``held`` keeps the sides."""

    held: tuple[Result | Missing, ...]
    rows: list[tuple[Drift, tuple[Span, ...]]]


def _parts(
    name: str, said: list[Result | Missing], sides: list[Result | Missing], *, read_from_document: bool
) -> _Parts:
    held = (*said, *sides)
    if same(*sides):
        return _Parts(held, [])
    # What nobody wrote (the wiki's own dbname as its wikiId) is absent from a finding; a profile's words are not.
    shown = [
        MISSING if value is MISSING and read_from_document else side for value, side in zip(said, sides, strict=True)
    ]
    drifts = diff(*at_own_parts(shown[0], shown[1]), depth=-1 if name in _BY_MODEL else 0)
    return _Parts(
        held, [(drift, tuple(decided_elsewhere(drift))) for drift in drifts if drift.kind is not Kind.UNDECIDED]
    )


def _has_own_rule(context: Comparison, name: str) -> bool:
    """Whether another rule compares a setting: the switch, the loading, what the schema's models and thresholds hold."""
    if name == _FOLDED:
        return "wgOresModels" in context.properties
    own = name in _OWN_RULES and name in context.properties
    return own or is_loading(name) or name == context.profile.switch


def _setting(context: Comparison, name: str, dbname: str, parts: _Parts) -> Iterator[Draft]:
    at = _BY_MODEL.get(name) if "wgOresModels" in context.properties else None
    for drift, related in parts.rows:
        if at is not None and len(drift.path) > at and not _relevant(context, dbname, str(drift.path[at])):
            continue
        path = ".".join(map(str, drift.path))
        removed = context.removed(context.production, name, dbname), context.removed(context.beta, name, dbname)
        message = f"{name}{'.' + path if path else ''} differs"
        draft = _drifted(drift, SETTING, name, path, dbname, message, removed)
        yield draft._replace(related=related) if related else draft


def _relevant(context: Comparison, dbname: str, model: str) -> bool:
    """Whether a model is certainly on in both realms."""
    return all(context.is_on(side, dbname, model) is True for side in context.sides)


CHECKS = (wikis, models, thresholds, settings)
