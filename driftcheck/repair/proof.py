"""The proof of a patch: the edited tree is evaluated, and everything that it changes is looked at.

A proposal holds where its finding is gone, no other finding came, no value of production changed on any wiki, and beta
changed only where it should: in the part that the finding is about, on its wikis, or to what production has. Proposals of
many findings are proved together; those that are at fault give way to their next one (docs/adr/0015).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.core.model import MISSING, InputError, Realm, Unknown, has_unknown, same
from driftcheck.repair.attempts import Attempt, Fault, Proved, names
from driftcheck.repair.edits import ConflictError
from driftcheck.repair.trees import made

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from driftcheck.core.finding import Finding
    from driftcheck.core.report import Report
    from driftcheck.repair.evaluation import Evaluation
    from driftcheck.repair.proposals import Files, Proposal
    from driftcheck.repair.values import Leaf

_NAME = re.compile(r"\b(?:wg|wm[a-z]*|eg|smg)[A-Z0-9]\w*")
MOST_TRIALS = 100
"""How often the configuration is evaluated with edits: a trial takes seconds."""


class Prover:
    """Proves proposals over one tree. ``production`` allows edits that change production where the finding is about it."""

    def __init__(self, files: Files, report: Report, evaluation: Evaluation, *, production: bool) -> None:
        self._files, self._evaluation, self._may_change_production = files, evaluation, production
        self._before = names(report)
        self._holes = {hole.reason for hole in report.incomplete}
        self._trials = MOST_TRIALS
        self._alone: dict[int, tuple[Proposal, Proved]] = {}

    def prove(self, attempts: Sequence[Attempt]) -> Proved:
        """The attempts that hold together, each with the first proposal that does."""
        trying = [attempt for attempt in attempts if attempt.queue]
        while trying and self._trials > 0:
            proved = self._tried(trying)
            if not proved.faults:
                return proved
            blamed = {id(fault.attempt): fault for fault in reversed(proved.faults) if fault.attempt is not None}
            if not blamed and len(trying) > 1:
                return self._joined(trying)
            for attempt in trying:
                if id(attempt) in blamed or not blamed:
                    attempt.failed(blamed.get(id(attempt), proved.faults[0]))
            trying = [attempt for attempt in trying if attempt.queue]
        for attempt in trying:
            attempt.reason = f"no proof in {MOST_TRIALS} trials; name fewer findings"
        return Proved([])

    def _joined(self, attempts: Sequence[Attempt]) -> Proved:
        """Two halves, proved apart and then together; where they do not hold together, the first alone."""
        middle = len(attempts) // 2
        first, second = self.prove(attempts[:middle]), self.prove(attempts[middle:])
        if not first.attempts or not second.attempts:
            return first if first.attempts else second
        both = self._tried([*first.attempts, *second.attempts])
        if not both.faults:
            return both
        for attempt in second.attempts:
            attempt.reason = (
                f"not together with the other edits: {both.faults[0].reason}; run fix again after this patch"
            )
        return first

    def _tried(self, attempts: list[Attempt]) -> Proved:
        """The edits of these attempts made, with what is wrong with them and what they change."""
        self._trials -= 1
        try:
            edited = made(self._files, (edit for attempt in attempts for edit in attempt.proposal.edits))
        except ConflictError as error:
            return Proved(attempts, faults=[_conflicting(attempts, error)])
        proved = Proved(attempts, [], edited)
        try:
            # Values first: where none changes that should not, the rules are asked, which takes longer.
            proved.leaves = list(self._evaluation.every(edited))
            proved.faults = [fault for leaf in proved.leaves for fault in self._of_leaf(attempts, leaf)]
            if not proved.faults:
                report = self._evaluation.report(edited)
                asked = list(self._evaluation.asked(edited))
                proved.after = names(report)
                proved.faults = [*self._of_report(attempts, report, proved), *self._of_asked(attempts, asked)]
        except InputError as error:
            return Proved(attempts, faults=[Fault(None, f"the edited configuration cannot be evaluated: {error}")])
        return proved

    def _of_report(self, attempts: Sequence[Attempt], report: Report, proved: Proved) -> Iterator[Fault]:
        for attempt in attempts:
            if not proved.removes(attempt.finding):
                yield Fault(attempt, "the finding would still be there")
        for name, finding in proved.after.items():
            if name not in self._before:
                yield from self._blamed(attempts, f"{finding.rule.id} would come: {finding.message}", finding.setting)
        for hole in report.incomplete:
            # A row may have been the only one that --setting names; the values that it made were looked at before.
            if hole.reason not in self._holes and not hole.reason.startswith("nothing in scope"):
                yield Fault(None, f"something could no longer be evaluated: {hole.reason}")

    def _of_asked(self, attempts: Sequence[Attempt], asked: Iterable[Leaf]) -> Iterator[Fault]:
        """What the strict ones change beside their findings' own parts."""
        for leaf in asked:
            if not self._is_meant(attempts, leaf):
                strict = [attempt for attempt in attempts if attempt.strict and _is_about(attempt, leaf.setting)]
                for attempt in strict:
                    yield Fault(attempt, f"{leaf.dotted} would change too, on {leaf.wiki}", collateral=True)

    def _of_leaf(self, attempts: Sequence[Attempt], leaf: Leaf) -> Iterator[Fault]:
        if self._is_meant(attempts, leaf):
            return
        where = f"{leaf.dotted}{f' on {leaf.wiki}' if leaf.wiki else ''} in {leaf.realm.value}"
        if has_unknown(leaf.before) or has_unknown(leaf.after):
            yield from self._blamed(
                _near(attempts, leaf), f"it cannot be told whether {where} would change", *_suspects(leaf)
            )
        elif leaf.realm is Realm.PRODUCTION or not self._follows(attempts, leaf):
            reason = f"{where} would change{self._hint(attempts, leaf)}"
            yield from self._blamed(_near(attempts, leaf), reason, *_suspects(leaf))

    def _hint(self, attempts: Sequence[Attempt], leaf: Leaf) -> str:
        """What allows a change of production, where a finding is about it."""
        about = [one for one in attempts if _is_about(one, leaf.setting) or _is_written(one, leaf)]
        ours = any(_is_of_production(one.finding) for one in about)
        allowed = leaf.realm is Realm.PRODUCTION and ours and not self._may_change_production
        return "; --production allows what the finding is about" if allowed else ""

    def _follows(self, attempts: Sequence[Attempt], leaf: Leaf) -> bool:
        """Whether a leaf of beta becomes what production has, and that is the way of whoever changes it."""
        ours = [attempt for attempt in attempts if _is_about(attempt, leaf.setting)] or attempts
        production = self._evaluation.production(leaf)
        return any(not attempt.proposal.quiet for attempt in ours) and (
            same(production, leaf.after) or (production is MISSING and leaf.after is MISSING)
        )

    def _is_meant(self, attempts: Sequence[Attempt], leaf: Leaf) -> bool:
        """Whether a leaf is a part of what a finding is about, on its wikis or where nothing reads it."""
        for attempt in attempts:
            finding = attempt.finding
            if leaf.realm is Realm.PRODUCTION and not (self._may_change_production and _is_of_production(finding)):
                continue
            if _is_written(attempt, leaf):
                return True
            appears = leaf.before is MISSING or leaf.after is MISSING
            if attempt.proposal.switches and appears and leaf.realm is Realm.BETA and leaf.wiki in finding.wikis:
                return True
            if attempt.proposal.carries and self._is_carried(attempts, attempt, leaf):
                return True
            if attempt.proposal.carries and any(
                one is not attempt and _is_about(one, finding.setting) for one in attempts
            ):
                continue
            parts = () if attempt.proposal.written else attempt.proposal.paths
            if any(_meet(path, leaf.dotted) for path in parts) and self._evaluation.concerns(finding, leaf):
                return True
        return False

    def _by_itself(self, attempt: Attempt) -> Proved:
        """What an attempt does where nothing else is edited."""
        proposal = attempt.proposal
        if id(proposal) not in self._alone:
            self._alone[id(proposal)] = proposal, self._tried([attempt])
        return self._alone[id(proposal)][1]

    def _is_carried(self, attempts: Sequence[Attempt], attempt: Attempt, leaf: Leaf) -> bool:
        """Whether a leaf is made of what a proposal changes, on the wikis of its finding: it changes so by that edit alone."""
        if leaf.wiki not in attempt.finding.wikis or has_unknown(leaf.before) or has_unknown(leaf.after):
            return False
        if len(attempts) == 1:
            return True
        return any(
            (one.realm, one.wiki, one.dotted) == (leaf.realm, leaf.wiki, leaf.dotted) and _alike(one, leaf)
            for one in self._by_itself(attempt).leaves
        )

    def _blamed(self, attempts: Sequence[Attempt], reason: str, *suspects: str) -> Iterator[Fault]:
        """A fault of each attempt that is about the first of some settings that any is about; of nobody where none is.

        Of several, those give way that may change values: what is left is tried again. But what is redundant in a row gives
        way where the row comes into effect.
        """
        about = ([attempt for attempt in attempts if _is_about(attempt, setting)] for setting in suspects)
        found: list[Attempt] = next(filter(None, about), [])
        changing = [attempt for attempt in found if not attempt.proposal.quiet]
        quiet = [attempt for attempt in found if attempt.proposal.quiet]
        if not found:
            yield Fault(None, reason)
        elif quiet and any(one.proposal.carries and not self._by_itself(one).faults for one in changing):
            yield from (Fault(one, f"{reason} with the other edits; run fix again after this patch") for one in quiet)
        else:
            yield from (Fault(one, reason) for one in changing or found)


def _near(attempts: Sequence[Attempt], leaf: Leaf) -> Sequence[Attempt]:
    """The attempts without those that change other parts of a leaf's setting, where some change this part."""
    near = [one for one in attempts if any(_meet(path, leaf.dotted) for path in one.proposal.paths)]
    return [one for one in attempts if one in near or one.proposal.quiet] if near else attempts


def _alike(one: Leaf, other: Leaf) -> bool:
    """Whether two leaves have the same value in the end."""
    return same(one.after, other.after) or one.after is other.after is MISSING


def _is_of_production(finding: Finding) -> bool:
    """Whether a finding is about production; one that compares nothing may be about both realms."""
    both = not finding.rule.compares and finding.production.value is not MISSING
    return both or finding.primary_realm is Realm.PRODUCTION


def _is_written(attempt: Attempt, leaf: Leaf) -> bool:
    """Whether a leaf stands at a place whose value an attempt may change."""
    return leaf.before is not MISSING and leaf.before.span in attempt.proposal.written


def _meet(one: str, other: str) -> bool:
    """Whether one of two paths is the other, or a part of it."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _is_about(attempt: Attempt, setting: str) -> bool:
    return any(path.partition(".")[0] == setting.partition(".")[0] for path in attempt.proposal.paths) or (
        attempt.finding.setting.partition(".")[0] == setting.partition(".")[0]
    )


def _suspects(leaf: Leaf) -> list[str]:
    """The settings that a leaf is made of: its own, those of the steps to its values, those that a reason names."""
    sides = [side for side in (leaf.before, leaf.after) if side is not MISSING]
    steps = [_NAME.findall(step.via)[:1] for side in sides for step in side.provenance]
    reasons = [_NAME.findall(side.reason) for side in sides if isinstance(side, Unknown)]
    return [leaf.setting, *(name for names in (*steps, *reasons) for name in names)]


def _conflicting(attempts: Sequence[Attempt], error: ConflictError) -> Fault:
    """The last attempt that edits the place where two meet gives way."""
    for attempt in reversed(attempts):
        if any(edit.start <= error.where <= edit.end for edit in attempt.proposal.edits):
            return Fault(attempt, "another finding's edit changes the same text; run fix again after it")
    return Fault(None, str(error))
