"""Every configured formula with its answer: what driftcheck thresholds tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftcheck.core.globs import among
from driftcheck.layers.extension.comparison import switches
from driftcheck.layers.extension.rules.feasibility import configured
from driftcheck.statistics.solve import Infeasible, Solved, Unchecked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from driftcheck.core.model import Hole, Realm
    from driftcheck.layers.extension.read import Run
    from driftcheck.layers.extension.rules.feasibility import Configured
    from driftcheck.statistics.solve import Answer, Answers


def asked(run: Run, realm: Realm, globs: Sequence[str]) -> list[Configured]:
    """The formulas of a realm, on the wikis with the extension, or those of them that a glob names."""
    side = run.relevant(realm)
    on = [name for name, loaded in switches(side, run.options.profile).items() if loaded is True]
    wanted = [name for name in on if not globs or among(name, globs)]
    return list(configured(side, wanted, run.date))


@dataclass(frozen=True, slots=True)
class Solution:
    """A formula where it is configured, what the model says to it, whether that is near the edge, and what was said before."""

    asked: Configured
    answer: Answer
    near: bool = False
    before: Answer | None = None

    @property
    def changes(self) -> bool:
        """Whether the answer is another than the one before; not where either is not known."""
        if self.before is None or isinstance(self.before, Unchecked) or isinstance(self.answer, Unchecked):
            return False
        return _verdict(self.before) != _verdict(self.answer)


@dataclass(frozen=True, slots=True)
class Survey:
    """The formulas of a realm, solved."""

    realm: str
    revision: str
    statistics: str
    solutions: Sequence[Solution]
    holes: Sequence[Hole]
    against: str | None = None

    def of(self, kind: type[Solved | Infeasible | Unchecked]) -> list[Solution]:
        """The formulas with answers of one kind."""
        return [held for held in self.solutions if isinstance(held.answer, kind)]

    @property
    def models_not_checked(self) -> list[str]:
        """wiki.model of every model some formula of which was not checked."""
        return sorted({f"{held.asked.wiki}.{held.asked.model}" for held in self.of(Unchecked)})


def solved(
    configured: Iterable[Configured], answers: Answers, before: Answers | None, points: int, margin: float
) -> list[Solution]:
    """Each formula with its answer, and the one of before; ``points`` and ``margin`` are how near the edge is near."""
    return [
        Solution(
            formula,
            answer := answers.to(formula.question),
            is_near(answer, points, margin),
            before.to(formula.question) if before is not None else None,
        )
        for formula in configured
    ]


def is_near(answer: Answer, points: int, margin: float) -> bool:
    """Whether an operating point is near the edge: few points hold the condition, or its number is near the best."""
    if not isinstance(answer, Solved):
        return False
    few = answer.rows is not None and answer.rows < points
    return few or (answer.margin is not None and answer.margin < margin)


def _verdict(answer: Answer) -> float | None:
    return answer.threshold if isinstance(answer, Solved) else None
