"""What YAML may not mean as it reads: keys that are there twice, and words that are something else in YAML 1.1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.finding import Draft, Example, Rule, Severity
from driftcheck.core.model import Realm

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftcheck.core.model import Span

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
    "a key is there twice in one map of a service's YAML",
    "The loader keeps the last value and says nothing: what stands above is read by people and by nothing else.",
    "Delete one of the two, after looking which one was meant.",
    bad=Example(files=((_MAIN, f"{_SERVED}      goodfaith: enwiki_damaging\n      goodfaith: enwiki_goodfaith\n"),)),
    good=Example(files=((_MAIN, f"{_SERVED}      goodfaith: enwiki_goodfaith\n"),)),
    layers=("service", "liftwing"),
)
AMBIGUOUS_SCALAR = Rule(
    "yaml-ambiguous-scalar",
    Severity.WARNING,
    "a word without quotes is a boolean or another number in YAML 1.1",
    "on, off, yes and no are booleans, 012 is ten and 12:30 is 750. A precache key `on` without quotes is the key "
    "true, which nobody looks up: the scores are never made ahead.",
    "Put the word in quotes, or write what it is read as.",
    bad=Example(files=((_MAIN, f"{_SERVED}    precache:\n      damaging:\n        on: [edit]\n"),)),
    good=Example(files=((_MAIN, f'{_SERVED}    precache:\n      damaging:\n        "on": [edit]\n'),)),
    layers=("service", "liftwing"),
)
_RULES = {"duplicate-key": DUPLICATE_KEY, "ambiguous-scalar": AMBIGUOUS_SCALAR}


def drafts(doubts: Iterable[tuple[str, str, Span]], layer: str, realm: Realm, setting: str) -> Iterator[Draft]:
    """A word on each doubt: kind, message and place. One doubt in many places of one file is one finding."""
    for kind, message, place in doubts:
        at = (place, None) if realm is Realm.PRODUCTION else (None, place)
        yield Draft(
            _RULES[kind],
            setting,
            place.path,
            "",
            message,
            production_at=at[0],
            beta_at=at[1],
            realm=realm,
            layer=layer,
        )
