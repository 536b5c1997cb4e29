"""What an ORES service configuration says: between the realms, in itself, and against what the extension asks for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from driftcheck.core.finding import Draft
from driftcheck.core.model import MISSING, Op, Realm, Value, same
from driftcheck.layers import doubts as yamlrules
from driftcheck.layers.extension.comparison import field_of
from driftcheck.layers.names import canonical, hostname, names_another, wiki_of
from driftcheck.layers.service.pages import (
    DANGLING,
    EXTRACTOR_HOST,
    FILE_ORDER,
    MODEL_MISSING,
    PRECACHE,
    SERVICE_DRIFT,
    SWAPPED,
)
from driftcheck.layers.service.read import part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from driftcheck.core.finding import Rule
    from driftcheck.core.model import Key, Missing, Result, Span
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.extension.normalize import Document
    from driftcheck.layers.service.read import ServiceConfig


def single(config: ServiceConfig, realm: Realm) -> Iterator[Draft]:
    """What is wrong in one realm's service, whatever the other one has."""
    yield from _dangling(config, realm)
    yield from _one_cause(_swapped(config, realm))
    yield from _one_cause(_hosts(config, realm))
    yield from _precache(config, realm)
    yield from _file_order(config, realm)
    yield from yamlrules.drafts(config.doubts, "service", realm, "config")


def _of(
    rule: Rule, realm: Realm, where: tuple[str, str], wiki: str, message: str, held: Result, at: Span | None = None
) -> Draft:
    setting, path = where
    if realm is Realm.PRODUCTION:
        return Draft(rule, setting, path, wiki, message, production=held, production_at=at, realm=realm)
    return Draft(rule, setting, path, wiki, message, beta=held, beta_at=at, realm=realm)


def _one_cause(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """What stands on one pair of places is named after the first wiki and model that it reaches."""
    first: dict[object, Draft] = {}
    for draft in drafts:
        places = [held.span if held is not MISSING else None for held in (draft.production, draft.beta)]
        named = first.setdefault((draft.rule.id, draft.path, *places), draft)
        yield replace(draft, setting=named.setting, message=named.message)


def _dangling(config: ServiceConfig, realm: Realm) -> Iterator[Draft]:
    for wiki, path, group, name in config.dangling:
        said = f"has no {name.data}" if not isinstance(name.data, dict) else "has a reference that is not a name"
        setting = f"contexts.{wiki}.{path}" if path else f"contexts.{wiki}"
        yield _of(DANGLING, realm, (setting, ""), wiki, f"{group} {said}; ORES does not start", name)


def _swapped(config: ServiceConfig, realm: Realm) -> Iterator[Draft]:
    """Where the entry has the name of the model, the entry is wrong for all who use it; else the context names another."""
    for wiki, context in config.contexts.items():
        bound = part(config.document, "scoring_contexts", wiki).get("scorer_models")
        wrong: dict[Key, Result] = {}
        for model, entry in part(context, "models").items():
            file = part(entry).get("model_file")
            if (
                not isinstance(file, Value)
                or not isinstance(file.data, str)
                or not names_another(str(model), file.data)
            ):
                continue
            if canonical(str(model)) in map(canonical, str(_data(part(bound).get(model))).split("_")):
                setting, message = (
                    f"contexts.{wiki}.models.{model}",
                    f"{model} is bound to {PurePosixPath(file.data).name}",
                )
                yield _of(SWAPPED, realm, (setting, "model_file"), wiki, message, file)
            else:
                wrong[model] = file
        if wrong and isinstance(bound, Value):
            words = " and ".join(
                f"{model} is bound to {PurePosixPath(str(_data(file))).name}" for model, file in wrong.items()
            )
            yield _of(SWAPPED, realm, (f"contexts.{wiki}.models", ""), wiki, words, bound.with_data(wrong))


def _data(held: Result | Missing | None) -> object:
    return held.data if isinstance(held, Value) else None


def _hosts(config: ServiceConfig, realm: Realm) -> Iterator[Draft]:
    for wiki, context in config.contexts.items():
        path, value = _host(part(context, "extractor"))
        host = hostname(_data(value))
        owner = wiki_of(host)
        if value is not None and owner is not None and owner != wiki:
            message = f"the extractor of {wiki} asks {host}, which belongs to {owner}"
            yield _of(EXTRACTOR_HOST, realm, (f"contexts.{wiki}.extractor", path), wiki, message, value)


def _host(extractor: Mapping[Key, Result]) -> tuple[str, Value | None]:
    """Where an extractor says whom it asks: through a proxy it is the Host header, and in 2015 it was a url."""
    named = {"headers.Host": part(extractor.get("headers")).get("Host")}
    named |= {name: extractor.get(name) for name in ("host", "url")}
    return next(((path, held) for path, held in named.items() if isinstance(held, Value)), ("", None))


def _precache(config: ServiceConfig, realm: Realm) -> Iterator[Draft]:
    broken = {(found.wiki, found.path) for found in config.dangling}
    for wiki, context in config.contexts.items():
        models = part(context, "models")
        unknown = {
            name: item
            for name, item in part(context, "precache").items()
            if name not in models and (wiki, f"models.{name}") not in broken
        }
        if unknown:
            message = f"precache of {wiki} lists {_listed(unknown)}, which the context does not have"
            at = next(iter(unknown.values())).span
            yield _of(PRECACHE, realm, (f"contexts.{wiki}.precache", ""), wiki, message, Value(unknown), at)


def _listed(names: Iterable[object]) -> str:
    *most, last = [str(name) for name in names]
    return f"{', '.join(most)} and {last}" if most else last


def _file_order(config: ServiceConfig, realm: Realm) -> Iterator[Draft]:
    if len({PurePosixPath(path).name for path in config.files}) == len(config.files):
        return
    decided: dict[tuple[str, str], dict[str, Value]] = {}
    seen: set[object] = set()
    for path, held in _leaves(config.document, ()):
        for step in held.steps:
            if step.op is not Op.OVERRIDE or step.span is None or held.source is None:
                continue
            files = step.span.path, held.source.path
            place = held.source, held.where
            same_name = files[0] != files[1] and PurePosixPath(files[0]).name == PurePosixPath(files[1]).name
            if same_name and place not in seen:
                seen.add(place)
                decided.setdefault(files, {})[".".join(path)] = held
    for (loser, winner), won in decided.items():
        message = f"{winner} is loaded after {loser}, which has the same name, and decides {_listed(won)}"
        first = next(iter(won.values()))
        value = first.with_data(dict(won.items()))
        yield _of(FILE_ORDER, realm, ("config", PurePosixPath(winner).name), "", message, value)


def _leaves(held: Result, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Value]]:
    items = part(held)
    if not items and isinstance(held, Value):
        yield path, held
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
        ours, theirs = (part(side.contexts[wiki], "models") for side in (production, beta))
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
    defined = part(other.document, "scoring_contexts").get(wiki)
    message = f"{name} does not serve {wiki}"
    if defined is not None:
        message += ": the context is defined and not enabled"
        at = defined.span
    held = _loaded(having, wiki, part(having.contexts[wiki], "models"))
    if here:
        return Draft(SERVICE_DRIFT, f"contexts.{wiki}", "", wiki, message, production=held, beta_at=at)
    return Draft(SERVICE_DRIFT, f"contexts.{wiki}", "", wiki, message, beta=held, production_at=at)


def _loaded(config: ServiceConfig, wiki: str, models: Mapping[Key, Result]) -> Value | Missing:
    """Models with what each is loaded from, at the place of the context's list of models; absent if there are none."""
    bound = part(config.contexts[wiki])["models"]
    assert isinstance(bound, Value)
    files = {name: part(entry).get("model_file", part(entry).get("class")) for name, entry in models.items()}
    return bound.with_data({name: held or Value(None) for name, held in files.items()}) if models else MISSING


def _other_models(
    production: ServiceConfig, beta: ServiceConfig, wiki: str, ours: Mapping[Key, Result], theirs: Mapping[Key, Result]
) -> Draft:
    words = [f"{_listed(names)} only in {realm}" for realm, names in (("production", ours), ("beta", theirs)) if names]
    message = f"{wiki} has {' and '.join(words)}"
    at = [part(side.contexts[wiki])["models"].span for side in (production, beta)]
    held = _loaded(production, wiki, ours), _loaded(beta, wiki, theirs)
    return Draft(SERVICE_DRIFT, f"contexts.{wiki}.models", "", wiki, message, *held, at[0], at[1])


def _files(wiki: str, name: Key, ours: Result, theirs: Result) -> Iterator[Draft]:
    """What a model is loaded from; of a model without a file, its class and version."""
    sides = part(ours), part(theirs)
    paths = ("model_file",) if any("model_file" in side for side in sides) else ("class", "version")
    for path in paths:
        left, right = (side.get(path, MISSING) for side in sides)
        if left is not right and not same(left, right):
            setting, message = f"contexts.{wiki}.models.{name}", f"the {path} of {name} differs"
            yield Draft(SERVICE_DRIFT, setting, path, wiki, message, left, right, ours.span, theirs.span)


def missing(comparison: Comparison, realm: Realm, config: ServiceConfig) -> Iterator[Draft]:
    """service-model-missing: what the extension will ask the service for, and the service will answer with an error."""
    side = comparison.production if realm is Realm.PRODUCTION else comparison.beta
    asking = {dbname: _asked(side.documents.get(dbname, {})) for dbname in comparison.on(side)}
    named = {asked for dbname, asked in asking.items() if asked != dbname}
    for dbname, asked in asking.items():
        models, enabled = comparison.models(side, dbname), comparison.enabled_models(side, dbname)
        if asked is None or models is None or not enabled:
            continue
        of = f"{asked}, which wgOresWikiId names" if asked in named else "the wiki"
        if asked not in config.contexts:
            message = f"the service has no context for {of}"
            yield _of(
                MODEL_MISSING, realm, ("wgOresModels", ""), dbname, message, models.with_data(dict(enabled.items()))
            )
            continue
        served = {canonical(name) for name in config.models(asked)}
        for name, model in enabled.items():
            if canonical(name) not in served:
                message = f"{name} is on, and the service does not serve it for {of}"
                yield _of(MODEL_MISSING, realm, ("wgOresModels", name), dbname, message, model, models.span)


def _asked(document: Document) -> str | None:
    """The wiki in whose name the service is asked; None if that is not known, or if Lift Wing is asked instead."""
    asked = _data(field_of(document, ("wikiId",)))
    return asked if isinstance(asked, str) and _data(field_of(document, ("liftWing", "use"))) is not True else None
