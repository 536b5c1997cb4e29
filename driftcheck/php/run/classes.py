"""Classes of the program that runs: what they declare, and what an object of theirs begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Unknown, Value
from driftcheck.php.run.expressions import compiled
from driftcheck.php.run.objects import Declared, Function, Instance, has
from driftcheck.php.run.typed import of_type
from driftcheck.php.run.worlds import PART, Slot
from driftcheck.php.syntax import children, field, text
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.run.frames import Code
    from driftcheck.php.run.machine import Machine

_CALLED_BY_PHP = {"__get", "__set", "__isset", "__unset", "__call", "__callstatic", "__destruct"}


class ClassDeclaration:
    """A class of the tree: its constants, properties and methods.

    ``hidden`` has the members that are not public: ``private`` or ``protected`` by the name as it is written: ``$property``,
    ``method()`` in small letters, ``CONSTANT``.
    """

    __slots__ = (
        "abstract",
        "code",
        "constants",
        "hidden",
        "interfaces",
        "machine",
        "methods",
        "name",
        "node",
        "parent_name",
        "properties",
        "slots",
        "statics",
        "types",
    )

    def __init__(self, machine: Machine, code: Code, node: Node, name: str) -> None:
        self.machine, self.node, self.name = machine, node, name
        self.code = code.within(name, "")
        self.parent_name, self.interfaces = _bases(code, node)
        self.constants: dict[str, Any] = {}
        self.properties: dict[str, Node | None] = {}
        self.statics: dict[str, Node | None] = {}
        self.slots: dict[str, Slot] = {}
        self.methods: dict[str, Function] = {}
        self.types: dict[str, Declared] = {}
        self.hidden: dict[str, str] = {}
        self.abstract = has(node, "abstract_modifier")
        for member in children(field(node, "body") or node):
            self._member(member)

    def _member(self, member: Node) -> None:
        if member.type == "const_declaration":
            for element in children(member):
                parts = children(element)
                if element.type == "const_element" and len(parts) == 2:
                    self.constants[text(parts[0])] = parts[1]
                    self._hide(member, text(parts[0]))
        elif member.type == "property_declaration":
            held = self.statics if has(member, "static_modifier") else self.properties
            for element in children(member):
                if element.type == "property_element":
                    name, *value = children(element)
                    held[text(name)[1:]] = value[0] if value else None
                    self._declare(member, text(name))
        elif member.type == "method_declaration":
            self._method(member)
        elif member.type == "use_declaration":
            raise NotEvaluated(f"{self.name} uses a trait")

    def _method(self, member: Node) -> None:
        name = text(field(member, "name"))
        if name.lower() in _CALLED_BY_PHP:
            raise NotEvaluated(f"{self.name} has {name}(), which PHP calls by itself")
        self.methods[name.lower()] = Function(self.code.within(self.name, name), member, name, self)
        self._hide(member, f"{name.lower()}()")
        for parameter in children(field(member, "parameters") or member):
            if parameter.type == "property_promotion_parameter":
                if has(parameter, "by_ref"):
                    raise NotEvaluated(f"{self.name} has a property that is a parameter by reference")
                promoted = text(field(parameter, "name"))
                self.properties[promoted[1:]] = None
                self._declare(parameter, promoted)

    def _declare(self, member: Node, name: str) -> None:
        self._hide(member, name)
        declared = field(member, "type")
        if declared is not None:
            fixed = has(member, "readonly_modifier") or has(self.node, "readonly_modifier")
            self.types[name[1:]] = Declared(declared, fixed, self)

    def _hide(self, member: Node, name: str) -> None:
        for child in member.children:
            if child.type == "visibility_modifier" and text(child).lower() != "public":
                self.hidden[name] = text(child).lower()

    def lineage(self) -> Iterator[ClassDeclaration]:
        """The class, and those that it extends, as far as the tree has them."""
        at: ClassDeclaration | None = self
        while at is not None:
            yield at
            at = at.parent()

    def extends(self, other: ClassDeclaration) -> bool:
        """Whether the class is that, or extends it."""
        return any(at is other for at in self.lineage())

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
        """A constant's value, kept where no world can have another.

        What was read before may have left worlds that are alike in this as well: that tells nothing of the others.
        """
        self.constants[name] = Unknown("a constant that is defined by itself")
        try:
            held = self._default(node)
        finally:
            self.constants[name] = node
        if self.machine.turn.mask == self.machine.everyone:
            self.constants[name] = held
        return held

    def static(self, name: str) -> Slot | None:
        """The slot of a static property, its own or inherited, with its default where nothing was put into it yet."""
        if name not in self.statics:
            parent = self.parent()
            return None if parent is None else parent.static(name)
        slot, node, turn = self.slot(name), self.statics[name], self.machine.turn
        if turn.read(slot) is MISSING and (node is not None or name not in self.types):
            turn.writes[slot] = self._first(name, node)
        return slot

    def slot(self, name: str) -> Slot:
        """The slot of a static property of its own. The default is another matter: it may differ between worlds."""
        slot = self.slots.get(name)
        if slot is None:
            slot = self.slots[name] = self._slot(name)
        return slot

    def _default(self, node: Node | None) -> Result:
        return Value(None) if node is None else compiled(self.code, node)(self.machine.frame)

    def fill(self, instance: Instance) -> None:
        """Give a new object its properties."""
        if (parent := self.parent()) is not None:
            parent.fill(instance)
        for name, node in self.properties.items():
            slot = instance.properties[self.key(name)] = self._slot(name)
            if node is not None or name not in self.types:
                slot.put([(self.machine.everyone, self._first(name, node))])

    def key(self, name: str) -> str:
        """The name by which an object has a property of this class: a private one is the class's own."""
        return f"\0{self.name}\0{name}" if self.hidden.get(f"${name}") == "private" else name

    def _slot(self, name: str) -> Slot:
        """An empty property: one that has a type and no default stays so."""
        slot = Slot(self.machine.everyone, first=PART)
        if name in self.types:
            self.machine.typed[slot] = self.types[name]
        return slot

    def _first(self, name: str, node: Node | None) -> Result:
        """What a property holds at first."""
        held, declared = self._default(node), self.types.get(name)
        if declared is None:
            return held
        return of_type(held, declared.type, f"the default of ${name}", strict=self.machine.strict)


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
        """A class declaration is run; one that is not followed is unknown from then on."""
        full = code.names.class_name("namespace\\" + text(field(node, "name")))
        slot = self._declared.setdefault(full.lower(), Slot(self._machine.everyone))
        declaration = code.compiled.get(node.id)
        if declaration is None:
            try:
                declaration = Value(ClassDeclaration(self._machine, code, node, full))  # type: ignore[arg-type]  # a class stands in its slot as values do
            except NotEvaluated as error:
                declaration = code.unknown(node, str(error))
            code.compiled[node.id] = declaration
        self._machine.turn.writes[slot] = declaration

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

    def all_followed(self) -> bool:
        """Whether everything that the declared classes do is known."""
        return not any(isinstance(content, Unknown) for slot in self._declared.values() for _, content in slot.facets)

    def static_slots(self) -> Iterator[Slot]:
        """The slots of every static property."""
        for slot in self._declared.values():
            for _, content in slot.facets:
                if isinstance(content, Value):
                    yield from map(content.data.slot, content.data.statics)  # type: ignore[union-attr]


def new(machine: Machine, name: str, declaration: ClassDeclaration | None) -> Instance:
    """A new object with its properties, before its constructor runs."""
    instance = Instance(declaration.name if declaration is not None else name, declaration)
    machine.objects.append(instance)
    if declaration is not None:
        declaration.fill(instance)
    return instance
