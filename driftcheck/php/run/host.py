"""What surrounds a program: the files it can read, and everything that comes from outside of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Source
from driftcheck.php.file import PhpFile
from driftcheck.php.run.frames import Code, Undecided

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from driftcheck.core.model import Result, Value
    from driftcheck.php.run.library import Call
    from driftcheck.php.run.machine import Machine
    from driftcheck.php.run.objects import Instance
    from driftcheck.php.run.worlds import Content, Slot


class Host:
    """Surroundings in which nothing is known. What a method does not know it answers with None."""

    def __init__(self) -> None:
        self.code: Code = None  # type: ignore[assignment]
        self.node: Node = PhpFile(Source("<callback>", b"<?php\n")).root

    def attach(self, machine: Machine) -> None:
        """A machine will run in these surroundings."""
        self.code = Code(machine, PhpFile(Source("<callback>", b"<?php\n")), "")

    def normalised(self, path: str) -> str:
        """A path without ``.`` and ``..`` in it."""
        parts: list[str] = []
        for part in path.split("/"):
            if part == "..":
                parts = parts[:-1] if len(parts) > 1 else parts
            elif part != "." and (part or not parts):
                parts.append(part)
        return "/".join(parts)

    def file(self, path: str) -> PhpFile | None:  # noqa: ARG002 - nothing is known
        """A PHP file by its full path."""
        return None

    def returned(self, path: str) -> Result | None:  # noqa: ARG002 - nothing is known
        """What a file that is not in the tree returns when it is included."""
        return None

    def absent(self, name: str) -> Content:  # noqa: ARG002 - nothing is known
        """What a global variable holds that the program has not set."""
        return MISSING

    def based(self, name: str) -> bool:  # noqa: ARG002 - nothing is known
        """Whether something outside may have given a global variable a content before."""
        return False

    def constant(self, name: str) -> Result | None:  # noqa: ARG002 - nothing is known
        """A constant that the program does not define."""
        return None

    def function(self, name: str) -> Callable[[Call], Result] | None:  # noqa: ARG002 - nothing is known
        """A function that neither the program nor PHP's library has."""
        return None

    def has_function(self, name: str) -> bool:  # noqa: ARG002 - nothing is known
        """Whether a function exists that neither the program nor PHP's library has. Raises Undecided where that is not known."""
        raise Undecided("whether a function exists is not known")

    def answer(self, call: Call) -> Result:
        """What a function of PHP answers whose effect is outside the program."""
        return call.code.unknown(call.node, f"what {call.name}() answers is not known")

    def noted(self, name: str, node: Node) -> set[str] | None:  # noqa: ARG002 - nothing is known
        """What a call of a function from outside could note or write, by names; None where it is not from outside."""
        return None

    def method(self, class_name: str, name: str) -> Callable[[Call], Result] | None:  # noqa: ARG002 - nothing is known
        """A method that is answered from outside, whether or not the tree has the class."""
        return None

    def has_class(self, name: str) -> bool:  # noqa: ARG002 - nothing is known
        """Whether a class exists outside the tree. Raises Undecided where that is not known."""
        raise Undecided("whether a class exists is not known")

    def opaque(self, name: str, given: list[Result]) -> bool:  # noqa: ARG002 - nothing is known
        """Whether an object of a class that the tree does not have may be made: its constructor changes nothing here."""
        return False

    def extracted(self, call: Call, found: Instance) -> Result:  # noqa: ARG002 - nothing is known
        """``extract()`` of something that stands for variables that the surroundings work out. Raises Undecided where they do not."""
        raise Undecided("what is extracted is not known")

    def stands_for(self, data: Any) -> bool:  # noqa: ANN401, ARG002 - nothing is known
        """Whether a value stands for variables that the surroundings work out, so that writing to it changes nothing."""
        return False

    def static(self, machine: Machine, class_name: str, name: str) -> Slot:  # noqa: ARG002 - nothing is known
        """A static property of a class that the tree does not have. Raises Undecided where it is not known."""
        raise Undecided(f"{class_name}::${name} is not known")

    def included(self, path: str, machine: Machine, held: Value) -> Any:  # noqa: ANN401, ARG002 - nothing is known
        """Called where a file that does not exist is included: True where that is known to do nothing more.

        ``held`` is true, and stands where the inclusion does.
        """
        return None
