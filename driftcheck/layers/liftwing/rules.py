"""Lift Wing: production's clusters against one another and against staging, and the models that the extension asks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.finding import Draft
from driftcheck.core.model import MISSING, Op, Realm, Value, same
from driftcheck.layers import doubts as yamlrules
from driftcheck.layers.liftwing.pages import (
    MODEL_DRIFT,
    NOT_IN_STAGING,
    NULL_OVERRIDE,
    PRODUCTION_AHEAD,
    VERSION_MISSING,
)
from driftcheck.layers.liftwing.read import ENVIRONMENTS
from driftcheck.layers.liftwing.splits import model_splits
from driftcheck.layers.liftwing.variables import environment_drift
from driftcheck.layers.service.pages import MODEL_MISSING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftcheck.core.finding import Rule
    from driftcheck.core.model import Missing, Result, Span
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.liftwing.inference import Service
    from driftcheck.layers.liftwing.read import Charts, Environment

FIELDS = {
    "model": ("same", "same", "the model"),
    "version": ("same", "same", "the model version"),
    "storage": ("same", "same", "the storage location of the model"),
    "host": ("same", "ignore", "the host"),
    "image": ("same", "ignore", "the image"),
    "image_version": ("same", "newest-in-staging", "the version of the image"),
    "replicas": ("ignore", "ignore", "the bounds of scaling"),
}
"""What may differ: between production's clusters, between production and staging; and what a field is called."""

_DATED = re.compile(r"(\d{4}-\d{2}-\d{2}-\d{6})(?:-[a-z]+)?\Z")


def drafts(charts: Charts) -> Iterator[Draft]:
    """Every rule about Lift Wing's own configuration."""
    production, staging = charts.of(Realm.PRODUCTION), charts.of(Realm.BETA)
    for ours in _by_service(production).values():
        yield from _between_clusters(ours)
    for environment in staging:
        yield from _against_staging(production, environment)
        yield from _not_in_staging(production, environment)
        yield from environment_drift(production, environment)
    yield from model_splits(charts.environments)
    for realm, environments in ((Realm.PRODUCTION, production), (Realm.BETA, staging)):
        for by_environment in _by_service(environments).values():
            yield from _version_missing(next(iter(by_environment.values())), realm)
    for environment in charts.environments:
        yield from _null_overrides(environment)
    for doubt in charts.doubts:
        folder, _, file = doubt[2].path.rpartition("/")
        realm = next((realm for name, realm in ENVIRONMENTS.items() if file == f"values-{name}.yaml"), Realm.PRODUCTION)
        yield from yamlrules.drafts([doubt], "liftwing", realm, folder.rpartition("/")[2])


def _by_service(environments: Iterable[Environment]) -> dict[tuple[str, str], dict[str, Service]]:
    """Each service by the name of the environments that have it."""
    out: dict[tuple[str, str], dict[str, Service]] = {}
    for environment in environments:
        for key, service in environment.services.items():
            out.setdefault(key, {})[environment.name] = service
    return out


def _between(
    rule: Rule,
    service: Service,
    field: str,
    message: str,
    ours: Service,
    at: tuple[Span | None, Span | None] = (None, None),
) -> Draft:
    """A draft about a field of a service that staging, too, has."""
    production, beta = getattr(ours, field), getattr(service, field)
    path = _shared(production, beta) or f"{service.kind}.{field}"
    return Draft(rule, service.namespace, path, service.wiki, message, production, beta, *at)


def _shared(*sides: Result | Missing) -> str:
    """Where a namespace says for all of its services what both sides have; one line is one cause, whatever the service."""
    said = {
        next((step.via for step in side.provenance if step.op is Op.SELECT), "")
        for side in sides
        if side is not MISSING
    }
    return said.pop() if len(said) == 1 else ""


def _between_clusters(by_cluster: dict[str, Service]) -> Iterator[Draft]:
    """What differs between production's own clusters."""
    first = next(iter(by_cluster.values()))
    for field in _differing(list(by_cluster.values()), 0):
        values = {name: getattr(service, field) for name, service in by_cluster.items()}
        known = Value({name: value for name, value in values.items() if value is not MISSING})
        spans = [value.span for value in reach.array(known).values()]
        # The place is that of the override: the file that is one cluster's own.
        at = next((span for span in spans if span and any(f"-{name}." in span.path for name in values)), spans[0])
        message = f"{FIELDS[field][2]} differs between {' and '.join(values)}"
        path = f"{first.kind}.{field}"
        yield Draft.one_sided(Realm.PRODUCTION, MODEL_DRIFT, first.namespace, path, first.wiki, message, known, at)


def _differing(services: list[Service], column: int) -> Iterator[str]:
    """The fields that must be the same and are not; of model, version and storage, which say one thing, the first.

    Where a version is missing, that is what is said.
    """
    said = False
    for field, policies in FIELDS.items():
        values = [getattr(service, field) for service in services]
        differs = policies[column] == "same" and any(not _same(values[0], value) for value in values[1:])
        names_model = field in ("model", "version", "storage")
        if differs and not (names_model and (said or any(map(_versionless, services)))):
            yield field
        said = said or (differs and names_model)


def _same(left: Result | Missing, right: Result | Missing) -> bool:
    return left is right or same(left, right)


def _against_staging(production: list[Environment], staging: Environment) -> Iterator[Draft]:
    """What differs between staging and every one of production's clusters, and images that staging has not seen."""
    for key, by_cluster in _by_service(production).items():
        theirs = staging.services.get(key)
        if theirs is None:
            continue
        services = list(by_cluster.values())
        fields = [set(_differing([ours, theirs], 1)) for ours in services]
        for field in FIELDS:
            if all(field in differing for differing in fields):
                message = f"{FIELDS[field][2]} differs between production and staging"
                at = services[0].entry.span, theirs.entry.span
                yield _between(MODEL_DRIFT, theirs, field, message, services[0], at)
        ahead = [ours for ours in services if _newer(ours, theirs)]
        if ahead:
            message = "production runs a newer image than staging"
            yield _between(PRODUCTION_AHEAD, theirs, "image_version", message, ahead[0])


def _newer(ours: Service, theirs: Service) -> bool:
    """Whether production's image is newer than staging's: the same image, and tags that begin with the time of the build.

    Other tags have no order, and nothing is said about them.
    """
    if not same(ours.image, theirs.image):
        return False
    dates = [_DATED.match(reach.string(version) or "") for version in (ours.image_version, theirs.image_version)]
    return dates[0] is not None and dates[1] is not None and dates[0][1] > dates[1][1]


def _versionless(service: Service) -> bool:
    """Whether nothing says which model a wiki's service is to load."""
    return bool(service.wiki) and service.storage is MISSING


def _version_missing(service: Service, realm: Realm) -> Iterator[Draft]:
    if _versionless(service):
        path, message = f"{service.kind}.version", f"{service.kind} has no model version for the wiki"
        yield Draft.one_sided(
            realm, VERSION_MISSING, service.namespace, path, service.wiki, message, at=service.entry.span
        )


def _null_overrides(environment: Environment) -> Iterator[Draft]:
    for namespace, deleted in environment.deleted.items():
        for path, by, was in deleted:
            if _has_names(by):
                continue
            assert by.source is not None
            name = by.source.path.rpartition("/")[2]
            dotted = ".".join(map(str, path))
            kind = "null" if by.data is None else "a list" if reach.is_array(by) else "no map"
            message = f"{dotted} is {kind} in {name}, which deletes the map of an earlier file"
            ours, theirs = (by, MISSING) if environment.realm is Realm.PRODUCTION else (was, by)
            yield Draft(NULL_OVERRIDE, namespace, dotted, "", message, ours, theirs, realm=environment.realm)


def _has_names(by: Value) -> bool:
    """Whether a value is a list of elements with names: a chart that takes a map of them takes that as well."""
    listed = reach.array(by)
    return bool(listed) and all(reach.text(reach.fields(element).get("name")) for element in listed.values())


def _not_in_staging(production: list[Environment], staging: Environment) -> Iterator[Draft]:
    """One note a namespace, for those that staging has at all, and of which everything could be read."""
    absent: dict[str, list[Service]] = {}
    total: dict[str, int] = {}
    for (namespace, name), by_cluster in _by_service(production).items():
        total[namespace] = total.get(namespace, 0) + 1
        if (
            namespace in staging.values
            and namespace not in staging.partly
            and (namespace, name) not in staging.services
        ):
            absent.setdefault(namespace, []).append(next(iter(by_cluster.values())))
    for namespace, services in absent.items():
        names = sorted({service.kind for service in services})
        message = f"not in staging: {', '.join(names)} ({len(services)} of {total[namespace]} services)"
        value = Value(dict(enumerate(map(Value, names))))
        for service in services:
            yield Draft(
                NOT_IN_STAGING, namespace, "", service.wiki, message, value, production_at=services[0].entry.span
            )


def missing(comparison: Comparison, realm: Realm, charts: Charts) -> Iterator[Draft]:
    """service-model-missing: models that the extension asks Lift Wing for, and that no service answers.

    Beta's wikis call the public API, which is production's: both realms ask production's services.
    """
    if charts.holes:
        return  # what could not be read may be what serves the model
    services = [service for environment in charts.of(Realm.PRODUCTION) for service in environment.services.values()]
    by_wiki = {service.name for service in services if service.namespace.startswith("revscoring-")}
    shared = {service.name.replace("-", "") for service in services if service.namespace == "revertrisk"}
    side = comparison.production if realm is Realm.PRODUCTION else comparison.beta
    for dbname in comparison.on(side):
        wiki = side.property(dbname, "wikiId")
        if reach.is_true(side.property(dbname, "liftWing", "use")) is not True or not isinstance(wiki, Value):
            continue
        of = f"{wiki.data}, which wgOresWikiId names" if wiki.data != dbname else "the wiki"
        models = comparison.models(side, dbname)
        at = models.span if models is not None else None
        for name, model in comparison.enabled_models(side, dbname).items():
            if f"{wiki.data}-{name}" not in by_wiki and name not in shared:
                message = f"{name} is on, and Lift Wing does not serve it for {of}"
                yield Draft.one_sided(
                    realm, MODEL_MISSING, "wgOresModels", name, dbname, message, model, at, layer="liftwing"
                )
