"""The life of each drift over a range of commits: when it began and ended, by which commit, on which side.

A life is of one rule, setting and path, and of the wikis on which it began and ended together. It covers the commits
from the one at which it began up to the one at which it ended, without that one.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core.globs import among
from driftcheck.history.moved import credited

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftcheck.history.facts import Fact
    from driftcheck.history.store import Ledger
    from driftcheck.snapshot.commits import Commit

    _Row = tuple[Fact, "Moment", "Moment | None", bool]


_BETWEEN = "one of the commits since the last month"


class Moment(NamedTuple):
    """A commit at which something began or ended, and the side that moved; empty where the range began with it."""

    commit: Commit
    side: str


class Life(NamedTuple):
    """A drift from its beginning to its end; ``began`` None: it stood already before the range."""

    rule: str
    setting: str
    path: str
    wikis: tuple[str, ...]
    began: Moment
    ended: Moment | None
    days: int
    older: bool
    """Whether it stood before the first commit of the range, so that ``began`` is that commit."""

    @property
    def name(self) -> str:
        """The setting with the path in it."""
        return f"{self.setting}.{self.path}" if self.path else self.setting


@dataclass(frozen=True)
class History:
    """The lives of a range of commits; ``lost`` are commits that could not be evaluated, with why."""

    first: Commit
    last: Commit
    commits: int
    lives: tuple[Life, ...]
    lost: tuple[tuple[Commit, str], ...]
    profile: str
    every: str

    @property
    def standing(self) -> tuple[Life, ...]:
        """Those that stand at the end of the range."""
        return tuple(life for life in self.lives if life.ended is None)

    @property
    def repaired(self) -> tuple[Life, ...]:
        """Those that ended, and whose beginning is known."""
        return tuple(life for life in self.lives if life.ended is not None and not life.older)

    @property
    def median_days(self) -> float | None:
        """The median time to repair, in days; None where nothing was repaired."""
        days = [life.days for life in self.repaired]
        return median(days) if days else None

    def by_year(self) -> dict[str, tuple[int, int, int, float | None]]:
        """How many began, ended and stood at the end of each year, and the median days of those that ended."""
        first, last = int(self.first.day[:4]), int(self.last.day[:4])
        return {str(year): self._year(str(year)) for year in range(first, last + 1)}

    def _year(self, year: str) -> tuple[int, int, int, float | None]:
        began = sum(life.began.commit.day[:4] == year and not life.older for life in self.lives)
        ended = [life for life in self.lives if life.ended is not None and life.ended.commit.day[:4] == year]
        stood = sum(
            life.began.commit.day[:4] <= year and (life.ended is None or life.ended.commit.day[:4] > year)
            for life in self.lives
        )
        days = [life.days for life in ended if not life.older]
        return began, len(ended), stood, median(days) if days else None


def told(ids: Sequence[str], ledger: Ledger, profile: str, every: str = "commit") -> History:
    """The history of these commits, of which a ledger knows all."""
    commits = ledger.commits
    if every != "commit":  # the commit that is looked at is not the one that did it
        commits = {name: commit._replace(subject=_BETWEEN, tasks=()) for name, commit in commits.items()}
    state = ledger.states[ids[0]]
    open_since = {fact: (Moment(commits[ids[0]], ""), True) for fact in state.facts}
    rows: list[_Row] = []
    lost = [(commits[ids[0]], state.lost)] if state.lost else []
    for name in ids[1:]:
        change = ledger.changes.get(name)
        if change is None:
            continue
        commit = commits[name]
        if change.lost:
            lost.append((commit, change.lost))
        for fact, side in change.ended.items():
            if fact in open_since:
                rows.append((fact, open_since[fact][0], _moment(commit, side), open_since.pop(fact)[1]))
        for fact, side in change.began.items():
            open_since.setdefault(fact, (_moment(commit, side), False))
        for fact in change.whole or ():
            open_since.setdefault(fact, (Moment(commit, ""), True))
    rows += [(fact, began, None, older) for fact, (began, older) in open_since.items()]
    last = commits[ids[-1]]
    return History(commits[ids[0]], last, len(ids), _joined(rows, last), tuple(lost), profile, every)


def _moment(commit: Commit, side: str) -> Moment:
    return Moment(credited(commit, side), side)


def narrowed(held: History, wikis: Sequence[str], select: Sequence[str], ignore: Sequence[str]) -> History:
    """Only the lives of some wikis and rules (globs); a life keeps those of its wikis that were asked for."""
    if not (wikis or select or ignore):
        return held
    kept = [
        life._replace(wikis=names)
        for life in held.lives
        if (not select or among(life.rule, select)) and not among(life.rule, ignore)
        if (names := tuple(name for name in life.wikis if not wikis or among(name, wikis))) or not life.wikis
    ]
    return replace(held, lives=tuple(kept))


def _joined(rows: Sequence[_Row], last: Commit) -> tuple[Life, ...]:
    """One life for the wikis that share one."""
    wikis: defaultdict[tuple[str, str, str, Moment, Moment | None, bool], list[str]] = defaultdict(list)
    for (rule, setting, path, wiki), began, end, older in rows:
        wikis[rule, setting, path, began, end, older].append(wiki)
    lives = [
        Life(
            rule,
            setting,
            path,
            tuple(sorted(filter(None, names))),
            began,
            end,
            _days(began.commit, end.commit if end else last),
            older,
        )
        for (rule, setting, path, began, end, older), names in wikis.items()
    ]
    return tuple(
        sorted(lives, key=lambda life: (_seconds(life.began.commit), life.rule, life.setting, life.path, life.wikis))
    )


def _seconds(commit: Commit) -> float:
    return dt.datetime.fromisoformat(commit.moment.replace("Z", "+00:00")).timestamp()


def _days(since: Commit, until: Commit) -> int:
    """Whole days between two commits."""
    return max(0, int((_seconds(until) - _seconds(since)) // 86400))
