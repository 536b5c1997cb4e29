"""Reports, findings and effective values of a tree in memory."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from driftcheck.core.model import Realm
from driftcheck.engine import Options, Run, check
from driftcheck.layers.extension import profiles
from driftcheck.report import jsonreport
from support import FIXTURES
from support.trees import DATE, MemoryTree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftcheck.core.finding import Finding, Report
    from driftcheck.core.model import Missing, Result


def run_on(
    files: Mapping[str, str | bytes],
    *,
    date: str = DATE,
    profile: str = "ores",
    settings: Sequence[str] = (),
    extension_dir: str | None = None,
    statistics: str | None = None,
) -> Run:
    """A run over a tree in memory; ``statistics`` names a folder of fixtures."""
    from driftcheck.statistics.tables import Folder

    source = None if statistics is None else Folder.at(str(FIXTURES / statistics))
    return Run(
        MemoryTree(files, date),
        Options(profiles.load(profile, settings), None, extension_dir, statistics=source),
    )


def report_on(files: Mapping[str, str | bytes], **options: Any) -> Report:
    """The report on a tree in memory."""
    return check(run_on(files, **options))


def judged(files: Mapping[str, str | bytes], today: str = "2020-01-01", **options: Any) -> Report:
    """The report on a tree in memory, with the waivers of its comments applied on a day."""
    from driftcheck.judging import waivers
    from driftcheck.layers.registry import RULES

    report = report_on(files, **options)
    snapshot = MemoryTree(files)
    sources = [
        waivers.Written("extension", source) for path in report.files if (source := snapshot.read(path)) is not None
    ]
    return replace(report, findings=waivers.apply(report.findings, waivers.read(None, sources, RULES), today))


def findings_of(report: Report, rule: str) -> list[Finding]:
    """The findings of one rule."""
    return [finding for finding in report.findings if finding.rule.id == rule]


def effective(
    files: Mapping[str, str | bytes],
    setting: str,
    realm: Realm = Realm.PRODUCTION,
    until: str = "arrays",
    **options: Any,
) -> dict[str, Result | Missing]:
    """A setting on each wiki of a realm after a stage."""
    side = run_on(files, settings=[setting], **options).realm(realm, until)
    return {wiki.dbname: side.value(setting, number, until) for number, wiki in enumerate(side.wikis)}


def document(report: Report) -> dict[str, Any]:
    """The report as a reader of its JSON has it."""
    return json.loads(jsonreport.render(report))
