"""The rules about the shape of one realm, each with its page."""

from __future__ import annotations

from driftcheck.core.finding import Example, Rule
from driftcheck.core.severity import Severity

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
    "configuration for a wiki that does not load the extension that reads it",
    "The lines have no effect until somebody enables the extension there, and they mislead readers. Of ORES these are models "
    "and thresholds in either realm; of every other extension, rows of beta's overlay for a wiki of beta, and statements of "
    "beta's CommonSettings file that run on no wiki with the extension. An extension that nothing loads counts where a list "
    "of extensions names it.",
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

RULES = (
    SCHEMA_VIOLATION,
    UNKNOWN_OPTION,
    ILLEGAL_MODEL_NAME,
    UNDETERMINED,
    INT_KEYS,
    DEAD_CONFIG,
    DEFAULT_LEAK,
    CLASSES_MISSING,
    VERSION_MISSING,
)
