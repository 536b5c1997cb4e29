"""Which statements of a file of thousands matter to a few variables."""

from __future__ import annotations

import functools
import re
from itertools import islice
from typing import TYPE_CHECKING

from driftcheck.core.model import IncompleteError, pack
from driftcheck.php.reading import only_read
from driftcheck.php.syntax import ancestors, children, places
from driftcheck.php.writes import leaves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tree_sitter import Node

    from driftcheck.php.file import PhpFile

# A name that is worked out, and a call that writes any variable, in lower case: what begins plainly is found soonest.
_WORKED_OUT = re.compile(rb"\$(?:\$[a-z_{]|\{\s*[^a-z_\s]|globals\s*\[\s*[^'\"\s])")
_WRITES_ANY = re.compile(rb"(?<!\w)(?:extract\s*\((?!\s*\$globals\b)|parse_str\b|eval\s*\()")
_WRITING_ANY = (b"extract", b"parse_str", b"eval")
_VARIABLE = re.compile(rb"\$(?:GLOBALS\[\s*['\"])?([A-Za-z_]\w*)")
_BODIES = {"function_definition", "anonymous_function", "arrow_function", "method_declaration"}
_BLOCKS = {"program", "compound_statement", "colon_block"}
_DEEPEST = 200
_WRITERS = {"assignment_expression", "augmented_assignment_expression", "reference_assignment_expression"}
_WRITING = {"update_expression", "unset_statement", "list_literal", "foreach_statement", "pair", "by_ref"}


@functools.lru_cache(maxsize=8)
def _mentions(file: PhpFile) -> Mapping[str, list[int]]:
    """Where a file spells each variable."""
    found: dict[str, list[int]] = {}
    for match in _VARIABLE.finditer(file.source.text):
        found.setdefault(match[1].decode(), []).append(match.start(1))
    return found


@functools.lru_cache(maxsize=8)
def _is_plain(file: PhpFile) -> bool:
    """Whether nothing in a file writes by a name that is worked out, or ends it early."""
    code = file.source.text.lower()
    wild = _WORKED_OUT.search(code) or any(_WRITES_ANY.match(code, at) for at in places(code, *_WRITING_ANY))
    return not wild and not leaves(file.root)


def reads_only(file: PhpFile, wanted: Callable[[str], bool]) -> bool:
    """Whether a file writes none of the variables that somebody wants, wherever it spells them."""
    return all(
        only_read(file.node_at(offset, offset + 1))
        for name, offsets in _mentions(file).items()
        if wanted(name)
        for offset in offsets
    )


class Slice:
    """The statements of one file that matter, by the byte at which they begin, and the variables they mention."""

    def __init__(self, file: PhpFile) -> None:
        self.file = file
        self.starts: set[int] = set()
        self.names: set[str] = set()
        self._mentions = _mentions(file)

    def mentioned(self, wanted: Callable[[str], bool]) -> set[str]:
        """The variables of the file that somebody wants."""
        return {name for name in self._mentions if wanted(name)}

    def writes(self, wanted: Callable[[str], bool]) -> bool:
        """Whether the file assigns a variable that somebody wants."""
        return any(next(self._targets(name), None) is not None for name in self.mentioned(wanted))

    def take(self, name: str) -> None:
        """Add every statement that assigns a variable, as a whole or in part."""
        for offset in self._targets(name):
            self.take_at(offset)

    def _targets(self, name: str) -> Iterator[int]:
        """Where a variable is assigned."""
        for offset in self._mentions.get(name, ()):
            node = self.file.node_at(offset, offset + 1)
            if node is not None and _is_target(node):
                yield offset

    def take_text(self, pattern: bytes) -> bool:
        """Add every statement with this text in it; whether there is one."""
        found = False
        for match in re.finditer(re.escape(pattern), self.file.source.text):
            self.take_at(match.start())
            found = True
        return found

    def take_at(self, offset: int) -> None:
        """Add the statement around a byte, with the guards around it, unless it is in a body that does not run here.

        Raises IncompleteError where the code is nested too deeply.
        """
        node = self.file.node_at(offset, offset + 1)
        if node is None or node.type == "comment":
            return
        around = [node, *islice(ancestors(node), _DEEPEST)]
        if len(around) > _DEEPEST:
            place = self.file.source.span(pack(node.start_byte, node.end_byte))
            raise IncompleteError(f"{place}: nested more than {_DEEPEST} levels deep; flatten it, then run again")
        if any(outer.type in _BODIES for outer in around):
            return
        statements = [n for n in around if n.parent is not None and n.parent.type in _BLOCKS]
        self.starts.update(statement.start_byte for statement in statements)
        self.starts.update(n.start_byte for n in around if n.type in _BLOCKS or n.type.startswith("else"))
        if statements:
            innermost = statements[0]
            self._mention(innermost.start_byte, innermost.end_byte)
            for outer in around:
                if outer.type in ("if_statement", "else_if_clause"):
                    condition = outer.child_by_field_name("condition")
                    if condition is not None:
                        self._mention(condition.start_byte, condition.end_byte)

    def follows(self, names: Iterable[str]) -> bool:
        """Whether the statements that were taken are all that could write these variables.

        Every other place that spells one of them only reads it, and nothing in the file writes by a name that is worked out,
        or ends it early.
        """
        return _is_plain(self.file) and all(
            self._taken(offset) or only_read(self.file.node_at(offset, offset + 1))
            for name in names
            for offset in self._mentions.get(name, ())
        )

    def _taken(self, offset: int) -> bool:
        """Whether a byte stands in an assignment that was taken."""
        node = self.file.node_at(offset, offset + 1)
        while node is not None and node.type != "expression_statement":
            node = node.parent
        return node is not None and node.start_byte in self.starts and _is_assignment(node)

    def _mention(self, start: int, end: int) -> None:
        self.names.update(m[1].decode() for m in _VARIABLE.finditer(self.file.source.text, start, end))

    @property
    def statements(self) -> list[Node]:
        """The statements at the top of the file that matter."""
        return [node for node in self.file.root.named_children if node.start_byte in self.starts]


def _is_assignment(statement: Node) -> bool:
    """Whether a statement is one assignment, whose value assigns nothing."""
    parts = children(statement)
    return len(parts) == 1 and parts[0].type in ("assignment_expression", "augmented_assignment_expression")


def _is_target(node: Node) -> bool:
    """Whether a variable, or an element of it, is written here."""
    current = node if node.type == "variable_name" or node.parent is None else node.parent
    while True:
        parent = current.parent
        if parent is None:
            return False
        if parent.type == "subscript_expression" and parent.named_children[0].id == current.id:
            current = parent
        elif parent.type in _WRITERS:
            left = parent.child_by_field_name("left")
            return left is not None and left.id == current.id
        else:
            return parent.type in _WRITING
