"""Findings have owners: the first row that names the setting or the extension."""

from __future__ import annotations

import pytest
from support.reports import report_on
from support.trees import tree

from driftcheck.core.finding import Owner
from driftcheck.core.model import InputError
from driftcheck.judging.owners import owned

TABLE = [
    {"team": "Growth", "contact": "#growth", "extensions": ["GrowthExperiments"]},
    {"team": "Popups", "settings": ["wgPopups*"]},
    {"team": "Rest"},
]


def test_a_finding_has_the_owner_of_the_first_row_that_names_it():
    files = tree(
        "'wgPopupsX' => [ 'default' => 1 ],\n'wgGEDesktop' => [ 'default' => 1 ],\n'wgZ' => [ 'default' => 1 ],",
        "'wgPopupsX' => [ 'default' => 2 ],\n'wgGEDesktop' => [ 'default' => 2 ],\n'wgZ' => [ 'default' => 2 ],",
    )
    report = report_on(files, profile="all")
    findings = tuple(
        one._replace(extension="GrowthExperiments" if one.setting == "wgGEDesktop" else "")
        for one in report.findings
        if one.rule.id == "setting-drift"
    )
    report = report._replace(findings=findings)
    owners = {one.setting: one.owner for one in owned(report, TABLE, ()).findings}
    assert owners == {
        "wgPopupsX": Owner("Popups"),
        "wgGEDesktop": Owner("Growth", "#growth"),
        "wgZ": Owner("Rest"),
    }
    assert [one.setting for one in owned(report, TABLE, ("Growth",)).findings] == ["wgGEDesktop"]
    with pytest.raises(InputError, match="did you mean Growth"):
        owned(report, TABLE, ("Grwoth",))
