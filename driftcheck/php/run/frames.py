"""Where running code finds its variables, and what one file's code knows of its surroundings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Op, Step, Unknown, Value
from driftcheck.php.run.worlds import Slot
from driftcheck.php.syntax import place, text
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from tree_sitter import Node

    from driftcheck.php.file import PhpFile
    from driftcheck.php.run.classes import ClassDeclaration
    from driftcheck.php.run.machine import Machine
    from driftcheck.php.run.objects import Instance
    from driftcheck.php.run.worlds import Content


class Undecided(Exception):  # noqa: N818 - it is no error of the program: what the statement writes becomes Unknown
    """Which way a statement goes is not known: it hangs on something unknown."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Code:
    """What the code of one file, or of one class in it, knows where it is compiled."""

    __slots__ = ("class_name", "compiled", "file", "function", "machine", "names", "path", "source", "steps")

    def __init__(self, machine: Machine, file: PhpFile, path: str) -> None:
        self.machine, self.file, self.path = machine, file, path
        self.source = file.source
        self.names = file.names
        self.class_name = ""
        self.function = ""
        self.compiled: dict[int, Any] = {}
        self.steps: dict[tuple[int, str], Step] = {}

    def within(self, class_name: str, function: str) -> Code:
        """The same file inside a class or function."""
        inner = object.__new__(Code)
        inner.machine, inner.file, inner.path, inner.source = self.machine, self.file, self.path, self.source
        inner.names, inner.class_name, inner.function = self.names, class_name, function
        inner.compiled, inner.steps = {}, self.steps
        return inner

    def value(self, data: Any, node: Node) -> Value:  # noqa: ANN401 - whatever a value may hold
        """A value that the code at a node made."""
        return Value(data, self.source, node.start_byte << 32 | node.end_byte)

    def unknown(self, node: Node, reason: str) -> Unknown:
        """A hole at a node."""
        self.machine.turn.hole = True
        return Unknown(reason, self.source, place(node))

    def step(self, node: Node, name: str) -> Step:
        """The step of a statement or expression that assigns to a variable; one object a place."""
        key = (node.start_byte, name)
        if key not in self.steps:
            self.steps[key] = Step(Op.ASSIGN, name, self.source.span(place(node)))
        return self.steps[key]


class Frame:
    """The variables of a function that runs: a content by name, or a slot where it is shared.

    ``within`` is the class that ``static`` means, ``scope`` the one whose private members the code may see.
    """

    __slots__ = ("args", "machine", "scope", "statics", "this", "variables", "within")

    def __init__(
        self,
        machine: Machine,
        variables: dict[str, Content] | None = None,
        this: Instance | None = None,
        within: ClassDeclaration | None = None,
        scope: ClassDeclaration | None = None,
    ) -> None:
        self.machine = machine
        self.variables: dict[str, Content] = {} if variables is None else variables
        self.this, self.within, self.scope = this, within, scope
        self.args: list[Content] = []
        self.statics: dict[str, Slot] = {}

    def get(self, name: str) -> Value | Unknown | Any:  # noqa: ANN401 - or MISSING
        """What a variable holds; MISSING if it is not set."""
        content = self.variables.get(name, MISSING)
        return self.machine.turn.plain(content)

    def take(self, name: str) -> Value | Unknown | Any:  # noqa: ANN401 - or MISSING
        """What a variable holds, to be held elsewhere too: an array in it is not changed in place from now on."""
        held = self.get(name)
        if held.__class__ is Value:
            self.machine.escape(held.data)
        return held

    def raw(self, name: str) -> Content:
        """What a variable is bound to: its content, or the slot that it shares."""
        return self.variables.get(name, MISSING)

    def set(self, name: str, content: Content) -> None:
        """Assign to a variable."""
        held = self.variables.get(name)
        if held.__class__ is Slot:
            self.machine.write(held, content)
        else:
            self.variables[name] = content

    def bind(self, name: str, slot: Slot) -> None:
        """Make a variable a name of a slot."""
        self.unset(name)
        self.machine.turn.hold(slot, names=1)
        self.variables[name] = slot

    def own(self, name: str) -> Slot:
        """A slot by which another function reaches the variable."""
        return self.slot(name)

    def slot(self, name: str) -> Slot:
        """The slot of a variable, which becomes one that can be shared."""
        held = self.variables.get(name, MISSING)
        if held.__class__ is not Slot:
            slot = Slot(self.machine.everyone)
            self.machine.references = True
            self.machine.turn.writes[slot] = Value(None) if held is MISSING else held
            self.variables[name] = slot
            return slot
        return held

    def unset(self, name: str) -> None:
        """Take a name away."""
        held = self.variables.pop(name, None)
        if held.__class__ is Slot:
            self.machine.turn.hold(held, names=-1)

    def names(self) -> list[str]:
        """The variables that are set."""
        return list(self.variables)

    def leave(self) -> None:
        """The function ends: its names are gone."""
        for held in self.variables.values():
            if held.__class__ is Slot:
                self.machine.turn.hold(held, names=-1)


class GlobalFrame(Frame):
    """The global scope: every variable has a slot, whose content may be another slot where it is a reference."""

    __slots__ = ()

    def get(self, name: str) -> Any:  # noqa: ANN401 - as Frame.get
        """What a variable holds in the world of this turn."""
        slot = self.machine.globals.get(name)
        if slot is None:
            if name not in self.machine.late:
                return self.machine.absent(name)
            slot = self.machine.variable(name)
        content = self.machine.turn.through(slot)
        return self.machine.absent(name) if content is MISSING else content

    def raw(self, name: str) -> Content:
        """What a variable is bound to."""
        slot = self.machine.variable(name) if name in self.machine.late else self.machine.globals.get(name)
        return MISSING if slot is None else self.machine.turn.read(slot)

    def own(self, name: str) -> Slot:
        """The slot of the variable itself, by which a function reaches it."""
        return self.machine.variable(name)

    def set(self, name: str, content: Content) -> None:
        """Assign to a variable."""
        self.machine.write(self.machine.variable(name), content)

    def bind(self, name: str, slot: Slot) -> None:
        """Make a variable a name of a slot. Raises NotEvaluated as ``unset`` does."""
        self.unset(name)
        self.machine.turn.hold(slot, names=1)
        self.machine.link(self.own(name), slot)

    def slot(self, name: str) -> Slot:
        """The slot that a variable shares."""
        own = self.own(name)
        held = self.machine.turn.read(own)
        if held.__class__ is Slot:
            return held
        slot = Slot(self.machine.everyone)
        held = self.machine.absent(name) if held is MISSING else held
        if own in self.machine.tainted:
            self.machine.tainted[slot] = self.machine.tainted[own]
        self.machine.turn.writes[slot] = Value(None) if held is MISSING else held
        self.machine.link(own, slot)
        return slot

    def unset(self, name: str) -> None:
        """Take a name away. Raises NotEvaluated for a variable whose own slot something else has."""
        slot = self.machine.variable(name) if name in self.machine.late else self.machine.globals.get(name)
        if slot is None:
            return
        if self.machine.turn.holders(slot).parts:
            raise NotEvaluated("a global that a function has made a reference to")
        held = self.machine.turn.read(slot)
        if held.__class__ is Slot:
            self.machine.turn.hold(held, names=-1)
        self.machine.turn.writes[slot] = MISSING

    def names(self) -> list[str]:
        """The variables that are set in the world of this turn."""
        for name in list(self.machine.late):
            self.machine.variable(name)
        read = self.machine.turn.read
        return [name for name, slot in list(self.machine.globals.items()) if read(slot) is not MISSING]

    def leave(self) -> None:
        """The global scope does not end."""


def line(node: Node) -> int:
    """The line that a node begins on."""
    return node.start_point[0] + 1


def name_of(node: Node) -> str:
    """A variable's name without its dollar."""
    return text(node)[1:]
