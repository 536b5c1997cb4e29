"""liftwing-model-split: services of one name in several namespaces of an environment, with different models."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.finding import Draft
from driftcheck.core.model import Value
from driftcheck.layers.liftwing.pages import MODEL_SPLIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftcheck.core.model import Array
    from driftcheck.layers.liftwing.inference import Service
    from driftcheck.layers.liftwing.read import Environment


def model_splits(environments: Iterable[Environment]) -> Iterator[Draft]:
    """What each environment says twice, once for production's clusters together."""
    found: dict[tuple[str, str, str, str], Draft] = {}
    for environment in environments:
        for services in _namesakes(environment):
            draft = _draft(environment, services)
            found.setdefault((environment.realm.value, draft.setting, draft.path, draft.dbname), draft)
    return iter(found.values())


def _namesakes(environment: Environment) -> Iterator[list[Service]]:
    """The services of one name that load different models, the oldest first: a location ends in the day of its model."""
    known = [service for service in environment.services.values() if reach.string(service.storage)]
    known.sort(key=lambda service: (service.name, reach.text(service.storage), service.namespace))
    for _, services in groupby(known, lambda service: service.name):
        alike = list(services)
        if len({reach.text(service.storage) for service in alike}) > 1:
            yield alike


def _draft(environment: Environment, services: list[Service]) -> Draft:
    """What is said of the oldest model, at its place."""
    oldest, newest = services[0], services[-1]
    storages = [(service.namespace, service.storage) for service in services if isinstance(service.storage, Value)]
    held: Array = dict(storages)
    value = storages[0][1].with_data(held)
    message = f"{oldest.name} runs with another model in {newest.namespace}"
    path = f"{oldest.kind}.storage"
    return Draft.one_sided(environment.realm, MODEL_SPLIT, oldest.namespace, path, oldest.wiki, message, value)
