"""The report as a review comment in Markdown, as GitHub and GitLab read it.

Text from outside stands in code spans and nowhere else: inside one no emphasis, link, HTML, mention or reference to an
issue or a commit takes effect, neither in the parser nor in the filters that GitHub runs over the finished page (they
skip ``code``), where an escaped "@" would be one again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.core.disposition import Baselined, Preexisting, Waived
from driftcheck.core.finding import most_severe_first
from driftcheck.core.model import MISSING
from driftcheck.core.severity import Severity
from driftcheck.report import inputs
from driftcheck.report.difference import difference
from driftcheck.report.escape import place, short, shown, standing, title

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from driftcheck.core.finding import Finding, Side
    from driftcheck.core.report import Report

# GitHub takes 65,536 characters in a comment. Counted in bytes, which are never fewer.
LIMIT = 60_000
_FOOT = 400
_MAX_HOLES = 10
_MAX_SIGNED = 50
_MAX_NAME = 120
_MAX_VALUE = 80
_MAX_MESSAGE = 300
_WIKIS_SHOWN = 3
_HEADER = "| rule | setting | wikis | production | beta |\n|---|---|---|---|---|\n"
_PUNCTUATION = re.compile(r"[\\`*_{}\[\]<>()#|~@$&!]")


class _Room:
    """What still fits, in bytes."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, text: str) -> bool:
        """Whether the text fits; then it is counted."""
        size = len(text.encode("utf-8"))
        if size > self.left:
            return False
        self.left -= size
        return True


def render(report: Report, *, limit: int = LIMIT, details: bool = True) -> str:
    """A comment of at most ``limit`` bytes: verdict, a table for each severity, and what to do, folded."""
    active = most_severe_first(report.active)
    head = _head(report)
    room = _Room(limit - len(head.encode("utf-8")) - _FOOT)
    # The table comes first: details may have what it leaves, and a third at least.
    for_tables = _Room(room.left * 2 // 3 if details else room.left)
    before = for_tables.left
    tables = {severity: _table(active, severity, for_tables) for severity in reversed(Severity)}
    room.left -= before - for_tables.left
    shown_rows = sum(rows for _, rows in tables.values())
    parts, explained = [head], 0
    for severity, (text, rows) in tables.items():
        if not rows:
            continue
        parts.append(text)
        if details:
            group = [finding for finding in active if finding.severity is severity][:rows]
            fold, number = _advice(group, room)
            explained += number
            parts.append(fold)
    if details:
        parts.append(_signed(report, room))
    parts.append(_foot(len(active) - shown_rows, shown_rows - explained if details else 0))
    return "\n".join(part for part in parts if part)


def _head(report: Report) -> str:
    counts = ", ".join(_counted(report.number_of(severity), severity.label) for severity in reversed(Severity))
    verdict = counts if report.active else "no drift"
    if report.incomplete:
        verdict = f"incomplete ({verdict})"
    lines = [f"## driftcheck: {verdict}", ""]
    if report.active:
        lines.append("There is unapproved drift: beta and production differ, or one of them is wrong.")
    elif not report.incomplete:
        lines.append("There is no unapproved drift.")
    if report.incomplete:
        number = len(report.incomplete)
        lines += [f"{_counted(number, 'place')} could not be read or evaluated, so the list may not be complete:", ""]
        for hole in report.incomplete[:_MAX_HOLES]:
            where = f" {code(place(hole.span), 200)}" if hole.span is not None else ""
            lines.append(f"- {code(hole.reason, _MAX_MESSAGE)}{where}")
        if number > _MAX_HOLES:
            lines.append(f"- and {number - _MAX_HOLES} more")
    not_counted = _not_counted(report)
    if not_counted:
        lines += ["", f"Not counted: {not_counted}."]
    if read := inputs.words(report):
        lines += ["", code(read, _MAX_MESSAGE)]
    return "\n".join(lines) + "\n"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _not_counted(report: Report) -> str:
    kinds = ((Waived, "waived"), (Baselined, "in the baseline"), (Preexisting, "existing before"))
    counts = ((sum(isinstance(finding.disposition, kind) for finding in report.findings), text) for kind, text in kinds)
    return ", ".join(f"{number} {text}" for number, text in counts if number)


def _table(active: Sequence[Finding], severity: Severity, room: _Room) -> tuple[str, int]:
    """The table of a severity, as far as it fits, and its number of rows."""
    group = [finding for finding in active if finding.severity is severity]
    start = f"### {severity.label.capitalize()}s ({len(group)})\n\n{_HEADER}"
    if not group or not room.take(start):
        return "", 0
    rows: list[str] = []
    for finding in group:
        row = _row(finding)
        if not room.take(row):
            # What is less severe is not told before what is more so.
            room.left = 0
            break
        rows.append(row)
    return start + "".join(rows), len(rows)


def _row(finding: Finding) -> str:
    more = len(finding.wikis) - _WIKIS_SHOWN
    wikis = " ".join(code(name, 40) for name in finding.wikis[:_WIKIS_SHOWN]) + (
        f" and {more} more" if more > 0 else ""
    )
    cells = [
        finding.rule.id,
        code(title(finding), _MAX_NAME),
        wikis,
        _side(finding, finding.production),
        _side(finding, finding.beta),
    ]
    return f"| {' | '.join(cells)} |\n"


def _side(finding: Finding, side: Side) -> str:
    if side.value is MISSING and side.span is None:
        return ""
    known = side.value is not MISSING
    value = code(shown(side.value, _MAX_VALUE), _MAX_VALUE) if known else "absent" if finding.rule.compares else ""
    where = f"at {code(place(side.span, 100), 120)}" if side.span is not None else ""
    return " ".join(filter(None, (value, where)))


def _advice(group: Iterable[Finding], room: _Room) -> tuple[str, int]:
    """What the findings of one severity say and what to do about each rule, as far as it fits."""
    start, end = "<details>\n<summary>Details, and what to do</summary>\n", "\n</details>\n"
    if not room.take(start + end):
        return "", 0
    by_rule: dict[str, list[Finding]] = {}
    for finding in group:
        by_rule.setdefault(finding.rule.id, []).append(finding)
    parts, number = [start], 0
    for rule, findings in by_rule.items():
        intro = f"\n**{_prose(rule)}**: {_prose(findings[0].rule.fix)}\n\n"
        if not room.take(intro):
            break
        parts.append(intro)
        for finding in findings:
            also = "".join(f", also {code(place(other.span, 100), 120)}" for other in finding.related[:_WIKIS_SHOWN])
            if finding.owner is not None:
                also += f", owner {code(' '.join(filter(None, finding.owner)), _MAX_NAME)}"
            item = f"- {code(title(finding), _MAX_NAME)}: {code(finding.message, _MAX_MESSAGE)}{also}, `{finding.fingerprint}`\n"
            item += "".join(
                f"  - {code(line, _MAX_MESSAGE)}\n" for line in difference(finding.production.value, finding.beta.value)
            )
            if finding.brought is not None:
                item += f"  - since {code(finding.brought.words, _MAX_MESSAGE)}\n"
            if not room.take(item):
                return "".join([*parts, end]), number
            parts.append(item)
            number += 1
    return "".join([*parts, end]), number


def _signed(report: Report, room: _Room) -> str:
    """The findings that do not count, each with the reason."""
    held = [finding for finding in report.findings if not finding.active]
    start, end = "<details>\n<summary>What is not counted, and why</summary>\n\n", "\n</details>\n"
    if not held or not room.take(start + end):
        return ""
    parts = [start]
    for finding in held[:_MAX_SIGNED]:
        item = f"- {finding.rule.id} {code(title(finding), _MAX_NAME)}: {code(standing(finding.disposition), _MAX_MESSAGE)}\n"
        if not room.take(item):
            break
        parts.append(item)
    more = f"- and {len(held) - len(parts) + 1} more\n" if len(parts) - 1 < len(held) else ""
    return "".join([*parts, more, end])


def _foot(left: int, bare: int) -> str:
    if not left and not bare:
        return ""
    said = [f"{_counted(left, 'finding')} left out"] if left else []
    if bare:
        said.append(f"{bare} above without details")
    return f"This is as much as fits: {', '.join(said)}. Run `driftcheck check` to see all.\n"


def code(text: str, limit: int) -> str:
    """Text from outside in a code span. A backtick would end it and a bar the cell, in every parser another way."""
    held = short(text, limit).replace("`", "\\x60").replace("|", "\\x7c")
    return f"`{held}`" if held.strip() else "(empty)"


def _prose(text: str) -> str:
    """A sentence of ours, in which punctuation stands for itself."""
    return _PUNCTUATION.sub(lambda match: f"\\{match[0]}", text)
