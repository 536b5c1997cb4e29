"""The ORES service: a folder of YAML files as the service loads them, and what each scoring context then serves.

The files are merged in the order of their base names, each group's ``defaults`` are copied under its items, and the
names in a context are looked up. ORES reads overlays (/etc/ores) into the same order: of two files of one base name
the overlay's comes first, and the repository's wins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core import reach
from driftcheck.core.globs import matches
from driftcheck.core.model import MISSING, Hole, IncompleteError, InputError, Op, Step, Value, same
from driftcheck.layers.service.requires import required
from driftcheck.yaml import values as yamlvalues
from driftcheck.yaml.values import LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from driftcheck.core.model import Key, Missing, Result, Source, Span
    from driftcheck.layers.service.requires import Required
    from driftcheck.snapshot import Snapshot

FOLDER = "config"
MAX_NAMES = 20_000
"""How many models the enabled contexts may name; ORES had a few hundred at most."""

OVERLAY = "etc/ores"
"""Where a tree holds what the machine adds: ORES reads /etc/ores beside its own folder."""

_BEFORE_FOLDERS = "ores.wmflabs.org.yaml"
"""The one file of 2015, in the root."""

_SYSTEMS = (("scoring_systems", "scoring_system"), ("score_processors", "score_processor"))
"""The group of scoring systems and the setting of ``ores`` that names one, now and until 2016."""

SYSTEMS = tuple(group for group, _ in _SYSTEMS)
_SAYS_CONTEXTS = re.compile(rb"^(scoring_contexts|scorers):", re.MULTILINE)


class Dangling(NamedTuple):
    """A name without a definition: the wiki's context that has it, where in the context, and in which group it is not."""

    wiki: str
    path: str
    group: str
    name: Value


@dataclass(frozen=True)
class ServiceConfig:
    """A service's configuration as it is loaded. Equal names in ``contexts`` and ``document`` are equal values."""

    document: Value
    """The merged map, defaults copied."""
    contexts: dict[str, Value]
    """The enabled contexts by wiki: ``models`` by name, ``extractor`` and ``precache``, with the names looked up."""
    enabled: Value | None
    """The list, or map, that enables contexts."""
    files: tuple[str, ...]
    doubts: tuple[tuple[str, str, Span], ...]
    dangling: tuple[Dangling, ...]
    holes: tuple[Hole, ...]
    revision: str
    requires: Mapping[str, Required]
    """The versions of packages that the repository asks for."""

    def models(self, wiki: str) -> set[str]:
        """The models that are served for a wiki."""
        return {str(name) for name in _group(self.contexts.get(wiki, MISSING), "models")}

    def group(self, name: str) -> Mapping[Key, Result]:
        """A group of the document by its name; empty if it is not there."""
        return _group(self.document, name)


def is_service(snapshot: Snapshot) -> bool:
    """Whether a tree is a repository that ORES is deployed from."""
    for path in [*_in_folder(snapshot, FOLDER), _BEFORE_FOLDERS]:
        try:
            source = snapshot.read(path)
        except IncompleteError:
            continue
        if source is not None and _SAYS_CONTEXTS.search(source.text):
            return True
    return False


def load(
    snapshot: Snapshot, folder: str = FOLDER, overlay: Snapshot | None = None, overlay_folder: str = "."
) -> ServiceConfig:
    """The configuration that a folder, with an overlay if there is one, makes.

    Raises InputError for a folder without such files, and IncompleteError, with the file and the line, where they
    cannot be read.
    """
    merged: Value | None = None
    files: list[str] = []
    doubts: list[tuple[str, str, Span]] = []
    for source in _sources(snapshot, folder, overlay, overlay_folder):
        document = yamlvalues.read(source)
        if not reach.is_map(document.value):
            raise IncompleteError(f"{source.path}:1: not a map; ORES cannot load it: write groups, or delete the file")
        merged = document.value if merged is None else _merged(merged, document.value, replacing=True)
        files.append(source.path)
        doubts += [(kind, message, source.span(where)) for kind, message, where in document.doubts]
    if merged is None:
        raise InputError(f"{folder}: no *.yaml files of ORES; name the folder that has them")
    return _config(_with_defaults(merged), tuple(files), tuple(doubts), snapshot)


def _sources(snapshot: Snapshot, folder: str, overlay: Snapshot | None, overlay_folder: str) -> Iterator[Source]:
    own = _in_folder(snapshot, folder)
    if not own and folder == FOLDER and snapshot.blob_id(_BEFORE_FOLDERS) is not None:
        own = [_BEFORE_FOLDERS]
    found = [(PurePosixPath(path).name, 1, path, snapshot) for path in own]
    if overlay is not None:
        found += [(PurePosixPath(path).name, 0, path, overlay) for path in _in_folder(overlay, overlay_folder)]
    # An overlay's folder is absolute, and a slash comes before every letter.
    for _, _, path, tree in sorted(found, key=lambda one: one[:3]):
        source = tree.read(path)
        if source is not None:
            yield source


def _in_folder(snapshot: Snapshot, folder: str) -> list[str]:
    """What the shell's ``*.yaml`` finds in a folder."""
    place = PurePosixPath(folder)
    return [
        path
        for path in snapshot.names(folder)
        if PurePosixPath(path).parent == place
        and matches(PurePosixPath(path).name, "*.yaml")
        and not PurePosixPath(path).name.startswith(".")
    ]


def _merged(base: Value, over: Value, *, replacing: bool) -> Value:
    """Maps merge, anything else replaces; ``replacing`` notes what was replaced."""
    out = dict(reach.fields(base))
    for key, item in reach.fields(over).items():
        earlier = out.get(key)
        if earlier is None:
            out[key] = item
        elif reach.is_map(earlier) and reach.is_map(item):
            out[key] = _merged(earlier, item, replacing=replacing)
        elif replacing and not same(earlier, item):
            out[key] = item.after(Step(Op.OVERRIDE, str(key), earlier.span))
        else:
            out[key] = item
    return base.with_data(out)


def _with_defaults(document: Value) -> Value:
    """Each group's defaults under each of its items."""
    out = dict(reach.fields(document))
    copied = 0
    for name, group in reach.fields(document).items():
        items = reach.fields(group)
        maps = {key: item for key, item in items.items() if key != "defaults" and reach.is_map(item)}
        if "defaults" not in items or not maps:
            continue
        defaults = items["defaults"]
        if not reach.is_map(defaults):
            raise IncompleteError(
                f"{defaults.span}: the defaults of {str(name)[:60]} are no map; ORES cannot load them: write a map"
            )
        copied += _size(defaults) * len(maps)
        if copied > LIMITS.values:
            raise IncompleteError(
                f"{defaults.span}: the copies of defaults are more than {LIMITS.values} values; write less"
            )
        marked = _marked(defaults, Step(Op.MERGE, f"{name}.defaults", defaults.span))
        copies = {key: item.with_data(_merged(marked, item, replacing=False).data) for key, item in maps.items()}
        assert isinstance(group, Value)
        out[name] = group.with_data({**items, **copies})
    return document.with_data(out)


def _size(value: Result) -> int:
    return 1 + sum(map(_size, reach.fields(value).values()))


def _marked(value: Value, step: Step) -> Value:
    if not reach.is_map(value):
        return value.after(step)
    items = reach.fields(value).items()
    return value.with_data({key: _marked(item, step) for key, item in items if isinstance(item, Value)})


def _config(
    document: Value, files: tuple[str, ...], doubts: tuple[tuple[str, str, Span], ...], snapshot: Snapshot
) -> ServiceConfig:
    dangling: list[Dangling] = []
    contexts: dict[str, Value] = {}
    asked = 0
    enabled = _enabled(document)
    defined = {**_group(document, "scorers"), **_group(document, "scoring_contexts")}
    for wiki, name in {reach.text(name): name for name in names(enabled)}.items():
        context = defined.get(wiki, MISSING)
        asked += 1 + len(_group(context, "scorer_models")) + len(_group(context, "precache"))
        if asked > MAX_NAMES:
            raise IncompleteError(f"{name.span}: the enabled contexts name more than {MAX_NAMES} models; write less")
        if reach.is_map(context):
            contexts[wiki] = _context(document, wiki, context, dangling)
        else:
            dangling.append(Dangling(wiki, "", "scoring_contexts", name))
    holes = () if contexts else (Hole("no scoring context is enabled: there is nothing to compare", document.span),)
    at, asked_for = snapshot.revision, required(snapshot)
    return ServiceConfig(document, contexts, enabled, files, doubts, tuple(dangling), holes, at, asked_for)


def _enabled(document: Value) -> Value | None:
    """The list of enabled contexts: the scoring system's that ``ores`` names, or that of all, or the one of 2015."""
    for group, naming in _SYSTEMS:
        for system in (reach.text(reach.at(document, "ores", naming)), "defaults"):
            listed = reach.at(document, group, system, "scoring_contexts")
            if isinstance(listed, Value):
                return listed
    listed = reach.at(document, "ores", "scorers")
    return listed if isinstance(listed, Value) else None


def names(enabled: Result | None) -> Iterable[Value]:
    """The elements of a list, or the keys of a map at the place of what they hold."""
    for key, item in reach.array(enabled).items():
        if isinstance(item, Value):
            yield item.with_data(key) if reach.is_map(enabled) else item


def _group(document: Result | Missing, name: str) -> Mapping[Key, Result]:
    return reach.fields(reach.get(document, name))


def _context(document: Value, wiki: str, context: Value, dangling: list[Dangling]) -> Value:
    """A context with the names of its models and its extractor looked up; what has no definition is left out."""

    def defined(group: str, name: Result, path: str) -> Value | None:
        entry = reach.at(document, group, reach.text(name))
        if reach.is_map(entry):
            return entry.after(Step(Op.REFERENCE, f"{group}.{reach.text(name)}", name.span))
        if isinstance(name, Value):
            dangling.append(Dangling(wiki, path, group, name))
        return None

    says = reach.fields(context)
    bound = says.get("scorer_models")
    models = {str(name): defined("scorer_models", key, f"models.{name}") for name, key in reach.fields(bound).items()}
    place = bound if isinstance(bound, Value) else context
    out: dict[Key, Result] = {"models": place.with_data({name: item for name, item in models.items() if item})}
    extractor = says.get("extractor")
    entry = defined("extractors", extractor, "extractor") if extractor is not None else None
    if entry is not None:
        out["extractor"] = entry
    if isinstance(precache := says.get("precache"), Value):
        out["precache"] = precache
    return context.with_data(out)
