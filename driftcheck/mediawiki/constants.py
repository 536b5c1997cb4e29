"""PHP constants that settings name: the tree's own copy of MediaWiki's Defines first, then a bundled table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Unknown, Value
from driftcheck.core.resources import table
from driftcheck.php.syntax import children, field, place, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.file import PhpFile


class Constants:
    """Answers a constant's name with its value, or None.

    The tree's Defines, the first of ``paths`` that is there, are parsed at the first question.
    """

    def __init__(self, optional: Callable[[str], PhpFile | None], paths: Callable[[], Iterable[str]]) -> None:
        self._optional, self._paths = optional, paths
        self._nodes: dict[str, Node] | None = None
        self._file: PhpFile | None = None
        self._bundled: dict[str, int | str] | None = None
        self._open: set[str] = set()
        self._known: dict[str, Result] = {}

    def __call__(self, name: str) -> Result | None:
        """A constant's value; None for a name that neither the tree nor the table has."""
        if self._nodes is None:
            self._file = next(filter(None, map(self._optional, self._paths())), None)
            self._nodes = _defines(self._file) if self._file is not None else {}
        node = self._nodes.get(name)
        if node is not None and self._file is not None:
            return self._evaluated(name, node, self._file)
        if self._bundled is None:
            self._bundled = table("constants")["constants"]
        assert self._bundled is not None
        return Value(self._bundled[name]) if name in self._bundled else None

    def _evaluated(self, name: str, node: Node, file: PhpFile) -> Result:
        from driftcheck.php.evaluator import Evaluator
        from driftcheck.php.surroundings import Surroundings

        if name in self._known:
            return self._known[name]
        if name in self._open:
            return Unknown(f"the constant {name} is defined by itself", file.source, place(node))
        self._open.add(name)
        try:
            self._known[name] = Evaluator(file, around=Surroundings(constants=self)).eval(node)
            return self._known[name]
        finally:
            self._open.discard(name)


def _defines(file: PhpFile) -> dict[str, Node]:
    """``define( 'X', 1 )`` and ``const X = 1`` of a file, the first of a name as PHP has it."""
    found: dict[str, Node] = {}
    for statement in file.find("expression_statement", "if_statement"):
        for call in children(statement):
            if call.type == "function_call_expression" and text(field(call, "function")).lower() == "define":
                arguments = [children(argument) for argument in children(field(call, "arguments") or call)]
                if len(arguments) > 1 and all(arguments[:2]) and arguments[0][0].type in ("string", "encapsed_string"):
                    found.setdefault(text(arguments[0][0])[1:-1], arguments[1][0])
    for declaration in file.find("const_declaration", "if_statement"):
        for element in children(declaration):
            parts = children(element)
            if len(parts) == 2:
                found.setdefault(text(parts[0]), parts[1])
    return found
