"""STUB until d1's is there."""

from __future__ import annotations

import re
from dataclasses import dataclass

STATISTICS: tuple[str, ...] = (
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


@dataclass(frozen=True, slots=True)
class Formula:
    maximize: bool
    target: str
    condition: str
    greater: bool
    number: float

    def __str__(self):
        return f"{'maximum' if self.maximize else 'minimum'} {self.target} @ {self.condition} {'>=' if self.greater else '<='} {self.number}"


@dataclass(frozen=True, slots=True)
class Fault:
    message: str
    position: int


def parse(text, date):
    if m := re.fullmatch(r"recall_at_precision\(min_precision=(0\.\d+)\)", text):
        return Formula(True, "recall", "precision", True, float(m[1]))
    if m := re.fullmatch(r"filter_rate_at_recall\(min_recall=(0\.\d+)\)", text):
        return Formula(True, "filter_rate", "recall", True, float(m[1]))
    if m := re.fullmatch(r"(maximum|minimum) (\S+) @ (\S+) (>=|<=) (\S+)", text):
        return Formula(m[1] == "maximum", m[2], m[3], m[4] == ">=", float(m[5]))
    return Fault("bad", 0)


def orientation(model, level):
    return None


def outcome(bound):
    return "true" if bound == "min" else "false"
