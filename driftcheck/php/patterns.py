"""PHP's regular expressions (PCRE) with Python's: only what both read alike; everything else raises NotEvaluated."""

from __future__ import annotations

import functools
import re

from driftcheck.php.values import NotEvaluated

_CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">"}
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE, "u": 0, "D": 0}
# What Python has otherwise, or not at all: possessive and recursive parts, conditions, classes by name, escapes.
_FOREIGN = re.compile(
    r"\\[RKXGQEhHvVNpPCgk]|\(\?(?:[|>R&0-9+-]|\(|P[>&]|<[A-Za-z_]|')|\(\*|\[\[?:|[*+?}]\+|\\[0-9]|\(\?[a-zA-Z-]+[:)]|\{,"
)
_SUBJECT = re.compile(r"[\x00-\x7f]*\Z")
_REPLACED = re.compile(r"\\\\|\\(\d{1,2})|\$(\d{1,2})|\$\{(\d{1,2})\}")
_LONGEST = 100_000
NO_EMPTY, DELIM_CAPTURE = 1, 2


@functools.lru_cache(maxsize=500)
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern with its delimiters and flags. Raises NotEvaluated for what Python reads otherwise."""
    text = pattern.lstrip()
    if not text or text[0].isalnum() or text[0] == "\\":
        raise NotEvaluated("a pattern without delimiters")
    closing = _CLOSING.get(text[0], text[0])
    end = text.rfind(closing)
    if end <= 0:
        raise NotEvaluated("a pattern without its end")
    body, flags = text[1:end], 0
    for letter in text[end + 1 :].rstrip("\n"):
        if letter not in _FLAGS:
            raise NotEvaluated(f"a pattern with the flag {letter}")
        flags |= _FLAGS[letter]
    if "D" in text[end + 1 :]:
        body = _dollar_only_at_end(body)
    if closing == text[0]:
        body = body.replace("\\" + closing, closing if closing not in ".^$*+?{}[]|()" else "\\" + closing)
    if _FOREIGN.search(body) or not body.isascii():
        raise NotEvaluated("a pattern that is not followed")
    return _python(body, flags)


def _dollar_only_at_end(body: str) -> str:
    if "$" in body[:-1]:
        raise NotEvaluated("a pattern with the flag D")
    return body[:-1] + r"\Z" if body.endswith("$") and not body.endswith("\\$") else body


def _python(body: str, flags: int) -> re.Pattern[str]:
    try:
        return re.compile(body, flags | re.ASCII)
    except (re.error, OverflowError, RecursionError):
        raise NotEvaluated("a pattern that is not followed") from None


def _checked(pattern: str, subject: str) -> re.Pattern[str]:
    found = compiled(pattern)
    if len(subject) > _LONGEST or not _SUBJECT.match(subject):
        raise NotEvaluated("a pattern on a text that is long, or not ASCII")
    if re.search(r"[*+}][^|)]*\)[*+{]", found.pattern):
        raise NotEvaluated("a pattern that may take too long")
    return found


def match(pattern: str, subject: str) -> dict[int | str, str] | None:
    """The groups of the first match by number, without those at the end that took no part; None without a match."""
    found = _checked(pattern, subject).search(subject)
    if found is None:
        return None
    groups = [found[0], *found.groups()]
    while groups and groups[-1] is None:
        groups.pop()
    return {number: group or "" for number, group in enumerate(groups)}


def replace(pattern: str, replacement: str, subject: str) -> str:
    r"""Every match replaced; ``$1`` and ``\\1`` are groups."""

    def one(found: re.Match[str]) -> str:
        def part(reference: re.Match[str]) -> str:
            number = next((group for group in reference.groups() if group is not None), None)
            if number is None:
                return "\\"
            return (found[int(number)] or "") if int(number) <= (found.re.groups) else ""

        return _REPLACED.sub(part, replacement)

    return _checked(pattern, subject).sub(one, subject)


def split(pattern: str, subject: str, limit: int, flags: int) -> list[str]:
    """The parts between the matches. Raises NotEvaluated for limits, flags and patterns that are not followed."""
    if limit not in (-1, 0, None) or flags & ~(NO_EMPTY | DELIM_CAPTURE):
        raise NotEvaluated("preg_split() with a limit or flags that are not followed")
    found = _checked(pattern, subject)
    if found.match(""):
        raise NotEvaluated("preg_split() by a pattern that matches nothing")
    parts: list[str] = []
    at = 0
    for one in found.finditer(subject):
        parts.append(subject[at : one.start()])
        if flags & DELIM_CAPTURE:
            parts.extend(group for group in one.groups() if group)
        at = one.end()
    parts.append(subject[at:])
    return [part for part in parts if part or not flags & NO_EMPTY]
