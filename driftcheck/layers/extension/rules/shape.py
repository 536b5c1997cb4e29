"""The shape of one realm: options that nobody reads, configuration that does nothing, values that break the schema."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.finding import Draft
from driftcheck.core.model import MISSING, Op, Realm, Value, has_unknown, unknowns
from driftcheck.layers.extension.comparison import is_on
from driftcheck.layers.extension.normalize import TYPES_UNTIL
from driftcheck.layers.extension.pages.shape import (
    CLASSES_MISSING,
    DEAD_CONFIG,
    DEFAULT_LEAK,
    ILLEGAL_MODEL_NAME,
    INT_KEYS,
    SCHEMA_VIOLATION,
    UNDETERMINED,
    UNKNOWN_OPTION,
    VERSION_MISSING,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.model import Missing, Result
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.extension.effective import Effective
    from driftcheck.mediawiki.registration import Default


# wp10 was a model from 2015 to 2018 and is no legal name: the extension never joined its scores, and so never threw.
_NEVER_JOINED = {"wp10"}
_NAME = re.compile(r"[a-z]+\Z")
_OPTIONS = {"enabled", "namespaces", "excludeBots", "cleanParent", "keepForever", "sources"}
_RENUMBERING = ("array_merge", "array_merge_recursive")


def options(context: Comparison) -> Iterator[Draft]:
    """unknown-option and illegal-model-name, for the models that are on."""
    for side in context.sides:
        for dbname in context.on(side):
            for name, model in context.enabled_models(side, dbname).items():
                if not _NAME.match(name) and name not in _NEVER_JOINED:
                    message = f"{name!r} is not a valid name for a model: the extension throws an exception"
                    yield Draft.one_sided(side.realm, ILLEGAL_MODEL_NAME, "wgOresModels", name, dbname, message, model)
                for option, value in reach.array(model).items():
                    if option not in _OPTIONS:
                        message = _unread(str(option), name)
                        yield Draft.one_sided(
                            side.realm, UNKNOWN_OPTION, "wgOresModels", f"{name}.{option}", dbname, message, value
                        )


def _unread(option: str, model: str) -> str:
    meant = meant_option(option)
    if option == "types":
        return f"the option types of {model} has been ignored since {TYPES_UNTIL}; use {meant}"
    hint = f"; did you mean {meant}?" if meant is not None else ""
    return f"the extension ignores the option {option} of {model}{hint}"


def meant_option(option: str) -> str | None:
    """The option that is probably meant by one that the extension does not know."""
    if option == "types":
        return "sources"
    import difflib

    return next(iter(difflib.get_close_matches(option, _OPTIONS, 1)), None)


def classes(context: Comparison) -> Iterator[Draft]:
    """model-classes-missing and model-version-missing, for the models that are on."""
    for side in context.sides:
        for dbname in context.on(side):
            known = side.property(dbname, "modelClasses")
            versions = side.property(dbname, "modelVersions", "models")
            for name, model in context.enabled_models(side, dbname).items():
                if isinstance(known, Value) and reach.get(known, name) is MISSING:
                    message = f"{name} is on, and wgOresModelClasses has no classes for it"
                    yield Draft.one_sided(
                        side.realm, CLASSES_MISSING, "wgOresModelClasses", name, dbname, message, model
                    )
                if _configured(versions) and reach.get(versions, name) is MISSING:
                    message = f"{name} is on, and wgOresModelVersions has no version for it"
                    at = None if versions is MISSING else versions.span
                    path = f"models.{name}"
                    yield Draft.one_sided(
                        side.realm, VERSION_MISSING, "wgOresModelVersions", path, dbname, message, MISSING, at
                    )


def _configured(value: Result | Missing) -> bool:
    """Whether a value was written in the configuration, rather than taken from the extension's defaults."""
    return isinstance(value, Value) and not any(
        step.op is Op.SCHEMA_DEFAULT and step.span == value.span for step in value.steps
    )


def registration(context: Comparison) -> Iterator[Draft]:
    """int-keys-renumbered and extension-default-leak: what registration makes of an array."""
    for name, entry in context.defaults.entries.items():
        if not context.profile.wants(name) or entry.strategy not in _RENUMBERING or not reach.is_array(entry.value):
            continue
        for side in context.sides:
            for dbname in context.on(side):
                configured = context.value(side, name, dbname, "assignments")
                elements = dict(reach.array(configured))
                numbers = [key for key in elements if isinstance(key, int)]
                if numbers != sorted(numbers) or (numbers and numbers[-1] >= len(numbers)):
                    lost = ", ".join(str(key) for key in numbers if key >= len(numbers))
                    message = (
                        f"extension registration renumbers the integer keys of {name} and loses {lost or 'their order'}"
                    )
                    yield Draft.one_sided(side.realm, INT_KEYS, name, "", dbname, message, configured)
                if name == "wgOresModels" and elements and not numbers:
                    yield from _leaks(side, entry, dbname, configured)


def _leaks(side: Effective, entry: Default, dbname: str, configured: Result | Missing) -> Iterator[Draft]:
    for model, default in reach.array(entry.value).items():
        on = reach.is_true(default) is True or is_on(default) is True
        if on and reach.get(configured, model) is MISSING:
            message = f"the array does not mention {model}, so the extension's default turns it on"
            yield Draft.one_sided(side.realm, DEFAULT_LEAK, "wgOresModels", str(model), dbname, message, configured)


def dead(context: Comparison) -> Iterator[Draft]:
    """dead-config: a wiki's own models or thresholds, where the extension is not loaded."""
    if not context.profile.extension:
        return
    for side in context.sides:
        for name in ("wgOresModels", "wgOresFiltersThresholds"):
            setting = side.setting(name)
            if setting is None or not context.profile.wants(name):
                continue
            for selector, value in setting.by_selector.items():
                dbname = str(selector).removeprefix("+")
                if not isinstance(value, Value) or not context.has(side.realm, dbname):
                    continue
                # In beta only the overlay's own lines count: production's serve production.
                own = side.realm is Realm.PRODUCTION or any(step.op is Op.OVERRIDE for step in value.steps)
                if own and context.enabled(side, dbname) is False:
                    what = "models" if name == "wgOresModels" else "thresholds"
                    message = f"{what} are configured where {context.profile.extension} is not loaded"
                    yield Draft.one_sided(side.realm, DEAD_CONFIG, name, "", dbname, message, value)


def undetermined(context: Comparison) -> Iterator[Draft]:
    """undetermined-value: on the wikis where it matters, or where it decides whether it matters."""
    for side in context.sides:
        for name, column in side.columns.items():
            if not context.profile.covers(name) or context.profile.policy(name) == "ignore":
                continue
            distinct = {id(value): value for value in column if value is not MISSING}  # most wikis share a value
            holes = {number for number, value in distinct.items() if has_unknown(value)}
            for wiki, value in zip(side.wikis, column if holes else (), strict=False):
                if id(value) not in holes or context.enabled(side, wiki.dbname) is False:
                    continue
                for path, hole in unknowns(value):
                    dotted = ".".join(map(str, path))
                    yield Draft.one_sided(
                        side.realm, UNDETERMINED, name, dotted, wiki.dbname, f"cannot evaluate: {hole.words}", hole
                    )


def schema(context: Comparison) -> Iterator[Draft]:
    """schema-violation: each distinct value is validated once."""
    if not context.profile.schema:
        return
    from driftcheck.layers.extension.validation import Validator

    validator = Validator(context.profile.schema)
    for side in context.sides:
        for dbname in context.on(side):
            for setting, path in context.properties.items():
                value = side.property(dbname, *path)
                if not isinstance(value, Value):
                    continue
                for where, expected, culprit in validator.errors(path, value):
                    dotted = ".".join(map(str, where))
                    yield Draft.one_sided(side.realm, SCHEMA_VIOLATION, setting, dotted, dbname, expected, culprit)


CHECKS = (schema, options, classes, registration, dead, undetermined)
