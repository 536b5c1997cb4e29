"""Whether a value passes a type declaration as it is; PHP converts some that do not (``int $x`` makes 5 of '5')."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.php.syntax import text

if TYPE_CHECKING:
    from tree_sitter import Node

    from driftcheck.core.model import Data

_NAMES: dict[str, tuple[type, ...]] = {
    "array": (dict,),
    "iterable": (dict,),
    "bool": (bool,),
    "float": (float,),
    "int": (int,),
    "null": (type(None),),
    "string": (str,),
    "mixed": (dict, bool, float, int, str, type(None)),
}


def fits(data: Data, declared: Node) -> bool:
    """Whether a value is of a declared type exactly, so that it stays what it is."""
    name = text(declared).lower().replace(" ", "")
    if name.startswith("?"):
        name = f"null|{name[1:]}"
    allowed = [kind for part in name.split("|") for kind in _NAMES.get(part, ())]
    return data.__class__ in allowed
