"""The answer of driftcheck thresholds, for people and as JSON (thresholds-v1)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from driftcheck import __version__
from driftcheck.core.finding import assert_never
from driftcheck.layers.extension.rules.feasibility import best
from driftcheck.report.escape import short, visible
from driftcheck.statistics.formula import outcome
from driftcheck.statistics.solve import Infeasible, Solved, Unchecked, bound_value

if TYPE_CHECKING:
    from driftcheck.layers.extension.rules.feasibility import Configured
    from driftcheck.layers.extension.survey import Solution, Survey
    from driftcheck.statistics.solve import Answer

_DIGITS = 6
_SHOWN = 4


# -- for people --------------------------------------------------------------------------------------------------------


def render(survey: Survey) -> str:
    """The table, what changes, and one line that counts."""
    from tabulate import tabulate

    heads = ("wiki", "threshold", "formula", "bound", "there", "points", "margin", "")
    rows = [_row(held) for held in survey.solutions if not isinstance(held.answer, Unchecked)]
    # Not aligned by tabulate, which would take a bound for a number and a formula for text of any width.
    text = tabulate(rows, heads, tablefmt="plain", disable_numparse=True) + "\n\n" if rows else ""
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    changes = [held for held in survey.solutions if held.changes]
    if survey.against is not None:
        lines = [
            f"  {_name(held)}: {_answered(held, held.before)} -> {_answered(held, held.answer)}" for held in changes
        ]
        text += "\n".join(
            [
                f"{_count(len(changes), 'formula')} whose answer differs from that in {short(survey.against, 200)}",
                *lines,
            ]
        )
        text += "\n\n"
    if survey.models_not_checked:
        names = ", ".join(short(name, 100) for name in survey.models_not_checked)
        text += f"not checked, no statistics: {names}\n\n"
    return f"{text}{summary(survey)}\n"


def summary(survey: Survey) -> str:
    """One line: how many were solved, how many cannot be, how many were not checked."""
    near = sum(held.near for held in survey.solutions)
    told = f"{len(survey.of(Infeasible))} infeasible, {len(survey.of(Solved))} solved"
    told += f" ({near} near the edge)" if near else ""
    missing = len(survey.of(Unchecked))
    told += f", {missing} not checked" if missing else ""
    return f"{_count(len(survey.solutions), 'formula')} in {survey.realm}: {told}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"


def _name(held: Solution) -> str:
    return short(f"{held.asked.dbname} {held.asked.path}", 200)


def _row(held: Solution) -> list[str]:
    asked, answer = held.asked, held.answer
    head = [visible(asked.dbname), short(asked.path, 100), str(asked.formula)]
    if isinstance(answer, Solved):
        names = dict.fromkeys((asked.formula.target, asked.formula.condition))
        there = ", ".join(f"{name} {_number(answer.statistics.get(name))}" for name in names)
        points = "" if answer.rows is None else str(answer.rows)
        mark = "near the edge" if held.near else ""
        return [*head, _bound(held, answer), there, points, _number(answer.margin), mark]
    return [*head, "none", _answered(held, answer), "", "", ""]


def _answered(held: Solution, answer: Answer | None) -> str:
    match answer:
        case None:
            text = ""
        case Solved():
            text = _bound(held, answer)
        case Infeasible():
            text = f"infeasible{best(answer, held.asked.formula)}"
        case Unchecked(reason):
            text = f"not checked: {short(reason, 200)}"
        case _:
            assert_never(answer)
    return text


def _bound(held: Solution, answer: Solved) -> str:
    return f"{bound_value(held.asked.bound, answer.threshold):.{_DIGITS}g}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.{_SHOWN}f}"


# -- for programs ------------------------------------------------------------------------------------------------------


def render_json(survey: Survey) -> str:
    """The same as JSON."""
    document = {
        "version": 1,
        "tool": {"name": "driftcheck", "version": __version__},
        "realm": survey.realm,
        "revision": survey.revision,
        "statistics": survey.statistics,
        **({"against": survey.against} if survey.against is not None else {}),
        "thresholds": [_document(held) for held in survey.solutions],
        "incomplete": [{"reason": hole.reason} for hole in survey.holes],
        "models_not_checked": survey.models_not_checked,
        "summary": {
            "solved": len(survey.of(Solved)),
            "infeasible": len(survey.of(Infeasible)),
            "not_checked": len(survey.of(Unchecked)),
            "near_edge": sum(held.near for held in survey.solutions),
            "changed": sum(held.changes for held in survey.solutions),
        },
    }
    return json.dumps(document, indent=1, ensure_ascii=True) + "\n"


def _document(held: Solution) -> dict[str, Any]:
    asked = held.asked
    before = {"before": _answer(asked, held.before), "changed": held.changes} if held.before is not None else {}
    span = asked.value.span
    return {
        "wiki": asked.dbname,
        "model_wiki": asked.wiki,
        "model": asked.model,
        "level": asked.level,
        "bound": asked.bound,
        "outcome": outcome(asked.bound),
        "configured": asked.value.data,
        "formula": str(asked.formula),
        "near_edge": held.near,
        **_answer(asked, held.answer),
        **before,
        **({"location": {"path": span.path, "line": span.line}} if span is not None else {}),
    }


def _answer(asked: Configured, answer: Answer) -> dict[str, Any]:
    match answer:
        case Solved():
            known = {"points": answer.rows, "margin": answer.margin}
            said = {
                "state": "solved",
                "threshold": answer.threshold,
                "value": bound_value(asked.bound, answer.threshold),
                "statistics": dict(answer.statistics),
                **{name: value for name, value in known.items() if value is not None},
            }
        case Infeasible():
            known = {"best": answer.best, "best_threshold": answer.threshold}
            said = {"state": "infeasible", **{name: value for name, value in known.items() if value is not None}}
        case Unchecked(reason):
            said = {"state": "not_checked", "reason": reason}
        case _:
            assert_never(answer)
    return said
