"""The threshold formulas of Extension:ORES, in the spellings of every era, as one form.

The service asks its model's statistics such a question: of the thresholds at which the condition holds, which has the
best target? (revscoring, ThresholdOptimization). A text is read whole, or the fault says which character is wrong.
"""

from __future__ import annotations

import functools
import math
import re
from typing import NamedTuple

STATISTICS = (
    "match_rate",
    "filter_rate",
    "precision",
    "!precision",
    "recall",
    "!recall",
    "accuracy",
    "fpr",
    "f1",
    "!f1",
)

# Days of Extension:ORES's commits 6b59215e, bafd23c8 and 3dfa3dde; numbers replaced formulas with the move to Lift Wing.
FORMULAS_SINCE, FORMULAS_UNTIL = "2017-04-19", "2023-08-31"
SPELLING_SINCE = "2017-10-11"
CALLS_UNTIL = "2018-03-15"

_GOALS = ("maximum", "minimum")
_OPERATORS = (">=", "<=")
_CALLS = {
    "recall_at_precision": ("recall", "precision"),
    "filter_rate_at_recall": ("filter_rate", "recall"),
}
"""The calls of 2017: the statistic that is maximized, and the one that must be reached."""

_WORD, _NAME = re.compile(r"\S*"), re.compile(r"[\w!]*")
_NUMBER = re.compile(r"[-+]?(?:[0-9]*\.[0-9]+|[0-9]+)")
_FRACTION = re.compile(r"0\.[0-9]+")
_LONGEST = 40
"""How much of a wrong word is compared and told."""
_FORMULAS = 1024
"""Several times as many as all wikis of a day have."""

# damaging asks how sure the model is of damage, goodfaith how sure it is of good faith: one bound of a level is at
# the sure end of the scale and the other is the threshold.
_BOUNDS = {
    "damaging": {"likelygood": "max", "maybebad": "min", "likelybad": "min", "verylikelybad": "min"},
    "goodfaith": {"likelygood": "min", "maybebad": "max", "likelybad": "max", "verylikelybad": "max"},
}


class Formula(NamedTuple):
    """The best ``target`` among the thresholds at which ``condition`` is at least, or at most, ``number``."""

    maximize: bool
    target: str
    condition: str
    greater: bool
    number: float

    def __str__(self) -> str:
        goal, operator = _GOALS[not self.maximize], _OPERATORS[not self.greater]
        return f"{goal} {self.target} @ {self.condition} {operator} {_spelled(self.number)}"


class Fault(NamedTuple):
    """What is wrong with a text, and the index of the first wrong character in it."""

    message: str
    position: int

    def caret(self, text: str) -> str:
        """The text, and below it a caret under the wrong character."""
        shown = "".join(character if character.isprintable() else " " for character in text)
        return f"{shown}\n{' ' * self.position}^"


@functools.lru_cache(maxsize=_FORMULAS)
def parse(text: str, date: str) -> Formula | Fault:
    """A bound that is no number, by the grammar of a day (YYYY-MM-DD). Many wikis have the same few, and several rules ask."""
    if date >= FORMULAS_UNTIL:
        return Fault(f"formulas are not supported since {FORMULAS_UNTIL}: write a number", 0)
    if date < FORMULAS_SINCE:
        return Fault(f"formulas were not supported before {FORMULAS_SINCE}: write a number", 0)
    call = "@" not in text and ("(" in text or "_at_" in text)
    try:
        formula = _Reader(text).call() if call else _Reader(text).formula()
    except _WrongError as wrong:
        return wrong.fault
    if call and date >= CALLS_UNTIL:
        return Fault(f"this spelling is not supported since {CALLS_UNTIL}: write '{formula}'", 0)
    if not call and date < SPELLING_SINCE:
        return Fault(f"this spelling was not supported before {SPELLING_SINCE}; {' and '.join(_CALLS)} were", 0)
    return formula


def orientation(model: str, level: str) -> str | None:
    """The bound of a level that is a threshold, ``min`` or ``max``; None where either may be."""
    return _BOUNDS.get(model, {}).get(level)


def outcome(bound: str) -> str:
    """The outcome on which a bound's formula is solved; on ``false`` the bound is 1 minus the threshold."""
    return "true" if bound == "min" else "false"


def _spelled(number: float) -> str:
    """A number as the grammar has it: the shortest digits, no exponent, no ``.0``."""
    text = repr(number)
    if "e" in text:
        from decimal import Decimal

        text = format(Decimal(text), "f")
    return text.removesuffix(".0")


class _WrongError(Exception):
    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.fault = Fault(message, position)


class _Reader:
    """A cursor over one text; each method reads one part or says what is wrong."""

    def __init__(self, text: str) -> None:
        self.text = text.rstrip()
        self.at = len(self.text) - len(self.text.lstrip())

    def formula(self) -> Formula:
        """``maximum recall @ precision >= 0.9``."""
        goal = self.word(_GOALS)
        self.mark(" ")
        target = self.word(STATISTICS)
        self.mark(" ")
        self.word(("@",))
        self.mark(" ")
        condition = self.word(STATISTICS)
        self.mark(" ")
        operator = self.word(_OPERATORS)
        self.mark(" ")
        return Formula(goal == "maximum", target, condition, operator == ">=", self.number(_NUMBER))

    def call(self) -> Formula:
        """``recall_at_precision(min_precision=0.9)``, as the extension translated it in 2017."""
        target, condition = _CALLS[self.word(tuple(_CALLS), _NAME)]
        self.mark("(")
        self.word((f"min_{condition}",), _NAME)
        self.mark("=")
        number = self.number(_FRACTION, ")")
        return Formula(True, target, condition, True, number)

    def word(self, allowed: tuple[str, ...], shape: re.Pattern[str] = _WORD) -> str:
        found = shape.match(self.text, self.at)
        word = found[0] if found else ""
        if (lower := word.lower()) in allowed:
            self.at += len(word)
            return lower
        import difflib

        near = difflib.get_close_matches(lower[:_LONGEST], allowed, 1, 0.5)
        expected = f"did you mean {near[0]}?" if near else f"{' or '.join(allowed)} is expected"
        raise _WrongError(f"{self._told(word)}; {expected}", self.at + (_common(word, near[0]) if near else 0))

    def mark(self, mark: str) -> None:
        if not self.text.startswith(mark, self.at):
            name = "a space" if mark == " " else mark
            raise _WrongError(f"{self._told(self.text[self.at : self.at + 1])}; {name} is expected", self.at)
        self.at += len(mark)
        if mark == " " and self.text.startswith(" ", self.at):
            raise _WrongError("a second space; one is expected", self.at)

    def number(self, shape: re.Pattern[str], end: str = "") -> float:
        found = shape.match(self.text, self.at)
        if found is None:
            word = self.text[self.at :].removesuffix(end)
            raise _WrongError(f"{self._told(word)}; a number such as 0.9 is expected", self.at)
        self.at += len(found[0])
        if self.text[self.at :] != end:
            rest = self.text[self.at :]
            right = len(end) if end and rest.startswith(end) else 0
            self.at += right
            after = "nothing" if right or not end else end
            found_there = f"'{_shown(rest[right:])}' stands" if rest[right:] else "the text ends"
            raise _WrongError(f"{found_there} after the number; {after} is expected", self.at)
        if not math.isfinite(number := float(found[0])):
            raise _WrongError("the number is too large", self.at - len(found[0]))
        return number

    def _told(self, word: str) -> str:
        """A wrong word as a message says it."""
        if not word:
            return "the text ends" if self.at >= len(self.text) else "a word is missing"
        return f"'{_shown(word)}' is not known"


def _shown(word: str) -> str:
    return word if len(word) <= _LONGEST else f"{word[:_LONGEST]}…"


def _common(word: str, near: str) -> int:
    """How many characters of a word are right."""
    pairs = zip(word, near, strict=False)
    return next((at for at, (one, other) in enumerate(pairs) if one.lower() != other), min(len(word), len(near)))
