"""How old findings are, as far as a store of ``driftcheck history`` knows: nothing is evaluated for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.history import store
from driftcheck.history.blame import matching

if TYPE_CHECKING:
    from driftcheck.core.finding import Finding
    from driftcheck.core.kept import Kept
    from driftcheck.core.report import Report
    from driftcheck.history.states import Fact
    from driftcheck.history.store import Ledger
    from driftcheck.layers.base import Options


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
