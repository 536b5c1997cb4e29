"""The rules about filter thresholds, each with its page."""

from __future__ import annotations

from driftcheck.core.finding import Example, Rule
from driftcheck.core.severity import Severity

_ON = (
    "'wmgUseORES' => [ 'default' => true ],\n"
    "'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => {}, 'reverted' => false, 'wp10' => false ] ],\n"
)
_FRENCH = _ON.format("true") + "'wgOresFiltersThresholds' => [ 'frwiki' => [ 'goodfaith' => [ {} ] ] ],"
_NUMBERS = _ON.format("true") + "'wgOresFiltersThresholds' => [ 'frwiki' => [ 'damaging' => [ {} ] ] ],"
SYNTAX = Rule(
    "threshold-syntax",
    Severity.ERROR,
    "a threshold that is a text, but no valid formula on the day of the configuration",
    "The service answers such a formula with an error, and the filter disappears. On 2018-05-09 cawiki had => "
    "instead of >=.",
    "Correct the character that the message names. Since 2023-08-31 a bound has to be a number.",
    bad=Example(
        production=_FRENCH.format("'likelygood' => [ 'min' => 'maximum recall @ precision => 0.9', 'max' => 1 ]")
    ),
    good=Example(
        production=_FRENCH.format("'likelygood' => [ 'min' => 'maximum recall @ precision >= 0.9', 'max' => 1 ]")
    ),
    layers=("extension",),
    needs=("schema",),
)
MISSING_BOUND = Rule(
    "threshold-missing-bound",
    Severity.ERROR,
    "a threshold level that has only one of min and max",
    "The extension reads both. Registration adds levels that a wiki leaves out, but not a bound that a level leaves "
    "out.",
    "Write both bounds: 'min' => 0 or 'max' => 1 for the end of the scale.",
    bad=Example(production=_FRENCH.format("'likelybad' => [ 'max' => 'maximum recall @ precision >= 0.6' ]")),
    good=Example(
        production=_FRENCH.format("'likelybad' => [ 'min' => 0, 'max' => 'maximum recall @ precision >= 0.6' ]")
    ),
    layers=("extension",),
    needs=("schema",),
)
ORIENTATION = Rule(
    "threshold-orientation",
    Severity.ERROR,
    "a threshold formula that stands on the wrong bound of its level",
    "The service solves a formula on min for the outcome true. It solves one on max for the outcome false, and the "
    "bound is 1 minus the answer. On the wrong bound the formula asks about the opposite kind of edit.",
    "Move the formula to the bound that the message names, and put the end of the scale on the other.",
    bad=Example(
        production=_FRENCH.format("'likelybad' => [ 'min' => 'maximum recall @ precision >= 0.6', 'max' => 1 ]")
    ),
    good=Example(
        production=_FRENCH.format("'likelybad' => [ 'min' => 0, 'max' => 'maximum recall @ precision >= 0.6' ]")
    ),
    layers=("extension",),
    needs=("schema",),
)
NESTING = Rule(
    "threshold-nesting",
    Severity.ERROR,
    "a threshold level that does not include the stricter level after it",
    "Every edit that is very likely bad is also likely bad, and every edit that is likely bad may be bad, so each "
    "level has to include the next. Most such mistakes are bounds of goodfaith that nobody inverted (1 minus the "
    "threshold), as on 2023-08-29.",
    "Invert the bound, or put the levels in order: maybebad includes most edits, verylikelybad fewest.",
    bad=Example(
        production=_NUMBERS.format(
            "'maybebad' => [ 'min' => 0.7, 'max' => 1 ], 'likelybad' => [ 'min' => 0.3, 'max' => 1 ]"
        )
    ),
    good=Example(
        production=_NUMBERS.format(
            "'maybebad' => [ 'min' => 0.3, 'max' => 1 ], 'likelybad' => [ 'min' => 0.7, 'max' => 1 ]"
        )
    ),
    layers=("extension",),
    needs=("schema",),
)
RANGE = Rule(
    "threshold-range",
    Severity.WARNING,
    "a threshold level that matches no edit, every edit, or one probability only",
    "A filter with such a level shows nothing or everything. A minimum above the maximum, or a condition that "
    "nothing can meet, is an error.",
    "Write a range of probabilities, or false if the wiki should not have the level.",
    bad=Example(production=_NUMBERS.format("'likelygood' => [ 'min' => 0, 'max' => 1 ]")),
    good=Example(production=_NUMBERS.format("'likelygood' => [ 'min' => 0, 'max' => 0.4 ]")),
    layers=("extension",),
    needs=("schema",),
)
DISABLED_MODEL = Rule(
    "threshold-for-disabled-model",
    Severity.ERROR,
    "thresholds of a model that is off on the wiki",
    "The filters are configured, and nothing computes their scores. In beta it means that nobody tries production's "
    "thresholds.",
    "Enable the model in the realm of the finding. Delete the thresholds only if they stand in a file of that realm "
    "alone.",
    bad=Example(
        production=(_ON.format("false") + _FRENCH.removeprefix(_ON.format("true"))).format("'verylikelybad' => false")
    ),
    good=Example(production=_FRENCH.format("'verylikelybad' => false")),
    layers=("extension",),
    needs=("schema",),
)
SENSITIVITY = Rule(
    "sensitivity-level-disabled",
    Severity.ERROR,
    "a default sensitivity whose level of damaging is off on the wiki",
    "The sensitivity decides which edits are flagged for everybody who has not chosen one. With its level off, no "
    "edit is flagged.",
    "Give the level bounds, or choose another default sensitivity.",
    bad=Example(
        production=_NUMBERS.format("'likelybad' => false")
        + "\n'wmgOresDefaultSensitivityLevel' => [ 'default' => 'soft' ],"
    ),
    good=Example(
        production=_NUMBERS.format("'likelybad' => false")
        + "\n'wmgOresDefaultSensitivityLevel' => [ 'default' => 'hard' ],"
    ),
    layers=("extension",),
    needs=("schema",),
)

RULES = (
    SYNTAX,
    MISSING_BOUND,
    ORIENTATION,
    NESTING,
    RANGE,
    DISABLED_MODEL,
    SENSITIVITY,
)
