"""Where a finding stands in mediawiki-config: the array elements, or the statement, that each of its places is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Op
from driftcheck.repair import elements
from driftcheck.repair.edits import Change, Removal

if TYPE_CHECKING:
    from tree_sitter import Node

    from driftcheck.core.finding import Finding
    from driftcheck.core.model import Span
    from driftcheck.repair.edits import Edit
    from driftcheck.repair.proposals import Files


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


def edits_of(*edits: Edit | None) -> tuple[Edit, ...]:
    """The edits that there are."""
    return tuple(edit for edit in edits if edit is not None)
