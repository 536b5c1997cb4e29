"""Running files from their first statement to the last: the way that the worlds take through them, together and apart."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from driftcheck.php.run import (  # noqa: F401 - they register their node types
    array_literals,
    assignments,
    calls,
    choices,
    declarations,
    exceptions,
    interpolation,
    loops,
    members,
    methods,
    operations,
    variables,
)  # fmt: skip
from driftcheck.php.run.effects import Effects
from driftcheck.php.run.exceptions import Thrown
from driftcheck.php.run.expressions import compiled, truth
from driftcheck.php.run.inclusions import DECLARATIONS, INCLUSIONS, early, hoist, resolved
from driftcheck.php.run.statements import Signal, branches, statement
from driftcheck.php.syntax import children, field, text
from driftcheck.php.values import NotEvaluated, conditional
from driftcheck.php.writes import leaves

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.run.frames import Code, Frame
    from driftcheck.php.run.machine import Machine

_BLOCKS = ("compound_statement", "colon_block")


_EXIT = re.compile(rb"\b(?:exit|die)\b", re.IGNORECASE)
_UNCAUGHT = "an exception that nothing catches"


class Program:
    """Runs files in the global scope of a machine. ``doubt`` are worlds in which a file may have ended already."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.doubt = 0

    def run(self, path: str, mask: int | None = None) -> None:
        """Run a file in the worlds of a mask. Raises NotEvaluated where there is no such file."""
        code = self.machine.code(path)
        if code is None:
            raise NotEvaluated(f"{path} could not be read")
        self.run_code(code, mask)

    def run_code(self, code: Code, mask: int | None = None) -> None:
        """Run code that stands in no file of the tree."""
        self._file(code, self.machine.everyone if mask is None else mask)

    def _file(self, code: Code, mask: int) -> None:
        before = self.doubt
        nodes = children(code.file.root)
        if code.file.root.has_error:  # where its functions and blocks end is not known
            self.machine.forget(None, mask, "a syntax error", code, code.file.root)
            self.doubt |= mask
            return
        self._atomic(code, code.file.root, mask, lambda _: hoist(self.machine, code, nodes))
        self._statements(code, nodes, mask)
        if not _exits(code.file.root):
            self.doubt = before

    def _statements(self, code: Code, nodes: list[Node], mask: int) -> int:
        """Run statements in order; the worlds that reach the end of them."""
        for number, node in enumerate(nodes):
            mask &= ~self.machine.ended
            if not mask:
                return 0
            if node.type == "goto_statement" or _jumps(node):
                self._forget(code, nodes[number:], mask, "a goto")
                return mask
            lost = mask & self.doubt
            if lost:
                self._forget(code, [node], lost, "it is not known whether this is reached")
            going = mask & ~self.doubt
            if going:
                mask = lost | self._statement(code, node, going)
        return mask

    def _statement(self, code: Code, node: Node, mask: int) -> int:
        kind = node.type
        if kind in DECLARATIONS and node.parent is not None and node.parent.type in ("program", "compound_statement"):
            if node.parent.type == "program" and node.id in early(code):
                return mask
        if kind in _BLOCKS:
            return self._statements(code, children(node), mask)
        if kind == "namespace_definition":
            body = field(node, "body")
            return mask if body is None else self._statements(code, children(body), mask)
        if kind == "if_statement":
            return self._guarded(code, node, mask)
        if kind == "expression_statement":
            inclusion = _inclusion(node)
            if inclusion is not None:
                return self._included(code, inclusion, mask)
        run = statement(code, node)
        left = 0
        for some, signal in self._atomic(code, node, mask, run):
            if isinstance(signal, Signal) and signal.kind == "return":
                left |= some
        return mask & ~left

    def _atomic(self, code: Code, node: Node, mask: int, run: Callable[[Frame], Any]) -> list[tuple[int, Any]]:
        def lost(some: int, reason: str) -> None:
            self._lose(code, node, some, reason)
            if reason.startswith(_UNCAUGHT):  # the program ends, and there is no page that would use what it has set
                self.machine.forget(None, some, reason, code, node)
                self.machine.ended |= some

        def once() -> Any:  # noqa: ANN401 - whatever a statement answers
            try:
                return run(self.machine.frame)
            except Thrown as thrown:
                raise NotEvaluated(f"{_UNCAUGHT}: {thrown}") from None

        watch = self.machine.watch
        return self.machine.each(mask, once, lost, None if watch is None else functools.partial(watch.ran, code, node))

    def _lose(self, code: Code, node: Node, mask: int, reason: str) -> None:
        self._forget(code, [node], mask, reason)
        if leaves(node) or _exits(node):
            self.doubt |= mask

    def _forget(self, code: Code, nodes: list[Node], mask: int, reason: str) -> None:
        names = Effects(self.machine).of(code, nodes)
        if self.machine.watch is not None:
            self.machine.watch.lost(code, nodes)
        self.machine.forget(names, mask, reason, code, nodes[0])

    # -- guards ----------------------------------------------------------------------------------------------------

    def _guarded(self, code: Code, node: Node, mask: int) -> int:
        try:
            arms = branches(node)
        except NotEvaluated as error:
            self._lose(code, node, mask, str(error))
            return mask
        past = 0
        for number, (guard, body) in enumerate(arms):
            taken = mask
            if guard is not None:
                rest = [part for arm in arms[number:] for part in arm if part is not None]
                taken, lost = self._decided(code, guard, mask, rest)
                mask &= ~lost
                past |= lost
            mask &= ~taken & ~self.machine.ended
            if taken and body is not None:
                past |= self._statements(code, [body], taken)
            if not mask:
                break
        return past | mask

    def _decided(self, code: Code, guard: Node, mask: int, rest: list[Node]) -> tuple[int, int]:
        """The worlds in which a guard holds, and those in which that is not known."""
        test = compiled(code, guard)

        def run() -> tuple[Result, bool | None]:
            held = test(self.machine.frame)
            return held, truth(held)

        taken = unknown = 0
        failed: list[tuple[int, str, list[Node]]] = []
        answers = self.machine.each(mask, run, lambda some, reason: failed.append((some, reason, rest)))
        for some, (held, answer) in answers:
            if answer is None:
                failed.append((some, held.reason, rest[1:]))  # the guard itself has run
            elif answer:
                taken |= some
        for some, reason, parts in failed:
            unknown |= some
            self._forget(code, parts, some, conditional(reason))
            if any(leaves(part) or _exits(part) for part in rest):
                self.doubt |= some
        return taken, unknown

    # -- inclusions ------------------------------------------------------------------------------------------------

    def _included(self, code: Code, node: Node, mask: int) -> int:
        path = compiled(code, children(node)[0])
        answers = self._atomic(code, node, mask, lambda frame: resolved(frame, code, path, node))
        by_path: dict[str | None, int] = {}
        for some, found in answers:
            by_path[found] = by_path.get(found, 0) | some
        for found, some in by_path.items():
            if found is not None:
                inner = self.machine.code(found)
                assert inner is not None
                self._file(inner, some)
        return mask & ~self.machine.ended


def _inclusion(node: Node) -> Node | None:
    parts = children(node)
    current = parts[0] if len(parts) == 1 else None
    while current is not None and current.type in ("parenthesized_expression", "error_suppression_expression"):
        current = children(current)[0] if children(current) else None
    return current if current is not None and current.type in INCLUSIONS else None


def _exits(node: Node) -> bool:
    if not _EXIT.search(node.text or b""):
        return False
    pending = [node]
    while pending:
        current = pending.pop()
        if current.type == "exit_statement" or (
            current.type == "function_call_expression" and text(field(current, "function")).lower() in ("exit", "die")
        ):
            return True
        if current.type not in ("function_definition", "class_declaration", "anonymous_function", "arrow_function"):
            pending.extend(current.named_children)
    return False


def _jumps(node: Node) -> bool:
    """Whether a goto stands in a statement."""
    raw = node.text or b""
    if b"goto" not in raw:
        return False
    pending = [node]
    while pending:
        current = pending.pop()
        if current.type == "goto_statement":
            return True
        pending.extend(current.named_children)
    return False
