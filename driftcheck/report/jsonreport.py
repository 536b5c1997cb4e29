"""The report as JSON, version 1: the contract that scripts rely on (schemas/report-v1.schema.json)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck import __version__
from driftcheck.core.characters import json_with
from driftcheck.core.disposition import Active, Baselined, Preexisting, Waived
from driftcheck.core.finding import assert_never, json_value
from driftcheck.core.model import MISSING
from driftcheck.core.severity import Severity

if TYPE_CHECKING:
    from driftcheck.core.disposition import Brought, Disposition
    from driftcheck.core.finding import Finding, Held, Location, Side
    from driftcheck.core.model import Span, Step
    from driftcheck.core.report import Circumstances, Report

VERSION = 1
_MAX_TEXT = 100_000


def render(report: Report) -> str:
    """The report as a JSON document with one finding a line, so that two reports can be compared by eye."""
    frame = {
        "version": VERSION,
        "tool": {"name": "driftcheck", "version": __version__},
        "snapshots": [
            {"layer": s.layer, "realm": s.realm, "path": s.path, "revision": s.revision} for s in report.snapshots
        ],
        **_circumstances(report.circumstances),
        "findings": [],
        "incomplete": [
            {"reason": hole.reason} | ({"path": hole.span.path, "line": hole.span.line} if hole.span else {})
            for hole in report.incomplete
        ],
        "coverage": report.coverage,
        **({"expected": [row._asdict() for row in report.expected]} if report.expected else {}),
        "summary": {severity.label: report.number_of(severity) for severity in reversed(Severity)}
        | {"waived": report.waived},
    }
    return json_with(_bounded(frame), "findings", map(finding, report.findings), indent=2)


def _circumstances(held: Circumstances) -> dict[str, Any]:
    """How the report was made; what plays no part is left out."""
    named = {"profile": held.profile, "extension_day": held.day, "since": list(held.since), "baseline": held.baseline}
    return {key: text for key, text in named.items() if text}


def finding(held: Finding) -> dict[str, Any]:
    """A finding as every published document has it."""
    out: dict[str, Any] = {
        "rule": held.rule.id,
        "severity": held.severity.label,
        "layer": held.layer,
        "setting": held.setting,
        "path": held.path,
        "wikis": list(held.wikis),
        "message": held.message,
    }
    for role, side in (("production", held.production), ("beta", held.beta)):
        if side.value is not MISSING:
            out[role] = json_value(side.value)
    if held.values:
        out["values"] = [_values(one) for one in held.values]
    out["locations"] = [_location(place) for place in held.locations]
    out["provenance"] = {"production": _steps(held.production), "beta": _steps(held.beta)}
    parts = held.score._asdict()
    if held.age is None:
        del parts["recent"]
    out["score"] = {"total": held.score.total, **parts}
    if held.extension:
        out["extension"] = held.extension
    if held.owner is not None:
        out["owner"] = held.owner._asdict()
    out["disposition"] = disposition(held.disposition)
    out["fingerprint"] = held.fingerprint
    if held.brought is not None:
        out["brought"] = brought(held.brought)
    # A name of a wiki is never long, and there may be millions of them.
    return {key: item if key == "wikis" else _bounded(item) for key, item in out.items()}


def _values(held: Held) -> dict[str, Any]:
    out: dict[str, Any] = {"wikis": list(held.wikis)}
    for role, value in (("production", held.production), ("beta", held.beta)):
        if value is not MISSING:
            out[role] = json_value(value)
    return out


def _bounded(held: Any) -> Any:  # noqa: ANN401 - JSON
    """The same with every text that is too long for a report cut, and saying so."""
    if isinstance(held, str):
        return held if len(held) <= _MAX_TEXT else f"{held[:_MAX_TEXT]}... (cut: {len(held)} characters)"
    if isinstance(held, dict):
        return {_bounded(key): _bounded(item) for key, item in held.items()}
    return [_bounded(item) for item in held] if isinstance(held, list) else held


def brought(held: Brought) -> dict[str, Any]:
    """The commit that brought a finding."""
    return {
        "revision": held.revision,
        "date": held.moment,
        "side": held.side or None,
        "task": held.tasks[0] if held.tasks else None,
        "tasks": list(held.tasks),
        "subject": held.subject,
        "overlay_stayed": held.overlay_stayed,
        "older": held.older,
    }


def disposition(held: Disposition) -> dict[str, Any]:
    """What became of a finding, with what explains it."""
    out: dict[str, Any] = {"state": held.state}
    match held:
        case Active():
            pass
        case Waived(waiver):
            out |= {"reason": waiver.reason, "owner": waiver.owner, "until": waiver.until, "task": waiver.task,
                    "path": waiver.span.path, "line": waiver.span.line}  # fmt: skip
        case Baselined(path):
            out["path"] = path
        case Preexisting(revision):
            out["revision"] = revision
        case _:
            assert_never(held)
    return out


def _location(held: Location) -> dict[str, Any]:
    return place(held.role, held.span)


def place(role: str, span: Span) -> dict[str, Any]:
    """A place as every published document has it; the role says whose it is."""
    return {
        "role": role,
        "path": span.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "revision": span.revision,
    }


def _steps(side: Side) -> list[dict[str, Any]]:
    return [_step(step) for step in side.steps]


def _step(step: Step) -> dict[str, Any]:
    out: dict[str, Any] = {"op": step.op.value, "via": step.via}
    if step.span is not None:
        out |= {"path": step.span.path, "line": step.span.line}
    return out
