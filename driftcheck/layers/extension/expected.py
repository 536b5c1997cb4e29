"""What is meant to differ between the realms, as rows of data: texts that count as the same, and expected differences."""

from __future__ import annotations

import functools
import re
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core.characters import json_text
from driftcheck.core.finding import json_value
from driftcheck.core.globs import among, meets
from driftcheck.core.leaves import Leaf, leaves
from driftcheck.core.model import InputError, Span, Value
from driftcheck.core.report import Expected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from driftcheck.core.leaves import Same
    from driftcheck.core.model import Missing, Path, Result

SWITCHES = ("wmgUse*", "wmgEnable*")
_WILD = re.compile(r"[*?\[]")
ABSENT = "absent"
_OR = " | "
_SWITCHED = (ABSENT, "true", "false", "null", "")
"""How a row spells what a switch may be, on or off."""


class _Told(NamedTuple):
    """What rows look at of a difference: its place, whether a switch may look so, and each side as it is written, None for none."""

    name: str
    may_switch: bool
    production: str | None
    beta: str | None


class Row(NamedTuple):
    """A row of a profile. With ``counts_as`` texts of beta count as production's; without, it expects differences.

    ``production`` and ``beta`` are globs of the values, empty for any; ``path`` is a glob of the place within the value.
    ``at`` is where a user's own profile has the row.
    """

    settings: tuple[str, ...]
    reason: str
    production: str = ""
    beta: str = ""
    path: str = ""
    counts_as: bool = False
    at: Span | None = None

    def expects(self, setting: str, told: _Told) -> bool:
        """Whether a difference is the one that the row expects. A glob speaks for no side that may be a switch."""
        if self.path and not among(told.name, _alternatives(self.path)):
            return False
        if setting not in self.settings and told.may_switch:
            return False
        return _fits(told.production, self.production) and _fits(told.beta, self.beta)

    def __str__(self) -> str:
        """What the row says, on one line."""
        values = (
            [f"{self.production or '*'} in production, {self.beta or '*'} in beta"]
            if self.production or self.beta
            else []
        )
        places = [f"at {self.path}"] if self.path else []
        settings = [] if self.settings == ("*",) else [", ".join(self.settings)]
        return "; ".join([*settings, *places, *values]).replace("\t", "\\t")


def rows(data: Mapping[str, Any], path: str) -> tuple[Row, ...]:
    """The rows of a profile's document. Raises InputError for one that could hide a switch."""
    found = [_row(row, path, counts_as=True) for row in data.get("equivalences", ())]
    found += [_row(row, path) for row in data.get("expected", ())]
    for row in found:
        if not row.counts_as:
            _refuse(row, path)
    return tuple(found)


def _row(row: Mapping[str, Any], path: str, *, counts_as: bool = False) -> Row:
    line = getattr(row, "line", 0)
    return Row(
        tuple(row.get("settings", ("*",))),
        row["reason"],
        row.get("production", ""),
        row.get("beta", ""),
        row.get("path", ""),
        counts_as,
        Span(path, "", line, 1, line, 1) if line else None,
    )


def _refuse(row: Row, path: str) -> None:
    """Raises InputError where a glob of a row that expects differences covers switches, or expects what may be one."""
    for glob in filter(_WILD.search, row.settings):
        covered = [f"covers {switch}" for switch in SWITCHES if meets(glob, switch)]
        covered += [f"expects {value or 'an empty text'}" for value in _SWITCHED if value in _values(row)]
        if covered:
            place = f"{row.at}" if row.at is not None else path
            raise InputError(
                f"{place}: expected: the glob {glob} {covered[0]}, and a glob may not hide a switch; name each setting"
            )


def _values(row: Row) -> set[str]:
    """The values that a row spells out."""
    return {value for glob in (row.production, row.beta) if glob for value in _alternatives(glob)}


def _told(leaf: Leaf) -> _Told:
    sides = [_written(side) for side in (leaf.production, leaf.beta)]
    return _Told(leaf.name, any(side is None or side in _SWITCHED for side in sides), *sides)


def _written(side: Result | Missing) -> str | None:
    """A value as globs read it: what is no text as JSON."""
    if not isinstance(side, Value):
        return None
    return side.data if isinstance(side.data, str) else json_text(json_value(side)).strip()


def _fits(written: str | None, glob: str) -> bool:
    """Whether a value is one of a glob, where there is one."""
    if not glob:
        return True
    values = _alternatives(glob)
    return ABSENT in values if written is None else among(written, values)


@functools.lru_cache(maxsize=1024)
def _alternatives(glob: str) -> tuple[str, ...]:
    return tuple(glob.split(_OR))


class Expectations:
    """The rows of a profile at work: which differences of two values are left, and what each row explained."""

    def __init__(self, rows: tuple[Row, ...]) -> None:
        self.rows = rows
        self.used: dict[Row, dict[str, int]] = {}
        self._known: dict[tuple[str, int, int], tuple[list[Leaf], tuple[Row, ...], object]] = {}
        # The row that expects a difference of parts, which many wikis share.
        self._found: dict[tuple[str, Path, int, int], Row | None] = {}
        self._expecting: dict[str, list[Row]] = {}
        self._texts: dict[str, _Texts] = {}
        # One for the settings that the same rows are about.
        self._shared: dict[tuple[int, ...], _Texts] = {}

    def left(self, setting: str, production: Result | Missing, beta: Result | Missing) -> list[Leaf]:
        """The differences of a setting on a wiki that no row explains."""
        key = (setting, id(production), id(beta))
        if key not in self._known:
            # The values are kept with their answer, so that no other takes their place in memory.
            self._known[key] = (*self._worked_out(setting, production, beta), (production, beta))
        found, explaining, _ = self._known[key]
        for row in explaining:
            count = self.used.setdefault(row, {})
            count[setting] = count.get(setting, 0) + 1
        return found

    def _worked_out(
        self, setting: str, production: Result | Missing, beta: Result | Missing
    ) -> tuple[list[Leaf], tuple[Row, ...]]:
        texts = self._of(setting)
        texts.used.clear()
        found, explaining = [], dict.fromkeys(texts.used)
        for leaf in leaves(production, beta, texts.counts_as):
            row = self._row(setting, leaf)
            if row is None:
                found.append(leaf)
            else:
                explaining[row] = None
        return found, (*texts.used, *explaining)

    def _row(self, setting: str, leaf: Leaf) -> Row | None:
        """The first row that expects a difference of a setting."""
        key = (setting, leaf.path, id(leaf.production), id(leaf.beta))
        if key not in self._found:
            if setting not in self._expecting:
                rows = [row for row in self.rows if not row.counts_as and among(setting, row.settings)]
                self._expecting[setting] = rows
            told = _told(leaf)
            self._found[key] = next((row for row in self._expecting[setting] if row.expects(setting, told)), None)
        return self._found[key]

    def counts_as(self, setting: str) -> Same:
        """What a text of a setting counts as."""
        return self._of(setting).counts_as

    def _of(self, setting: str) -> _Texts:
        if setting not in self._texts:
            rows = [row for row in self.rows if row.counts_as and among(setting, row.settings)]
            key = tuple(map(id, rows))
            if key not in self._shared:
                self._shared[key] = _Texts(rows)
            self._texts[setting] = self._shared[key]
        return self._texts[setting]

    def explained(self) -> tuple[Expected, ...]:
        """The rows that explained anything, in their order, and what."""
        return tuple(
            Expected(str(row), row.reason, tuple(sorted(self.used[row])), sum(self.used[row].values()))
            for row in self.rows
            if row in self.used
        )

    def unused(self) -> list[Row]:
        """The rows of a user's own profile that explained nothing."""
        return [row for row in self.rows if row.at is not None and row not in self.used]


class _Texts:
    """Texts of a setting as rows have them count; ``used`` are the rows that changed one."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.used: dict[Row, None] = {}
        self._patterns = [(row, _pattern(row), row.production) for row in rows]
        self._known: dict[str, tuple[str, dict[Row, None]]] = {}

    def counts_as(self, text: str) -> str:
        """The text with what is beta's as production has it."""
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = self._worked_out(text)
        if known[1]:
            self.used.update(known[1])
        return known[0]

    def _worked_out(self, text: str) -> tuple[str, dict[Row, None]]:
        """The text as it counts, and the rows that changed it."""
        used: dict[Row, None] = {}
        for row, pattern, production in self._patterns:
            text, times = pattern.subn(partial(_like, production), text)
            if times:
                used[row] = None
        return text, used


def _pattern(row: Row) -> re.Pattern[str]:
    """Finds beta's text, dots escaped or not; where production's has a ``*`` in it, production's as well."""
    wanted = [row.beta, row.production] if "*" in row.production else [row.beta]
    return re.compile("|".join(_loose(text) for text in wanted))


def _loose(text: str) -> str:
    return re.escape(text).replace(r"\.", r"\\?\.").replace(r"\*", r"[\w.-]*")


def _like(production: str, found: re.Match[str]) -> str:
    return re.escape(production) if "\\." in found[0] else production
