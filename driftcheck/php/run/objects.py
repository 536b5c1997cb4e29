"""Functions, closures and objects of the program that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from driftcheck.core.model import Input
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.run.classes import ClassDeclaration
    from driftcheck.php.run.frames import Code
    from driftcheck.php.run.worlds import Content, Slot


class Perhaps(Input):
    """An input that may not be there: a variable that only a file outside of what was read can set."""

    __slots__ = ()


class Function:
    """A function, method or closure of the program: its parameters and its body, compiled when it is first called."""

    __slots__ = ("arrow", "by_reference", "code", "made", "name", "node", "static", "static_slots", "within")

    def __init__(self, code: Code, node: Node, name: str, within: ClassDeclaration | None = None) -> None:
        self.code, self.node, self.name, self.within = code, node, name, within
        self.arrow = node.type == "arrow_function"
        self.by_reference = has(node, "reference_modifier")
        self.static = has(node, "static_modifier")
        self.made: Any = None
        self.static_slots: dict[str, Slot] = {}


class Closure:
    """A function as it is called: what it took along, the object it belongs to, and its static variables.

    ``within`` is the class that it is called by, which ``static`` means; ``scope`` the one that it was made in.
    """

    __slots__ = ("bound", "function", "native", "scope", "statics", "this", "within")

    def __init__(
        self,
        function: Function | None,
        bound: dict[str, Content] | None = None,
        this: Instance | None = None,
        within: ClassDeclaration | None = None,
        native: Callable[..., Result] | None = None,
        scope: ClassDeclaration | None = None,
    ) -> None:
        self.function, self.bound, self.this, self.within, self.native = function, bound or {}, this, within, native
        self.scope = scope
        self.statics: dict[str, Slot] = {} if function is None else function.static_slots


class Instance:
    """An object: its class, or only that class's name where the tree does not have it, and its properties.

    ``rest`` has a hole in the worlds where it may have other properties.
    """

    __slots__ = ("declaration", "name", "properties", "rest")

    def __init__(self, name: str, declaration: ClassDeclaration | None) -> None:
        self.name, self.declaration = name, declaration
        self.properties: dict[str, Slot] = {}
        self.rest: Slot | None = None

    def is_a(self, name: str) -> bool:
        """Whether the object's class is that, or extends it. Raises NotEvaluated where a class on the way is not in the tree."""
        declaration = self.declaration
        if self.name.lower() == name.lower():
            return True
        while declaration is not None:
            if name.lower() in (declaration.name.lower(), declaration.parent_name.lower()):
                return True
            if name.lower() in declaration.interfaces:
                return True
            declaration = declaration.parent()
        if self.declaration is None:
            raise NotEvaluated(f"what {self.name} extends is not known")
        return False


class Declared(NamedTuple):
    """What a property declares: its type, and whether it keeps its first value, which only its class may give."""

    type: Node
    fixed: bool
    owner: ClassDeclaration


def has(node: Node, kind: str) -> bool:
    """Whether something of a kind stands in a node, as its modifiers do."""
    return any(child.type == kind for child in node.children)
