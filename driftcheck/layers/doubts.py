"""What YAML may not mean as it reads: keys that are defined twice, and words that YAML 1.1 reads as something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.finding import Draft, Example, Rule
from driftcheck.core.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftcheck.core.model import Realm, Span

_MAIN = "config/00-main.yaml"
_SERVED = """\
scoring_systems:
  defaults:
    scoring_contexts: [enwiki]
extractors:
  enwiki_api:
    host: https://en.wikipedia.org
scorer_models:
  enwiki_damaging:
    model_file: models/enwiki.damaging.gradient_boosting.model
  enwiki_goodfaith:
    model_file: models/enwiki.goodfaith.gradient_boosting.model
scoring_contexts:
  enwiki:
    extractor: enwiki_api
    scorer_models:
      damaging: enwiki_damaging
"""

DUPLICATE_KEY = Rule(
    "yaml-duplicate-key",
    Severity.WARNING,
    "a key that is defined twice in one map of a service's YAML",
    "The loader keeps the last value and ignores the others without a message.",
    "Find out which of the two is meant, and delete the other.",
    bad=Example(files=((_MAIN, f"{_SERVED}      goodfaith: enwiki_damaging\n      goodfaith: enwiki_goodfaith\n"),)),
    good=Example(files=((_MAIN, f"{_SERVED}      goodfaith: enwiki_goodfaith\n"),)),
    layers=("service", "liftwing"),
)
AMBIGUOUS_SCALAR = Rule(
    "yaml-ambiguous-scalar",
    Severity.WARNING,
    "a word without quotes that YAML 1.1 reads as a boolean or as another number",
    "YAML 1.1 reads on, off, yes and no as booleans, 012 as ten, and 12:30 as 750. A precache key `on` without "
    "quotes becomes the key true, which ORES never looks up, so the scores are never precomputed.",
    "Put the word in quotes, or write the value that it is read as.",
    bad=Example(files=((_MAIN, f"{_SERVED}    precache:\n      damaging:\n        on: [edit]\n"),)),
    good=Example(files=((_MAIN, f'{_SERVED}    precache:\n      damaging:\n        "on": [edit]\n'),)),
    layers=("service", "liftwing"),
)
RULES = (DUPLICATE_KEY, AMBIGUOUS_SCALAR)
_BY_KIND = {"duplicate-key": DUPLICATE_KEY, "ambiguous-scalar": AMBIGUOUS_SCALAR}


def drafts(doubts: Iterable[tuple[str, str, Span]], layer: str, realm: Realm, setting: str) -> Iterator[Draft]:
    """A draft for each doubt, which has a kind, a message and a place. The same doubt in many places of a file is one finding."""
    for kind, message, place in doubts:
        yield Draft.one_sided(realm, _BY_KIND[kind], setting, place.path, "", message, at=place, layer=layer)
