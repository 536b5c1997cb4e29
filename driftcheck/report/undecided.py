"""What nobody can tell of a change: settings that are not known on either side, where what is known of them is the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core.model import has_unknown, unknowns
from driftcheck.core.words import some
from driftcheck.report.escape import short, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from driftcheck.core.model import Realm
    from driftcheck.history.changes import Leaf

_MOST_NAMED = 8
WHOLE = 1_000_000
"""As much of a value as is compared as text: more than any has."""


class Undecided(NamedTuple):
    """Settings that may change or not, for one reason; a leaf for each realm has the wikis of all of them."""

    settings: list[str]
    reason: str
    leaves: list[Leaf]

    def __str__(self) -> str:
        count = f"{len(self.settings)} settings change" if len(self.settings) > 1 else "a setting changes"
        return f"whether {count}: {some(self.settings, _MOST_NAMED)} ({short(self.reason, 400)})"


def is_open(leaf: Leaf) -> bool:
    """Whether a setting is not wholly known on either side, and is the same as far as it is known."""
    if not (has_unknown(leaf.before) and has_unknown(leaf.after)):
        return False
    return shown(leaf.before, WHOLE) == shown(leaf.after, WHOLE)


def undecided(leaves: Iterable[Leaf]) -> list[Undecided]:
    """The settings that may change or not, by reason: a person reads it once. JSON has each with its own wikis."""
    found: dict[str, list[Leaf]] = {}
    for leaf in filter(is_open, leaves):
        found.setdefault(next(unknowns(leaf.before))[1].reason, []).append(leaf)
    return [
        Undecided([short(name, 100) for name in dict.fromkeys(leaf.name for leaf in held)], reason, _by_realm(held))
        for reason, held in found.items()
    ]


def _by_realm(leaves: Sequence[Leaf]) -> list[Leaf]:
    wikis: dict[Realm, set[str]] = {}
    for leaf in leaves:
        wikis.setdefault(leaf.realm, set()).update(leaf.wikis)
    return [replace(leaves[0], realm=realm, wikis=tuple(sorted(held))) for realm, held in wikis.items()]
