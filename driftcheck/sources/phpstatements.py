"""Statements of PHP: assignments and guards, with three values.

A guard that is not known makes every variable that its branches assign unknown. What is not modelled (loops,
references, calls of code that is not here) does the same to the variables that it would write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.model import MISSING, Op, Step, Unknown, Value
from driftcheck.sources import phpops
from driftcheck.sources.php import Evaluator, Lazy, key_of
from driftcheck.sources.phpassign import list_targets, placed, target_of, without
from driftcheck.sources.phpbudget import MAX_DEPTH
from driftcheck.sources.phpexpr import union
from driftcheck.sources.phpnames import constant_name
from driftcheck.sources.phpwrites import ANY, Write, leaves, reach_of_statement, roots, writes
from driftcheck.sources.syntax import children, field, mentions, place, search, text

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence

    from tree_sitter import Node

    from driftcheck.model import Key, Result
    from driftcheck.sources.phpwrites import Reach

LOADED = "@{}-extension-loaded"
"""The name under which ``wfLoadExtension( 'X' )`` is remembered."""

_HARMLESS = {
    "comment", "php_tag", "text_interpolation", "text", "function_definition", "class_declaration", "empty_statement",
    "namespace_use_declaration", "interface_declaration", "trait_declaration", "enum_declaration",
    "named_label_statement",
}  # fmt: skip
_LEAVES = {"string", "integer", "float", "boolean", "null", "name", "variable_name"}
_REQUIRED = {"require_expression", "require_once_expression"}
_INCLUSIONS = {*_REQUIRED, "include_expression", "include_once_expression"}
_TABLES = {"array_creation_expression", "binary_expression"}
_TABLE_SIZE = 1000
"""An array literal of so many bytes is a table of settings; its rows are evaluated when they are asked for."""

_NOT_FOLLOWED = {"member_access_expression", "nullsafe_member_access_expression", "scoped_property_access_expression"}
_WORD_OPERATORS = {"and", "or", "xor"}
_ENDS = {"die", "exit", "__halt_compiler"}
_LOADERS = {"wfloadextension", "wfloadextensions"}


class Executor:
    """Runs statements of one file in an evaluator's scope; ``only`` limits it to the statements that begin there.

    With ``trace`` each value that is assigned says so in its steps.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        *,
        only: Container[int] | None = None,
        trace: bool = False,
    ) -> None:
        self.ev = evaluator
        self._only = only
        self._trace = trace

    def run(self, statements: Iterable[Node]) -> Node | Unknown | None:
        """Run in order; the expression of the return statement that is reached, or None."""
        pending = [node for node in statements if self._only is None or node.start_byte in self._only]
        for number, node in enumerate(pending):
            outcome = self._statement(node)
            if isinstance(outcome, Unknown):
                # Whether the rest runs is not known.
                for rest in pending[number + 1 :]:
                    self._forget(rest, outcome.reason)
            if outcome is not None:
                return outcome
        return None

    def _statement(self, node: Node) -> Node | Unknown | None:
        if node.type in _HARMLESS:
            return None
        handler = _STATEMENTS.get(node.type)
        if handler is None or self.ev.budget.depth > MAX_DEPTH:
            return self._not_modelled(node)
        if _broken(node):
            return self._syntax_error(node)
        self.ev.budget.depth += 1
        try:
            return handler(self, node)
        except phpops.NotEvaluated as error:
            self._forget(node, str(error))
            return None
        finally:
            self.ev.budget.depth -= 1

    def _not_modelled(self, node: Node) -> Unknown | None:
        if node.is_error:
            return self._syntax_error(node)
        kind = node.type.replace("_", " ")
        self._forget(node, f"it is assigned inside a {kind}")
        return self.ev.unknown(node, f"a {kind} may end this early") if leaves(node) else None

    def _syntax_error(self, node: Node) -> Unknown | None:
        self._forget(node, "there is a syntax error")
        return self.ev.unknown(node, "a syntax error") if self.ev.strict else None

    # -- statements ------------------------------------------------------------------------------------------------

    def expressions(self, node: Node) -> Unknown | None:
        """An expression statement."""
        outcome: Unknown | None = None
        for expression in children(node):
            outcome = self._expression(expression) or outcome
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
        self._forget(node, f"it is assigned in a {node.type.replace('_', ' ')}")

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
        self._forget(parts[0], "it is assigned inside an expression")
        return parts[0]

    def constants(self, node: Node) -> None:
        """``const A = 1, B = 2;``."""
        for element in children(node):
            parts = children(element)
            if element.type == "const_element" and len(parts) == 2:
                self._define(self._qualified(text(parts[0])), self.ev.eval(parts[1]))

    def _qualified(self, name: str) -> str:
        space = self.ev.names.namespace if self.ev.names is not None else ""
        return f"{space}\\{name}" if space else name

    def _define(self, name: str, held: Result) -> None:
        # The first definition stays; PHP warns about the others.
        self.ev.defined.setdefault(constant_name(name.removeprefix("\\")), held)

    def imports(self, node: Node) -> None:
        """``global $a;`` in a function; in the global scope it does nothing."""
        if self.ev.imported is None:
            return
        for variable in children(node):
            name = text(variable)[1:]
            held = self.ev.imported(name)
            self._keep(name, self.ev.unknown(variable, f"the global ${name} is not known") if held is MISSING else held)

    def unset(self, node: Node) -> None:
        """``unset( $a, $b['x'] );``."""
        for target in children(node):
            self._forget(target, "it is assigned inside an expression")
            name, path = self._path(target)
            if name is None:
                self._lose_all(roots(target), "part of it is unset", target)
            elif isinstance(path, Unknown):
                self._keep(name, path)
            elif not path:
                self._keep(name, Value(None))
            else:
                held = without(self.ev.budget, self.ev.variable(name), [key for key in path if key is not None])
                if held is not MISSING:
                    self._keep(name, held)

    def guarded(self, node: Node) -> Node | Unknown | None:
        """``if``, ``elseif`` and ``else``."""
        clauses = [child for child in children(node) if child.type in ("else_if_clause", "else_clause")]
        if any(_broken(clause) for clause in clauses):
            return self._syntax_error(node)
        branches = [node, *clauses]
        for index, branch in enumerate(branches):
            guard, body = field(branch, "condition"), field(branch, "body")
            if guard is not None:
                self._forget(guard, "it is assigned inside a condition")
            held = None if guard is None else self.ev.eval(guard)
            if isinstance(held, Unknown):
                return self._undecided(branches[index:], held)
            if (held is None or phpops.to_bool(held.data)) and body is not None:
                return self.block(body) if body.type in _BLOCKS else self._statement(body)
        return None

    def _undecided(self, branches: Sequence[Node], guard: Unknown) -> Unknown | None:
        rest = [part for branch in branches for part in (field(branch, "condition"), field(branch, "body"))]
        for part in filter(None, rest):
            self._forget(part, f"it depends on a condition: {guard.reason}", guard=guard)
            self._forget_loading(part, guard)
        return guard if any(leaves(part) for part in filter(None, rest)) else None

    def _forget_loading(self, part: Node, guard: Unknown) -> None:
        """The extensions that a branch would load: whether they are is not known."""
        for call in search("(function_call_expression) @found", part).get("found", ()):
            name = text(field(call, "function")).lower().lstrip("\\")
            if name in _LOADERS and (self._only is None or self._sliced(call, part)):
                for literal in search("(string) @found", call).get("found", ()):
                    reason = f"whether {text(literal)} is loaded is not known: {guard.reason}"
                    self.ev.scope[LOADED.format(text(literal)[1:-1])] = Unknown(reason, guard.source, guard.where)

    # -- expressions that are statements ---------------------------------------------------------------------------

    def _expression(self, node: Node) -> Unknown | None:
        kind = node.type
        if _broken(node):
            return self._syntax_error(node)
        if kind == "assignment_expression":
            self._assignment(node)
        elif kind == "augmented_assignment_expression":
            self._augmented(node)
        elif kind == "function_call_expression":
            return self._call(node)
        elif kind == "throw_expression":
            return self.ev.unknown(node, "an exception is thrown here")
        elif kind == "binary_expression" and text(field(node, "operator")).lower() in _WORD_OPERATORS:
            # `$a = true and false;` assigns true: the assignment binds tighter.
            left, right = field(node, "left"), field(node, "right")
            if left is not None and right is not None:
                self._expression(left)
                self._forget(right, "it is assigned under a condition")
        elif kind not in _INCLUSIONS or self.ev.strict:
            self._forget(node, f"it is assigned in a {kind.replace('_', ' ')}")
        return None

    def _assignment(self, node: Node) -> None:
        """``$a = 1``, and ``$a = $b = 1`` from the right."""
        lefts: list[Node] = []
        right: Node | None = node
        while right is not None and right.type == "assignment_expression":
            left = field(right, "left")
            if left is None or left.has_error or (lefts and not _plain(left)) or b"&" in (left.text or b""):
                self._forget(node, "it is assigned in an expression that is not modelled")
                return
            lefts.append(left)
            right = field(right, "right")
        if right is None:
            return
        if right.type not in _LEAVES:
            self._forget(right, "it is assigned inside an expression")
        if len(lefts) == 1 and self._is_table(right):
            names = mentions(self.ev.source, right).intersection(self.ev.scope)
            table = Lazy(self.ev.child({name: self.ev.scope[name] for name in names}), right)
            if lefts[0].type == "variable_name":
                self._keep(text(lefts[0])[1:], table)
                return
            self.ev.tables[right.start_byte] = table
        if lefts[0].type in _NOT_FOLLOWED:
            self._forget(node, "it is assigned through something that is not a variable")
            return
        held = self.ev.eval(right)
        for left in reversed(lefts):
            if left.type == "list_literal":
                self._destructure(left, held)
            else:
                self._assign(left, self._traced(held, left, node))

    def _is_table(self, right: Node) -> bool:
        if self._trace or not self.ev.lazy:
            return False
        while right.type == "parenthesized_expression" and len(children(right)) == 1:
            right = children(right)[0]
        if right.type in _REQUIRED:
            return True
        large = right.end_byte - right.start_byte >= _TABLE_SIZE
        return right.type in _TABLES and (large or b"require" in (right.text or b""))

    def _traced(self, held: Result, left: Node, node: Node) -> Result:
        if not self._trace:
            return held
        return held.after(Step(Op.ASSIGN, text(left), self.ev.source.span(place(node))))

    def _destructure(self, left: Node, held: Result) -> None:
        for key_node, target in list_targets(left):
            item: Result = self.ev.unknown(left, "an element of a list that is not known")
            key = key_node if isinstance(key_node, int) else key_of(self.ev, key_node)
            if isinstance(held, Value) and isinstance(held.data, dict) and not isinstance(key, Unknown):
                found = held.data.get(key)
                item = item if found is None else found.after(*held.steps)
            if target.type == "list_literal":
                self._destructure(target, item)
            else:
                self._assign(target, item)

    def _augmented(self, node: Node) -> None:
        left, right = field(node, "left"), field(node, "right")
        sign = text(field(node, "operator"))[:-1]
        if left is None or right is None or node.has_error:
            self._forget(node, "there is a syntax error")
            return
        self._forget(right, "it is assigned inside an expression")
        if sign == "??":
            there = self.ev.is_set(left)
            if there is False:
                self._assign(left, self._traced(self.ev.eval(right), left, node))
            elif isinstance(there, Unknown):
                self._assign(left, there)
            return
        if sign == "+" and left.type == "variable_name" and self._is_table(right):
            # `$config += require 'x.php';`: rows are looked up in both when they are asked for.
            table = Lazy(self.ev.child(self.ev.scope), node)
            self._keep(text(left)[1:], table)
            return
        self._assign(left, self._operated(node, sign, self.ev.eval(left), self.ev.eval(right)))

    def _operated(self, node: Node, sign: str, old: Result, new: Result) -> Result:
        if isinstance(old, Unknown):
            return old
        if isinstance(new, Unknown):
            return new
        left = field(node, "left")
        assert left is not None
        if sign == "+" and isinstance(old.data, dict) and isinstance(new.data, dict):
            return self._traced(union(self.ev, node, old, new), left, node)
        try:
            data = phpops.BINARY[sign](old.data, new.data)
        except phpops.NotEvaluated as error:
            return self.ev.unknown(node, str(error))
        if isinstance(data, str):
            self.ev.budget.spend(len(data) // 64)
        return self._traced(self.ev.literal(data, node), left, node)

    def _call(self, node: Node) -> Unknown | None:
        name = text(field(node, "function")).lower().lstrip("\\")
        if name in _ENDS:
            return self.ended(node)
        reach = self.ev.reach if self.ev.strict else reach_of_statement
        self._forget(node, f"it is passed to {name[:60]}()", reach=reach)
        arguments = [
            children(argument)[-1] for argument in children(field(node, "arguments") or node) if children(argument)
        ]
        if name in _LOADERS:
            for argument in arguments:
                self._load(node, self.ev.eval(argument))
        elif name == "define" and len(arguments) == 2:
            key = self.ev.eval(arguments[0])
            if isinstance(key, Value) and isinstance(key.data, str):
                self._define(key.data, self.ev.eval(arguments[1]))
        return None

    def _load(self, node: Node, held: Result) -> None:
        """``wfLoadExtension( 'X' )``, ``wfLoadExtensions( [ 'X', 'Y' ] )``."""
        names = held.data if isinstance(held, Value) else None
        for item in names.values() if isinstance(names, dict) else [held]:
            if isinstance(item, Value) and isinstance(item.data, str):
                step = Step(Op.ASSIGN, "wfLoadExtension", self.ev.source.span(place(node)))
                loaded = self.ev.literal(True, node)
                self.ev.scope[LOADED.format(item.data)] = loaded.after(step) if self._trace else loaded

    # -- variables -------------------------------------------------------------------------------------------------

    def _assign(self, left: Node, held: Result) -> None:
        if left.type == "variable_name":
            self._keep(text(left)[1:], held)
            return
        self._forget(left, "it is assigned inside an expression")
        name, path = self._path(left)
        if name is None:
            self._lose_all(roots(left), "it is assigned through something that is not a variable", left)
        elif isinstance(path, Unknown):
            self._keep(name, path)
        else:
            base = self.ev.variable(name)
            if not isinstance(base, Unknown):
                self._keep(name, placed(self.ev.budget, base, path, held))

    def _path(self, node: Node) -> tuple[str | None, Sequence[Key | None] | Unknown]:
        """The variable that an element belongs to, and its keys; no name where it is not a variable of this scope."""
        target = target_of(node)
        if target.root.type != "variable_name":
            return None, ()
        name, path = text(target.root)[1:], []
        for key_node in target.keys:
            key = None if key_node is None else key_of(self.ev, key_node)
            if isinstance(key, Unknown):
                return (None if name == "GLOBALS" else name), key
            path.append(key)
        if name != "GLOBALS":
            return name, path
        if self.ev.imported is not None or not path or not isinstance(path[0], str):
            return None, ()
        return path[0], path[1:]

    def _keep(self, name: str, held: Result | Lazy) -> None:
        why = self.ev.shared.get(name)
        self.ev.scope[name] = held if why is None else Unknown(why, self.ev.source, 0)

    def _forget(
        self, node: Node, why: str, *, guard: Unknown | None = None, reach: Callable[[str], Reach] | None = None
    ) -> None:
        """Everything that the node would write is unknown from here on."""
        found = writes(node, self.ev.source, reach or self.ev.reach, self.ev.budget.quiet)
        if self._only is not None:
            found = [write for write in found if self._sliced(write.node, node)]
        self._lose_all(found, why, node, guard)

    def _lose_all(self, found: Iterable[Write], why: str, node: Node, guard: Unknown | None = None) -> None:
        origin = (self.ev.source, place(node)) if guard is None else (guard.source, guard.where)
        for write in found:
            for name in [write.name] if write.name != ANY else self._any(write.node):
                reason = f"${name} is not known: {why}"
                if write.shared:
                    self.ev.shared[name] = f"${name} is not known: another name may change it"
                self.ev.scope[name] = Unknown(reason, *origin)

    def _any(self, node: Node) -> Iterable[str]:
        """The variables that code which could write any of them may write: those of a required file can be read."""
        if not self.ev.strict:
            return ()
        if node.type in _INCLUSIONS and len(children(node)) == 1:
            path = self.ev.eval(children(node)[0])
            names = self.ev.assigned_by(path.data) if isinstance(path, Value) else None
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


def _plain(left: Node) -> bool:
    """Whether a target has no part that could do anything: a variable, or an element of one by literal keys."""
    target = target_of(left)
    keys = all(key is not None and key.type in ("string", "integer") for key in target.keys)
    return target.root.type == "variable_name" and keys


def _broken(node: Node) -> bool:
    """Whether a syntax error stands directly in a statement, so that its parts may not be what they seem."""
    return node.has_error and any(child.is_error or child.is_missing for child in node.children)


_BLOCKS = {"compound_statement", "colon_block"}
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
