"""Reports, findings and effective values of a tree in memory."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from driftcheck.core.model import Realm
from driftcheck.engine import check
from driftcheck.layers.base import Options
from driftcheck.layers.extension import profiles
from driftcheck.layers.extension.read import Run
from driftcheck.report import jsonreport
from support import FIXTURES
from support.trees import DATE, MemoryTree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftcheck.core.finding import Finding
    from driftcheck.core.model import Missing, Result
    from driftcheck.core.report import Report


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
    return Run(MemoryTree(files, date), options(profile, settings, extension_dir, statistics))


def options(
    profile: str = "ores",
    settings: Sequence[str] = (),
    extension_dir: str | None = None,
    statistics: str | None = None,
) -> Options:
    """What to evaluate; ``statistics`` names a folder of fixtures."""
    from driftcheck.statistics.tables import Folder

    source = None if statistics is None else Folder.at(str(FIXTURES / statistics))
    return Options(profiles.load(profile, settings), None, extension_dir, statistics=source)


def report_on(files: Mapping[str, str | bytes], **options: Any) -> Report:
    """The report on a tree in memory."""
    return check(run_on(files, **options))


def judged(files: Mapping[str, str | bytes], today: str = "2020-01-01", **options: Any) -> Report:
    """The report on a tree in memory, with the waivers of its comments applied on a day."""
    from driftcheck.engine import would_find
    from driftcheck.judging import judge, waivers
    from driftcheck.layers.registry import RULES

    run = run_on(files, **options)
    report = check(run)
    sources = [waivers.Written(run.layer, source) for source in run.sources(report)]
    return judge.signed(report, None, sources, RULES, today, partial(would_find, {run.layer: run}))


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
