"""The report as JUnit XML, in the dialect of Jenkins' xUnit plugin (junit-10.xsd), which GitLab reads too.

A suite is a layer and a case a finding. A finding that makes the run fail is a failure; any other is skipped, with why:
JUnit has no severities, and Jenkins takes one failure for an unstable build. A report with nothing to say has one case that passes: readers take a file
without cases for a run that collected nothing.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from driftcheck.core.severity import Severity
from driftcheck.report import inputs
from driftcheck.report.escape import held, listed, place, reach, short, since, standing, title, told

if TYPE_CHECKING:
    from driftcheck.core.finding import Finding
    from driftcheck.core.model import Hole
    from driftcheck.core.report import Report

_MAX_MESSAGE = 1000
_MAX_VALUE = 2000
_WIKIS_IN_NAME = 3
_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def render(report: Report, fails: Severity | None = Severity.ERROR) -> str:
    """The report as an XML document; ``fails`` is the lowest severity that makes the run fail, None where none does. Every text in it went through :func:`visible`, which leaves only what XML allows."""
    root = ET.Element("testsuites", name="driftcheck")
    names: Counter[str] = Counter()
    suites: dict[str, ET.Element] = {}
    for finding in report.findings:
        suite = suites.get(finding.layer)
        if suite is None:
            suite = suites[finding.layer] = ET.SubElement(root, "testsuite", name=short(finding.layer, 100))
        _case(suite, finding, names, fails)
    if report.incomplete:
        suite = ET.SubElement(root, "testsuite", name="incomplete")
        for hole in report.incomplete:
            _hole(suite, hole, names)
    if not len(root):
        suite = ET.SubElement(root, "testsuite", name="driftcheck")
        ET.SubElement(suite, "testcase", classname="driftcheck", name="no drift")
    _count(root)
    if read := inputs.words(report):
        for suite in root:
            properties = ET.Element("properties")
            ET.SubElement(properties, "property", name="read", value=read)
            suite.insert(0, properties)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _case(suite: ET.Element, finding: Finding, names: Counter[str], fails: Severity | None) -> None:
    name = f"{title(finding)} [{listed(finding.wikis, _WIKIS_IN_NAME)}]"
    case = _new_case(suite, finding.rule.id, name, names)
    message = short(finding.message, _MAX_MESSAGE)
    if not finding.active:
        ET.SubElement(case, "skipped", message=standing(finding.disposition))
        return
    lines = [message]
    for role, side in told(finding):
        parts = [held(finding, side, _MAX_VALUE), place(side.span) if side.span is not None else ""]
        lines.append(f"{role}: {'  '.join(filter(None, parts))}")
    lines += [
        reach(finding),
        since(finding, _MAX_MESSAGE),
        f"next: {finding.rule.fix}",
        f"fingerprint: {finding.fingerprint}",
    ]
    text = "\n".join(filter(None, lines))
    if fails is not None and finding.severity >= fails:
        ET.SubElement(case, "failure", type=finding.severity.label, message=message).text = text
        return
    ET.SubElement(case, "skipped", message=f"{finding.severity.label}, which does not make the run fail: {message}")
    ET.SubElement(case, "system-out").text = text


def _hole(suite: ET.Element, hole: Hole, names: Counter[str]) -> None:
    where = place(hole.span) if hole.span is not None else "(no place)"
    reason = short(hole.reason, _MAX_MESSAGE)
    case = _new_case(suite, "incomplete", f"{short(hole.reason, 200)} [{where}]", names)
    ET.SubElement(case, "error", type="incomplete", message=reason).text = f"{reason}\nplace: {where}"


def _new_case(suite: ET.Element, classname: str, name: str, names: Counter[str]) -> ET.Element:
    """A case with a name of its own: readers keep one case a class and name."""
    key = f"{suite.get('name')}\n{classname}\n{name}"
    names[key] += 1
    unique = name if names[key] == 1 else f"{name} ({names[key]})"
    return ET.SubElement(suite, "testcase", classname=classname, name=unique)


def _count(root: ET.Element) -> None:
    totals: Counter[str] = Counter()
    for suite in root:
        counts = {"tests": len(suite)} | {
            key: sum(case.find(tag) is not None for case in suite) for key, tag in _COUNTED.items()
        }
        totals.update(counts)
        for key, number in counts.items():
            suite.set(key, str(number))
    # The schema has no count of skipped cases on the root.
    for key in ("tests", "failures", "errors"):
        root.set(key, str(totals[key]))
