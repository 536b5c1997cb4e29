"""The examples on the pages of the rules, as trees and as reports."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftcheck.core.model import Realm
from support.reports import judged, run_on
from support.trees import MemoryTree, tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftcheck.core.finding import Example, Finding, Report


def example_tree(example: Example) -> dict[str, bytes]:
    """The tree that an example of a rule describes."""
    return tree(
        example.production,
        example.beta,
        example.common or None,
        example.common_labs or None,
        wikis=example.wikis,
        beta_wikis=example.beta_wikis,
    )


def example_report(example: Example) -> Report:
    """The report on an example, of all the layers that it has files for."""
    extension = judged(example_tree(example), date=example.date, statistics=example.statistics)
    if not (example.files or example.files_beta):
        return extension
    if not example.production:
        extension = replace(extension, findings=(), incomplete=())
    return replace(extension, findings=(*extension.findings, *service_findings(example), *liftwing_findings(example)))


OVERLAY_FOLDER = "etc/ores"


def service_findings(example: Example) -> list[Finding]:
    """What an ORES service has to hear: alone, between the realms, and against an extension that is on."""
    from driftcheck.core.causes import join
    from driftcheck.layers.service import read as ores
    from driftcheck.layers.service import rules as service

    sides = {}
    for realm, files in zip(Realm, (example.files, example.files_beta), strict=True):
        snapshot = MemoryTree(dict(files))
        if ores.is_service(snapshot):
            sides[realm] = ores.load(snapshot, overlay=snapshot, overlay_folder=OVERLAY_FOLDER)
    drafts = [draft for realm, config in sides.items() for draft in service.single(config, realm)]
    if len(sides) == 2:
        drafts += service.between(*sides.values())
    if example.production:
        comparison = run_on(example_tree(example), date=example.date).comparison
        drafts += [draft for realm, config in sides.items() for draft in service.missing(comparison, realm, config)]
    return join(drafts)


def liftwing_findings(example: Example) -> list[Finding]:
    """What Lift Wing's values have to hear."""
    return findings_on(dict(example.files))


def findings_on(files: Mapping[str, str]) -> list[Finding]:
    """The findings on a tree of deployment-charts."""
    from driftcheck.core.causes import join
    from driftcheck.layers.liftwing import read as liftwing
    from driftcheck.layers.liftwing import rules

    charts = liftwing.load(MemoryTree(files))
    assert not charts.holes
    return join(rules.drafts(charts))
