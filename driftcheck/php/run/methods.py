"""Methods of objects and classes, and new objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Unknown
from driftcheck.php.run.access import method_of, seen_method
from driftcheck.php.run.arguments import arguments, values
from driftcheck.php.run.callbacks import call_value
from driftcheck.php.run.classes import new
from driftcheck.php.run.expressions import NULL, compiled, or_refused, refused, register
from driftcheck.php.run.frames import Undecided
from driftcheck.php.run.functions import invoke, passed
from driftcheck.php.run.library.call import Call
from driftcheck.php.run.members import class_name, class_of, declaration_of, member_name
from driftcheck.php.run.objects import Closure, Instance
from driftcheck.php.syntax import children, field, text
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.run.classes import ClassDeclaration
    from driftcheck.php.run.expressions import Compiled
    from driftcheck.php.run.frames import Code, Frame


def method_call(code: Code, node: Node) -> Compiled:
    """``$object->name( ... )``."""
    owner_node, name_node = field(node, "object"), field(node, "name")
    if owner_node is None or name_node is None:
        return refused("a syntax error in an expression")
    owner, name = compiled(code, owner_node), member_name(code, name_node)
    given = arguments(code, field(node, "arguments"))
    optional = node.type.startswith("nullsafe")

    def run(frame: Frame) -> Result:
        held = owner(frame)
        if held.__class__ is Unknown:
            raise Undecided(held.reason)
        if optional and held.data is None:
            return NULL
        called = name(frame)
        if isinstance(held.data, Closure) and called.lower() == "__invoke":
            return call_value(frame, held, given)
        if not isinstance(held.data, Instance):
            raise NotEvaluated(f"{called}() of something that is no object")
        declaration = held.data.declaration
        native = frame.machine.host.method(held.data.name, called)
        if native is not None:
            return native(Call(frame, code, node, called, given, held.data))
        function = None if declaration is None else method_of(declaration, called, frame.scope)
        if function is None:
            raise Undecided(f"{held.data.name}->{called}() is not evaluated")
        called_function = Closure(function, this=None if function.static else held.data, within=declaration)
        return invoke(frame, called_function, passed(frame, function, given))

    return run


def static_call(code: Code, node: Node) -> Compiled:
    """``Name::name( ... )``."""
    scope, name_node = field(node, "scope"), field(node, "name")
    if scope is None or name_node is None:
        return refused("a syntax error in an expression")
    owner, name = class_of(code, scope), member_name(code, name_node)
    given = arguments(code, field(node, "arguments"))

    def run(frame: Frame) -> Result:
        of, called = owner(frame), name(frame)
        native = frame.machine.host.method(class_name(of), called)
        if native is not None:
            return native(Call(frame, code, node, called, given))
        declaration = declaration_of(frame, of)
        function = None if declaration is None else seen_method(declaration, called, frame.scope)
        if function is None:
            raise Undecided(f"{class_name(of)}::{called}() is not evaluated")
        inherited = text(scope).lower() in ("parent", "self", "static")
        this = frame.this if inherited and not function.static else None
        if this is None and not function.static:
            raise NotEvaluated(f"{class_name(of)}::{called}() is called without an object")
        within = _called_class(frame) if inherited else declaration
        return invoke(frame, Closure(function, this=this, within=within), passed(frame, function, given))

    return run


def _called_class(frame: Frame) -> ClassDeclaration | None:
    """The class that ``static`` means, which parent::, self:: and static:: hand on."""
    return frame.within if frame.this is None else frame.this.declaration


def creation(code: Code, node: Node) -> Compiled:
    """``new Name( ... )``."""
    parts = children(node)
    if not parts or parts[0].type in ("anonymous_class", "declaration_list"):
        return refused("an anonymous class")
    owner = class_of(code, parts[0])
    given = arguments(code, next((part for part in parts if part.type == "arguments"), None))

    def run(frame: Frame) -> Result:
        name = class_name(owner(frame))
        declaration = frame.machine.classes.find(name)
        if declaration is not None and declaration.abstract:
            raise NotEvaluated(f"an object of {name}, which is abstract")
        instance = new(frame.machine, name, declaration)
        constructor = None if declaration is None else seen_method(declaration, "__construct", frame.scope)
        if constructor is not None:
            called = Closure(constructor, this=instance, within=declaration)
            invoke(frame, called, passed(frame, constructor, given))
        else:
            held = values(frame, given)
            if declaration is None and not frame.machine.host.opaque(name, held):
                raise Undecided(f"the class {name} is not known")
        return code.value(instance, node)

    return run


register(
    {
        "member_call_expression": or_refused(method_call),
        "nullsafe_member_call_expression": or_refused(method_call),
        "scoped_call_expression": or_refused(static_call),
        "object_creation_expression": or_refused(creation),
    }
)
