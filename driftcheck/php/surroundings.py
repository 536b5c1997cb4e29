"""What code asks of the world outside its scope: one record, whose fields are the questions."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.php.writes import Reach, reach_of_unread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tree_sitter import Node

    from driftcheck.core.model import Data, Missing, Result
    from driftcheck.php.evaluator import Evaluator


class Effect(NamedTuple):
    """What a call of a function from elsewhere does to the variables of the scope, where it is a statement."""

    sets: Callable[[Evaluator, Node, Sequence[Result]], Mapping[str, Result]]
    """The variables that the call (a node, with its evaluated arguments) sets."""
    may_set: Callable[[Node], Mapping[str, str]]
    """The variables that it sets if it runs at all, each with what is not known where that is not known."""


class Surroundings(NamedTuple):
    """The answers of the world outside a scope. By default nothing is known of it, and everything may happen there.

    ``_replace`` makes the surroundings of a scope inside another.
    """

    constants: Callable[[str], Result | None] = lambda name: None
    """The value of a constant by its full name, ``Class::NAME`` too; None where it is not known here."""
    functions: Callable[[str, list[Result]], Result | None] = lambda name, arguments: None
    """What a call returns, by the function's full name in lower case; None where the function is not known here."""
    unset: Callable[[str], bool] = lambda name: False
    """Whether a variable that no statement in sight assigned is certainly not set."""
    imported: Callable[[str], Result | Missing] | None = None
    """What a global variable holds, in a function, or in a file that a function requires; None in the global scope itself."""
    required: Callable[[Data], Result | None] = lambda path: None
    """What a required file returns, by its path; None where that is not known."""
    assigned_by: Callable[[Data], Iterable[str] | None] = lambda path: None
    """The variables that a required file writes in this scope; None where it could be any of them."""
    reach: Callable[[str], Reach] = reach_of_unread
    """What a call can write, by the function's name as it is written."""
    reach_of_statement: Callable[[str], Reach] = reach_of_unread
    """The same for a call that is a statement of its own."""
    effects: Mapping[str, Effect] = MappingProxyType({})
    """Functions from elsewhere that set variables, by their names in lower case."""
    root: str = ""
    """The full path of the folder that the paths of the files begin in."""
    strict: bool = True
    """Whether all statements run. Where only some of them do, what the others may write is the caller's business."""


NOTHING_KNOWN = Surroundings()
