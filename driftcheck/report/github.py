"""The report as GitHub workflow commands, and as the step summary that holds what does not fit.

GitHub shows ten annotations of a kind a step and drops the rest without a word (docs.github.com, "Workflow commands").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.finding import most_severe_first
from driftcheck.core.severity import Severity
from driftcheck.report import inputs
from driftcheck.report.escape import held, reach, relative, short, since, title, told

if TYPE_CHECKING:
    from driftcheck.core.finding import Finding
    from driftcheck.core.report import Report

LIMIT = 10
# A step's summary may have 1 MiB.
SUMMARY_LIMIT = 1_000_000
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_MAX_TITLE = 200
_MAX_MESSAGE = 1000
_MAX_VALUE = 200


def render(report: Report) -> str:
    """At most ten commands, the most severe first, and a notice that says how many findings more there are."""
    active = most_severe_first(report.active)
    most = LIMIT
    lines = [read] if (read := inputs.words(report)) else []
    if report.incomplete:
        lines.append(_incomplete(report))
        most -= 1
    if len(active) > most and active[0].severity is Severity.NOTE:
        # The closing notice is one of the ten notices.
        most -= 1
    lines += [_finding(finding) for finding in active[:most]]
    if len(active) > most:
        text = f"{len(active) - most} more findings; the step summary and the other formats have them all."
        lines.append(_command("notice", {"title": "driftcheck"}, text))
    return "".join(f"{line}\n" for line in lines)


def summary(report: Report, taken: int = 0) -> str:
    """Markdown for the step summary, with every finding that counts; ``taken`` bytes of it are another's already."""
    from driftcheck.report import markdown

    return markdown.render(report, limit=SUMMARY_LIMIT - taken, details=False)


def _finding(finding: Finding) -> str:
    properties: dict[str, str] = {}
    if finding.locations:
        span = finding.locations[0].span
        line = max(1, span.line)
        properties = {
            "file": short(relative(span.path), 1000),
            "line": str(line),
            "endLine": str(max(line, span.end_line)),
        }
    properties["title"] = f"{finding.rule.id}: {title(finding, _MAX_TITLE)}"
    lines = [short(finding.message, _MAX_MESSAGE)]
    lines += [f"{role}: {value}" for role, side in told(finding) if (value := held(finding, side, _MAX_VALUE))]
    lines += [reach(finding), since(finding, _MAX_MESSAGE), f"next: {finding.rule.fix}"]
    return _command(_COMMANDS[finding.severity], properties, "\n".join(filter(None, lines)))


def _incomplete(report: Report) -> str:
    first = short(report.incomplete[0].reason, _MAX_MESSAGE)
    more = f" (and {len(report.incomplete) - 1} more)" if len(report.incomplete) > 1 else ""
    return _command("error", {"title": "driftcheck: incomplete"}, f"could not be read or evaluated: {first}{more}")


def _command(name: str, properties: dict[str, str], message: str) -> str:
    """A command as the runner reads it back (actions/toolkit, packages/core/src/command.ts: escapeData, escapeProperty)."""
    held = ",".join(f"{key}={_data(text).replace(':', '%3A').replace(',', '%2C')}" for key, text in properties.items())
    return f"::{name} {held}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
