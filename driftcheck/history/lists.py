"""What is left of the lists of wikis: a list, or a tag of the index, that nothing else spells selects no setting in scope."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Protocol

from driftcheck.mediawiki.eras import LAYOUTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Set as AbstractSet

    from driftcheck.core.model import Source

INDEX = "dblists-index.php"
_FOLDER = "dblists"
_WORD = re.compile(rb"[\w-]+")
_LINE = re.compile(rb"('[\w-]+' => \[)((?: '[\w-]+',?)* ?)(\],)\Z")
_TAGS = b"$wikiTags[] ="
"""The statement that makes the tags spells every list; which of them matters is told by what selects by them."""
_TAG_LIST = re.compile(rb"(\$wikiTags = (?:array\(\)|\[\]);\s*foreach\s*\(\s*(?:array\s*\(|\[))[\s\w',-]*")
_BASE = {name for layout in LAYOUTS for names in layout.realms.values() for name in names.lists}


class Tree(Protocol):
    """A tree of which all is there."""

    def read(self, path: str) -> Source | None:
        """A file."""

    def blob_id(self, path: str) -> str | None:
        """Its id."""


def spelled(texts: Iterable[bytes]) -> frozenset[bytes]:
    """The words of what is left of a file."""
    return frozenset(_WORD.findall(b" ".join(text for text in texts if _TAGS not in text)))


def without_tags(text: bytes) -> bytes:
    """CommonSettings.php without the names in its list of tags, which it had until 2019."""
    return _TAG_LIST.sub(rb"\1", text)


def is_list(path: str) -> bool:
    """Whether a file is a list of wikis."""
    return path.endswith(".dblist") and posixpath.dirname(path) == _FOLDER


class Lists:
    """The lists that matter in trees of one walk, told by the words that are left of their other files."""

    def __init__(self) -> None:
        self._words: dict[str, frozenset[bytes]] = {}
        self._tagged: tuple[AbstractSet[bytes], dict[bytes, bytes]] = (frozenset(), {})

    def wanted(self, words: AbstractSet[bytes], tree: Tree) -> set[str]:
        """The names of the lists of a tree that matter: those that are spelled, and those that they are computed from."""
        pending = [*_BASE, *(word.decode() for word in words)]
        found: set[str] = set()
        while pending:
            name = pending.pop()
            path = f"{_FOLDER}/{name}.dblist"
            if name not in found and (blob := tree.blob_id(path)) is not None:
                found.add(name)
                pending.extend(word.decode() for word in self._computed(path, blob, tree))
        return found

    def _computed(self, path: str, blob: str, tree: Tree) -> frozenset[bytes]:
        """The words of a list that is an expression."""
        if blob not in self._words:
            source = tree.read(path)
            text = source.text if source is not None else b""
            self._words[blob] = frozenset(_WORD.findall(text)) if b"%%" in text else frozenset()
        return self._words[blob]

    def index(self, text: bytes, words: AbstractSet[bytes]) -> bytes:
        """The index of the lists with those of its tags that are among these words."""
        if self._tagged[0] != words:
            self._tagged = words, {}
        known = self._tagged[1]
        return b"\n".join(_looked_up(known, line, lambda line: _tagged(line, words)) for line in text.split(b"\n"))


def matters(path: str, wanted: AbstractSet[str]) -> bool:
    """Whether a list is one of those that matter; beta's lists may stand behind a tag of another name."""
    name = posixpath.basename(path).removesuffix(".dblist")
    return name in wanted or "labs" in name


def _looked_up(known: dict[bytes, bytes], line: bytes, made: Callable[[bytes], bytes]) -> bytes:
    found = known.get(line)
    if found is None:
        found = known[line] = made(line)
    return found


def _tagged(line: bytes, words: AbstractSet[bytes]) -> bytes:
    """A wiki's line of the index with those of its tags that are among these words."""
    row = _LINE.match(line)
    if row is None:
        return line
    tags = [tag for tag in row[2].split() if tag.strip(b"',") in words]
    return row[1] + b"".join(b" %s," % tag.rstrip(b",") for tag in tags) + row[3]
