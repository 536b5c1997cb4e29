"""Classes, objects and closures of the program that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Input, Unknown, Value
from driftcheck.php.run.worlds import Slot
from driftcheck.php.syntax import children, field, text
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.run.frames import Code
    from driftcheck.php.run.machine import Machine
    from driftcheck.php.run.worlds import Content


class Perhaps(Input):
    """An input that may not be there: a variable that only a file outside of what was read can set."""

    __slots__ = ()


class Function:
    """A function, method or closure of the program: its parameters and its body, compiled when it is first called."""

    __slots__ = ("arrow", "by_reference", "code", "made", "name", "node", "static_slots", "within")

    def __init__(self, code: Code, node: Node, name: str, within: ClassDeclaration | None = None) -> None:
        self.code, self.node, self.name, self.within = code, node, name, within
        self.arrow = node.type == "arrow_function"
        self.by_reference = any(child.type == "reference_modifier" for child in node.children)
        self.made: Any = None
        self.static_slots: dict[str, Slot] = {}


class Closure:
    """A closure as a value: the function, what it took along, and the object it belongs to."""

    __slots__ = ("bound", "function", "native", "this", "within")

    def __init__(
        self,
        function: Function | None,
        bound: dict[str, Content] | None = None,
        this: Instance | None = None,
        within: ClassDeclaration | None = None,
        native: Callable[..., Result] | None = None,
    ) -> None:
        self.function, self.bound, self.this, self.within, self.native = function, bound or {}, this, within, native


class Instance:
    """An object: its class, or only that class's name where the tree does not have it, and its properties."""

    __slots__ = ("declaration", "name", "properties")

    def __init__(self, name: str, declaration: ClassDeclaration | None) -> None:
        self.name, self.declaration = name, declaration
        self.properties: dict[str, Slot] = {}

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


_CALLED_BY_PHP = {"__get", "__set", "__isset", "__unset", "__call", "__callstatic"}


class ClassDeclaration:
    """A class of the tree: its constants, properties and methods."""

    __slots__ = (
        "code",
        "constants",
        "interfaces",
        "machine",
        "methods",
        "name",
        "node",
        "parent_name",
        "properties",
        "statics",
        "types",
    )

    def __init__(self, machine: Machine, code: Code, node: Node, name: str) -> None:
        self.machine, self.node, self.name = machine, node, name
        self.code = code.within(name, "")
        self.parent_name, self.interfaces = _bases(code, node)
        self.constants: dict[str, Any] = {}
        self.properties: dict[str, Node | None] = {}
        self.statics: dict[str, Any] = {}
        self.methods: dict[str, Function] = {}
        self.types: dict[str, Node] = {}
        for member in children(field(node, "body") or node):
            self._member(member)

    def _member(self, member: Node) -> None:
        if member.type == "const_declaration":
            for element in children(member):
                parts = children(element)
                if element.type == "const_element" and len(parts) == 2:
                    self.constants[text(parts[0])] = parts[1]
        elif member.type == "property_declaration":
            static = any(child.type == "static_modifier" for child in member.children)
            for element in children(member):
                if element.type == "property_element":
                    parts = children(element)
                    if (declared := field(member, "type")) is not None:
                        self.types[text(parts[0])[1:]] = declared
                    (self.statics if static else self.properties)[text(parts[0])[1:]] = (
                        parts[1] if len(parts) > 1 else None
                    )
        elif member.type == "method_declaration":
            name = text(field(member, "name"))
            if name.lower() in _CALLED_BY_PHP:
                raise NotEvaluated(f"{self.name} has {name}(), which PHP calls by itself")
            self.methods[name.lower()] = Function(self.code.within(self.name, name), member, name, self)
        elif member.type == "use_declaration":
            raise NotEvaluated(f"{self.name} uses a trait")

    def parent(self) -> ClassDeclaration | None:
        """The class that this one extends, if the tree has it."""
        return self.machine.classes.find(self.parent_name) if self.parent_name else None

    def method(self, name: str) -> Function | None:
        """A method by its name, its own or inherited."""
        found = self.methods.get(name.lower())
        if found is None and (parent := self.parent()) is not None:
            return parent.method(name)
        return found

    def constant(self, name: str) -> Result | None:
        """A class constant, its own or inherited; worked out once."""
        held = self.constants.get(name)
        if held is None:
            parent = self.parent()
            return None if parent is None else parent.constant(name)
        return held if isinstance(held, (Value, Unknown)) else self._worked_out(name, held)

    def _worked_out(self, name: str, node: Node) -> Result:
        """A constant's value, kept where no world can have another."""
        before = self.machine.turn.mask
        self.constants[name] = Unknown("a constant that is defined by itself")
        try:
            held = self._default(node)
        finally:
            self.constants[name] = node
        if self.machine.turn.mask == before:
            self.constants[name] = held
        return held

    def static(self, name: str) -> Slot | None:
        """The slot of a static property, its own or inherited."""
        if name not in self.statics:
            parent = self.parent()
            return None if parent is None else parent.static(name)
        held = self.statics[name]
        if not isinstance(held, Slot):
            held = self.statics[name] = Slot(self.machine.everyone, self._default(held))
            self._remember(name, held)
        return held

    def _default(self, node: Node | None) -> Result:
        from driftcheck.php.run.expressions import compiled  # expressions know objects

        return Value(None) if node is None else compiled(self.code, node)(self.machine.frame)

    def fill(self, instance: Instance) -> None:
        """Give a new object its properties."""
        if (parent := self.parent()) is not None:
            parent.fill(instance)
        for name, node in self.properties.items():
            slot = instance.properties[name] = Slot(self.machine.everyone, self._default(node))
            self._remember(name, slot)

    def _remember(self, name: str, slot: Slot) -> None:
        if name in self.types:
            self.machine.typed[slot] = self.types[name]


def _bases(code: Code, node: Node) -> tuple[str, set[str]]:
    parent, interfaces = "", set()
    for child in children(node):
        if child.type == "base_clause":
            parent = code.names.class_name(text(children(child)[0]))
        elif child.type == "class_interface_clause":
            interfaces = {code.names.class_name(text(name)).lower() for name in children(child)}
    return parent, interfaces


class Classes:
    """The classes that the program has declared so far, and those that the surroundings give."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._declared: dict[str, Slot] = {}

    def declare(self, code: Code, node: Node) -> None:
        """A class declaration is run."""
        full = code.names.class_name("namespace\\" + text(field(node, "name")))
        slot = self._declared.setdefault(full.lower(), Slot(self._machine.everyone))
        declaration = code.compiled.get(node.id)
        if declaration is None:
            declaration = code.compiled[node.id] = ClassDeclaration(self._machine, code, node, full)
        self._machine.turn.writes[slot] = Value(declaration)  # type: ignore[arg-type]  # a class stands in its slot as values do

    def find(self, name: str) -> ClassDeclaration | None:
        """A class by its full name; None where the program has not declared it. Raises NotEvaluated where that is not known."""
        slot = self._declared.get(name.lower().lstrip("\\"))
        held = MISSING if slot is None else self._machine.turn.read(slot)
        if held.__class__ is Unknown:
            raise NotEvaluated(held.reason)
        return None if held is MISSING else held.data  # type: ignore[union-attr, return-value]

    def methods(self, name: str) -> Iterator[Function]:
        """Every method of that name in any class that was declared."""
        for slot in self._declared.values():
            for _, content in slot.facets:
                if isinstance(content, Value):
                    method = content.data.methods.get(name.lower())  # type: ignore[union-attr]
                    if method is not None:
                        yield method

    def forget(self, mask: int, hole: Unknown) -> None:
        """Make every static property unknown in some worlds."""
        for slot in self._declared.values():
            for _, content in slot.facets:
                if isinstance(content, Value):
                    for name in content.data.statics:  # type: ignore[union-attr]
                        content.data.static(name).put([(mask, hole)])  # type: ignore[union-attr]


def new(_: Machine, name: str, declaration: ClassDeclaration | None) -> Instance:
    """A new object with its properties, before its constructor runs."""
    instance = Instance(declaration.name if declaration is not None else name, declaration)
    if declaration is not None:
        declaration.fill(instance)
    return instance
