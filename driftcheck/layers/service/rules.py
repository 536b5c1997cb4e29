"""What an ORES service configuration says: between the realms, in itself, and against what the extension asks for."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.finding import Draft
from driftcheck.core.model import MISSING, Op, Realm, Value, first_place, same
from driftcheck.layers import doubts as yamlrules
from driftcheck.layers.names import canonical, names_another
from driftcheck.layers.service.hosts import foreign_hosts, malformed_hosts
from driftcheck.layers.service.known import unknown_values
from driftcheck.layers.service.pages import (
    DANGLING,
    FILE_ORDER,
    MODEL_MISSING,
    PRECACHE,
    SERVICE_DRIFT,
    SWAPPED,
)
from driftcheck.layers.service.unused import foreign, unused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from driftcheck.core.model import Key, Missing, Result
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.extension.effective import Effective
    from driftcheck.layers.service.read import ServiceConfig


def single(config: ServiceConfig, realm: Realm) -> Iterator[Draft]:
    """What is wrong in one realm's service, whatever the other one has."""
    yield from _dangling(config, realm)
    yield from _one_cause(_swapped(config, realm))
    yield from _one_cause(foreign(config, realm))
    yield from _one_cause(foreign_hosts(config, realm))
    yield from _one_cause(malformed_hosts(config, realm))
    yield from unused(config, realm)
    yield from _one_cause(unknown_values(config, realm))
    yield from _precache(config, realm)
    yield from _file_order(config, realm)
    yield from yamlrules.drafts(config.doubts, "service", realm, "config")


def _one_cause(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """What stands on one pair of places is named after the first wiki and model that it reaches."""
    first: dict[object, Draft] = {}
    for draft in drafts:
        places = [value.span if value is not MISSING else None for value in (draft.production, draft.beta)]
        named = first.setdefault((draft.rule.id, draft.path, *places), draft)
        yield draft._replace(setting=named.setting, message=named.message)


def _dangling(config: ServiceConfig, realm: Realm) -> Iterator[Draft]:
    for wiki, path, group, name in config.dangling:
        said = "has a reference that is not a name" if reach.is_array(name) else f"has no {name.data}"
        setting = f"contexts.{wiki}.{path}" if path else f"contexts.{wiki}"
        message = f"{group} {said}; ORES does not start"
        yield Draft.one_sided(realm, DANGLING, setting, "", wiki, message, name)


def _swapped(config: ServiceConfig, realm: Realm) -> Iterator[Draft]:
    """Where the entry has the name of the model, the entry is wrong for all who use it; else the context names another."""
    for wiki, context in config.contexts.items():
        bound = reach.at(config.document, "scoring_contexts", wiki, "scorer_models")
        wrong: dict[Key, Result] = {}
        for model, entry in reach.fields(reach.get(context, "models")).items():
            file = reach.fields(entry).get("model_file")
            path = reach.string(file)
            if file is None or path is None or not names_another(str(model), path):
                continue
            if canonical(str(model)) in map(canonical, reach.text(reach.get(bound, model)).split("_")):
                setting, message = f"contexts.{wiki}.models.{model}", f"{model} is bound to {PurePosixPath(path).name}"
                yield Draft.one_sided(realm, SWAPPED, setting, "model_file", wiki, message, file)
            else:
                wrong[model] = file
        if wrong and isinstance(bound, Value):
            words = " and ".join(
                f"{model} is bound to {PurePosixPath(reach.text(file)).name}" for model, file in wrong.items()
            )
            yield Draft.one_sided(realm, SWAPPED, f"contexts.{wiki}.models", "", wiki, words, bound.with_data(wrong))


def _precache(config: ServiceConfig, realm: Realm) -> Iterator[Draft]:
    broken = {(found.wiki, found.path) for found in config.dangling}
    for wiki, context in config.contexts.items():
        models = reach.fields(reach.get(context, "models"))
        unknown = {
            name: item
            for name, item in reach.fields(reach.get(context, "precache")).items()
            if name not in models and (wiki, f"models.{name}") not in broken
        }
        if unknown:
            message = f"precache of {wiki} lists {_listed(unknown)}, which the context does not have"
            at = next(iter(unknown.values())).span
            yield Draft.one_sided(realm, PRECACHE, f"contexts.{wiki}.precache", "", wiki, message, Value(unknown), at)


def _listed(names: Iterable[object]) -> str:
    *most, last = [str(name) for name in names]
    return f"{', '.join(most)} and {last}" if most else last


def _file_order(config: ServiceConfig, realm: Realm) -> Iterator[Draft]:
    if len({PurePosixPath(path).name for path in config.files}) == len(config.files):
        return
    decided: dict[tuple[str, str], dict[str, Value]] = {}
    seen: set[object] = set()
    for path, leaf in _leaves(config.document, ()):
        for step in leaf.steps:
            if step.op is not Op.OVERRIDE or step.span is None or leaf.source is None:
                continue
            files = step.span.path, leaf.source.path
            place = leaf.source, leaf.where
            same_name = files[0] != files[1] and PurePosixPath(files[0]).name == PurePosixPath(files[1]).name
            if same_name and place not in seen:
                seen.add(place)
                decided.setdefault(files, {})[".".join(path)] = leaf
    for (loser, winner), won in decided.items():
        message = f"{winner} is loaded after {loser}, which has the same name, and decides {_listed(won)}"
        first = next(iter(won.values()))
        value = first.with_data(dict(won.items()))
        yield Draft.one_sided(realm, FILE_ORDER, "config", PurePosixPath(winner).name, "", message, value)


def _leaves(value: Result, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Value]]:
    items = reach.fields(value)
    if not items and isinstance(value, Value):
        yield path, value
    for key, item in items.items():
        yield from _leaves(item, (*path, str(key)))


def between(production: ServiceConfig, beta: ServiceConfig) -> Iterator[Draft]:
    """service-drift: the contexts that are enabled, their models, and what a model is loaded from."""
    if not production.contexts or not beta.contexts:
        return  # a hole says so
    broken = {(found.wiki, found.path) for side in (production, beta) for found in side.dangling}
    files: list[Draft] = []
    for wiki in [*production.contexts, *(wiki for wiki in beta.contexts if wiki not in production.contexts)]:
        if (wiki, "") in broken:
            continue
        if wiki not in production.contexts or wiki not in beta.contexts:
            yield _one_sided(production, beta, wiki)
            continue
        ours, theirs = (reach.fields(reach.get(side.contexts[wiki], "models")) for side in (production, beta))
        unshared = [
            {name: item for name, item in mine.items() if name not in other and (wiki, f"models.{name}") not in broken}
            for mine, other in ((ours, theirs), (theirs, ours))
        ]
        if any(unshared):
            yield _other_models(production, beta, wiki, *unshared)
        files += [draft for name in ours if name in theirs for draft in _files(wiki, name, ours[name], theirs[name])]
    yield from _one_cause(files)


def _one_sided(production: ServiceConfig, beta: ServiceConfig, wiki: str) -> Draft:
    here = wiki in production.contexts
    having, other, name = (production, beta, "beta") if here else (beta, production, "production")
    at = other.enabled.span if other.enabled is not None else other.document.span
    defined = other.group("scoring_contexts").get(wiki)
    message = f"{name} does not serve {wiki}"
    if defined is not None:
        message += ": the context is defined and not enabled"
        at = defined.span
    models = _loaded(having, wiki, reach.fields(reach.get(having.contexts[wiki], "models")))
    if here:
        return Draft(SERVICE_DRIFT, f"contexts.{wiki}", "", wiki, message, production=models, beta_at=at)
    return Draft(SERVICE_DRIFT, f"contexts.{wiki}", "", wiki, message, beta=models, production_at=at)


def _loaded(config: ServiceConfig, wiki: str, models: Mapping[Key, Result]) -> Value | Missing:
    """Models with what each is loaded from, at the place of the context's list of models; absent if there are none."""
    bound = reach.get(config.contexts[wiki], "models")
    if not isinstance(bound, Value) or not models:
        return MISSING
    entries = {name: reach.fields(entry) for name, entry in models.items()}
    return bound.with_data(
        {name: entry.get("model_file") or entry.get("class") or Value(None) for name, entry in entries.items()}
    )


def _other_models(
    production: ServiceConfig, beta: ServiceConfig, wiki: str, ours: Mapping[Key, Result], theirs: Mapping[Key, Result]
) -> Draft:
    words = [f"{_listed(names)} only in {realm}" for realm, names in (("production", ours), ("beta", theirs)) if names]
    message = f"{wiki} has {' and '.join(words)}"
    at, at_beta = (first_place(reach.get(side.contexts[wiki], "models")) for side in (production, beta))
    models = _loaded(production, wiki, ours), _loaded(beta, wiki, theirs)
    return Draft(SERVICE_DRIFT, f"contexts.{wiki}.models", "", wiki, message, *models, at, at_beta)


def _files(wiki: str, name: Key, ours: Result, theirs: Result) -> Iterator[Draft]:
    """What a model is loaded from; of a model without a file, its class and version."""
    sides = reach.fields(ours), reach.fields(theirs)
    paths = ("model_file",) if any("model_file" in side for side in sides) else ("class", "version")
    for path in paths:
        left, right = (side.get(path, MISSING) for side in sides)
        if left is not right and not same(left, right):
            setting, message = f"contexts.{wiki}.models.{name}", f"the {path} of {name} differs"
            yield Draft(SERVICE_DRIFT, setting, path, wiki, message, left, right, ours.span, theirs.span)


def missing(comparison: Comparison, realm: Realm, config: ServiceConfig) -> Iterator[Draft]:
    """service-model-missing: what the extension will ask the service for, and the service will answer with an error."""
    side = comparison.production if realm is Realm.PRODUCTION else comparison.beta
    asking = {dbname: _asked(side, dbname) for dbname in comparison.on(side)}
    named = {asked for dbname, asked in asking.items() if asked != dbname}
    for dbname, asked in asking.items():
        models, enabled = comparison.models(side, dbname), comparison.enabled_models(side, dbname)
        if asked is None or models is None or not enabled:
            continue
        of = f"{asked}, which wgOresWikiId names" if asked in named else "the wiki"
        if asked not in config.contexts:
            message = f"the service has no context for {of}"
            named_models = models.with_data(dict(enabled.items()))
            yield Draft.one_sided(realm, MODEL_MISSING, "wgOresModels", "", dbname, message, named_models)
            continue
        served = {canonical(name) for name in config.models(asked)}
        for name, model in enabled.items():
            if canonical(name) not in served:
                message = f"{name} is on, and the service does not serve it for {of}"
                yield Draft.one_sided(realm, MODEL_MISSING, "wgOresModels", name, dbname, message, model, models.span)


def _asked(side: Effective, dbname: str) -> str | None:
    """The wiki in whose name the service is asked; None if Lift Wing is asked instead, or if either is not known."""
    lift_wing = reach.is_true(side.property(dbname, "liftWing", "use"))
    return reach.string(side.property(dbname, "wikiId")) if lift_wing is False else None
