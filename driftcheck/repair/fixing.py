"""From findings to a proved patch."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.layers.extension.read import Run
from driftcheck.repair.attempts import Attempt
from driftcheck.repair.edits import Removal
from driftcheck.repair.evaluation import Merged, Settings
from driftcheck.repair.proof import Prover
from driftcheck.repair.proposals import Files
from driftcheck.repair.remedies import proposed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftcheck.core.finding import Finding
    from driftcheck.core.report import Report
    from driftcheck.layers.base import Reading
    from driftcheck.repair.evaluation import Again
    from driftcheck.repair.trees import Made
    from driftcheck.repair.values import Leaf
    from driftcheck.snapshot import Snapshot

_WITH_OTHERS = "goes with the others"


class Fixed(NamedTuple):
    """A patch, the findings that it removes with what it does, those that it does not with the reason, and what changes."""

    patch: bytes
    removed: list[tuple[Finding, str]]
    refused: list[tuple[Finding, str]]
    leaves: list[Leaf]
    files: dict[str, bytes]


def fixed(
    tree: Snapshot, reading: Reading, report: Report, wanted: Iterable[Finding], again: Again, *, production: bool
) -> Fixed:
    """A patch for as many of the wanted findings as can be proved together."""
    files = Files(tree, _beta_only(reading))
    attempts: list[Attempt] = []
    for finding in wanted:
        proposals, reason = proposed(finding, files)
        attempts.append(Attempt(finding, deque((proposal, True) for proposal in proposals), reason))
    evaluation = Settings(reading, again) if isinstance(reading, Run) else Merged(reading, again)
    proved = Prover(files, report, evaluation, production=production).prove(attempts)
    removed = [(attempt.finding, _told(attempt, proved.made)) for attempt in proved.attempts]
    others = [attempt for attempt in attempts if attempt not in proved.attempts]
    removed += [(attempt.finding, _WITH_OTHERS) for attempt in others if proved.removes(attempt.finding)]
    refused = [(attempt.finding, attempt.reason) for attempt in others if not proved.removes(attempt.finding)]
    made = proved.made if proved.attempts else None
    if made is None:
        return Fixed(b"", removed, refused, [], {})
    texts = {path: source.text for path in made.changes if (source := made.tree.read(path)) is not None}
    return Fixed(made.patch(), removed, refused, proved.leaves, texts)


def _told(attempt: Attempt, made: Made | None) -> str:
    """What is done about a finding; an edit may be within what another one removes."""
    edits = attempt.proposal.edits
    done = made is None or any(isinstance(edit, Removal) or edit in made.changes[edit.path] for edit in edits)
    return attempt.proposal.told if done else _WITH_OTHERS


def _beta_only(reading: Reading) -> frozenset[str]:
    """The files that beta alone reads."""
    if not isinstance(reading, Run):
        return frozenset()
    layout = reading.config.tree.layout
    return frozenset({layout.common_beta, *map(layout.path, layout.overlays)})
