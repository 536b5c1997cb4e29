"""The statements of beta's own CommonSettings file: what each assigns or loads, what it leaves behind, and whether that is new."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core.diff import identical
from driftcheck.core.model import Value
from driftcheck.php.run.worlds import Facets
from driftcheck.php.syntax import children, field, place, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from driftcheck.core.model import Missing, Result, Span
    from driftcheck.php.run.frames import Code
    from driftcheck.php.run.machine import Outcomes
    from driftcheck.php.run.worlds import Content, Slot

_LOADING = {"wfLoadExtension": "extension", "wfLoadSkin": "skin"}
_BLOCKS = ("program", "compound_statement", "colon_block", "if_statement", "else_clause", "else_if_clause")


class Statement(NamedTuple):
    """A statement that assigns ``name``, or its element at ``path``, or that loads ``extension:NAME``.

    ``idle`` says that everything is as before it in each world, for it changes nothing there or does not run there. ``left`` is what the
    variable holds behind it in each world; MISSING where it does not run.
    """

    name: str
    path: tuple[str, ...]
    span: Span
    idle: bool
    left: list[Result | Missing]


class Overriding:
    """Watches the statements of one file while it runs."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._code: Code | None = None
        self._changing: set[tuple[int, int]] = set()
        self._lost: list[tuple[int, int]] = []
        self.left: dict[int, list[tuple[int, Slot, Content]]] = {}
        """What statements wrote, by the byte at which they begin: worlds, slot and content."""

    def ran(self, code: Code, node: Node, outcomes: Outcomes) -> None:
        """Note whether what is about to be written differs from what is there."""
        if code.path != self._path:
            return
        self._code = code
        for mask, writes in outcomes:
            for slot, content in writes.items():
                self.left.setdefault(node.start_byte, []).append((mask, slot, content))
                if not _holds(slot, mask, content):
                    self._changing.add((node.start_byte, node.end_byte))

    def lost(self, code: Code, nodes: list[Node]) -> None:
        """Note that something about these statements is not known."""
        if code.path == self._path:
            self._lost += [(node.start_byte, node.end_byte) for node in nodes]

    def statements(self) -> Iterator[tuple[Node, str, tuple[str, ...], Span, bool]]:
        """Each statement outside loops and functions with what it assigns or loads, its place, and whether it is idle."""
        if self._code is None:
            return
        for node in _statements(self._code.file.root):
            for name, path in _targets(children(node)[0] if children(node) else None):
                yield node, name, path, self._code.source.span(place(node)), self._idle(node)

    def _idle(self, node: Node) -> bool:
        within = any(start <= node.start_byte < end for start, end in self._lost)
        return (node.start_byte, node.end_byte) not in self._changing and not within


def _holds(slot: Slot, mask: int, content: Content) -> bool:
    """Whether a slot holds a content already, in all worlds of a mask."""
    parts = content.facets if isinstance(content, Facets) else ((mask, content),)
    return all(_same(before, after) for some, after in parts for worlds, before in slot.facets if worlds & some & mask)


def _same(before: Content, after: Content) -> bool:
    if not isinstance(before, Value) or not isinstance(after, Value):
        return before is after
    based = [getattr(held.data, "base", "") for held in (before, after)]
    return based[0] == based[1] and identical(before, after)


def _statements(node: Node) -> Iterator[Node]:
    for child in node.named_children:
        if child.type == "expression_statement":
            yield child
        elif child.type in _BLOCKS:
            yield from _statements(child)


def _targets(node: Node | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What an expression assigns, or loads."""
    while node is not None and node.type in ("assignment_expression", "augmented_assignment_expression"):
        left = field(node, "left")
        target = _target(left) if left is not None else None
        if target is not None:
            yield target
        node = field(node, "right")
    if node is not None and node.type == "function_call_expression":
        kind, called = _LOADING.get(text(field(node, "function"))), field(node, "arguments")
        names = children(called) if called is not None else []
        if kind and names:
            yield f"{kind}:{_word(names[0])}", ()


def _target(node: Node) -> tuple[str, tuple[str, ...]] | None:
    """The variable that is assigned and the keys in it; None for anything else."""
    keys: list[str] = []
    while node.type == "subscript_expression":
        parts = children(node)
        keys.append(_word(parts[1]) if len(parts) > 1 else "[]")
        node = parts[0]
    return (text(node)[1:], tuple(reversed(keys))) if node.type == "variable_name" else None


def _word(node: Node) -> str:
    """A key or a name as people write it: a literal without its quotes."""
    return text(node).strip("'\" ")
