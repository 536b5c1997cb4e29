"""Edits of mediawiki-config for the rules of its settings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.model import MISSING, Op, Value
from driftcheck.layers.extension.rules.shape import meant_option
from driftcheck.repair import adding, elements
from driftcheck.repair.edits import Change, Removal
from driftcheck.repair.literals import literal
from driftcheck.repair.proposals import Proposal
from driftcheck.statistics.formula import orientation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    from driftcheck.core.finding import Finding, Side
    from driftcheck.core.model import Span
    from driftcheck.repair.edits import Edit
    from driftcheck.repair.proposals import Files

    Maker = Callable[["Site"], Iterator[Proposal]]

_MEANT = re.compile(r"did you mean (\w+)\?")
_LIMITS = {"min": b"0", "max": b"1"}
"""What a bound is that leaves everything to the other one."""


class Place:
    """A place of a finding in a file of PHP: the array elements that lead to it, or the statement that it is part of."""

    def __init__(self, files: Files, span: Span) -> None:
        self.path = span.path
        file = files.php(span.path)
        self.text = file.source.text
        start, end = elements.offsets(file.source, span)
        self.node = elements.node_at(file.root, start, end)
        self.chain = elements.chain(self.node) if self.node is not None else []
        self.statement = elements.statement(self.node) if self.node is not None and not self.chain else None

    def removal(self, depth: int) -> Removal | None:
        """The removal of the element at a depth of the chain (0 is the setting's row, 1 a selector of it), or of the statement."""
        if self.chain:
            node = self.chain[min(depth, len(self.chain) - 1)]
            return Removal(self.path, node.start_byte, node.end_byte, around=node is not self.chain[0])
        if self.statement is None:
            return None
        return Removal(self.path, self.statement.start_byte, self.statement.end_byte, around=True)

    def named(self, key: str) -> Node | None:
        """The innermost element around the place with a key."""
        return next((node for node in reversed(self.chain[2:]) if elements.key(node) == key), None)

    def replaced(self, node: Node, new: bytes) -> Change:
        """Another text for a node."""
        return Change(self.path, node.start_byte, node.end_byte, new)


class Site:
    """A finding with its places."""

    def __init__(self, finding: Finding, files: Files) -> None:
        self.finding, self.files = finding, files
        self.path = finding.path.split(".") if finding.path else []

    @property
    def dotted(self) -> str:
        """The setting with the path to the part that the finding is about."""
        return ".".join((self.finding.setting, *self.path))

    def in_beta(self) -> list[Place]:
        """What only beta reads of the finding's places, and of the steps to beta's value."""
        beta = self.finding.beta
        steps = [step.span for step in beta.steps if step.op in (Op.OVERRIDE, Op.ASSIGN)]
        related = [place.span for place in self.finding.related]
        spans = [
            span for span in (beta.span, *steps, *related) if span is not None and span.path in self.files.beta_only
        ]
        return self._places(spans)

    def said(self) -> list[Place]:
        """What only beta reads of the places that the finding names."""
        spans = [location.span for location in self.finding.locations]
        return self._places([span for span in spans if span.path in self.files.beta_only])

    def own(self) -> list[Place]:
        """Every place of a finding about one realm."""
        return self._places([location.span for location in self.finding.locations])

    def production(self) -> Place | None:
        """Where production has its value, if that is in the tree."""
        span = self.finding.production.span
        return self._place(span) if span is not None else None

    def _places(self, spans: list[Span]) -> list[Place]:
        """One place for each element or statement."""
        found: dict[object, Place] = {}
        for span in spans:
            place = self._place(span)
            if place is not None:
                at = (place.chain[1:2] or place.chain[:1])[0] if place.chain else place.statement
                found.setdefault((place.path, at and at.id), place)
        return list(found.values())

    def _place(self, span: Span) -> Place | None:
        if not span.path.endswith(".php") or self.files.tree.blob_id(span.path) is None:
            return None
        place = Place(self.files, span)
        return place if place.chain or place.statement is not None else None


def _edits(*edits: Edit | None) -> tuple[Edit, ...]:
    return tuple(edit for edit in edits if edit is not None)


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
        yield Proposal(f"{what} {named} of {name}", _edits(*(place.removal(1) for place in places)), (site.dotted,))
    if any(place.chain for place in places):
        yield Proposal(f"delete beta's row {name}", _edits(*(place.removal(0) for place in places)), (site.dotted,))
    else:
        yield Proposal(
            f"delete beta's assignment of {name}", _edits(*(place.removal(0) for place in places)), (site.dotted,)
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
    """What has no effect goes: no value changes by it."""
    places = site.in_beta()
    for depth, what in ((1, "delete what has no effect"), (0, "delete the row, which has no effect")):
        edits = _edits(*(place.removal(depth) for place in places))
        if edits:
            yield Proposal(what, edits)


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
    edits = _edits(*(place.removal(1) for place in site.own() if len(place.chain) > 1))
    if edits:
        yield Proposal("delete what is configured where the extension is not loaded", edits, (site.dotted,))


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
            edits += _edits(place.removal(0))
    if edits:
        yield Proposal("delete what is redundant", tuple(edits))


def unselected(site: Site) -> Iterator[Proposal]:
    """A selector that selects nothing goes."""
    edits = _edits(*(place.removal(1) for place in site.said() if len(place.chain) > 1))
    if edits:
        yield Proposal(f"delete the selector {site.finding.path}, which selects nothing", edits)


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
        yield Proposal(told, (place.replaced(node, raw[:1] + b"-" + raw[1:]),), (finding.setting,))
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
            yield Proposal(f"give beta's row a key for {', '.join(finding.wikis)}", tuple(edits), (finding.setting,))


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
    gone = _edits(*(place.removal(0) for place in places))
    if gone:
        yield Proposal(f"delete {site.finding.setting}, which nothing reads", gone, (site.finding.setting,))


def _each(*makers: Maker) -> Maker:
    def made(site: Site) -> Iterator[Proposal]:
        for maker in makers:
            yield from maker(site)

    return made


_FOLLOWED, _COPIED = _each(followed, copied), _each(copied, followed)
_SWITCHED = _each(switched, copied)
MAKERS: dict[str, Maker] = {
    "model-off-in-beta": _FOLLOWED,
    "model-only-in-beta": _FOLLOWED,
    "model-option-drift": _COPIED,
    "extension-off-in-beta": _SWITCHED,
    "extension-only-in-beta": _SWITCHED,
    "threshold-drift": _FOLLOWED,
    "setting-drift": _FOLLOWED,
    "override-defeated": dropped,
    "unknown-option": renamed_option,
    "illegal-model-name": renamed_model,
    "threshold-orientation": turned,
    "threshold-missing-bound": bounded,
    "threshold-for-disabled-model": unconfigured,
    "extension-default-leak": mentioned,
    "dead-config": unloaded,
    "override-redundant": redundant,
    "override-shadowed": pinned,
    "override-unread": unread,
    "selector-unknown": unselected,
}
"""What is tried for each rule, in order."""


def proposals(finding: Finding, files: Files) -> Iterator[Proposal]:
    """What might remove a finding of a rule that MAKERS names."""
    yield from MAKERS[finding.rule.id](Site(finding, files))
