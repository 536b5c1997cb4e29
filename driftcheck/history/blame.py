"""The commit that brought a finding, by effect: it stands after that commit, and did not stand before it.

Where a store of ``driftcheck history`` knows the commits, it answers. Elsewhere the lines of the finding's values are followed
back, and the commits at which they became what they are are evaluated; where these do not decide, commits are tried as a
bisection does: further and further back until the finding does not stand, then between. Formatting, moved files and renamed
variables do not matter, because values decide.
"""

from __future__ import annotations

import functools
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core import reach
from driftcheck.core.disposition import Brought
from driftcheck.core.model import InputError, freeze
from driftcheck.history import lines, store
from driftcheck.history.facts import fact_of, matching
from driftcheck.history.moved import PRODUCTION, credited, is_only_day, mover
from driftcheck.history.states import Walker, state_of
from driftcheck.layers.extension.days import beginning
from driftcheck.mediawiki.registration import bundled
from driftcheck.snapshot.commits import Commits, first_parents, touching

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from driftcheck.core.finding import Finding
    from driftcheck.core.kept import Kept
    from driftcheck.history.facts import Fact, State
    from driftcheck.layers.base import Options
    from driftcheck.layers.extension.read import Run
    from driftcheck.snapshot.commits import Commit


_FEW = 64
_ROUNDS = 5
"""Lines of a finding are followed back so many times; then commits are tried."""


class _Seen(NamedTuple):
    commit: Commit
    state: State
    run: Run | None


class Blame:
    """Answers for findings of one revision; what was evaluated for one is used for the others."""

    def __init__(self, root: str, tip: str, options: Options, kept: Kept | None, run: Run | None = None) -> None:
        """``run`` is one over the revision, if there is one. Raises InputError for a revision that is unknown."""
        self._root, self._ids, self._commits = root, first_parents(root, tip), Commits(root)
        self._numbers = {name: number for number, name in enumerate(self._ids)}
        self._walker, self._options = Walker(options), options
        self._ledger = store.load(kept, store.name_of(options))
        self._seen: dict[int, _Seen] = {}
        self._narrower: dict[str, Blame] = {}
        self._run = run if run is not None and run.snapshot.revision == self._ids[-1] else None
        if self._run is not None:
            self._walker.learn(self._run)

    def brought(self, finding: Finding) -> Brought | None:
        """The commit that brought a finding; None where it does not stand in the revision, or nothing is known."""
        last = len(self._ids) - 1
        now = matching(finding, self._at(last).state.facts)
        if not now:
            return None
        return self._known(finding, now) or self._of_its_setting(finding) or self._searched(finding, now, last)

    def _of_its_setting(self, finding: Finding) -> Brought | None:
        """By runs over the finding's setting alone, where the profile has every setting; None where these do not find it."""
        profile, setting = self._options.profile, finding.setting
        if profile.mentions() is not None or not setting.startswith(("wg", "wmg")):
            return None
        if setting not in self._narrower:
            options = self._options._replace(profile=profile._replace(settings=(setting,), more=(setting,)))
            self._narrower[setting] = Blame(self._root, self._ids[-1], options, None)
        return self._narrower[setting].brought(finding)

    def _known(self, finding: Finding, now: frozenset[Fact]) -> Brought | None:
        """As the store has it: backwards from the last commit, as far as it goes."""
        ledger, name = self._ledger, self._ids[-1]
        facts = set(now)
        while name in ledger.parents:
            change = ledger.changes.get(name)
            if change is not None:
                if change.whole is not None:
                    return None
                sides = [side for fact, side in change.began.items() if fact in facts]
                facts -= change.began.keys()
                facts |= matching(finding, change.ended)
                if not facts:
                    return _brought(finding, ledger.commits[name], sides[0] if sides else "")
            name = ledger.parents[name]
        return None

    def _searched(self, finding: Finding, now: frozenset[Fact], last: int) -> Brought | None:
        """First where the lines of its values became what they are; then commits are tried, as a bisection does."""
        stands = last
        for _ in range(_ROUNDS):
            since = self._lines_since(finding, stands)
            if since == stands:
                break
            if not self._stands(finding, since):
                return self._between(finding, now, [since, *self._days(finding, since, stands), stands])
            if since == 0 or not self._stands(finding, since - 1):
                return self._between(finding, now, range(max(0, since - 1), since + 1))
            stands = since - 1
        near = [0, *(number for number in self._touching(finding) if number < stands), stands]
        return self._between(finding, now, near)

    def _between(self, finding: Finding, now: frozenset[Fact], near: Sequence[int]) -> Brought:
        """The commit that brought it: first among these, then among all between two of them."""
        absent, stands = self._edge(finding, near)
        if absent is None:
            return _brought(finding, self._at(0).commit, "", older=True)
        if stands - absent > 1:
            tried = [absent, stands - 1, stands]
            absent, stands = self._edge(
                finding, tried if not self._stands(finding, stands - 1) else range(absent, stands + 1)
            )
        assert absent is not None
        before, after = self._at(absent), self._evaluated(stands)
        came = matching(finding, after.state.facts) or now
        return _brought(
            finding, after.commit, mover(before.run, after.run, only_day=is_only_day(before.run, after.run))(min(came))
        )

    def _lines_since(self, finding: Finding, stands: int) -> int:
        """The first commit back from one at which the lines of the finding are as they are there; itself without any."""
        run = self._at(stands).run
        if run is None:
            return stands
        drafts = [draft for draft in run.drafts({run.layer: run}) if matching(finding, [fact_of(draft)])]
        found = lines.marks(drafts, run.snapshot.untraced.read)
        if not found:
            return stands
        return _back(stands, lambda number: all(self._has(number, mark) for mark in found))

    def _days(self, finding: Finding, since: int, stands: int) -> list[int]:
        """The commits between two at which the extension changes, and those before them: it does by the day alone.

        First those at which its default of the part that the finding is about does, where there are any.
        """
        extension = self._options.profile.extension
        if not extension:
            return []

        @functools.cache
        def default(day: str) -> object:
            entry = bundled(extension, day).entries.get(finding.setting)
            return None if entry is None else freeze(reach.at(entry.value, *filter(None, finding.path.split("."))))

        meaning = partial(beginning, extension)
        return self._turns(since, stands, lambda day: default(meaning(day))) or self._turns(since, stands, meaning)

    def _turns(self, since: int, stands: int, meaning: Callable[[str], object]) -> list[int]:
        """The commits between two whose day means something else than that of the one before, and those before them."""
        found: set[int] = set()
        last = stands
        while last > since + 1:
            now = meaning(self._day(last))
            first = since + _back(last - since, lambda number, now=now: meaning(self._day(since + number)) == now)  # type: ignore[misc]
            found |= {first - 1, first}
            last = first - 1
        return sorted(number for number in found if since < number < stands)

    def _day(self, number: int) -> str:
        return self._commits.day(self._ids[number])

    def _has(self, number: int, mark: lines.Mark) -> bool:
        text = self._commits.text(self._ids[number], mark.path)
        return text is not None and mark.stands_in(text)

    def _touching(self, finding: Finding) -> list[int]:
        """The commits that change a file in which a value of the finding stands."""
        places = [place.span for place in finding.locations]
        places += [
            step.span for side in (finding.production, finding.beta) for step in side.steps if step.span is not None
        ]
        names = touching(self._root, self._ids[-1], sorted({span.path for span in places}))
        return sorted(number for name in names if 0 < (number := self._numbers.get(name, 0)) < len(self._ids) - 1)

    def _edge(self, finding: Finding, numbers: Sequence[int]) -> tuple[int | None, int]:
        """Of these commits two neighbours: it does not stand at the first, and does at the second. The last one has it."""
        stands = _back(len(numbers) - 1, lambda place: self._stands(finding, numbers[place]))
        return (numbers[stands - 1] if stands else None), numbers[stands]

    def _stands(self, finding: Finding, number: int) -> bool:
        """Whether it stands after a commit; one that cannot be evaluated has what the next one before it has."""
        seen = self._at(number)
        while seen.state.lost and number > 0:
            number -= 1
            seen = self._at(number)
        return bool(matching(finding, seen.state.facts))

    def close(self) -> None:
        """End the readers of the repository."""
        for narrower in self._narrower.values():
            narrower.close()
        self._commits.close()

    def _at(self, number: int) -> _Seen:
        if number not in self._seen:
            commit, tree = self._commits.tree(self._ids[number])
            if self._run is not None and self._is_given(number):
                self._seen[number] = _Seen(commit, state_of(self._run), self._run)
            else:
                self._seen[number] = _Seen(commit, *self._walker.state(tree))
        return self._seen[number]

    def _is_given(self, number: int) -> bool:
        """Whether the run that was given is over this commit; it looked at all of the tree."""
        return self._run is not None and number == len(self._ids) - 1

    def _evaluated(self, number: int) -> _Seen:
        """As _at, by a run that is like those over the other commits."""
        if not self._is_given(number):
            return self._at(number)
        commit, tree = self._commits.tree(self._ids[number])
        return _Seen(commit, *self._walker.state(tree))


def _back(stands: int, holds: Callable[[int], bool]) -> int:
    """The first number back from one at which something holds, further and further back and then between."""
    step, absent, wider = 0, -1, 8 if stands > _FEW else 2
    while stands > 0:
        tried = max(0, stands - max(step, 1))
        if not holds(tried):
            absent = tried
            break
        stands, step = tried, step * wider or 1  # one by one at first: commits often stand in pairs
    while stands - absent > 1:
        middle = (stands + absent) // 2
        stands, absent = (middle, absent) if holds(middle) else (stands, middle)
    return stands


def _brought(finding: Finding, commit: Commit, side: str, *, older: bool = False) -> Brought:
    overlay = finding.beta.span is not None and finding.beta.span.path.endswith("-labs.php")
    stayed = side == PRODUCTION and overlay
    commit = credited(commit, side)
    return Brought(commit.id, commit.moment, commit.subject, commit.tasks, side, overlay_stayed=stayed, older=older)


def blamed(findings: Sequence[Finding], blame: Blame) -> tuple[Finding, ...]:
    """The findings with the commits that brought them, where there are such."""
    out = []
    for finding in findings:
        try:
            brought = blame.brought(finding)
        except InputError:
            brought = None
        out.append(finding._replace(brought=brought) if brought is not None else finding)
    return tuple(out)
