"""Lift Wing: the inference services of each environment, as the Helm values of deployment-charts make them.

A namespace is a folder of ``helmfile.d/ml-services``. ``helmfile.yaml`` is a Go template and is not read, but for the
names of environments that stand in it; the order of the values files, which all namespaces share, is written here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core import reach
from driftcheck.core.model import Hole, IncompleteError, Realm, Source, Span, Value
from driftcheck.layers.liftwing import FOLDER
from driftcheck.layers.liftwing.inference import services
from driftcheck.yaml import values as yamlvalues
from driftcheck.yaml.helm import merged, without_nulls

if TYPE_CHECKING:
    from driftcheck.layers.liftwing.inference import Service
    from driftcheck.snapshot import Snapshot
    from driftcheck.yaml.helm import Deleted

ENVIRONMENTS = {
    "ml-serve-eqiad": Realm.PRODUCTION,
    "ml-serve-codfw": Realm.PRODUCTION,
    "ml-staging-codfw": Realm.BETA,
}
RELEASE = "main"

_CHART = re.compile(rb"^[ \t]*chart:[ \t]*[\"']?wmf-stable/([a-z0-9-]{1,60})", re.MULTILINE)
"""The first chart that a helmfile names is the one of the services; the next ones hold their secrets."""

_FILE = re.compile(rf"{re.escape(FOLDER)}/(?P<namespace>[^/]+)/values(?:-[^/]+)?\.yaml\Z")


@dataclass(frozen=True)
class Environment:
    """One cluster: its services, and the values of each namespace that could be read."""

    name: str
    realm: Realm
    services: dict[tuple[str, str], Service]
    values: dict[str, Value]
    deleted: dict[str, tuple[Deleted, ...]]
    """By namespace, the maps that a null, a list or a scalar of a later file deletes."""
    holes: tuple[Hole, ...]
    partly: frozenset[str]
    """The namespaces of which something could not be read: a service that is not there may have been meant."""


@dataclass(frozen=True)
class Charts:
    """Every environment of one tree. A doubt is its kind, its message and its place."""

    environments: tuple[Environment, ...]
    files: tuple[str, ...]
    doubts: tuple[tuple[str, str, Span], ...]
    holes: tuple[Hole, ...]
    revision: str

    def of(self, realm: Realm) -> list[Environment]:
        """The environments of a realm."""
        return [environment for environment in self.environments if environment.realm is realm]


def is_charts(snapshot: Snapshot) -> bool:
    """Whether a tree has Lift Wing's values."""
    return any(_FILE.match(path) for path in snapshot.names(FOLDER))


def load(snapshot: Snapshot) -> Charts:
    """Every namespace in every environment."""
    return _Loader(snapshot).charts()


class _Namespace(NamedTuple):
    """A namespace in one environment; without values where a file could not be read."""

    values: Value | None
    services: tuple[Service, ...]
    deleted: tuple[Deleted, ...]
    holes: tuple[Hole, ...]


class _Loader:
    """Reads each file once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.paths = [path for path in snapshot.names(FOLDER) if _FILE.match(path)]
        self.documents: dict[str, Value | Hole] = {}
        self.doubts: list[tuple[str, str, Span]] = []
        self.made: dict[tuple[str, ...], _Namespace] = {}

    def charts(self) -> Charts:
        """What the tree says."""
        namespaces = dict.fromkeys(path.split("/")[2] for path in self.paths)
        environments = tuple(
            self._environment(name, realm, [n for n in namespaces if self._deploys(n, name)])
            for name, realm in ENVIRONMENTS.items()
        )
        holes = dict.fromkeys(hole for environment in environments for hole in environment.holes)
        present = tuple(environment for environment in environments if environment.values or environment.holes)
        return Charts(present, tuple(self.documents), tuple(self.doubts), tuple(holes), self.snapshot.revision)

    def _deploys(self, namespace: str, environment: str) -> bool:
        """Whether a namespace's helmfile names an environment: one that it does not name gets nothing."""
        helmfile = self._source(f"{FOLDER}/{namespace}/helmfile.yaml")
        return not isinstance(helmfile, Source) or environment.encode() in helmfile.text

    def _environment(self, name: str, realm: Realm, namespaces: list[str]) -> Environment:
        by_namespace = {
            namespace: self._namespace(namespace, self._layers(namespace, name)) for namespace in namespaces
        }
        read = {namespace: made for namespace, made in by_namespace.items() if made.values is not None}
        return Environment(
            name,
            realm,
            {(namespace, service.name): service for namespace, made in read.items() for service in made.services},
            {namespace: made.values for namespace, made in read.items() if made.values is not None},
            {namespace: made.deleted for namespace, made in read.items()},
            tuple(hole for made in by_namespace.values() for hole in made.holes),
            frozenset(namespace for namespace, made in by_namespace.items() if made.holes),
        )

    def _namespace(self, namespace: str, paths: tuple[str, ...]) -> _Namespace:
        """What these files make; environments without a file of their own have the same."""
        if paths not in self.made:
            chart = self._chart(namespace)
            self.made[paths] = self._made(namespace, chart, [self._document(path) for path in paths])
        return self.made[paths]

    def _chart(self, namespace: str) -> Value | Hole:
        """What the namespace's chart sets before any values file; empty where the tree does not have the chart."""
        helmfile = self._source(f"{FOLDER}/{namespace}/helmfile.yaml")
        named = _CHART.search(helmfile.text) if isinstance(helmfile, Source) else None
        return self._document(f"charts/{named[1].decode()}/values.yaml") if named else Value({})

    def _made(self, namespace: str, chart: Value | Hole, layers: list[Value | Hole]) -> _Namespace:
        unread = [layer for layer in layers if isinstance(layer, Hole)]
        read = [layer for layer in layers if isinstance(layer, Value)]
        if unread:
            return _Namespace(None, (), (), tuple(unread))
        holes = [chart] if isinstance(chart, Hole) else []
        value, gone = _merged(Value({}) if isinstance(chart, Hole) else chart, read)
        found = tuple(services(namespace, value, holes))
        return _Namespace(value, found, tuple(gone), tuple(holes))

    def _layers(self, namespace: str, environment: str) -> tuple[str, ...]:
        """The values files of a namespace that the tree has, the weakest first."""
        names = ("values.yaml", f"values-{environment}.yaml", f"values-{RELEASE}.yaml")
        return tuple(path for name in names if (path := f"{FOLDER}/{namespace}/{name}") in self.paths)

    def _document(self, path: str) -> Value | Hole:
        if path not in self.documents:
            self.documents[path] = self._read(path)
        return self.documents[path]

    def _read(self, path: str) -> Value | Hole:
        source = self._source(path)
        if source is None or isinstance(source, Hole):
            return source or Value({})
        try:
            document = yamlvalues.read(source)
        except IncompleteError as error:
            return Hole(str(error), source.span(0))
        if _FILE.match(path):  # a chart has other owners
            self.doubts += [(doubt.kind, doubt.message, source.span(doubt.where)) for doubt in document.doubts]
        value = document.value
        if value is None or value.data is None:
            return Value({}, source)
        return value if reach.is_map(value) else Hole(f"{path}: values are a map, and this is not one", value.span)

    def _source(self, path: str) -> Source | Hole | None:
        try:
            return self.snapshot.read(path)
        except IncompleteError as error:
            return Hole(str(error), Span(path, self.snapshot.revision, 1, 1, 1, 1))


def _merged(chart: Value, layers: list[Value]) -> tuple[Value, list[Deleted]]:
    """What the values files say without the chart's own values, and the maps that their nulls delete, the chart's too."""
    gone: list[Deleted] = []
    said, whole = Value({}), chart
    for layer in layers:
        said = merged(said, layer, []) if said.data else without_nulls(layer)
        whole = merged(whole, layer, gone)
    return said, gone
