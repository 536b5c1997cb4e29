"""An extension's own defaults, and how its registration merges them with what the configuration says.

MediaWiki registers extensions after the configuration files ran: a global that is not set, or is an empty array,
becomes the default; two arrays meet by the entry's merge strategy; anything else stays (MediaWiki
includes/registration/ExtensionRegistry.php, exportExtractedData).
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from driftcheck.core import files
from driftcheck.core.model import MISSING, Input, InputError, Op, Parts, Source, Step, Unknown, Value, pack
from driftcheck.core.resources import row, table
from driftcheck.mediawiki.merge import registered
from driftcheck.php.values import array_key

if TYPE_CHECKING:
    from driftcheck.core.model import Data, Missing, Result

_STRATEGY_KEY = "_merge_strategy"
_ORES = "ORES"
_PLACE = f"extensions/{_ORES}/extension.json"
_MERGE = "array_merge"
_PROVIDE = "provide_default"
_PATH = "@path"


class Default(NamedTuple):
    """One config entry: the value that registration exports, and how it meets a configured array."""

    value: Value
    strategy: str


class ExtensionDefaults:
    """The config of one version of an extension, by global name; ``date`` is the day that it stands for."""

    def __init__(self, date: str, entries: dict[str, Default]) -> None:
        self.date, self.entries = date, entries

    @cached_property
    def _paths(self) -> set[str | None]:
        """The files that the values have their places in; None for those without a place."""
        return {_path(entry.value) for entry in self.entries.values()}

    def register(self, name: str, configured: Result | Missing) -> Result | Missing:
        """A setting's value after registration."""
        entry = self.entries.get(name)
        if entry is None or isinstance(configured, Unknown):
            return configured
        if configured is MISSING or (configured.data == {} and entry.strategy != _PROVIDE):
            value = entry.value.after(Step(Op.SCHEMA_DEFAULT, "the extension's default", entry.value.span))
            return MISSING if value.data is None else value
        return registered(entry.strategy, configured, entry.value)

    def said(self, value: Result | Missing) -> bool:
        """Whether a value was written in the extension's own file, rather than in the configuration.

        The bundled tables of most extensions have no lines: their values have no place.
        """
        return isinstance(value, Value) and _path(value) in self._paths


def _path(value: Value) -> str | None:
    """The file that a value stands in, where that is known."""
    return None if value.source is None else value.source.path


def bundled(extension: str, date: str) -> ExtensionDefaults:
    """An extension or a skin as it was on a day (YYYY-MM-DD), from the bundled tables; before its first day, nothing."""
    if extension == _ORES:
        return _ores(date)
    known = row("registration", extension) or {"values": [], "eras": []}
    held: dict[str, list[Any]] = {}
    for day, changes in known["eras"]:
        if day > date:
            break
        held.update(changes)
    entries = {
        name: Default(_value(known["values"][entry[0]], extension), entry[1] if len(entry) > 1 else _MERGE)
        for name, entry in held.items()
        if entry is not None
    }
    return ExtensionDefaults(date, entries)


def _value(data: Any, extension: str) -> Value:  # noqa: ANN401 - JSON
    """A value of the table; a path in the extension's folder begins with core's."""
    if isinstance(data, dict) and _PATH in data:
        return Value(Parts((Input("env:IP"), f"/extensions/{extension}/{data[_PATH]}")))
    return to_value(data)


def _ores(date: str) -> ExtensionDefaults:
    """Extension:ORES, of which the lines are known too."""
    days = sorted(table("ores-defaults")["eras"])
    at = bisect_right(days, date)
    return ExtensionDefaults(date, _era_of_ores(days[at - 1]) if at else {})


@cache
def _era_of_ores(day: str) -> dict[str, Default]:
    known = table("ores-defaults")
    era = known["eras"][day]
    source = _Lines(_PLACE, era["revision"])
    return {
        f"wg{name}": Default(to_value(known["values"][index], source, pack(line, line)), strategy)
        for name, (index, strategy, line) in era["config"].items()
    }


class _Lines(Source):
    """A file that is known by its lines only: offsets are line numbers."""

    __slots__ = ()

    def __init__(self, path: str, revision: str) -> None:
        super().__init__(path, b"", revision)

    def span(self, where: int) -> Any:  # noqa: ANN401 - a Span, imported for typing only
        from driftcheck.core.model import Span

        line = where >> 32
        return Span(self.path, self.revision, line, 1, line, 1)


def from_checkout(folder: str, date: str) -> ExtensionDefaults:
    """The defaults in a checkout of the extension (``--extension-dir``); manifest versions 1 and 2.

    Raises InputError where there is no extension.json with a config section.
    """
    path = Path(folder) / "extension.json"
    text = files.content(path, "name a checkout of the extension with --extension-dir")
    try:
        manifest = json.loads(text)
        config = manifest["config"]
        version = manifest.get("manifest_version", 1)
        prefix = manifest.get("config_prefix", config.get("_prefix", "wg") if version == 1 else "wg")
        items = dict(config.items())
        json.dumps(items, ensure_ascii=False).encode()  # half a character is no text
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{path}: not an extension.json with a config section ({error}); name another checkout"
        ) from None
    source = Source(str(path), text)
    entries: dict[str, Default] = {}
    for name, entry in items.items():
        if name.startswith("@") or (name.startswith("_") and version == 1):
            continue
        value, strategy = _entry(entry, version)
        match = re.search(rb'"%s"\s*:' % re.escape(name.encode()), text)
        where = pack(match.start(), match.end()) if match else 0
        entries[f"{prefix}{name}"] = Default(to_value(value, source, where), strategy)
    return ExtensionDefaults(date, entries)


def _entry(entry: Any, version: int) -> tuple[Any, str]:  # noqa: ANN401 - JSON
    if version == 1:
        if isinstance(entry, dict) and _STRATEGY_KEY in entry:
            return {k: v for k, v in entry.items() if k != _STRATEGY_KEY}, entry[_STRATEGY_KEY]
        return entry, _MERGE
    if not isinstance(entry, dict):
        return entry, _MERGE
    return entry.get("value"), entry.get("merge_strategy", _MERGE)


def to_value(data: Any, source: Source | None = None, where: int = 0) -> Value:  # noqa: ANN401 - JSON
    """Decoded JSON as PHP has it: objects and lists are arrays."""
    if isinstance(data, dict):
        array: Data = {array_key(key): to_value(item, source, where) for key, item in data.items()}
        return Value(array, source, where)
    if isinstance(data, list):
        return Value({index: to_value(item, source, where) for index, item in enumerate(data)}, source, where)
    return Value(data, source, where)
