"""The variables of a scope while statements run: what is assigned to them, and what makes them unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import MISSING, Op, Step, Unknown, Value
from driftcheck.php.assign import list_targets, placed, target_of, without
from driftcheck.php.evaluator import key_of
from driftcheck.php.syntax import children, field, place, search, text
from driftcheck.php.values import inherited
from driftcheck.php.writes import ANY, Write, roots, writes

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence

    from tree_sitter import Node

    from driftcheck.core.model import Key, Result
    from driftcheck.php.evaluator import Evaluator, Lazy
    from driftcheck.php.writes import Reach

INCLUSIONS = {"require_expression", "require_once_expression", "include_expression", "include_once_expression"}
_DEEPEST_LIST = 20
_NESTED = "it is assigned inside an expression"
_NO_VARIABLE = "it is assigned through something that is not a variable"


class Variables:
    """Writes to the scope of an evaluator; ``only`` and ``trace`` are the executor's."""

    def __init__(self, ev: Evaluator, only: Container[int] | None, *, trace: bool) -> None:
        self.ev = ev
        self._only = only
        self.trace = trace

    # -- knowing ---------------------------------------------------------------------------------------------------

    def keep(self, name: str, held: Result | Lazy) -> None:
        """Remember what a variable holds, unless another name can change it behind its back."""
        why = self.ev.shared.get(name)
        self.ev.scope[name] = held if why is None else Unknown(why, self.ev.source, 0)

    def assigned(self, left: Node, held: Result, node: Node) -> bool:
        """An assignment. Whether its value is what was assigned: a string takes only one character."""
        if left.type == "list_literal":
            self._destructure(left, held)
            return True
        if self.trace:
            held = held.after(Step(Op.ASSIGN, text(left), self.ev.source.span(place(node))))
        return self.assign(left, held)

    def assign(self, left: Node, held: Result) -> bool:
        """Put a value where a variable or an element of one says."""
        if left.type == "variable_name":
            self.keep(text(left)[1:], held)
            return True
        self.forget(left, _NESTED)
        name, path = self._path(left)
        if name is None:
            self.lose(roots(left), _NO_VARIABLE, left)
            return False
        if isinstance(path, Unknown):
            self.keep(name, path)
            return False
        base = self.ev.variable(name)
        if base is MISSING and self.ev.around.strict and not self.ev.around.unset(name):
            self.keep(name, self.ev.unknown(left, f"${name} is not assigned in what was read"))
            return False
        if isinstance(base, Unknown):
            return False
        after = placed(self.ev.state, base, path, held)
        self.keep(name, after)
        return not isinstance(after, Unknown)

    def _destructure(self, left: Node, held: Result, depth: int = 0) -> None:
        if depth > _DEEPEST_LIST:
            self.lose(roots(left), "it is assigned by lists in lists", left)
            return
        for key_node, target in list_targets(left):
            item: Result = self.ev.unknown(left, "an element of a list that is not known")
            key = key_node if isinstance(key_node, int) else key_of(self.ev, key_node)
            if isinstance(held, Value) and isinstance(held.data, dict) and not isinstance(key, Unknown):
                found = held.data.get(key)
                item = item if found is None else inherited(found, held.steps)
            if target.type == "list_literal":
                self._destructure(target, item, depth + 1)
            else:
                self.assign(target, item)

    def unset(self, target: Node) -> None:
        """``unset()`` of a variable or an element."""
        self.forget(target, _NESTED)
        name, path = self._path(target)
        if name is None:
            self.lose(roots(target), "part of it is unset", target)
        elif isinstance(path, Unknown):
            self.keep(name, path)
        elif not path:
            self.keep(name, Value(None))
        else:
            held = without(self.ev.state, self.ev.variable(name), [key for key in path if key is not None])
            if isinstance(held, (Value, Unknown)):
                self.keep(name, held)

    def _path(self, node: Node) -> tuple[str | None, Sequence[Key | None] | Unknown]:
        """The variable that an element belongs to, and its keys; no name where it is not a variable of this scope."""
        target = target_of(node)
        if target.root.type != "variable_name":
            return None, ()
        name = text(target.root)[1:]
        path: list[Key | None] = []
        for key_node in target.keys:
            key = None if key_node is None else key_of(self.ev, key_node)
            if isinstance(key, Unknown):
                return (None if name == "GLOBALS" else name), key
            path.append(key)
        if name != "GLOBALS":
            return name, path
        if self.ev.around.imported is not None or not path or not isinstance(path[0], str):
            return None, ()
        return path[0], path[1:]

    # -- forgetting ------------------------------------------------------------------------------------------------

    def forget(
        self, node: Node, why: str, *, guard: Unknown | None = None, reach: Callable[[str], Reach] | None = None
    ) -> None:
        """Everything that the node would write is unknown from here on."""
        found = writes(node, self.ev.source, reach or self.ev.around.reach, self.ev.file.quiet)
        if self._only is not None:
            found = [write for write in found if self._sliced(write.node, node)]
        self.lose(found, why, node, guard)

    def lose(self, found: Iterable[Write], why: str, node: Node, guard: Unknown | None = None) -> None:
        """These variables are unknown from here on, because of a node or of a guard that is not known."""
        origin = (self.ev.source, place(node)) if guard is None else (guard.source, guard.where)
        for write in found:
            for name in [write.name] if write.name != ANY else self._any(write.node):
                if write.shared:
                    self.ev.shared[name] = f"${name} is not known: another name may change it"
                self.ev.scope[name] = Unknown(f"${name} is not known: {why}", *origin)

    def syntax_error(self, node: Node) -> Unknown | None:
        """What PHP does with a file that it cannot parse is nothing; the parser at hand may be the one that errs."""
        self.forget(node, "there is a syntax error")
        return self.ev.unknown(node, "a syntax error") if self.ev.around.strict else None

    def forget_effects(self, node: Node, guard: Unknown) -> None:
        """What the calls in a branch would set besides: whether the branch runs is not known."""
        effects = self.ev.around.effects
        if not effects:
            return
        for call in search("(function_call_expression) @found", node).get("found", ()):
            name = text(field(call, "function")).lower().lstrip("\\")
            if name in effects and (self._only is None or self._sliced(call, node)):
                for variable, what in effects[name].may_set(call).items():
                    self.ev.scope[variable] = Unknown(f"{what} is not known: {guard.reason}", guard.source, guard.where)

    def _any(self, node: Node) -> Iterable[str]:
        """The variables that code which could write any of them may write: those of a required file can be read."""
        if not self.ev.around.strict:
            return ()
        if node.type in INCLUSIONS and len(children(node)) == 1:
            path = self.ev.eval(children(node)[0])
            names = self.ev.around.assigned_by(path.data) if isinstance(path, Value) else None
            if names is not None:
                return names
        return list(self.ev.scope)

    def _sliced(self, target: Node, within: Node) -> bool:
        """Whether the statement around a node is one of those that run."""
        assert self._only is not None
        current: Node | None = target
        while current is not None and current.id != within.id:
            if current.type.endswith("_statement"):
                return current.start_byte in self._only
            current = current.parent
        return True
