"""The other layers of a run: the services that answer the extension, read from repositories of their own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from driftcheck.core.causes import join
from driftcheck.core.finding import Report, SnapshotInfo, most_severe_first, ordered
from driftcheck.core.model import MISSING, Realm, Value
from driftcheck.layers.liftwing import rules as liftwing
from driftcheck.layers.registry import RULES
from driftcheck.layers.service import rules as service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.finding import Draft
    from driftcheck.core.model import Array, Hole
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.liftwing.inference import Service
    from driftcheck.layers.liftwing.read import Charts
    from driftcheck.layers.service.read import ServiceConfig

SERVICE, LIFTWING = "service", "liftwing"


@dataclass(frozen=True)
class Layers:
    """The service configurations of both realms and the charts of Lift Wing, as far as a run reads them.

    ``paths`` are the repositories as the user named them, by layer and realm.
    """

    services: dict[Realm, ServiceConfig] = field(default_factory=dict)
    charts: Charts | None = None
    paths: dict[tuple[str, Realm], str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.services) or self.charts is not None

    def with_service(self, realm: Realm, config: ServiceConfig, path: str) -> Layers:
        """These layers and one service configuration more."""
        paths = {**self.paths, (SERVICE, realm): path}
        return replace(self, services={**self.services, realm: config}, paths=paths)

    def with_charts(self, charts: Charts, path: str) -> Layers:
        """These layers and the charts."""
        return replace(self, charts=charts, paths={**self.paths, **{(LIFTWING, realm): path for realm in Realm}})


@dataclass(frozen=True)
class Records:
    """What one side of a layer says: normalised maps by wiki, or by the service's name."""

    layer: str
    label: str
    realm: Realm
    held: dict[str, Value]
    wikis: frozenset[str]


def records(layers: Layers) -> list[Records]:
    """The contexts of each service configuration, and the services of each of Lift Wing's environments."""
    found = [
        Records(SERVICE, realm.value, realm, config.contexts, frozenset(config.contexts))
        for realm, config in layers.services.items()
    ]
    for environment in layers.charts.environments if layers.charts is not None else ():
        held = {service.name: _fields(service) for service in environment.services.values()}
        wikis = frozenset(service.wiki for service in environment.services.values() if service.wiki)
        found.append(Records(LIFTWING, environment.name, environment.realm, held, wikis))
    return found


_FIELDS = ("model", "version", "host", "image", "image_version", "storage", "replicas")


def _fields(of: Service) -> Value:
    values: Array = {"namespace": Value(of.namespace)}
    values.update((name, value) for name in _FIELDS if (value := getattr(of, name)) is not MISSING)
    return of.entry.with_data(values)


def check(layers: Layers, comparison: Comparison | None) -> Report:
    """Every finding of the services, and between them and the extension's settings where these are compared too."""
    findings = ordered([*join(_service(layers, comparison)), *join(_liftwing(layers, comparison))], RULES)
    return Report(tuple(findings), _holes(layers), _snapshots(layers), coverage(layers))


def _service(layers: Layers, comparison: Comparison | None) -> Iterator[Draft]:
    for realm, config in layers.services.items():
        yield from service.single(config, realm)
        if comparison is not None:
            yield from service.missing(comparison, realm, config)
    if len(layers.services) == len(Realm):
        yield from service.between(*(layers.services[realm] for realm in Realm))


def _liftwing(layers: Layers, comparison: Comparison | None) -> Iterator[Draft]:
    if layers.charts is None:
        return
    yield from liftwing.drafts(layers.charts)
    if comparison is not None:
        for realm in Realm:
            yield from liftwing.missing(comparison, realm, layers.charts)


def _holes(layers: Layers) -> tuple[Hole, ...]:
    found = [hole for config in layers.services.values() for hole in config.holes]
    found += layers.charts.holes if layers.charts is not None else ()
    return tuple(dict.fromkeys(found))


def _snapshots(layers: Layers) -> tuple[SnapshotInfo, ...]:
    revisions = {(SERVICE, realm): config.revision for realm, config in layers.services.items()}
    if layers.charts is not None:
        revisions |= {(LIFTWING, realm): layers.charts.revision for realm in Realm}
    return tuple(
        SnapshotInfo(layer, realm.value, layers.paths[layer, realm], revision)
        for (layer, realm), revision in revisions.items()
    )


def coverage(layers: Layers) -> dict[str, int]:
    """How much was compared: contexts of the services, services of Lift Wing."""
    contexts = {realm: set(config.contexts) for realm, config in layers.services.items()}
    found = {f"contexts_{realm.value}": len(names) for realm, names in contexts.items()}
    if len(contexts) == len(Realm):
        found["contexts_compared"] = len(set.intersection(*contexts.values()))
    if layers.charts is not None:
        for realm in Realm:
            names = {key for env in layers.charts.environments if env.realm is realm for key in env.services}
            found[f"services_{realm.value}"] = len(names)
    return found


def merged(extension: Report, services: Report) -> Report:
    """One report of both, the most severe findings first."""
    findings = most_severe_first([*extension.findings, *services.findings])
    return Report(
        tuple(findings),
        extension.incomplete + services.incomplete,
        extension.snapshots + services.snapshots,
        extension.coverage | services.coverage,
        extension.files,
    )
