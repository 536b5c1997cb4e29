"""What is taken for granted of the methods that put a realm's settings together; code that does more is refused.

The table of settings is evaluated as production has it, beta's overlay is merged onto it, and the cascade makes each
wiki's values. A statement of these methods that changes the settings or the tags in another way would go unseen.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.core.model import IncompleteError
from driftcheck.mediawiki.loading import reach
from driftcheck.php.syntax import children, field, place, text
from driftcheck.php.writes import writes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from driftcheck.php.file import PhpFile

_OVERLAY = b"applyOverrides("
_OVERLAYING = (_OVERLAY, b"require")
_OTHER_PARAMETERS = re.compile(rb"\$\w*[pP]arams\[")


def check_table(file: PhpFile, method: Node) -> None:
    """getStaticConfig(): after its table the overlay is applied, and nothing else depends on the realm.

    Raises IncompleteError for a statement that changes the settings in another way.
    """
    statements = children(field(method, "body") or method)
    at = next((n for n, node in enumerate(statements) if _OVERLAY in (node.text or b"")), None)
    if at is None:
        return
    for node in statements[:at]:
        if node.type != "return_statement" and b"$realm" in (node.text or b""):
            _refuse_writes(file, [node])
    inner = list(_innermost(statements[at]))
    _refuse_writes(file, [node for node in inner if not any(word in (node.text or b"") for word in _OVERLAYING)])
    _refuse_writes(file, statements[at + 1 :])


def check_globals(file: PhpFile, method: Node) -> None:
    """getConfigGlobals(): the tags are those of the wiki and its language, and getAll() has the last word.

    Raises IncompleteError for a statement that changes either in another way.
    """
    statements = children(field(method, "body") or method)
    for number, node in enumerate(statements):
        raw = node.text or b""
        if b"->getAll(" in raw:
            _refuse_writes(file, statements[number + 1 :])
        elif (b"$wikiTags[]" in raw and b"'wgLanguageCode'" not in raw) or _OTHER_PARAMETERS.match(raw):
            raise _refusal(file, node)


def _innermost(node: Node) -> Iterator[Node]:
    """The statements inside a guard."""
    if node.type not in ("if_statement", "compound_statement"):
        yield node
        return
    for child in children(node):
        if child.type.endswith("statement"):
            yield from _innermost(child)


def _refuse_writes(file: PhpFile, nodes: Iterable[Node]) -> None:
    for node in nodes:
        if any(True for _ in writes(node, file.source, reach)):
            raise _refusal(file, node)


def _refusal(file: PhpFile, node: Node) -> IncompleteError:
    what = text(node).split("\n")[0][:80].rstrip(";")
    return IncompleteError(
        f"{file.source.span(place(node))}: driftcheck does not follow {what}; it knows no such layout"
    )
