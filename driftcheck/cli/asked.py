"""What the options that commands share ask for, as one typed record."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

import click

from driftcheck.cli.common import usage
from driftcheck.layers import LAYERS

Command: TypeAlias = Callable[..., None]


class Asked(NamedTuple):
    """The values of the shared options; where a command has no such option, what it does without."""

    repo: str = "."
    rev: str | None = None
    staged: bool = False
    at: str | None = None
    profile: str = "ores"
    extension: str | None = None
    settings: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    extension_dir: str | None = None
    extension_date: str | None = None
    statistics: str | None = None
    timeout: float = 10.0
    since: tuple[str, ...] = ()
    baseline: str | None = None
    waivers: str | None = None
    today: str | None = None
    cache_dir: str | None = None
    no_cache: bool = False
    beside: Mapping[str, str] = MappingProxyType({})
    """The repositories beside the first, by the parameter of the option that names each."""
    configured: frozenset[str] = frozenset()
    """The parameters whose values are those of the configuration file."""


def rooted(named: str) -> str:
    """The folder that a command reads: the one that is named, or the nearest above it that is the root of a configuration."""
    from driftcheck.snapshot import WorkTree

    start = Path(named)
    if not start.is_dir() or (start / ".git").exists() or (start / "HEAD").is_file():
        return named
    for folder in (start.resolve(), *start.resolve().parents):
        with closing(WorkTree(folder)) as tree:
            if any(layer.recognises(tree) for layer in LAYERS):
                return named if folder == start.resolve() else os.path.relpath(folder)
        if (folder / ".git").exists():
            break
    return named


_FIELDS = set(Asked._fields)
_WRITTEN_BY_HAND = {".php", ".dblist", ".yaml", ".yml"}
"""How the names of files of configuration end; no report is one."""
BESIDE = {beside.parameter: (layer, beside) for layer in LAYERS for beside in layer.beside}
"""The options that name a repository of a layer, by parameter."""


def asking(command: Command) -> Command:
    """Call a command with the shared options as one :class:`Asked`, and with its own by their names."""

    @functools.wraps(command)
    def called(**given: Any) -> None:  # noqa: ANN401 - click gives each by its name
        context = click.get_current_context()
        shared = {name: given.pop(name) for name in _FIELDS & given.keys()}
        beside = {name: path for name in BESIDE if (path := given.pop(name, None))}
        sources = {name: context.get_parameter_source(name) for name in context.params}
        configured = {name for name, source in sources.items() if source is click.core.ParameterSource.DEFAULT_MAP}
        typed = {name for name, source in sources.items() if source is click.core.ParameterSource.COMMANDLINE}
        if {"extension", "profile"} <= typed:
            raise usage("use only one of --extension and --profile")
        if "extension" in configured and typed & {"profile", "settings"}:
            shared["extension"] = None  # what is typed counts
        for output in (given.get("output"), *given.get("outputs", ())):
            _spared(output)
        if "repo" in shared:
            shared["repo"] = rooted(shared["repo"])
        command(Asked(**shared, beside=beside, configured=frozenset(configured)), **given)

    return called


def _spared(output: str | None) -> None:
    """Refuse an output that would replace a file of configuration, by a link too. Raises a usage error."""
    if output is None:
        return
    leads_to = Path(os.path.realpath(output))
    if leads_to.suffix in _WRITTEN_BY_HAND and leads_to.is_file():
        raise usage(f"{output}: a file of configuration, which --output would replace; name another file")
