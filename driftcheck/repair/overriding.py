"""Edits of what beta has of its own: its overlay's rows and selectors, and the statements of its CommonSettings file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.model import MISSING, Value
from driftcheck.layers.extension.pages.drift import OVERRIDE_DEFEATED
from driftcheck.repair import adding, elements
from driftcheck.repair.edits import Removal
from driftcheck.repair.literals import literal
from driftcheck.repair.proposals import Proposal
from driftcheck.repair.sites import edits_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from driftcheck.core.finding import Side
    from driftcheck.repair.edits import Edit
    from driftcheck.repair.sites import Place, Site

_MEANT = re.compile(r"did you mean (\w+)\?")


def followed(site: Site) -> Iterator[Proposal]:
    """What beta's overlay has of its own goes: the selector, else the whole row; or the statement that assigns."""
    places = site.in_beta()
    if not places:
        return
    name = elements.key(places[0].chain[0]) if places[0].chain else site.finding.setting
    what = "delete beta's selector" if len(places) == 1 else "delete beta's selectors"
    selectors = [elements.key(place.chain[1]) for place in places if len(place.chain) > 1]
    if selectors:
        named = ", ".join(selectors)
        yield Proposal(f"{what} {named} of {name}", edits_of(*(place.removal(1) for place in places)), (site.dotted,))
    if any(place.chain for place in places):
        yield Proposal(f"delete beta's row {name}", edits_of(*(place.removal(0) for place in places)), (site.dotted,))
    else:
        yield Proposal(
            f"delete beta's assignment of {name}", edits_of(*(place.removal(0) for place in places)), (site.dotted,)
        )


def switched(site: Site) -> Iterator[Proposal]:
    """As ``followed``, of an extension's switch or loading."""
    yield from (proposal._replace(switches=True) for proposal in followed(site))


def copied(site: Site) -> Iterator[Proposal]:
    """Beta's part becomes production's, in the line that beta has."""
    new = _production_text(site)
    for place in site.in_beta()[:1]:
        if not site.path and len(place.chain) == 2 and new is not None:
            value = elements.value_node(place.chain[1])
            yield Proposal("copy production's value to beta", (place.replaced(value, new),), (site.dotted,))
        if site.path:
            yield from _copied_part(site, place, new)


def _copied_part(site: Site, place: Place, new: bytes | None) -> Iterator[Proposal]:
    """A model's switch or option, a level of thresholds, or another part of a map."""
    *_, last = site.path
    told, paths = f"copy production's {'.'.join(site.path)} to beta", (site.dotted,)
    element = place.named(last)
    if element is not None:
        if site.finding.production.value is MISSING:
            removal = Removal(place.path, element.start_byte, element.end_byte)
            yield Proposal(f"delete beta's {'.'.join(site.path)}", (removal,), paths)
        elif new is not None:
            yield Proposal(told, (place.replaced(elements.value_node(element), new),), paths)
        return
    outer = place.named(site.path[-2]) if len(site.path) > 1 else None
    value = elements.value_node(outer) if outer is not None else None
    if value is None or new is None:
        return
    if value.type == elements.ARRAY:
        there = elements.element(value, last)
        edit = (
            adding.added(place.path, place.text, value, b"'" + last.encode() + b"' => " + new)
            if there is None
            else place.replaced(elements.value_node(there), new)
        )
        yield Proposal(told, (edit,), paths)
    elif last == "enabled":
        yield Proposal(told, (place.replaced(value, new),), paths)


def _production_text(site: Site) -> bytes | None:
    """Production's value as it stands in the file, or as PHP has it; None where it hangs on variables or is not known."""
    side = site.finding.production
    place = site.production()
    node = place.node if place is not None and place.chain else None
    if place is not None and node is not None and not elements.reads_variables(node) and _is_value(site, side, node):
        return adding.moved(place.text, node, b"\t")
    return literal(side.value)


def _is_value(site: Site, side: Side, node: Node) -> bool:
    """Whether the place of production's value is the value itself, and not an array around it."""
    parent = node.parent
    return (
        isinstance(side.value, Value)
        and parent is not None
        and parent.type == elements.ELEMENT
        and elements.value_node(parent).id == node.id
        and (not site.path or elements.key(parent) == site.path[-1])
    )


def dropped(site: Site) -> Iterator[Proposal]:
    """What has no effect goes: no value changes by it where anything reads it. What only comes too late has one."""
    places = site.in_beta() if site.finding.rule.fix == OVERRIDE_DEFEATED.fix else []
    for depth, what in ((1, "delete what has no effect"), (0, "delete the row, which has no effect")):
        edits = edits_of(*(place.removal(depth) for place in places))
        if edits:
            yield Proposal(what, edits, (site.dotted,))


def redundant(site: Site) -> Iterator[Proposal]:
    """The row, the selectors that the path names, or the statement goes; no value changes by it."""
    edits: list[Edit] = []
    for place in site.said():
        if place.chain and site.finding.path:
            row, array = elements.key(place.chain[0]), elements.value_node(place.chain[0])
            found = [elements.element(array, name) for name in site.finding.path.split(", ")]
            # A row that replaces production's still does so where nothing is left in it.
            around = not row.startswith("-")
            edits += [Removal(place.path, node.start_byte, node.end_byte, around) for node in found if node is not None]
        else:
            edits += edits_of(place.removal(0))
    if edits:
        yield Proposal("delete what is redundant", tuple(edits))


def unselected(site: Site) -> Iterator[Proposal]:
    """A selector that selects nothing goes, and so does a row without selectors."""
    setting, selector = site.finding.setting, site.finding.path
    edits = edits_of(*(place.removal(1) for place in site.said() if len(place.chain) > bool(selector)))
    if edits and selector:
        yield Proposal(f"delete the selector {selector}, which selects nothing", edits)
    elif edits:
        yield Proposal(f"delete the row {setting}, which no wiki has", edits, (setting,))


def pinned(site: Site) -> Iterator[Proposal]:
    """Beta's row replaces production's as a whole; or it has a key of its own for each wiki on which production's wins."""
    finding = site.finding
    for place in site.said()[:1]:
        row = place.chain[0] if len(place.chain) > 1 else None
        node = row and elements.key_node(row)
        if row is None or node is None:
            return
        raw = place.text[node.start_byte : node.end_byte]
        told = f"make beta's row -{finding.setting}, which replaces production's"
        yield Proposal(told, (place.replaced(node, raw[:1] + b"-" + raw[1:]),), (finding.setting,), carries=True)
        losers = list(reach.array(finding.beta.value))
        loser = elements.element(elements.value_node(row), str(losers[0])) if len(losers) == 1 else None
        if loser is not None:
            value = elements.value_node(loser)
            new = place.text[value.start_byte : value.end_byte]
            array = elements.value_node(row)
            edits = [
                adding.added(place.path, place.text, array, b"'" + wiki.encode() + b"' => " + new)
                for wiki in finding.wikis
                if elements.element(array, wiki) is None
            ]
            told = f"give beta's row a key for {', '.join(finding.wikis)}"
            yield Proposal(told, tuple(edits), (finding.setting,), carries=True)


def unread(site: Site) -> Iterator[Proposal]:
    """A setting that nothing reads gets the name that is meant, or goes."""
    meant = _MEANT.search(site.finding.message)
    places = site.in_beta()
    rows = [
        (place, node) for place in places if place.chain and (node := elements.key_node(place.chain[0])) is not None
    ]
    if meant is not None and rows:
        edits = tuple(
            place.replaced(
                node, re.sub(rb"\w+", meant[1].encode(), place.text[node.start_byte : node.end_byte], count=1)
            )
            for place, node in rows
        )
        yield Proposal(f"rename {site.finding.setting} to {meant[1]}", edits, (site.finding.setting, meant[1]))
    gone = edits_of(*(place.removal(0) for place in places))
    if gone:
        yield Proposal(f"delete {site.finding.setting}, which nothing reads", gone, (site.finding.setting,))
