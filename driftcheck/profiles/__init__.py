"""Profiles are data: which settings are in scope, what is known of them, and what may differ between the realms."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, fields
from fnmatch import translate
from pathlib import Path
from typing import TYPE_CHECKING

from driftcheck.model import MISSING, InputError, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftcheck.model import Missing, Result

BUNDLED = ("ores", "all")
ALWAYS = ("wgLanguageCode",)
"""Settings that the resolution itself needs."""
POLICIES = ("same", "differ", "ignore")


@dataclass(frozen=True)
class Profile:
    """What a check looks at.

    ``settings`` are case-sensitive globs over setting names; ``elements`` are array elements that are settings of
    their own (``wgDefaultUserOptions.oresDamagingPref``); ``extension`` is the extension whose loading decides
    relevance (empty: every wiki is relevant); ``schema`` names the JSON schema of the normalised document (empty:
    no normalisation); ``policies`` say same, differ or ignore by setting; ``production_hosts`` are globs of hosts
    that beta must not call.
    """

    name: str
    settings: tuple[str, ...]
    elements: tuple[tuple[str, str], ...] = ()
    extension: str = ""
    schema: str = ""
    policies: dict[str, str] = field(default_factory=dict)
    production_hosts: tuple[str, ...] = ()
    public_hosts: tuple[str, ...] = ()
    implied_values: dict[str, bool | int | str] = field(default_factory=dict)
    more: tuple[str, ...] = ()
    """Globs of ``--setting``: they narrow what is shown and compared, and may name a setting outside ``settings``."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_match", _matcher((*self.settings, *self.more)))
        object.__setattr__(self, "_narrow", _matcher(self.more) if self.more else None)

    _match: re.Pattern[str] = field(init=False, repr=False, compare=False)
    _narrow: re.Pattern[str] | None = field(init=False, repr=False, compare=False)

    def wants(self, name: str) -> bool:
        """Whether a setting is in scope."""
        return self._match.match(name) is not None

    def shows(self, name: str) -> bool:
        """Whether a setting in scope is one of those that were asked for."""
        return self._narrow is None or self._narrow.match(name) is not None

    def identity(self) -> list[object]:
        """What tells profiles apart, as plain data."""
        return [getattr(self, part.name) for part in fields(self) if part.init]

    def mentions(self) -> re.Pattern[bytes] | None:
        """Finds, in a file's text, what every setting in scope has in it; None where that would be anything."""
        cores = [glob.strip("*") for glob in (*self.settings, *self.more, *ALWAYS)]
        if not all(cores):
            return None
        # translate() wraps its pattern as (?s:...)\\Z; here it may match anywhere.
        return re.compile("|".join(translate(core)[4:-3] for core in cores).encode())

    def implied(self, setting: str, held: Result | Missing) -> Result | Missing:
        """A setting's value, or what it is when nothing sets it."""
        if held is MISSING and setting in self.implied_values:
            return Value(self.implied_values[setting])
        return held

    def policy(self, setting: str) -> str:
        """same, differ or ignore."""
        return self.policies.get(setting, "same")


def _matcher(globs: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(translate(glob) for glob in globs) or r"(?!)")


def load(name: str, settings: Sequence[str] = ()) -> Profile:
    """A bundled profile by name, narrowed to the globs of ``--setting``."""
    if name not in BUNDLED:
        message = f"{name}: no such profile; the bundled ones are {' and '.join(BUNDLED)}"
        raise InputError(message)
    data = json.loads((Path(__file__).parent / f"{name}.json").read_text("utf-8"))
    elements = tuple(tuple(element.split(".", 1)) for element in data.get("elements", ()))
    return Profile(
        name=data["name"],
        settings=tuple(data["settings"]),
        elements=elements,
        extension=data.get("extension", ""),
        schema=data.get("schema", ""),
        policies=data.get("policies", {}),
        production_hosts=tuple(data.get("production_hosts", ())),
        public_hosts=tuple(data.get("public_hosts", ())),
        implied_values=data.get("implied_values", {}),
        more=tuple(settings),
    )
