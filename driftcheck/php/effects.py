"""Expressions that are statements: assignments of all kinds, and calls for what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import MISSING, Unknown, Value
from driftcheck.php import operators
from driftcheck.php.assign import target_of
from driftcheck.php.evaluator import Evaluator, Lazy
from driftcheck.php.expressions import union
from driftcheck.php.names import constant_name
from driftcheck.php.syntax import broken, children, field, mentions, text
from driftcheck.php.values import NotEvaluated
from driftcheck.php.variables import INCLUSIONS
from driftcheck.php.writes import roots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.variables import Variables

_LEAVES = {"string", "integer", "float", "boolean", "null", "name", "variable_name"}
_REQUIRED = {"require_expression", "require_once_expression"}
_TABLES = {"array_creation_expression", "binary_expression"}
_TABLE_SIZE = 1000
"""An array literal of so many bytes is a table of settings; its rows are evaluated when they are asked for."""

_NOT_FOLLOWED = {"member_access_expression", "nullsafe_member_access_expression", "scoped_property_access_expression"}
_WORD_OPERATORS = {"and", "or", "xor"}
_ENDS = {"die", "exit", "__halt_compiler"}


class Effects:
    """Runs expressions for what they do to the variables of a scope; ``lazy`` is the executor's."""

    def __init__(self, evaluator: Evaluator, variables: Variables, *, lazy: bool) -> None:
        self.ev = evaluator
        self._lazy = lazy
        self._variables = variables

    def define(self, name: str, held: Result) -> None:
        """A constant by its full name. The first definition stays; PHP warns about the others."""
        self.ev.state.defined.setdefault(constant_name(name.removeprefix("\\")), held)

    def run(self, node: Node) -> Unknown | None:
        """One expression; an Unknown where nothing is known to run after it."""
        later: list[Node] = []
        # `$a = true and false;` assigns true: the assignment binds tighter, and the rest may not even run.
        while node.type == "binary_expression" and text(field(node, "operator")).lower() in _WORD_OPERATORS:
            left, right = field(node, "left"), field(node, "right")
            if left is None or right is None or broken(node):
                return self._variables.syntax_error(node)
            later.append(right)
            node = left
        outcome = self._single(node)
        for part in later:
            self._variables.forget(part, "it is assigned under a condition")
        return outcome

    def _single(self, node: Node) -> Unknown | None:
        kind = node.type
        if broken(node):
            return self._variables.syntax_error(node)
        if kind == "assignment_expression":
            self._assignment(node)
        elif kind == "augmented_assignment_expression":
            self._augmented(node)
        elif kind == "function_call_expression":
            return self._call(node)
        elif kind == "throw_expression":
            return self.ev.unknown(node, "an exception is thrown here")
        elif kind not in INCLUSIONS or self.ev.around.strict:
            self._variables.forget(node, f"it is assigned in a {kind.replace('_', ' ')}")
        return None

    def _assignment(self, node: Node) -> None:
        """``$a = 1``, and ``$a = $b['x'] = 1`` from the right."""
        lefts: list[Node] = []
        right: Node | None = node
        while right is not None and right.type == "assignment_expression":
            left = field(right, "left")
            if left is None or left.has_error or b"&" in (left.text or b""):
                self._variables.forget(node, "it is assigned in a way that is not modelled")
                return
            lefts.append(left)
            right = field(right, "right")
        if right is None:
            return
        if right.type not in _LEAVES:
            self._variables.forget(right, "it is assigned inside an expression")
        if len(lefts) > 1:
            self._chained(node, lefts, right)
        elif self._is_table(right):
            self._tabled(node, lefts[0], right)
        elif lefts[0].type in _NOT_FOLLOWED or self._twice_named(lefts[0], right):
            self._variables.forget(node, "it is assigned through something that is not a variable")
        else:
            self._variables.assigned(lefts[0], self.ev.eval(right), node)

    def _twice_named(self, left: Node, right: Node) -> bool:
        """Whether an element of ``$GLOBALS`` takes what holds the variable itself: PHP may put it into itself."""
        return b"$GLOBALS" in (left.text or b"") and bool(
            {write.name for write in roots(left)} & mentions(self.ev.source, right)
        )

    def _chained(self, node: Node, lefts: Sequence[Node], right: Node) -> None:
        names = {write.name for left in lefts for write in roots(left)}
        keys = [key for left in lefts for key in target_of(left).keys if key is not None]
        plain = all(left.type in ("variable_name", "subscript_expression") for left in lefts)
        if not plain or any(mentions(self.ev.source, key) & names for key in keys):
            # When PHP reads the keys depends on how they are written.
            self._variables.forget(node, "it is assigned in a way that is not modelled")
            return
        held = self.ev.eval(right)
        for left in reversed(lefts):
            if not self._variables.assigned(left, held, node):
                held = self.ev.unknown(left, "what an assignment to a part of it gives is not known")

    def _tabled(self, node: Node, left: Node, right: Node) -> None:
        """A table of settings, which keeps the variables that it mentions as they are now."""
        table = self._waiting(right)
        if left.type == "variable_name":
            self._variables.keep(text(left)[1:], table)
        elif left.type in _NOT_FOLLOWED:
            self.ev.tables[right.start_byte] = table
            self._variables.forget(node, "it is assigned through something that is not a variable")
        else:
            self._variables.assigned(left, table.force(), node)

    def _waiting(self, node: Node) -> Lazy:
        names = [name for name in mentions(self.ev.source, node) if name in self.ev.scope]
        around = self.ev.around
        if around.imported is not None:
            # The globals of a function may have changed by the time that somebody asks.
            around = around._replace(imported=lambda name: MISSING)
        scope = {name: self.ev.scope[name] for name in names}
        return Lazy(Evaluator(self.ev.file, scope, around, self.ev.state), node)

    def _is_table(self, right: Node) -> bool:
        if not self._lazy:
            return False
        while right.type == "parenthesized_expression" and len(children(right)) == 1:
            right = children(right)[0]
        if right.type in _REQUIRED:
            return True
        large = right.end_byte - right.start_byte >= _TABLE_SIZE
        return right.type in _TABLES and (large or b"require" in (right.text or b""))

    def _augmented(self, node: Node) -> None:
        left, right = field(node, "left"), field(node, "right")
        sign = text(field(node, "operator"))[:-1]
        if left is None or right is None or node.has_error:
            self._variables.forget(node, "there is a syntax error")
            return
        self._variables.forget(right, "it is assigned inside an expression")
        if sign == "??":
            there = self.ev.is_set(left)
            if there is False:
                self._variables.assigned(left, self.ev.eval(right), node)
            elif isinstance(there, Unknown):
                self._variables.assigned(left, there, node)
            return
        if sign == "+" and left.type == "variable_name" and self._is_table(right):
            # `$config += require 'x.php';`: rows are looked up in both when they are asked for.
            self._variables.keep(text(left)[1:], self._waiting(node))
            return
        self._variables.assigned(left, self._operated(node, sign, self.ev.eval(left), self.ev.eval(right)), node)

    def _operated(self, node: Node, sign: str, old: Result, new: Result) -> Result:
        if isinstance(old, Unknown):
            return old
        if isinstance(new, Unknown):
            return new
        if sign == "+" and isinstance(old.data, dict) and isinstance(new.data, dict):
            return union(self.ev, node, old, new)
        try:
            data = operators.BINARY[sign](old.data, new.data)
        except NotEvaluated as error:
            return self.ev.unknown(node, str(error))
        if isinstance(data, str):
            self.ev.state.spend(len(data) // 64)
        return self.ev.literal(data, node)

    def _call(self, node: Node) -> Unknown | None:
        name = text(field(node, "function")).lower().lstrip("\\")
        if name in _ENDS:
            return self.ev.unknown(node, "it ends here")
        around = self.ev.around
        self._variables.forget(node, f"it is passed to {name[:60]}()", reach=around.reach_of_statement)
        arguments = [
            children(argument)[-1] for argument in children(field(node, "arguments") or node) if children(argument)
        ]
        if name in around.effects:
            held = [self.ev.eval(argument) for argument in arguments]
            for variable, value in around.effects[name].sets(self.ev, node, held).items():
                self.ev.scope[variable] = value
        elif name == "define" and len(arguments) == 2:
            key = self.ev.eval(arguments[0])
            if isinstance(key, Value) and isinstance(key.data, str):
                self.define(key.data, self.ev.eval(arguments[1]))
        return None
