"""The configuration file: defaults for the options of check, found upwards from the repository."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftcheck.cli.asked import BESIDE
from driftcheck.cli.common import usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    import click

FILE, PYPROJECT = "driftcheck.yaml", "pyproject.toml"
_OPTIONS = {
    "profile": "profile",
    "extension": "extension",
    "setting": "settings",
    "inputs": "inputs",
    "wiki": "wikis",
    "select": "select",
    "ignore": "ignore",
    "min-severity": "min_severity",
    "fail-on": "fail_on",
    "waivers": "waivers",
    "baseline": "baseline",
    "extension-dir": "extension_dir",
    **{beside.option: parameter for parameter, (_, beside) in BESIDE.items()},
    "statistics": "statistics",
    "severity": "severity",
    "owners": "owners",
}
_PATHS = ("waivers", "baseline", "extension-dir", *(beside.option for _, beside in BESIDE.values()))


def callback(context: click.Context, _: click.Parameter, named: str | None) -> str | None:
    """Make the file's values the defaults of the options that follow."""
    if context.resilient_parsing:  # a shell asks for completions, not for a verdict on the file
        return None
    path = Path(named) if named else find(Path(context.params.get("repo") or "."))
    if path is None:
        return None
    context.default_map = {**(context.default_map or {}), **defaults(path)}
    return str(path)


def find(start: Path) -> Path | None:
    """The nearest driftcheck.yaml, or pyproject.toml with a table of ours, from a folder upwards."""
    start = Path(os.path.realpath(start))
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder / FILE
        if (folder / PYPROJECT).is_file() and b"[tool.driftcheck]" in _content(folder / PYPROJECT):
            return folder / PYPROJECT
    return None


def defaults(path: Path) -> dict[str, Any]:
    """The values of a configuration file by parameter name; InputError names the line and the nearest key.

    Raises UsageError for a name of a file that is none.
    """
    from driftcheck.core.resources import schema
    from driftcheck.layers.extension import profiles
    from driftcheck.yaml import own

    document = _read(path)
    own.checked(str(path), document, schema("configuration-v1"))
    out: dict[str, Any] = {}
    for key, value in document.items():
        if key != "version":
            beside = key in _PATHS or (key == "profile" and profiles.is_file(value))
            beside |= key == "statistics" and "://" not in value
            if beside and (not value or "\0" in value):
                raise usage(f"{path}: {key}: {value!r} is no name of a file; name one, or leave {key} out")
            out[_OPTIONS[key]] = str(path.parent / value) if beside else _given(value) if key == "inputs" else value
    return out


def _given(values: Mapping[str, Any]) -> list[str]:
    """The map of inputs as --input takes them."""
    import json

    return [f"{name}={json.dumps(value)}" for name, value in values.items()]


def _read(path: Path) -> dict[str, Any]:
    content = _content(path)
    if path.suffix == ".toml":
        if sys.version_info >= (3, 11):
            import tomllib
        else:
            import tomli as tomllib
        try:
            table: dict[str, Any] = tomllib.loads(content.decode()).get("tool", {}).get("driftcheck", {})
            return table
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise usage(f"{path}: {error}; correct the TOML") from None
    from driftcheck.yaml import own

    document = own.load(str(path), content)
    if document is None:
        return {}
    if not isinstance(document, own.Marked):
        raise usage(f"{path}: expected a map of options; driftcheck init writes one")
    return document


def _content(path: Path) -> bytes:
    from driftcheck.core import files

    return files.content(path, "name a configuration file that exists with --config")
