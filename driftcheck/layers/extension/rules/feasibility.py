"""The rule that needs model statistics: whether the model that is served can reach what is asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core import reach
from driftcheck.core.finding import Draft
from driftcheck.core.model import Value
from driftcheck.layers.extension.comparison import enabled_models
from driftcheck.layers.extension.pages.feasibility import INFEASIBLE
from driftcheck.statistics.formula import Formula, outcome, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.extension.effective import Effective
    from driftcheck.statistics.solve import Infeasible, Question

SETTING = "wgOresFiltersThresholds"


class Configured(NamedTuple):
    """A formula where it is configured: on a bound of a level, for a model that is on."""

    dbname: str
    model: str
    level: str
    bound: str
    formula: Formula
    value: Value
    wiki: str
    """The wiki whose models are asked; a test wiki may use another's."""

    @property
    def path(self) -> str:
        """model.level.bound."""
        return f"{self.model}.{self.level}.{self.bound}"

    @property
    def question(self) -> Question:
        """What to ask of the model."""
        from driftcheck.statistics.solve import Question

        return Question(self.wiki, self.model, outcome(self.bound), self.formula)


def configured(side: Effective, dbnames: Iterable[str], date: str) -> Iterator[Configured]:
    """Every formula that the extension asks the service for on these wikis of a realm."""
    for dbname in dbnames:
        wiki = reach.string(side.property(dbname, "wikiId"))
        for model in enabled_models(side.property(dbname, "models")):
            levels = side.property(dbname, "thresholds", model)
            for level in reach.array(levels):
                for bound in ("min", "max"):
                    value = reach.at(levels, str(level), bound)
                    formula = parse(said, date) if (said := reach.string(value)) is not None else None
                    if isinstance(value, Value) and isinstance(formula, Formula):
                        yield Configured(
                            dbname, model, str(level), bound, formula, value, dbname if wiki is None else wiki
                        )


def questions(context: Comparison) -> list[Question]:
    """What both realms ask, a question for each place that asks it."""
    return [asked.question for side in context.sides for asked in configured(side, context.on(side), context.date)]


def infeasible(context: Comparison) -> Iterator[Draft]:
    """threshold-infeasible: where statistics are given."""
    if context.answers is None:
        return
    from driftcheck.statistics.solve import Infeasible

    for side in context.sides:
        for asked in configured(side, context.on(side), context.date):
            answer = context.answers.to(asked.question)
            if isinstance(answer, Infeasible):
                message = f"no threshold of {asked.model} satisfies {asked.formula}{best(answer, asked.formula)}"
                yield Draft.one_sided(side.realm, INFEASIBLE, SETTING, asked.path, asked.dbname, message, asked.value)


def best(answer: Infeasible, asked: Formula) -> str:
    """The end of a sentence: what the model can do instead."""
    if answer.best is None:
        return ""
    return f": the best {asked.condition} is {answer.best:.4f}"


def counts(context: Comparison) -> dict[str, int]:
    """How many formulas of both realms were checked, and how many were not."""
    if context.answers is None:
        return {}
    from driftcheck.statistics.solve import Unchecked

    asked = [context.answers.to(question) for question in questions(context)]
    unchecked = sum(isinstance(answer, Unchecked) for answer in asked)
    return {"thresholds_checked": len(asked) - unchecked, "thresholds_not_checked": unchecked}


CHECKS = (infeasible,)
