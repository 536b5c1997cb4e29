"""A history made of what is known already and of what is evaluated now."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from driftcheck.history import store
from driftcheck.history.states import followed
from driftcheck.snapshot.commits import steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from driftcheck.core.kept import Kept
    from driftcheck.history.states import Change, State
    from driftcheck.history.store import Ledger
    from driftcheck.layers.base import Options
    from driftcheck.snapshot.commits import Commit

    Told = Callable[[int, int], None]
    """Called with how many commits of how many are done."""

_SAVE_EVERY = 10.0


def follow(root: str, ids: Sequence[str], options: Options, kept: Kept | None, told: Told) -> Ledger:
    """All about these commits, each one's first parent being the one before it; what was not known is kept as it is found.

    Raises InputError.
    """
    name = store.name_of(options)
    ledger = store.load(kept, name)
    saved = time.monotonic()
    missing = list(_missing(ids, ledger))
    total = sum(end - start for start, end in missing)
    done = 0
    for start, end in missing:
        parent = None
        for commit, state, change in followed(root, ids[start:end], options):
            _note(ledger, parent, commit, state, change)
            parent, done = commit.id, done + 1
            told(done, total)
            if time.monotonic() - saved > _SAVE_EVERY:
                store.save(kept, name, ledger)
                saved = time.monotonic()
    for first_or_last in {ids[0], ids[-1]} - ledger.commits.keys():
        ledger.commits[first_or_last] = steps(root, [first_or_last])[0].commit
    if missing:
        store.save(kept, name, ledger)
    return ledger


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
