"""What production does and beta never shows: each model that is on, and each form of threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftcheck.finding import Example, Rule, Severity
from driftcheck.formula import Formula, parse
from driftcheck.model import Unknown, Value
from driftcheck.rules.context import Draft
from driftcheck.rules.thresholds import BOUNDS, SETTING, defaulted, levels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.effective import Effective
    from driftcheck.model import Result
    from driftcheck.rules.context import Comparison

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
    "a model, or a form of its thresholds, that production uses and no beta wiki does",
    "Where a level is off, a number or a question to the service, other code runs, and what no beta wiki does is "
    "first tried in production. On 2017-11-20 goodfaith was on on one beta wiki, and four forms of its levels on none.",
    "Give beta a wiki with these settings; driftcheck coverage names the fewest that show everything.",
    bad=Example(production=_FRENCH, beta_wikis=("enwiki",)),
    good=Example(production=_FRENCH),
)

ON, OFF, NUMBER, UNREADABLE = "on", "off", "number", "unreadable"
OWN, DEFAULT = "own", "default"


@dataclass(frozen=True, slots=True, order=True)
class Behaviour:
    """A model that is on (``level`` is empty), or a level of it in one form, from the configuration or by default."""

    model: str
    level: str
    form: str
    origin: str

    @property
    def named(self) -> str:
        """The model and the level as a path."""
        return f"{self.model}.{self.level}" if self.level else self.model


def behaviours(context: Comparison, side: Effective, dbname: str) -> dict[Behaviour, Result]:
    """What a wiki of a realm does, each with the value that says so."""
    out: dict[Behaviour, Result] = {
        Behaviour(name, "", ON, ""): model for name, model in context.enabled_models(side, dbname).items()
    }
    for model, found in levels(context, side, dbname).items():
        for level, held in found.items():
            form = _form(held, context.date)
            if form:
                origin = DEFAULT if defaulted(context, held) else OWN
                out[Behaviour(model, level, form, origin)] = held
    return out


def _form(held: Result, date: str) -> str:
    """off, number, or the question without its number; nothing where the value is not known."""
    if isinstance(held, Unknown):
        return ""
    if not isinstance(held.data, dict):
        return OFF if held.data is False else UNREADABLE
    bounds = [held.data.get(bound) for bound in BOUNDS]
    if any(isinstance(bound, Unknown) for bound in bounds):
        return ""
    texts = [bound.data for bound in bounds if isinstance(bound, Value) and isinstance(bound.data, str)]
    if not texts:
        return NUMBER
    formulas = [parse(text, date) for text in texts]
    asked = [str(item).rsplit(" ", 2)[0] for item in formulas if isinstance(item, Formula)]
    return " and ".join(asked) if len(asked) == len(texts) else UNREADABLE


def check(context: Comparison) -> Iterator[Draft]:
    """behaviour-not-exercised: one draft a model and wiki, with what of the model no beta wiki does.

    A model that is on nowhere in beta because its wikis there have it off is the finding of model-off-in-beta.
    """
    if not context.on(context.beta):
        return
    seen = {
        (known.model, known.level, known.form)
        for dbname in context.on(context.beta)
        for known in behaviours(context, context.beta, dbname)
    }
    unseen: dict[str, dict[tuple[str, str], dict[str, Result]]] = {}
    for dbname in context.on(context.production):
        for known, held in behaviours(context, context.production, dbname).items():
            if (known.model, known.level, known.form) not in seen:
                forms = unseen.setdefault(known.model, {})
                forms.setdefault((known.level, known.form), {})[dbname] = held
    for model, forms in unseen.items():
        off = ("", ON) in forms
        if off and not forms["", ON].keys().isdisjoint(context.compared):
            continue
        told = "the model is on" if off else "; ".join(f"{level}: {form}" for level, form in sorted(forms))
        setting = "wgOresModels" if off else SETTING
        places: dict[str, Result] = {}
        for wikis in [forms["", ON]] if off else forms.values():
            for dbname, held in wikis.items():
                if dbname not in places or defaulted(context, places[dbname]):
                    places[dbname] = held
        message = f"no beta wiki shows what production does with {model}: {told}"
        # What somebody wrote is shown first; the drafts are one finding, so their value is one.
        for dbname, held in sorted(places.items(), key=lambda place: defaulted(context, place[1])):
            value = Value(told, held.source, held.where)
            yield Draft(NOT_EXERCISED, setting, model, dbname, message, value)
