"""Variables that may differ from world to world, and the turns in which statements read and write them.

A world is one run of the program that has its own inputs; a set of worlds is a bit mask (bit n is world n). A
:class:`Slot` holds one content for each world, those of equal content together. A :class:`Turn` runs a statement for
one world and notes which other worlds would run it alike: all that hold the same in every slot that it reads.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from driftcheck.core.model import MISSING, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftcheck.core.model import Missing

Content: TypeAlias = "Value | Unknown | Slot | Facets | Holders | Missing"
"""What a slot holds: a value, a hole, another slot (a reference), or nothing; a count's slot holds who has another."""

_FEW = 6


class Holders(NamedTuple):
    """Who has a slot: so many variables, and at most so many elements, properties and closures, whose end is not seen.

    A reference that only one of them is left of is no reference any more.
    """

    names: int
    parts: int

    @property
    def shared(self) -> bool:
        """Whether there may be more than one."""
        return self.names + self.parts > 1

    @property
    def doubtful(self) -> bool:
        """Whether the slot stands where PHP may have put a plain value in its place."""
        return self.parts >= _DOUBT


_DOUBT = 1 << 20
NAMED, PART, SEVERAL = Holders(1, 0), Holders(0, 1), Holders(2, 0)
_holders = functools.cache(Holders)


class Slot:
    """One variable, property or element that is shared: its content in each world.

    ``facets`` are pairs of a mask and a content; together the masks are all worlds. ``first`` is who has the slot when
    it is made, ``count`` holds who has it since, where that has changed. ``links`` says that a content may be another slot.
    """

    __slots__ = ("_index", "count", "facets", "first", "links")

    def __init__(self, everyone: int, content: Content = MISSING, first: Holders | None = None) -> None:
        self.facets: list[tuple[int, Content]] = [(everyone, content)]
        self.first = NAMED if first is None else first
        self.count: Slot | None = None
        self.links = content.__class__ is Slot
        self._index: dict[int, int] | None = None

    def at(self, world: int) -> tuple[int, Content]:
        """The facet of one world."""
        facets = self.facets
        if len(facets) <= _FEW:
            for facet in facets:
                if facet[0] >> world & 1:
                    return facet
        if self._index is None:
            self._index = {number: place for place, (mask, _) in enumerate(facets) for number in members(mask)}
        return facets[self._index[world]]

    def put(self, outcomes: Iterable[tuple[int, Content]]) -> None:
        """Take over what statements wrote, each for the worlds of its mask; the masks do not overlap."""
        by_content: dict[object, tuple[int, Content]] = {}
        written = 0
        for mask, content in outcomes:
            written |= mask
            key = _key(content)
            held = by_content.get(key)
            by_content[key] = (mask if held is None else held[0] | mask, content if held is None else held[1])
        for mask, content in self.facets:
            left = mask & ~written
            if left:
                key = _key(content)
                held = by_content.get(key)
                by_content[key] = (left if held is None else held[0] | left, content)
        self.facets = list(by_content.values())
        self._index = None

    def shared(self, mask: int) -> bool:
        """Whether something else may have it too in some of these worlds."""
        held = ((mask, self.first),) if self.count is None else self.count.facets
        return any(some & mask and holders.shared for some, holders in held)  # type: ignore[union-attr]


def _key(content: Content) -> object:
    """What two contents have in common that need not be kept apart: the same object, or the same scalar from the same place."""
    if content.__class__ is Value:
        data = content.data
        if data.__class__ is str or data.__class__ is int or data.__class__ is bool:
            steps = content.steps
            return (data.__class__, data, id(content.source), content.where, id(steps[-1]) if steps else 0)
    return id(content)


class Facets(NamedTuple):
    """A content that differs from world to world, to be written at once: pairs of a mask and a content."""

    facets: tuple[tuple[int, Content], ...]

    def at(self, world: int) -> tuple[int, Content]:
        """The facet of one world; MISSING where there is none."""
        return next((facet for facet in self.facets if facet[0] >> world & 1), (1 << world, MISSING))


class Turn:
    """One run of a statement: for ``world``, and for all of ``mask`` that turn out to be alike in what it reads.

    ``hole`` says whether something was read, or came out, that is not known.
    """

    __slots__ = ("hole", "mask", "world", "writes")

    def __init__(self, world: int, mask: int) -> None:
        self.world, self.mask, self.hole = world, mask, False
        self.writes: dict[Slot, Content] = {}

    def read(self, slot: Slot) -> Content:
        """What a slot holds in this world."""
        if slot in self.writes:
            content = self.writes[slot]
            if content.__class__ is Facets:
                mask, content = content.at(self.world)
                self.mask &= mask
            return content
        facets = slot.facets
        if len(facets) == 1:
            return facets[0][1]
        mask, content = slot.at(self.world)
        self.mask &= mask
        return content

    def holders(self, slot: Slot) -> Holders:
        """Who has a slot in this world."""
        return slot.first if slot.count is None else self.read(slot.count)  # type: ignore[return-value]

    def hold(self, slot: Slot, names: int = 0, parts: int = 0) -> None:
        """Note that so many more variables, or elements and the like, have a slot in this world; or fewer."""
        before = self.holders(slot)
        if slot.count is None:
            slot.count = Slot(sum(mask for mask, _ in slot.facets), slot.first)
        self.writes[slot.count] = _holders(before.names + names, before.parts + parts)

    def keeps(self, slot: Slot, *, again: bool) -> bool:
        """Whether an element that is a reference is one in a copy of the array too, as PHP does it where something else has it.

        ``again``: the array has it as another element too. Where it is not known, nothing that is written to the slot
        is known from now on.
        """
        before = self.holders(slot)
        if not before.shared:
            return False
        self.hold(slot, parts=1 if before.names or again else 2 * _DOUBT)
        return True

    def plain(self, item: Content) -> Any:  # noqa: ANN401 - a result, or MISSING
        """An element or variable as it reads: where it is a reference, the content of what it refers to."""
        if item.__class__ is Slot:
            return self.through(item)
        if item.__class__ is Unknown:
            self.hole = True
        return item

    def through(self, slot: Slot) -> Any:  # noqa: ANN401 - a result, or MISSING
        """What a variable's slot holds, where it is a reference the content of what it refers to."""
        content = self.read(slot)
        while content.__class__ is Slot:
            content = self.read(content)
        if content.__class__ is Unknown:
            self.hole = True
        return content


def reaches(turn: Turn, content: Content, wanted: Content) -> bool:
    """Whether a content is a reference, or has one in it, that leads to the slot that is wanted."""
    pending: list[Any] = [content]
    seen: set[int] = set()
    while pending:
        item = pending.pop()
        if item is wanted and item.__class__ is Slot:
            return True
        if id(item) in seen:
            continue
        seen.add(id(item))
        if item.__class__ is Slot:
            pending.append(turn.read(item))
        elif item.__class__ is Value and isinstance(item.data, dict):
            pending.extend(item.data.values())
    return False


def referred(slots: Iterable[Slot], mask: int) -> list[Slot]:
    """Slots, and those that lead on from them by reference in some of these worlds, through arrays too; each once."""
    found = list(dict.fromkeys(slots))
    pending: list[Any] = [content for slot in found for some, content in slot.facets if some & mask]
    seen: set[int] = {id(slot) for slot in found}
    while pending:
        item = pending.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if item.__class__ is Slot:
            found.append(item)
            pending.extend(content for some, content in item.facets if some & mask)
        elif item.__class__ is Value and isinstance(item.data, dict):
            pending.extend(item.data.values())
    return found


def commit(outcomes: list[tuple[int, dict[Slot, Content]]]) -> None:
    """Write what the turns of one statement wrote."""
    by_slot: dict[Slot, list[tuple[int, Content]]] = {}
    for mask, writes in outcomes:
        for slot, content in writes.items():
            rows = by_slot.setdefault(slot, [])
            if content.__class__ is Facets:
                rows.extend((mask & some, part) for some, part in content.facets if mask & some)
            else:
                rows.append((mask, content))
    for slot, rows in by_slot.items():
        slot.put(rows)


def first(mask: int) -> int:
    """The number of the first world of a mask."""
    return (mask & -mask).bit_length() - 1


def members(mask: int) -> Iterator[int]:
    """The numbers of a mask's worlds, in order."""
    if not mask & (mask - 1):
        if mask:
            yield mask.bit_length() - 1
        return
    for place, byte in enumerate(mask.to_bytes((mask.bit_length() + 7) >> 3, "little")):
        if byte:
            for bit in _BITS[byte]:
                yield (place << 3) + bit


_BITS = [tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256)]
