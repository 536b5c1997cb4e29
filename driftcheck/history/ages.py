"""How old findings are, as far as a store of ``driftcheck history`` knows: nothing is evaluated for it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from driftcheck.core.finding import ordered
from driftcheck.history import store
from driftcheck.history.facts import matching
from driftcheck.layers.registry import RULES

if TYPE_CHECKING:
    from driftcheck.core.finding import Finding
    from driftcheck.core.kept import Kept
    from driftcheck.core.report import Report
    from driftcheck.history.facts import Fact
    from driftcheck.history.store import Ledger
    from driftcheck.layers.base import Options


def aged(report: Report, options: Options, kept: Kept | None, day: str) -> Report:
    """The report, of a tree of a day, with the ages of its findings, in the order that they make; the same where the store knows none."""
    known = ages(report, options, kept)
    if not known:
        return report
    findings = [one._replace(age=_days(known.get(one.fingerprint, ""), day)) for one in report.findings]
    return report._replace(findings=tuple(ordered(findings, RULES)))


def _days(moment: str, day: str) -> int | None:
    """How many days there are from a moment to a day; None where one of them is not known."""
    if not moment or not day:
        return None
    return max(0, (dt.date.fromisoformat(day[:10]) - dt.date.fromisoformat(moment[:10])).days)


def ages(report: Report, options: Options, kept: Kept | None) -> dict[str, str]:
    """When findings began (ISO 8601), by fingerprint; those of which the store knows no beginning are left out."""
    tip = next((info.revision for info in report.snapshots), "")
    ledger = store.load(kept, store.name_of(options)) if kept is not None and tip else store.Ledger()
    if tip not in ledger.parents:
        return {}
    changed = _changed(tip, ledger)
    began = {finding.fingerprint: _began(finding, changed, ledger) for finding in report.findings}
    return {mark: moment for mark, moment in began.items() if moment}


def _changed(tip: str, ledger: Ledger) -> list[str]:
    """The commits up to a revision at which something began or ended, the newest first."""
    found, name = [], tip
    while name in ledger.parents:
        if name in ledger.changes:
            found.append(name)
        name = ledger.parents[name]
    return found


def _began(finding: Finding, changed: list[str], ledger: Ledger) -> str:
    """The first of the commits at which what stands of a finding now began; empty where there is none."""
    settled: set[Fact] = set()
    first = ""
    for name in changed:
        change = ledger.changes[name]
        if new := matching(finding, change.began) - settled:
            first = ledger.commits[name].moment
            settled |= new
        settled |= matching(finding, change.ended)
    return first
