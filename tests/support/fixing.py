"""Patches made of trees in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck import engine
from driftcheck.core.globs import among
from driftcheck.core.model import Realm
from driftcheck.judging import judge
from driftcheck.judging.waivers import DEFAULT_FILE, Written
from driftcheck.layers.base import Opened
from driftcheck.layers.registry import RULES
from driftcheck.repair.fixing import Fixed, fixed
from support.reports import options
from support.trees import MemoryTree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftcheck.core.report import Report
    from driftcheck.layers.base import Reading
    from driftcheck.snapshot import Snapshot


def fix(
    files: Mapping[str, str | bytes],
    *rules: str,
    profile: str = "ores",
    production: bool = False,
    date: str = "2017-11-20",
) -> Fixed:
    """What is proved for the findings of some rules (globs), or of all."""
    tree = MemoryTree(files, date)
    report, readings, name = _read(tree, profile, {})
    wanted = [finding for finding in report.active if not rules or among(finding.rule.id, rules)]
    assert wanted, sorted({finding.rule.id for finding in report.findings})

    def again(edited: Snapshot, same_production: bool) -> tuple[Report, Reading]:
        report, after, _ = _read(edited, profile, readings)
        if same_production:
            after[name].known = readings[name].production
        return report, after[name]

    return fixed(tree, readings[name], report, wanted, again, production=production)


def _read(tree: Snapshot, profile: str, like: Mapping[str, Reading]) -> tuple[Report, dict[str, Reading], str]:
    layer = engine.recognised(tree)
    sides = {layer.name: dict.fromkeys(Realm, Opened(tree, "."))}
    readings = engine.read(sides, options(profile), like)
    report = engine.check(*readings.values())
    sources = [Written(name, source) for name, reading in readings.items() for source in reading.sources(report)]
    file = tree.read(DEFAULT_FILE)
    written = None if file is None else Written(layer.name, file)
    return judge.signed(report, written, sources, RULES, "2020-01-01", lambda *_: True), readings, layer.name
