"""Profiles are data: which settings are in scope, what is known of them, and what may differ between the realms.

The bundled ones and a user's own have one format, JSON or YAML, which schemas/profile-v1.schema.json describes.
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from driftcheck.core import files, resources
from driftcheck.core.globs import among, matches, regex
from driftcheck.core.model import MISSING, InputError, Value, is_loading
from driftcheck.layers.extension.expected import Row, rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftcheck.core.finding import Rule
    from driftcheck.core.model import Missing, Result

BUNDLED = ("ores", "all")
_ADVICE = "name a file that exists"
ALWAYS = ("wgLanguageCode",)
"""Settings that the resolution itself needs."""
_GLOB = re.compile(r"[*?\[]")


class _Said(NamedTuple):
    """What a profile says.

    ``settings`` are case-sensitive globs over setting names; ``elements`` are array elements that are settings of
    their own (``wgDefaultUserOptions.oresDamagingPref``); ``extension`` is the extension whose loading decides
    relevance (empty: every wiki is relevant), ``switch`` the setting that its guard asks; ``schema`` is the JSON schema of the normalised document (empty:
    no normalisation); ``policies`` say same, differ or ignore by setting; ``production_hosts`` are globs of hosts
    that beta must not call; ``rules`` are the only ones that run (empty: all); ``owns_waivers`` says that the waivers of
    the tree are written for this profile, those too that name no setting.
    """

    name: str
    settings: tuple[str, ...]
    elements: tuple[tuple[str, str], ...] = ()
    extension: str = ""
    switch: str = ""
    schema: dict[str, Any] = {}
    policies: dict[str, str] = {}
    production_hosts: tuple[str, ...] = ()
    public_hosts: tuple[str, ...] = ()
    implied_values: dict[str, bool | int | str] = {}
    rules: tuple[str, ...] = ()
    owns_waivers: bool = False
    expected: tuple[Row, ...] = ()
    """What is meant to differ between the realms."""
    more: tuple[str, ...] = ()
    """Globs of ``--setting``: they narrow what is shown and compared, and may name a setting outside ``settings``."""


class Profile(_Said):
    """What a check looks at: what the profile says, and the questions that it answers."""

    @cached_property
    def _match(self) -> re.Pattern[str]:
        return _matcher((*self.settings, *self.more))

    @cached_property
    def _wanted(self) -> dict[str, bool]:
        """What was asked before: most settings are asked about many times."""
        return {}

    @cached_property
    def _narrow(self) -> re.Pattern[str] | None:
        return _matcher(self.more) if self.more else None

    def wants(self, name: str) -> bool:
        """Whether a setting is in scope."""
        known = self._wanted.get(name)
        if known is None:
            known = self._wanted[name] = self._match.match(name) is not None
        return known

    def covers(self, name: str) -> bool:
        """Whether a column is in scope, rather than one that only a guard or an assignment reads."""
        return self.wants(name) or is_loading(name) or tuple(name.split(".", 1)) in self.elements

    def shows(self, name: str) -> bool:
        """Whether a setting in scope is one of those that were asked for."""
        return self._narrow is None or self._narrow.match(name) is not None

    @property
    def named(self) -> bool:
        """Whether what was asked for are settings by their names, and no globs."""
        return bool(self.more) and not any(_GLOB.search(name) for name in self.more)

    def judges(self, name: str) -> bool:
        """Whether a setting in scope was asked for, and is not one that the profile ignores."""
        return self.wants(name) and self.shows(name) and self.policy(name) != "ignore"

    def would_find(self, rule: Rule, setting: str, *, statistics: bool) -> bool:
        """Whether a run by this profile finds all that a rule can say about a setting, or a glob of settings.

        Of a glob that is not known: it may name what other profiles look at.
        """
        has = {"extension": bool(self.extension), "schema": bool(self.schema), "statistics": statistics}
        if (self.rules and not among(rule.id, self.rules)) or not all(has[need] for need in rule.needs):
            return False
        if not _GLOB.search(setting):
            return self.shows(setting) and (self.covers(setting) or setting == self.switch)
        if self.more:
            return setting in self.more
        return self.owns_waivers or "*" in self.settings or setting in self.settings

    def identity(self) -> list[object]:
        """What tells profiles apart, as plain data."""
        return list(self)

    def mentions(self, *, exact: bool = False) -> re.Pattern[bytes] | None:
        """Finds, in a file's text, what every setting in scope has in it; None where that would be anything.

        A choice of letters at the beginning is left out: what begins with plain letters is found twenty times sooner.
        ``exact`` keeps it: what has a setting's middle alone is not found then.
        """
        cores = [glob.strip("*") for glob in (*self.settings, *self.more, *ALWAYS)]
        cores = cores if exact else [re.sub(r"^\[[^]!]+\](?=\w{3})", "", core) for core in cores]
        if not all(cores):
            return None
        # regex() wraps its pattern as (?s:...)\\Z; here it may match anywhere.
        return re.compile("|".join(regex(core)[4:-3] for core in cores).encode())

    def implied(self, setting: str, held: Result | Missing) -> Result | Missing:
        """A setting's value, or what it is when nothing sets it."""
        if held is MISSING and setting in self.implied_values:
            return Value(self.implied_values[setting])
        return held

    def policy(self, setting: str) -> str:
        """same, differ or ignore: as the setting's own name has it, else the first glob that matches."""
        if setting in self.policies:
            return self.policies[setting]
        return next((said for glob, said in self.policies.items() if matches(setting, glob)), "same")


def _matcher(globs: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(regex(glob) for glob in globs) or r"(?!)")


def is_file(name: str) -> bool:
    """Whether a profile's name is that of a file of the user's own."""
    return "/" in name or name.endswith((".yaml", ".yml", ".json"))


def load(name: str, settings: Sequence[str] = ()) -> Profile:
    """A bundled profile by name, or one by its file, narrowed to the globs of ``--setting``.

    Raises InputError, with the line, where a file is not a profile.
    """
    path = Path(name) if is_file(name) else Path(__file__).parent / f"{name}.json"
    if is_file(name):
        data = _own(path)
    elif name in BUNDLED:
        data = json.loads(path.read_text("utf-8"))
    else:
        bundled = " and ".join(BUNDLED)
        raise InputError(
            f"{name}: no such profile; the bundled ones are {bundled}, and one of your own is named by its file"
        )
    return Profile(
        name=data["name"],
        settings=tuple(data["settings"]),
        elements=tuple(tuple(element.split(".", 1)) for element in data.get("elements", ())),
        extension=data.get("extension", ""),
        switch=data.get("switch", f"wmgUse{data['extension']}" if "extension" in data else ""),
        schema=_schema(path, data["schema"]) if "schema" in data else {},
        policies=data.get("policies", {}),
        production_hosts=tuple(data.get("production_hosts", ())),
        public_hosts=tuple(data.get("public_hosts", ())),
        implied_values=data.get("implied_values", {}),
        rules=tuple(data.get("rules", ())),
        owns_waivers=data.get("owns_waivers", False),
        expected=_expected(path, data),
        more=tuple(settings),
    )


def _expected(path: Path, data: dict[str, Any]) -> tuple[Row, ...]:
    """The rows of a profile, then those of the bundled one that it extends. Raises InputError for one that hides switches."""
    own = rows(data, str(path) if is_file(str(path)) else "")
    return own if "extends" not in data else (*own, *load(data["extends"]).expected)


def _own(path: Path) -> dict[str, Any]:
    """The content of a user's file."""
    from driftcheck.yaml import own

    data = own.load(str(path), files.content(path, _ADVICE))
    if not isinstance(data, dict):
        raise InputError(
            f"{path}: a profile is expected: name, settings and what else driftcheck schema profile-v1 lists"
        )
    own.checked(str(path), data, resources.schema("profile-v1"))
    return data


def _schema(profile: Path, name: str) -> dict[str, Any]:
    """The JSON schema that a profile names: published, or a file beside it."""
    if not is_file(name):
        return resources.schema(name)
    path = profile.parent / name
    try:
        schema = json.loads(files.content(path, _ADVICE))
        if not isinstance(schema, dict) or not isinstance(schema.get("properties"), dict):
            raise InputError(
                f"{path}: a JSON schema with properties is expected, each with the x-setting that it is about"
            )
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON: {error}; correct it") from None
    from jsonschema import Draft202012Validator, SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise InputError(f"{path}: not a JSON schema of draft 2020-12: {error.message}") from None
    if lost := next((ref for ref in _references(schema) if not _resolves(schema, ref)), None):
        raise InputError(f"{path}: {lost[:80]} names no part of the schema; write #/$defs/NAME")
    return schema


def _references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (str(part[key]) for key in ("$ref", "$dynamicRef") if key in part)
    for item in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _references(item)


def _resolves(schema: Any, reference: str) -> bool:  # noqa: ANN401 - JSON
    """Whether a reference names a part of the schema itself, by its path."""
    start, *steps = reference.split("/")
    for step in steps:
        if not isinstance(schema, dict) or step not in schema:
            return False
        schema = schema[step]
    return start == "#"
