"""A regular expression of PCRE, read and written again for Python's ``re``: only what both read alike."""

from __future__ import annotations

import re

from driftcheck.php.values import NotEvaluated

_SETS = {
    "d": "0-9", "w": "A-Za-z0-9_", "s": r" \t\n\v\f\r", "h": r" \t", "v": r"\n\v\f\r",
    "D": r"\x00-/:-\x7f", "W": r"\x00-/:-@\[-\^`{-\x7f", "S": r"\x00-\x08\x0e-\x1f!-\x7f",
}  # fmt: skip
"""The ASCII characters of PCRE's classes; no text of other characters is looked at."""
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "e": "\x1b", "a": "\a"}
_ANCHORS = {"b": r"\b", "B": r"(?!\b)", "A": r"\A", "z": r"\Z", "Z": r"(?=\n?\Z)"}
_QUANTIFIER = re.compile(r"(?:([*+?])|\{(\d{1,3})(?:(,)(\d{1,3})?)?\})(\??)")
_GROUP = re.compile(r"\((?:\?(?::|=|!|<=|<!))?")
_KNOWN = {*_SETS, *_LETTERS, *_ANCHORS}
_LOOK = ("(?=", "(?!", "(?<=", "(?<!")
_UNREPEATED = tuple("\\" + name for name in _ANCHORS)
_DEEPEST = 50


class Reader:
    """Reads a pattern from left to right and writes it for Python."""

    def __init__(self, body: str, flags: str) -> None:
        self.body, self.at = body, 0
        self.many_lines, self.dollar_end = "m" in flags, "D" in flags and "m" not in flags
        self.ways, self.degree = 1, 0
        self.captures = self.choices = self._quantifiers = 0
        self._depth = 0

    def alternatives(self) -> str:
        """As far as the bracket that closes it, or the end."""
        out: list[str] = []
        while self.at < len(self.body) and self.body[self.at] != ")":
            if self.body[self.at] == "|":
                self.choices += 1
                self.ways += 1
                self.at += 1
                out.append("|")
            else:
                out.append(self._repeated())
        return "".join(out)

    def _repeated(self) -> str:
        """One item with its quantifier. What varies in itself is not repeated, nor what is remembered."""
        captures, choices, degree, ways = self.captures, self.choices, self.degree, self.ways
        start = self.at
        item = self._item()
        match = _QUANTIFIER.match(self.body, self.at)
        if match is None:
            return item
        self.at = match.end()
        if (
            not item
            or self.body[start] in "^$"
            or self.body[start : start + 2] in _UNREPEATED
            or item.startswith(_LOOK)
        ):
            raise NotEvaluated("a pattern that repeats a place")
        if self.body[self.at : self.at + 1] in ("+", "*", "?", "{"):
            raise NotEvaluated("a pattern with a possessive part, or two quantifiers")
        self._quantifiers += 1
        least, most = _times(match)
        if most != 1 and (
            self.captures > captures or self.choices > choices or (self.degree, self.ways) != (degree, ways)
        ):
            raise NotEvaluated("a pattern that repeats what varies, or what is remembered")
        if most is None:
            self.degree += 1
        else:
            self.ways *= most - least + 1
        return item + match[0]

    def _item(self) -> str:
        char = self.body[self.at]
        if char == "(":
            return self._group()
        if char == "[":
            return self._characters()
        if char == "\\":
            return self._escaped()
        if char in "*+?" or _QUANTIFIER.match(self.body, self.at) or self.body.startswith("{,", self.at):
            raise NotEvaluated("a pattern that repeats nothing")
        self.at += 1
        if char == "^":
            return r"(?:\A|(?<=\n)(?!\Z))" if self.many_lines else "^"
        if char == "$":
            return r"(?=\n|\Z)" if self.many_lines else r"\Z" if self.dollar_end else "$"
        return "." if char == "." else re.escape(char)

    def _group(self) -> str:
        match = _GROUP.match(self.body, self.at)
        assert match is not None, "it begins with a bracket"
        self.at = match.end()
        if self.body[self.at : self.at + 1] in ("?", "*"):
            raise NotEvaluated("a pattern with a group of a kind that is not followed")
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotEvaluated("a pattern with deep groups")
        before = self._quantifiers
        inner = self.alternatives()
        if match[0].startswith("(?<") and self._quantifiers != before:
            raise NotEvaluated("a pattern that looks back over what is repeated")
        self._depth -= 1
        if self.at >= len(self.body):
            raise NotEvaluated("a pattern with a bracket that nothing closes")
        self.at += 1
        self.captures += match[0] == "("
        return f"{match[0]}{inner})"

    def _escaped(self) -> str:
        char = self._after_backslash()
        if char in _ANCHORS:
            return _ANCHORS[char]
        if char in _SETS:
            return f"[{_SETS[char]}]"
        return re.escape(_LETTERS.get(char, char) if char.isalpha() else char)

    def _after_backslash(self) -> str:
        r"""The character behind a backslash, one that is known."""
        char = self.body[self.at + 1 : self.at + 2]
        self.at += 2
        if not char or char.isdigit() or (char.isalpha() and char not in _KNOWN):
            raise NotEvaluated("a pattern with an escape that is not followed")
        return char

    def _characters(self) -> str:
        """``[...]``: its characters, ranges and classes, each written so that Python reads the same."""
        negated = self.body.startswith("[^", self.at)
        self.at += 2 if negated else 1
        out: list[str] = []
        first = True
        while first or not self.body.startswith("]", self.at):
            if self.at >= len(self.body):
                raise NotEvaluated("a pattern with a bracket that nothing closes")
            if self.body.startswith(("[:", "[.", "[="), self.at):
                raise NotEvaluated("a pattern with a class by its name")
            out.append(self._range())
            first = False
        self.at += 1
        return f"[{'^' if negated else ''}{''.join(out)}]"

    def _range(self) -> str:
        low, single = self._character()
        if not (self.body.startswith("-", self.at) and not self.body.startswith("-]", self.at)):
            return low
        self.at += 1
        high, other = self._character()
        if not (single and other):
            raise NotEvaluated("a pattern with a range of classes")
        return f"{low}-{high}"

    def _character(self) -> tuple[str, bool]:
        """A character of a class as Python writes it, and whether it is one alone."""
        char = self.body[self.at : self.at + 1]
        if not char:
            raise NotEvaluated("a pattern with a bracket that nothing closes")
        if char != "\\":
            self.at += 1
            return f"\\x{ord(char):02x}", True
        char = self._after_backslash()
        if char in _ANCHORS:
            raise NotEvaluated("a pattern with a place in a class")
        if char in _SETS:
            return _SETS[char], False
        return f"\\x{ord(_LETTERS.get(char, char)):02x}", True


def _times(match: re.Match[str]) -> tuple[int, int | None]:
    """How often at least and at most; None without an end."""
    if match[1]:
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[match[1]]
    least = int(match[2])
    most = None if match[3] and not match[4] else int(match[4]) if match[4] else least
    if most is not None and most < least:
        raise NotEvaluated("a pattern with a quantifier from more to less")
    return least, most
