"""Edits of what is wrong in one realm: options, names, thresholds, and what is configured for nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.layers.extension.rules.shape import meant_option
from driftcheck.repair import adding, elements
from driftcheck.repair.edits import Removal
from driftcheck.repair.proposals import Proposal
from driftcheck.repair.sites import edits_of
from driftcheck.statistics.formula import orientation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from driftcheck.repair.edits import Edit
    from driftcheck.repair.sites import Place, Site

_LIMITS = {"min": b"0", "max": b"1"}
"""What a bound is that leaves everything to the other one."""


def renamed_option(site: Site) -> Iterator[Proposal]:
    """An option that nobody reads gets the name that is meant, or goes."""
    *_, model, option = site.path
    meant, whole = meant_option(option), site.finding.setting
    places = [place for place in site.own() if place.named(option) is not None]
    elements_of = [(place, element) for place in places if (element := place.named(option)) is not None]
    if not elements_of:
        return
    if meant is not None:
        edits = [_renamed(place, element, meant) for place, element in elements_of]
        paths = (f"{whole}.{model}.{option}", f"{whole}.{model}.{meant}")
        yield Proposal(f"rename the option {option} to {meant}", tuple(edits), paths)
    removals = tuple(Removal(place.path, element.start_byte, element.end_byte) for place, element in elements_of)
    yield Proposal(f"delete the option {option}, which nothing reads", removals, (f"{whole}.{model}.{option}",))


def _renamed(place: Place, element: Node, name: str) -> Edit:
    node = elements.key_node(element)
    assert node is not None
    beside = elements.element(element.parent, name) if element.parent is not None else None
    if beside is not None:
        return Removal(place.path, element.start_byte, element.end_byte)
    raw = place.text[node.start_byte : node.end_byte]
    return place.replaced(node, raw[:1] + name.encode() + raw[-1:])


def renamed_model(site: Site) -> Iterator[Proposal]:
    """A model's name without the characters that none has."""
    name = site.path[0]
    meant = re.sub(r"[^a-z]", "", name.lower())
    found = [(place, element) for place in site.own() if (element := place.named(name)) is not None]
    if meant and found:
        edits = tuple(_renamed(place, element, meant) for place, element in found)
        setting = site.finding.setting
        yield Proposal(f"rename the model {name} to {meant}", edits, (f"{setting}.{name}", f"{setting}.{meant}"))


def turned(site: Site) -> Iterator[Proposal]:
    """A formula moves to the bound that its level uses; the other bound leaves everything to it."""
    model, level, bound = site.path
    used = orientation(model, level)
    edits: list[Edit] = []
    for place in site.own():
        array = place.named(level)
        bounds = {name: array and elements.element(elements.value_node(array), name) for name in _LIMITS}
        wrong, right = bounds.get(bound), bounds.get(used or "")
        if used is None or wrong is None or right is None:
            return
        formula, other = elements.value_node(wrong), elements.value_node(right)
        if other.type in ("string", "encapsed_string"):
            return
        edits.append(place.replaced(other, place.text[formula.start_byte : formula.end_byte]))
        edits.append(place.replaced(formula, _LIMITS[bound]))
    if edits:
        yield Proposal(
            f"put the formula of {model}.{level} on {used}", tuple(edits), (f"{site.finding.setting}.{model}.{level}",)
        )


def bounded(site: Site) -> Iterator[Proposal]:
    """The bound that a level does not use is the one that leaves everything to the other."""
    model, level, bound = site.path
    if orientation(model, level) in (None, bound):
        return
    edits = [
        adding.added(
            place.path, place.text, elements.value_node(array), b"'" + bound.encode() + b"' => " + _LIMITS[bound]
        )
        for place in site.own()
        if (array := place.named(level)) is not None and elements.value_node(array).type == elements.ARRAY
    ]
    if edits:
        yield Proposal(f"add the {bound} of {model}.{level}", tuple(edits), (site.dotted,))


def mentioned(site: Site) -> Iterator[Proposal]:
    """The model that an array leaves out is put in, off or on as the other realm has it."""
    model = site.path[0]
    arrays = [
        (place, elements.value_node(place.chain[1]))
        for place in site.own()
        if len(place.chain) > 1 and elements.value_node(place.chain[1]).type == elements.ARRAY
    ]
    for switch in ("false", "true") if arrays else ():
        new = f"'{model}' => {switch}".encode()
        edits = tuple(adding.added(place.path, place.text, array, new) for place, array in arrays)
        yield Proposal(f"add {model} => {switch} to the array", edits, (f"{site.finding.setting}.{model}",))


def unconfigured(site: Site) -> Iterator[Proposal]:
    """What is configured for a model that is off goes."""
    model = site.path[0]
    found = [(place, element) for place in site.own() if (element := place.named(model)) is not None]
    if found:
        removals = tuple(Removal(place.path, element.start_byte, element.end_byte) for place, element in found)
        yield Proposal(f"delete the thresholds of {model}", removals, (site.dotted,))


def unloaded(site: Site) -> Iterator[Proposal]:
    """What is configured for a wiki that does not load the extension goes."""
    edits = edits_of(*(place.removal(1) for place in site.own() if len(place.chain) > 1))
    if edits:
        yield Proposal("delete what is configured where the extension is not loaded", edits, (site.dotted,))
