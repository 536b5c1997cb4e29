"""What a name in a file means: by its namespace and its imports, as PHP resolves names at compile time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.php.syntax import children, field, text
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node


class Names:
    """The namespace and the imports of one file. Several namespaces in one file are not followed."""

    def __init__(self, root: Node) -> None:
        self._imports: dict[tuple[str, str], str] = {}
        self._namespace = ""
        self._several = False
        definitions = [node for node in root.named_children if node.type == "namespace_definition"]
        if definitions:
            self._namespace = text(field(definitions[0], "name"))
            self._several = len(definitions) > 1
        for parent in [root, *(body for node in definitions if (body := field(node, "body")) is not None)]:
            for node in parent.named_children:
                if node.type == "namespace_use_declaration":
                    self._imports.update(_imports(node))

    @property
    def namespace(self) -> str:
        """The namespace, without a backslash at either end. Raises NotEvaluated in a file with several."""
        if self._several:
            raise NotEvaluated("a file with several namespaces")
        return self._namespace

    def class_name(self, name: str) -> str:
        """The full name of a class, without a leading backslash; its case stays."""
        if name.startswith("\\"):
            return name[1:]
        if name.lower().startswith("namespace\\"):
            return self._own(name[len("namespace\\") :])
        return self._by_import("class", name) or self._own(name)

    def functions(self, name: str) -> tuple[str, ...]:
        """The functions that a call can mean, in lower case, the first that exists is meant."""
        return tuple(candidate.lower() for candidate in self._candidates("function", name))

    def constants(self, name: str) -> tuple[str, ...]:
        """The constants that a name can mean, their namespaces in lower case; the first that exists is meant."""
        return tuple(map(constant_name, self._candidates("const", name)))

    def _candidates(self, kind: str, name: str) -> tuple[str, ...]:
        if name.startswith("\\"):
            return (name[1:],)
        if name.lower().startswith("namespace\\"):
            return (self._own(name[len("namespace\\") :]),)
        if "\\" in name:
            return (self.class_name(name),)
        imported = self._imports.get((kind, name if kind == "const" else name.lower()))
        if imported is not None:
            return (imported,)
        return (self._own(name), name) if self.namespace else (name,)

    def _by_import(self, kind: str, name: str) -> str | None:
        head, separator, rest = name.partition("\\")
        target = self._imports.get((kind, head.lower()))
        return None if target is None else target + separator + rest

    def _own(self, name: str) -> str:
        return f"{self.namespace}\\{name}" if self.namespace else name


def constant_name(name: str) -> str:
    """A constant's full name as PHP compares it: the namespace ignores case, the last part does not."""
    space, separator, last = name.rpartition("\\")
    return space.lower() + separator + last


def _imports(declaration: Node) -> Iterator[tuple[tuple[str, str], str]]:
    body = field(declaration, "body")
    clauses = [node for node in children(body or declaration) if node.type == "namespace_use_clause"]
    prefix = ""
    if body is not None:
        prefix = "".join(text(node) for node in children(declaration) if node.type == "namespace_name") + "\\"
    # `use function a, b;` carries the kind at its first clause, `use function a\{b, c};` at the declaration.
    inherited = text(field(declaration, "type")).lower()
    for clause in clauses:
        kind = text(field(clause, "type")).lower() or inherited
        if body is None:
            inherited = kind
        target = prefix + text(next(node for node in children(clause))).lstrip("\\")
        alias = text(field(clause, "alias")) or target.rpartition("\\")[2]
        kind = kind or "class"
        yield (kind, alias if kind == "const" else alias.lower()), target
