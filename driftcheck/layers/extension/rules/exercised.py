"""What production does and no beta wiki does: each model that is on, and each form of threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core import reach
from driftcheck.core.finding import Draft
from driftcheck.core.model import Unknown, Value, has_unknown
from driftcheck.layers.extension.pages.exercised import NOT_EXERCISED
from driftcheck.layers.extension.rules.thresholds import BOUNDS, SETTING, levels, thresholds
from driftcheck.statistics.formula import Formula, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.model import Result
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.extension.effective import Effective


ON, OFF, NUMBER, UNREADABLE = "on", "off", "number", "unreadable"
OWN, DEFAULT = "own", "default"


class Behaviour(NamedTuple):
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
        for level, value in found.items():
            form = _form(value, context.date)
            if form:
                origin = DEFAULT if context.defaults.said(value) else OWN
                out[Behaviour(model, level, form, origin)] = value
    return out


def _form(level: Result, date: str) -> str:
    """off, number, or the question without its number; nothing where the value is not known."""
    if isinstance(level, Unknown):
        return ""
    if not reach.is_array(level):
        return OFF if level.data is False else UNREADABLE
    bounds = [reach.get(level, bound) for bound in BOUNDS]
    if any(isinstance(bound, Unknown) for bound in bounds):
        return ""
    texts = [text for bound in bounds if (text := reach.string(bound)) is not None]
    if not texts:
        return NUMBER
    formulas = [parse(text, date) for text in texts]
    asked = [str(item).rsplit(" ", 2)[0] for item in formulas if isinstance(item, Formula)]
    return " and ".join(asked) if len(asked) == len(texts) else UNREADABLE


def _worded(known: Behaviour) -> str:
    """What a wiki does, as the end of a sentence about it."""
    words = {
        ON: f"has {known.named} on",
        OFF: f"turns {known.named} off",
        NUMBER: f"has numbers for {known.named}",
        UNREADABLE: f"has an invalid formula for {known.named}",
    }
    return words.get(known.form, f"has the formula {known.form} for {known.named}")


def check(context: Comparison) -> Iterator[Draft]:
    """behaviour-not-exercised: a model that is on nowhere in beta is reported once, and not again for its levels.

    A model that is on nowhere in beta because its wikis there have it off is the finding of model-off-in-beta. Of a model
    that some wiki of beta may use in a way that is not known, nothing is said.
    """
    if not context.on(context.beta) or any(context.undecided(context.beta)):
        return
    beta, production = (
        [(dbname, behaviours(context, side, dbname)) for dbname in context.on(side)]
        for side in (context.beta, context.production)
    )
    seen = {(known.named, known.form) for _, shown in beta for known in shown}
    hidden = {
        model
        for model in {known.model for _, shown in production for known in shown}
        if _unknown_in_beta(context, model)
    }
    told = {known.model for dbname, shown in production for known in shown if dbname in context.compared}
    for dbname, shown in production:
        for known, shown_by in shown.items():
            if known.model in hidden:
                continue
            on = (known.model, ON) in seen
            if (known.named, known.form) in seen or (not on and (known.level or known.model in told)):
                continue
            setting = SETTING if known.level else "wgOresModels"
            message = f"no beta wiki {_worded(known)}"
            # The drafts are one finding, so their value is the form, wherever each wiki has it.
            value = Value(known.form, shown_by.source, shown_by.where)
            yield Draft(NOT_EXERCISED, setting, known.named, dbname, message, value)


def _unknown_in_beta(context: Comparison, model: str) -> bool:
    """Whether it is not known of a beta wiki what it does with a model."""
    beta = context.beta
    return any(
        isinstance(context.is_on(beta, dbname, model), Unknown)
        or has_unknown(reach.get(thresholds(context, beta, dbname), model))
        for dbname in context.on(beta)
    )


CHECKS = (check,)
