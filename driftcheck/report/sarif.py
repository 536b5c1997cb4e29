"""The report as SARIF 2.1.0 (OASIS, errata 01), within what GitHub code scanning takes.

GitHub reads one location a result, refuses a file with a result that has none (github/codeql-action#1738) or with an
empty string in it, keeps 25,000 results a run, and tells results apart by
``partialFingerprints.primaryLocationLineHash`` (docs.github.com, "SARIF support for code scanning").
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from driftcheck import __version__
from driftcheck.core.characters import json_with
from driftcheck.core.disposition import Baselined, Preexisting, Waived
from driftcheck.report import inputs
from driftcheck.report.escape import held, place, reach, relative, short, standing, title, told
from driftcheck.report.jsonreport import brought
from driftcheck.report.rulepage import page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftcheck.core.disposition import Disposition
    from driftcheck.core.finding import Finding, Location, Rule, Side
    from driftcheck.core.model import Hole, Span
    from driftcheck.core.report import Report

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MAX_RESULTS = 25_000
# GitHub shows 100 locations a result and cuts a rule's descriptions at 1,024 characters.
_MAX_RELATED = 100
_MAX_STEPS = 100
_MAX_DESCRIPTION = 1024
_MAX_MESSAGE = 1000
_MAX_VALUE = 300
_ROOT = "%SRCROOT%"
_PLACEHOLDER = re.compile(r"\{(\d+)\}")


def render(report: Report) -> str:
    """The report as one SARIF log with one run, a result a line."""
    findings = report.findings
    if len(findings) > MAX_RESULTS:
        findings = tuple(sorted(findings, key=lambda finding: (not finding.active, -finding.severity))[:MAX_RESULTS])
    rules = {finding.rule.id: finding.rule for finding in findings}
    notifications = [_notification(hole) for hole in report.incomplete]
    if len(findings) < len(report.findings):
        left = f"{len(report.findings) - len(findings)} results are left out: code scanning takes {MAX_RESULTS}."
        notifications.append({"level": "warning", "message": {"text": left}})
    run = {
        "tool": {
            "driver": {
                "name": "driftcheck",
                "version": __version__,
                "rules": [_rule(rule) for rule in rules.values()],
            }
        },
        "invocations": [
            {"executionSuccessful": not report.incomplete, "toolExecutionNotifications": notifications},
        ],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        **({"properties": {"read": read}} if (read := inputs.words(report)) else {}),
        "results": [],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json_with(log, "results", _results(findings, list(rules), frozenset(report.files)))


def _rule(rule: Rule) -> dict[str, Any]:
    text = page(rule)
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.summary[:_MAX_DESCRIPTION]},
        "fullDescription": {"text": rule.why[:_MAX_DESCRIPTION]},
        "help": {
            "text": "\n".join(line for line in text.split("\n") if not line.startswith("```")),
            "markdown": text,
        },
        "defaultConfiguration": {"level": rule.severity.label},
    }


def _results(findings: Sequence[Finding], rules: Sequence[str], files: frozenset[str]) -> Iterator[dict[str, Any]]:
    index = {rule: number for number, rule in enumerate(rules)}
    # Both properties are to be on every result of a run or on none (3.27.23 and 3.27.24).
    ratchet = any(isinstance(finding.disposition, (Baselined, Preexisting)) for finding in findings)
    waivers = any(isinstance(finding.disposition, Waived) for finding in findings)
    seen: Counter[str] = Counter()
    for finding in findings:
        fingerprint = finding.fingerprint
        seen[fingerprint] += 1
        result = _result(finding) | {
            "ruleIndex": index[finding.rule.id],
            "partialFingerprints": {
                "primaryLocationLineHash": f"{fingerprint}:{seen[fingerprint]}",
                "driftcheck/v1": fingerprint,
            },
        }
        if ratchet:
            known = isinstance(finding.disposition, (Baselined, Preexisting))
            result["baselineState"] = "unchanged" if known else "new"
        if waivers:
            result["suppressions"] = _suppressions(finding.disposition, files)
        yield result


def _result(finding: Finding) -> dict[str, Any]:
    first, *others = finding.locations or (None,)
    related = others[:_MAX_RELATED]
    values = {role: _plain(value) for role, side in told(finding) if (value := held(finding, side, _MAX_VALUE))}
    numbers: dict[str, int] = {}
    for number, other in enumerate(related, 1):
        if other is not None:
            numbers.setdefault(other.role, number)
    out: dict[str, Any] = {
        "ruleId": finding.rule.id,
        "level": finding.severity.label,
        "message": {"text": _message(finding, values, numbers)},
        "locations": [_location(first.span if first is not None else None)],
    }
    if related:
        out["relatedLocations"] = [
            _related(other, values, number) for number, other in enumerate(related, 1) if other is not None
        ]
    properties: dict[str, Any] = {}
    if finding.owner is not None:
        properties |= {"extension": finding.extension, "owner": finding.owner._asdict()}
    if finding.brought is not None:
        properties["brought"] = brought(finding.brought)
    if properties:
        out["properties"] = properties
    flows = [flow for role, side in told(finding) if (flow := _flow(side, role))]
    if flows:
        out["codeFlows"] = flows
    return out


def _message(finding: Finding, values: dict[str, str], numbers: dict[str, int]) -> str:
    """What differs, both values and the wikis; a side that is a related location is a link to it, as GitHub wants."""
    lines = [_plain(": ".join(filter(None, (title(finding), short(finding.message, _MAX_MESSAGE)))))]
    for role, value in values.items():
        label = f"[{role}]({numbers[role]})" if role in numbers else role
        lines.append(f"{label}: {value}")
    lines.append(_plain(reach(finding)))
    return "\n".join(filter(None, lines))


def _plain(text: str) -> str:
    """Text that is neither an embedded link (3.11.6) nor a placeholder (3.11.5).

    The standard doubles every brace. Viewers replace ``{0}`` alone and undouble nothing, so only that is doubled:
    JSON values stay readable.
    """
    return _PLACEHOLDER.sub(r"{{\1}}", text).replace("](", "]\\(")


def _related(other: Location, values: dict[str, str], number: int) -> dict[str, Any]:
    text = f"{other.role} has {values[other.role]} here" if other.role in values else "part of the same finding"
    return _location(other.span) | {"id": number, "message": {"text": text}}


def _flow(side: Side, role: str) -> dict[str, Any] | None:
    """How a side's value came to be, a path of its own as GitHub shows one; steps without a place have none to go to."""
    placed = [step for step in side.steps if step.span is not None]
    if not placed:
        return None
    # The last steps are those that decided.
    steps = [
        {"location": _location(step.span) | {"message": {"text": _step(role, step.op.value, step.via)}}}
        for step in placed[-_MAX_STEPS:]
    ]
    return {
        "message": {"text": f"How {role} came to have its value."},
        "threadFlows": [{"id": role, "locations": steps}],
    }


@functools.lru_cache(maxsize=1024)
def _step(role: str, operation: str, via: str) -> str:
    return _plain(f"{role}: {operation} {short(via, 100)}".rstrip())


def _suppressions(held: Disposition, files: frozenset[str]) -> list[dict[str, Any]]:
    """A waiver, in the configuration itself (one of ``files``) or beside it. GitHub shows the result all the same."""
    if not isinstance(held, Waived):
        return []
    return [
        {
            "kind": "inSource" if held.waiver.span.path in files else "external",
            "status": "accepted",
            "justification": standing(held),
            "location": _location(held.waiver.span),
        }
    ]


@functools.lru_cache(maxsize=1024)  # steps share their places; nobody writes into what this answers
def _location(span: Span | None) -> dict[str, Any]:
    """A place; the repository's root where there is none, for GitHub refuses the whole file otherwise."""
    if span is None:
        return {"physicalLocation": {"artifactLocation": {"uri": ".", "uriBaseId": _ROOT}}}
    line, column = max(1, span.line), max(1, span.column)
    end_line = max(line, span.end_line)
    region = {
        "startLine": line,
        "startColumn": column,
        "endLine": end_line,
        "endColumn": max(column if end_line == line else 1, span.end_column),
    }
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(span.path), "uriBaseId": _ROOT}, "region": region}}


@functools.lru_cache(maxsize=1024)
def _uri(path: str) -> str:
    """A relative reference: a colon or a backslash in a file's name is no scheme and no separator."""
    path = relative(path)
    try:
        return quote(path.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return quote(path.encode("utf-8", "surrogatepass"))


def _notification(hole: Hole) -> dict[str, Any]:
    where = f" ({_plain(place(hole.span))})" if hole.span is not None else ""
    out: dict[str, Any] = {
        "level": "error",
        "message": {"text": f"could not be read or evaluated{where}: {_plain(short(hole.reason, _MAX_MESSAGE))}"},
    }
    if hole.span is not None:
        out["locations"] = [_location(hole.span)]
    return out
