"""Which settings a change of the tree can reach, told from what the changed files say and without running anything."""

from __future__ import annotations

import difflib
import posixpath
import re
from typing import TYPE_CHECKING

from driftcheck.core.model import Realm
from driftcheck.mediawiki.loading import reach
from driftcheck.mediawiki.settings import NOTHING
from driftcheck.php.evaluator import Lazy
from driftcheck.php.run.statements import branches
from driftcheck.php.syntax import ancestors, children, field
from driftcheck.php.values import NotEvaluated
from driftcheck.php.writes import ANY, leaves, writes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tree_sitter import Node

    from driftcheck.layers.extension.read import Run
    from driftcheck.mediawiki.settings import LazySetting
    from driftcheck.mediawiki.tree import Tree
    from driftcheck.php.file import PhpFile

_READ = re.compile(
    r"(?:wmf-config|multiversion|src|private|dblists)/|wikiversions|dblists-index\.php$|[^/]*\.dblist$|tests/(?:data/)?SiteConfiguration\.php$"
)
"""The files of the tree that its configuration can depend on."""
_NEVER = re.compile(r".*\.(?:md|txt|html|css|js|png|svg|yml|yaml|dbexpr)$|wmf-config/(?:README|config)[^/]*$")
_LIST = re.compile(r"(?:dblists/)?([^/]*)\.dblist$|dblists-index\.php$")
_ENDING = re.compile(rb"\b(?:exit|die|goto|throw|return)\b", re.IGNORECASE)
_INCLUDING = re.compile(rb"\b(?:require|include)(?:_once)?\b", re.IGNORECASE)
_DECLARED = {"function_definition", "class_declaration", "trait_declaration", "interface_declaration"}
_CLOSURES = {"anonymous_function", "anonymous_function_creation_expression", "arrow_function"}
_HEADS = {"if_statement", "else_if_clause", "while_statement", "for_statement", "foreach_statement", "switch_statement",
          "do_statement", "try_statement"}  # fmt: skip
_BLOCKS = ("compound_statement", "colon_block")


class _Anything(Exception):  # noqa: N818 - an answer
    """The change could reach any setting."""


def reached(old: Run, new: Run) -> dict[Realm, set[str]] | None:
    """The settings of each realm that may have another value in ``new``; None where that may be any."""
    try:
        paths = _changed(old, new)
        rows = {realm: _rows(old, new, realm, paths) for realm in Realm}
        return {
            realm: _spread(
                (old, new),
                realm,
                rows[realm] | _statements(old, new, realm, paths) | _listed(old, new, realm, paths),
            )
            for realm in Realm
        }
    except (_Anything, NotEvaluated):
        return None


def _changed(old: Run, new: Run) -> set[str]:
    """The files that differ and that the configuration can depend on. Raises _Anything where one is of another kind."""
    trees = [run.snapshot.untraced for run in (old, new)]
    names = {name for tree in trees for name in tree.names(".") if _READ.match(name) and not _NEVER.match(name)}
    paths = {name for name in names if _blob(trees[0], name) != _blob(trees[1], name)}
    known: set[str] = set()
    for run in (old, new):
        layout = run.config.tree.layout
        for realm in Realm:
            run.config.realm(realm)
        known |= {layout.common, layout.common_beta, *_tables(run)}
    if any(not _LIST.match(path) for path in paths - known):
        raise _Anything
    return paths


def _blob(tree: object, name: str) -> str | None:
    return tree.blob_id(name)  # type: ignore[attr-defined, no-any-return]


def _tables(run: Run) -> set[str]:
    """The files whose rows make the settings of the realms."""
    found = set()
    for realm in Realm:
        for setting in run.config.realm(realm).settings.values():
            found |= {layer.evaluator.source.path for layer in setting.layers if isinstance(layer, Lazy)}
    return found


# -- rows ----------------------------------------------------------------------------------------------------------


def _rows(old: Run, new: Run, realm: Realm, paths: set[str]) -> set[str]:
    """The settings whose rows differ."""
    before, after = (run.config.realm(realm) for run in (old, new))
    if [wiki.dbname for wiki in before.wikis] != [wiki.dbname for wiki in after.wikis]:
        raise _Anything
    surroundings = {path for path in paths if _around(old, path) != _around(new, path)}
    found = set()
    for name in {*before.settings, *after.settings}:
        one, other = before.settings.get(name), after.settings.get(name)
        if one is None or other is None or not _alike(one, other, surroundings):
            found.add(name.removeprefix("+"))
    return found


def _alike(one: LazySetting, other: LazySetting, surroundings: set[str]) -> bool:
    """Whether two rows are written the same, where what surrounds them is the same too; else whether their values are."""
    if len(one.layers) == len(other.layers) and all(
        _written(left, surroundings) == _written(right, surroundings) is not None
        for left, right in zip(one.layers, other.layers, strict=True)
    ):
        return True
    return one.get() == other.get()


def _written(layer: object, surroundings: set[str]) -> bytes | None:
    if not isinstance(layer, Lazy):
        return b"" if layer is not None and not hasattr(layer, "reason") else None
    return None if layer.evaluator.source.path in surroundings else layer.node.text


def _around(run: Run, path: str) -> bytes:
    """The text of a file without the rows of its settings."""
    source = run.snapshot.read(path)
    if source is None:
        return b""
    rows = sorted(
        {
            (layer.node.start_byte, layer.node.end_byte)
            for realm in Realm
            for setting in run.config.realm(realm).settings.values()
            for layer in setting.layers
            if isinstance(layer, Lazy) and layer.evaluator.source.path == path
        }
    )
    out, at = [], 0
    for start, end in rows:
        if start >= at:
            out.append(source.text[at:start])
            at = end
    out.append(source.text[at:])
    return re.sub(rb"'[^'\n]*'\s*=>|//[^\n]*|#[^\n]*|/\*.*?\*/|[\s,]+", b"", b"".join(out), flags=re.DOTALL)


# -- lists ---------------------------------------------------------------------------------------------------------


def _listed(old: Run, new: Run, realm: Realm, paths: set[str]) -> set[str]:
    """The settings that a tag selects which a wiki gets or loses, and the lists themselves, which statements read."""
    lists = {match[1] for path in paths if (match := _LIST.match(path)) and match[1]}
    before, after = (run.config.realm(realm) for run in (old, new))
    tags = set()
    for one, other in zip(before.wikis, after.wikis, strict=True):
        if one != other:
            if one.replacements != other.replacements:
                raise _Anything
            tags |= set(one.tags) ^ set(other.tags)
            if not set(one.tags) ^ set(other.tags):
                raise _Anything  # in another order
    found = {f"'{name}" for name in lists}
    if tags:
        quoted = re.compile(rf"['\"]\+?(?:{'|'.join(map(re.escape, sorted(tags)))})['\"]".encode())
        for name, setting in after.settings.items():
            if any(_selects(layer, quoted) for layer in setting.layers):
                found.add(name.removeprefix("+"))
    _unread((old, new), realm, lists)
    return found


def _selects(layer: object, quoted: re.Pattern[bytes]) -> bool:
    if isinstance(layer, Lazy):
        content = layer.node.text or b""
        return not content.startswith((b"[", b"array")) or quoted.search(content) is not None
    return layer is not NOTHING


def _unread(runs: Iterable[Run], realm: Realm, lists: set[str]) -> None:
    """Raise _Anything where a file that is not followed names one of these lists."""
    if not lists:
        return
    quoted = re.compile(rf"['\"/](?:{'|'.join(map(re.escape, sorted(lists)))})(?:\.dblist)?['\"]".encode())
    for run in runs:
        tree = run.config.tree
        folder = posixpath.dirname(tree.layout.common)
        followed = {*_commons(tree, realm), *_tables(run)}
        for path in tree.snapshot.names(folder):
            if path.endswith(".php") and path not in followed and posixpath.basename(path) != "PrivateSettings.php":
                source = tree.snapshot.read(path)
                if source is not None and quoted.search(source.text):
                    raise _Anything


# -- statements ----------------------------------------------------------------------------------------------------


def _commons(tree: Tree, realm: Realm) -> list[str]:
    layout = tree.layout
    return [layout.common, layout.common_beta] if realm is Realm.BETA else [layout.common]


def _statements(old: Run, new: Run, realm: Realm, paths: set[str]) -> set[str]:
    """What the statements that differ write."""
    found: set[str] = set()
    for path in _commons(new.config.tree, realm):
        if path not in paths:
            continue
        files = [run.config.tree.optional(path) for run in (old, new)]
        if files[0] is None or files[1] is None:
            raise _Anything
        found |= _differing(files[0], children(files[0].root), files[1], children(files[1].root))
    return found


def _differing(one: PhpFile, left: Sequence[Node], other: PhpFile, right: Sequence[Node]) -> set[str]:
    left, right = ([node for node in nodes if node.type != "comment"] for nodes in (left, right))
    texts = [[_bare(node) for node in nodes] for nodes in (left, right)]
    found: set[str] = set()
    for kind, i, j, k, m in difflib.SequenceMatcher(None, texts[0], texts[1], autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        if j - i == m - k == 1 and (inner := _bodies(left[i], right[k])) is not None:
            for before, after in inner:
                found |= _differing(one, before, other, after)
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
    """What a statement could write. Raises _Anything where it could write anything, or end the file."""
    content = node.text or b""
    if node.type in _DECLARED or (_INCLUDING.search(content) and not _in_texts(node, _INCLUDING)):
        raise _Anything
    if _ENDING.search(content) and _ends(node):
        raise _Anything
    found = {write.name for write in writes(node, file.source, reach)}
    if ANY in found:
        raise _Anything
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


# -- what depends on them ------------------------------------------------------------------------------------------


def _spread(runs: Iterable[Run], realm: Realm, names: set[str]) -> set[str]:
    """These variables, and those that statements write which mention one of them."""
    found, pending = set(names), list(names)
    files = [
        file for run in runs for path in _commons(run.config.tree, realm) if (file := run.config.tree.optional(path))
    ]
    mentions = [_Mentions(file) for file in dict.fromkeys(files)]
    while pending:
        name = pending.pop()
        for mention in mentions:
            for other in mention.of(name):
                if other not in found:
                    found.add(other)
                    pending.append(other)
    return {name for name in found if not name.startswith("'")}


class _Mentions:
    """Where a file mentions each variable, and what the statements there write."""

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
        """What may change where a variable does."""
        for at in self._places.get(name, ()):
            yield from self._at(at)

    def _at(self, at: int) -> set[str]:
        node = self._file.node_at(at, at + 1)
        if node is None or node.type == "comment":
            return set()
        around = [node, *ancestors(node)]
        if any(outer.type in _DECLARED for outer in around):
            raise _Anything
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
