"""The settings that decide whether a statement runs: those that the conditions around it ask."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.php.syntax import ancestors, field, search, text

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping, Sequence

    from tree_sitter import Node

    from driftcheck.core.model import Source, Span
    from driftcheck.php.file import PhpFile

_CONDITIONAL = ("if_statement", "else_if_clause")
_INCLUDING = re.compile(rb"\b(?:include|require)(?:_once)?\b", re.IGNORECASE)


class Guards:
    """Finds them in the files of a tree, where ``tables`` have the settings.

    ``parses`` may have files of other trees too, of the same paths; ``read`` gives the tree's own.
    """

    def __init__(
        self, parses: Mapping[Source, PhpFile], read: Callable[[str], Source | None], tables: Sequence[Container[str]]
    ) -> None:
        self._parses, self._read, self._tables = parses, read, tables
        self._found: dict[Span, list[str]] = {}
        self._roots: dict[str, Node | None] = {}
        self._sites: dict[str, list[tuple[str, Node]]] | None = None

    def of(self, at: Span) -> list[str]:
        """The settings that the conditions around a statement ask, the innermost first, each once."""
        if at not in self._found:
            root = self._root(at.path)
            points = (at.line - 1, at.column - 1), (at.end_line - 1, at.end_column - 1)
            node = None if root is None else root.named_descendant_for_point_range(*points)
            self._found[at] = list(dict.fromkeys(self._around(node, at.path, frozenset()))) if node else []
        return self._found[at]

    def _root(self, path: str) -> Node | None:
        """The tree of a file: that of the text that the tree has, which may be read again as another source."""
        if path not in self._roots:
            own = self._read(path)
            held = (file for source, file in self._parses.items() if source.path == path)
            self._roots[path] = next((file.root for file in held if own and file.source.text == own.text), None)
        return self._roots[path]

    def _around(self, node: Node, path: str, behind: frozenset[str]) -> Iterator[str]:
        """Those in the file, then those around the statement that includes the file; ``behind`` are the files before."""
        for around in ancestors(node):
            condition = field(around, "condition") if around.type in _CONDITIONAL else None
            if condition is not None:
                variables = search("(variable_name) @variable", condition).get("variable", [])
                names = (text(variable)[1:] for variable in variables)
                yield from (name for name in names if any(name in table for table in self._tables))
        sites = self._included().get(path.rpartition("/")[2], [])
        if len(sites) == 1 and path not in behind:
            yield from self._around(sites[0][1], sites[0][0], behind | {path})

    def _included(self) -> dict[str, list[tuple[str, Node]]]:
        """By the name of a file the statements that include it by that name, each with its own path."""
        if self._sites is None:
            self._sites = {}
            for path in dict.fromkeys(source.path for source in self._parses):
                root = self._root(path)
                for node in _inclusions(root) if root is not None else ():
                    names = search("(string_content) @name", node).get("name", [])
                    if names:
                        name = text(names[-1]).rpartition("/")[2]
                        self._sites.setdefault(name, []).append((path, node))
        return self._sites


def _inclusions(root: Node) -> Iterator[Node]:
    """The expressions of a file that include another one: a word is looked for much sooner than a kind of node."""
    for match in _INCLUDING.finditer(root.text or b""):
        word = root.descendant_for_byte_range(root.start_byte + match.start(), root.start_byte + match.end())
        if word is not None and not word.is_named and word.parent is not None:
            yield word.parent
