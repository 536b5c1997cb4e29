"""Calls by name and by value, closures, and the constructs that look like calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import MISSING, Unknown
from driftcheck.php.functions import FUNCTIONS
from driftcheck.php.run.arguments import arguments, values
from driftcheck.php.run.callbacks import built_in, call_value, find_function
from driftcheck.php.run.expressions import NULL, WORDS, compiled, lookup, loosely, refused, register, truth
from driftcheck.php.run.frames import Undecided
from driftcheck.php.run.functions import invoke, passed
from driftcheck.php.run.library import SPECIAL
from driftcheck.php.run.library.call import Call
from driftcheck.php.run.objects import Closure, Function
from driftcheck.php.syntax import children, field, search, text
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.run.arguments import Argument
    from driftcheck.php.run.expressions import Compiled
    from driftcheck.php.run.frames import Code, Frame

_NAMED = ("name", "qualified_name", "relative_name")


def call(code: Code, node: Node) -> Compiled:
    """``name( ... )`` and ``$callable( ... )``."""
    function, given_node = field(node, "function"), field(node, "arguments")
    if function is None or given_node is None:
        return refused("a syntax error in an expression")
    name = text(function).lower()
    if function.type in _NAMED and name in _CONSTRUCTS:
        return _CONSTRUCTS[name](code, node, given_node)
    try:
        given = arguments(code, given_node)
    except NotEvaluated as error:
        return refused(str(error))
    if function.type not in _NAMED:
        callee = compiled(code, function)
        return lambda frame: call_value(frame, callee(frame), given)
    candidates = code.names.functions(text(function))
    return _named_call(code, node, candidates, given)


def _named_call(code: Code, node: Node, candidates: tuple[str, ...], given: list[Argument]) -> Compiled:
    def run(frame: Frame) -> Result:
        machine = frame.machine
        for name in candidates:
            function = find_function(frame, name)
            if function is not None:
                return invoke(frame, Closure(function), passed(frame, function, given))
            special = SPECIAL.get(name)
            if special is not None:
                return special(Call(frame, code, node, name, given))
            if name in FUNCTIONS:
                return built_in(frame, name, values(frame, given), code, node)
            native = machine.host.function(name)
            if native is not None:
                return native(Call(frame, code, node, name, given))
        raise Undecided(f"the call {candidates[-1]}() is not evaluated")

    return run


def closure(code: Code, node: Node) -> Compiled:
    """``function () use ( ... ) { ... }`` and ``fn () => ...``."""
    body = field(node, "body")
    if node.type == "arrow_function" and body is not None and loosely(body, WORDS):
        return refused("an arrow function before and, or, xor")
    space = code.names.namespace
    inner = code.within(code.class_name, f"{space}\\{{closure}}" if space else "{closure}")
    function = Function(inner, node, "{closure}")
    static = any(child.type == "static_modifier" for child in node.children)
    uses = next((child for child in children(node) if child.type == "anonymous_function_use_clause"), None)
    names = [(text(child if child.type == "variable_name" else children(child)[0])[1:], child.type == "by_ref")
             for child in (children(uses) if uses is not None else [])]  # fmt: skip

    if names and body is not None and _keeps(body, {name for name, _ in names}):
        return refused("a static variable by a name that is taken along")

    def run(frame: Frame) -> Result:
        if function.arrow:
            bound = {name: frame.take(name) for name in _free(function.node)}
            taken = {name: frame.machine.turn.plain(held) for name, held in bound.items() if held is not MISSING}
        else:
            taken = {}
            for name, shared in names:
                if shared:
                    frame.machine.turn.hold(frame.slot(name), parts=1)
                held = frame.slot(name) if shared else frame.take(name)
                taken[name] = NULL if held is MISSING else held
        this = None if static else frame.this
        made = Closure(function, taken, this, frame.within, scope=frame.scope)
        made.statics = {}
        return code.value(made, node)

    return run


def _keeps(body: Node, names: set[str]) -> bool:
    """Whether a body declares a static variable by one of some names: PHP keeps it in the place of what is taken along."""
    declared = search("(function_static_declaration (static_variable_declaration name: (_) @name))", body)
    return any(text(name)[1:] in names for name in declared.get("name", ()))


def _free(node: Node) -> set[str]:
    """The variables that stand in an arrow function."""
    found, pending = set(), [node]
    while pending:
        current = pending.pop()
        if current.type == "variable_name":
            found.add(text(current)[1:])
        elif current.type == "dynamic_variable_name" and children(current)[0].type in (
            "string",
            "encapsed_string",
            "name",
        ):
            found.add(text(children(current)[0]).strip("\"'"))
        pending.extend(current.named_children)
    return found - {"this"}


def _isset(code: Code, node: Node, given: Node) -> Compiled:
    looks = [lookup(code, children(argument)[0]) for argument in children(given)]

    def run(frame: Frame) -> Result:
        hole: Unknown | None = None
        for look in looks:
            held = look(frame)
            if held.__class__ is Unknown:
                hole = hole or held
            elif held is MISSING or held.data is None:
                return code.value(False, node)
        return code.value(True, node) if hole is None else hole

    return run


def _empty(code: Code, node: Node, given: Node) -> Compiled:
    look = lookup(code, children(children(given)[0])[0])

    def run(frame: Frame) -> Result:
        held = look(frame)
        answer = False if held is MISSING else truth(held)
        return held if answer is None else code.value(not answer, node)

    return run


_CONSTRUCTS: dict[str, Callable[[Code, Node, Node], Compiled]] = {"isset": _isset, "empty": _empty}


register({
    "function_call_expression": call, "anonymous_function": closure, "arrow_function": closure,
    "anonymous_function_creation_expression": closure,
})  # fmt: skip
