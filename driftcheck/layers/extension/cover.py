"""How much of production's behaviour beta shows, and the fewest wikis that would show the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driftcheck.core.finding import matches
from driftcheck.core.model import InputError
from driftcheck.layers.extension.rules.exercised import Behaviour, behaviours

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftcheck.layers.extension.comparison import Comparison

EXACT, GREEDY = "branch and bound", "greedy"
_NODES = 20_000
"""How many choices the search may try before it gives the greedy answer."""


@dataclass(frozen=True)
class BehaviourRow:
    """One behaviour of production and the wikis that show it."""

    behaviour: Behaviour
    production: tuple[str, ...]
    beta: tuple[str, ...]


@dataclass(frozen=True)
class Cover:
    """Wikis that together show a set of behaviours; ``at_least`` is what no smaller set can be below."""

    wikis: tuple[str, ...]
    algorithm: str
    at_least: int
    factor: float
    """At most so many times the smallest set: 1 for an exact answer, H(n) for the greedy one."""


@dataclass(frozen=True)
class Coverage:
    """What production does, what beta shows of it, and what to add."""

    rows: tuple[BehaviourRow, ...]
    cover: Cover
    in_beta: tuple[str, ...]
    """Wikis of the cover that beta has already, with other settings."""
    new: Mapping[str, tuple[Behaviour, ...]]
    """What each wiki of the cover would show that beta does not."""

    @property
    def covered(self) -> int:
        """How many behaviours some beta wiki shows."""
        return sum(bool(row.beta) for row in self.rows)


def measure(context: Comparison, wikis: Sequence[str] = ()) -> Coverage:
    """The coverage of one tree: of all that production does, or of what some of its wikis (globs) do.

    Raises InputError where none of these wikis has the extension in production.
    """
    shown = {
        side.realm: {dbname: frozenset(behaviours(context, side, dbname)) for dbname in context.on(side)}
        for side in context.sides
    }
    production, beta = (shown[side.realm] for side in context.sides)
    asked = [held for name, held in production.items() if not wikis or matches(name, wikis)]
    if wikis and not asked:
        raise InputError(
            f"{', '.join(wikis)}: no such wiki has the extension in production, so there is nothing to cover"
        )
    everything = sorted(frozenset[Behaviour]().union(*asked))
    rows = tuple(
        BehaviourRow(
            known, *(tuple(sorted(n for n, held in side.items() if known in held)) for side in (production, beta))
        )
        for known in everything
    )
    unseen = frozenset(row.behaviour for row in rows if not row.beta)
    found = cover({name: held & unseen for name, held in production.items()})
    new = {name: tuple(sorted(production[name] & unseen)) for name in found.wikis}
    return Coverage(rows, found, tuple(name for name in found.wikis if context.has(context.beta.realm, name)), new)


def cover(sets: Mapping[str, frozenset[Behaviour]], nodes: int = _NODES) -> Cover:
    """The fewest of these sets whose union is that of all: exact if the search ends, else greedy."""
    numbers = {known: 1 << at for at, known in enumerate(sorted(frozenset[Behaviour]().union(*sets.values())))}
    masks = {name: sum(numbers[known] for known in held) for name, held in sorted(sets.items()) if held}
    # Of wikis that show the same the first is asked for; one that shows less than another is never needed.
    first = {mask: name for name, mask in reversed(masks.items())}
    kept = {name: mask for mask, name in first.items() if not any(mask & other == mask != other for other in first)}
    everything = sum(numbers.values())
    greedy = _greedy(kept, everything)
    search = _Search(kept, greedy, nodes)
    if search.run(everything, ()):
        return Cover(tuple(sorted(search.best)), EXACT, len(search.best), 1.0)
    largest = max(mask.bit_count() for mask in kept.values())
    factor = sum(1 / n for n in range(1, largest + 1))
    return Cover(tuple(sorted(greedy)), GREEDY, _at_least(kept.values(), everything), factor)


def _greedy(masks: Mapping[str, int], left: int) -> tuple[str, ...]:
    """Takes the wiki that shows most of what is left until nothing is left; of equals the first by name."""
    chosen: list[str] = []
    while left:
        name = min(masks, key=lambda name: (-(masks[name] & left).bit_count(), name))
        chosen.append(name)
        left &= ~masks[name]
    return tuple(chosen)


def _at_least(masks: Any, left: int) -> int:  # noqa: ANN401 - any collection of integers
    """No set holds more than the largest: so many sets are needed."""
    largest = max(((mask & left).bit_count() for mask in masks), default=0)
    return -(-left.bit_count() // largest) if largest else 0


class _Search:
    """Branch and bound: the behaviour that fewest wikis show is shown by one of them; try each."""

    def __init__(self, masks: Mapping[str, int], best: tuple[str, ...], nodes: int) -> None:
        self.masks, self.best, self.nodes = masks, best, nodes

    def run(self, left: int, chosen: tuple[str, ...]) -> bool:
        """Whether the search came to its end; the best cover is in ``best``."""
        names: list[str] = []
        while left:
            if len(chosen) + _at_least(self.masks.values(), left) >= len(self.best):
                return True
            names = self._rarest(left)
            if len(names) > 1:
                break
            # Only one wiki shows it: no choice, and no step deeper.
            chosen, left = (*chosen, names[0]), left & ~self.masks[names[0]]
        if not left:
            self.best = min(self.best, chosen, key=len)
            return True
        for name in sorted(names, key=lambda name: (-(self.masks[name] & left).bit_count(), name)):
            self.nodes -= 1
            if self.nodes < 0 or not self.run(left & ~self.masks[name], (*chosen, name)):
                return False
        return True

    def _rarest(self, left: int) -> list[str]:
        """The wikis that show the behaviour which fewest do."""
        rarest: list[str] = list(self.masks)
        rest = left
        while rest:
            bit = rest & -rest
            rest ^= bit
            names = [name for name, mask in self.masks.items() if mask & bit]
            if len(names) < len(rarest) or len(names) == 1:
                rarest = names
            if len(rarest) == 1:
                break
        return rarest
