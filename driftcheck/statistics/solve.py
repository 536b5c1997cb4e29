"""Model statistics and the search for an operating point, with the service's own semantics.

A table holds, for one outcome of one model, what each threshold would mean: (threshold, tp, fp, tn, fn), scaled to the
rates of the population. A formula asks for the threshold with the best target statistic among those at which a
condition holds. What divides by zero is not known, and a row in which either statistic is not known is no candidate.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from driftcheck.core.model import Hole
from driftcheck.statistics import formula as formulas

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from driftcheck.statistics.formula import Formula

    Column = Sequence[float | None]

_DIGITS = 12
"""Digits to which a threshold that is turned round is kept: 1 - 0.915 is 0.085, without the tail of binary fractions."""


class Row(NamedTuple):
    """One threshold of an outcome, with its counts."""

    threshold: float
    tp: float
    fp: float
    tn: float
    fn: float


class Question(NamedTuple):
    """What is asked of a model: the wiki whose model it is, the model, the outcome, and the formula."""

    wiki: str
    model: str
    outcome: str
    formula: Formula


class Solved(NamedTuple):
    """An operating point; what the statistics do not tell is None.

    ``rows`` is at how many thresholds the condition holds, ``margin`` how far its number is from the model's best.
    """

    threshold: float
    statistics: Mapping[str, float | None]
    rows: int | None = None
    margin: float | None = None


class Infeasible(NamedTuple):
    """No threshold satisfies the condition; the best value of its statistic, and where, if they are known."""

    best: float | None = None
    threshold: float | None = None


class Unchecked(NamedTuple):
    """Nothing is known about the formula, and why."""

    reason: str


Answer: TypeAlias = "Solved | Infeasible | Unchecked"
NOT_THERE = Unchecked("no statistics of the model")


class Answers(NamedTuple):
    """What statistics say to questions; ``holes`` are the ones that were to be had and could not be read."""

    held: Mapping[Question, Answer] = MappingProxyType({})
    holes: tuple[Hole, ...] = ()

    def to(self, question: Question) -> Answer:
        """The answer to one question; Unchecked where the statistics have none."""
        return self.held.get(question, NOT_THERE)

    def missing(self, questions: Collection[Question]) -> list[Hole]:
        """Why a run with these questions is incomplete: answers that could not be had, or none to any of them."""
        if self.holes or not questions or any(not isinstance(self.to(question), Unchecked) for question in questions):
            return list(self.holes)
        return [Hole(f"none of the {len(questions)} formulas that are configured has statistics", None)]


class Statistics(Protocol):
    """Somewhere to ask."""

    def answer(self, questions: Iterable[Question]) -> Answers:
        """The answers to all of these."""

    def identity(self) -> str | None:
        """What tells the content from any other; None where it may change between two questions."""


def bound_value(bound: str, threshold: float) -> float:
    """The value of a bound: the threshold of outcome true as it is, that of outcome false turned round."""
    return threshold if formulas.outcome(bound) == "true" else round(1 - threshold, _DIGITS)


class Table:
    """The thresholds of one outcome, and columns of statistics over them, each worked out once."""

    def __init__(self, thresholds: Sequence[float], value: Callable[[int, str], float | None]) -> None:
        """``value`` gives a statistic at the threshold of a number."""
        self.thresholds = thresholds
        self._value = value
        self._columns: dict[str, Column] = {}

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Table:
        """A table of counts."""
        return cls([row[0] for row in rows], lambda number, name: _FUNCTIONS[name](*rows[number][1:]))

    def column(self, name: str) -> Column:
        """A statistic at each threshold."""
        if name not in self._columns:
            self._columns[name] = [self._value(number, name) for number in range(len(self.thresholds))]
        return self._columns[name]

    def solve(self, asked: Formula) -> Solved | Infeasible:
        """The operating point. Among equals a maximum takes the highest threshold, a minimum the lowest."""
        columns = self.column(asked.condition), self.thresholds, self.column(asked.target), range(len(self.thresholds))
        # No two thresholds are equal, so tuples compare as the service compares: by statistic, then by threshold.
        known = [
            (condition, threshold, target, place)
            for condition, threshold, target, place in zip(*columns, strict=True)
            if condition is not None and target is not None
        ]
        if not known:
            return Infeasible()
        best, at, _, _ = max(known) if asked.greater else min(known)
        holding = [
            (target, threshold, place)
            for condition, threshold, target, place in known
            if (condition >= asked.number if asked.greater else condition <= asked.number)
        ]
        if not holding:
            return Infeasible(best, at)
        _, threshold, place = max(holding) if asked.maximize else min(holding)
        statistics = {name: self._value(place, name) for name in formulas.STATISTICS}
        return Solved(threshold, statistics, len(holding), abs(best - asked.number))


def _over(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _match_rate(tp: float, fp: float, tn: float, fn: float) -> float | None:
    return _over(tp + fp, tp + tn + fp + fn)


def _filter_rate(tp: float, fp: float, tn: float, fn: float) -> float | None:
    matched = _match_rate(tp, fp, tn, fn)
    return None if matched is None else 1 - matched


def _harmonic(precision: float | None, recall: float | None) -> float | None:
    """The harmonic mean; not known where both are zero, as the service has it."""
    if precision is None or recall is None or precision + recall <= 0:
        return None
    return 2 * ((precision * recall) / (precision + recall))


_FUNCTIONS: Mapping[str, Callable[[float, float, float, float], float | None]] = {
    "match_rate": _match_rate,
    "filter_rate": _filter_rate,
    "precision": lambda tp, fp, tn, fn: _over(tp, tp + fp),
    "!precision": lambda tp, fp, tn, fn: _over(tn, tn + fn),
    "recall": lambda tp, fp, tn, fn: _over(tp, tp + fn),
    "!recall": lambda tp, fp, tn, fn: _over(tn, fp + tn),
    "accuracy": lambda tp, fp, tn, fn: _over(tp + tn, tp + tn + fp + fn),
    "fpr": lambda tp, fp, tn, fn: _over(fp, fp + tn),
    "f1": lambda tp, fp, tn, fn: _harmonic(_over(tp, tp + fp), _over(tp, tp + fn)),
    "!f1": lambda tp, fp, tn, fn: _harmonic(_over(tn, tn + fn), _over(tn, fp + tn)),
}
