"""What a file declares, found without running it: functions, constants, classes, and how far its code can reach."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from driftcheck.core.model import Unknown
from driftcheck.php.names import constant_name
from driftcheck.php.syntax import ancestors, children, field, search, text
from driftcheck.php.values import NotEvaluated
from driftcheck.php.writes import ANY, CALLBACKS, NOTHING, Reach, element_of_globals, reach_of_unread, writes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    from driftcheck.php.file import PhpFile

_CLASS_QUERY = "[(class_declaration) (interface_declaration) (trait_declaration) (enum_declaration)] @found"
_BODY_QUERY = "[(function_definition) (method_declaration) (anonymous_function) (arrow_function)] @found"
_BODIES = {"function_definition", "method_declaration", "anonymous_function", "arrow_function"}
_OPEN_QUERY = """
[(include_expression) (include_once_expression) (require_expression) (require_once_expression)
 (global_declaration) (dynamic_variable_name) (ERROR)] @open
(function_call_expression function: (_) @call)
"""
_OPEN_WORD = re.compile(rb"include|require|global|extract|eval|parse_str|\$[{$]")
_OPEN_CALLS = {"extract", "eval", "parse_str", "mb_parse_str"}
_SUPERGLOBAL = re.compile(r"GLOBALS\Z|this\Z|_[A-Z]+\Z")
_GLOBAL = re.compile(rb"global(?:\s+\$|s\b)(?<!\wglobals)")
_DEFINE = re.compile(rb"define\s*\(")
# What may stand around a declaration that is made whenever the file is run.
_PLAIN = {"program", "namespace_definition", "compound_statement", "const_declaration", "const_element",
          "expression_statement", "function_call_expression", "arguments", "argument"}  # fmt: skip


class Declared:
    """The declarations of one file; each kind is looked for when it is first asked about."""

    def __init__(self, file: PhpFile, elsewhere: Callable[[str], Reach] = reach_of_unread) -> None:
        """``elsewhere`` tells what a call of a function that the file does not declare can write."""
        self._file, self._elsewhere = file, elsewhere
        self._written: dict[int, set[str]] = {}

    # -- declarations by name --------------------------------------------------------------------------------------

    def function(self, name: str) -> Node | Unknown | None:
        """A function by its full name in lower case. One that may be another, or not be there, is unknown."""
        return self._only(self._functions.get(name, []), f"the function {name}()")

    def constant(self, name: str) -> Node | Unknown | None:
        """The expression of a constant, by its full name."""
        found = self._constants.get(name, [])
        return self._only([*found, *self._constants.get(ANY, [])] if found else [], f"the constant {name}")

    def class_like(self, name: str) -> Node | Unknown | None:
        """A class, interface, trait or enum by its full name."""
        return self._only(self._classes.get(name.lower(), []), f"the class {name}")

    def _only(self, found: list[Node], what: str) -> Node | Unknown | None:
        if not found:
            return None
        if len(found) > 1 or not all(node.type in _PLAIN for node in ancestors(found[0])):
            return Unknown(f"{what} is defined under a condition, or more than once", self._file.source, 0)
        return found[0]

    @functools.cached_property
    def _functions(self) -> dict[str, list[Node]]:
        return self._named("(function_definition) @found")

    @functools.cached_property
    def _classes(self) -> dict[str, list[Node]]:
        return self._named(_CLASS_QUERY)

    def _named(self, query: str) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = {}
        for node in search(query, self._file.root).get("found", ()):
            found.setdefault(self._full(text(field(node, "name"))).lower(), []).append(node)
        return found

    def _full(self, name: str) -> str:
        return self._file.names.class_name("namespace\\" + name)

    @functools.cached_property
    def _constants(self) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = {}
        for declaration in self._file.find("const_declaration"):
            for element in children(declaration):
                parts = children(element)
                if element.type == "const_element" and len(parts) == 2:
                    found.setdefault(constant_name(self._full(text(parts[0]))), []).append(parts[1])
        if _DEFINE.search(self._file.source.text.lower()):
            for name, node in self._defines():
                found.setdefault(name, []).append(node)
        return found

    def _defines(self) -> Iterator[tuple[str, Node]]:
        """``define()`` wherever it stands; a name that is not a plain string may be any."""
        for call in search("(function_call_expression) @found", self._file.root).get("found", ()):
            if text(field(call, "function")).lower().lstrip("\\") != "define":
                continue
            arguments = [
                children(argument)[-1]
                for argument in children(field(call, "arguments") or call)
                if argument.is_named and children(argument)
            ]
            plain = len(arguments) == 2 and arguments[0].type in ("string", "encapsed_string")
            if plain and not re.search(rb"[\\$]", arguments[0].text or b""):
                yield constant_name(text(arguments[0])[1:-1]), arguments[1]
            else:
                yield ANY, call

    # -- how far the code reaches ----------------------------------------------------------------------------------

    @functools.cached_property
    def self_contained(self) -> bool:
        """Whether every assignment to the variables of the file is in sight."""
        code = self._file.source.text.lower()
        if not self._file.root.has_error and not _OPEN_WORD.search(code):
            return True
        found = search(_OPEN_QUERY, self._file.root)
        calls = {text(name).lower().lstrip("\\") for name in found.get("call", ())}
        return b"$globals" not in code and not found.get("open") and calls.isdisjoint(_OPEN_CALLS)

    @functools.cached_property
    def _mentions_of_globals(self) -> list[tuple[Node, Node]]:
        """Each ``global`` statement and each ``$GLOBALS`` in a function, with that function."""
        found = []
        for match in _GLOBAL.finditer(self._file.source.text.lower()):
            node = self._file.node_at(match.start(), match.start() + 1)
            body = None if node is None else next((n for n in ancestors(node) if n.type in _BODIES), None)
            if node is not None and body is not None and node.type in ("global_declaration", "name", "variable_name"):
                found.append((node, body))
        return found

    @property
    def sees_globals(self) -> bool:
        """Whether a function of the file may read global variables."""
        return bool(self._mentions_of_globals)

    @functools.cached_property
    def written_globals(self) -> dict[str, str]:
        """The global variables that functions of the file may write by name, with the reason not to know them."""
        found: dict[str, str] = {}
        for node, body in self._mentions_of_globals:
            plain = node.type == "global_declaration"
            names = {text(child)[1:] for child in children(node)} if plain else {_element(node)} - {ANY}
            written = self._written_in(body)
            returns_reference = any(child.type == "reference_modifier" for child in body.children)
            names = names if ANY in written or returns_reference else names & written
            found.update((name, f"${name} is not known: a function writes it") for name in names)
        return found

    def calls(self, body: Node) -> bool:
        """Whether a function may call another one of the file."""
        called = [
            text(node) for node in search("(function_call_expression function: (_) @found)", body).get("found", ())
        ]
        return any(self._own(name) is not None or not re.fullmatch(r"[\w\\]+", name) for name in called)

    def _written_in(self, body: Node) -> set[str]:
        """The variables that a function writes, ANY among them if it may write any."""
        if body.id not in self._written:
            self._written[body.id] = {
                write.name
                for statement in _statements(body)
                if statement.type != "global_declaration"
                for write in writes(statement, self._file.source, self._elsewhere)
            }
        return self._written[body.id]

    @functools.cached_property
    def wild(self) -> bool:
        """Whether a function of the file may write to any global variable."""
        if any(node.type != "global_declaration" and _element(node) == ANY for node, _ in self._mentions_of_globals):
            return True
        bodies = search(_BODY_QUERY, self._file.root).get("found", ())
        return any(
            write.name == ANY
            for body in bodies
            for statement in _statements(body)
            for write in writes(statement, self._file.source, self._reach_of_known)
        )

    def _reach_of_known(self, name: str) -> Reach:
        return NOTHING if self._own(name) is not None else self._elsewhere(name)

    def reach(self, name: str) -> Reach:
        """What a call in the global scope of the file can write."""
        own = self._own(name)
        if own is None:
            extent = self._elsewhere(name)
            if name.lower().lstrip("\\") in CALLBACKS:
                return extent._replace(anything=self.wild)
            return extent
        by_value = not isinstance(own, Unknown) and all(
            field(parameter, "reference_modifier") is None for parameter in children(field(own, "parameters") or own)
        )
        return Reach(anything=self.wild) if by_value else Reach(0, keeps=True, anything=self.wild)

    def _own(self, name: str) -> Node | Unknown | None:
        if not re.fullmatch(r"[\w\\]+", name):
            return None
        try:
            meant = (self.function(candidate) for candidate in self._file.names.functions(name))
            return next((found for found in meant if found is not None), None)
        except NotEvaluated as error:
            return Unknown(str(error), self._file.source, 0)


def _statements(body: Node) -> list[Node]:
    block = field(body, "body")
    if block is None:
        return []
    return children(block) if block.type == "compound_statement" else [block]


def _element(node: Node) -> str:
    """The variable that the element of ``$GLOBALS`` around a node is."""
    return element_of_globals(next((outer for outer in ancestors(node) if outer.type != "variable_name"), None))


def unset_in(body: Node) -> Callable[[str], bool]:
    """Whether a variable of a function that nothing assigned so far is not set, where everything is in sight."""

    @functools.cache
    def open_names() -> set[str] | None:
        if body.has_error:
            return None
        if not _OPEN_WORD.search((body.text or b"").lower()):
            return set()
        found = search(_OPEN_QUERY, body)
        calls = {text(name).lower().lstrip("\\") for name in found.get("call", ())}
        declarations = [node for node in found.get("open", ()) if node.type == "global_declaration"]
        if len(declarations) < len(found.get("open", ())) or not calls.isdisjoint(_OPEN_CALLS):
            return None
        return {text(child)[1:] for node in declarations for child in children(node)}

    def unset(name: str) -> bool:
        names = open_names()
        return names is not None and name not in names and not _SUPERGLOBAL.match(name)

    return unset
