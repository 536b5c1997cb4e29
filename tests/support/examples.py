"""The examples on the pages of the rules, as trees and as reports."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from driftcheck import engine
from driftcheck.core.model import Realm
from driftcheck.judging import judge
from driftcheck.judging.waivers import Written
from driftcheck.layers.base import Opened
from driftcheck.layers.extension.profiles import load
from driftcheck.layers.registry import RULES
from support.reports import options
from support.trees import MemoryTree, tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftcheck.core.finding import Example, Finding
    from driftcheck.core.report import Report


def example_tree(example: Example) -> dict[str, bytes]:
    """The tree that an example of a rule describes."""
    return tree(
        example.production,
        example.beta,
        example.common or None,
        example.common_labs or None,
        wikis=example.wikis,
        beta_wikis=example.beta_wikis,
        tags={name: wikis for name, wikis in example.lists if not name.endswith("-labs")},
        labs_tags={name.removesuffix("-labs"): wikis for name, wikis in example.lists if name.endswith("-labs")},
    )


def example_report(example: Example, today: str = "2020-01-01") -> Report:
    """The report on an example, of all the layers that it has files for, with the waivers of its comments."""
    sides: dict[str, dict[Realm, Opened]] = {}
    for realm, files in zip(Realm, (example.files, example.files_beta), strict=True):
        if files:
            opened = Opened(MemoryTree(dict(files)), realm.value)
            layer = engine.recognised(opened.tree)
            whole = all(len(beside.realms) > 1 for beside in layer.beside)
            sides.setdefault(layer.name, {}).update(dict.fromkeys(Realm if whole else [realm], opened))
    if example.production or not sides:
        opened = Opened(MemoryTree(example_tree(example), example.date), ".")
        sides["extension"] = dict.fromkeys(Realm, opened)
    asked = options(statistics=example.statistics)
    if example.profile:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "profile.yaml")
            path.write_text(example.profile, "utf-8")
            asked = asked._replace(profile=load(str(path)))
    readings = engine.read(sides, asked, {})
    report = engine.check(*readings.values())
    sources = [Written(name, source) for name, reading in readings.items() for source in reading.sources(report)]
    return judge.signed(report, None, sources, RULES, today, partial(engine.would_find, readings))


def findings_on(files: Mapping[str, str]) -> list[Finding]:
    """The findings on a tree of deployment-charts."""
    sides = {"liftwing": dict.fromkeys(Realm, Opened(MemoryTree(files), "."))}
    report = engine.check(*engine.read(sides, options(), {}).values())
    assert not report.incomplete
    return list(report.findings)
