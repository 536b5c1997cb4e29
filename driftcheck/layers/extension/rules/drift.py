"""Drift between the realms: what production has and beta does not, or the reverse."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from driftcheck.core import reach
from driftcheck.core.diff import Kind, diff
from driftcheck.core.finding import Draft, Rule
from driftcheck.core.model import MISSING, Op, Realm, Unknown, Value, first_place, freeze, is_loading, same
from driftcheck.layers.extension.comparison import is_on
from driftcheck.layers.extension.pages.drift import (
    EXTENSION_OFF,
    EXTENSION_ONLY,
    MODEL_OFF,
    MODEL_ONLY,
    MODEL_OPTION,
    OVERRIDE_DEFEATED,
    SETTING,
    SHARED_ENDPOINT,
    THRESHOLD,
    WIKI_NOT_IN_BETA,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.diff import Drift
    from driftcheck.core.model import Missing, Result
    from driftcheck.layers.extension.comparison import Comparison


_OPTION_DEFAULTS: dict[str, bool] = {"excludeBots": False, "cleanParent": False, "keepForever": False}
OPTIONS = ("namespaces", "sources", *_OPTION_DEFAULTS)


def wikis(context: Comparison) -> Iterator[Draft]:
    """extension-off-in-beta, extension-only-in-beta, wiki-not-in-beta."""
    if not context.profile.extension:
        return
    switch = context.profile.switch
    for wiki in context.production.wikis:
        dbname = wiki.dbname
        ours = context.enabled(context.production, dbname)
        if not context.has(Realm.BETA, dbname):
            if ours is True:
                message = f"{context.profile.extension} is on in production, and the wiki does not exist in beta"
                yield Draft(WIKI_NOT_IN_BETA, switch, "", dbname, message, beta_at=context.beta_list,
                            production=context.value(context.production, switch, dbname))  # fmt: skip
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
        if not isinstance(production, Value) or not isinstance(beta, Value):
            continue
        if production.data is True and beta.data is not True:
            message = "the interface of ORES is on in production and off in beta"
            yield Draft(EXTENSION_OFF, "wgOresUiEnabled", "", dbname, message, production, beta)
        elif beta.data is True and production.data is not True:
            message = "the interface of ORES is on in beta and off in production"
            yield Draft(EXTENSION_ONLY, "wgOresUiEnabled", "", dbname, message, production, beta)


def models(context: Comparison) -> Iterator[Draft]:
    """model-off-in-beta, model-only-in-beta, model-option-drift."""
    for dbname in context.compared:
        production, beta = (context.models(side, dbname) for side in context.sides)
        if production is None or beta is None:
            continue
        for name in map(str, dict.fromkeys((*reach.array(production), *reach.array(beta)))):
            ours, theirs = reach.get(production, name), reach.get(beta, name)
            if isinstance(ours, Unknown) or isinstance(theirs, Unknown):
                continue
            on_here, on_there = is_on(ours) is True, is_on(theirs) is True
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


def _switched_model(dbname: str, name: str, rule: Rule, production: Value, beta: Value) -> Draft:
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
        implied = _OPTION_DEFAULTS.get(option)
        if same(left, right) or (left is MISSING and right is MISSING):
            continue
        if implied is not None and _flag(left) is _flag(right) is not None:
            continue
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            continue
        message = f"the option {option} of {name} differs"
        at = first_place(left, ours), first_place(right, theirs)
        yield Draft(MODEL_OPTION, "wgOresModels", f"{name}.{option}", dbname, message, left, right, *at)


def _flag(option: Result | Missing) -> bool | None:
    """A switch, absent meaning off; None where it is no switch, or is not known."""
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


def _drifted(drift: Drift, rule: Rule, setting: str, path: str, dbname: str, message: str) -> Draft:
    return Draft(
        rule,
        setting,
        path,
        dbname,
        message,
        drift.production,
        drift.beta,
        first_place(drift.production, drift.production_around),
        first_place(drift.beta, drift.beta_around),
    )


_OWN_RULES = {"wgOresModels", "wgOresFiltersThresholds", "wgOresUiEnabled", "wgOresDraftQualityNS"}
_BY_MODEL = {"wgOresModelClasses": 0, "wgOresModelVersions": 1}
"""Settings that hold something for each model, and how deep the model's name is: off models are dormant."""


def settings(context: Comparison) -> Iterator[Draft]:
    """setting-drift: whatever has no rule of its own and no policy that lets it differ."""
    names = sorted({*context.production.columns, *context.beta.columns})
    for name in names:
        elsewhere = is_loading(name) or name in _OWN_RULES or name == context.profile.switch
        if elsewhere or context.profile.policy(name) != "same" or not context.profile.covers(name):
            continue
        path = context.properties.get(name)
        for dbname in context.compared:
            if path is not None:
                sides = [side.property(dbname, *path) for side in context.sides]
            else:
                sides = [context.profile.implied(name, context.value(side, name, dbname)) for side in context.sides]
            yield from _setting(context, name, dbname, *sides)


def _setting(
    context: Comparison, name: str, dbname: str, production: Result | Missing, beta: Result | Missing
) -> Iterator[Draft]:
    if production is beta or same(production, beta):
        return
    production, beta = _unsaid(production), _unsaid(beta)
    depth = -1 if name in _BY_MODEL else 0
    for drift in diff(production, beta, depth=depth):
        if drift.kind is Kind.UNDECIDED:
            continue
        at = _BY_MODEL.get(name)
        if at is not None and len(drift.path) > at and not _relevant(context, dbname, str(drift.path[at])):
            continue
        path = ".".join(map(str, drift.path))
        yield _drifted(drift, SETTING, name, path, dbname, f"{name}{'.' + path if path else ''} differs")


def _unsaid(value: Result | Missing) -> Result | Missing:
    """A value that nobody wrote (the wiki's own dbname as its wikiId, an implied default) is absent from a finding."""
    return MISSING if isinstance(value, Value) and value.span is None else value


def _relevant(context: Comparison, dbname: str, model: str) -> bool:
    """Whether a model is on in both realms."""
    return all(model in context.enabled_models(side, dbname) for side in context.sides)


def endpoints(context: Comparison) -> Iterator[Draft]:
    """shared-endpoint: on every wiki where the extension is on in beta."""
    for name, policy in context.profile.policies.items():
        if policy != "differ":
            continue
        ours = [context.value(context.production, name, dbname) for dbname in context.on(context.production)]
        taken = {freeze(value) for value in ours if isinstance(value, Value)}
        for dbname in context.on(context.beta):
            beta = context.value(context.beta, name, dbname)
            url = reach.string(beta)
            if url is None:
                continue
            host = _host(url)
            owned = any(fnmatchcase(host, glob) for glob in context.profile.production_hosts)
            public = any(fnmatchcase(host, glob) for glob in context.profile.public_hosts)
            if owned or (freeze(beta) in taken and not public):
                message = f"beta uses production's address {url}"
                production = next((value for value in ours if same(value, beta)), MISSING)
                yield Draft(SHARED_ENDPOINT, name, "", dbname, message, production, beta)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def overrides(context: Comparison) -> Iterator[Draft]:
    """override-defeated: the overlay's value is not the one that CommonSettings*.php leaves standing."""
    beta = context.beta
    for name in sorted(beta.arrays):
        if not context.profile.wants(name):
            continue
        for dbname in context.on(beta):
            before = context.value(beta, name, dbname, "arrays")
            after = context.value(beta, name, dbname, "assignments")
            if before is after or not isinstance(before, Value) or not isinstance(after, Value):
                continue
            overridden = any(step.op is Op.OVERRIDE for step in before.steps)
            replaced = any(step.op is Op.ASSIGN and step.via == f"${name}" for step in after.steps)
            if overridden and replaced and not same(before, after):
                at = next(step.span for step in reversed(after.steps) if step.op is Op.ASSIGN)
                message = f"beta's override of {name} has no effect: {at} assigns it later"
                yield Draft(OVERRIDE_DEFEATED, name, "", dbname, message, beta=before, production_at=at)


CHECKS = (wikis, models, thresholds, settings, endpoints, overrides)
