"""Statements of PHP: assignments and guards, with three values.

A guard that is not known makes every variable that its branches assign unknown. What is not modelled (loops,
references, calls of code that is not here) does the same to the variables that it would write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import MISSING, Unknown
from driftcheck.php.effects import Effects
from driftcheck.php.state import MAX_DEPTH
from driftcheck.php.syntax import broken, children, field, text
from driftcheck.php.values import NotEvaluated, conditional, to_bool
from driftcheck.php.variables import Variables
from driftcheck.php.writes import leaves, roots

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence

    from tree_sitter import Node

    from driftcheck.php.evaluator import Evaluator

_HARMLESS = {
    "comment", "php_tag", "text_interpolation", "text", "function_definition", "class_declaration", "empty_statement",
    "namespace_use_declaration", "interface_declaration", "trait_declaration", "enum_declaration",
    "named_label_statement",
}  # fmt: skip


class Executor:
    """Runs statements of one file in an evaluator's scope; ``only`` limits it to the statements that begin there.

    With ``trace`` each value that is assigned says so in its steps. With ``lazy`` a large table that is assigned is not
    evaluated yet, but when a row of it is asked for.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        *,
        only: Container[int] | None = None,
        trace: bool = False,
        lazy: bool = True,
    ) -> None:
        self.ev = evaluator
        self._only = only
        self._variables = Variables(evaluator, only, trace=trace)
        self._effects = Effects(evaluator, self._variables, lazy=lazy and not trace)

    def run(self, statements: Iterable[Node]) -> Node | Unknown | None:
        """Run in order; the expression of the return statement that is reached, or None."""
        pending = [node for node in statements if self._only is None or node.start_byte in self._only]
        for number, node in enumerate(pending):
            outcome = self._statement(node)
            if isinstance(outcome, Unknown):
                # Whether the rest runs is not known.
                for rest in pending[number + 1 :]:
                    self._variables.forget(rest, outcome.reason)
            if outcome is not None:
                return outcome
        return None

    def _statement(self, node: Node) -> Node | Unknown | None:
        if node.type in _HARMLESS:
            # Where a syntax error stands in the body, what comes next may be of that body too.
            return self._variables.syntax_error(node) if broken(field(node, "body") or node) else None
        handler = _STATEMENTS.get(node.type)
        if handler is None or self.ev.state.depth > MAX_DEPTH:
            return self._not_modelled(node)
        if broken(node):
            return self._variables.syntax_error(node)
        self.ev.state.depth += 1
        try:
            return handler(self, node)
        except NotEvaluated as error:
            self._variables.forget(node, str(error))
            return self.ev.unknown(node, str(error)) if leaves(node) else None
        finally:
            self.ev.state.depth -= 1

    def _not_modelled(self, node: Node) -> Unknown | None:
        if node.is_error:
            return self._variables.syntax_error(node)
        kind = node.type.replace("_", " ")
        self._variables.forget(node, f"it is assigned inside a {kind}")
        return self.ev.unknown(node, f"a {kind} may end this early") if leaves(node) else None

    # -- statements ------------------------------------------------------------------------------------------------

    def expressions(self, node: Node) -> Unknown | None:
        """An expression statement."""
        outcome: Unknown | None = None
        for expression in children(node):
            outcome = self._effects.run(expression) or outcome
        return outcome

    def block(self, node: Node) -> Node | Unknown | None:
        """``{ ... }``, or what stands between a colon and its end."""
        return self.run(node.named_children)

    def namespace(self, node: Node) -> Node | Unknown | None:
        """``namespace X;`` does nothing, ``namespace X { ... }`` is a block."""
        body = field(node, "body")
        return None if body is None else self.run(body.named_children)

    def forgotten(self, node: Node) -> None:
        """A statement that matters only for what it writes on the way."""
        self._variables.forget(node, f"it is assigned in a {node.type.replace('_', ' ')}")

    def declare(self, node: Node) -> Unknown | None:
        """``declare( strict_types=1 );`` does nothing here."""
        plain = all(child.type == "declare_directive" for child in children(node))
        return None if plain else self._not_modelled(node)

    def ended(self, node: Node) -> Unknown:
        """``exit``."""
        return self.ev.unknown(node, "it ends here")

    def returned(self, node: Node) -> Node | Unknown:
        """``return``."""
        parts = children(node)
        if not parts:
            return self.ev.unknown(node, "a return without a value")
        self._variables.forget(parts[0], "it is assigned inside an expression")
        return parts[0]

    def constants(self, node: Node) -> None:
        """``const A = 1, B = 2;``."""
        for element in children(node):
            parts = children(element)
            if element.type == "const_element" and len(parts) == 2:
                self._effects.define(self._qualified(text(parts[0])), self.ev.eval(parts[1]))

    def _qualified(self, name: str) -> str:
        space = self.ev.file.names.namespace
        return f"{space}\\{name}" if space else name

    def imports(self, node: Node) -> None:
        """``global $a;`` in a function; in the global scope it does nothing."""
        if self.ev.around.imported is None:
            return
        for variable in children(node):
            if variable.type != "variable_name":
                self._variables.lose(roots(variable), "it is imported by a name that is not known", node)
                continue
            name = text(variable)[1:]
            held = self.ev.around.imported(name)
            unknown = self.ev.unknown(variable, f"the global ${name} is not known")
            self._variables.keep(name, unknown if held is MISSING else held)

    def unset(self, node: Node) -> None:
        """``unset( $a, $b['x'] );``."""
        for target in children(node):
            self._variables.unset(target)

    def guarded(self, node: Node) -> Node | Unknown | None:
        """``if``, ``elseif`` and ``else``."""
        clauses = _clauses(node)
        if any(broken(clause) for clause in clauses):
            return self._variables.syntax_error(node)
        return self._branched([node, *clauses])

    def _branched(self, branches: Sequence[Node]) -> Node | Unknown | None:
        at = 0
        while at < len(branches):
            branch, later = branches[at], at + 1
            guard, body = field(branch, "condition"), field(branch, "body")
            if guard is not None:
                self._variables.forget(guard, "it is assigned inside a condition")
            held = None if guard is None else self.ev.eval(guard)
            if isinstance(held, Unknown):
                return self._undecided(branches[at:], held)
            at = later + _taken(body, branches, later)
            if body is not None and (held is None or to_bool(held.data)):
                return self._body(body, branches[later:at])
        return None

    def _body(self, body: Node, clauses: Sequence[Node]) -> Node | Unknown | None:
        """A branch that is taken; ``clauses`` belong to an if that it leaves open."""
        if body.type in _BLOCKS:
            return self.block(body)
        if not clauses:
            return self._statement(body)
        state = self.ev.state
        state.depth += 1
        try:
            if body.type == "if_statement" and state.depth <= MAX_DEPTH:
                return self._branched([body, *_clauses(body), *clauses])
            return self._undecided([body, *clauses], self.ev.unknown(body, "an else behind a loop is not evaluated"))
        finally:
            state.depth -= 1

    def _undecided(self, branches: Sequence[Node], guard: Unknown) -> Unknown | None:
        rest = [part for branch in branches for part in _parts(branch)]
        for part in filter(None, rest):
            self._variables.forget(part, conditional(guard.reason), guard=guard)
            self._variables.forget_effects(part, guard)
        return guard if any(leaves(part) for part in filter(None, rest)) else None


_BLOCKS = {"compound_statement", "colon_block"}
_CLAUSES = {"else_if_clause", "else_clause"}
_LOOPS = {"while_statement", "for_statement", "foreach_statement"}


def _clauses(node: Node) -> list[Node]:
    return [child for child in children(node) if child.type in _CLAUSES]


def _parts(branch: Node) -> list[Node | None]:
    if branch.type in _CLAUSES or branch.type == "if_statement":
        return [field(branch, "condition"), field(branch, "body")]
    return [branch]


def _taken(body: Node | None, branches: Sequence[Node], later: int) -> int:
    """How many clauses from a place on belong to an if which a branch leaves open.

    PHP gives an else to the innermost if, the grammar to the outermost.
    """
    still, at = _left_open(body), later
    while still and at < len(branches):
        still += _left_open(field(branches[at], "body")) - (branches[at].type == "else_clause")
        at += 1
    return at - later


def _left_open(statement: Node | None, depth: int = 0) -> int:
    """How many ifs at the end of a statement could still take an else. Raises NotEvaluated where it is nested too deep."""
    if depth > MAX_DEPTH:
        raise NotEvaluated("nested too deep")
    body = None if statement is None else field(statement, "body")
    if statement is None or body is None or body.type == "colon_block":
        return 0
    if statement.type != "if_statement":
        return _left_open(body, depth + 1) if statement.type in _LOOPS else 0
    found = 1 + _left_open(body, depth + 1)
    for clause in _clauses(statement):
        found += _left_open(field(clause, "body"), depth + 1) - (clause.type == "else_clause")
    return found


_STATEMENTS: dict[str, Callable[[Executor, Node], Node | Unknown | None]] = {
    "expression_statement": Executor.expressions,
    "return_statement": Executor.returned,
    "if_statement": Executor.guarded,
    "compound_statement": Executor.block,
    "colon_block": Executor.block,
    "namespace_definition": Executor.namespace,
    "unset_statement": Executor.unset,
    "const_declaration": Executor.constants,
    "global_declaration": Executor.imports,
    "function_static_declaration": Executor.forgotten,
    "echo_statement": Executor.forgotten,
    "declare_statement": Executor.declare,
    "exit_statement": Executor.ended,
}
