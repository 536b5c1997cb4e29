"""What stands at the bottom of a target: a variable, or a property."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import MISSING, Value
from driftcheck.php.run.typed import of_type
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.php.run.frames import Code, Frame
    from driftcheck.php.run.worlds import Content, Slot


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

    def bind(self, frame: Frame, slot: Slot) -> None:
        """Make it a name of a slot. Raises NotEvaluated as ``unset`` does."""
        self._check(frame)
        super().bind(frame, slot)

    def unset(self, frame: Frame) -> None:
        """Take it away. Raises NotEvaluated where a function has brought it in by ``global``: its name there stays what it was."""
        self._check(frame)
        super().unset(frame)

    def _check(self, frame: Frame) -> None:
        if frame.machine.turn.holders(self.frame(frame).own(self.name(frame))).shared:
            raise NotEvaluated("a global that a function has by another name")


class SlotRoot(Root):
    """A property, which has a slot of its own."""

    def __init__(self, code: Code, find: Callable[[Frame], Slot]) -> None:
        super().__init__(code, lambda _: "")
        self.find = find

    def read(self, frame: Frame) -> Content:
        """What the property's slot holds. Raises NotEvaluated for one that keeps its value: a part of it is to be written."""
        slot = self.find(frame)
        declared = frame.machine.typed.get(slot)
        if declared is not None and declared.fixed:
            raise NotEvaluated("a part of a property that keeps its value is written")
        return frame.machine.turn.read(slot)

    def base(self, _: Frame) -> str:
        """Nothing outside gives a property its content."""
        return ""

    def write(self, frame: Frame, content: Content) -> None:
        """Assign to the property. Raises NotEvaluated for what its type does not take, and where it keeps its value."""
        slot = self.find(frame)
        declared = frame.machine.typed.get(slot)
        if declared is not None and isinstance(content, Value):
            content = of_type(content, declared.type, "what a property is assigned", strict=frame.machine.strict)
        if declared is not None and declared.fixed:
            if frame.machine.turn.read(slot) is not MISSING or frame.scope is not declared.owner:
                raise NotEvaluated("a property that keeps its value is written")
        frame.machine.write(slot, content)

    def slot(self, frame: Frame) -> Slot:
        """The property's slot. Raises NotEvaluated where a type would go with the reference."""
        slot = self.find(frame)
        if slot in frame.machine.typed:
            raise NotEvaluated("a reference to a property with a type")
        return slot

    own = slot

    def bind(self, frame: Frame, slot: Slot) -> None:
        """Make the property a name of a slot."""
        frame.machine.turn.hold(slot, parts=1)
        frame.machine.link(self.find(frame), slot)

    def unset(self, frame: Frame) -> None:
        """Take the property away. Raises NotEvaluated for one that keeps its value."""
        slot = self.find(frame)
        if slot in frame.machine.typed and frame.machine.typed[slot].fixed:
            raise NotEvaluated("a property that keeps its value is unset")
        frame.machine.turn.writes[slot] = MISSING
