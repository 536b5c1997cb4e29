"""For each rule what may remove its findings, and why nothing may where a person has to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.disposition import Active
from driftcheck.core.model import InputError
from driftcheck.repair import settings, yamlfiles

if TYPE_CHECKING:
    from driftcheck.core.finding import Finding
    from driftcheck.repair.proposals import Files, Proposal


def proposed(finding: Finding, files: Files) -> tuple[list[Proposal], str]:
    """What may remove a finding, in the order in which it is tried; without any, why."""
    assert isinstance(finding.disposition, Active)
    rule = finding.rule.id
    if rule not in settings.MAKERS and rule not in yamlfiles.MAKERS:
        return [], f"no mechanical remedy: {finding.rule.fix}"
    make = settings.proposals if rule in settings.MAKERS else yamlfiles.MAKERS[rule]
    try:
        found = list(make(finding, files))
    except InputError as error:
        return [], str(error)
    return found, "" if found else "no line of the tree to edit: the value is not written in a way that can be edited"
