"""What a change does, cause by cause: each setting and leaf with its values before and after, and the wikis."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core import reach
from driftcheck.core.diff import Kind, diff
from driftcheck.core.model import MISSING, Unknown, first_place, freeze, has_unknown
from driftcheck.history.alike import settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from driftcheck.core.diff import Drift
    from driftcheck.core.finding import Finding
    from driftcheck.core.model import Hole, Missing, Realm, Result, Span
    from driftcheck.history.compare import Change

_MOST_LEAVES = 20
"""A setting that differs in more leaves than this is one change as a whole."""

_SHORT = 100
"""Names of wikis as long as this are written out."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A setting, or a part of it, that changes on some wikis of a realm. MISSING is absent; ``places`` are the lines."""

    setting: str
    path: str
    realm: Realm
    wikis: tuple[str, ...]
    before: Result | Missing
    after: Result | Missing
    places: tuple[Span | None, Span | None]

    @property
    def name(self) -> str:
        """The setting, and the part of it."""
        return f"{self.setting}.{self.path}" if self.path else self.setting

    @property
    def known(self) -> bool:
        """Whether both values are known."""
        return not (has_unknown(self.before) or has_unknown(self.after))


class Drifts(NamedTuple):
    """The drift that a change brings, takes away, and leaves with other values (before, after)."""

    gained: tuple[Finding, ...] = ()
    lost: tuple[Finding, ...] = ()
    changed: tuple[tuple[Finding, Finding], ...] = ()


class Difference(NamedTuple):
    """What differs between two sides. ``sides`` are their names; ``tags`` are the wikis of each dblist, by realm.

    ``wikis`` are those of both sides, by realm; none are told where both sides are of one tree.
    """

    sides: tuple[str, str]
    leaves: tuple[Leaf, ...]
    drifts: Drifts
    holes: tuple[Hole, ...]
    tags: Mapping[Realm, Mapping[str, frozenset[str]]]
    wikis: Mapping[Realm, tuple[frozenset[str], frozenset[str]]] = MappingProxyType({})


def leaves(changes: Iterable[Change]) -> tuple[Leaf, ...]:
    """The parts of settings that change; the same part with the same values is one, whatever is around it."""
    held: dict[tuple[object, ...], list[Leaf]] = {}
    for change in changes:
        for leaf in _parts(change):
            key = leaf.setting, leaf.path, leaf.realm, _frozen(leaf.before), _frozen(leaf.after)
            held.setdefault(key, []).append(leaf)
    return tuple(_joined(group) for group in held.values())


def _joined(group: list[Leaf]) -> Leaf:
    first = group[0]
    wikis = tuple(sorted({wiki for leaf in group for wiki in leaf.wikis}))
    return Leaf(first.setting, first.path, first.realm, wikis, first.before, first.after, first.places)


def _frozen(value: Result | Missing) -> object:
    return id(value) if isinstance(value, Unknown) or has_unknown(value) else freeze(value)


def _parts(change: Change) -> Iterator[Leaf]:
    before, after = change.before, change.after
    if before is not MISSING and after is not MISSING:
        after = settled(before, after)
    found: tuple[Drift, ...] = ()
    if reach.is_array(before) and reach.is_array(after) and reach.array(before) and reach.array(after):
        found = tuple(part for part in diff(before, after) if part.kind is not Kind.UNDECIDED)
    if not 0 < len(found) <= _MOST_LEAVES or has_unknown(before) or has_unknown(after):
        places = first_place(before), first_place(after)
        yield Leaf(change.setting, "", change.realm, change.wikis, before, after, places)
        return
    for part in found:
        path = ".".join(map(str, part.path))
        places = (
            first_place(part.production, part.production_around, before),
            first_place(part.beta, part.beta_around, after),
        )
        yield Leaf(change.setting, path, change.realm, change.wikis, part.production, part.beta, places)


def drifts(before: Iterable[Finding], after: Iterable[Finding]) -> Drifts:
    """The findings of two reports by what became of them; a finding whose values moved is a changed one."""
    old = {finding.fingerprint: finding for finding in before}
    new = {finding.fingerprint: finding for finding in after}
    lost = [finding for key, finding in old.items() if key not in new]
    gained = [finding for key, finding in new.items() if key not in old]
    changed = []
    for finding in list(gained):
        was = next((other for other in lost if _about(other) == _about(finding)), None)
        if was is not None:
            lost.remove(was)
            gained.remove(finding)
            changed.append((was, finding))
    return Drifts(tuple(gained), tuple(lost), tuple(changed))


def _about(finding: Finding) -> tuple[str, str, str]:
    return finding.rule.id, finding.setting, finding.path


def named(wikis: Iterable[str], tags: Mapping[str, frozenset[str]], most: int = 4) -> str:
    """Wikis by the dblist that they are, but for a few; else their names, or the first and how many more there are."""
    wanted = frozenset(wikis)
    if len(wanted) <= most:
        return ", ".join(sorted(wanted))
    best: tuple[int, int, str] | None = None
    for tag, held in tags.items():
        lacking, beside = held - wanted, wanted - held
        if len(lacking) + len(beside) <= most and len(held) > most:
            rank = len(lacking) + len(beside), len(tag), _words(tag, len(held), sorted(lacking), sorted(beside))
            best = min(best, rank) if best is not None else rank
    if best is not None:
        return best[2]
    if len(every := ", ".join(sorted(wanted))) <= _SHORT:
        return every
    some = sorted(wanted)[:3]
    return f"{len(wanted)} wikis: {', '.join(some)} and {len(wanted) - len(some)} more"


def _words(tag: str, count: int, lacking: list[str], beside: list[str]) -> str:
    words = "all wikis" if tag == "" else f"all of dblist {tag}"
    if lacking:
        words += f" but {', '.join(lacking)}"
    if beside:
        words += f", and {', '.join(beside)}"
    return f"{words} ({count - len(lacking) + len(beside)})"
