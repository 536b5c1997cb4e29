"""The report as one page: every finding with its lines, then a matrix of wikis and settings. It needs no network.

All content is in the HTML; the script only filters. Whatever comes from outside is made visible, cut and escaped on its
way into the template, and style and script are allowed by their hashes alone.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias

from driftcheck.core.disposition import Active, Baselined, Preexisting, Waived
from driftcheck.core.finding import assert_never
from driftcheck.core.severity import Severity
from driftcheck.layers import LAYERS
from driftcheck.layers.extension.pages.shape import UNDETERMINED
from driftcheck.report.difference import difference
from driftcheck.report.escape import held, shown, told
from driftcheck.report.page import matrix as matrices
from driftcheck.report.page.excerpts import Files
from driftcheck.report.page.matrix import Matrix, matrix_of
from driftcheck.report.page.template import hashed, part, template
from driftcheck.report.page.text import MAX_LINE, cut, differing, pretty
from driftcheck.report.page.wikis import WikiNames
from driftcheck.report.table import SIGN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from driftcheck.core.disposition import Disposition
    from driftcheck.core.finding import Finding, Side
    from driftcheck.core.report import Report

__all__ = ["Matrix", "matrix_of", "render"]

View: TypeAlias = "dict[str, Any]"

_PRE = re.compile(r"<pre\b[^>]*>[^<]*(?:<(?!/pre>)[^<]*)*</pre>")
_MAX_INLINE = 1_000_000  # characters of source beside the findings; beyond it they stand once, at the end
_MAX_CHAINS = 80_000  # characters of provenance on a page whose sources stand at the end
_MAX_RELATED = 6
_MOST_VALUES, _MOST_WIKIS, _LONGEST_VALUE = 60, 12, 120
_FIRST = 3  # findings told at the top


def render(report: Report, matrix: Matrix, sources: Callable[[str, str], bytes | None]) -> str:
    """The page. ``sources`` gives the bytes of a path at a revision, or None."""
    style, script = part("page.css"), part("page.js")
    findings = _in_order(report.findings)
    links = _ids(findings)
    files = Files(sources)
    places = [side.span for finding in findings for side in (finding.production, finding.beta) if side.span]
    apart = sum(files.size(span) for span in places) > _MAX_INLINE
    listings = files.listings(places) if apart else []
    names = WikiNames(findings, matrix)
    views = [_finding(*item, names, files, apart=apart) for item in zip(findings, links, strict=True)]
    page = template("page.html.j2").render(
        style=style,
        script=script,
        style_hash=hashed(style),
        script_hash=hashed(script),
        **_glance(report, matrix),
        tables=list(matrices.tables(matrix, findings, [anchor for _, anchor, _ in links])),
        cells=matrices.counted(matrix),
        quiet=matrices.quiet(matrix),
        rows=len(matrix.rows),
        first=[view for view, finding in zip(views, findings, strict=True) if finding.active][:_FIRST],
        sign=SIGN.strip().partition(": ")[2],
        groups=_groups(views, "rule"),
        extensions=_groups(views, "extension") if _of_many(findings) else [],
        expected=report.expected,
        apart=apart,
        omitted=_thinned(views, _MAX_CHAINS if apart else _MAX_INLINE),
        total=len(findings),
        listings=listings,
        data=names.data(),
    )
    # Quotes need no escape in text, and PHP and JSON are full of them; attributes have double quotes alone around them.
    return _PRE.sub(lambda found: found[0].replace("&#34;", '"'), page.replace("&#39;", "'"))


def _glance(report: Report, matrix: Matrix) -> View:
    """What the top of the page says."""
    states = Counter(finding.disposition.state for finding in report.findings)
    counts = [(severity.label, report.number_of(severity)) for severity in reversed(Severity)]
    tone, verdict = _verdict(report)
    read: dict[tuple[str, str, str], list[str]] = {}
    for info in report.snapshots:
        read.setdefault((info.layer, info.path, info.revision), []).append(info.realm)
    holes = [(hole.reason, str(hole.span) if hole.span else "") for hole in report.incomplete]
    return {"tone": tone, "verdict": verdict, "counts": counts, "states": states, "coverage": report.coverage,
            "read": [(*key, realms) for key, realms in read.items()], "day": matrix.day, "holes": holes, "circumstances": report.circumstances}  # fmt: skip


def _verdict(report: Report) -> tuple[str, str]:
    """The tone and the words. What was not read, or is not known, is never "no drift"."""
    states = {finding.disposition.state for finding in report.findings}
    if report.incomplete:
        return ("bad", "Drift, and incomplete") if report.active else ("warn", "Incomplete: no verdict")
    if report.active:
        return ("bad", "Drift") if report.number_of(Severity.ERROR) else ("warn", "Drift, no errors")
    if not any(layer.compares(report.coverage) for layer in LAYERS):
        return ("warn", "No wiki was compared")
    if any(finding.rule.id == UNDETERMINED.id for finding in report.findings):
        return ("warn", "No new drift, but some values are unknown")
    if states:
        return ("good", "All drift is approved" if states == {"waived"} else "No new drift")
    return ("good", "No drift")


def _in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The findings of a rule together, rules in the order of their first finding; of many extensions by extension and setting."""
    findings = list(findings)
    many = _of_many(findings)
    groups: dict[str, dict[str, list[Finding]]] = {}
    for finding in findings:
        first, second = (finding.extension, finding.setting) if many else (finding.rule.id, "")
        groups.setdefault(first, {}).setdefault(second, []).append(finding)
    last = groups.pop("", {}) if many else {}
    return [finding for group in (*groups.values(), last) for some in group.values() for finding in some]


def _of_many(findings: Iterable[Finding]) -> bool:
    """Whether the findings are of several extensions."""
    return len({finding.extension for finding in findings if finding.extension}) > 1


def _ids(findings: Sequence[Finding]) -> list[tuple[int, str, str]]:
    """For each finding its number, its anchor, which is the same tomorrow, and its fingerprint."""
    out, taken = [], set()
    for number, finding in enumerate(findings, 1):
        mark = finding.fingerprint
        anchor = f"f{mark[:10]}" if mark[:10] not in taken else f"f{mark[:10]}-{number}"
        taken.add(mark[:10])
        out.append((number, anchor, mark))
    return out


def _groups(views: Iterable[View], name: str) -> list[View]:
    """The findings by rule, or by extension."""
    groups: dict[str, View] = {}
    for view in views:
        rule = view["rule"]
        group = {"rule": rule, "extension": view["extension"], "severity": rule.severity.label}
        key = rule.id if name == "rule" else view[name]
        groups.setdefault(key, {**group, "index": len(groups) + 1, "findings": []})["findings"].append(view)
    return list(groups.values())


def _values(finding: Finding) -> list[View]:
    """The pairs of values, each with its wikis; the first are the sides' own."""
    return [
        {
            "wikis": ", ".join(one.wikis[:_MOST_WIKIS]),
            "more": max(0, len(one.wikis) - _MOST_WIKIS),
            "production": shown(one.production, _LONGEST_VALUE),
            "beta": shown(one.beta, _LONGEST_VALUE),
        }
        for one in finding.values[:_MOST_VALUES]
    ]


# -- findings --------------------------------------------------------------------------------------------------------


def _finding(finding: Finding, link: tuple[int, str, str], names: WikiNames, files: Files, *, apart: bool) -> View:
    number, anchor, mark = link
    left, right = (pretty(side.value) if held(finding, side) else [] for side in (finding.production, finding.beta))
    sides = [("production", finding.production, left, right), ("beta", finding.beta, right, left)]
    if not finding.rule.compares:
        parts = {role for role, _ in told(finding)}
        sides = [side for side in sides if side[0] in parts]
    more = len(finding.related) - _MAX_RELATED
    related = ", ".join(str(place.span) for place in finding.related[:_MAX_RELATED])
    return {
        "number": number, "anchor": anchor, "fingerprint": mark, "rule": finding.rule,
        "name": f"{finding.setting}.{finding.path}" if finding.path else finding.setting,
        "layer": finding.layer, "message": finding.message, "extension": finding.extension,
        "owner": " ".join(filter(None, finding.owner)) if finding.owner is not None else "",
        "severity": finding.severity.label, "variants": _values(finding), "pairs": len(finding.values),
        "wikis": names.of(finding.wikis, number, anchor),
        "sides": [_side(role, side, finding.setting, files, apart=apart) | differing(value, other) for role, side, value, other in sides],
        "difference": difference(finding.production.value, finding.beta.value),
        "brought": finding.brought.words if finding.brought is not None else "",
        "related": f"{related} and {more} more" if more > 0 else related,
        "state": finding.disposition.state, "signed": _signed(finding.disposition),
    }  # fmt: skip


def _side(role: str, side: Side, setting: str, files: Files, *, apart: bool) -> View:
    span = side.span
    listing = files.anchor(span) if span else ""
    return {
        "role": role,
        "place": "" if span is None else f"{span.path.rpartition('/')[2] if apart else span.path}:{span.line}",
        "revision": span.revision[:10] if span and not files.has(span) else "",
        "lines": files.excerpt(span) if span and not apart else [],
        "listing": listing if apart else "",
        "chain": _chain(side, setting),
    }


def _thinned(views: Iterable[View], left: int) -> int:
    """How many chains of steps a page leaves out, the last ones, so that a browser can open it."""
    omitted = 0
    for side in (side for view in views for side in view["sides"] if side["chain"]):
        left -= len(side["chain"])
        if left < 0:
            side["chain"] = ""
            omitted += 1
    return omitted


def _chain(side: Side, setting: str) -> str:
    """The steps on one line, a place only where it is new, the setting's name not again."""
    path, last, out = side.span.path if side.span else "", side.span, []
    for step in side.steps:
        words = [step.op.value, cut(step.via.removeprefix(setting), MAX_LINE)]
        if step.span is not None and step.span != last:
            words.append(f":{step.span.line}" if step.span.path == path else str(step.span))
        out.append(" ".join(filter(None, words)))
        last = step.span or last
    return " \u2192 ".join(out)


def _signed(held: Disposition) -> list[tuple[str, str]]:
    match held:
        case Active():
            words = []
        case Waived(waiver):
            words = [("reason", waiver.reason), ("owner", waiver.owner), ("until", waiver.until), ("task", waiver.task)]
            words = [*((label, text) for label, text in words if text), ("written in", str(waiver.span))]
        case Baselined(path):
            words = [("in the baseline", path)]
        case Preexisting(revision):
            words = [("already in", revision)]
        case _:
            assert_never(held)
    return words
