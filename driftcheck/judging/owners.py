"""Whose finding it is: the table of teams in the configuration file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.finding import Owner
from driftcheck.core.globs import among
from driftcheck.core.model import InputError
from driftcheck.core.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftcheck.core.finding import Finding
    from driftcheck.core.report import Report


def owned(report: Report, table: Sequence[Mapping[str, Any]], teams: Sequence[str]) -> Report:
    """The report, each finding with its owner; with ``teams`` only theirs. Raises InputError for a team without a row."""
    known = [row["team"] for row in table]
    for team in teams:
        if team not in known:
            more = nearest(team, known) or "; the rows of owners in driftcheck.yaml name the teams"
            raise InputError(f"{team}: no such team{more}")
    findings = (
        (finding._replace(owner=_owner(finding, table)) for finding in report.findings) if table else report.findings
    )
    kept = tuple(one for one in findings if not teams or (one.owner is not None and one.owner.team in teams))
    return report._replace(findings=kept)


def _owner(finding: Finding, table: Sequence[Mapping[str, Any]]) -> Owner | None:
    """The first row that names the finding's setting or extension; a row that names neither is for everything."""
    for row in table:
        settings, extensions = row.get("settings", ()), row.get("extensions", ())
        everything = not settings and not extensions
        if everything or among(finding.setting, settings) or among(finding.extension, extensions):
            return Owner(row["team"], row.get("contact", ""))
    return None
