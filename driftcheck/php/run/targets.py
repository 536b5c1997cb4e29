"""What can be assigned to: variables, elements, properties, and lists of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Unknown, Value
from driftcheck.php.run.arrays import set_in, slot_in, unset_in
from driftcheck.php.run.expressions import NULL, compiled, is_plain, known_data, lookup, reading, refused
from driftcheck.php.run.frames import Undecided, name_of
from driftcheck.php.run.members import property_slot
from driftcheck.php.run.roots import GlobalRoot, Root, SlotRoot
from driftcheck.php.run.variables import SUPERGLOBALS, element, named_dynamically
from driftcheck.php.run.worlds import reaches
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

    def __init__(self, code: Code, root: Root, parts: list[Node | None], node: Node, base: Node) -> None:
        self.code, self.root, self.node = code, root, node
        self.keys = [None if part is None else compiled(code, part) for part in parts]
        self._late = [part is not None and is_plain(part) for part in parts]
        self._own_key = any(part is not None and text(part) == text(base) for part in parts)
        self._base, self._read = lookup(code, base), reading(code, base)
        self.step: Step = code.step(_statement(node), text(node)[:60])
        self._last: tuple[Any, Any] = (None, None)
        self.lookup: Compiled = (
            lookup(code, node) if None not in parts else refused("an element that is appended is read")
        )

    def prepare(self, frame: Frame) -> Any:  # noqa: ANN401 - keys or a hole
        """The keys, worked out; a hole where one is not known."""
        return self._worked_out(frame, self.keys)

    def prepare_early(self, frame: Frame) -> Any:  # noqa: ANN401 - keys or a hole
        """The keys before the value is worked out: those that are plain variables PHP reads only after it."""
        if True not in self._late:
            return self._worked_out(frame, self.keys)
        early = [None if late else key for key, late in zip(self.keys, self._late, strict=True)]
        return self._worked_out(frame, early)

    def prepare_late(self, frame: Frame, keys: Any) -> Any:  # noqa: ANN401 - keys or a hole
        """The keys after the value is worked out."""
        if isinstance(keys, Unknown) or True not in self._late:
            return keys
        late = self._worked_out(frame, [key if late else None for key, late in zip(self.keys, self._late, strict=True)])
        if isinstance(late, Unknown):
            return late
        return [after if then else before for before, after, then in zip(keys, late, self._late, strict=True)]

    def at(self, frame: Frame, keys: Any, *, quiet: bool = False) -> Any:  # noqa: ANN401 - keys; a result or MISSING
        """What is there now, by keys that are worked out; MISSING where nothing is. Raises NotEvaluated where PHP throws, unless it is ``quiet``."""
        held = self._base(frame) if quiet else self._read(frame)
        if isinstance(keys, Unknown):
            return keys
        for key in keys:
            if key is None:
                return MISSING
            if held is MISSING or held.__class__ is Unknown:
                return held
            held = element(frame, held, key, self.code, self.node)
        return held

    def _worked_out(self, frame: Frame, keys: list[Compiled | None]) -> list[Key | None] | Unknown:
        out: list[Key | None] = []
        hole: Unknown | None = None  # the keys behind it are worked out all the same: they may write
        for key in keys:
            held = NULL if key is None else key(frame)
            if held.__class__ is Unknown:
                hole = hole or held
            else:
                out.append(None if key is None else array_key(known_data(held)))
        return out if hole is None else hole

    def assign(self, frame: Frame, keys: list[Key | None] | Unknown, value: Result) -> None:
        """Write a value there. Raises NotEvaluated where it would be an array in itself."""
        if isinstance(keys, Unknown):
            self.root.write(frame, keys)
            return
        stepped = self._stepped(value)
        if not keys:
            self.root.write(frame, stepped)
            return
        before = self._before(frame)
        if frame.machine.references and _is_same_array(frame.machine.turn.plain(before), value):
            raise NotEvaluated(
                "an array that may become an element of itself"
            )  # PHP copies none that has one name more
        after = set_in(frame.machine, before, keys, stepped, self.step, base=self.root.base(frame))
        if after is not before:
            self.root.write(frame, after)

    def _before(self, frame: Frame) -> Any:  # noqa: ANN401 - what the root holds
        """What the variable holds before it is written. Raises NotEvaluated where a key is the variable itself, which becomes an array first."""
        held = self.root.read(frame)
        if self._own_key and not (isinstance(held, Value) and isinstance(held.data, dict)):
            raise NotEvaluated("a key that is the variable itself")
        return held

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
        return self.element_slot(frame, keys)

    def element_slot(self, frame: Frame, keys: list[Key | None]) -> Slot:
        """A reference to an element by keys that are worked out."""
        before = self._before(frame)
        content, slot = slot_in(frame.machine, before, keys, self.step)
        if content is not before:
            self.root.write(frame, content)
        return slot

    def own(self, frame: Frame) -> Slot:
        """A slot through which a function can reach what is meant while it runs."""
        if self.keys:
            return self.slot(frame)
        slot = self.root.own(frame)
        if frame.machine.turn.through(slot) is MISSING:
            content = self.root.read(frame)
            frame.machine.write(slot, NULL if content is MISSING else content)
        return slot

    def bind(self, frame: Frame, slot: Slot) -> None:
        """Make what is meant a name of a slot. Raises NotEvaluated where an array would contain itself."""
        keys = self._known(frame)
        if not keys:
            self.root.bind(frame, slot)
            return
        before = self._before(frame)
        if reaches(frame.machine.turn, slot, before):
            raise NotEvaluated("an array that would contain itself")
        frame.machine.put_in(slot)
        after = set_in(frame.machine, before, keys, slot, self.step)
        if after is not before:
            self.root.write(frame, after)

    def _known(self, frame: Frame) -> list[Key | None]:
        keys = self.prepare(frame)
        if isinstance(keys, Unknown):
            raise Undecided(keys.reason)
        return keys  # type: ignore[no-any-return]

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

    prepare_early = prepare

    def prepare_late(self, _: Frame, keys: list[Key | None]) -> list[Key | None]:
        """Nothing is worked out beforehand."""
        return keys

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


def _is_same_array(one: Any, other: Result) -> bool:  # noqa: ANN401 - what a variable holds
    return isinstance(one, Value) and isinstance(other, Value) and isinstance(one.data, dict) and one.data is other.data


def target(code: Code, node: Node) -> Any:  # noqa: ANN401 - a Target or a ListTarget
    """What an expression means as a place to write to. Raises NotEvaluated for what is none."""
    if node.type in ("list_literal", "array_creation_expression"):
        return ListTarget(code, [_list_item(code, item) for item in _list_items(node)], node)
    keys: list[Node | None] = []
    current = node
    while True:
        while current.type == "parenthesized_expression":
            current = children(current)[0]
        if current.type != "subscript_expression":
            break
        parts = children(current)
        if parts[0].type == "variable_name" and text(parts[0]) == "$GLOBALS" and len(parts) == 2:
            return Target(code, GlobalRoot(code, _named(compiled(code, parts[1]))), keys[::-1], node, current)
        keys.append(parts[1] if len(parts) == 2 else None)
        current = parts[0]
    return Target(code, _root(code, current), keys[::-1], node, current)


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
