"""PHP's regular expressions (PCRE) on ASCII texts, by Python's ``re``: a pattern is read and written again.

Only what both read alike is written: anything else raises NotEvaluated, and so does a pattern that could take long
on a text, by the number of ways in which its repetitions can share the text.
"""

from __future__ import annotations

import functools
import math
import re
from typing import NamedTuple

from driftcheck.php.pcre import Reader
from driftcheck.php.signatures import MOST_ELEMENTS
from driftcheck.php.texts import limited
from driftcheck.php.values import NotEvaluated

_CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">"}
_FLAGS = "imsuDS \n\r"
_REPLACED = re.compile(r"\\(\\|\$)|\\(\d{1,2})|\$(\d{1,2})|\$\{(\d{1,2})\}")
_LONGEST = 100_000
_MOST_STEPS = 5_000_000
NO_EMPTY, DELIM_CAPTURE = 1, 2


class Pattern(NamedTuple):
    """A pattern that Python can match, and how its work grows with a text.

    ``degree`` parts without an end share the text, and of each such sharing there are ``ways``.
    """

    expression: re.Pattern[str]
    ways: int
    degree: int


@functools.lru_cache(maxsize=500)
def compiled(pattern: str) -> Pattern:
    """A pattern with its delimiters and flags. Raises NotEvaluated for what Python reads otherwise."""
    text = pattern.lstrip(" \t\n\r\v\f")
    if not text or text[0].isalnum() or text[0] in "\\\0" or not text.isascii():
        raise NotEvaluated("a pattern without delimiters, or not ASCII")
    body, flags = _undelimited(text)
    unknown = set(flags) - set(_FLAGS)
    if unknown:
        raise NotEvaluated(f"a pattern with the flag {min(unknown)}")
    reader = Reader(body, flags)
    out = reader.alternatives()
    if reader.at < len(body):
        raise NotEvaluated("a pattern with a bracket that nothing opens")
    try:
        options = re.ASCII | (re.IGNORECASE if "i" in flags else 0) | (re.DOTALL if "s" in flags else 0)
        anchored = body.startswith("^") and not reader.choices and "m" not in flags
        return Pattern(re.compile(out, options), reader.ways, reader.degree + (not anchored))
    except (re.error, OverflowError, RecursionError):
        raise NotEvaluated("a pattern that is not followed") from None


def _undelimited(text: str) -> tuple[str, str]:
    """What is between the delimiters, and the flags (ext/pcre/php_pcre.c, pcre_get_compiled_regex_cache)."""
    opening, closing = text[0], _CLOSING.get(text[0], text[0])
    depth, at = 1, 1
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == closing:
            depth -= 1
            if not depth:
                return text[1:at], text[at + 1 :]
        elif text[at] == opening:
            depth += 1
        at += 1
    raise NotEvaluated("a pattern without its end")


def _for(pattern: str, subject: str) -> re.Pattern[str]:
    """A pattern that can be matched with a text. Raises NotEvaluated where that could take long."""
    found = compiled(pattern)
    if len(subject) > _LONGEST or not subject.isascii():
        raise NotEvaluated("a pattern on a text that is long, or not ASCII")
    if found.ways * math.comb(len(subject) + found.degree, found.degree) > _MOST_STEPS:
        raise NotEvaluated("a pattern that may take too long")
    return found.expression


def _groups(found: re.Match[str]) -> list[str]:
    """The match and its groups, without those at the end that took no part; others that took none are empty."""
    return [
        found[number] or ""
        for number in range(1 + max((n for n, g in enumerate(found.groups(), 1) if g is not None), default=0))
    ]


def match(pattern: str, subject: str) -> dict[int | str, str] | None:
    """What ``preg_match()`` puts into its third argument; None without a match.

    Raises NotEvaluated for a pattern that is not followed, or that may take long on this text.
    """
    found = _for(pattern, subject).search(subject)
    return None if found is None else dict(enumerate(_groups(found)))


def replace(pattern: str, replacement: str, subject: str) -> str:
    r"""Every match replaced; ``$1``, ``${1}`` and ``\1`` in the replacement are groups.

    Raises NotEvaluated as match() does, and for a text that grows too long.
    """
    found = list(_for(pattern, subject).finditer(subject))
    _few(found)
    out: list[str] = []
    at = size = 0
    for one in found:
        out += (subject[at : one.start()], _REPLACED.sub(functools.partial(_part, _groups(one)), replacement))
        size += len(out[-1]) + len(out[-2])
        limited(size)
        at = one.end()
    return "".join(out) + subject[at:]


def _part(groups: list[str], reference: re.Match[str]) -> str:
    literal, *numbers = reference.groups()
    if literal:
        return str(literal)
    number = int(next(text for text in numbers if text is not None))
    return groups[number] if number < len(groups) else ""


def _few(found: list[re.Match[str]]) -> None:
    if len(found) > MOST_ELEMENTS:
        raise NotEvaluated("a pattern with very many matches")


def split(pattern: str, subject: str, limit: int | None = -1, flags: int = 0) -> list[str]:
    """The parts between the matches, with the groups of each match where the flags say so.

    Raises NotEvaluated for limits, flags and patterns that are not followed.
    """
    if limit not in (-1, 0, None) or flags & ~(NO_EMPTY | DELIM_CAPTURE):
        raise NotEvaluated("preg_split() with a limit or flags that are not followed")
    found = list(_for(pattern, subject).finditer(subject))
    _few(found)
    if not all(one[0] for one in found):
        raise NotEvaluated("preg_split() by a pattern that matches nothing")
    parts: list[str] = []
    at = 0
    for one in found:
        parts.append(subject[at : one.start()])
        if flags & DELIM_CAPTURE:
            parts += _groups(one)[1:]
        at = one.end()
    parts.append(subject[at:])
    return [part for part in parts if part or not flags & NO_EMPTY]
