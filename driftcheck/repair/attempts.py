"""What is tried to be rid of findings, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections import deque

    from driftcheck.core.finding import Finding
    from driftcheck.core.report import Report
    from driftcheck.repair.proposals import Proposal
    from driftcheck.repair.trees import Made
    from driftcheck.repair.values import Leaf

    Names = dict[tuple[str, ...], Finding]


@dataclass(eq=False)
class Attempt:
    """A finding that somebody wants to be rid of, with what is still to be tried.

    ``strict`` ones change nothing of what is compared but the finding's own part; the others may bring beta nearer to
    production elsewhere too.
    """

    finding: Finding
    queue: deque[tuple[Proposal, bool]]
    reason: str = ""
    """Why the last proposal does not hold."""

    @property
    def proposal(self) -> Proposal:
        """The one that is tried now."""
        return self.queue[0][0]

    @property
    def strict(self) -> bool:
        """Whether it is tried strictly."""
        return self.queue[0][1]

    def failed(self, fault: Fault) -> None:
        """Go on to the next proposal; one that does too much is tried again at the end, less strictly."""
        self.reason = fault.reason
        proposal, strict = self.queue.popleft()
        if fault.collateral and strict:
            self.queue.append((proposal, False))


class Fault(NamedTuple):
    """Why edits do not hold. Without ``attempt`` it is not known whose they are."""

    attempt: Attempt | None
    reason: str
    collateral: bool = False
    """Whether something else than the finding's own part changes."""


@dataclass
class Proved:
    """What holds: attempts with the proposals that remove their findings, what those change, and the findings that are left."""

    attempts: list[Attempt]
    leaves: list[Leaf] = field(default_factory=list)
    made: Made | None = None
    after: Names = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def removes(self, finding: Finding) -> bool:
        """Whether a finding is gone on all of its wikis."""
        return self.made is not None and not any(name in self.after for name in names_of(finding))


def names(report: Report) -> Names:
    """The findings that count, on each of their wikis, by what they are called."""
    return {name: finding for finding in report.active for name in names_of(finding)}


def names_of(finding: Finding) -> list[tuple[str, ...]]:
    """What a finding is called, whatever the values are: those of the parts around it may change, and so may lines."""
    named = finding.rule.id, finding.layer, finding.setting, finding.path
    return [(*named, wiki) for wiki in finding.wikis or ("",)]
