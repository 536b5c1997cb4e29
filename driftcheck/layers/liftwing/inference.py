"""The services of a namespace of Lift Wing, as its chart makes them from the values.

Three forms: ``revscoring_inference_services`` is a list with an entry a wiki, ``inference_services`` a map or a list of
named ones, and ``app`` or ``main_app`` is one application that stands beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.model import MISSING, Hole, Items, Op, Step, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.model import Array, Missing, Result


_FIELDS = ("model", "version", "host", "image", "image_version", "storage", "replicas")


@dataclass(frozen=True)
class Service:
    """One service. Without a ``wiki`` it serves whatever it is asked for."""

    name: str
    namespace: str
    wiki: str
    entry: Value
    """What the values say about it alone."""
    model: Result | Missing = MISSING
    version: Result | Missing = MISSING
    host: Result | Missing = MISSING
    image: Result | Missing = MISSING
    image_version: Result | Missing = MISSING
    storage: Result | Missing = MISSING
    replicas: Result | Missing = MISSING

    @property
    def kind(self) -> str:
        """What services of different wikis share: the model, or the service's own name."""
        return self.name.removeprefix(f"{self.wiki}-") if self.wiki else self.name

    def fields(self) -> Value:
        """What is said of the service, as one map."""
        values: Array = {"namespace": Value(self.namespace)}
        values.update((name, value) for name in _FIELDS if (value := getattr(self, name)) is not MISSING)
        return self.entry.with_data(values)


def services(namespace: str, values: Value, holes: list[Hole]) -> Iterator[Service]:
    """Every service of a namespace; an entry that cannot be one becomes a hole."""
    return chain(
        _by_wiki(namespace, values, holes), _by_name(namespace, values, holes), _applications(namespace, values)
    )


def _by_wiki(namespace: str, values: Value, holes: list[Hole]) -> Iterator[Service]:
    """``revscoring_inference_services``: a list, one entry a wiki; what an entry does not say stands in ``inference``."""
    for entry in _entries(values, "revscoring_inference_services", holes):
        wiki = reach.text(_at(entry, "wiki"))
        model = _or_shared(entry, ("model",), values, ("model",))
        if not wiki or not reach.text(model):
            holes.append(Hole(f"{namespace}: a service without {'a model' if wiki else 'its wiki'}", entry.span))
            continue
        dbname = wiki if "wiki" in wiki else f"{wiki}wiki"
        version = _at(entry, "version")
        base = _or_shared(entry, ("s3_storage_base_uri",), values, ("s3_storage_base_uri",))
        storage = _variable(entry, values, "STORAGE_URI")
        if storage is MISSING:
            whose = reach.text(_at(entry, "use_model_from_wiki")) or dbname
            storage = _composed(base, reach.text(model), whose, version)
        shared = ("predictor", "version")
        yield Service(
            f"{dbname}-{reach.text(model)}",
            namespace,
            dbname,
            entry,
            model,
            version,
            _at(entry, "host"),
            _or_shared(entry, ("predictor", "image"), values, ("predictor", "image")),
            _or_shared(entry, shared, values, shared),
            storage,
            _replicas(entry, values),
        )


def _composed(base: Result | Missing, model: str, wiki: str, version: Result | Missing) -> Result | Missing:
    """Where the chart looks for the model of a wiki."""
    if not isinstance(base, Value) or not isinstance(version, Value):
        return MISSING
    uri = f"{reach.text(base)}/{model}/{wiki}/{reach.text(version)}/"
    return version.with_data(uri, Step(Op.REFERENCE, "s3_storage_base_uri", base.span))


def _by_name(namespace: str, values: Value, holes: list[Hole]) -> Iterator[Service]:
    """``inference_services``: a map by name, or a list of entries with a name."""
    by_name = _at(values, "inference_services")
    if reach.is_map(by_name):
        named = [(str(name), entry) for name, entry in reach.fields(by_name).items() if isinstance(entry, Value)]
    else:
        named = [(reach.text(_at(entry, "name")), entry) for entry in _entries(values, "inference_services", holes)]
    for name, entry in named:
        if not name or not reach.is_map(entry):
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


def _applications(namespace: str, values: Value) -> Iterator[Service]:
    """What a namespace runs that is no inference service: it is named after the namespace."""
    for name in ("app", "main_app"):
        entry = _at(values, name)
        if isinstance(entry, Value) and (version := _at(entry, "version")) is not MISSING:
            yield Service(namespace, namespace, "", entry, image=_at(entry, "image"), image_version=version)


def _entries(values: Value, name: str, holes: list[Hole]) -> list[Value]:
    """A list of services."""
    listed = _at(values, name)
    if isinstance(listed, Value) and not isinstance(listed.data, Items):
        holes.append(Hole(f"{name} is not a list of services", listed.span))
        return []
    return [entry for entry in reach.items(listed).values() if isinstance(entry, Value)]


def _at(value: Result | Missing, *path: str) -> Result | Missing:
    """What stands below a value; to a chart, null is absent."""
    found = reach.at(value, *path)
    return MISSING if isinstance(found, Value) and found.data is None else found


def _or_shared(entry: Value, own: tuple[str, ...], values: Value, shared: tuple[str, ...]) -> Result | Missing:
    """What an entry says itself, or what ``inference`` says for all of them."""
    said = _at(entry, *own)
    if said is not MISSING:
        return said
    common = _at(values, "inference", *shared)
    return common if common is MISSING else common.after(Step(Op.SELECT, ".".join(("inference", *shared)), entry.span))


def _variable(entry: Value, values: Value, name: str) -> Result | Missing:
    """A variable of the predictor's surroundings: the entry's own come after the shared ones, and the last counts."""
    found: Result | Missing = MISSING
    for variables in (_at(values, "inference", "predictor", "base_env"), _at(entry, "predictor", "custom_env")):
        if reach.is_map(variables):
            continue
        for variable in reach.items(variables).values():
            if reach.text(_at(variable, "name")) == name:
                found = _at(variable, "value")
    return found


def _replicas(entry: Value, values: Value) -> Result | Missing:
    """The bounds of scaling."""
    bounds: Array = {
        key: bound
        for key in ("minReplicas", "maxReplicas")
        if (bound := _or_shared(entry, ("predictor", "config", key), values, ("predictor", "config", key)))
        is not MISSING
    }
    return entry.with_data(bounds) if bounds else MISSING
