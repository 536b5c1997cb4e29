"""What a stretch of code could write to the global variables, without running it: for code whose way is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Value
from driftcheck.php.functions import FUNCTIONS
from driftcheck.php.run.inclusions import constant_path
from driftcheck.php.run.library import SPECIAL
from driftcheck.php.run.machine import BOUND, DECLARED, OBJECTS
from driftcheck.php.syntax import children, field, text
from driftcheck.php.writes import ANY, BY_REFERENCE, BY_VALUE, SCOPE_CALLS, roots

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from driftcheck.php.run.frames import Code
    from driftcheck.php.run.machine import Machine
    from driftcheck.php.run.objects import Function

_BODIES = {"function_definition", "class_declaration", "interface_declaration", "trait_declaration", "enum_declaration"}
_INCLUSIONS = {"include_expression", "include_once_expression", "require_expression", "require_once_expression"}
_CALLS = {"function_call_expression", "member_call_expression", "nullsafe_member_call_expression",
          "scoped_call_expression", "object_creation_expression"}  # fmt: skip
_NAMED = ("name", "qualified_name", "relative_name")
_WRITING = ("update_expression", "unset_statement", "global_declaration", "by_ref", "catch_clause",
            "anonymous_function_use_clause")  # fmt: skip
_MEMBERS = {"member_access_expression", "nullsafe_member_access_expression", "scoped_property_access_expression"}
_DECLARING = ("const_declaration", "function_definition", "class_declaration")
_ASSIGNING = {"assignment_expression", "augmented_assignment_expression", "reference_assignment_expression"}


class Unbounded(Exception):  # noqa: N818 - an answer
    """The code could write anything."""


class Effects:
    """Looks through code; ``within`` a function only what it imports counts, its other variables are its own."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._seen: set[int] = set()

    def of(self, code: Code, nodes: Iterable[Node]) -> set[str] | None:
        """The variables, and events as in ``@extension:ORES``, that statements of the global scope could write; None for any."""
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
            for name, part in self._written(node):
                if name == ANY:
                    raise Unbounded
                if not local or name in imported or b"$GLOBALS" in (part.text or b"") or name.startswith("@"):
                    yield name
            if node.type in _DECLARING:
                yield DECLARED
            if node.type in _CALLS:
                yield from self._called(code, node, imported, local=local)
            elif node.type in _INCLUSIONS:
                yield from self._included(code, node)

    def _written(self, node: Node) -> Iterator[tuple[str, Node]]:
        """What a node writes by itself, each with the part that says so."""
        written: list[Node] = []
        if node.type in _ASSIGNING:
            written = children(node)[: 2 if _refers(node) else 1]
        elif node.type in _WRITING:
            written = children(node)
        elif node.type == "foreach_statement":
            body = field(node, "body")
            written = [child for child in children(node) if body is None or child.id != body.id]
        elif node.type == "function_static_declaration":
            yield OBJECTS, node
            written = [child for row in children(node) for child in children(row)[:1]]
        if node.type == "reference_assignment_expression" or (node.type == "by_ref" and not _looped(node)):
            yield BOUND, node
        if node.type == "ERROR":
            yield ANY, node
        for part in written:
            yield from ((name, part) for name in _named(part))

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
        elif not self._machine.classes.all_followed():
            raise Unbounded
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
            if name == "define":
                yield DECLARED
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
            for name in _named(children(argument)[-1] if children(argument) else None):
                if not local or name in imported or b"$GLOBALS" in (argument.text or b"") or name.startswith("@"):
                    yield name

    def _declared(self, name: str) -> list[Function]:
        slot = self._machine.functions.get(name)
        contents = [] if slot is None else [content for _, content in slot.facets]
        return [content.data for content in contents if isinstance(content, Value)]  # type: ignore[misc]

    def _function(self, function: Function) -> Iterator[str]:
        if function.node.id in self._seen:
            return
        self._seen.add(function.node.id)
        if function.by_reference:
            yield from (BOUND, OBJECTS)
        body = field(function.node, "body")
        if function.by_reference and body is not None and b"$GLOBALS" in (body.text or b""):
            raise Unbounded
        if body is not None:
            yield from self._of(function.code, body, local=True)

    def _included(self, code: Code, node: Node) -> Iterator[str]:
        path = constant_path(self._machine.frame, code, children(node)[0])
        inner = None if path is None else self._machine.code(path)
        if inner is None or inner.file.root.has_error:
            raise Unbounded
        yield f"@once {inner.path}"
        if inner.file.root.id in self._seen:
            return
        self._seen.add(inner.file.root.id)
        for child in children(inner.file.root):
            yield from self._of(inner, child, local=False)


def _named(part: Node | None) -> Iterator[str]:
    """The variables that a part of a statement writes, or objects."""
    yield from (write.name for write in roots(part))
    if part is not None and any(node.type in _MEMBERS for node in _walked(part)):
        yield OBJECTS


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


def _refers(node: Node) -> bool:
    """Whether an assignment binds a name to its right side, whose variables it can then write: ``[ &$a ] = $b`` does."""
    return node.type.startswith("reference") or any(inner.type == "by_ref" for inner in _walked(children(node)[0]))


def _looped(node: Node) -> bool:
    """Whether a reference is that of a foreach: one to elements, which go with the array."""
    while node.parent is not None and node.parent.type == "pair":
        node = node.parent
    return node.parent is not None and node.parent.type == "foreach_statement"


def _is_literal_closure(node: Node) -> bool:
    while node.type == "parenthesized_expression" and children(node):
        node = children(node)[0]
    return node.type in ("anonymous_function", "arrow_function", "anonymous_function_creation_expression")


def _literal_callbacks(given: list[Node]) -> bool:
    first = children(given[0])[-1] if given and children(given[0]) else None
    return first is not None and _is_literal_closure(first)
