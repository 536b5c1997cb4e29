"""What statements that differ could write, and what the statements that mention a variable could write."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from driftcheck.mediawiki.loading import reach
from driftcheck.php.run.statements import branches
from driftcheck.php.syntax import ancestors, children, field
from driftcheck.php.writes import ANY, leaves, writes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from driftcheck.php.file import PhpFile

_ENDING = re.compile(rb"\b(?:exit|die|goto|throw|return)\b", re.IGNORECASE)
_INCLUDING = re.compile(rb"\b(?:require|include)(?:_once)?\b", re.IGNORECASE)
_DECLARED = {"function_definition", "class_declaration", "trait_declaration", "interface_declaration"}
_CLOSURES = {"anonymous_function", "anonymous_function_creation_expression", "arrow_function"}
_HEADS = {"if_statement", "else_if_clause", "while_statement", "for_statement", "foreach_statement", "switch_statement",
          "do_statement", "try_statement"}  # fmt: skip
_BLOCKS = ("compound_statement", "colon_block")


class Anything(Exception):  # noqa: N818 - an answer
    """The change could reach any setting."""


def differing(one: PhpFile, left: Sequence[Node], other: PhpFile, right: Sequence[Node]) -> set[str]:
    """What the statements of two files that differ could write. Raises Anything where that may be any variable."""
    left, right = ([node for node in nodes if node.type != "comment"] for nodes in (left, right))
    texts = [[_bare(node) for node in nodes] for nodes in (left, right)]
    found: set[str] = set()
    for kind, i, j, k, m in difflib.SequenceMatcher(None, texts[0], texts[1], autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        if j - i == m - k == 1 and (inner := _bodies(left[i], right[k])) is not None:
            for before, after in inner:
                found |= differing(one, before, other, after)
            continue
        for file, nodes in ((one, left[i:j]), (other, right[k:m])):
            for node in nodes:
                found |= _writes(file, node)
    return found


def _bare(node: Node) -> bytes:
    """The text of a statement without its comments."""
    content = node.text or b""
    if b"/" not in content and b"#" not in content:
        return content
    start, out, at = node.start_byte, [], 0
    pending = [node]
    comments = []
    while pending:
        current = pending.pop()
        if current.type == "comment":
            comments.append((current.start_byte - start, current.end_byte - start))
        else:
            pending.extend(current.named_children)
    for begin, end in sorted(comments):
        out.append(content[at:begin])
        at = end
    return b"".join((*out, content[at:]))


def _bodies(one: Node, other: Node) -> list[tuple[list[Node], list[Node]]] | None:
    """The bodies of two ifs with the same guards, side by side; None where they are something else."""
    if one.type != "if_statement" or other.type != "if_statement":
        return None
    arms = [branches(node) for node in (one, other)]
    guards = [[None if guard is None else _bare(guard) for guard, _ in held] for held in arms]
    if guards[0] != guards[1]:
        return None
    return [(_inner(left), _inner(right)) for (_, left), (_, right) in zip(*arms, strict=True)]


def _inner(body: Node | None) -> list[Node]:
    if body is None:
        return []
    return children(body) if body.type in _BLOCKS else [body]


def _writes(file: PhpFile, node: Node) -> set[str]:
    """What a statement could write. Raises Anything where it could write anything, or end the file."""
    content = node.text or b""
    if node.type in _DECLARED or (_INCLUDING.search(content) and not _in_texts(node, _INCLUDING)):
        raise Anything
    if _ENDING.search(content) and _ends(node):
        raise Anything
    found = {write.name for write in writes(node, file.source, reach)}
    if ANY in found:
        raise Anything
    return found


def _in_texts(node: Node, pattern: re.Pattern[bytes]) -> bool:
    """Whether every match stands in a string or a comment."""
    for match in pattern.finditer(node.text or b""):
        at = node.start_byte + match.start()
        inner = node.descendant_for_byte_range(at, at + 1)
        if inner is None or inner.type not in ("string_content", "comment", "nowdoc_string"):
            return False
    return True


def _ends(node: Node) -> bool:
    if leaves(node):
        return True
    pending = [node]
    while pending:
        current = pending.pop()
        if current.type in ("exit_statement", "throw_expression", "throw_statement"):
            return True
        if current.type not in _CLOSURES | _DECLARED:
            pending.extend(current.named_children)
    return False


class Mentions:
    """Where a file mentions each variable, and what the statements there could write."""

    _VARIABLE = re.compile(rb"\$\{?([A-Za-z_]\w*)|['\"]([A-Za-z_][\w-]*)['\"]")

    def __init__(self, file: PhpFile) -> None:
        self._file = file
        self._places: dict[str, list[int]] = {}
        for match in self._VARIABLE.finditer(file.source.text):
            kind = 1 if match[1] else 2
            name = match[kind].decode()
            self._places.setdefault(name, []).append(match.start(kind))
            if kind == 2:
                self._places.setdefault(f"'{name}", []).append(match.start(kind))
        self._known: dict[int, set[str]] = {}

    def of(self, name: str) -> Iterator[str]:
        """What may change where a variable does. Raises Anything where that may be any variable."""
        for at in self._places.get(name, ()):
            yield from self._at(at)

    def _at(self, at: int) -> set[str]:
        node = self._file.node_at(at, at + 1)
        if node is None or node.type == "comment":
            return set()
        around = [node, *ancestors(node)]
        if any(outer.type in _DECLARED for outer in around):
            raise Anything
        statement = next(
            (
                outer
                for outer in around
                if outer.parent is None
                or outer.parent.type
                in ("program", *_BLOCKS, *_HEADS, "else_clause", "case_statement", "default_statement")
            ),
            None,
        )
        if statement is None or any(outer.type in _CLOSURES for outer in around[: around.index(statement)]):
            return set()
        # What stands in the head of an if or a loop decides about all that is in it.
        while statement.parent is not None and statement.parent.type in _HEADS and not _is_body(statement):
            statement = statement.parent
        if statement.id not in self._known:
            self._known[statement.id] = _writes(self._file, statement)
        return self._known[statement.id]


def _is_body(node: Node) -> bool:
    parent = node.parent
    body = field(parent, "body") if parent is not None else None
    return body is not None and body.id == node.id
