"""Which settings the code of a tree reads."""

from __future__ import annotations

import contextlib
import functools
import posixpath
import re
from typing import TYPE_CHECKING

from driftcheck.core.model import IncompleteError

if TYPE_CHECKING:
    from driftcheck.mediawiki.tree import Tree

_CODE = ("src", "multiversion")
_BEFORE = (b"$", b"'", b'"')
_AFTER = re.compile(rb"\w|['\"]?\s*=>|\s*(?:\[[^\]\n]*\]\s*)*=(?!=)")
"""What follows a longer name, the key of an array, or what is assigned."""
_WORD = re.compile(rb"[\w\x80-\xff]+")
_SPELT = re.compile(rb"""[$'"]([\w\x80-\xff]+)""")


class Mentions:
    """Looks for variables in the PHP of a tree; its files are read when they are needed."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def has(self, name: str) -> bool:
        """Whether code of the tree reads a variable: one that is only assigned, or a row of settings, is not read."""
        word = name.encode()
        common = self._tree.snapshot.read(self._tree.layout.common)
        if common is not None and _reads(common.text, word):  # most are read here, and no other file is looked at
            return True
        plain = _WORD.fullmatch(word) is not None
        return any(_reads(text, word) for text, words in self._code if (word in words if plain else word in text))

    @functools.cached_property
    def _code(self) -> list[tuple[bytes, frozenset[bytes]]]:
        """The files whose code runs in a page view, each with the words that stand where :func:`_reads` looks for them."""
        folders = (posixpath.dirname(self._tree.layout.common), *_CODE)
        paths = (path for folder in folders for path in self._tree.snapshot.names(folder) if path.endswith(".php"))
        found: list[tuple[bytes, frozenset[bytes]]] = []
        for path in paths:
            with contextlib.suppress(IncompleteError):  # links to files of other folders
                if (source := self._tree.snapshot.read(path)) is not None:
                    found.append((source.text, frozenset(_SPELT.findall(source.text))))
        return found


def _reads(text: bytes, word: bytes) -> bool:
    """Whether a text has a variable in it that is not only assigned, or its name in quotes that is no key of an array."""
    at = text.find(word)
    while at >= 0:
        behind = _AFTER.match(text, at + len(word))
        if behind is None and text[at - 1 : at] in _BEFORE and not _in_comment(text, at):
            return True
        at = text.find(word, at + 1)
    return False


def _in_comment(text: bytes, at: int) -> bool:
    """Whether a place stands behind what begins a comment on its line."""
    line = text[text.rfind(b"\n", 0, at) + 1 : at].lstrip()
    return line.startswith((b"//", b"#", b"*", b"/*"))
