"""The rules about what production does and no beta wiki shows, each with its page."""

from __future__ import annotations

from driftcheck.core.finding import Example, Rule
from driftcheck.core.severity import Severity

_ON = (
    "'wmgUseORES' => [ 'default' => true ],\n"
    "'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => true, 'reverted' => false, 'wp10' => false ] ],\n"
)
_FRENCH = (
    _ON
    + "'wgOresFiltersThresholds' => [ 'frwiki' => [ 'goodfaith' => [ 'verylikelybad' => "
    + "[ 'min' => 0, 'max' => 'recall_at_precision(min_precision=0.9)' ] ] ] ],"
)
NOT_EXERCISED = Rule(
    "behaviour-not-exercised",
    Severity.WARNING,
    "a model, or a form of its thresholds, that production uses and no beta wiki uses",
    "A level can be off, a number, or a formula that the service solves; each form runs other code. A form that no "
    "beta wiki uses runs in production for the first time. On 2017-11-20 only one beta wiki had goodfaith on, and "
    "none used four of the forms of its levels.",
    "Give a beta wiki these settings. driftcheck coverage names the fewest wikis that cover everything.",
    bad=Example(production=_FRENCH, beta_wikis=("enwiki",)),
    good=Example(production=_FRENCH),
    layers=("extension",),
    needs=("schema",),
)

RULES = (NOT_EXERCISED,)
