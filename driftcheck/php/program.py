"""One PHP file as something to call: what it returns, its functions and constants, its tables row by row."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from driftcheck.core.model import InputError, Unknown, Value
from driftcheck.php.declared import Declared, unset_in
from driftcheck.php.evaluator import Evaluator, Lazy, key_of
from driftcheck.php.literals import array_items
from driftcheck.php.state import MAX_DEPTH
from driftcheck.php.statements import Executor
from driftcheck.php.surroundings import NOTHING_KNOWN
from driftcheck.php.syntax import children, field, place, search, text
from driftcheck.php.types import fits
from driftcheck.php.values import NotEvaluated, to_str
from driftcheck.php.variables import INCLUSIONS
from driftcheck.php.writes import ANY, reach_in_function, writes, yields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tree_sitter import Node

    from driftcheck.core.model import Data, Key, Missing, Result
    from driftcheck.php.file import PhpFile
    from driftcheck.php.surroundings import Surroundings
    from driftcheck.php.writes import Reach, Write

_MOST_CALLS = 20
_COST_OF_A_CALL = 200
_ROWS_A_UNIT = 4
_REQUIRED = ("require_expression", "require_once_expression")
_SUMS = ("binary_expression", "augmented_assignment_expression")
_CHANGING = "[(variable_name) (function_call_expression)] @found"
_SET_BY_PHP = re.compile(r"(?:this|arg[vc]|http_response_header|GLOBALS|_[A-Z]+)\Z")
"""Variables that PHP itself sets before a file is run."""


class Program:
    """One PHP file as something to call: its functions, its top-level variables, what it returns.

    ``outside`` answers for what the file does not declare: constants, functions, what calls of functions elsewhere can
    write, and whether a variable is not set that no statement of the file assigns. ``scope`` holds the variables that
    are set before it is run; it is copied. ``load`` answers a path that the file requires with another program, or
    None; ``load_value`` does where the file stands inside a value, by default in the same way.
    """

    def __init__(
        self,
        file: PhpFile,
        outside: Surroundings = NOTHING_KNOWN,
        scope: Mapping[str, Result | Lazy] | None = None,
        *,
        load: Callable[[Data], Program | None] | None = None,
        load_value: Callable[[Data], Program | None] | None = None,
    ) -> None:
        self.file = file
        self._outside = outside
        self._load = load or _nowhere
        self._load_value = load_value or self._load
        self._calls = 0
        self._loading = False
        self._declared = Declared(file, outside.reach)
        around = outside._replace(
            constants=self._constant,
            functions=self._call,
            unset=self._unset,
            required=self._value_of,
            assigned_by=functools.partial(self._assigned_by, local=False),
            reach=self._declared.reach,
            reach_of_statement=self._declared.reach,
        )
        self.ev = Evaluator(file, dict(scope or {}), around)
        self._returned: Node | Unknown | None = None
        self._ran = False
        self._result: Result | None = None
        self._assigned: dict[bool, Iterable[str] | None] = {}
        self._constants: dict[tuple[int, int], Lazy] = {}

    def returned(self) -> Node | Unknown | None:
        """The expression that the file returns, its variables being in scope."""
        if not self._ran:
            self._ran = True
            # A function that is called while the file runs sees the global variables as they are then.
            lazy = not self._declared.sees_globals
            self.ev.shared.update(self._declared.written_globals)
            for name in self.ev.shared.keys() & self.ev.scope.keys():
                self.ev.scope[name] = Unknown(self.ev.shared[name], self.file.source, 0)
            self._returned = Executor(self.ev, lazy=lazy).run(self.file.root.named_children)
        return self._returned

    def result(self) -> Result:
        """The value that the file returns, worked out once."""
        node = self.returned()
        if self._result is None:
            if node is None:
                self._result = Unknown("the file returns nothing", self.file.source, 0)
            else:
                self._result = node if isinstance(node, Unknown) else self.ev.eval(node)
        return self._result

    def release(self) -> None:
        """End the program: it and what it evaluates with refer to one another, and would wait for a garbage collection.

        What it gave is there on, but for expressions that nobody asked for.
        """
        self.ev.scope.clear()
        self.ev.tables.clear()
        self._constants.clear()
        del self.ev

    def _unset(self, name: str) -> bool:
        """Whether a global variable that nothing assigned so far is not set."""
        return self._outside.unset(name) and _SET_BY_PHP.match(name) is None and self._declared.self_contained

    # -- constants -------------------------------------------------------------------------------------------------

    def _constant(self, name: str) -> Result | None:
        head, separator, member = name.rpartition("::")
        if separator:
            declaration = self._declared.class_like(head)
            if declaration is None:
                return self._outside.constants(name)
            return declaration if isinstance(declaration, Unknown) else self._member(declaration, member)
        if name in self.ev.state.defined:
            return self.ev.state.defined[name]
        node = self._declared.constant(name)
        if node is None:
            return self._outside.constants(name)
        if isinstance(node, Unknown):
            return node
        if self._ran or search(_CHANGING, node):
            return Unknown(f"the constant {name} is not defined yet", self.file.source, place(node))
        return self._once(node)

    def _once(self, node: Node) -> Result:
        """The value of a constant's expression; each is worked out once while the same constants are defined."""
        return self._constants.setdefault((node.id, len(self.ev.state.defined)), Lazy(self.ev, node)).force()

    def _member(self, declaration: Node, member: str) -> Result:
        """A constant that a class declares itself; what it inherits is not followed."""
        for name, node in _members(declaration, "const_declaration"):
            if name == member:
                return self._once(node)
        reason = f"{text(field(declaration, 'name'))} does not itself declare the constant {member}"
        return Unknown(reason, self.file.source, place(declaration))

    # -- functions -------------------------------------------------------------------------------------------------

    def _call(self, name: str, arguments: list[Result]) -> Result | None:
        node = self._declared.function(name)
        if node is None:
            return self._outside.functions(name, arguments)
        if isinstance(node, Unknown):
            return node
        if self._calls >= _MOST_CALLS:
            return Unknown(f"{name}() calls itself too often", self.file.source, place(node))
        self.ev.state.spend(_COST_OF_A_CALL)
        self._calls += 1
        try:
            inner, returned = self.body(node, self._parameters(node, arguments))
            held = inner.eval(returned) if returned is not None and not isinstance(returned, Unknown) else returned
        finally:
            self._calls -= 1
        declared = field(node, "return_type")
        if held is None:
            return Value(None)
        if isinstance(held, Value) and declared is not None and not fits(held.data, declared):
            return Unknown(f"{name}() may convert what it returns", self.file.source, place(node))
        return held

    def _parameters(self, function: Node, arguments: list[Result]) -> dict[str, Result | Lazy]:
        scope: dict[str, Result | Lazy] = {}
        for index, parameter in enumerate(children(field(function, "parameters") or function)):
            name, default = text(field(parameter, "name"))[1:], field(parameter, "default_value")
            if parameter.type != "simple_parameter" or field(parameter, "reference_modifier") is not None:
                raise NotEvaluated(f"the parameter ${name} is not an ordinary one")
            if index < len(arguments):
                held = arguments[index]
            elif default is not None:
                held = self.ev.eval(default)
            else:
                raise NotEvaluated(f"there is no argument for ${name}")
            declared = field(parameter, "type")
            optional = text(default).lower() == "null" and isinstance(held, Value) and held.data is None
            if isinstance(held, Value) and declared is not None and not optional and not fits(held.data, declared):
                raise NotEvaluated(f"the argument for ${name} may be converted")
            scope[name] = held
        return scope

    def body(self, function: Node, scope: dict[str, Result | Lazy]) -> tuple[Evaluator, Node | Unknown | None]:
        """Run a function's body up to its return; the evaluator holds its variables."""
        block = field(function, "body")
        around = self.ev.around._replace(
            unset=unset_in(block or function),
            imported=self._imported,
            assigned_by=functools.partial(self._assigned_by, local=True),
            reach=self._reach_in_function,
            reach_of_statement=self._reach_in_function,
        )
        inner = Evaluator(self.file, scope, around, self.ev.state)
        if block is not None and self._declared.written_globals and self._declared.calls(block):
            inner.shared.update(self._declared.written_globals)
        if block is None or yields(block):
            return inner, Unknown("a function that has no body, or yields", self.file.source, place(function))
        return inner, Executor(inner).run(block.named_children)

    def _imported(self, name: str) -> Result | Missing:
        """What ``global`` brings into a function."""
        why = self._declared.written_globals.get(name)
        if why is not None:
            return Unknown(why, self.file.source, 0)
        return self.ev.variable(name) if self._outside.imported is None else self._outside.imported(name)

    def _value_of(self, path: Data) -> Result | None:
        """What a file that is required in an expression returns."""
        if self._loading:
            raise NotEvaluated(f"{self.file.source.path} requires itself")
        self._loading = True
        try:
            other = self._load_value(path)
            return None if other is None else other.result()
        except InputError as error:
            raise NotEvaluated(str(error)) from None
        finally:
            self._loading = False

    def _assigned_by(self, path: Data, *, local: bool) -> Iterable[str] | None:
        other = self._load(path)
        return None if other is None else other.assigned(local=local)

    def assigned(self, *, local: bool) -> Iterable[str] | None:
        """The variables that running the file would write in a function (``local``) or in the global scope.

        None where it could be any of them.
        """
        if local not in self._assigned:
            self._assigned[local] = None  # a file that includes itself could write anything
            reach = self._reach_in_function if local else self._declared.reach
            found: set[str] = set()
            for statement in self.file.root.named_children:
                # The returned table is looked at again when the file runs.
                parts = children(statement) if statement.type == "return_statement" else [statement]
                for node in parts:
                    for write in writes(node, self.file.source, reach, self.file.quiet):
                        found.update(self._meant(write, local=local))
            self._assigned[local] = None if ANY in found else found
        return self._assigned[local]

    def _meant(self, write: Write, *, local: bool) -> Iterable[str]:
        """The names that a write stands for: of an inclusion, those that the included file writes."""
        if write.name == ANY and write.node.type in INCLUSIONS and len(children(write.node)) == 1:
            path = self.ev.eval(children(write.node)[0])
            names = self._assigned_by(path.data, local=local) if isinstance(path, Value) else None
            return (ANY,) if names is None else names
        return (write.name,)

    def _reach_in_function(self, name: str) -> Reach:
        return reach_in_function(self._declared.reach(name), name)

    # -- tables ----------------------------------------------------------------------------------------------------

    def table(self, node: Node | Unknown | None, ev: Evaluator | None = None) -> dict[Key, Lazy | Result]:
        """The top level of an array expression, its elements left unevaluated: ``+``, require and variables are followed.

        Raises NotEvaluated where the expression is not such a table.
        """
        if ev is None:
            # An array that a statement assigned belongs to the scope as it was then.
            ev = self.ev
            if node is not None and not isinstance(node, Unknown):
                assigned = self.ev.tables.get(node.start_byte)
                ev = assigned.evaluator if assigned is not None and assigned.node.id == node.id else ev
        state = self.ev.state
        state.spend(_COST_OF_A_CALL)
        if state.depth > MAX_DEPTH:
            raise NotEvaluated("tables nested too deep")
        state.depth += 1
        try:
            return self._summed(node, ev)
        finally:
            state.depth -= 1

    def _summed(self, node: Node | Unknown | None, ev: Evaluator) -> dict[Key, Lazy | Result]:
        rows: dict[Key, Lazy | Result] = {}
        for part in _summands(node):
            found = self._part(part, ev)
            self.ev.state.spend(len(found) // _ROWS_A_UNIT)
            for key, item in found.items():
                rows.setdefault(key, item)
        return rows

    def _part(self, node: Node, ev: Evaluator) -> dict[Key, Lazy | Result]:
        if node.type == "array_creation_expression":
            return self._rows(node, ev)
        if node.type in _REQUIRED:
            return self._required(node, ev)
        if node.type == "variable_name":
            held = ev.scope.get(text(node)[1:])
            if isinstance(held, Lazy):
                return self.table(held.node, held.evaluator)
        if node.type == "function_call_expression" and not children(field(node, "arguments") or node):
            declared = self._declared.function(self.file.names.functions(text(field(node, "function")))[0])
            if declared is not None and not isinstance(declared, Unknown):
                inner, returned = self.body(declared, self._parameters(declared, []))
                return self.table(returned, inner)
        result = ev.eval(node)
        if isinstance(result, Unknown):
            raise NotEvaluated(result.reason)
        if not isinstance(result.data, dict):
            raise NotEvaluated("an array was expected")
        return dict(result.data)

    def _rows(self, node: Node, ev: Evaluator) -> dict[Key, Lazy | Result]:
        rows: dict[Key, Lazy | Result] = {}
        for key_node, value_node in array_items(node):
            if key_node is None or value_node.type == "by_ref":
                raise NotEvaluated("a table of settings with an element that has no name, or is a reference")
            key = key_of(ev, key_node)
            if isinstance(key, Unknown):
                raise NotEvaluated(key.reason)
            rows[key] = Lazy(ev, value_node)
        return rows

    def _required(self, node: Node, ev: Evaluator) -> dict[Key, Lazy | Result]:
        path = ev.eval(children(node)[0])
        if isinstance(path, Unknown):
            raise NotEvaluated(path.reason)
        other = self._load(path.data)
        if other is None:
            raise NotEvaluated(f"{to_str(path.data)} could not be read")
        if self._loading:
            raise NotEvaluated(f"{self.file.source.path} requires itself")
        self._loading = True
        try:
            return other.table(other.returned())
        except NotEvaluated as error:
            raise NotEvaluated(f"{other.file.source.path}: {error}") from None
        finally:
            self._loading = False


def _nowhere(_path: Data) -> None:
    """The files that a file which stands alone can require."""


def _summands(node: Node | Unknown | None) -> Iterator[Node]:
    """The arrays that an expression adds up, from left to right."""
    pending = [node]
    while pending:
        current = pending.pop()
        if current is None or isinstance(current, Unknown):
            raise NotEvaluated(current.reason if current is not None else "no array was found")
        if current.type == "parenthesized_expression":
            pending.append(next(iter(children(current)), None))
        elif current.type in _SUMS and text(field(current, "operator")) in ("+", "+="):
            pending += [field(current, "right"), field(current, "left")]
        else:
            yield current


def _members(declaration: Node, *kinds: str) -> Iterator[tuple[str, Node]]:
    """The constants and properties with a value that a class declares."""
    for node in children(field(declaration, "body") or declaration):
        if node.type in kinds:
            for element in children(node):
                parts = children(element)
                if len(parts) == 2 and element.type in ("const_element", "property_element"):
                    yield text(parts[0]).removeprefix("$"), parts[1]


def value_of(
    node: Node, file: PhpFile, outside: Surroundings, scope: Mapping[str, Result | Lazy] | None = None
) -> Result:
    """An expression of a file, of which nothing has run."""
    program = Program(file, outside, scope)
    try:
        return program.ev.eval(node)
    finally:
        program.release()


def class_constant(program: Program, member: str, class_name: str = "") -> Result | None:
    """A class constant, or the default of a static property, of a class that the file declares."""
    for declaration in program.file.find("class_declaration"):
        if class_name in ("", "self", "static", text(field(declaration, "name"))):
            for name, node in _members(declaration, "const_declaration", "property_declaration"):
                if name == member:
                    return program.ev.eval(node)
    return None
