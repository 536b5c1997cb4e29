"""The rules about thresholds against model statistics, each with its page."""

from __future__ import annotations

from driftcheck.core.finding import Example, Rule
from driftcheck.core.severity import Severity

_ON = "'wmgUseORES' => [ 'default' => true ],\n"
_THRESHOLD = (
    _ON
    + "'wgOresFiltersThresholds' => [ 'default' => [], 'frwiki' => [ 'goodfaith' => [\n"
    + "\t'verylikelybad' => [ 'min' => 0, 'max' => 'recall_at_precision(min_precision={})' ],\n] ] ],"
)
INFEASIBLE = Rule(
    "threshold-infeasible",
    Severity.ERROR,
    "a threshold formula that the served model cannot satisfy, so that the service answers null",
    "The service answers null where no threshold of the model satisfies the formula, and the extension throws an "
    "exception on null. On 2017-11-20 that took recent changes and watchlists down on frwiki and ruwiki. A "
    "retrained model has other statistics, so a formula that worked yesterday may fail today. The rule needs "
    "--statistics.",
    "Lower the number to the best value that the message names, or turn the level off with false. driftcheck "
    "thresholds shows how close the other formulas are to their limit.",
    bad=Example(production=_THRESHOLD.format(0.9), statistics="statistics-2017-11-20"),
    good=Example(production=_THRESHOLD.format(0.6), statistics="statistics-2017-11-20"),
    layers=("extension",),
    needs=("schema", "statistics"),
)

RULES = (INFEASIBLE,)
