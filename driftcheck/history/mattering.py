"""Which pieces of the files in wmf-config can matter to a profile: what spells a setting in scope, or can reach any variable."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.history.lists import spelled
from driftcheck.php.syntax import parse
from driftcheck.php.writes import leaves

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from driftcheck.php.pieces import Piece

# What decides how a file is read, whatever settings are asked for: the generator's own words, and names that are worked out.
_ALWAYS = re.compile(
    rb"""\$\$|\$\{|\$GLOBALS\s*\[\s*[^'"\s]|\b(?:extract|parse_str|eval)\s*\(|['"](?:extract|parse_str)['"]|\A\s*(?:declare|namespace|use)\b"""
    rb"""|wikiTags|\$wgConf\b|\$globals\b|'lang'|siteFromDB|CommonSettings-|\bwm[fg](?:Udp2logDest|Hostnames)\b"""
)
_LEAVING = re.compile(rb"\b(?:return|exit|die|goto|throw|halt)", re.IGNORECASE)
_EFFECT = re.compile(
    rb"[\w$\])]\s*(?:\.|\+|-|\*|/|\?\?)?=(?![=>])|&|\+\+|--|<<<|(?<!array)(?<!array\s)(?<!\w)\s?\("
    rb"|\b(?:include|require|function|fn|class|new|clone|yield|print|throw|exit|die)",
    re.IGNORECASE,
)
_KEY = re.compile(
    rb"""\s*(?:(?://|\#)[^\n]*\n\s*|/\*(?:[^*]|\*(?!/))*\*/\s*)*"""
    rb"""['"][-+]?((?:wg|wm[a-z]*|eg|smg)[A-Z0-9]\w*|groupOverrides2?)['"]\s*=>"""
)
_TEXTS = re.compile(rb"""'[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*"|//[^\n]*|\#[^\n]*|/\*.*?\*/""", re.DOTALL)
_BARE = re.compile(
    rb"""('[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*"|<<<[ \t]*(["']?)(\w+)\2\r?\n(?:.*?\n)??[ \t]*\3\b)"""
    rb"""|(?:\s+|//[^\n]*|\#(?!\[)[^\n]*|/\*.*?\*/)+""",
    re.DOTALL,
)

_GLOBAL = re.compile(rb"\bglobal\s[\s\w$,]{0,2000};")
"""What brings a variable into a function, and does nothing with it."""
_IMPORT = re.compile(rb"\s*(<\?php\s)?\s*use\s+([\w\\]+)(?:\s+as\s+(\w+))?\s*;\s*")
"""A class by its name, and the name that it has in the file."""
_SHORT = 2000
"""The length that no import with its comments has."""
_SPECIAL = re.compile(rb"\[[^]]*\]|\\.|\W", re.DOTALL)
"""What is no literal in the pattern of a glob."""
_CHOICE = re.compile(rb"\[(\w+)\]")


class Mattering:
    """Answers for pieces of files; it knows ever more names, and forgets none."""

    def __init__(self, mentions: re.Pattern[bytes], names: Iterable[str], elements: Sequence[tuple[str, str]]) -> None:
        """``mentions`` finds the settings in scope; ``names`` are other variables, and ``elements`` parts of some, by key.

        A key of an element matters anywhere; another part of its variable, where the key is spelt, does not.
        """
        self._mentions, self.names = mentions.pattern, set(names)
        self._holders = sorted({variable for variable, _ in elements})
        self._texts = sorted(key for _, key in elements)
        # A text without any of these is not searched; the empty one is in every text.
        runs = [_SPECIAL.sub(b" ", part).split() for one in self._mentions.split(b"|") for part in _expanded(one)]
        self._literals = [max(found, key=len, default=b"") for found in runs]
        self._compile()

    def learn(self, names: Iterable[str]) -> bool:
        """Bring more variables into scope; whether there was a new one."""
        new = set(names) - self.names
        self.names |= new
        if new:
            self._compile()
        return bool(new)

    def _compile(self) -> None:
        self._kept: dict[tuple[bool, Piece], bool] = {}
        self._spelling: dict[bytes, bool] = {}
        self._plain: dict[bytes, bytes] = {}
        names = b"|".join(re.escape(name.encode()) for name in sorted(self.names))
        texts = b"|".join(rb"(?<!\w)%s(?!\w)" % re.escape(text.encode()) for text in self._texts)
        holders = b"|".join(re.escape(name.encode()) for name in self._holders if name not in self.names)
        whole = holders and rb"(?<!\w)(?:%s)(?!\w|\s*\[\s*(?:'[^'\\]*'|\"[^\"\\$]*\")\s*\])" % holders
        spelled = b"|".join(filter(None, (self._mentions, texts, names and rb"(?<!\w)(?:%s)(?!\w)" % names, whole)))
        self._spelled = re.compile(spelled)
        every = b"|".join(filter(None, (names, holders)))
        words = rb"(?:\w*(?:%s)\w*%s)" % (self._mentions, every and b"|" + every)
        # A key of an array is not read, unless it is the row's own.
        self._read = re.compile(
            rb"""[${][-+]?%s(?!\w)|['"][-+]?%s(?!\w|['"]?\s*=>)%s""" % (words, words, texts and b"|" + texts)
        )
        self._own = re.compile(words)
        self._words = (*self._literals, *(name.encode() for name in (*self.names, *self._holders, *self._texts)))

    def may_spell(self, text: bytes) -> bool:
        """Whether a text may have what is looked for in it: plain words are found much sooner than patterns."""
        return any(word in text for word in self._words)

    def _has(self, text: bytes) -> bool:
        return self.may_spell(text) and self._spelled.search(text) is not None

    def spells(self, text: bytes) -> bool:
        """Whether a piece of a file that is only searched has what is looked for."""
        kept = self._spelling.get(text)
        if kept is None:
            kept = self._spelling[text] = self.may_spell(text) and self._has(_GLOBAL.sub(b"", text))
        return kept

    def keeps(self, piece: Piece, *, common: bool) -> bool:
        """Whether a piece can matter; ``common`` says that it is of CommonSettings.php, whose statements are followed."""
        key = common, piece
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = self._matters(piece, common=common)
        return kept

    def _matters(self, piece: Piece, *, common: bool) -> bool:
        if piece.kind in ("row", "part"):
            return self._row_matters(piece)
        if piece.kind == "frame" or not common or piece.around.strip(b"b"):
            return True  # it opens or closes a table, or a row may use what it assigns
        text = piece.text
        return self._has(text) or _ALWAYS.search(text) is not None or (piece.kind == "statement" and _leaves(text))

    def _row_matters(self, piece: Piece) -> bool:
        """Whether a row, or a part of one, is of a setting in scope, reads one, or does something besides having a value."""
        if not piece.around.endswith(b"s"):
            key = _KEY.match(piece.text)
            if key is None or self._own.fullmatch(key[1]):
                return True
        reads = self.may_spell(piece.text) and self._read.search(piece.text) is not None
        return reads or _EFFECT.search(_TEXTS.sub(_emptied, piece.text)) is not None

    def plain(self, text: bytes) -> bytes:
        """A text without its comments and blanks, but for comments that spell what is looked for."""
        found = self._plain.get(text)
        if found is None:
            found = self._plain[text] = _BARE.sub(self._blank, text)
        return found

    def _blank(self, match: re.Match[bytes]) -> bytes:
        text = match[0]
        if match[1] is not None or (not text.isspace() and (self._has(text) or _ALWAYS.search(text))):
            return text
        return b"\n" if b"\n" in text else b" "


def _expanded(pattern: bytes) -> list[bytes]:
    """A pattern for each of the letters that it may begin with."""
    choice = _CHOICE.match(pattern)
    return [bytes([letter]) + pattern[choice.end() :] for letter in choice[1]] if choice is not None else [pattern]


def bare(text: bytes) -> bytes:
    """A text without comments, and without what only brings variables into a function."""
    return _GLOBAL.sub(b"", _BARE.sub(lambda match: match[0] if match[1] is not None else b" ", text))


def used(left: Sequence[bytes]) -> list[bytes]:
    """What is left of a file, without the classes that it imports and does not name."""
    imports = [_IMPORT.fullmatch(bare(text)) if b"use" in text and len(text) < _SHORT else None for text in left]
    named = spelled(text for text, imported in zip(left, imports, strict=True) if imported is None)
    return [
        text if one is None or (one[3] or one[2].rpartition(b"\\")[2]) in named else one[1] or b""
        for text, one in zip(left, imports, strict=True)
    ]


def _emptied(match: re.Match[bytes]) -> bytes:
    """A text without its content; a call, if it is one that is worked out."""
    return b"''" if not match[0].startswith(b'"') or (b"{$" not in match[0] and b"${" not in match[0]) else b" ("


def _leaves(text: bytes) -> bool:
    """Whether a statement may end the file that it stands in."""
    return _LEAVING.search(text) is not None and leaves(parse(b"<?php " + text))
