"""liftwing-environment-drift: the variables that a service is started with, in each environment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from driftcheck.core import reach
from driftcheck.core.finding import Draft
from driftcheck.core.model import MISSING, Value, same
from driftcheck.layers.liftwing.pages import ENVIRONMENT_DRIFT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftcheck.core.model import Array, Missing, Result
    from driftcheck.layers.liftwing.inference import Service
    from driftcheck.layers.liftwing.read import Environment

    Variables: TypeAlias = "dict[str, Result]"

_SAID_ELSEWHERE = re.compile(r"(?:MODEL_NAME|MODEL_VERSION|STORAGE_URI)\Z")
"""The model: liftwing-model-drift has it."""
_MEANT_TO_DIFFER = re.compile(r"EVENTGATE_|.*_STREAM\Z|.*(?:WORKERS|THREADS)\Z")
"""Where events are sent, and how many processes a service has: staging is smaller, and has streams of its own."""
_HOST = re.compile(r"://|\.wmnet\b|(?:eqiad|codfw)\Z")
"""A value that names a host or a datacenter."""


def variables(values: Value, service: Service) -> Variables:
    """The variables of a service: its own come after those of its namespace, and the last of a name counts."""
    found: Variables = {}
    for part in ("predictor", "transformer"):
        for listed in (
            reach.at(values, "inference", part, "base_env"),
            reach.at(service.entry, part, "custom_env"),
        ):
            for variable in reach.array(listed).values():
                name = reach.text(reach.fields(variable).get("name"))
                if name:
                    found[name if part == "predictor" else f"{part}.{name}"] = _held(variable)
    return found


def _held(variable: Result) -> Result:
    """The value of a variable; of one that takes it from elsewhere, the whole entry."""
    return reach.fields(variable).get("value", variable)


def environment_drift(production: Sequence[Environment], staging: Environment) -> Iterator[Draft]:
    """What differs between staging and every one of production's clusters."""
    for key, service in staging.services.items():
        having = [environment for environment in production if key in environment.services]
        theirs = variables(staging.values[key[0]], service)
        ours = [variables(environment.values[key[0]], environment.services[key]) for environment in having]
        names = set.intersection(*(_differing(one, theirs) for one in ours)) if ours else set()
        if names:
            yield _draft(having[0].services[key], service, ours[0], theirs, sorted(names))


def _draft(ours: Service, theirs: Service, left: Variables, right: Variables, names: list[str]) -> Draft:
    words = [
        f"{' and '.join(listed)} {where}"
        for where, listed in (
            ("only in production", [name for name in names if name not in right]),
            ("only in staging", [name for name in names if name not in left]),
            ("with another value in staging", [name for name in names if name in left and name in right]),
        )
        if listed
    ]
    path, message = f"{theirs.kind}.env", f"{theirs.kind} has {', '.join(words)}"
    sides = _of(left, names), _of(right, names)
    return Draft(
        ENVIRONMENT_DRIFT, theirs.namespace, path, theirs.wiki, message, *sides, ours.entry.span, theirs.entry.span
    )


def _of(held: Variables, names: list[str]) -> Value | Missing:
    """The named variables, at the place of the first of them; absent if none is there."""
    found: Array = {name: held[name] for name in names if name in held}
    return Value(found) if found else MISSING


def _differing(ours: Variables, theirs: Variables) -> set[str]:
    """The names of variables that only one has, or that both have with values that are not meant to differ."""
    return {
        name
        for name in {**ours, **theirs}
        if not _is_expected(name.rpartition(".")[2], ours.get(name), theirs.get(name))
    }


def _is_expected(name: str, left: Result | None, right: Result | None) -> bool:
    if _SAID_ELSEWHERE.match(name) or _MEANT_TO_DIFFER.match(name):
        return True
    said = [_text(value) for value in (left, right) if value is not None]
    if all(map(_HOST.search, said)):
        return True
    return left is not None and right is not None and (same(left, right) or said[0] == said[1] != "")


def _text(value: Result) -> str:
    """A value as a service reads it: true and True are one."""
    text = reach.text(value)
    return text.lower() if text.lower() in ("true", "false") else text
