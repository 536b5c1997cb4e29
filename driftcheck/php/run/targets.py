"""What can be assigned to: variables, elements, properties, and lists of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Unknown, Value
from driftcheck.php.run.arrays import set_in, slot_in, unset_in
from driftcheck.php.run.expressions import NULL, compiled, known_data, lookup, refused
from driftcheck.php.run.frames import Undecided, name_of
from driftcheck.php.run.members import property_slot
from driftcheck.php.run.roots import GlobalRoot, Root, SlotRoot
from driftcheck.php.run.variables import SUPERGLOBALS, element, named_dynamically
from driftcheck.php.syntax import children, text
from driftcheck.php.values import NotEvaluated, array_key, to_str

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from driftcheck.core.model import Key, Result, Step
    from driftcheck.php.run.expressions import Compiled
    from driftcheck.php.run.frames import Code, Frame
    from driftcheck.php.run.worlds import Slot


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
                return held
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
        """Take the value apart. Raises NotEvaluated where it is no array."""
        if isinstance(value, Value) and not isinstance(value.data, dict) and value.data is not None:
            raise NotEvaluated("something that is not an array is taken apart")
        for number, (key, target) in enumerate(self.items):
            at = Value(number) if key is None else key(frame)
            if target is not None:
                target.set(frame, _taken(frame, value, at, self))

    def set(self, frame: Frame, value: Result) -> None:
        """Take the value apart."""
        self.assign(frame, None, value)


def _taken(frame: Frame, value: Result, at: Result, target: ListTarget) -> Result:
    for held in (value, at):
        if isinstance(held, Unknown):
            return held
    item = element(frame, value, at.data, target.code, target.node) if value.data is not None else MISSING  # type: ignore[union-attr, arg-type]
    return NULL if item is MISSING else item


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
            return Target(code, GlobalRoot(code, _named(compiled(code, parts[1]))), keys[::-1], node)
        keys.append(compiled(code, parts[1]) if len(parts) == 2 else None)
        current = parts[0]
    return Target(code, _root(code, current), keys[::-1], node)


def _root(code: Code, node: Node) -> Root:
    if node.type == "variable_name":
        name = name_of(node)
        if name in ("this", "GLOBALS"):
            raise NotEvaluated(f"${name} is written")
        if name in SUPERGLOBALS:
            return GlobalRoot(code, lambda _: name)
        return Root(code, lambda _: name)
    if node.type == "dynamic_variable_name":
        return Root(code, named_dynamically(code, node))
    if node.type in ("member_access_expression", "scoped_property_access_expression"):
        return SlotRoot(code, property_slot(code, node))
    raise NotEvaluated(f"{node.type.replace('_', ' ')} is written")


def _named(made: Compiled) -> Callable[[Frame], str]:
    def run(frame: Frame) -> str:
        held = made(frame)
        if held.__class__ is Unknown:
            raise Undecided(held.reason)
        return to_str(held.data)

    return run


def _list_items(node: Node) -> list[list[Node]]:
    """The places of a list, empty ones too, each as its key and target."""
    items: list[list[Node]] = [[]]
    for child in node.children:
        if child.type == ",":
            items.append([])
        elif child.is_named and child.type != "comment":
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
