"""Which settings a change of the tree can reach, told from what the changed files say and without running anything."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from driftcheck.core.model import IncompleteError, Realm, Unknown
from driftcheck.history.alike import alike
from driftcheck.history.statements import Anything, Mentions, differing
from driftcheck.mediawiki.settings import NOTHING
from driftcheck.php.evaluator import Lazy
from driftcheck.php.syntax import children
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftcheck.layers.extension.read import Run
    from driftcheck.mediawiki.settings import LazySetting
    from driftcheck.mediawiki.tree import Tree
    from driftcheck.snapshot import Snapshot

_READ = re.compile(
    r"(?:wmf-config|multiversion|src|private|dblists)/|wikiversions|dblists-index\.php$|[^/]*\.dblist$|tests/(?:data/)?SiteConfiguration\.php$"
)
"""The files of the tree that its configuration can depend on."""
_NEVER = re.compile(r".*\.(?:md|txt|html|css|js|png|svg|yml|yaml|dbexpr)$|wmf-config/(?:README|config)[^/]*$")
VERSIONS = re.compile(r"wikiversions[^/]*\.json$")
_LIST = re.compile(r"(?:dblists/)?([^/]*)\.dblist$|dblists-index\.php$")


def reached(old: Run, new: Run) -> dict[Realm, set[str]] | None:
    """The settings of each realm that may have another value in ``new``; None where that may be any."""
    try:
        paths = changed(old, new)
        if any(VERSIONS.match(path) for path in paths):
            return None
        rows = {realm: rows_changed(old, new, realm, paths) for realm in Realm}
        return {
            realm: _spread(
                (old, new),
                realm,
                rows[realm] | _statements(old, new, realm, paths) | listed(old, new, realm, paths),
            )
            for realm in Realm
        }
    except (Anything, NotEvaluated):
        return None


def changed(old: Run, new: Run) -> set[str]:
    """The files that differ and that the configuration can depend on. Raises Anything where one is of another kind."""
    trees = [run.snapshot.untraced for run in (old, new)]
    names = {name for tree in trees for name in tree.names(".") if _READ.match(name) and not _NEVER.match(name)}
    paths = {name for name in names if _blob(trees[0], name) != _blob(trees[1], name)}
    known: set[str] = set()
    for run in (old, new):
        layout = run.config.tree.layout
        for realm in Realm:
            run.config.realm(realm)
        known |= {layout.common, layout.common_beta, *tables(run)}
    if any(not (_LIST.match(path) or VERSIONS.match(path)) for path in paths - known):
        raise Anything
    return paths


def _blob(tree: Snapshot, name: str) -> str | None:
    """A file's id; what can be no file of the configuration (a symbolic link) is the same as any of its kind."""
    try:
        return tree.blob_id(name)
    except IncompleteError as error:
        return str(error)


def tables(run: Run) -> set[str]:
    """The files whose rows make the settings of the realms."""
    found = set()
    for realm in Realm:
        for setting in run.config.realm(realm).settings.values():
            found |= {layer.evaluator.source.path for layer in setting.layers if isinstance(layer, Lazy)}
    return found


# -- rows ----------------------------------------------------------------------------------------------------------


def rows_changed(old: Run, new: Run, realm: Realm, paths: set[str]) -> set[str]:
    """The settings whose rows differ. Raises Anything where a wiki is new or gone."""
    before, after = (run.config.realm(realm) for run in (old, new))
    if [wiki.dbname for wiki in before.wikis] != [wiki.dbname for wiki in after.wikis]:
        raise Anything
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
        _written_alike(left, right, surroundings) for left, right in zip(one.layers, other.layers, strict=True)
    ):
        return True
    before, after = one.get(), other.get()
    if isinstance(before, Unknown) or isinstance(after, Unknown):
        return False
    left, right = before.by_selector, after.by_selector
    return list(left) == list(right) and all(alike(left[selector], right[selector]) for selector in left)


def _written_alike(left: object, right: object, surroundings: set[str]) -> bool:
    if not isinstance(left, Lazy) or not isinstance(right, Lazy):
        return left is right
    apart = {left.evaluator.source.path, right.evaluator.source.path} & surroundings
    return not apart and left.node.text == right.node.text


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


def listed(old: Run, new: Run, realm: Realm, paths: set[str]) -> set[str]:
    """The settings that a tag selects which a wiki gets or loses, and the lists themselves, which statements read.

    Raises Anything where a wiki's tags stand in another order, or other code reads a list.
    """
    lists = {match[1] for path in paths if (match := _LIST.match(path)) and match[1]}
    before, after = (run.config.realm(realm) for run in (old, new))
    tags = set()
    for one, other in zip(before.wikis, after.wikis, strict=True):
        if one != other:
            if one.replacements != other.replacements:
                raise Anything
            tags |= set(one.tags) ^ set(other.tags)
            if not set(one.tags) ^ set(other.tags):
                raise Anything  # in another order
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
    """Raise Anything where a file that is not followed names one of these lists."""
    if not lists:
        return
    quoted = re.compile(rf"['\"/](?:{'|'.join(map(re.escape, sorted(lists)))})(?:\.dblist)?['\"]".encode())
    for run in runs:
        tree = run.config.tree
        folder = posixpath.dirname(tree.layout.common)
        followed = {*_commons(tree, realm), *tables(run)}
        for path in tree.snapshot.names(folder):
            if path.endswith(".php") and path not in followed and posixpath.basename(path) != "PrivateSettings.php":
                source = tree.snapshot.read(path)
                if source is not None and quoted.search(source.text):
                    raise Anything


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
            raise Anything
        found |= differing(files[0], children(files[0].root), files[1], children(files[1].root))
    return found


def _spread(runs: Iterable[Run], realm: Realm, names: set[str]) -> set[str]:
    """These variables, and those that statements write which mention one of them."""
    found, pending = set(names), list(names)
    files = [
        file for run in runs for path in _commons(run.config.tree, realm) if (file := run.config.tree.optional(path))
    ]
    mentions = [Mentions(file) for file in dict.fromkeys(files)]
    while pending:
        name = pending.pop()
        for mention in mentions:
            for other in mention.of(name):
                if other not in found:
                    found.add(other)
                    pending.append(other)
    return {name for name in found if not name.startswith("'")}
