"""Contexts and models that are defined and not used, and models of another wiki."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.finding import Draft
from driftcheck.core.model import Value
from driftcheck.layers.names import canonical
from driftcheck.layers.service.pages import CONTEXT_UNUSED, MODEL_FOREIGN
from driftcheck.layers.service.read import SYSTEMS, names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftcheck.core.model import Realm
    from driftcheck.layers.service.read import ServiceConfig


def unused(config: ServiceConfig, realm: Realm) -> Iterator[Draft]:
    """service-context-unused: a context that no scoring system names, and a model that no context names."""
    named = _enabled_anywhere(config)
    bound: set[str] = set()
    for name, context in config.group("scoring_contexts").items():
        bound |= set(map(reach.text, reach.fields(reach.fields(context).get("scorer_models")).values()))
        if name != "defaults" and named and str(name) not in named and isinstance(context, Value):
            message = f"the context {name} is defined, and no scoring system names it"
            yield _unused(realm, f"contexts.{name}", context, message, str(name))
    for name, model in config.group("scorer_models").items():
        if name != "defaults" and bound and str(name) not in bound and isinstance(model, Value):
            yield _unused(realm, f"models.{name}", model, f"the model {name} is defined, and no context names it", "")


def _unused(realm: Realm, setting: str, entry: Value, message: str, wiki: str) -> Draft:
    name = entry.with_data(setting.partition(".")[2])
    return Draft.one_sided(realm, CONTEXT_UNUSED, setting, "", wiki, message, name)


def _enabled_anywhere(config: ServiceConfig) -> set[str]:
    """The contexts that any scoring system names, the one that runs or another."""
    systems = [system for group in SYSTEMS for system in config.group(group).values()]
    lists = [config.enabled, *(reach.fields(system).get("scoring_contexts") for system in systems)]
    return {reach.text(name) for listed in lists for name in names(listed)}


def foreign(config: ServiceConfig, realm: Realm) -> Iterator[Draft]:
    """service-model-foreign: a model of another wiki, while the wiki's own of that kind is defined."""
    models = config.group("scorer_models")
    wikis = list(map(str, config.group("scoring_contexts")))
    for wiki in wikis:
        bound = reach.at(config.document, "scoring_contexts", wiki, "scorer_models")
        for model, name in reach.items(bound).items():
            said = reach.text(name)
            owner = max((other for other in wikis if said.startswith(f"{other}_")), key=len, default=wiki)
            own = _own(wiki, said.removeprefix(f"{owner}_"), map(str, models)) if owner != wiki else None
            if own is not None:
                message = f"{model} of {wiki} is bound to {said}, a model of {owner}, and {own} is defined"
                yield Draft.one_sided(realm, MODEL_FOREIGN, f"contexts.{wiki}.models.{model}", "", wiki, message, name)


def _own(wiki: str, kind: str, models: Iterable[str]) -> str | None:
    """The wiki's own model of a kind."""
    prefix = f"{wiki}_"
    own = (name for name in models if name.startswith(prefix))
    return next((name for name in own if canonical(name.removeprefix(prefix)) == canonical(kind)), None)
