"""Expressions of PHP, worked out without PHP: one small function per node type, one dispatch, one fallback.

What is not understood is :class:`~driftcheck.core.model.Unknown` with its reason and place, and whatever is computed
from it is unknown too. An expression that assigns is never evaluated: :mod:`driftcheck.php.writes` tells the
statements what it would write, and they forget it beforehand, so that the order of evaluation does not matter.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.core.model import MISSING, Op, Step, Unknown, Value, has_unknown
from driftcheck.php import expressions, literals, strings
from driftcheck.php.state import MAX_DEPTH, FileState
from driftcheck.php.surroundings import NOTHING_KNOWN
from driftcheck.php.syntax import children, place, text
from driftcheck.php.values import NotEvaluated, array_key, decoded, encoded, inherited, is_numeric

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from driftcheck.core.model import Data, Key, Missing, Result
    from driftcheck.php.file import PhpFile
    from driftcheck.php.surroundings import Surroundings

_LONGEST_CHAIN = 100
_LITERALS = re.compile(
    rb"""(?:\s|[\[\](),]|=>|'(?:[^'\\]|\\.)*'|"[^"\\$]*"|-?\d[\d.]*(?![\w.])|(?:true|false|null|array)\b"""
    rb"""|(?://|\#)[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)*""",
    re.IGNORECASE | re.DOTALL,
)
"""An expression of arrays, plain texts, numbers, true, false and null; each sign can be read in one way only."""


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
            self._result = self.evaluator.once(self.node)
        return self._result


class Evaluator:
    """Evaluates expression nodes of one file in one scope.

    ``scope`` holds variables by name without ``$``; it is the caller's own dict, and statements write to it.
    ``around`` answers for everything outside of it. ``state`` is the state of the file, which all scopes of one run share.
    """

    def __init__(
        self,
        file: PhpFile,
        scope: dict[str, Result | Lazy] | None = None,
        around: Surroundings = NOTHING_KNOWN,
        state: FileState | None = None,
    ) -> None:
        self.file, self.source = file, file.source
        self.scope: dict[str, Result | Lazy] = {} if scope is None else scope
        self.around = around
        self.state = FileState() if state is None else state
        self.shared: dict[str, str] = {}
        """The variables that can change by another name from here on, each with the reason not to know it."""
        self.tables: dict[int, Lazy] = {}
        """The large arrays that were assigned to something else than a variable, by the byte at which they begin."""

    def eval(self, node: Node) -> Result:
        """The value of one expression; never raises for any input."""
        kind = node.type
        leaf = _LEAVES.get(kind)
        if leaf is not None:
            return leaf(self, node)
        handler = _DISPATCH.get(kind)
        if handler is None:
            return self.unknown(node, f"{kind.replace('_', ' ')} is not evaluated")
        state = self.state
        state.depth += 1
        try:
            if state.depth > MAX_DEPTH:
                return self.unknown(node, f"nested more than {MAX_DEPTH} levels deep")
            if handler is not literals.array and node.has_error:
                return self.unknown(node, "a syntax error in an expression")
            return handler(self, node)
        except NotEvaluated as error:
            return self.unknown(node, str(error))
        except RecursionError:
            return self.unknown(node, "nested too deep")
        finally:
            state.depth -= 1

    def once(self, node: Node) -> Result:
        """The value of an expression; of one that is literals alone it is the same for every realm and scope."""
        held = self.file.literals.get(place(node))
        if held is not None:
            return held
        result = self.eval(node)
        if isinstance(result, Value) and _LITERALS.fullmatch(node.text or b"") and not has_unknown(result):
            self.file.literals[place(node)] = result
        return result

    def unknown(self, node: Node, reason: str) -> Unknown:
        """A hole at a node."""
        return Unknown(reason, self.source, place(node))

    def literal(self, data: Data, node: Node) -> Value:
        """A value written at a node."""
        return Value(data, self.source, node.start_byte << 32 | node.end_byte)

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
            held = self.variable(key.data) if self.around.imported is None else self.around.imported(key.data)
            if held is not MISSING:
                return held.after(Step(Op.REFERENCE, text(node), self.source.span(place(node))))
        return self.unknown(node, f"{text(node)[:60]} is not known without running PHP")

    def _root(self, node: Node) -> Result | Missing:
        if node.type != "variable_name":
            return self.eval(node)
        held = self.variable(text(node)[1:])
        if isinstance(held, Value):
            return self.state.weighed(held)
        if held is MISSING and not self.around.unset(text(node)[1:]):
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
