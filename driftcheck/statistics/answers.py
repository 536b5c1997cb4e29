"""The ORES service's own answers: how they are asked for, and what they say. Nothing here opens a connection.

The service answers {wiki: {models: {model: {statistics: {thresholds: {outcome: [...]}}}}}}: for each outcome one entry a
formula, in the order in which they were asked, each a map of the threshold and its statistics (three digits), or null
where no threshold satisfies the formula. Nothing in an answer says which formula it answers: a :class:`Request` knows.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

from driftcheck.core.model import InputError
from driftcheck.statistics.formula import STATISTICS, Formula
from driftcheck.statistics.solve import Infeasible, Question, Solved, Table, Unchecked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from driftcheck.statistics.solve import Answer

Entry: TypeAlias = "dict[str, float | None] | None"
"""What the service says to a formula: the threshold and its statistics, or null."""
LONGEST_URL = 6000
_ROUNDING = 0.0005 + 1e-9
_LONGEST_LIST = 100_000


@dataclass(frozen=True, slots=True)
class Request:
    """One question to the service: a wiki, some of its models, and formulas, which every one of these answers."""

    wiki: str
    models: tuple[str, ...]
    asked: tuple[tuple[str, Formula], ...]

    def url(self, base: str) -> str:
        """The address that asks."""
        infos = "|".join(f'statistics.thresholds.{outcome}."{formula}"' for outcome, formula in self.asked)
        models = quote("|".join(self.models), safe="")
        return f"{base}v3/scores/{quote(self.wiki, safe='')}/?models={models}&model_info={quote(infos, safe='')}"

    def halves(self) -> tuple[Request, Request]:
        """Two requests that ask the same."""
        if len(self.models) > 1:
            cut = len(self.models) // 2
            return (
                Request(self.wiki, self.models[:cut], self.asked),
                Request(self.wiki, self.models[cut:], self.asked),
            )
        cut = len(self.asked) // 2
        return Request(self.wiki, self.models, self.asked[:cut]), Request(self.wiki, self.models, self.asked[cut:])


def best(asked: Formula) -> Formula:
    """The formula whose answer is the best that a model can do for the condition of another."""
    return Formula(asked.greater, asked.condition, asked.condition, asked.greater, 0.0 if asked.greater else 1.0)


def requests(questions: Iterable[Question], base: str) -> Iterator[Request]:
    """What to ask for so many questions: one request a wiki, or more where its address would be too long."""
    wanted: dict[str, tuple[dict[str, None], dict[tuple[str, Formula], None]]] = {}
    for question in questions:
        models, asked = wanted.setdefault(question.wiki, ({}, {}))
        models[question.model] = None
        for formula in (question.formula, best(question.formula)):
            asked[question.outcome, formula] = None
    for wiki, (models, asked) in wanted.items():
        waiting = [Request(wiki, tuple(models), tuple(asked))]
        while waiting:
            request = waiting.pop(0)
            if len(request.url(base)) > LONGEST_URL and len(request.models) * len(request.asked) > 1:
                waiting[:0] = request.halves()
            else:
                yield request


def lists(document: object, wiki: str, where: str) -> dict[str, Mapping[str, object]]:
    """The lists of answers of a wiki's models, by model and outcome; InputError says where the shape is another."""
    models = _below(document, (wiki, "models"), where)
    out: dict[str, Mapping[str, object]] = {}
    for model, info in models.items():
        if isinstance(info, dict) and "statistics" not in info:
            continue  # a model that was not asked about, or that keeps no statistics
        out[model] = _below(info, ("statistics", "thresholds"), f"{where}: {model}")
    return out


def _below(held: object, names: Sequence[str], where: str) -> dict[str, Any]:
    way = ""
    for name in names:
        way += f".{name}"
        if not isinstance(held, dict) or name not in held:
            raise InputError(f"{where}: no {way[1:]} in it; an answer of the ORES service is expected")
        held = held[name]
    if not isinstance(held, dict):
        raise InputError(f"{where}: {way[1:]} is not a map; an answer of the ORES service is expected")
    return held


def entries(held: object, where: str) -> list[Entry]:
    """The entries of one list: null, or numbers by name. Raises InputError for what is no such list."""
    if not isinstance(held, list) or len(held) > _LONGEST_LIST:
        raise InputError(f"{where}: not a list of answers; an answer of the ORES service is expected")
    return [_entry(item, f"{where}[{number}]") for number, item in enumerate(held)]


def _entry(item: object, where: str) -> Entry:
    if item is None:
        return None
    if not isinstance(item, dict):
        raise InputError(f"{where}: neither null nor a map; an answer of the ORES service is expected")
    out: dict[str, float | None] = {}
    for name in ("threshold", *STATISTICS):
        value = item.get(name)
        if value is None and name != "threshold":
            out[name] = None
        elif isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
            raise InputError(f"{where}: {name} is not a number from 0 to 1; ask the service again")
        else:
            out[name] = float(value)
    return out


def answers(wiki: str, model: str, outcome: str, found: Mapping[Formula, Entry]) -> dict[Question, Answer]:
    """What entries say to the formulas that they were given to."""
    return {Question(wiki, model, outcome, formula): _answer(formula, entry, found) for formula, entry in found.items()}


def _answer(asked: Formula, entry: Entry, found: Mapping[Formula, Entry]) -> Answer:
    at_best = found.get(best(asked)) or {}
    most = at_best.get(asked.condition)
    if entry is None:
        return Infeasible(most, at_best.get("threshold"))
    threshold, value = entry["threshold"], entry[asked.condition]
    assert threshold is not None
    if value is not None and (value < asked.number - _ROUNDING if asked.greater else value > asked.number + _ROUNDING):
        return Unchecked(f"the answer does not satisfy {asked}: it was given to another formula")
    statistics = {name: entry[name] for name in STATISTICS}
    return Solved(threshold, statistics, None, None if most is None else abs(most - asked.number))


def table(held: Sequence[Entry]) -> Table | None:
    """The table that a list is if no formula was asked: every threshold, rising."""
    rows = [entry for entry in held if entry is not None]
    thresholds = [threshold for entry in rows if (threshold := entry["threshold"]) is not None]
    if len(rows) != len(held) or not all(map(operator.lt, thresholds, thresholds[1:])):
        return None
    return Table(thresholds, lambda number, name: rows[number][name])
