"""Two reports of one configuration compared by fingerprint: what is new, what is gone, what became of the rest."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driftcheck import __version__
from driftcheck.core.characters import json_text
from driftcheck.core.model import InputError
from driftcheck.core.resources import schema
from driftcheck.core.severity import Severity
from driftcheck.report.escape import listed, short

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

VERSION = 1
_REPORT = 1
_MOST = 1000
_ACTIVE = "active"
_STATES = (_ACTIVE, "preexisting", "baselined", "waived")
_TAKEN = ("rule", "severity", "layer", "setting", "path", "message", "fingerprint")


@dataclass(frozen=True, slots=True)
class TrendEntry:
    """One fingerprint in one report. A finding that is waived on some wikis only stands there twice: it is one entry."""

    facts: dict[str, str]
    wikis: tuple[str, ...]
    state: str

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return Severity[self.facts["severity"].upper()]


@dataclass(frozen=True, slots=True)
class Day:
    """A report as a trend needs it."""

    entries: dict[str, TrendEntry]
    revisions: tuple[str, ...]
    incomplete: int


@dataclass(frozen=True, slots=True)
class Trend:
    """What became of findings between two reports; ``changed`` and ``still`` are (before, after)."""

    before: Day
    after: Day
    new: tuple[TrendEntry, ...]
    gone: tuple[TrendEntry, ...]
    changed: tuple[tuple[TrendEntry, TrendEntry], ...]
    still: tuple[tuple[TrendEntry, TrendEntry], ...]

    def counts_now(self, least: Severity) -> bool:
        """Whether a finding of that severity counts that did not count before."""
        arrived = [*self.new, *(after for _, after in self.changed)]
        return any(entry.state == _ACTIVE and entry.severity >= least for entry in arrived)


def compare(before: Day, after: Day) -> Trend:
    """The trend from one report to the next."""
    both = [(before.entries[key], entry) for key, entry in after.entries.items() if key in before.entries]
    return Trend(
        before,
        after,
        _ordered(entry for key, entry in after.entries.items() if key not in before.entries),
        _ordered(entry for key, entry in before.entries.items() if key not in after.entries),
        tuple(pair for pair in both if pair[0].state != pair[1].state),
        tuple(pair for pair in both if pair[0].state == pair[1].state),
    )


def _ordered(entries: Iterable[TrendEntry]) -> tuple[TrendEntry, ...]:
    return tuple(sorted(entries, key=lambda entry: (-entry.severity, *entry.facts.values())))


def read(name: str, content: bytes) -> Day:
    """A report, version 1. Raises InputError for a file that is none."""
    again = "driftcheck check --format json --output report.json writes one"
    try:
        document = json.loads(content)
        version = document.get("version") if isinstance(document, dict) else None
        if isinstance(version, int) and version > _REPORT:
            raise InputError(f"{name}: version {version} of a report; this driftcheck reads version {_REPORT}")
        fault = _fault(document)
    except (ValueError, RecursionError):
        raise InputError(f"{name}: not JSON that can be read; {again}") from None
    if fault:
        raise InputError(f"{name}: not a driftcheck report: {fault}; {again}")
    by_key: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for finding in sorted(document["findings"], key=lambda row: list(map(row.__getitem__, _TAKEN))):
        by_key[finding["fingerprint"]].append(finding)
    revisions = dict.fromkeys(snapshot["revision"] for snapshot in document["snapshots"])
    entries = sorted(map(_entry, by_key.values()), key=lambda entry: (-entry.severity, *entry.facts.values()))
    return Day({entry.facts["fingerprint"]: entry for entry in entries}, tuple(revisions), len(document["incomplete"]))


def _fault(document: object) -> str:
    """Where a document leaves the schema, and how; empty if it does not."""
    import jsonschema_rs

    validator = jsonschema_rs.Draft202012Validator(schema("report-v1"))
    error = next(validator.iter_errors(document), None)
    if error is None:
        return ""
    place = ".".join(map(str, error.instance_path))
    return short(f"{place}: {error.message}" if place else error.message, 160)


def _entry(rows: Sequence[dict[str, Any]]) -> TrendEntry:
    states = [row["disposition"]["state"] for row in rows]
    return TrendEntry(
        {name: rows[0][name] for name in _TAKEN},
        tuple(sorted({wiki for row in rows for wiki in row["wikis"]})),
        min(states, key=_STATES.index),
    )


def table(trend: Trend) -> str:
    """The trend for people: what moved, line by line, and one line that counts."""
    blocks = [
        _block("new", [_line(entry) for entry in trend.new]),
        _block("gone", [_line(entry) for entry in trend.gone]),
        _block("changed", [f"{_line(after)}  {was.state} -> {after.state}" for was, after in trend.changed]),
        _block("on other wikis", [_line(after) + moved for was, after in trend.still if (moved := _moved(was, after))]),
    ]
    holes = [
        f"incomplete: {when} report has {day.incomplete} place(s) that could not be evaluated; "
        "findings there may look new or gone\n"
        for when, day in (("the old", trend.before), ("the new", trend.after))
        if day.incomplete
    ]
    return "\n".join([*filter(None, blocks), *holes, _summary(trend)])


def _block(title: str, lines: list[str]) -> str:
    shown = lines[:_MOST]
    if len(lines) > _MOST:
        shown.append(f"  {len(lines) - _MOST} more; --format json has them all")
    return "\n".join([f"{title} ({len(lines)})", *shown]) + "\n" if lines else ""


def _line(entry: TrendEntry) -> str:
    facts = entry.facts
    name = f"{facts['setting']}.{facts['path']}" if facts["path"] else facts["setting"]
    mark = "" if entry.state == _ACTIVE else f"  ({entry.state})"
    wikis = f"  {listed(entry.wikis, 3)}" if entry.wikis else ""
    return f"  {facts['severity']:<7}  {facts['rule']}  {short(name, 200)}{wikis}{mark}"


def _moved(was: TrendEntry, now: TrendEntry) -> str:
    parts = [(sign, names) for sign, names in zip("+-", _wikis_moved(was, now), strict=True) if names]
    return "".join(f"  {sign}{len(names)}: {listed(names, 3)}" for sign, names in parts)


def _wikis_moved(was: TrendEntry, now: TrendEntry) -> tuple[list[str], list[str]]:
    """The wikis that a finding reaches since, and those that it no longer does."""
    old, new = set(was.wikis), set(now.wikis)
    return sorted(new - old), sorted(old - new)


def _summary(trend: Trend) -> str:
    counts = (f"{len(rows)} {name}" for name, rows in _sections(trend))
    return f"{', '.join(counts)}\n"


def _sections(trend: Trend) -> tuple[tuple[str, Sequence[object]], ...]:
    return ("new", trend.new), ("gone", trend.gone), ("changed", trend.changed), ("still", trend.still)


def render_json(trend: Trend) -> str:
    """The trend as JSON, version 1 (schemas/trend-v1.schema.json)."""
    document = {
        "version": VERSION,
        "tool": {"name": "driftcheck", "version": __version__},
        "reports": {"old": _day(trend.before), "new": _day(trend.after)},
        "new": [_row(entry) for entry in trend.new],
        "gone": [_row(entry) for entry in trend.gone],
        "changed": [_pair(*pair) for pair in trend.changed],
        "still": [_pair(*pair) for pair in trend.still],
        "summary": {name: len(rows) for name, rows in _sections(trend)},
    }
    return json_text(document, indent=2)


def _day(day: Day) -> dict[str, Any]:
    return {"revisions": list(day.revisions), "findings": len(day.entries), "incomplete": day.incomplete}


def _row(entry: TrendEntry) -> dict[str, Any]:
    return {**entry.facts, "wikis": list(entry.wikis), "state": entry.state}


def _pair(was: TrendEntry, now: TrendEntry) -> dict[str, Any]:
    arrived, left = _wikis_moved(was, now)
    return {**_row(now), "state_before": was.state, "wikis_arrived": arrived, "wikis_left": left}
