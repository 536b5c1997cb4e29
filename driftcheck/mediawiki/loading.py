"""The calls that load extensions and skins: what they mean for the variables of the configuration that makes them.

``wfLoadExtension( 'X' )`` sets a variable of its own name (:data:`~driftcheck.core.model.LOADED`), so that it is known
on which wikis an extension is loaded, and from where.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import LOADED, Op, Step, Value
from driftcheck.php.surroundings import Effect
from driftcheck.php.syntax import place, search, text
from driftcheck.php.writes import NOTHING, Reach, reach_of_unread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.evaluator import Evaluator

KINDS = ("extension", "skin")
_READS_ONLY = {"wfloadextension", "wfloadextensions", "wfloadskin", "wfloadskins"}


def is_name(text: str) -> bool:
    """Whether a text names an extension or a skin, ``extension:ORES``, rather than a setting."""
    return text.partition(":")[0] in KINDS and ":" in text


def reach(name: str) -> Reach:
    """What a call can write: these functions of MediaWiki write to none of the caller's variables."""
    return NOTHING if name.lower().lstrip("\\") in _READS_ONLY else reach_of_unread(name)


def reach_of_statement(name: str) -> Reach:
    """A call that is a statement, in a file of which only a part is read: it may be there to write to its arguments."""
    return Reach(reach(name).first)


def _sets(ev: Evaluator, node: Node, arguments: Sequence[Result]) -> dict[str, Result]:
    """``wfLoadExtension( 'X' )``, ``wfLoadExtensions( [ 'X', 'Y' ] )``."""
    loaded = ev.literal(True, node).after(Step(Op.ASSIGN, "wfLoadExtension", ev.source.span(place(node))))
    found: dict[str, Result] = {}
    for argument in arguments:
        names = argument.data if isinstance(argument, Value) else None
        for item in names.values() if isinstance(names, dict) else [argument]:
            if isinstance(item, Value) and isinstance(item.data, str):
                found[LOADED.format(item.data)] = loaded
    return found


def _may_set(call: Node) -> dict[str, str]:
    literals = search("(string) @found", call).get("found", ())
    return {LOADED.format(text(literal)[1:-1]): f"whether {text(literal)} is loaded" for literal in literals}


EFFECTS = dict.fromkeys(("wfloadextension", "wfloadextensions"), Effect(_sets, _may_set))
"""The functions that say what is loaded, by their names in lower case."""
