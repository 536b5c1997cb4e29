"""The answer of driftcheck history: for people, as JSON, and as a page with a timeline."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from driftcheck import __version__
from driftcheck.core.characters import json_text
from driftcheck.core.disposition import moved
from driftcheck.layers.registry import RULES
from driftcheck.report.escape import listed, short

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from driftcheck.history.lives import History, Life, Moment

VERSION = 1
_SHORT = 12
_LONGEST = 72
_MOST_WIKIS = 4
_YEARS = ("year", "began", "ended", "open at its end", "median days to repair")


def table(held: History) -> str:
    """For people: the years, then the lives that stand or stood, the oldest first."""
    blocks = [_years(held)]
    for title, lives in (("open", held.standing), ("ended", [life for life in held.lives if life.ended is not None])):
        if lives:
            blocks.append("\n".join([f"{title} ({len(lives)})", *map(_line, lives)]))
    blocks += [_lost(held)] if held.lost else []
    return "\n\n".join([*blocks, summary(held)]) + "\n"


def _years(held: History) -> str:
    from tabulate import tabulate

    rows = [[year, *map(str, row[:3]), _days(row[3])] for year, row in held.by_year().items()]
    return tabulate(rows, _YEARS, tablefmt="plain", disable_numparse=True, colalign=("left", *["right"] * 4))


def _days(days: float | None) -> str:
    return "-" if days is None else f"{days:g}"


def _line(life: Life) -> str:
    until = f"{life.days} days" if life.ended is None else f"{life.days} days, until {_moment(life.ended)}"
    since = f"before {life.began.commit.day}" if life.older else _moment(life.began)
    wikis = f"  {listed(life.wikis, _MOST_WIKIS)}" if life.wikis else ""
    return f"  {life.rule}  {short(life.name, _LONGEST)}{wikis}\n    since {since}; {until}"


def _moment(moment: Moment) -> str:
    """A commit in a few words: its day, its id, who moved, its task or else its subject."""
    commit = moment.commit
    why = ", ".join(commit.tasks) or short(commit.subject, _LONGEST)
    return f"{commit.day} {commit.id[:_SHORT]} ({moved(moment.side)}, {why})"


def _lost(held: History) -> str:
    commit, why = held.lost[0]
    more = f"; {len(held.lost)} such commits" if len(held.lost) > 1 else ""
    return (
        f"not evaluated: {commit.day} {commit.id[:_SHORT]}: {short(why, 200)}{more}; "
        "what stood before is taken to stand on there"
    )


def summary(held: History) -> str:
    """One line that counts."""
    median = "" if held.median_days is None else f"; median {held.median_days:g} days to repair"
    return (
        f"{len(held.lives)} lives of drift, {len(held.standing)} open{median}; {held.commits} commits, "
        f"{held.first.day} {held.first.id[:_SHORT]} to {held.last.day} {held.last.id[:_SHORT]}; profile {held.profile}"
    )


def render_json(held: History) -> str:
    """As JSON, version 1 (schemas/history-v1.schema.json)."""
    document = {
        "version": VERSION,
        "tool": {"name": "driftcheck", "version": __version__},
        "range": {
            "from": _commit(held.first.id, held.first.moment),
            "to": _commit(held.last.id, held.last.moment),
            "commits": held.commits,
            "every": held.every,
            "profile": held.profile,
        },
        "lives": [_life(life) for life in held.lives],
        "years": [
            {"year": int(year), "began": began, "ended": ended, "open": stood, "median_days": days}
            for year, (began, ended, stood, days) in held.by_year().items()
        ],
        "summary": {"lives": len(held.lives), "open": len(held.standing), "median_days": held.median_days},
        "unevaluated": [{**_commit(commit.id, commit.moment), "reason": why} for commit, why in held.lost],
    }
    return json_text(document, indent=1)


def _commit(revision: str, moment: str) -> dict[str, str]:
    return {"revision": revision, "date": moment}


def _life(life: Life) -> dict[str, Any]:
    return {
        "rule": life.rule,
        "setting": life.setting,
        "path": life.path,
        "wikis": list(life.wikis),
        "began": _event(life.began),
        "ended": _event(life.ended) if life.ended is not None else None,
        "days": life.days,
        "older": life.older,
    }


def _event(moment: Moment) -> dict[str, Any]:
    commit = moment.commit
    return {
        **_commit(commit.id, commit.moment),
        "side": moment.side or None,
        "task": commit.tasks[0] if commit.tasks else None,
        "tasks": list(commit.tasks),
        "subject": commit.subject,
    }


class _Bar(NamedTuple):
    """A stretch of a row of the timeline, in percent of the range."""

    left: float
    width: float
    wikis: int
    words: str
    stands: bool


class _Row(NamedTuple):
    """A setting and path of one rule, with all its lives."""

    name: str
    rule: str
    severity: str
    bars: list[_Bar]
    lives: list[tuple[str, str, str, str, int]]
    stands: bool


def html(held: History) -> str:
    """A page that needs no network: the years, a timeline with a row a drift, and its lives."""
    from driftcheck.report.page.template import hashed, part, template

    style = part("history.css")
    scale = _Scale(held)
    by_name: defaultdict[tuple[str, str], list[Life]] = defaultdict(list)
    for life in held.lives:
        by_name[life.rule, life.name].append(life)
    rows = [_row(rule, name, lives, scale) for (rule, name), lives in by_name.items()]
    rows.sort(key=lambda row: not row.stands)
    return template("history.html.j2").render(
        style=style,
        style_hash=hashed(style),
        summary=summary(held),
        lost=_lost(held) if held.lost else "",
        heads=_YEARS,
        years=[(year, *row[:3], _days(row[3])) for year, row in held.by_year().items()],
        ticks=scale.ticks(),
        rows=rows,
    )


def _row(rule: str, name: str, lives: Sequence[Life], scale: _Scale) -> _Row:
    bars = [
        _Bar(
            left := scale.at(life.began),
            max(0.15, scale.at(life.ended) - left),
            len(life.wikis),
            _words(life),
            life.ended is None,
        )
        for life in lives
    ]
    told = [
        (
            f"before {life.began.commit.day}" if life.older else _moment(life.began),
            _moment(life.ended) if life.ended is not None else "open",
            listed(life.wikis, _MOST_WIKIS),
            ", ".join(life.wikis),
            life.days,
        )
        for life in lives
    ]
    severity = RULES[rule].severity.label if rule in RULES else "note"
    return _Row(name, rule, severity, bars, told, any(life.ended is None for life in lives))


def _words(life: Life) -> str:
    """What a bar says to who points at it."""
    end = life.ended.commit.day if life.ended is not None else "open"
    return f"{life.began.commit.day} to {end}, {life.days} days: {listed(life.wikis, _MOST_WIKIS)}"


class _Scale:
    """Where a day stands on the timeline, in percent."""

    def __init__(self, held: History) -> None:
        self._first = dt.date.fromisoformat(held.first.day)
        self._last = dt.date.fromisoformat(held.last.day)
        self._days = max(1, (self._last - self._first).days)

    def at(self, moment: Moment | None) -> float:
        """The place of a commit; the end for None."""
        return 100.0 if moment is None else self._place(dt.date.fromisoformat(moment.commit.day))

    def _place(self, day: dt.date) -> float:
        return round(min(100.0, max(0.0, 100 * (day - self._first).days / self._days)), 2)

    def ticks(self) -> list[tuple[float, str]]:
        """The beginning of each year."""
        years = range(self._first.year + 1, self._last.year + 1)
        return [(self._place(dt.date(year, 1, 1)), str(year)) for year in years]


FORMATS: dict[str, Callable[[History], str]] = {"table": table, "json": render_json, "html": html}
