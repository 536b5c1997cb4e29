"""Expressions of PHP, worked out without PHP: one small function per node type, one dispatch, one fallback.

What is not understood is :class:`~driftcheck.core.model.Unknown` with its reason and place, and whatever is computed
from it is unknown too. An expression that assigns is never evaluated: :mod:`driftcheck.php.writes` tells the
statements what it would write, and they forget it beforehand, so that the order of evaluation does not matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import MISSING, Op, Step, Unknown, Value, pack
from driftcheck.php import expressions, literals, strings
from driftcheck.php.budget import MAX_DEPTH, Budget
from driftcheck.php.literals import array_items
from driftcheck.php.strings import unescape
from driftcheck.php.syntax import children, place, text
from driftcheck.php.values import NotEvaluated, array_key, decoded, encoded, inherited, is_numeric
from driftcheck.php.writes import reach_of_builtin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tree_sitter import Node

    from driftcheck.core.model import Data, Key, Missing, Result, Source
    from driftcheck.php.names import Names
    from driftcheck.php.writes import Reach

__all__ = ["Evaluator", "Lazy", "array_items", "key_of", "unescape", "whole"]

_LONGEST_CHAIN = 100


class Lazy:
    """An expression that is evaluated when it is first needed, in the scope that it was written in."""

    __slots__ = ("_busy", "_result", "evaluator", "node")

    def __init__(self, evaluator: Evaluator, node: Node) -> None:
        self.evaluator = evaluator
        self.node = node
        self._busy = False
        self._result: Result | None = None

    def force(self) -> Result:
        """The value, worked out once."""
        if self._result is None:
            if self._busy:
                return Unknown("a value that is defined by itself")
            self._busy = True
            self._result = self.evaluator.eval(self.node)
        return self._result


class Evaluator:
    """Evaluates expression nodes of one file in one scope.

    ``scope`` holds variables by name without ``$``; ``constants`` answers a constant's name with a result or None;
    ``functions`` are the file's own, as a call by name and evaluated arguments; ``unset`` tells of a variable that
    nothing assigns whether that means that it is not set. ``strict`` says that all statements run, so that a write
    to any variable counts; ``lazy``, that large
    tables may wait; ``reach`` tells what a call can write. ``shared`` are the variables that can change by
    another name from here on: nothing is known of them, with the reason. ``imported`` answers what ``global`` brings
    in, and is None in the global scope itself. ``assigned_by`` answers which variables a file that is required
    writes, or None, and ``required`` what such a file returns. ``tables`` are the large arrays that were assigned to
    something else than a variable, by the byte at which they begin.
    """

    def __init__(
        self,
        source: Source,
        scope: Mapping[str, Result | Lazy] | None = None,
        constants: Callable[[str], Result | None] = lambda name: None,
        functions: Callable[[str, list[Result]], Result | None] = lambda name, args: None,
        unset: Callable[[str], bool] = lambda name: False,
    ) -> None:
        self.source = source
        self.scope: dict[str, Result | Lazy] = dict(scope or {})
        self.constants = constants
        self.functions = functions
        self.unset = unset
        self.strict = False
        self.lazy = True
        self.reach: Callable[[str], Reach] = reach_of_builtin
        self.shared: dict[str, str] = {}
        self.defined: dict[str, Result] = {}
        self.tables: dict[int, Lazy] = {}
        self.imported: Callable[[str], Result | Missing] | None = None
        self.assigned_by: Callable[[Data], Iterable[str] | None] = lambda path: None
        self.required: Callable[[Data], Result | None] = lambda path: None
        self.names: Names | None = None
        self.budget = Budget()

    def child(self, scope: Mapping[str, Result | Lazy]) -> Evaluator:
        """The same file and constants in another scope."""
        inner = Evaluator(self.source, scope, self.constants, self.functions, self.unset)
        inner.strict, inner.lazy, inner.reach, inner.names = self.strict, self.lazy, self.reach, self.names
        inner.defined, inner.budget, inner.required = self.defined, self.budget, self.required
        return inner

    def eval(self, node: Node) -> Result:
        """The value of one expression; never raises for any input."""
        kind = node.type
        leaf = _LEAVES.get(kind)
        if leaf is not None:
            return leaf(self, node)
        handler = _DISPATCH.get(kind)
        if handler is None:
            return self.unknown(node, f"{kind.replace('_', ' ')} is not evaluated")
        budget = self.budget
        budget.depth += 1
        try:
            if budget.depth > MAX_DEPTH:
                return self.unknown(node, f"nested more than {MAX_DEPTH} levels deep")
            if handler is not literals.array and node.has_error:
                return self.unknown(node, "a syntax error in an expression")
            return handler(self, node)
        except NotEvaluated as error:
            return self.unknown(node, str(error))
        except RecursionError:
            return self.unknown(node, "nested too deep")
        finally:
            budget.depth -= 1

    def unknown(self, node: Node, reason: str) -> Unknown:
        """A hole at a node."""
        return Unknown(reason, self.source, place(node))

    def literal(self, data: Data, node: Node) -> Value:
        """A value written at a node."""
        return Value(data, self.source, node.start_byte << 32 | node.end_byte)

    def constant_names(self, name: str) -> tuple[str, ...]:
        """The constants that a name can mean; the first that exists is meant."""
        return (name.lstrip("\\"),) if self.names is None else self.names.constants(name)

    def function_names(self, name: str) -> tuple[str, ...]:
        """The functions that a call can mean, in lower case; the first that exists is meant."""
        return (name.lower().lstrip("\\"),) if self.names is None else self.names.functions(name)

    def variable(self, name: str) -> Result | Missing:
        """What a variable holds here; MISSING if nothing in sight assigns it."""
        held = self.scope.get(name, MISSING)
        return held.force() if isinstance(held, Lazy) else held

    def lookup(self, node: Node) -> Result | Missing:
        """A variable, element or other expression where absence is an answer (isset, ??, empty).

        MISSING is for sure: a variable that nothing in sight assigns may be set elsewhere, and is unknown.
        """
        chain: list[Node] = []
        while node.type in ("subscript_expression", "parenthesized_expression"):
            if len(chain) == _LONGEST_CHAIN:
                return self.unknown(node, "too many levels of elements")
            if node.type == "subscript_expression":
                chain.append(node)
            inner = children(node)
            if not inner:
                return self.unknown(node, "a syntax error in an expression")
            node = inner[0]
        of_globals = chain and text(node) == "$GLOBALS"
        held: Result | Missing = self._global(chain.pop()) if of_globals else self._root(node)
        for link in reversed(chain):
            if not isinstance(held, Value):
                return held
            held = self._link(held, link)
        return held

    def _global(self, node: Node) -> Result:
        """``$GLOBALS['name']``: a global variable that was assigned; of others nothing is known."""
        parts = children(node)
        key = self.eval(parts[1]) if len(parts) == 2 else None
        if isinstance(key, Value) and isinstance(key.data, str):
            held = self.variable(key.data) if self.imported is None else self.imported(key.data)
            if held is not MISSING:
                return held.after(Step(Op.REFERENCE, text(node), self.source.span(place(node))))
        return self.unknown(node, f"{text(node)[:60]} is not known without running PHP")

    def _root(self, node: Node) -> Result | Missing:
        if node.type != "variable_name":
            return self.eval(node)
        held = self.variable(text(node)[1:])
        if isinstance(held, Value):
            return self.budget.weighed(held)
        if held is MISSING and not self.unset(text(node)[1:]):
            return self.unknown(node, f"{text(node)} is not assigned in what was read")
        return held

    def _link(self, base: Value, node: Node) -> Result | Missing:
        parts = children(node)
        if len(parts) != 2:
            return self.unknown(node, "an element without an index")
        key = self.eval(parts[1])
        return key if isinstance(key, Unknown) else self.element(base, key.data, node)

    def element(self, base: Value, key: Data, node: Node) -> Result | Missing:
        """One element of an array or a character of a string, used at a node."""
        data = base.data
        if isinstance(data, dict):
            item = data.get(array_key(key), MISSING)
            if item is MISSING:
                return MISSING
            return inherited(item, (*base.steps, Step(Op.REFERENCE, text(node), self.source.span(place(node)))))
        if isinstance(data, str):
            return self._character(data, key, node)
        return MISSING

    def _character(self, data: str, key: Data, node: Node) -> Value | Missing:
        index = array_key(key) if isinstance(key, (int, str)) and not isinstance(key, bool) else None
        if index is None or (isinstance(index, str) and (is_numeric(index) or index[:1] in "0123456789 \t\n\r\v\f+-.")):
            raise NotEvaluated("a character of a string by something else than its number")
        raw = encoded(data)
        if isinstance(index, str) or not -len(raw) <= index < len(raw):
            return MISSING
        return self.literal(decoded(bytes([raw[index]])), node)

    def is_set(self, node: Node) -> bool | Unknown:
        """PHP's isset: there, and not null."""
        held = self.lookup(node)
        if isinstance(held, Unknown):
            return held
        return held is not MISSING and held.data is not None


_LEAVES: dict[str, Callable[[Evaluator, Node], Result]] = {
    "string": strings.single_quoted,
    "integer": literals.integer,
    "boolean": literals.boolean,
    "null": literals.null,
}
_DISPATCH: dict[str, Callable[[Evaluator, Node], Result]] = {
    "encapsed_string": strings.double_quoted,
    "heredoc": strings.heredoc,
    "nowdoc": strings.nowdoc,
    "float": literals.floating,
    "array_creation_expression": literals.array,
    "name": literals.constant,
    "qualified_name": literals.constant,
    "relative_name": literals.constant,
    "class_constant_access_expression": literals.class_constant,
    "variable_name": expressions.variable,
    "subscript_expression": expressions.subscript,
    "parenthesized_expression": expressions.parenthesized,
    "error_suppression_expression": expressions.prefixed,
    "unary_op_expression": expressions.prefixed,
    "cast_expression": expressions.prefixed,
    "binary_expression": expressions.binary,
    "conditional_expression": expressions.conditional,
    "function_call_expression": expressions.call,
    "match_expression": expressions.match,
    "require_expression": expressions.required,
    "include_expression": expressions.required,
}


def key_of(ev: Evaluator, node: Node) -> Key | Unknown:
    """An array key expression as the key that PHP stores."""
    held = ev.eval(node)
    return held if isinstance(held, Unknown) else array_key(held.data)


def whole(source: Source) -> int:
    """The packed place of a whole file."""
    return pack(0, len(source.text))
