"""Statements of PHP: assignments, guards with three values, and function bodies that return one value.

A guard that is not known makes every variable that its branches assign unknown. What is not modelled (loops,
references) does the same to the variables that it would write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.model import MISSING, Op, Step, Unknown, Value
from driftcheck.sources import phpops
from driftcheck.sources.php import Evaluator, Lazy, array_items, key_of, union
from driftcheck.sources.syntax import children, field, place, text

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from tree_sitter import Node

    from driftcheck.model import Array, Data, Key, Result
    from driftcheck.sources.syntax import PhpFile

LOADED = "@{}-extension-loaded"
"""The name under which ``wfLoadExtension( 'X' )`` is remembered."""

_BLOCKS = ("compound_statement", "colon_block")
_HARMLESS = {
    "comment", "php_tag", "text_interpolation", "text", "function_definition", "class_declaration", "global_declaration",
    "namespace_definition", "namespace_use_declaration", "echo_statement", "empty_statement", "declare_statement",
    "interface_declaration", "trait_declaration",
}  # fmt: skip
_TARGETS = {"assignment_expression", "augmented_assignment_expression", "reference_assignment_expression",
            "update_expression", "unset_statement", "foreach_statement"}  # fmt: skip
_LAZY = {"array_creation_expression", "require_expression", "require_once_expression", "binary_expression"}
_CLOSED = {"function_definition", "anonymous_function", "arrow_function", "class_declaration"}
_MAX_CALLS = 30


class Executor:
    """Runs statements of one file in an evaluator's scope; ``only`` limits it to the statements that begin there."""

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
        for node in statements:
            if self._only is not None and node.start_byte not in self._only:
                continue
            outcome = self._statement(node)
            if outcome is not None:
                return outcome
        return None

    def _statement(self, node: Node) -> Node | Unknown | None:
        kind = node.type
        if kind == "expression_statement":
            for expression in children(node):
                self._expression(expression)
        elif kind == "return_statement":
            parts = children(node)
            return parts[0] if parts else Unknown("a return without a value", self.ev.source, place(node))
        elif kind == "if_statement":
            return self._if(node)
        elif kind in _BLOCKS:
            return self.run(node.named_children)
        elif kind == "unset_statement":
            for target in children(node):
                self._unset(target)
        elif kind == "const_declaration" or kind in _HARMLESS:
            pass
        else:
            self._blur(node, f"it is assigned inside a {kind.replace('_', ' ')}")
        return None

    def _expression(self, node: Node) -> None:
        if node.type == "assignment_expression":
            self._assign_expression(node)
        elif node.type == "augmented_assignment_expression":
            self._augmented(node)
        elif node.type == "function_call_expression":
            self._call(node)
        elif node.type in ("require_expression", "require_once_expression", "include_expression"):
            pass
        else:
            self._blur(node, f"it is assigned in a {node.type.replace('_', ' ')}")

    def _assign_expression(self, node: Node) -> None:
        left, right = field(node, "left"), field(node, "right")
        if left is None or right is None:
            return
        if right.type == "assignment_expression":
            self._assign_expression(right)
        if left.type == "variable_name" and right.type in _LAZY and not self._trace:
            self.ev.scope[text(left)[1:]] = Lazy(self.ev.child(self.ev.scope), right)
            return
        held = self.ev.eval(right)
        if left.type == "list_literal":
            self._destructure(left, held)
        else:
            self._assign(left, self._traced(held, left, node))

    def _traced(self, held: Result, left: Node, node: Node) -> Result:
        if not self._trace:
            return held
        return held.after(Step(Op.ASSIGN, text(left), self.ev.source.span(place(node))))

    def _destructure(self, left: Node, held: Result) -> None:
        targets = children(left)
        if not all(target.type == "variable_name" for target in targets) or b",," in (left.text or b""):
            self._blur(left, "it is assigned by list()")
            return
        for index, target in enumerate(targets):
            item = held.data.get(index) if isinstance(held, Value) and isinstance(held.data, dict) else None
            self._assign(target, item or Unknown("an element of a list that is not known", self.ev.source, place(left)))

    def _augmented(self, node: Node) -> None:
        left, right = field(node, "left"), field(node, "right")
        sign = text(field(node, "operator"))[:-1]
        if left is None or right is None:
            return
        if sign == "??":
            there = self.ev.is_set(left)
            if there is False:
                self._assign(left, self._traced(self.ev.eval(right), left, node))
            elif isinstance(there, Unknown):
                self._assign(left, there)
            return
        old, new = self.ev.eval(left), self.ev.eval(right)
        if isinstance(old, Unknown) or isinstance(new, Unknown):
            self._assign(left, old if isinstance(old, Unknown) else new)
            return
        if sign == "+" and isinstance(old.data, dict) and isinstance(new.data, dict):
            self._assign(left, self._traced(union(self.ev, node, old, new), left, node))
            return
        try:
            held: Result = self.ev.literal(phpops.BINARY[sign](old.data, new.data), node)
        except (KeyError, phpops.NotEvaluated):
            held = self.ev.unknown(node, f"the operator {sign}= is not evaluated")
        self._assign(left, self._traced(held, left, node))

    def _call(self, node: Node) -> None:
        name = text(field(node, "function")).lower()
        arguments = field(node, "arguments")
        if name in ("wfloadextension", "wfloadextensions") and arguments is not None:
            for argument in children(arguments):
                held = self.ev.eval(children(argument)[0])
                names = held.data if isinstance(held, Value) else None
                for item in names.values() if isinstance(names, dict) else [held]:
                    if isinstance(item, Value) and isinstance(item.data, str):
                        step = Step(Op.ASSIGN, "wfLoadExtension", self.ev.source.span(place(node)))
                        loaded = self.ev.literal(True, node)
                        self.ev.scope[LOADED.format(item.data)] = loaded.after(step) if self._trace else loaded
        elif name not in ("define", "defined", "ini_set"):
            self._blur(node, f"it is passed to {name}()", by_call=True)

    def _assign(self, left: Node, held: Result) -> None:
        if left.type == "variable_name":
            self.ev.scope[text(left)[1:]] = held
            return
        keys: list[Node | None] = []
        node = left
        while node.type == "subscript_expression":
            parts = children(node)
            keys.append(parts[1] if len(parts) > 1 else None)
            node = parts[0]
        name = text(node)[1:]
        if node.type != "variable_name" or name == "GLOBALS":
            self._blur(left, "it is assigned through something that is not a variable")
            return
        base = self.ev.variable(name)
        if isinstance(base, Unknown):
            return
        path: list[Key | None] = []
        for key_node in reversed(keys):
            key = None if key_node is None else key_of(self.ev, key_node)
            if isinstance(key, Unknown):
                self.ev.scope[name] = key
                return
            path.append(key)
        self.ev.scope[name] = _placed(None if base is MISSING else base, path, held)

    def _unset(self, target: Node) -> None:
        if target.type == "variable_name":
            self.ev.scope[text(target)[1:]] = Value(None)
            return
        parts = children(target)
        base = self.ev.variable(text(parts[0])[1:]) if parts[0].type == "variable_name" else MISSING
        key = key_of(self.ev, parts[1]) if len(parts) > 1 else None
        if isinstance(base, Value) and isinstance(base.data, dict) and isinstance(key, (int, str)):
            data = {name: item for name, item in base.data.items() if name != key}
            self.ev.scope[text(parts[0])[1:]] = base.with_data(data)
        else:
            self._blur(target, "part of it is unset")

    def _if(self, node: Node) -> Node | Unknown | None:
        condition, body = field(node, "condition"), field(node, "body")
        branches = [(condition, body)]
        branches += [(field(c, "condition"), field(c, "body")) for c in children(node) if c.type == "else_if_clause"]
        branches += [(None, field(c, "body")) for c in children(node) if c.type == "else_clause"]
        for index, (guard, block) in enumerate(branches):
            if block is None:
                continue
            held = None if guard is None else self.ev.eval(guard)
            if isinstance(held, Unknown):
                for _, other in branches[index:]:
                    if other is not None:
                        self._blur(other, f"it depends on a condition: {held.reason}", guard=held)
                return None
            if held is None or phpops.to_bool(held.data):
                return self.run([block])
        return None

    def _blur(self, node: Node, why: str, *, guard: Unknown | None = None, by_call: bool = False) -> None:
        """Everything that the node would write is unknown from here on."""
        for target in written(node, by_call=by_call):
            name = text(target)[1:]
            if self._only is not None and not self._sliced(target, node):
                continue
            origin = (guard.source, guard.where) if guard is not None else (self.ev.source, place(node))
            self.ev.scope[name] = Unknown(f"${name} is not known: {why}", *origin)

    def _sliced(self, target: Node, within: Node) -> bool:
        """Whether the statement around a node is one of those that run."""
        assert self._only is not None
        current: Node | None = target
        while current is not None and current.id != within.id:
            if current.type.endswith("_statement"):
                return current.start_byte in self._only
            current = current.parent
        return True


def written(node: Node, *, by_call: bool = False) -> list[Node]:
    """The variables that a stretch of code would assign, as nodes; bodies of functions do not run here."""
    found: list[Node] = []
    pending = [node]
    while pending:
        current = pending.pop()
        if current.type in _CLOSED:
            continue
        if current.type in _TARGETS:
            found += _roots(current)
        elif by_call and current.type == "argument":
            found += [child for child in children(current) if child.type == "variable_name"]
        pending.extend(current.named_children)
    return found


def _roots(node: Node) -> list[Node]:
    if node.type == "foreach_statement":
        return [part for child in children(node)[1:-1] for part in [child, *children(child)]
                if part.type == "variable_name"]  # fmt: skip
    targets = children(node) if node.type in ("unset_statement", "update_expression") else [field(node, "left")]
    roots: list[Node] = []
    for target in targets:
        current = target
        while current is not None and current.type == "subscript_expression":
            current = children(current)[0]
        if current is None:
            continue
        roots += [part for part in [current, *children(current)] if part.type == "variable_name"]
    return roots


def _placed(base: Value | None, path: list[Key | None], held: Result) -> Result:
    """A copy of an array with one element set at a path; null, '' and false become arrays as in PHP."""
    if not path:
        return held
    if base is not None and not isinstance(base.data, dict) and base.data not in (None, False, ""):
        return Unknown("an element of something that is not an array", base.source, base.where)
    data: Array = dict(base.data) if base is not None and isinstance(base.data, dict) else {}
    key = phpops.next_index(data) if path[0] is None else path[0]
    inner = data.get(key)
    if isinstance(inner, Unknown) and len(path) > 1:
        return Value(data) if base is None else base.with_data(data)
    data[key] = _placed(inner if isinstance(inner, Value) else None, path[1:], held)
    return Value(data) if base is None else base.with_data(data)


class Program:
    """One PHP file as something to call: its functions, its top-level variables, what it returns.

    ``load`` answers a path that the file requires with another program, or None.
    """

    def __init__(
        self,
        file: PhpFile,
        constants: Callable[[str], Result | None],
        load: Callable[[Data], Program | None] = lambda path: None,
        scope: dict[str, Result | Lazy] | None = None,
    ) -> None:
        self.file = file
        self._load = load
        self._constants = constants
        self._calls = 0
        self.ev = Evaluator(file.source, scope or {}, self._own_constant, self._call)
        self._returned: Node | Unknown | None = None
        self._ran = False

    def returned(self) -> Node | Unknown | None:
        """The expression that the file returns, its variables being in scope."""
        if not self._ran:
            self._ran = True
            self._returned = Executor(self.ev).run(self.file.root.named_children)
        return self._returned

    def result(self) -> Result:
        """The value that the file returns."""
        node = self.returned()
        if node is None:
            return Unknown("the file returns nothing", self.file.source, 0)
        return node if isinstance(node, Unknown) else self.ev.eval(node)

    def _own_constant(self, name: str) -> Result | None:
        head, _, member = name.rpartition("::")
        if member and head:
            return class_constant(self, member, head)
        for declaration in self.file.find("const_declaration", "if_statement"):
            for element in children(declaration):
                parts = children(element)
                if len(parts) == 2 and text(parts[0]) == name and declaration.parent == self.file.root:
                    return self.ev.eval(parts[1])
        return defined(self, name) or self._constants(name)

    def _call(self, name: str, arguments: list[Result]) -> Result | None:
        node = self.file.function(name) or next(
            (f for f in self.file.find("function_definition") if text(field(f, "name")).lower() == name), None
        )
        if node is None:
            return None
        if self._calls >= _MAX_CALLS:
            return Unknown(f"{name}() calls itself too often", self.file.source, place(node))
        scope: dict[str, Result | Lazy] = {}
        parameters = [p for p in children(field(node, "parameters") or node) if p.type == "simple_parameter"]
        for index, parameter in enumerate(parameters):
            default = field(parameter, "default_value")
            if index < len(arguments):
                scope[text(field(parameter, "name"))[1:]] = arguments[index]
            elif default is not None:
                scope[text(field(parameter, "name"))[1:]] = self.ev.eval(default)
        self._calls += 1
        try:
            inner, returned = self.body(node, scope)
            if returned is None or isinstance(returned, Unknown):
                return returned or Value(None)
            return inner.eval(returned)
        finally:
            self._calls -= 1

    def body(self, function: Node, scope: dict[str, Result | Lazy]) -> tuple[Evaluator, Node | Unknown | None]:
        """Run a function's body up to its return; the evaluator holds its variables."""
        inner = self.ev.child({**_globals(function, self.ev.scope), **scope})
        block = field(function, "body")
        return inner, Executor(inner).run(block.named_children if block is not None else ())

    def table(self, node: Node | Unknown | None, ev: Evaluator | None = None) -> dict[Key, Lazy | Result]:
        """The top level of an array expression, its elements left unevaluated: ``+``, require and variables are followed.

        Raises NotEvaluated where the expression is not such a table.
        """
        ev = ev or self.ev
        if node is None or isinstance(node, Unknown):
            raise phpops.NotEvaluated(node.reason if node is not None else "no array was found")
        kind = node.type
        if kind == "array_creation_expression":
            return self._rows(node, ev)
        if kind == "parenthesized_expression":
            return self.table(children(node)[0], ev)
        if kind == "binary_expression" and text(field(node, "operator")) == "+":
            left, right = self.table(field(node, "left"), ev), self.table(field(node, "right"), ev)
            return {**left, **{key: item for key, item in right.items() if key not in left}}
        if kind in ("require_expression", "require_once_expression"):
            return self._required(node, ev)
        if kind == "variable_name":
            held = ev.scope.get(text(node)[1:])
            if isinstance(held, Lazy) and held.node is not None:
                return self.table(held.node, ev)
        if kind == "function_call_expression":
            declared = self.file.function(text(field(node, "function")))
            if declared is not None:
                inner, returned = self.body(declared, {})
                return self.table(returned, inner)
        result = ev.eval(node)
        if isinstance(result, Unknown):
            raise phpops.NotEvaluated(result.reason)
        if not isinstance(result.data, dict):
            message = "an array was expected"
            raise phpops.NotEvaluated(message)
        return dict(result.data)

    def _rows(self, node: Node, ev: Evaluator) -> dict[Key, Lazy | Result]:
        rows: dict[Key, Lazy | Result] = {}
        for key_node, value_node in array_items(node):
            if key_node is None:
                message = "a table of settings with an element that has no name"
                raise phpops.NotEvaluated(message)
            key = key_of(ev, key_node)
            if isinstance(key, Unknown):
                raise phpops.NotEvaluated(key.reason)
            rows[key] = Lazy(ev, value_node)
        return rows

    def _required(self, node: Node, ev: Evaluator) -> dict[Key, Lazy | Result]:
        path = ev.eval(children(node)[0])
        if isinstance(path, Unknown):
            raise phpops.NotEvaluated(path.reason)
        other = self._load(path.data)
        if other is None:
            message = f"{phpops.to_str(path.data)} could not be read"
            raise phpops.NotEvaluated(message)
        return other.table(other.returned())


def _globals(function: Node, scope: dict[str, Result | Lazy]) -> dict[str, Result | Lazy]:
    names = [
        text(name)[1:] for declaration in _inside(function, "global_declaration") for name in children(declaration)
    ]
    return {name: scope[name] for name in names if name in scope}


def _inside(node: Node, kind: str) -> list[Node]:
    block = field(node, "body")
    return [child for child in (block.named_children if block is not None else ()) if child.type == kind]


def class_constant(program: Program, member: str, class_name: str = "") -> Result | None:
    """A class constant, or the default of a static property, of a class that the file declares."""
    for declaration in program.file.find("class_declaration"):
        if class_name not in ("", "self", "static", text(field(declaration, "name"))):
            continue
        for node in children(field(declaration, "body") or declaration):
            if node.type not in ("const_declaration", "property_declaration"):
                continue
            for element in children(node):
                parts = children(element)
                if len(parts) == 2 and text(parts[0]).lstrip("$") == member:
                    return program.ev.eval(parts[1])
    return None


def defined(program: Program, name: str) -> Result | None:
    """A constant that the file defines with ``define()`` at its top level."""
    for statement in program.file.find("expression_statement", "if_statement"):
        for call in children(statement):
            if call.type == "function_call_expression" and text(field(call, "function")) == "define":
                arguments = [children(argument)[0] for argument in children(field(call, "arguments") or call)]
                key = program.ev.eval(arguments[0]) if len(arguments) > 1 else None
                if isinstance(key, Value) and key.data == name:
                    return program.ev.eval(arguments[1])
    return None
