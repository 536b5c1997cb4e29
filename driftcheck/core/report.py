"""The report of a run, and what is taken out of one: what renderers are functions of."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core.disposition import Waived
from driftcheck.core.finding import Side, most_severe_first
from driftcheck.core.globs import among
from driftcheck.core.model import Hole
from driftcheck.core.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from driftcheck.core.finding import Finding, Held
    from driftcheck.core.model import Span


class SnapshotInfo(NamedTuple):
    """What was read for one realm of one layer."""

    layer: str
    realm: str
    path: str
    revision: str


class Expected(NamedTuple):
    """A row of the profile, in words, with the settings whose differences it explains and how many values of wikis."""

    row: str
    reason: str
    settings: tuple[str, ...]
    values: int


class Circumstances(NamedTuple):
    """How a command made a report: the profile, the day of the extension's defaults, and what it was compared with."""

    profile: str = ""
    day: str = ""
    since: tuple[str, ...] = ()
    baseline: str = ""


class Report(NamedTuple):
    """The result of a run. Renderers are functions of it."""

    findings: tuple[Finding, ...]
    incomplete: tuple[Hole, ...]
    snapshots: tuple[SnapshotInfo, ...]
    coverage: dict[str, int]
    files: tuple[str, ...] = ()
    """The files of the configuration that were evaluated: inline waivers are looked for in them."""
    counted: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    """The wikis, or services, behind numbers of ``coverage``, by the number's name."""
    circumstances: Circumstances = Circumstances()
    expected: tuple[Expected, ...] = ()
    """What the profile's rows expected to differ."""

    @property
    def active(self) -> tuple[Finding, ...]:
        """The findings that count."""
        return tuple(finding for finding in self.findings if finding.active)

    def number_of(self, severity: Severity) -> int:
        """How many findings of a severity count."""
        return sum(finding.severity is severity for finding in self.active)

    @property
    def waived(self) -> int:
        """How many findings a waiver covers."""
        return sum(isinstance(finding.disposition, Waived) for finding in self.findings)


def narrowed(report: Report, wikis: Sequence[str], select: Sequence[str], ignore: Sequence[str]) -> Report:
    """Only the findings of some wikis and rules (globs); a finding keeps those of its wikis that were asked for.

    So do the numbers of coverage. A value that is not known still makes the run incomplete where its rule was not selected.
    """
    if not (wikis or select or ignore):
        return report

    def asked(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(name for name in names if not wikis or among(name, wikis))

    within = [
        finding._replace(wikis=names, values=_of_wikis(finding.values, asked))
        for finding in report.findings
        if not among(finding.rule.id, ignore) and ((names := asked(finding.wikis)) or not finding.wikis)
    ]
    kept = tuple(finding for finding in within if not select or among(finding.rule.id, select))
    counted = {name: asked(names) for name, names in report.counted.items()}
    coverage = report.coverage | {name: len(names) for name, names in counted.items()}
    open_ones = _without(report.incomplete, report.findings, within)
    if wikis and not kept and "wikis_compared" in counted and not counted["wikis_compared"]:
        open_ones += (Hole(f"nothing to compare: no wiki of {', '.join(wikis)} is compared in both realms", None),)
    return report._replace(findings=kept, incomplete=open_ones, coverage=coverage, counted=counted)


def _of_wikis(values: Iterable[Held], asked: Callable[[Iterable[str]], tuple[str, ...]]) -> tuple[Held, ...]:
    """The values of the wikis that were asked for."""
    return tuple(held._replace(wikis=names) for held in values if (names := asked(held.wikis)))


def settled(report: Report) -> Report:
    """The report without the holes that somebody accepted: those of findings that do not count."""
    return report._replace(incomplete=_without(report.incomplete, report.findings, report.active))


def _without(holes: tuple[Hole, ...], findings: Iterable[Finding], counting: Iterable[Finding]) -> tuple[Hole, ...]:
    """The holes that are no finding's, or one's that counts."""
    gone = {finding.hole for finding in findings} - {finding.hole for finding in counting}
    return tuple(hole for hole in holes if hole not in gone)


def severe(report: Report, least: str) -> Report:
    """The report without the findings that are less severe than that."""
    kept = tuple(finding for finding in report.findings if finding.severity >= Severity[least.upper()])
    return report._replace(findings=kept)


def at_revision(report: Report, old: str, new: str) -> Report:
    """The report with each place of one revision named as the same place of another that has the same file."""

    def moved(span: Span | None) -> Span | None:
        return span._replace(revision=new) if span is not None and span.revision == old else span

    def side(old: Side) -> Side:
        return Side(old.value, moved(old.span), tuple(step._replace(span=moved(step.span)) for step in old.steps))

    findings = tuple(
        finding._replace(
            production=side(finding.production),
            beta=side(finding.beta),
            related=tuple(place._replace(span=moved(place.span) or place.span) for place in finding.related),
        )
        for finding in report.findings
    )
    incomplete = tuple(hole._replace(span=moved(hole.span)) for hole in report.incomplete)
    return report._replace(findings=findings, incomplete=incomplete)


def reweighed(report: Report, severities: Mapping[str, str]) -> Report:
    """The findings with other severities for some rules, the most severe first."""
    if not severities:
        return report
    findings = (
        finding._replace(rule=finding.rule._replace(severity=Severity[severities[finding.rule.id].upper()]))
        if finding.rule.id in severities
        else finding
        for finding in report.findings
    )
    return report._replace(findings=tuple(most_severe_first(findings)))
