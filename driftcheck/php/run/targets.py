"""What can be assigned to: variables, elements, properties, lists of them; and the expressions that assign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Unknown, Value
from driftcheck.php.run import expressions
from driftcheck.php.run.arrays import set_in, slot_in, unset_in
from driftcheck.php.run.expressions import NULL, compiled, known_data, lookup, operated, refused
from driftcheck.php.run.frames import Undecided, name_of
from driftcheck.php.run.objects import Instance
from driftcheck.php.run.worlds import Slot
from driftcheck.php.syntax import children, field, text
from driftcheck.php.values import INT_MAX, NotEvaluated, array_key, to_str

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from driftcheck.core.model import Key, Result, Step
    from driftcheck.php.run.expressions import Compiled
    from driftcheck.php.run.frames import Code, Frame
    from driftcheck.php.run.worlds import Content

    Keys = "list[Key | None] | Unknown"


class Root:
    """A variable at the bottom of a target."""

    def __init__(self, code: Code, name: Callable[[Frame], str]) -> None:
        self.code, self.name = code, name

    def frame(self, frame: Frame) -> Frame:
        """The frame that the variable is in."""
        return frame

    def read(self, frame: Frame) -> Content:
        """What it is bound to: a content, or a slot that it shares."""
        where, name = self.frame(frame), self.name(frame)
        held = where.raw(name)
        if held is MISSING and where is frame.machine.frame:
            return frame.machine.absent(name)
        return held

    def base(self, frame: Frame) -> str:
        """The name under which something outside may have put a content into the variable before."""
        if self.frame(frame) is not frame.machine.frame:
            return ""
        name = self.name(frame)
        return name if frame.machine.host.based(name) else ""

    def write(self, frame: Frame, content: Content) -> None:
        """Assign to it."""
        self.frame(frame).set(self.name(frame), content)

    def slot(self, frame: Frame) -> Slot:
        """The slot that it shares from now on."""
        return self.frame(frame).slot(self.name(frame))

    def own(self, frame: Frame) -> Slot:
        """A slot through which a function can reach it."""
        return self.frame(frame).own(self.name(frame))

    def bind(self, frame: Frame, slot: Slot) -> None:
        """Make it a name of a slot."""
        self.frame(frame).bind(self.name(frame), slot)

    def unset(self, frame: Frame) -> None:
        """Take it away."""
        self.frame(frame).unset(self.name(frame))


class GlobalRoot(Root):
    """``$GLOBALS['name']``."""

    def frame(self, frame: Frame) -> Frame:
        """The global scope."""
        return frame.machine.frame


class SlotRoot(Root):
    """A property, which has a slot of its own."""

    def __init__(self, code: Code, find: Callable[[Frame], Slot]) -> None:
        super().__init__(code, lambda _: "")
        self.find = find

    def read(self, frame: Frame) -> Content:
        """What the property's slot holds."""
        return frame.machine.turn.read(self.find(frame))

    def base(self, _: Frame) -> str:
        """Nothing outside gives a property its content."""
        return ""

    def write(self, frame: Frame, content: Content) -> None:
        """Assign to the property."""
        frame.machine.write(self.find(frame), content)

    def slot(self, frame: Frame) -> Slot:
        """The property's slot."""
        return self.find(frame)

    own = slot

    def bind(self, frame: Frame, slot: Slot) -> None:
        """Make the property a name of a slot."""
        slot.bound += 1
        frame.machine.link(self.find(frame), slot)

    def unset(self, frame: Frame) -> None:
        """Take the property away."""
        frame.machine.turn.writes[self.find(frame)] = MISSING


class Target:
    """A root, and the keys of the element in it that is meant; without keys the root itself."""

    def __init__(self, code: Code, root: Root, keys: list[Compiled | None], node: Node) -> None:
        self.code, self.root, self.keys, self.node = code, root, keys, node
        self.step: Step = code.step(_statement(node), text(node)[:60])
        self._last: tuple[Any, Any] = (None, None)
        self.lookup: Compiled = (
            lookup(code, node) if None not in keys else refused("an element that is appended is read")
        )

    def prepare(self, frame: Frame) -> list[Key | None] | Unknown:
        """The keys, worked out; a hole where one is not known."""
        out: list[Key | None] = []
        for key in self.keys:
            if key is None:
                out.append(None)
                continue
            held = key(frame)
            if held.__class__ is Unknown:
                return held  # type: ignore[no-any-return]
            out.append(array_key(known_data(held)))
        return out

    def assign(self, frame: Frame, keys: list[Key | None] | Unknown, value: Result) -> None:
        """Write a value there."""
        if isinstance(keys, Unknown):
            self.root.write(frame, keys)
            return
        stepped = self._stepped(value)
        if not keys:
            self.root.write(frame, stepped)
            return
        before = self.root.read(frame)
        after = set_in(frame.machine, before, keys, stepped, self.step, base=self.root.base(frame))
        if after is not before:
            self.root.write(frame, after)

    def _stepped(self, value: Result) -> Result:
        """The value with the step that assigned it; the same object for the same value."""
        if self._last[0] is not value:
            self._last = (value, value.after(self.step))
        return self._last[1]  # type: ignore[no-any-return]

    def set(self, frame: Frame, value: Result) -> None:
        """Work out the keys, and write."""
        self.assign(frame, self.prepare(frame), value)

    def slot(self, frame: Frame) -> Slot:
        """A reference to what is meant, which is made if it is not there."""
        keys = self._known(frame)
        if not keys:
            return self.root.slot(frame)
        content, slot = slot_in(frame.machine, self.root.read(frame), keys, self.step)
        self.root.write(frame, content)
        return slot

    def own(self, frame: Frame) -> Slot:
        """A slot through which a function can reach what is meant while it runs."""
        return self.slot(frame) if self.keys else self.root.own(frame)

    def bind(self, frame: Frame, slot: Slot) -> None:
        """Make what is meant a name of a slot."""
        keys = self._known(frame)
        if not keys:
            self.root.bind(frame, slot)
            return
        slot.bound += 1
        self.root.write(frame, set_in(frame.machine, self.root.read(frame), keys, slot, self.step))

    def _known(self, frame: Frame) -> list[Key | None]:
        keys = self.prepare(frame)
        if isinstance(keys, Unknown):
            raise Undecided(keys.reason)
        return keys

    def unset(self, frame: Frame) -> None:
        """``unset()``."""
        keys = self._known(frame)
        if not keys:
            self.root.unset(frame)
            return
        before = self.root.read(frame)
        after = unset_in(frame.machine, before, keys, self.step)  # type: ignore[arg-type]
        if after is not before:
            self.root.write(frame, after)


class ListTarget:
    """``[ $a, 'key' => $b ]`` on the left of an assignment."""

    def __init__(self, code: Code, items: list[tuple[Compiled | None, Any]], node: Node) -> None:
        self.code, self.items, self.node = code, items, node

    def prepare(self, _: Frame) -> list[Key | None]:
        """Nothing is worked out beforehand."""
        return []

    def assign(self, frame: Frame, _: object, value: Result) -> None:
        """Take the value apart."""
        if isinstance(value, Value) and not isinstance(value.data, dict) and value.data is not None:
            raise NotEvaluated("something that is not an array is taken apart")
        number = 0
        for key, target in self.items:
            at = Value(number) if key is None else key(frame)
            number += 1
            if target is not None:
                target.set(frame, _taken(frame, value, at, self))

    def set(self, frame: Frame, value: Result) -> None:
        """Take the value apart."""
        self.assign(frame, None, value)


def _taken(frame: Frame, value: Result, at: Result, target: ListTarget) -> Result:
    for held in (value, at):
        if isinstance(held, Unknown):
            return held
    item = expressions.element(frame, value, at.data, target.code, target.node) if value.data is not None else MISSING  # type: ignore[union-attr, arg-type]
    return NULL if item is MISSING else item  # type: ignore[no-any-return]


def target(code: Code, node: Node) -> Any:  # noqa: ANN401 - a Target or a ListTarget
    """What an expression means as a place to write to. Raises NotEvaluated for what is none."""
    if node.type in ("list_literal", "array_creation_expression"):
        return ListTarget(code, [_list_item(code, item) for item in _list_items(node)], node)
    keys: list[Compiled | None] = []
    current = node
    while True:
        while current.type == "parenthesized_expression":
            current = children(current)[0]
        if current.type != "subscript_expression":
            break
        parts = children(current)
        if parts[0].type == "variable_name" and text(parts[0]) == "$GLOBALS" and len(parts) == 2:
            name = compiled(code, parts[1])
            return Target(code, GlobalRoot(code, lambda frame: _name(name(frame))), keys[::-1], node)
        keys.append(compiled(code, parts[1]) if len(parts) == 2 else None)
        current = parts[0]
    return Target(code, _root(code, current), keys[::-1], node)


def _root(code: Code, node: Node) -> Root:
    if node.type == "variable_name":
        name = name_of(node)
        if name in ("this", "GLOBALS"):
            raise NotEvaluated(f"${name} is written")
        if name in expressions.SUPERGLOBALS:
            return GlobalRoot(code, lambda _: name)
        return Root(code, lambda _: name)
    if node.type == "dynamic_variable_name":
        return Root(code, expressions.named_dynamically(code, node))
    if node.type in ("member_access_expression", "scoped_property_access_expression"):
        from driftcheck.php.run.members import property_slot

        return SlotRoot(code, property_slot(code, node))
    raise NotEvaluated(f"{node.type.replace('_', ' ')} is written")


def _name(held: Result) -> str:
    if isinstance(held, Unknown):
        raise Undecided(held.reason)
    return to_str(held.data)


def _list_items(node: Node) -> list[list[Node]]:
    """The places of a list, empty ones too, each as its key and target."""
    items: list[list[Node]] = [[]]
    for child in node.children:
        if child.type == ",":
            items.append([])
        elif child.is_named and child.type not in ("comment",):
            items[-1].extend(children(child) if child.type in ("pair", "array_element_initializer") else [child])
        elif child.type == "=>":
            continue
    return items if items[-1] else items[:-1]


def _list_item(code: Code, parts: list[Node]) -> tuple[Compiled | None, Any]:
    if not parts:
        return None, None
    if any(part.type == "by_ref" for part in parts):
        raise NotEvaluated("a reference in a list")
    key = compiled(code, parts[0]) if len(parts) == 2 else None
    return key, target(code, parts[-1])


def _statement(node: Node) -> Node:
    """The statement that a node stands in, whose place the steps name."""
    current: Node | None = node
    while current is not None and not current.type.endswith("_statement") and current.type != "assignment_expression":
        if current.parent is None or current.parent.type in ("compound_statement", "program"):
            return current
        current = current.parent
    return current if current is not None else node


# -- expressions that assign -----------------------------------------------------------------------------------------


def _or_refused(make: Callable[[Code, Node], Compiled]) -> Callable[[Code, Node], Compiled]:
    """A maker whose refusal is the expression's, not that of the whole file."""

    def made(code: Code, node: Node) -> Compiled:
        try:
            return make(code, node)
        except NotEvaluated as error:
            return refused(str(error))

    return made


def assignment(code: Code, node: Node) -> Compiled:
    """``target = value``."""
    left, right = field(node, "left"), field(node, "right")
    if left is None or right is None:
        return refused("a syntax error in an expression")
    place, value = target(code, left), compiled(code, right)

    def run(frame: Frame) -> Result:
        keys = place.prepare(frame)
        held = value(frame)
        place.assign(frame, keys, held)
        return held  # type: ignore[no-any-return]

    return run


def reference(code: Code, node: Node) -> Compiled:
    """``target =& other``."""
    left, right = field(node, "left"), field(node, "right")
    if left is None or right is None:
        return refused("a syntax error in an expression")
    if right.type.endswith("call_expression"):
        return assignment(code, node)  # what a function returns is a value of its own, unless it is declared otherwise
    place, other = target(code, left), target(code, right)

    def run(frame: Frame) -> Result:
        slot = other.slot(frame)
        place.bind(frame, slot)
        held = frame.machine.turn.through(slot)
        return NULL if held is MISSING else held  # type: ignore[return-value]

    return run


def augmented(code: Code, node: Node) -> Compiled:
    """``target .= value`` and its like."""
    left, right, sign = field(node, "left"), field(node, "right"), text(field(node, "operator")).lower()[:-1]
    if left is None or right is None:
        return refused("a syntax error in an expression")
    place, value = target(code, left), compiled(code, right)
    if sign == "??":
        return _defaulted(place, value)

    def run(frame: Frame) -> Result:
        keys = place.prepare(frame)
        before = place.lookup(frame)
        if before.__class__ is Value and before.data.__class__.__name__ == "PhpArray":
            frame.machine.escape(before.data)
        if before is MISSING:
            before = NULL
        held = value(frame)
        made = _combined(frame, before, held, sign, code, node)
        place.assign(frame, keys, made)
        return made

    return run


def _combined(frame: Frame, before: Result, held: Result, sign: str, code: Code, node: Node) -> Result:
    if sign == ".":
        return expressions.joined(frame, [before, held], code, node)
    return operated(frame, before, held, sign, code, node)


def _defaulted(place: Target, value: Compiled) -> Compiled:
    def run(frame: Frame) -> Result:
        before = place.lookup(frame)
        if before.__class__ is Unknown:
            raise Undecided(before.reason)
        if before is not MISSING and before.data is not None:
            return before  # type: ignore[no-any-return]
        held = value(frame)
        place.set(frame, held)
        return held  # type: ignore[no-any-return]

    return run


def update(code: Code, node: Node) -> Compiled:
    """``++`` and ``--`` before or behind a target."""
    operand = field(node, "argument") or children(node)[0]
    place = target(code, operand)
    up, before_it = "++" in text(node).replace(text(operand), "", 1), node.children[0].type in ("++", "--")

    def run(frame: Frame) -> Result:
        held = place.lookup(frame)
        held = NULL if held is MISSING else held
        if held.__class__ is Unknown:
            place.set(frame, held)
            return held  # type: ignore[no-any-return]
        made = code.value(_counted(held.data, up=up), node)
        place.set(frame, made)
        return made if before_it else held  # type: ignore[no-any-return]

    return run


def _counted(data: Any, *, up: bool) -> Any:  # noqa: ANN401 - data of PHP
    if data is None:
        return 1 if up else None
    if isinstance(data, bool):
        return data
    if isinstance(data, (int, float)):
        if data in (INT_MAX, -INT_MAX - 1) and isinstance(data, int):
            return float(data) + (1 if up else -1)
        return data + (1 if up else -1)
    raise NotEvaluated("++ or -- of something that is not a number")


def _referenced(code: Code, node: Node) -> Compiled:
    """The slot of what stands behind an ``&`` in an array."""
    place = target(code, node)

    def run(frame: Frame) -> Slot:
        slot: Slot = place.slot(frame)
        slot.bound += 1
        return slot

    return run


def is_instance(held: Result) -> bool:
    """Whether a value is an object."""
    return isinstance(held, Value) and isinstance(held.data, Instance)


expressions.LOOKUPS["by_ref"] = _or_refused(_referenced)
expressions.register(
    {
        "assignment_expression": _or_refused(assignment),
        "reference_assignment_expression": _or_refused(reference),
        "augmented_assignment_expression": _or_refused(augmented),
        "update_expression": _or_refused(update),
    }
)
