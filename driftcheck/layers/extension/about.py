"""The profile of one extension, made on the spot: its settings on the day of the tree, its switch, what its block assigns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core.model import InputError
from driftcheck.core.nearest import nearest
from driftcheck.core.resources import table
from driftcheck.layers.extension.belonging import extension_of
from driftcheck.layers.extension.profiles import Profile, load
from driftcheck.mediawiki import known, registration
from driftcheck.php.syntax import ancestors, field, parse, search, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from driftcheck.snapshot import Snapshot

_FOLDER = "wmf-config"
_SETTING = re.compile(r"w[gm]g?[A-Z0-9]\w*\Z")
_LOADING = (
    rb"wfLoad(?:Extension|Skin)s?\s*\((?:\s*(?:\[|array\s*\())?[^;()\]]*?['\"]%(name)s['\"]"
    rb"|(?:extensions|skins)/%(name)s/%(name)s\.php['\"]"
)
_NAMED = re.compile(rb"wfLoad(?:Extension|Skin)\s*\(\s*['\"]([^'\"]+)['\"]|(?:extensions|skins)/([\w.-]+)/\2\.php['\"]")


class _Block(NamedTuple):
    """Where a file loads the extension: the settings that the conditions ask, and those that the block assigns or asks."""

    asks: list[str]
    inside: list[str]


def profile_of(extension: str, tree: Snapshot, date: str) -> Profile:
    """What check looks at for an extension. Raises InputError for one that neither the tree nor the bundled tables know."""
    if extension == "ORES":
        return load("ores")
    blocks = list(_blocks(extension, tree))
    ever = _ever(extension)
    if not blocks and not ever and extension not in table("registration"):
        raise _unknown(extension, tree)
    switches = [name for block in blocks for name in block.asks]
    names = [
        *registration.bundled(extension, date).entries, *ever, *switches,
        *(name for block in blocks for name in block.inside if _may_be_of(name, extension, date)),
        *(f"{prefix}{extension}" for prefix in ("wmgUse", "wmgEnable", "wgEnable", "wgUse")),
        *_named_after(extension, tree, date),
    ]  # fmt: skip
    settings = tuple(dict.fromkeys(names))
    expected = load("all").expected
    if not blocks:
        if not _spells(settings, tree):
            raise InputError(
                f"{extension}: the tree neither loads it nor has a setting of it; driftcheck extensions lists those "
                "that are loaded"
            )
        return Profile(extension, settings, expected=expected, more=settings)
    return Profile(
        extension, settings, extension=extension, switch=(switches or [f"wmgUse{extension}"])[0], expected=expected
    )


def _ever(extension: str) -> list[str]:
    """The settings that the extension was the last to read: a row of one is a row that nothing reads any more."""
    return [name for name in known.names() if max(known.lives(name), key=lambda one: one.until).reader == extension]


def _may_be_of(name: str, extension: str, date: str) -> bool:
    """Whether a setting may be the extension's: it has read it, or nothing tells of another that it belongs to."""
    return extension in {life.reader for life in known.lives(name)} or extension_of(name, date) in ("", extension)


def _named_after(extension: str, tree: Snapshot, date: str) -> Iterator[str]:
    """The settings of the tree whose names begin with the extension's, and with no other's that is longer."""
    pattern = re.compile(rb"\bwm?g(?:Use|Enable)?%s[A-Z_]\w*" % re.escape(extension.encode()))
    names = {name.decode() for content in _texts(tree) for name in pattern.findall(content)}
    return (name for name in sorted(names) if extension_of(name, date) == extension)


def _unknown(extension: str, tree: Snapshot) -> InputError:
    loaded = {(one or other).decode() for content in _texts(tree) for one, other in _NAMED.findall(content)}
    known_names = {"ORES", *(name for name in table("registration") if not name.startswith("@"))}
    more = nearest(extension, sorted(known_names | loaded)) or "; driftcheck extensions lists those that are loaded"
    return InputError(f"{extension}: no such extension{more}")


def _texts(tree: Snapshot) -> Iterator[bytes]:
    """The files of the configuration's folder."""
    for path in tree.names(_FOLDER):
        if path.endswith(".php") and path.count("/") == 1 and (source := tree.read(path)) is not None:
            yield source.text


def _spells(settings: tuple[str, ...], tree: Snapshot) -> bool:
    """Whether the tree spells one of these settings as a key or a variable."""
    pattern = re.compile(rf"(?:\$|['\"][-+]?)(?:{'|'.join(map(re.escape, settings))})\b".encode())
    return any(pattern.search(text) for text in _texts(tree))


def _blocks(extension: str, tree: Snapshot) -> Iterator[_Block]:
    loading = re.compile(_LOADING % {b"name": re.escape(extension.encode())})
    for content in _texts(tree):
        if extension.encode() in content and (found := loading.search(content)) is not None:
            node = parse(content).named_descendant_for_byte_range(found.start(), found.end())
            yield _block(node, extension) if node is not None else _Block([], [])


def _block(node: Node, extension: str) -> _Block:
    """The innermost condition around a statement that asks settings, and what stands behind it.

    What is there is of the extension that is loaded first.
    """
    for around in ancestors(node):
        condition = field(around, "condition") if around.type in ("if_statement", "else_if_clause") else None
        body = field(around, "body") if condition is not None else None
        asks = _variables(condition) if condition is not None else []
        if asks:
            first = _NAMED.search(body.text or b"") if body is not None else None
            own = first is not None and extension.encode() in first.groups()
            return _Block(asks, _inside(body) if body is not None and own else [])
    return _Block([], [])


def _variables(node: Node) -> list[str]:
    names = (text(found)[1:] for found in search("(variable_name) @variable", node).get("variable", []))
    return [name for name in dict.fromkeys(names) if _SETTING.match(name)]


def _inside(body: Node) -> list[str]:
    """The settings that are assigned whole, and those that conditions ask.

    An element of a setting that many share is nobody's alone.
    """
    pattern = "[(assignment_expression left: (variable_name) @assigned) (if_statement condition: (_) @condition)]"
    found = search(pattern, body)
    names = [text(node)[1:] for node in found.get("assigned", [])]
    names += [name for node in found.get("condition", []) for name in _variables(node)]
    return [name for name in dict.fromkeys(names) if _SETTING.match(name)]
