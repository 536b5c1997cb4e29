"""The days from which on one and the same configuration means something else: the extension changed."""

from __future__ import annotations

from bisect import bisect_right

from driftcheck.core.resources import row, table
from driftcheck.layers.extension.normalize import ARTICLEQUALITY_SINCE, DRAFTQUALITY_NS_UNTIL, TYPES_UNTIL
from driftcheck.statistics.formula import CALLS_UNTIL, FORMULAS_SINCE, FORMULAS_UNTIL, SPELLING_SINCE

_READING = (
    ARTICLEQUALITY_SINCE,
    DRAFTQUALITY_NS_UNTIL,
    TYPES_UNTIL,
    CALLS_UNTIL,
    FORMULAS_SINCE,
    FORMULAS_UNTIL,
    SPELLING_SINCE,
)
_FIRST = "0000-00-00"


def beginning(extension: str, day: str) -> str:
    """The first day (YYYY-MM-DD) from which on a configuration of an extension means what it means on a day.

    Without an extension it is that day: what every extension and core read may be another the day before.
    """
    if not extension:
        return day
    days = sorted({_FIRST, *_READING, *_versions(extension)})
    return days[bisect_right(days, day) - 1]


def _versions(extension: str) -> list[str]:
    """The days on which the defaults of an extension changed."""
    if extension == "ORES":
        return list(table("ores-defaults")["eras"])
    return [day for day, _ in (row("registration", extension) or {"eras": []})["eras"]]
