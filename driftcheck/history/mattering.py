"""Which pieces of the files in wmf-config can matter to a profile: what spells a setting in scope, or can reach any variable."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from driftcheck.history.lists import spelled
from driftcheck.php.syntax import parse
from driftcheck.php.writes import leaves

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from driftcheck.php.pieces import Piece

# What decides how a file is read, whatever settings are asked for: the generator's own words, and names that are worked out.
_ALWAYS = re.compile(
    rb"""\$\$|\$\{|\$GLOBALS\s*\[\s*[^'"\s]|(?i:\b(?:extract|parse_str|eval)\s*\(|['"](?:extract|parse_str)['"])|\A\s*(?i:declare|namespace|use)\b"""
    rb"""|wikiTags|\$wgConf\b|\$globals\b|'lang'|(?i:siteFromDB)|CommonSettings-|\$wm[fg](?:Udp2logDest|Hostnames)\s*(?:\[[^]\n]*\]\s*)?="""
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
_WORD = rb"(?<!\w)%s(?!\w)"
_WHOLE = rb"""(?<!\w)%s(?!\w|\s*\[\s*(?:'[^'\\]*'|"[^"\\$]*")\s*\])"""
"""A variable that is asked for whole, rather than for a part by its key."""


class Mattering:
    """Answers for pieces of files; it knows ever more names, and forgets none."""

    def __init__(self, spellings: Sequence[bytes], names: Iterable[str], elements: Sequence[tuple[str, str]]) -> None:
        """``spellings`` are patterns that find the settings in scope; ``names`` are other variables, and ``elements`` parts of some, by key.

        A key of an element matters anywhere; another part of its variable, where the key is spelt, does not.
        """
        self._spellings, self.names = tuple(spellings), set(names)
        self._holders = sorted({variable for variable, _ in elements})
        self._texts = sorted(key for _, key in elements)
        self._compile()

    def learn(self, names: Iterable[str]) -> bool:
        """Bring more variables into scope; whether there was a new one."""
        new = set(names) - self.names
        self.names |= new
        if new:
            self._compile()
        return bool(new)

    def _compile(self) -> None:
        self._kept: tuple[dict[Piece, bool], dict[Piece, bool]] = {}, {}
        self._spelling: dict[bytes, bool] = {}
        self._plain: dict[bytes, bytes] = {}
        names = [name.encode() for name in sorted(self.names)]
        texts = [text.encode() for text in self._texts]
        holders = [name.encode() for name in self._holders if name not in self.names]
        self._spelled = [
            *((_literal(spelling), re.compile(spelling)) for spelling in self._spellings),
            *((name, re.compile(_WORD % re.escape(name))) for name in (*texts, *names)),
            *((name, re.compile(_WHOLE % re.escape(name))) for name in holders),
        ]
        words = rb"(?:\w*(?:%s)\w*%s)" % (
            b"|".join(self._spellings),
            b"".join(b"|" + re.escape(name) for name in (*names, *holders)),
        )
        # A key of an array is not read, unless it is the row's own.
        self._read = re.compile(
            rb"""[${][-+]?%s(?!\w)|['"][-+]?%s(?!\w|['"]?\s*=>)%s"""
            % (words, words, b"".join(b"|" + _WORD % re.escape(text) for text in texts))
        )
        self._own = re.compile(words)

    def may_spell(self, text: bytes) -> bool:
        """Whether a text may have what is looked for in it: plain words are found much sooner than patterns."""
        return any(word in text for word, _ in self._spelled)

    def has(self, text: bytes) -> bool:
        """Whether a text has what is looked for in it."""
        return any(word in text and pattern.search(text) is not None for word, pattern in self._spelled)

    def spells(self, text: bytes) -> bool:
        """Whether a piece of a file that is only searched has what is looked for."""
        kept = self._spelling.get(text)
        if kept is None:
            kept = self._spelling[text] = self.has(text) and self.has(_GLOBAL.sub(b"", text))
        return kept

    def keeps(self, pieces: Sequence[Piece], *, common: bool) -> list[bool]:
        """Whether pieces can matter, each; ``common`` says that they are of CommonSettings.php, whose statements are followed."""
        known = self._kept[common]
        kept = list(map(known.get, pieces))
        if None in kept:
            for piece in (piece for piece, old in zip(pieces, kept, strict=True) if old is None):
                known[piece] = self._matters(piece, common=common)
            kept = list(map(known.get, pieces))
        return cast("list[bool]", kept)

    def _matters(self, piece: Piece, *, common: bool) -> bool:
        if piece.kind in ("row", "part"):
            return self._row_matters(piece)
        if piece.kind == "frame" or not common or piece.around.strip(b"b"):
            return True  # it opens or closes a table, or a row may use what it assigns
        text = piece.text
        return self.has(text) or _ALWAYS.search(text) is not None or (piece.kind == "statement" and _leaves(text))

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
        if match[1] is not None or (not text.isspace() and (self.has(text) or _ALWAYS.search(text))):
            return text
        return b"\n" if b"\n" in text else b" "


def _literal(pattern: bytes) -> bytes:
    """The longest word in every match of a glob's pattern; the empty one, which is in every text, where there is none."""
    return max(_SPECIAL.sub(b" ", pattern).split(), key=len, default=b"")


def bare(text: bytes) -> bytes:
    """A text without comments, and without what only brings variables into a function."""
    return _GLOBAL.sub(b"", _BARE.sub(lambda match: match[0] if match[1] is not None else b" ", text))


def used(left: Sequence[bytes]) -> list[bytes]:
    """What is left of a file, without the classes that it imports and does not name, in whatever case."""
    imports = [_IMPORT.fullmatch(bare(text)) if b"use" in text and len(text) < _SHORT else None for text in left]
    named = spelled(text.lower() for text, imported in zip(left, imports, strict=True) if imported is None)
    return [
        text if one is None or (one[3] or one[2].rpartition(b"\\")[2]).lower() in named else one[1] or b""
        for text, one in zip(left, imports, strict=True)
    ]


def _emptied(match: re.Match[bytes]) -> bytes:
    """A text without its content; a call, if it is one that is worked out."""
    return b"''" if not match[0].startswith(b'"') or (b"{$" not in match[0] and b"${" not in match[0]) else b" ("


def _leaves(text: bytes) -> bool:
    """Whether a statement may end the file that it stands in."""
    return _LEAVING.search(text) is not None and leaves(parse(b"<?php " + text))
