"""Lift Wing: the inference services of each environment, as the Helm values of deployment-charts make them.

A namespace is a folder of ``helmfile.d/ml-services``. ``helmfile.yaml`` is a Go template and is not read, but for the
names of environments that stand in it; the order of the values files, which all namespaces share, is written here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from driftcheck.model import MISSING, Hole, IncompleteError, Op, Realm, Span, Step, Value
from driftcheck.sources import yamlvalues
from driftcheck.sources.helm import Deleted, fields, is_map, merged, without_nulls
from driftcheck.sources.yamlvalues import Items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.model import Missing, Result, Source
    from driftcheck.snapshot import Snapshot

ROOT = "helmfile.d/ml-services"
ENVIRONMENTS = {
    "ml-serve-eqiad": Realm.PRODUCTION,
    "ml-serve-codfw": Realm.PRODUCTION,
    "ml-staging-codfw": Realm.BETA,
}
RELEASE = "main"
OUTSIDE = (
    "/etc/helmfile-defaults/general-<environment>.yaml",
    "/etc/helmfile-defaults/private/ml-serve_services/<namespace>/<environment>.yaml",
)
"""Values files that the deployment reads and the repository does not have: what they set is not known."""

_FILE = re.compile(rf"{re.escape(ROOT)}/(?P<namespace>[^/]+)/values(?:-[^/]+)?\.yaml\Z")


@dataclass(frozen=True)
class Service:
    """One inference service. Without a ``wiki`` it serves whatever it is asked for."""

    name: str
    namespace: str
    wiki: str
    entry: Value
    """What the values say about it alone."""
    model: Result | Missing
    version: Result | Missing
    host: Result | Missing
    image: Result | Missing
    image_version: Result | Missing
    storage: Result | Missing
    replicas: Result | Missing

    @property
    def kind(self) -> str:
        """What services of different wikis share: the model, or the service's own name."""
        return self.name.removeprefix(f"{self.wiki}-") if self.wiki else self.name


@dataclass(frozen=True)
class Environment:
    """One cluster: its services, and the values of each namespace that could be read."""

    name: str
    realm: Realm
    services: dict[tuple[str, str], Service]
    values: dict[str, Value]
    deleted: dict[str, tuple[Deleted, ...]]
    """By namespace, the maps that a null of a later file deletes."""
    holes: tuple[Hole, ...]


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
    return any(_FILE.match(path) for path in snapshot.names(ROOT))


def load(snapshot: Snapshot) -> Charts:
    """Every namespace in every environment."""
    return _Loader(snapshot).charts()


class _Loader:
    """Reads each file once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.paths = [path for path in snapshot.names(ROOT) if _FILE.match(path)]
        self.documents: dict[str, Value | Hole] = {}
        self.doubts: list[tuple[str, str, Span]] = []

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
        helmfile = self._source(f"{ROOT}/{namespace}/helmfile.yaml")
        return not isinstance(helmfile, Hole) and (helmfile is None or environment.encode() in helmfile.text)

    def _environment(self, name: str, realm: Realm, namespaces: list[str]) -> Environment:
        values: dict[str, Value] = {}
        services: dict[tuple[str, str], Service] = {}
        deleted: dict[str, tuple[Deleted, ...]] = {}
        holes: list[Hole] = []
        for namespace in namespaces:
            layers = [self._document(path) for path in self._layers(namespace, name)]
            unread = [layer for layer in layers if isinstance(layer, Hole)]
            if unread:
                holes += unread
                continue
            gone: list[Deleted] = []
            value = Value({})
            for layer in layers:
                assert isinstance(layer, Value)
                value = merged(value, layer, gone) if value.data else without_nulls(layer)
            values[namespace] = value
            deleted[namespace] = tuple(gone)
            for service in chain(_by_wiki(namespace, value, holes), _by_name(namespace, value, holes)):
                services[namespace, service.name] = service
        return Environment(name, realm, services, values, deleted, tuple(holes))

    def _layers(self, namespace: str, environment: str) -> list[str]:
        """The values files of a namespace that the tree has, the weakest first."""
        names = ("values.yaml", f"values-{environment}.yaml", f"values-{RELEASE}.yaml")
        return [path for name in names if (path := f"{ROOT}/{namespace}/{name}") in self.paths]

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
        self.doubts += [(doubt.kind, doubt.message, source.span(doubt.where)) for doubt in document.doubts]
        value = document.value
        if value is None or value.data is None:
            return Value({}, source)
        return value if is_map(value) else Hole(f"{path}: values are a map, and this is not one", value.span)

    def _source(self, path: str) -> Source | Hole | None:
        try:
            return self.snapshot.read(path)
        except IncompleteError as error:
            return Hole(str(error), Span(path, self.snapshot.revision, 1, 1, 1, 1))


def _by_wiki(namespace: str, values: Value, holes: list[Hole]) -> Iterator[Service]:
    """``revscoring_inference_services``: a list, one entry a wiki; what an entry does not say stands in ``inference``."""
    for entry in _entries(values, "revscoring_inference_services", holes):
        wiki = _text(_at(entry, "wiki"))
        model = _or_shared(entry, ("model",), values, ("model",))
        if not wiki or not _text(model):
            holes.append(Hole(f"{namespace}: a service without {'a model' if wiki else 'its wiki'}", entry.span))
            continue
        dbname = wiki if "wiki" in wiki else f"{wiki}wiki"
        version = _at(entry, "version")
        base = _or_shared(entry, ("s3_storage_base_uri",), values, ("s3_storage_base_uri",))
        shared = ("predictor", "version")
        yield Service(
            f"{dbname}-{_text(model)}",
            namespace,
            dbname,
            entry,
            model,
            version,
            _at(entry, "host"),
            _or_shared(entry, ("predictor", "image"), values, ("predictor", "image")),
            _or_shared(entry, shared, values, shared),
            _composed(base, _text(model), _text(_at(entry, "use_model_from_wiki")) or dbname, version),
            _replicas(entry, values),
        )


def _composed(base: Result | Missing, model: str, wiki: str, version: Result | Missing) -> Result | Missing:
    """Where the chart looks for the model of a wiki."""
    if not isinstance(base, Value) or not isinstance(version, Value):
        return MISSING
    uri = f"{_text(base)}/{model}/{wiki}/{_text(version)}/"
    return version.with_data(uri, Step(Op.REFERENCE, "s3_storage_base_uri", base.span))


def _by_name(namespace: str, values: Value, holes: list[Hole]) -> Iterator[Service]:
    """``inference_services``: a map by name, or a list of entries with a name."""
    held = _at(values, "inference_services")
    if isinstance(held, Value) and is_map(held):
        named = [(str(name), entry) for name, entry in fields(held).items() if isinstance(entry, Value)]
    else:
        named = [(_text(_at(entry, "name")), entry) for entry in _entries(values, "inference_services", holes)]
    for name, entry in named:
        if not name or not is_map(entry):
            holes.append(Hole(f"{namespace}: a service {'that is no map' if name else 'without its name'}", entry.span))
            continue
        yield Service(
            name,
            namespace,
            "",
            entry,
            _variable(entry, values, "MODEL_NAME"),
            _variable(entry, values, "MODEL_VERSION"),
            _variable(entry, values, "WIKI_URL"),
            _or_shared(entry, ("predictor", "image"), values, ("predictor", "image")),
            _or_shared(entry, ("predictor", "image_version"), values, ("predictor", "version")),
            _variable(entry, values, "STORAGE_URI"),
            _replicas(entry, values),
        )


def _entries(values: Value, name: str, holes: list[Hole]) -> list[Value]:
    """A list of services."""
    held = _at(values, name)
    if not isinstance(held, Value):
        return []
    if not isinstance(held.data, Items):
        holes.append(Hole(f"{name} is not a list of services", held.span))
        return []
    return [entry.after(*held.steps) for entry in held.data.values() if isinstance(entry, Value)]


def _at(value: Result | Missing, *path: str) -> Result | Missing:
    """What stands below a value, with the steps of the maps around it."""
    for key in path:
        if not isinstance(value, Value):
            return MISSING
        around, value = value, fields(value).get(key, MISSING)
        if isinstance(value, Value) and around.steps:
            value = value.after(*(step for step in around.steps if step not in value.steps))
    return value


def _or_shared(entry: Value, own: tuple[str, ...], values: Value, shared: tuple[str, ...]) -> Result | Missing:
    """What an entry says itself, or what ``inference`` says for all of them."""
    held = _at(entry, *own)
    if held is not MISSING:
        return held
    common = _at(values, "inference", *shared)
    return common if common is MISSING else common.after(Step(Op.SELECT, ".".join(("inference", *shared)), entry.span))


def _variable(entry: Value, values: Value, name: str) -> Result | Missing:
    """A variable of the predictor's surroundings: the entry's own come after the shared ones, and the last counts."""
    found: Result | Missing = MISSING
    lists = _at(values, "inference", "predictor", "base_env"), _at(entry, "predictor", "custom_env")
    for held in lists:
        for item in held.data.values() if isinstance(held, Value) and isinstance(held.data, Items) else ():
            if isinstance(item, Value) and _text(_at(item, "name")) == name:
                found = _at(item.after(*held.steps), "value")
    return found


def _replicas(entry: Value, values: Value) -> Result | Missing:
    """The bounds of scaling."""
    bounds = {
        key: held
        for key in ("minReplicas", "maxReplicas")
        if (held := _or_shared(entry, ("predictor", "config", key), values, ("predictor", "config", key)))
        is not MISSING
    }
    return entry.with_data(dict(bounds)) if bounds else MISSING


def _text(held: Result | Missing) -> str:
    """A scalar as a chart prints it; nothing for what is absent."""
    return str(held.data) if isinstance(held, Value) and not isinstance(held.data, dict) else ""
