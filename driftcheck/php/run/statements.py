"""Statements as functions of a frame. Each answers with None, or with the signal that ends what surrounds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from driftcheck.core.model import MISSING, Unknown, Value
from driftcheck.php.run import expressions
from driftcheck.php.run.expressions import NULL, compiled, decided, operated
from driftcheck.php.run.frames import Undecided
from driftcheck.php.run.machine import Ended
from driftcheck.php.run.objects import Function, Instance
from driftcheck.php.run.targets import target
from driftcheck.php.run.worlds import Slot
from driftcheck.php.syntax import children, field, text
from driftcheck.php.values import NotEvaluated, array_key, to_str

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.run.frames import Code, Frame

    Statement = Callable[[Frame], Any]


class Signal(NamedTuple):
    """What ends the statements around it: a return with its value, or a break or continue of so many loops."""

    kind: str
    value: Any = None
    levels: int = 1


class Thrown(Exception):  # noqa: N818 - PHP's exception, not Python's
    """An exception of the program."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance.name)
        self.instance = instance


def statement(code: Code, node: Node) -> Statement:
    """A statement, compiled once."""
    made = code.compiled.get(-node.id)
    if made is None:
        made = code.compiled[-node.id] = _compile(code, node)
    return made  # type: ignore[no-any-return]


def _compile(code: Code, node: Node) -> Statement:
    maker = _MAKERS.get(node.type)
    if node.is_error or any(child.is_error or child.is_missing for child in node.children):
        return _refused("a syntax error")
    if maker is None:
        return _refused(f"a {node.type.replace('_', ' ')} is not evaluated")
    try:
        return maker(code, node)
    except NotEvaluated as error:
        return _refused(str(error))


def _refused(reason: str) -> Statement:
    def run(_: Frame) -> None:
        raise Undecided(reason)

    return run


def _nothing(_: Code, __: Node) -> Statement:
    return lambda _: None


def block(code: Code, nodes: list[Node]) -> Statement:
    """Statements one after the other."""
    made = [statement(code, node) for node in nodes if node.type not in _SILENT]
    for node in nodes:
        if node.type == "named_label_statement":
            return _refused("a label that can be jumped to")

    def run(frame: Frame) -> Signal | None:
        frame.machine.spend(len(made))
        for part in made:
            signal = part(frame)
            if signal is not None:
                return signal  # type: ignore[no-any-return]
        return None

    return run


def body_of(code: Code, node: Node) -> Callable[[Frame], Result]:
    """The body of a function, as what it returns."""
    run_block = block(code, children(node))
    nested = [child for child in children(node) if child.type in ("function_definition", "class_declaration")]

    def run(frame: Frame) -> Result:
        del nested[:0]
        signal = run_block(frame)
        return signal.value if signal is not None and signal.kind == "return" else NULL

    return run


def expression_statement(code: Code, node: Node) -> Statement:
    """An expression that stands alone."""
    parts = children(node)
    if not parts:
        return lambda _: None
    made = compiled(code, parts[0])

    def run(frame: Frame) -> None:
        made(frame)

    return run


def returned(code: Code, node: Node) -> Statement:
    """``return``."""
    parts = children(node)
    made = compiled(code, parts[0]) if parts else expressions.constant(NULL)
    return lambda frame: Signal("return", made(frame))


def _leap(kind: str) -> Callable[[Code, Node], Statement]:
    def make(_: Code, node: Node) -> Statement:
        parts = children(node)
        signal = Signal(kind, None, int(text(parts[0])) if parts else 1)
        return lambda _: signal

    return make


def guarded(code: Code, node: Node) -> Statement:
    """``if``, ``elseif`` and ``else``."""
    arms = [(None if guard is None else compiled(code, guard), _body(code, body)) for guard, body in branches(node)]

    def run(frame: Frame) -> Signal | None:
        for guard, body in arms:
            if guard is None or decided(guard(frame)):
                return body(frame)  # type: ignore[no-any-return]
        return None

    return run


def branches(node: Node) -> list[tuple[Node | None, Node | None]]:
    """The guards of an if with their bodies; the last may have no guard. Raises NotEvaluated for a syntax error.

    The grammar gives an ``else`` behind an unbraced inner ``if`` to the outer one; PHP gives it to the inner one.
    """
    clauses = [child for child in children(node) if child.type in ("else_if_clause", "else_clause")]
    if any(clause.has_error and any(c.is_error or c.is_missing for c in clause.children) for clause in clauses):
        raise NotEvaluated("a syntax error")
    inner = field(node, "body")
    if clauses and _open_if(inner):
        raise NotEvaluated("an else behind an if without braces in an if without braces")
    for clause in clauses[:-1]:
        if _open_if(field(clause, "body")):
            raise NotEvaluated("an else behind an if without braces in an if without braces")
    return [(field(part, "condition"), field(part, "body")) for part in [node, *clauses]]


def _open_if(body: Node | None) -> bool:
    """Whether a body without braces ends in an if that could take an else."""
    while body is not None and body.type not in ("compound_statement", "colon_block"):
        if body.type == "if_statement":
            if any(child.type == "colon_block" for child in body.children):
                return False
            return True
        body = field(body, "body")
    return False


def _body(code: Code, node: Node | None) -> Statement:
    if node is None:
        return lambda _: None
    return block(code, children(node)) if node.type in ("compound_statement", "colon_block") else statement(code, node)


# -- loops -----------------------------------------------------------------------------------------------------------


def _after(signal: Signal | None) -> tuple[bool, Signal | None]:
    """Whether a loop goes on after its body, and what goes on outwards if it does not."""
    if signal is None:
        return True, None
    if signal.kind == "return":
        return False, signal
    if signal.levels > 1:
        return False, signal._replace(levels=signal.levels - 1)
    return signal.kind == "continue", None


def while_loop(code: Code, node: Node) -> Statement:
    """``while``."""
    condition, body = compiled(code, _need(node, "condition")), _bodies(code, node)

    def run(frame: Frame) -> Signal | None:
        while decided(condition(frame)):
            frame.machine.spend(5)
            on, outwards = _after(body(frame))
            if not on:
                return outwards
        return None

    return run


def do_loop(code: Code, node: Node) -> Statement:
    """``do ... while``."""
    condition, body = compiled(code, _need(node, "condition")), _bodies(code, node)

    def run(frame: Frame) -> Signal | None:
        while True:
            frame.machine.spend(5)
            on, outwards = _after(body(frame))
            if not on:
                return outwards
            if not decided(condition(frame)):
                return None

    return run


def for_loop(code: Code, node: Node) -> Statement:
    """``for``."""
    parts: list[list[Node]] = [[], [], []]
    at, inside = 0, False
    for child in node.children:
        if child.type == "(" and not inside:
            inside = True
        elif child.type == ";":
            at += 1
        elif child.type == ")":
            break
        elif inside and child.is_named and child.type != "comment":
            parts[min(at, 2)].extend(children(child) if child.type == "sequence_expression" else [child])
    before, tests, after = ([compiled(code, part) for part in group] for group in parts)
    body = _bodies(code, node)

    def run(frame: Frame) -> Signal | None:
        for part in before:
            part(frame)
        while True:
            frame.machine.spend(5)
            going = True
            for test in tests:
                going = decided(test(frame))
            if not going:
                return None
            on, outwards = _after(body(frame))
            if not on:
                return outwards
            for part in after:
                part(frame)

    return run


def _bodies(code: Code, node: Node) -> Statement:
    bodies = node.children_by_field_name("body")
    if len(bodies) == 1:
        return _body(code, bodies[0])
    return block(code, [body for body in bodies if body.is_named])


def _need(node: Node, name: str) -> Node:
    found = field(node, name)
    if found is None:
        raise NotEvaluated("a syntax error")
    return found


def foreach_loop(code: Code, node: Node) -> Statement:
    """``foreach``, by value and by reference."""
    body_ids = {body.id for body in node.children_by_field_name("body")}
    header = [child for child in children(node) if child.id not in body_ids]
    if len(header) != 2:
        raise NotEvaluated("a syntax error")
    subject, aim = header
    key_node, value_node = (children(aim)[0], children(aim)[-1]) if aim.type == "pair" else (None, aim)
    key = None if key_node is None else target(code, key_node)
    body = _bodies(code, node)
    if value_node.type == "by_ref":
        return _by_reference(code, subject, key, target(code, children(value_node)[0]), body)
    items, value = compiled(code, subject), target(code, value_node)

    def run(frame: Frame) -> Signal | None:
        held = items(frame)
        if held.__class__ is Unknown:
            raise Undecided(held.reason)
        for name, item in _iterated(held.data):
            frame.machine.spend(5)
            plain = frame.machine.turn.through(item) if item.__class__ is Slot else item
            if plain.__class__ is Value:
                frame.machine.escape(plain.data)
            value.set(frame, plain)
            if key is not None:
                key.set(frame, code.value(name, key_node))  # type: ignore[arg-type]
            on, outwards = _after(body(frame))
            if not on:
                return outwards
        return None

    return run


def _iterated(data: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401 - data of PHP
    if isinstance(data, dict):
        return list(data.items())
    if data is None or isinstance(data, (bool, int, float, str)):
        return []  # PHP warns, and goes on
    raise NotEvaluated("a foreach over an object or an input")


def _by_reference(code: Code, subject: Node, key: Any, value: Any, body: Statement) -> Statement:  # noqa: ANN401 - targets
    place = target(code, subject)

    def run(frame: Frame) -> Signal | None:
        held = place.lookup(frame)
        if held.__class__ is Unknown:
            raise Undecided(held.reason)
        names = list(held.data) if held is not MISSING and isinstance(held.data, dict) else []
        for name in names:
            frame.machine.spend(5)
            inner = _element_of(place, name)
            now = place.lookup(frame)
            if not isinstance(now, Value) or not isinstance(now.data, dict) or name not in now.data:
                raise NotEvaluated("an array that changes while it is walked by reference")
            value.bind(frame, inner(frame))
            if key is not None:
                key.set(frame, code.value(name, subject))
            on, outwards = _after(body(frame))
            if not on:
                return outwards
            if len(place.lookup(frame).data) != len(names):
                raise NotEvaluated("an array that changes while it is walked by reference")
        return None

    return run


def _element_of(place: Any, name: Any) -> Callable[[Frame], Slot]:  # noqa: ANN401 - a Target and a key
    from driftcheck.php.run.arrays import slot_in

    def slot(frame: Frame) -> Slot:
        keys = place.prepare(frame)
        content, found = slot_in(frame.machine, place.root.read(frame), [*keys, name], place.step)
        place.root.write(frame, content)
        return found

    return slot


def switch(code: Code, node: Node) -> Statement:
    """``switch``: the first case that is equal (``==``), and on from there."""
    subject, cases = compiled(code, _need(node, "condition")), children(_need(node, "body"))
    tests = [None if (value := field(case, "value")) is None else compiled(code, value) for case in cases]
    bodies = [
        block(code, [child for child in children(case) if child.id != (field(case, "value") or case).id])
        for case in cases
    ]

    def run(frame: Frame) -> Signal | None:
        held = subject(frame)
        if held.__class__ is Unknown:
            raise Undecided(held.reason)
        start = next((n for n, test in enumerate(tests) if test is None), len(bodies))
        for number, test in enumerate(tests):
            if test is not None and decided(operated(frame, held, test(frame), "==", code, node)):
                start = number
                break
        for body in bodies[start:]:
            signal = body(frame)
            if signal is not None:
                # A continue is a break here.
                return None if signal.kind != "return" and signal.levels == 1 else _after(signal)[1]
        return None

    return run


# -- the rest --------------------------------------------------------------------------------------------------------


def tried(code: Code, node: Node) -> Statement:
    """``try``, ``catch`` and ``finally``. An error of PHP itself is not followed."""
    body = _body(code, _need(node, "body"))
    catches, last = [], None
    for clause in children(node):
        if clause.type == "catch_clause":
            types = [code.names.class_name(text(name)) for name in children(_need(clause, "type"))]
            variable = field(clause, "name")
            catches.append(
                (types, None if variable is None else target(code, variable), _body(code, field(clause, "body")))
            )
        elif clause.type == "finally_clause":
            last = _body(code, field(clause, "body"))

    def run(frame: Frame) -> Signal | None:
        try:
            signal = body(frame)
        except Thrown as thrown:
            signal = _caught(frame, thrown, catches, last, code, node)
        if last is not None and (final := last(frame)) is not None:
            return final  # type: ignore[no-any-return]
        return signal  # type: ignore[no-any-return]

    return run


def _caught(frame: Frame, thrown: Thrown, catches: Any, last: Any, code: Code, node: Node) -> Any:  # noqa: ANN401 - parts of a try
    for types, variable, body in catches:
        if any(name.lower() in ("exception", "throwable") or thrown.instance.is_a(name) for name in types):
            if variable is not None:
                variable.set(frame, code.value(thrown.instance, node))
            return body(frame)
    if last is not None:
        last(frame)
    raise thrown


def thrown(code: Code, node: Node) -> Any:  # noqa: ANN401 - a statement and an expression
    """``throw``."""
    made = compiled(code, children(node)[0])

    def run(frame: Frame) -> None:
        held = made(frame)
        if held.__class__ is Unknown or not isinstance(held.data, Instance):
            raise NotEvaluated("what is thrown is not known")
        raise Thrown(held.data)

    return run


def ended(code: Code, node: Node) -> Statement:
    """``exit``."""
    del code, node

    def run(_: Frame) -> None:
        raise Ended

    return run


def globals_imported(code: Code, node: Node) -> Statement:
    """``global $a, $b;``: the names are those of the global variables."""
    names = [text(child)[1:] for child in children(node)]
    if any(child.type != "variable_name" for child in children(node)):
        raise NotEvaluated("a global by a name that is worked out")
    del code

    def run(frame: Frame) -> None:
        if frame is frame.machine.frame:
            return
        for name in names:
            slot = frame.machine.variable(name)
            if frame.machine.turn.through(slot) is MISSING:
                frame.machine.write(slot, NULL)
            frame.unset(name)
            slot.bound += 1
            frame.variables[name] = slot

    return run


def statics(code: Code, node: Node) -> Statement:
    """``static $a = 1;``: variables that a function keeps from call to call."""
    rows = []
    for child in children(node):
        value = field(child, "value")
        rows.append((text(field(child, "name"))[1:], None if value is None else compiled(code, value)))

    def run(frame: Frame) -> None:
        if frame is frame.machine.frame:
            raise NotEvaluated("a static variable outside a function")
        for name, value in rows:
            slot = frame.statics.get(name)
            if slot is None:
                slot = frame.statics[name] = Slot(frame.machine.everyone)
            if frame.machine.turn.read(slot) is MISSING:
                frame.machine.turn.writes[slot] = NULL if value is None else value(frame)
            frame.bind(name, slot)

    return run


def unset(code: Code, node: Node) -> Statement:
    """``unset()``."""
    places = [target(code, child) for child in children(node)]

    def run(frame: Frame) -> None:
        for place in places:
            place.unset(frame)

    return run


def echoed(code: Code, node: Node) -> Statement:
    """``echo``: what is printed is of no interest, what it calls is."""
    made = [compiled(code, child) for child in children(node)]

    def run(frame: Frame) -> None:
        for part in made:
            part(frame)

    return run


def constants(code: Code, node: Node) -> Statement:
    """``const A = 1;``."""
    rows = [children(element) for element in children(node) if element.type == "const_element"]
    space = code.names.namespace
    made = [(f"{space.lower()}\\{text(row[0])}" if space else text(row[0]), compiled(code, row[1])) for row in rows]

    def run(frame: Frame) -> None:
        for name, value in made:
            define(frame, name, value(frame))

    return run


def define(frame: Frame, name: str, value: Result) -> None:
    """A constant gets its value; one that has one keeps it."""
    slot = frame.machine.constants.setdefault(name, Slot(frame.machine.everyone))
    if frame.machine.turn.read(slot) is MISSING:
        frame.machine.turn.writes[slot] = value


def function(code: Code, node: Node) -> Statement:
    """A function is declared."""
    space = code.names.namespace
    name = text(field(node, "name"))
    full = f"{space}\\{name}" if space else name
    made = Value(Function(code.within("", name), node, full))  # type: ignore[arg-type]

    def run(frame: Frame) -> None:
        slot = frame.machine.functions.setdefault(full.lower(), Slot(frame.machine.everyone))
        held = frame.machine.turn.read(slot)
        if held is not MISSING and held is not made:
            raise NotEvaluated(f"{full}() is declared twice")
        frame.machine.turn.writes[slot] = made

    return run


def class_like(code: Code, node: Node) -> Statement:
    """A class is declared."""
    return lambda frame: frame.machine.classes.declare(code, node)


def key_text(held: Result) -> str:
    """A value as text, for a name. Raises Undecided where it is not known."""
    if isinstance(held, Unknown):
        raise Undecided(held.reason)
    return to_str(held.data)


def plain_keys(data: Any) -> Any:  # noqa: ANN401 - a key
    """A key of an array."""
    return array_key(data)


_SILENT = {"comment", "php_tag", "php_end_tag", "text_interpolation", "text", "empty_statement", "namespace_use_declaration",
           "interface_declaration", "function_definition_hoisted"}  # fmt: skip
_MAKERS: dict[str, Callable[[Code, Node], Statement]] = {
    **dict.fromkeys(_SILENT, _nothing),
    "expression_statement": expression_statement,
    "return_statement": returned,
    "if_statement": guarded,
    "compound_statement": lambda code, node: block(code, children(node)),
    "colon_block": lambda code, node: block(code, children(node)),
    "while_statement": while_loop,
    "do_statement": do_loop,
    "for_statement": for_loop,
    "foreach_statement": foreach_loop,
    "switch_statement": switch,
    "break_statement": _leap("break"),
    "continue_statement": _leap("continue"),
    "try_statement": tried,
    "exit_statement": ended,
    "global_declaration": globals_imported,
    "function_static_declaration": statics,
    "unset_statement": unset,
    "echo_statement": echoed,
    "const_declaration": constants,
    "function_definition": function,
    "class_declaration": class_like,
    "declare_statement": _nothing,
    "namespace_definition": lambda code, node: _body(code, field(node, "body")),
}
expressions.register({"throw_expression": thrown, "print_intrinsic": lambda code, node: _printed(code, node),
                      "exit_statement": ended})  # fmt: skip


def _printed(code: Code, node: Node) -> Any:  # noqa: ANN401 - an expression
    made = compiled(code, children(node)[0])

    def run(frame: Frame) -> Result:
        made(frame)
        return Value(1)

    return run
