"""What the options that commands share ask for, as one typed record."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias

import click

from driftcheck.layers import LAYERS

Command: TypeAlias = Callable[..., None]


@dataclass(frozen=True)
class Asked:
    """The values of the shared options; where a command has no such option, what it does without."""

    repo: str = "."
    rev: str | None = None
    staged: bool = False
    at: str | None = None
    profile: str = "ores"
    settings: tuple[str, ...] = ()
    extension_dir: str | None = None
    extension_date: str | None = None
    statistics: str | None = None
    timeout: float = 10.0
    since: str | None = None
    baseline: str | None = None
    waivers: str | None = None
    today: str | None = None
    cache_dir: str | None = None
    no_cache: bool = False
    beside: Mapping[str, str] = field(default_factory=dict)
    """The repositories beside the first, by the parameter of the option that names each."""
    configured: frozenset[str] = frozenset()
    """The parameters whose values are those of the configuration file."""


_FIELDS = {part.name for part in fields(Asked)}
BESIDE = {beside.parameter: (layer, beside) for layer in LAYERS for beside in layer.beside}
"""The options that name a repository of a layer, by parameter."""


def asking(command: Command) -> Command:
    """Call a command with the shared options as one :class:`Asked`, and with its own by their names."""

    @functools.wraps(command)
    def called(**given: Any) -> None:  # noqa: ANN401 - click gives each by its name
        context = click.get_current_context()
        shared = {name: given.pop(name) for name in _FIELDS & given.keys()}
        beside = {name: path for name in BESIDE if (path := given.pop(name, None))}
        configured = {
            name
            for name in context.params
            if context.get_parameter_source(name) is click.core.ParameterSource.DEFAULT_MAP
        }
        command(Asked(**shared, beside=beside, configured=frozenset(configured)), **given)

    return called
