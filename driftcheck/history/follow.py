"""A history made of what is known already and of what is evaluated now."""

from __future__ import annotations

import os
import time
from collections import deque
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from driftcheck.history import store
from driftcheck.history.states import Follower, passes_over
from driftcheck.snapshot.commits import steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from driftcheck.core.kept import Kept
    from driftcheck.history.facts import Change, State
    from driftcheck.history.helper import Helper, Stretch
    from driftcheck.history.states import Followed
    from driftcheck.history.store import Ledger
    from driftcheck.layers.base import Options
    from driftcheck.snapshot.commits import Commit

    Told = Callable[[int, int], None]
    """Called with how many commits of how many are done."""

_SAVE_EVERY = 10.0
_MANY, _PART, _OURS = 2000, 300, 4 / 7
"""A second process takes part in a walk of so many commits, is asked for so many at a time, and the first part of them is ours.

Later commits take longer.
"""
_MANY_EVALUATED, _PART_EVALUATED, _OURS_EVALUATED = 24, 4, 5 / 8
"""The same where nearly every commit is evaluated."""


def follow(root: str, ids: Sequence[str], options: Options, kept: Kept | None, told: Told) -> Ledger:
    """All about these commits, each one's first parent being the one before it; what was not known is kept as it is found.

    Raises InputError.
    """
    name = store.name_of(options)
    ledger = store.load(kept, name)
    stretches = list(_missing(ids, ledger))
    with closing(Follower(root, ids, options, ledger.states)) as follower, closing(_Work(follower, stretches)) as work:
        evaluated = _MANY_EVALUATED, _PART_EVALUATED, _OURS_EVALUATED
        many, part, ours = (_MANY, _PART, _OURS) if passes_over(options) else evaluated
        if work.total > many and (os.cpu_count() or 1) > 1:
            work.share(root, ids, options, part, ours)
        saved = time.monotonic()
        try:
            for done, (parent, found) in enumerate(work.all(), 1):
                _note(ledger, parent, *found)
                told(min(done, work.total), work.total)
                if time.monotonic() - saved > _SAVE_EVERY:
                    _save(kept, name, ledger, follower)
                    saved = time.monotonic()
        finally:
            if stretches:
                _save(kept, name, ledger, follower)
    for first_or_last in {ids[0], ids[-1]} - ledger.commits.keys():
        ledger.commits[first_or_last] = steps(root, [first_or_last])[0].commit
    return ledger


def _save(kept: Kept | None, name: str, ledger: Ledger, follower: Follower) -> None:
    """Keep what is known, with what stands where the walk is now: the next one goes on there."""
    store.save(kept, name, replace(ledger, states=ledger.states | follower.standing))


class _Work:
    """The stretches that are to be followed, by this process and, where it is worth while, by a second one."""

    def __init__(self, follower: Follower, stretches: Sequence[Stretch]) -> None:
        self.total = sum(end - start for start, end in stretches)
        self._follower, self._stretches = follower, deque(stretches)
        self._others: deque[Stretch] = deque()
        self._helper: Helper | None = None
        self._asked: Stretch | None = None

    def share(self, root: str, ids: Sequence[str], options: Options, size: int, ours: float) -> None:
        """Begin a second process, which takes the later stretches, in parts; where none can be started, this one takes all."""
        from driftcheck.history.helper import Helper

        parts = [part for stretch in self._stretches for part in _parts(*stretch, size)]
        try:
            self._helper = Helper(root, ids, options)
        except OSError:
            return
        first = int(len(parts) * ours)
        self._stretches, self._others = deque(parts[:first]), deque(parts[first:])
        self._ask()

    def all(self) -> Iterator[tuple[str | None, Followed]]:
        """What each commit changed, after the id of the one before it."""
        while stretch := self._next():
            for found in _after(self._follower.stretch(*stretch)):
                yield found
                if self._helper is not None and self._helper.ready():
                    yield from self._answered()
        while self._asked is not None:
            yield from self._answered()
            while stretch := self._next():  # the second process has ended before its work
                yield from _after(self._follower.stretch(*stretch))

    def _next(self) -> Stretch | None:
        """The next stretch of this process; the last one of the other where there is none any more."""
        if self._stretches:
            return self._stretches.popleft()
        return self._others.pop() if self._others else None

    def _ask(self) -> None:
        assert self._helper is not None
        ours = self._stretches
        self._asked = self._others.popleft() if self._others else ours.pop() if len(ours) > 1 else None
        if self._asked is not None:
            self._helper.ask(self._asked)

    def _answered(self) -> Iterator[tuple[str | None, Followed]]:
        """The second process's answer; its stretch comes back where there is none."""
        assert self._helper is not None
        assert self._asked is not None
        found = self._helper.answer()
        if found is None:
            self._stretches.append(self._asked)
            self.close()
            return
        self._ask()
        yield from _after(found)

    def close(self) -> None:
        """End the second process."""
        if self._helper is not None:
            self._helper.close()
        self._helper = self._asked = None


def _parts(start: int, end: int, size: int) -> Iterator[Stretch]:
    """A stretch in parts, each beginning with the last commit of the one before it."""
    yield from ((at, min(at + size, end - 1) + 1) for at in range(start, end - 1, size))


def _after(found: Iterable[Followed]) -> Iterator[tuple[str | None, Followed]]:
    """Each commit of a stretch after the id of the one before it; None before the first."""
    before = None
    for one in found:
        yield before, one
        before = one[0].id


def _missing(ids: Sequence[str], ledger: Ledger) -> Iterator[tuple[int, int]]:
    """The stretches that are to be walked; the first commit of each is where its walk begins."""
    start = None if ids[0] in ledger.states else 0
    for number in range(1, len(ids)):
        known = ledger.parents.get(ids[number]) == ids[number - 1]
        if not known and start is None:
            start = number - 1
        elif known and start is not None:
            yield start, number
            start = None
    if start is not None:
        yield start, len(ids)


def _note(ledger: Ledger, parent: str | None, commit: Commit, state: State | None, change: Change | None) -> None:
    if parent is not None:
        ledger.parents[commit.id] = parent
    if state is not None:
        ledger.states[commit.id] = state
    if change is not None:
        ledger.changes[commit.id] = change
    if state is not None or change is not None:
        ledger.commits[commit.id] = commit
