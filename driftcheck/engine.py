"""From what was read to a report: each layer's rules, their drafts joined to findings, one order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.causes import join
from driftcheck.core.finding import ordered
from driftcheck.core.report import Report, SnapshotInfo, at_revision
from driftcheck.layers import LAYERS
from driftcheck.layers.registry import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftcheck.core.finding import Rule
    from driftcheck.core.model import Realm
    from driftcheck.layers.base import Layer, Opened, Options, Reading
    from driftcheck.snapshot import Snapshot


def recognised(tree: Snapshot) -> Layer:
    """The layer whose configuration a tree is; what none recognises is taken for the first's."""
    return next((layer for layer in LAYERS if layer.recognises(tree)), LAYERS[0])


def read(
    sides: Mapping[str, Mapping[Realm, Opened]], options: Options, like: Mapping[str, Reading]
) -> dict[str, Reading]:
    """What each of these layers has, by its name. Raises InputError where a layer cannot be read.

    ``like`` is what was read of trees that are nearly the same; what is of the very same trees is taken over.
    """
    readings: dict[str, Reading] = {}
    for layer in LAYERS:
        if layer.name in sides:
            known = like.get(layer.name)
            same = known is not None and known.sides == sides[layer.name]
            readings[layer.name] = known if known and same else layer.read(sides[layer.name], options, known)
    return readings


def would_find(readings: Mapping[str, Reading], rule: Rule, setting: str) -> bool:
    """Whether a run looks at all that a rule can say about a setting, or a glob of settings."""
    asked = [readings[layer] for layer in rule.layers if layer in readings]
    return not rule.layers or any(reading.would_find(rule, setting, readings) for reading in asked)


def check(*readings: Reading) -> Report:
    """Every finding of what was read, the most severe first."""
    beside = {reading.layer: reading for reading in readings}
    reports = [_checked(reading, beside) for reading in readings]
    return Report(
        tuple(ordered((finding for report in reports for finding in report.findings), RULES)),
        tuple(hole for report in reports for hole in report.incomplete),
        tuple(info for report in reports for info in report.snapshots),
        {name: count for report in reports for name, count in report.coverage.items()},
        tuple(path for report in reports for path in report.files),
        {name: names for report in reports for name, names in report.counted.items()},
        expected=tuple(row for report in reports for row in report.expected),
    )


def _checked(reading: Reading, beside: Mapping[str, Reading]) -> Report:
    """The report on one layer, beside the others."""
    drafts = reading.drafts(beside)
    with reading.stage("compare"):
        joined = join(drafts)
        names = {name: reading.belongs(name) for name in {finding.setting for finding in joined}}
        findings = ordered((finding._replace(extension=names[finding.setting]) for finding in joined), RULES)
    report = Report(
        tuple(findings),
        tuple(dict.fromkeys(reading.incomplete(findings))),
        tuple(
            SnapshotInfo(reading.layer, realm.value, side.path, side.tree.revision)
            for realm, side in reading.sides.items()
        ),
        reading.coverage(),
        reading.files,
        reading.counted(),
        expected=reading.expected(),
    )
    if reading.read_as is None:
        return report
    return at_revision(report, reading.read_as, report.snapshots[0].revision)
