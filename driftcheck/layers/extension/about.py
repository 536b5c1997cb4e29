"""The profile of one extension, made on the spot: its settings on the day of the tree, its switch, what its block assigns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core.model import InputError
from driftcheck.core.nearest import nearest
from driftcheck.core.resources import table
from driftcheck.layers.extension.profiles import Profile, load
from driftcheck.mediawiki import registration
from driftcheck.php.syntax import ancestors, field, parse, search, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from driftcheck.snapshot import Snapshot

_FILES = ("CommonSettings.php", "CommonSettings-labs.php", "ext-{}.php")
_SETTING = re.compile(r"w[gm]g?[A-Z0-9]\w*\Z")


class _Block(NamedTuple):
    """Where a file loads the extension: the settings that the conditions ask, and those that the block assigns."""

    asks: list[str]
    assigns: list[str]


def profile_of(extension: str, tree: Snapshot, date: str) -> Profile:
    """What check looks at for an extension. Raises InputError for one that neither the tree nor the bundled tables know."""
    if extension == "ORES":
        return load("ores")
    blocks = list(_blocks(extension, tree))
    registered = registration.bundled(extension, date).entries
    known = ["ORES", *(name for name in table("registration") if not name.startswith("@"))]
    if not blocks and extension not in known:
        more = nearest(extension, known) or "; driftcheck extensions lists those that are loaded"
        raise InputError(f"{extension}: no such extension{more}")
    switches = [name for block in blocks for name in block.asks]
    names = [
        *registered, *switches, *(name for block in blocks for name in block.assigns),
        *(f"{prefix}{extension}" for prefix in ("wmgUse", "wmgEnable", "wgEnable", "wgUse")),
    ]  # fmt: skip
    settings = tuple(dict.fromkeys(names))
    expected = load("all").expected
    if not blocks:
        return Profile(extension, settings, expected=expected, more=settings)
    return Profile(
        extension, settings, extension=extension, switch=(switches or [f"wmgUse{extension}"])[0], expected=expected
    )


def _blocks(extension: str, tree: Snapshot) -> Iterator[_Block]:
    loading = re.compile(rb"wfLoadExtension\(\s*['\"]%s['\"]" % re.escape(extension.encode()))
    for name in _FILES:
        source = tree.read(f"wmf-config/{name.format(extension)}")
        found = loading.search(source.text) if source is not None else None
        if source is not None and found is not None:
            node = parse(source.text).named_descendant_for_byte_range(found.start(), found.end())
            yield _block(node) if node is not None else _Block([], [])


def _block(node: Node) -> _Block:
    """The innermost condition around a statement that asks settings, and what stands behind it."""
    for around in ancestors(node):
        condition = field(around, "condition") if around.type in ("if_statement", "else_if_clause") else None
        body = field(around, "body") if condition is not None else None
        asks = _variables(condition) if condition is not None else []
        if asks:
            return _Block(asks, _assigned(body) if body is not None else [])
    return _Block([], [])


def _variables(node: Node) -> list[str]:
    names = (text(found)[1:] for found in search("(variable_name) @variable", node).get("variable", []))
    return [name for name in dict.fromkeys(names) if _SETTING.match(name)]


def _assigned(body: Node) -> list[str]:
    """The settings that are assigned whole; an element of a setting that many share is nobody's alone."""
    pattern = "(assignment_expression left: (variable_name) @variable)"
    names = (text(found)[1:] for found in search(pattern, body).get("variable", []))
    return [name for name in dict.fromkeys(names) if _SETTING.match(name)]
