"""Who may see a member of a class: private ones its own code, protected ones the classes that it is related to.

As Zend/zend_object_handlers.c has it; ``scope`` is the class whose code asks, None outside every class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.php.run.frames import Undecided
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from driftcheck.php.run.classes import ClassDeclaration
    from driftcheck.php.run.objects import Function, Instance


def property_key(instance: Instance, name: str, scope: ClassDeclaration | None) -> str | None:
    """The name by which an object has a property; None where it may not be seen.

    Raises Undecided where a class that the tree does not have could declare it.
    """
    own = instance.declaration
    if own is None:
        return name
    if scope is not None and _is_private(scope, f"${name}") and own.extends(scope):
        return scope.key(name)
    last = own
    for at in own.lineage():
        if name in at.properties:
            if _is_private(at, f"${name}") and at is not own:
                return name  # one of that name that the class does not declare
            return at.key(name) if _seen(at, f"${name}", scope) else None
        last = at
    if last.parent_name:
        raise Undecided(f"a property of {last.parent_name}, which the tree does not have")
    return name


def method_of(declaration: ClassDeclaration, name: str, scope: ClassDeclaration | None) -> Function | None:
    """The method that a call of an object's method means. Raises NotEvaluated where it may not be seen."""
    mark = f"{name.lower()}()"
    if scope is not None and _is_private(scope, mark) and declaration.extends(scope):
        return scope.methods[name.lower()]
    return seen_method(declaration, name, scope)


def seen_method(declaration: ClassDeclaration, name: str, scope: ClassDeclaration | None) -> Function | None:
    """A method, the class's own or inherited. Raises NotEvaluated where it may not be seen."""
    found = declaration.method(name)
    if found is not None and found.within is not None and not _seen(found.within, f"{name.lower()}()", scope):
        raise NotEvaluated(f"{declaration.name}::{name}() is not public")
    return found


def check(declaration: ClassDeclaration, name: str, scope: ClassDeclaration | None) -> None:
    """A class constant, or a static property by its name with the dollar, is used. Raises NotEvaluated where it may not be seen."""
    held = "statics" if name.startswith("$") else "constants"
    for at in declaration.lineage():
        if name.removeprefix("$") in getattr(at, held):
            if not _seen(at, name, scope):
                raise NotEvaluated(f"{declaration.name}::{name} is not public")
            return


def _is_private(declaration: ClassDeclaration, mark: str) -> bool:
    return declaration.hidden.get(mark) == "private"


def _seen(owner: ClassDeclaration, mark: str, scope: ClassDeclaration | None) -> bool:
    hidden = owner.hidden.get(mark)
    if hidden is None or scope is owner:
        return True
    return hidden == "protected" and scope is not None and (scope.extends(owner) or owner.extends(scope))
