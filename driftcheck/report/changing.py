"""What a change does, as a person reads it: by cause, with wikis that are new or gone told once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core import reach
from driftcheck.core.diff import diff
from driftcheck.core.model import MISSING
from driftcheck.history.changes import named
from driftcheck.report.difference import difference
from driftcheck.report.escape import place, short, shown
from driftcheck.report.undecided import WHOLE, is_open, undecided

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from driftcheck.core.model import Realm
    from driftcheck.history.changes import Difference, Leaf

    Block = Sequence[Leaf]
    """The same part of a setting with the same values, in the realms where it is so."""

_LONGEST = 300
_SHORTEST = 70
_FEW_SETTINGS = 12
"""A new wiki with more settings than this is told in one line."""


class Wikis(NamedTuple):
    """Wikis of a realm that are new, or gone, and how many settings they have."""

    realm: Realm
    names: tuple[str, ...]
    settings: int
    new: bool

    def __str__(self) -> str:
        """In words, without the realm."""
        return f"{', '.join(self.names)} ({self.settings} settings)"


def parted(held: Difference) -> tuple[list[Wikis], Difference]:
    """The wikis that are new or gone with many settings, and the difference without what only these have."""
    found: list[Wikis] = []
    rest = held.leaves
    for realm, sides in held.wikis.items():
        for new, names in ((True, sides[1] - sides[0]), (False, sides[0] - sides[1])):
            own = [leaf for leaf in rest if leaf.realm is realm and _is_of(leaf, names, new=new)]
            settings = {leaf.setting for leaf in own}
            if len(settings) > _FEW_SETTINGS:
                wikis = {wiki for leaf in own for wiki in leaf.wikis}
                found.append(Wikis(realm, tuple(sorted(wikis)), len(settings), new))
                gone = set(map(id, own))
                rest = tuple(leaf for leaf in rest if id(leaf) not in gone)
    return found, held._replace(leaves=rest)


def _is_of(leaf: Leaf, names: frozenset[str], *, new: bool) -> bool:
    """Whether a value is there, or gone, because its wikis are."""
    return leaf.known and (leaf.before if new else leaf.after) is MISSING and names.issuperset(leaf.wikis)


def moved(wikis: Sequence[Wikis]) -> list[str]:
    """The wikis that are new or gone, a line for each realm."""
    return [f"{'new' if one.new else 'gone'} in {one.realm.value}: {one}" for one in wikis]


def rank(block: Block) -> tuple[bool, bool]:
    """What is known comes first, and what has a value on both sides."""
    return not block[0].known, block[0].before is MISSING or block[0].after is MISSING


def changing(held: Difference) -> list[Block]:
    """What changes, by cause."""
    return _blocks(leaf for leaf in held.leaves if not is_open(leaf))


def open_questions(held: Difference, *, every: bool = False) -> list[tuple[str, list[str]]]:
    """What nobody can tell, in words, with the wikis."""
    return [(str(one), realms(one.leaves, held.tags, every=every)) for one in undecided(held.leaves)]


def _blocks(leaves: Iterable[Leaf]) -> list[Block]:
    blocks: dict[tuple[str, str, str, str], list[Leaf]] = {}
    for leaf in leaves:
        key = leaf.setting, leaf.path, *values(leaf, WHOLE)
        blocks.setdefault(key, []).append(leaf)
    return list(blocks.values())


def alike(blocks: Iterable[Block]) -> list[list[Block]]:
    """Settings that change in the same way on the same wikis, which a person reads once."""
    groups: dict[tuple[object, ...], list[Block]] = {}
    for block in blocks:
        key = *values(block[0], WHOLE), *nested(block[0]), where(block)
        groups.setdefault(key, []).append(block)
    return list(groups.values())


def where(block: Block) -> tuple[tuple[Realm, tuple[str, ...]], ...]:
    """The wikis of each realm on which something changes."""
    return tuple((leaf.realm, leaf.wikis) for leaf in block)


def name(leaf: Leaf) -> str:
    """The setting, and the part of it."""
    return short(leaf.name, _LONGEST)


def values(leaf: Leaf, limit: int = _LONGEST) -> tuple[str, str]:
    """Both values on a line each."""
    return shown(leaf.before, limit), shown(leaf.after, limit)


def side(text: str) -> str:
    """A side's name; a commit by the beginning of its id."""
    return text[:12] if re.fullmatch(r"[0-9a-f]{40}", text) else text


def nested(leaf: Leaf) -> list[str]:
    """How two nested values differ, in lines; nothing for plain ones."""
    arrays = reach.is_array(leaf.before) and reach.is_array(leaf.after)
    if arrays and leaf.known and not diff(leaf.before, leaf.after):
        return ["Only the order of the keys differs."]
    return difference(leaf.before, leaf.after, ("before", "after"))


def cells(leaf: Leaf) -> tuple[str, str]:
    """What stands under before and after: the values, or that only their types or their order differ."""
    lines = nested(leaf)
    return ("", lines[0]) if lines and lines[0].startswith("Only the") else values(leaf, 120)


def line(block: Block) -> str:
    """A change on one line, with its place."""
    words = "; ".join(nested(block[0])) or " -> ".join(values(block[0], _SHORTEST))
    return f"{name(block[0])}: {words}{f'  at {at}' if (at := places(block)) else ''}"


def realms(block: Block, tags: Mapping[Realm, Mapping[str, frozenset[str]]], *, every: bool = False) -> list[str]:
    """Where a change shows, in a line for each realm."""
    lines = []
    for leaf in block:
        wikis = ", ".join(leaf.wikis) if every else named(leaf.wikis, tags.get(leaf.realm, {}))
        lines.append(f"{leaf.realm.value}: {wikis}")
    return lines


def places(block: Block) -> str:
    """The lines at both revisions; the path of the second is left out where it is the first's."""
    return "; ".join(filter(None, dict.fromkeys(_places(leaf) for leaf in block)))


def _places(leaf: Leaf) -> str:
    before, after = leaf.places
    if before is None or after is None:
        return "".join(place(span) for span in leaf.places if span is not None)
    if (before.path, before.line) == (after.path, after.line):
        return place(after)
    return f"{place(before)} -> {after.line if before.path == after.path else place(after)}"
