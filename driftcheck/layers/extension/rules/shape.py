"""The shape of one realm: options that nobody reads, configuration that does nothing, values that break the schema."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.finding import Draft, Example, Rule, Severity
from driftcheck.core.model import MISSING, Op, Realm, Value, has_unknown, is_list, unknowns
from driftcheck.layers.extension.comparison import is_on
from driftcheck.layers.extension.normalize import TYPES_UNTIL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.model import Missing, Result
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.extension.effective import Effective
    from driftcheck.mediawiki.registration import Default

_ON = "'wmgUseORES' => [ 'default' => true ],\n"
_MODELS = (
    _ON
    + "'wgOresModels' => [ 'default' => [ 'damaging' => [ 'enabled' => true{} ], 'goodfaith' => [ 'enabled' => true ]{} ] ],"
)
_OLD_MODELS = (
    _ON + "'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => true, 'reverted' => false{} ] ],"
)
_LATER = "2019-05-01"
_VERSIONED = (
    _ON
    + "'wgOresModels' => [ 'default' => [ 'damaging' => [ 'enabled' => true ], 'articlequality' => [ 'enabled' => true ], "
    "'goodfaith' => [ 'enabled' => false ] ] ],"
)

SCHEMA_VIOLATION = Rule(
    "schema-violation",
    Severity.ERROR,
    "settings that do not match the profile's JSON schema",
    "The extension does not check its configuration: a string where it expects a boolean, or a level that it does "
    "not know, fails at run time.",
    "Write a value of the kind that the message asks for.",
    bad=Example(production=_ON + "'wgOresExcludeBots' => [ 'default' => 'yes' ],"),
    good=Example(production=_ON + "'wgOresExcludeBots' => [ 'default' => true ],"),
    layers=("extension",),
    needs=("schema",),
)
UNKNOWN_OPTION = Rule(
    "unknown-option",
    Severity.ERROR,
    "an option of a model that the extension ignores because it does not know it, or no longer reads it",
    "The line looks as if it had an effect. cleanupParent was a misspelling of 2018; types is ignored since "
    "2025-11-16.",
    "Correct the spelling, or use the option that replaced it: sources instead of types.",
    bad=Example(production=_MODELS.format(", 'cleanupParent' => true", ""), date=_LATER),
    good=Example(production=_MODELS.format(", 'cleanParent' => true", ""), date=_LATER),
    layers=("extension",),
    needs=("schema",),
)
ILLEGAL_MODEL_NAME = Rule(
    "illegal-model-name",
    Severity.ERROR,
    "an enabled model whose name has other characters than lower-case letters",
    "The extension uses the name in table aliases, and throws an exception unless the name is one word of lower-"
    "case letters.",
    "Rename the model. The extension maps its own names to the service's.",
    bad=Example(production=_MODELS.format("", ", 'revertrisk-agnostic' => [ 'enabled' => true ]"), date=_LATER),
    good=Example(production=_MODELS.format("", ", 'revertrisk-agnostic' => [ 'enabled' => false ]"), date=_LATER),
    layers=("extension",),
    needs=("schema",),
)
UNDETERMINED = Rule(
    "undetermined-value",
    Severity.WARNING,
    "a value in scope that driftcheck cannot evaluate without running PHP",
    "An unknown value is never taken as equal: the run is incomplete, and this finding names the line.",
    "Write the value as a literal. Where driftcheck does not support the code, limit the run to other settings.",
    bad=Example(production=_ON + "'wgOresWikiId' => [ 'default' => getenv( 'WIKI' ) ],"),
    good=Example(production=_ON + "'wgOresWikiId' => [ 'default' => 'enwiki' ],"),
    layers=("extension",),
    unknown=True,
)
INT_KEYS = Rule(
    "int-keys-renumbered",
    Severity.WARNING,
    "a map with integer keys that extension registration renumbers",
    "Extension registration merges arrays with array_merge, which renumbers integer keys: [ 0 => true, 120 => true "
    "] becomes [ 0 => true, 1 => true ], and the entry for namespace 120 is lost.",
    "Ask the extension's authors for the merge strategy array_plus; until then the setting cannot hold such a map.",
    bad=Example(
        production=_ON + "'wgOresEnabledNamespaces' => [ 'default' => [], 'frwiki' => [ 0 => true, 120 => true ] ],"
    ),
    good=Example(production=_ON + "'wgOresEnabledNamespaces' => [ 'default' => [], 'frwiki' => [ 0 => true ] ],"),
    layers=("extension",),
    needs=("extension",),
)
DEAD_CONFIG = Rule(
    "dead-config",
    Severity.NOTE,
    "models or thresholds that are configured for a wiki where the extension is not loaded",
    "The lines have no effect until somebody enables the extension there, and they mislead readers.",
    "Enable the extension on the wiki, or delete the lines.",
    bad=Example(
        production="'wmgUseORES' => [ 'default' => false, 'enwiki' => true ],\n"
        "'wgOresModels' => [ 'frwiki' => [ 'damaging' => true ] ],"
    ),
    good=Example(
        production="'wmgUseORES' => [ 'default' => false, 'enwiki' => true ],\n"
        "'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => true, 'reverted' => false, 'wp10' => false ] ],"
    ),
    layers=("extension",),
    needs=("extension",),
)
DEFAULT_LEAK = Rule(
    "extension-default-leak",
    Severity.WARNING,
    "an override that does not mention a model, so that the extension's default turns the model on",
    "Extension registration adds the extension's models to the wiki's array, each with its default.",
    "Add the model to the array, on or off.",
    bad=Example(production=_OLD_MODELS.format("")),
    good=Example(production=_OLD_MODELS.format(", 'wp10' => false")),
    layers=("extension",),
    needs=("extension",),
)
CLASSES_MISSING = Rule(
    "model-classes-missing",
    Severity.ERROR,
    "an enabled model without configured classes",
    "Scores are stored by the number of their class, so the scores of a model without classes cannot be stored.",
    "Add the model's classes to wgOresModelClasses for the wikis that enable it.",
    bad=Example(production=_MODELS.format("", ", 'itemquality' => [ 'enabled' => true ]"), date=_LATER),
    good=Example(
        production=_MODELS.format("", ", 'itemquality' => [ 'enabled' => true ]")
        + "\n'wgOresModelClasses' => [ 'default' => [ 'itemquality' => [ 'A' => 5, 'B' => 4, 'C' => 3, 'D' => 2, 'E' => 1 ] ] ],",
        date=_LATER,
    ),
    layers=("extension",),
    needs=("schema",),
)
VERSION_MISSING = Rule(
    "model-version-missing",
    Severity.NOTE,
    "an enabled model without a configured version, on a wiki that configures versions",
    "A wiki's own list of versions replaces the extension's. Scores of a model without a version cannot be stored.",
    "Add the model's version to wgOresModelVersions.",
    bad=Example(
        production=_VERSIONED
        + "\n'wgOresModelVersions' => [ 'frwiki' => [ 'models' => [ 'damaging' => [ 'version' => '0.5.0' ] ] ] ],",
        date="2026-08-22",
    ),
    good=Example(
        production=_VERSIONED
        + "\n'wgOresModelVersions' => [ 'frwiki' => [ 'models' => [ 'damaging' => [ 'version' => '0.5.0' ], "
        "'articlequality' => [ 'version' => '0.9.2' ] ] ] ],",
        date="2026-08-22",
    ),
    layers=("extension",),
    needs=("schema",),
)

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
    if option == "types":
        return f"the option types of {model} has been ignored since {TYPES_UNTIL}; use sources"
    import difflib

    close = difflib.get_close_matches(option, _OPTIONS, 1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return f"the extension ignores the option {option} of {model}{hint}"


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
        if not context.profile.wants(name) or entry.strategy not in _RENUMBERING:
            continue
        for side in context.sides:
            for dbname in context.on(side):
                configured = context.value(side, name, dbname, "assignments")
                elements = dict(reach.array(configured))
                numbers = [key for key in elements if isinstance(key, int)]
                if numbers and not is_list(elements):
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
    known: set[int] = set()  # most wikis share a value with others; the columns keep every one alive
    for side in context.sides:
        for name, column in side.columns.items():
            if not context.profile.covers(name) or context.profile.policy(name) == "ignore":
                continue
            for wiki, value in zip(side.wikis, column, strict=True):
                if value is MISSING or id(value) in known or context.enabled(side, wiki.dbname) is False:
                    continue
                if not has_unknown(value):
                    known.add(id(value))
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
