"""One parsed PHP file: its source, its tree, what names in it mean."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from driftcheck.php.names import Names
from driftcheck.php.syntax import check_depth, check_errors, check_marks, check_text, field, parse, place, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from driftcheck.core.model import Source, Value


class PhpFile:
    """One parsed PHP file: its source, its tree, and what follows from these alone, whoever evaluates it."""

    def __init__(self, source: Source) -> None:
        """Raises IncompleteError where the source is not text, too long, nested too deep, or no PHP at length."""
        check_text(source)
        root = parse(source.text)
        check_depth(source, root)
        check_errors(source, root)
        check_marks(source, root)
        self.source, self.root = source, root
        self.literals: dict[int, Value] = {}
        """The values of expressions that are literals alone, by their packed places: every scope has the same ones."""
        self.quiet: set[tuple[int, int]] = set()
        """The stretches, from a byte to another, that are known to write nothing."""

    @functools.cached_property
    def names(self) -> Names:
        """The namespace and the imports of the file."""
        return Names(self.root)

    def errors(self) -> Iterator[int]:
        """The packed place of each outermost stretch that is not PHP."""
        pending = [self.root] if self.root.has_error else []
        while pending:
            node = pending.pop()
            if node.is_error or node.is_missing:
                yield place(node)
            else:
                pending.extend(child for child in reversed(node.children) if child.has_error)

    def function(self, name: str) -> Node | None:
        """The declaration of a top-level function, also where an if surrounds it."""
        return self._functions.get(name)

    @functools.cached_property
    def _functions(self) -> dict[str, Node]:
        return {text(field(node, "name")): node for node in self.find("function_definition", "if_statement")}

    def find(self, kind: str, *within: str) -> Iterator[Node]:
        """Nodes of one kind among the file's statements, also inside statements of the kinds ``within``."""
        pending = list(reversed(self.root.named_children))
        opened = {"compound_statement", "declaration_list", "namespace_definition", *within}
        while pending:
            node = pending.pop()
            if node.type == kind:
                yield node
            elif node.type in opened:
                pending.extend(reversed(node.named_children))

    def node_at(self, start: int, end: int) -> Node | None:
        """The smallest named node that spans these bytes."""
        return self.root.named_descendant_for_byte_range(start, end)
