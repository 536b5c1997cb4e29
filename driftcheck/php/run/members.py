"""Members of classes and objects that are read and written: properties and constants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Unknown, Value
from driftcheck.php import literals
from driftcheck.php.evaluator import Evaluator
from driftcheck.php.run.access import check, property_key
from driftcheck.php.run.expressions import compiled, constant, lookup, reading, refused, register, valued
from driftcheck.php.run.frames import Undecided, line
from driftcheck.php.run.objects import Instance
from driftcheck.php.run.worlds import PART, Slot
from driftcheck.php.syntax import children, text
from driftcheck.php.values import NotEvaluated, to_str

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.run.classes import ClassDeclaration
    from driftcheck.php.run.expressions import Compiled, Maker
    from driftcheck.php.run.frames import Code, Frame

_NAMES = ("name", "qualified_name", "relative_name")


def class_of(code: Code, node: Node) -> Callable[[Frame], str | Instance]:
    """What stands before a ``::`` or behind ``new``: a class by its full name, or an object."""
    if node.type in (*_NAMES, "relative_scope"):
        name = text(node)
        if name.lower() in ("self", "static", "parent"):
            return lambda frame: _relative(code, frame, name.lower())
        full = code.names.class_name(name)
        return lambda _: full
    inner = compiled(code, node)

    def run(frame: Frame) -> str | Instance:
        held = inner(frame)
        if held.__class__ is Unknown:
            raise Undecided(held.reason)
        return held.data if isinstance(held.data, Instance) else to_str(held.data)

    return run


def _relative(code: Code, frame: Frame, name: str) -> str:
    if name == "static" and frame.within is not None:
        return frame.this.name if frame.this is not None else frame.within.name
    own = code.class_name
    if name != "parent":
        return own
    declaration = frame.machine.classes.find(own)
    return "" if declaration is None else declaration.parent_name


def declaration_of(frame: Frame, owner: str | Instance) -> ClassDeclaration | None:
    """The class of the tree that is meant, if the tree has it."""
    return owner.declaration if isinstance(owner, Instance) else frame.machine.classes.find(owner)


def member_name(code: Code, node: Node) -> Callable[[Frame], str]:
    """The name behind an arrow, written or worked out."""
    if node.type == "name":
        name = text(node)
        return lambda _: name
    inner = compiled(code, node)

    def run(frame: Frame) -> str:
        held = inner(frame)
        if held.__class__ is Unknown:
            raise Undecided(held.reason)
        return to_str(held.data)

    return run


def property_slot(code: Code, node: Node) -> Callable[[Frame], Slot]:
    """The slot of ``$object->name`` or ``Name::$name``, which is made if it is not there."""
    if node.type == "scoped_property_access_expression":
        return _static_slot(code, node)
    owner, name = compiled(code, children(node)[0]), member_name(code, children(node)[-1])

    def run(frame: Frame) -> Slot:
        held = owner(frame)
        if held.__class__ is Unknown:
            raise Undecided(held.reason)
        if not isinstance(held.data, Instance):
            raise NotEvaluated("a property of something that is no object")
        called = name(frame)
        key = property_key(held.data, called, frame.scope)
        if key is None:
            raise NotEvaluated(f"the property {called} is not public")
        return held.data.properties.get(key) or _new_property(frame, held.data, key)

    return run


def _new_property(frame: Frame, holder: Instance, key: str) -> Slot:
    slot = holder.properties[key] = Slot(frame.machine.everyone, first=PART)
    if holder.rest is not None:
        slot.facets = list(holder.rest.facets)
    return slot


def _static_slot(code: Code, node: Node) -> Callable[[Frame], Slot]:
    parts = children(node)
    owner, name = class_of(code, parts[0]), text(parts[-1])[1:]

    def run(frame: Frame) -> Slot:
        declaration = declaration_of(frame, owner(frame))
        slot = None if declaration is None else declaration.static(name)
        if declaration is None or slot is None:
            return frame.machine.host.static(frame.machine, str(owner(frame)), name)
        check(declaration, f"${name}", frame.scope)
        return slot

    return run


def property_lookup(code: Code, node: Node) -> Compiled:
    """A property, where absence is an answer."""
    if node.type == "scoped_property_access_expression":
        static = _static_slot(code, node)
        return lambda frame: frame.machine.turn.through(static(frame))
    return _property(code, node, lookup(code, children(node)[0]), quiet=True)


def property_reading(code: Code, node: Node) -> Compiled:
    """A property that is used: it throws where that may not be seen, or has a type and was given nothing."""
    if node.type == "scoped_property_access_expression":
        static = _static_slot(code, node)
        return lambda frame: _given(frame, static(frame))
    return _property(code, node, reading(code, children(node)[0]), quiet=False)


def _property(code: Code, node: Node, owner: Compiled, *, quiet: bool) -> Compiled:
    name = member_name(code, children(node)[-1])

    def run(frame: Frame) -> Any:  # noqa: ANN401 - a result or MISSING
        held = owner(frame)
        if held is MISSING or held.__class__ is Unknown:
            return held
        if not isinstance(held.data, Instance):
            return MISSING
        called = name(frame)
        key = property_key(held.data, called, frame.scope)
        slot = None if key is None else held.data.properties.get(key)
        if slot is not None:
            return frame.machine.turn.through(slot) if quiet else _given(frame, slot)
        if held.data.declaration is None:
            return code.unknown(node, f"a property of {held.data.name}, which the tree does not have")
        if key is None and not quiet:
            raise NotEvaluated(f"the property {called} is not public")
        return MISSING if held.data.rest is None else frame.machine.turn.read(held.data.rest)

    return run


def _given(frame: Frame, slot: Slot) -> Any:  # noqa: ANN401 - a result or MISSING
    """What a property holds. Raises NotEvaluated for one that has a type and was given nothing."""
    held = frame.machine.turn.through(slot)
    if held is MISSING and slot in frame.machine.typed:
        raise NotEvaluated("a property with a type that was given nothing")
    return held


def property_value(code: Code, node: Node) -> Compiled:
    """``$object->name`` and ``Name::$name``."""
    return valued(property_reading(code, node))


def named_constant(code: Code, node: Node) -> Compiled:
    """A constant by its name: PHP's, the program's, or one of the surroundings."""
    name = text(node)
    magic = _magic(code, node, name.upper())
    if magic is not None:
        return constant(magic)
    known = literals.constant(Evaluator(code.file), node) if name.lower() in ("true", "false", "null") else None
    if isinstance(known, Value):
        return constant(known)
    candidates = code.names.constants(name)

    def run(frame: Frame) -> Result:
        held = constant_value(frame, candidates)
        if held is None:
            raise NotEvaluated(f"the constant {name} is not defined in what was read")
        return held if isinstance(held, Unknown) else code.value(held.data, node)

    return run


def constant_value(frame: Frame, candidates: tuple[str, ...]) -> Result | None:
    """The first of these constants that exists."""
    for name in candidates:
        slot = frame.machine.constants.get(name)
        held = MISSING if slot is None else frame.machine.turn.read(slot)
        if held is not MISSING:
            return held  # type: ignore[return-value]
        found = frame.machine.host.constant(name)
        if found is not None:
            return found
        if name in literals.BUILT_IN:
            return Value(literals.BUILT_IN[name])
    return None


def _magic(code: Code, node: Node, name: str) -> Result | None:
    data = {
        "__DIR__": code.path.rpartition("/")[0],
        "__FILE__": code.path,
        "__LINE__": line(node),
        "__NAMESPACE__": code.names.namespace if name == "__NAMESPACE__" else "",
        "__CLASS__": code.class_name,
        "__FUNCTION__": code.function,
        "__METHOD__": f"{code.class_name}::{code.function}" if _is_method(code) else code.function,
    }
    return code.value(data[name], node) if name in data else None


def _is_method(code: Code) -> bool:
    return bool(code.class_name) and not code.function.endswith("{closure}")


def class_constant(code: Code, node: Node) -> Compiled:
    """``Name::NAME`` and ``Name::class``."""
    parts = children(node)
    if len(parts) != 2 or parts[1].type != "name":
        return refused(f"{text(node)[:60]} is not evaluated")
    owner, name = class_of(code, parts[0]), text(parts[1])
    if name.lower() == "class":
        if parts[0].type in _NAMES and text(parts[0]).lower() not in ("self", "static", "parent"):
            return constant(code.value(code.names.class_name(text(parts[0])), node))
        return lambda frame: code.value(class_name(owner(frame)), node)

    def run(frame: Frame) -> Result:
        of = owner(frame)
        declaration = declaration_of(frame, of)
        held = None if declaration is None else declaration.constant(name)
        if declaration is not None:
            check(declaration, name, frame.scope)
        if held is None:
            held = frame.machine.host.constant(f"{class_name(of)}::{name}")
        if held is None:
            raise NotEvaluated(f"the class constant {class_name(of)}::{name} is not defined in what was read")
        return held

    return run


def class_name(owner: str | Instance) -> str:
    """The name of a class, or of the class of an object."""
    return owner.name if isinstance(owner, Instance) else owner


_LOOKUPS: dict[str, Maker] = dict.fromkeys(
    ("member_access_expression", "nullsafe_member_access_expression", "scoped_property_access_expression"),
    property_lookup,
)
register(
    {
        **dict.fromkeys(_LOOKUPS, property_value),
        **dict.fromkeys(_NAMES, named_constant),
        "class_constant_access_expression": class_constant,
    },
    _LOOKUPS,
    dict.fromkeys(_LOOKUPS, property_reading),
)
