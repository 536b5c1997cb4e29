"""Which settings anything outside the configuration reads: those of MediaWiki core and of the extensions, by day.

As far as the bundled tables know them: an extension that the configuration stopped loading is in none, and neither is
what an extension had before its extension.json.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

from driftcheck.core.resources import table

CORE = "MediaWiki core"
_NEVER = "never"
"""A day after every other: letters come after digits."""


class Life(NamedTuple):
    """Who reads a setting, from a day (empty: always) until the day before another."""

    reader: str
    since: str
    until: str


def lives(name: str) -> tuple[Life, ...]:
    """Every reader that a setting ever had; none for a name that the tables do not know."""
    return _lives().get(name, ())


def readers(name: str, day: str) -> tuple[str, ...]:
    """The extensions, or core, that read a setting on a day."""
    return tuple(life.reader for life in lives(name) if life.since <= day < life.until)


def names() -> list[str]:
    """Every name that the tables know."""
    return list(_lives())


@functools.cache
def _lives() -> dict[str, tuple[Life, ...]]:
    out: dict[str, list[Life]] = {}
    core = table("core-settings")
    for name in core["settings"]:
        out.setdefault(name, []).append(Life(CORE, "", _NEVER))
    for name, day in core["removed"].items():
        out.setdefault(name, []).append(Life(CORE, "", day))
    for reader, known in table("registration").items():
        if not reader.startswith("@"):
            _add(out, reader, [(day, {n: e is not None for n, e in changes.items()}) for day, changes in known["eras"]])
    eras = table("ores-defaults")["eras"]
    before: set[str] = set()
    rows = []
    for day in sorted(eras):
        now = {f"wg{name}" for name in eras[day]["config"]}
        rows.append((day, dict.fromkeys(now - before, True) | dict.fromkeys(before - now, False)))
        before = now
    _add(out, "ORES", rows)
    return {name: tuple(rows) for name, rows in out.items()}


def _add(out: dict[str, list[Life]], reader: str, eras: list[tuple[str, dict[str, bool]]]) -> None:
    """An extension's settings; what its first extension.json has was there before."""
    begun: dict[str, str] = {}
    for number, (day, changes) in enumerate(eras):
        for name, there in changes.items():
            if there:
                begun.setdefault(name, day if number else "")
            elif name in begun:
                out.setdefault(name, []).append(Life(reader, begun.pop(name), day))
    for name, since in begun.items():
        out.setdefault(name, []).append(Life(reader, since, _NEVER))
