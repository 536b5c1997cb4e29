"""The report for people: one block for each finding, with both places and what to do next. It can be read without colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.severity import Severity
from driftcheck.layers import LAYERS
from driftcheck.report import inputs
from driftcheck.report.difference import difference
from driftcheck.report.escape import held, listed, place, short, shown, title, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftcheck.core.finding import Finding, Side
    from driftcheck.core.report import Report

_COLOURS = {Severity.ERROR: "31;1", Severity.WARNING: "33;1", Severity.NOTE: "36"}
_MIN_WIDTH, _MAX_WIDTH = 50, 110
_LABEL_WIDTH = 12
_MAX_RELATED = 3
_MOST = 1000
_MOST_WIKIS = 48  # four lines; the machine formats have them all
_LONGEST = 2000
_LONGEST_ROW = 160
_MOST_VALUES, _MOST_NAMED, _LONGEST_VALUE = 5, 6, 80
SHORT = 10
"""How many characters of a fingerprint are shown."""
SIGN = "To suppress a finding, put a comment on its line: // driftcheck: allow RULE until YYYY-MM-DD (TASK, OWNER): REASON\n"
WAIVE = (
    "or run: driftcheck waive FINGERPRINT (at the end of its first line) --until DAY --owner OWNER --reason REASON\n"
)


def render(report: Report, *, width: int = 100, colour: bool = False, verbose: bool = False) -> str:
    """The whole report, as wide as the terminal allows."""
    room = max(_MIN_WIDTH, min(width, _MAX_WIDTH))
    shown_findings = report.active[:_MOST]
    blocks = [_block(finding, room, colour=colour, verbose=verbose) for finding in shown_findings]
    if len(report.active) > _MOST:
        blocks.append(f"{len(report.active) - _MOST} more findings are not shown here; --format json has them all.\n")
    if report.incomplete:
        lines = [
            f"  {short(hole.reason, _LONGEST)}{f'  {place(hole.span)}' if hole.span else ''}"
            for hole in report.incomplete
        ]
        title = _painted("incomplete", "35;1", colour=colour)
        blocks.append("\n".join([f"{title}  this could not be read or evaluated:", *lines]) + "\n")
    if verbose and report.expected:
        blocks.append(_expected(report, room))
    if report.active:
        blocks += [SIGN + WAIVE]
    if read := inputs.words(report):
        blocks.append(_wrapped(read, room))
    return "\n".join([*blocks, summary(report)]) + "\n"


def _wrapped(text: str, width: int) -> str:
    import textwrap

    return textwrap.fill(text, width, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False) + "\n"


def _expected(report: Report, width: int) -> str:
    """How many differences each row of the profile explains."""
    lines = [
        _wrapped(
            f"  {row.values} of {_counted(len(row.settings), 'setting')}: {row.reason} ({short(row.row, _LONGEST_ROW)})",
            width,
        )
        for row in report.expected
    ]
    return "expected  values that the profile's rows explain:\n" + "".join(lines)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def summary(report: Report) -> str:
    """One line: what was found, and in how much."""
    counts = [f"{report.number_of(s)} {s.label}{'s' if report.number_of(s) != 1 else ''}" for s in reversed(Severity)]
    looked = ", ".join(told for layer in LAYERS if (told := layer.told(report.coverage))) or "nothing compared"
    others = len(report.findings) - len(report.active) - report.waived
    signed = f"; {report.waived} waived" if report.waived else ""
    signed += f"; {others} not counted, existing before" if others else ""
    missing = f"; incomplete: {len(report.incomplete)}" if report.incomplete else ""
    return f"{', '.join(counts)}; {looked}{signed}{missing}"


def _block(finding: Finding, width: int, *, colour: bool, verbose: bool) -> str:
    name = title(finding)
    severity = _painted(finding.severity.label, _COLOURS[finding.severity], colour=colour)
    head = f"{severity}  {finding.rule.id}  {name}  {finding.fingerprint[:SHORT]}"
    rows = [["", short(finding.message, _LONGEST)]]
    if finding.wikis:
        rows.append([f"wikis ({len(finding.wikis)})", listed(finding.wikis, most=_MOST_WIKIS)])
    rows += [[label, _side(finding, side)] for label, side in told(finding)]
    rows += [
        ["" if number else "difference", line]
        for number, line in enumerate(difference(finding.production.value, finding.beta.value))
    ]
    rows += _values(finding)
    if finding.owner is not None:
        rows.append(["owner", short(" ".join(filter(None, finding.owner)), _LONGEST)])
    if verbose:
        score = finding.score
        recent = f", recent {score.recent}" if finding.age is not None else ""
        parts = f"kind {score.kind}, reach {score.reach}, stricter {score.stricter}{recent}"
        rows.append(["score", f"{score.total}: {parts}"])
    if finding.related:
        more = len(finding.related) - _MAX_RELATED
        places = ", ".join(place(where.span) for where in finding.related[:_MAX_RELATED])
        rows.append(["also" if finding.wikis else "at", f"{places}{f' and {more} more' if more > 0 else ''}"])
    if finding.brought is not None:
        rows.append(["since", short(finding.brought.words, _LONGEST)])
    rows.append(["next", finding.rule.fix])
    return "\n".join([head, *_columns(rows, width - _LABEL_WIDTH - 4), ""])


def _columns(rows: Sequence[Sequence[str]], room: int) -> Iterator[str]:
    """Labels with their texts beside them, line by line.

    A path or an address that is longer than the line stays whole, so that it can be copied. (tabulate breaks them at their
    hyphens, takes seconds for a thousand wikis, and to load it is a thirtieth of a whole run.)
    """
    import textwrap

    wrapper = textwrap.TextWrapper(room, break_on_hyphens=False, break_long_words=False)
    wide = max(len(label) for label, _ in rows)
    for label, text in rows:
        first, *more = wrapper.fill(text).strip().split("\n")
        yield f"  {label:<{wide}}  {first}".rstrip()
        yield from (f"  {'':<{wide}}  {line}".rstrip() for line in more)


def _values(finding: Finding) -> list[list[str]]:
    """The other values that wikis have, a line each."""
    lines = [
        f"{listed(other.wikis, most=_MOST_NAMED)}: {shown(other.production, _LONGEST_VALUE)} in production, "
        f"{shown(other.beta, _LONGEST_VALUE)} in beta"
        for other in finding.values[1 : 1 + _MOST_VALUES]
    ]
    if (more := len(finding.values) - 1 - _MOST_VALUES) > 0:
        lines.append(f"and {_counted(more, 'other pair')} of values")
    return [["" if number else "elsewhere", line] for number, line in enumerate(lines)]


def _side(finding: Finding, side: Side) -> str:
    where = place(side.span) if side.span is not None else ""
    return f"{held(finding, side, 200)}  {where}".strip()


def _painted(text: str, code: str, *, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text
