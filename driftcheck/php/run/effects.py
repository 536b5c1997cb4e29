"""What a stretch of code could write to the global variables, without running it: for code whose way is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Value
from driftcheck.php.functions import FUNCTIONS
from driftcheck.php.run.inclusions import constant_path
from driftcheck.php.run.library import SPECIAL
from driftcheck.php.syntax import children, field, text
from driftcheck.php.writes import ANY, BY_REFERENCE, BY_VALUE, SCOPE_CALLS, roots

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from driftcheck.php.run.frames import Code
    from driftcheck.php.run.machine import Machine
    from driftcheck.php.run.objects import Function

EVENT = "@"
"""Before the name of something that is noted and is no variable: ``@extension:ORES``."""
_BODIES = {"function_definition", "class_declaration", "interface_declaration", "trait_declaration", "enum_declaration"}
_INCLUSIONS = {"include_expression", "include_once_expression", "require_expression", "require_once_expression"}
_CALLS = {"function_call_expression", "member_call_expression", "nullsafe_member_call_expression",
          "scoped_call_expression", "object_creation_expression"}  # fmt: skip
_NAMED = ("name", "qualified_name", "relative_name")
_ASSIGNING = {"assignment_expression", "augmented_assignment_expression", "reference_assignment_expression"}


class Unbounded(Exception):  # noqa: N818 - an answer
    """The code could write anything."""


class Effects:
    """Looks through code; ``within`` a function only what it imports counts, its other variables are its own."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._seen: set[int] = set()

    def of(self, code: Code, nodes: Iterable[Node]) -> set[str] | None:
        """The variables (and events) that statements of the global scope could write; None for any."""
        found: set[str] = set()
        try:
            for node in nodes:
                found.update(self._of(code, node, local=False))
        except Unbounded:
            return None
        return None if ANY in found else found

    def _of(self, code: Code, top: Node, *, local: bool) -> Iterator[str]:
        imported = _imported(top) if local else set()
        for node in _walked(top):
            for name in self._written(node):
                if name == ANY:
                    raise Unbounded
                if not local or name in imported or _of_globals(node):
                    yield name
            if node.type in _CALLS:
                yield from self._called(code, node, imported, local=local)
            elif node.type in _INCLUSIONS:
                yield from self._included(code, node)

    def _written(self, node: Node) -> Iterator[str]:
        if node.type in _ASSIGNING:
            for side in children(node)[: 2 if node.type.startswith("reference") else 1]:
                yield from (write.name for write in roots(side))
        elif node.type in ("update_expression", "unset_statement", "global_declaration"):
            for child in children(node):
                yield from (write.name for write in roots(child))
        elif node.type == "foreach_statement":
            body = field(node, "body")
            for child in children(node):
                if body is None or child.id != body.id:
                    yield from (write.name for write in roots(child))
        elif node.type in ("by_ref", "catch_clause", "anonymous_function_use_clause"):
            for child in children(node):
                yield from (write.name for write in roots(child))
        elif node.type == "ERROR":
            yield ANY

    # -- calls -----------------------------------------------------------------------------------------------------

    def _called(self, code: Code, node: Node, imported: set[str], *, local: bool) -> Iterator[str]:
        if self._native(node):
            return
        given = [child for child in children(field(node, "arguments") or node) if child.type == "argument"]
        if node.type == "function_call_expression":
            function = field(node, "function")
            if function is None or function.type not in _NAMED:
                if function is None or not _is_literal_closure(function):
                    raise Unbounded
                return
            names = code.names.functions(text(function))
        elif node.type == "object_creation_expression":
            names = ()
            for method in self._machine.classes.methods("__construct"):
                yield from self._function(method)
        else:
            names = ()
            yield from self._methods(node)
        yield from self._of_names(names, node, given, imported, local=local)
        if node.type != "function_call_expression":
            yield from self._arguments(given, imported, local=local)

    def _native(self, node: Node) -> bool:
        """Whether a static call is answered from outside: such a call writes nothing here."""
        name = field(node, "name")
        scope = text(field(node, "scope")).rpartition("\\")[2]
        return bool(scope) and name is not None and self._machine.host.method(scope, text(name)) is not None

    def _methods(self, node: Node) -> Iterator[str]:
        name = field(node, "name")
        if name is None or name.type != "name":
            raise Unbounded
        for method in self._machine.classes.methods(text(name)):
            yield from self._function(method)

    def _of_names(
        self, names: tuple[str, ...], node: Node, given: list[Node], imported: set[str], *, local: bool
    ) -> Iterator[str]:
        for name in names:
            declared = self._declared(name)
            if declared:
                for function in declared:
                    yield from self._function(function)
                yield from self._arguments(given, imported, local=local)
                return
        for name in names:
            noted = self._machine.host.noted(name, node)
            if noted is not None:
                yield from noted
                return
            if name in SCOPE_CALLS:
                raise Unbounded
            if name in BY_REFERENCE:
                yield from self._arguments(given[BY_REFERENCE[name] :], imported, local=local)
                return
            if name in ("isset", "empty", "array", "list") or name in FUNCTIONS or name in SPECIAL or name in BY_VALUE:
                if name in ("call_user_func", "call_user_func_array", "array_map", "usort") and not _literal_callbacks(
                    given
                ):
                    raise Unbounded
                return
        if names:
            raise Unbounded

    def _arguments(self, given: list[Node], imported: set[str], *, local: bool) -> Iterator[str]:
        """What is handed over could be taken by reference."""
        for argument in given:
            for write in roots(children(argument)[-1] if children(argument) else None):
                if not local or write.name in imported or b"$GLOBALS" in (argument.text or b""):
                    yield write.name

    def _declared(self, name: str) -> list[Function]:
        slot = self._machine.functions.get(name)
        contents = [] if slot is None else [content for _, content in slot.facets]
        return [content.data for content in contents if isinstance(content, Value)]  # type: ignore[misc]

    def _function(self, function: Function) -> Iterator[str]:
        if function.node.id in self._seen:
            return
        self._seen.add(function.node.id)
        body = field(function.node, "body")
        if body is not None:
            yield from self._of(function.code, body, local=True)

    def _included(self, code: Code, node: Node) -> Iterator[str]:
        path = constant_path(self._machine.frame, code, children(node)[0])
        inner = None if path is None else self._machine.code(path)
        if inner is None or inner.file.root.has_error:
            raise Unbounded
        if inner.file.root.id in self._seen:
            return
        self._seen.add(inner.file.root.id)
        for child in children(inner.file.root):
            yield from self._of(inner, child, local=False)


def _walked(top: Node) -> Iterator[Node]:
    """A node and what is inside it; a closure's body too, which may be called, but no function's or class's."""
    pending = [top]
    while pending:
        node = pending.pop()
        yield node
        if node.type not in _BODIES or node.id == top.id:
            pending.extend(node.named_children)


def _imported(body: Node) -> set[str]:
    found: set[str] = set()
    for node in _walked(body):
        if node.type == "global_declaration":
            found.update(text(child)[1:] for child in children(node))
    return found


def _of_globals(node: Node) -> bool:
    return "$GLOBALS" in text(children(node)[0] if children(node) else node)


def _is_literal_closure(node: Node) -> bool:
    while node.type == "parenthesized_expression" and children(node):
        node = children(node)[0]
    return node.type in ("anonymous_function", "arrow_function", "anonymous_function_creation_expression")


def _literal_callbacks(given: list[Node]) -> bool:
    first = children(given[0])[-1] if given and children(given[0]) else None
    return first is not None and _is_literal_closure(first)
