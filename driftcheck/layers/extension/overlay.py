"""Beta's overlay, row by row: what each row says, what it decides on which wiki, and what beta has without it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core.model import MISSING, Setting, Unknown, Value
from driftcheck.mediawiki.cascade import UNKNOWN_TAG, Resolved

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from driftcheck.core.model import Key, Missing, Result, Span
    from driftcheck.layers.extension.effective import Effective
    from driftcheck.layers.extension.profiles import Profile
    from driftcheck.mediawiki.settings import LazySetting

    Column = list[Result | Missing]

_NOTHING = Resolved(MISSING, ())


class Row(NamedTuple):
    """A row of the overlay: ``name`` is its setting (``+wgX`` is one of its own), ``pinned`` says that it replaces production's row.

    ``own`` are its selectors alone, ``merged`` is the setting as beta has it, ``beneath`` as beta has it without the row.
    """

    name: str
    pinned: bool
    lazy: LazySetting
    own: Setting
    merged: Setting
    beneath: Setting | None

    @property
    def setting(self) -> str:
        """The variable that it makes."""
        return self.name.removeprefix("+")

    @property
    def span(self) -> Span | None:
        """Where it stands."""
        return self.lazy.last().span

    def value(self, selectors: Collection[Key] | None = None) -> Value:
        """The row, or these selectors of it, as a value."""
        wanted = self.own.by_selector if selectors is None else selectors
        last = self.lazy.last()
        kept = {key: item for key, item in self.own.by_selector.items() if key in wanted}
        return last.with_data(kept) if isinstance(last, Value) else Value(kept)

    def without(self, selectors: Collection[Key]) -> Setting | None:
        """The setting as beta has it without some selectors of the row; None where that is not known."""
        found = self.lazy.without(selectors).get()
        return None if isinstance(found, Unknown) else found


def rows(side: Effective, profile: Profile) -> Iterator[Row]:
    """The rows of a realm's overlay that are about settings in scope and can be evaluated, one a setting.

    Where two rows of the overlay are about one setting, what either does alone is not evaluated.
    """
    overlay = side.config.overlay
    if overlay is None:
        return
    names = Counter(key.removeprefix("-") for key in overlay.rows)
    for key, row in overlay.rows.items():
        name = key.removeprefix("-")
        if name.startswith("@") or names[name] > 1 or not profile.judges(name.removeprefix("+")):
            continue
        own, lazy, beneath = row.get(), side.config.settings[name], overlay.beneath.get(name)
        merged, below = lazy.get(), None if beneath is None else beneath.get()
        if not any(isinstance(held, Unknown) for held in (own, merged, below)):
            yield Row(name, key != name, lazy, own, merged, below)  # type: ignore[arg-type] # none is Unknown


def shapeless(side: Effective, profile: Profile) -> Iterator[tuple[str, Value]]:
    """The rows of a realm's overlay that are about settings in scope and are known to be no arrays, with their values."""
    for key, row in side.config.overlay.rows.items() if side.config.overlay is not None else ():
        name = key.removeprefix("-")
        value = row.last() if profile.judges(name.removeprefix("+")) else None
        if isinstance(value, Value) and not isinstance(value.data, dict):
            yield name, value


def decided(side: Effective, setting: Setting | None) -> list[Resolved]:
    """What a setting is on each wiki of a realm, with the selectors that decide."""
    out = [_NOTHING] * len(side.wikis)
    if setting is not None:
        for resolved, numbers in side.config.resolver.groups(setting):
            for number in numbers:
                out[number] = resolved
    return out


def column(side: Effective, setting: Setting | None) -> Column:
    """A setting's value on each wiki of a realm."""
    return [resolved.value for resolved in decided(side, setting)]


def selectable(side: Effective) -> set[str] | None:
    """Every selector that reaches a wiki of a realm; None where a wiki's tags are not known."""
    known = {"default"}
    for wiki in side.wikis:
        known |= {wiki.dbname, *wiki.tags}
    return None if UNKNOWN_TAG in known else known | {f"+{name}" for name in known - {"default"}}


def is_left_out(selector: str, value: Result) -> bool:
    """Whether a selector merges, which takes an array, and has a value that is known to be none."""
    return selector.startswith("+") and isinstance(value, Value) and not isinstance(value.data, dict)
