"""Rules, findings, and what became of them."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, NoReturn, TypeAlias

from driftcheck.core.globs import among
from driftcheck.core.model import MISSING, Hole, Input, Parts, Realm, Unknown, plain
from driftcheck.core.ranking import Score, score
from driftcheck.core.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from driftcheck.core.model import Missing, Result, Span, Step


@dataclass(frozen=True, slots=True)
class Example:
    """Lines of configuration that a rule's page shows and the tests run.

    ``production`` and ``beta`` are settings of InitialiseSettings.php and its labs overlay, ``common`` and
    ``common_labs`` statements of the CommonSettings files, ``date`` the day that decides the extension's defaults.
    ``files`` and ``files_beta`` are a service's YAML in each realm: paths with their text. ``statistics`` is the folder of
    fixtures with the statistics of the models that are served, ``profile`` the YAML of the profile that it is checked with.
    """

    production: str = ""
    beta: str = ""
    common: str = ""
    common_labs: str = ""
    date: str = "2017-11-20"
    wikis: tuple[str, ...] = ("enwiki", "frwiki")
    beta_wikis: tuple[str, ...] = ("enwiki", "frwiki")
    files: tuple[tuple[str, str], ...] = ()
    files_beta: tuple[tuple[str, str], ...] = ()
    statistics: str | None = None
    profile: str = ""


Need: TypeAlias = Literal["extension", "schema", "statistics"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What is reported: the id reads as "allow <id>".

    ``layers`` are those whose configuration the rule looks at; a rule about waivers looks at none. ``compares`` says that
    it holds one realm against the other, so that a side without a value is absent there; to other rules it plays no part.
    ``needs`` is what a run must have for the rule to find anything: a profile of an extension, a schema of its settings,
    statistics of the models that are served. ``unknown`` says that its findings are values that are not known: while one
    counts, the run is incomplete.
    """

    id: str
    severity: Severity
    summary: str
    why: str
    fix: str
    bad: Example
    good: Example
    layers: tuple[str, ...]
    compares: bool = False
    needs: tuple[Need, ...] = ()
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What one rule reports of one wiki; an empty ``dbname`` is no wiki. ``*_at`` is the place of a side whose value has none."""

    rule: Rule
    setting: str
    path: str
    dbname: str
    message: str
    production: Result | Missing = MISSING
    beta: Result | Missing = MISSING
    production_at: Span | None = None
    beta_at: Span | None = None
    realm: Realm | None = None
    """The realm that a draft about one realm is about; None is a draft about both."""
    layer: str = ""
    """The layer whose finding it is; empty, it is the first that the rule looks at."""
    related: tuple[Span, ...] = ()
    """Other places that belong to it."""
    group: str = ""
    """Drafts of one rule, setting and group are one finding, whatever their values."""

    @classmethod
    def one_sided(
        cls,
        realm: Realm,
        rule: Rule,
        setting: str,
        path: str,
        dbname: str,
        message: str,
        value: Result | Missing = MISSING,
        at: Span | None = None,
        layer: str = "",
    ) -> Draft:
        """A draft about one realm alone: its value, and where it stands if the value has no place of its own."""
        if realm is Realm.PRODUCTION:
            return cls(
                rule, setting, path, dbname, message, production=value, production_at=at, realm=realm, layer=layer
            )
        return cls(rule, setting, path, dbname, message, beta=value, beta_at=at, realm=realm, layer=layer)


@dataclass(frozen=True, slots=True)
class Side:
    """One realm's part in a finding: the value, where it stands, and how it came to be."""

    value: Result | Missing = MISSING
    span: Span | None = None
    steps: tuple[Step, ...] = ()


class Owner(NamedTuple):
    """A team, and how to reach it."""

    team: str
    contact: str = ""


class Held(NamedTuple):
    """Some wikis of a finding, and what both realms have there."""

    wikis: tuple[str, ...]
    production: Result | Missing
    beta: Result | Missing


@dataclass(frozen=True, slots=True)
class Location:
    """A place with the part that it plays: production, beta or related."""

    role: str
    span: Span


@dataclass(frozen=True, slots=True)
class Waiver:
    """A difference that somebody approved, until a day (YYYY-MM-DD); ``span`` is where it is written."""

    rule: str
    reason: str
    owner: str
    until: str
    span: Span
    task: str = ""


@dataclass(frozen=True, slots=True)
class Active:
    """No waiver covers the finding: it counts."""

    state: ClassVar[str] = "active"


@dataclass(frozen=True, slots=True)
class Waived:
    """A waiver covers the finding."""

    waiver: Waiver
    state: ClassVar[str] = "waived"


@dataclass(frozen=True, slots=True)
class Baselined:
    """The finding is in the baseline file of that name."""

    path: str
    state: ClassVar[str] = "baselined"


@dataclass(frozen=True, slots=True)
class Preexisting:
    """The revision that the run compares with has the finding too."""

    revision: str
    state: ClassVar[str] = "preexisting"


Disposition: TypeAlias = "Active | Waived | Baselined | Preexisting"
"""What became of a finding. Nothing is dropped: a finding that does not count says why."""


@dataclass(frozen=True, slots=True)
class Brought:
    """The commit that brought a finding: it stands since. ``side`` is the realm whose values moved, or both, or empty.

    ``overlay_stayed`` says that production moved and beta's overlay did not follow; ``older`` that the finding stands in
    the first commit of all.
    """

    revision: str
    moment: str
    subject: str
    tasks: tuple[str, ...]
    side: str
    overlay_stayed: bool = False
    older: bool = False

    @property
    def words(self) -> str:
        """The commit and who moved, in one line."""
        if self.older:
            return f"{self.moment[:10]} {self.revision[:12]} or before"
        stayed = "production moved, the overlay stayed" if self.overlay_stayed else moved(self.side)
        return f"{self.moment[:10]} {self.revision[:12]} ({', '.join((stayed, *self.tasks))}): {self.subject}"


def moved(side: str) -> str:
    """Who moved, in words."""
    others = {
        "production": "production moved, beta stayed",
        "beta": "beta moved, production stayed",
        "both": "both realms moved",
    }
    return others.get(side, "the side is not known")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to act on: one cause, the wikis that it reaches, one primary place."""

    rule: Rule
    layer: str
    setting: str
    path: str
    wikis: tuple[str, ...]
    message: str
    production: Side = field(default_factory=Side)
    beta: Side = field(default_factory=Side)
    related: tuple[Location, ...] = ()
    primary_realm: Realm | None = None
    differences: int = 1
    """How many differences it joins: several options of one model, say, that stand on the same lines."""
    disposition: Disposition = field(default_factory=Active)
    values: tuple[Held, ...] = ()
    """Where the wikis have different values: each pair of values, the one of most wikis first; its wikis are the sides' too."""
    extension: str = ""
    """The extension, or core, that the setting belongs to, where that is known."""
    owner: Owner | None = None
    """The team that the finding is for, where the configuration file says so."""
    brought: Brought | None = field(default=None, compare=False)
    """The commit that brought it, where somebody asked for it."""
    _fingerprint: str = field(default="", init=False, repr=False, compare=False)

    @property
    def active(self) -> bool:
        """Whether the finding counts."""
        return isinstance(self.disposition, Active)

    @property
    def severity(self) -> Severity:
        """The rule's severity."""
        return self.rule.severity

    @property
    def score(self) -> Score:
        """How soon somebody wants to see it."""
        sides = self.production.value, self.beta.value
        return score(self.rule.id, len(self.wikis), *sides, compares=self.rule.compares)

    @property
    def fingerprint(self) -> str:
        """What the finding is, without where it stands: no line numbers, no wikis, no times."""
        if not self._fingerprint:
            parts = [self.rule.id, self.layer, self.setting, self.path, _stable(self.production), _stable(self.beta)]
            if self.values:
                parts.append(sorted(json.dumps([_value(held.production), _value(held.beta)]) for held in self.values))
            digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()
            object.__setattr__(self, "_fingerprint", digest[:32])  # asked for by everything that tells findings apart
        return self._fingerprint

    @property
    def hole(self) -> Hole | None:
        """What makes the run incomplete, if the finding is a value that is not known."""
        if not self.rule.unknown:
            return None
        return Hole(f"{self.setting}: {self.message}", self.locations[0].span if self.locations else None)

    @property
    def locations(self) -> tuple[Location, ...]:
        """Every place, the primary one first."""
        sides = [("beta", self.beta), ("production", self.production)]
        if self.primary_realm is not None and self.primary_realm.value == "production":
            sides.reverse()
        found = [Location(role, side.span) for role, side in sides if side.span is not None]
        return (*found, *self.related)


def _stable(side: Side) -> Any:  # noqa: ANN401 - JSON
    return _value(side.value)


def _value(value: Result | Missing) -> Any:  # noqa: ANN401 - JSON
    return ["absent"] if value is MISSING else ["value", json_value(value)]


def json_value(value: Result | Missing) -> Any:  # noqa: ANN401 - JSON
    """A value for JSON. What is not known is an object that says so; so is a float that JSON does not have, by PHP's name."""
    return _as_json(plain(value))


def _as_json(part: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(part, dict):
        return {str(key): _as_json(item) for key, item in part.items()}
    if isinstance(part, list):
        return [_as_json(item) for item in part]
    if isinstance(part, (Input, Parts)):
        return part.as_json()
    if isinstance(part, float) and not math.isfinite(part):
        return {"float": "NAN" if math.isnan(part) else "INF" if part > 0 else "-INF"}
    return {"unknown": part.reason} if isinstance(part, Unknown) else part


def ordered(findings: Iterable[Finding], rules: Iterable[str]) -> list[Finding]:
    """Findings in the order of a report: the most severe first, then by score, then by rule and what they name."""
    rank = {rule: number for number, rule in enumerate(rules)}
    return most_severe_first(
        sorted(findings, key=lambda f: (-f.score.total, rank[f.rule.id], f.setting, f.path, f.wikis, f.fingerprint))
    )


def most_severe_first(findings: Iterable[Finding]) -> list[Finding]:
    """The most severe first; equally severe ones stay in the order in which they are."""
    return sorted(findings, key=lambda finding: -finding.severity)


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
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


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How a command made a report: the profile, the day of the extension's defaults, and what it was compared with."""

    profile: str = ""
    day: str = ""
    since: tuple[str, ...] = ()
    baseline: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a run. Renderers are functions of it."""

    findings: tuple[Finding, ...]
    incomplete: tuple[Hole, ...]
    snapshots: tuple[SnapshotInfo, ...]
    coverage: dict[str, int]
    files: tuple[str, ...] = ()
    """The files of the configuration that were evaluated: inline waivers are looked for in them."""
    counted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The wikis, or services, behind numbers of ``coverage``, by the number's name."""
    circumstances: Circumstances = Circumstances()
    expected: tuple[Expected, ...] = ()
    """What the profile's rows expected to differ."""

    @property
    def active(self) -> tuple[Finding, ...]:
        """The findings that count."""
        return tuple(finding for finding in self.findings if finding.active)

    def count(self, severity: Severity) -> int:
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
        replace(finding, wikis=names, values=_of_wikis(finding.values, asked))
        for finding in report.findings
        if not among(finding.rule.id, ignore) and ((names := asked(finding.wikis)) or not finding.wikis)
    ]
    kept = tuple(finding for finding in within if not select or among(finding.rule.id, select))
    counted = {name: asked(names) for name, names in report.counted.items()}
    coverage = report.coverage | {name: len(names) for name, names in counted.items()}
    open_ones = _without(report.incomplete, report.findings, within)
    if wikis and not kept and "wikis_compared" in counted and not counted["wikis_compared"]:
        open_ones += (Hole(f"nothing to compare: no wiki of {', '.join(wikis)} is compared in both realms", None),)
    return replace(report, findings=kept, incomplete=open_ones, coverage=coverage, counted=counted)


def _of_wikis(values: Iterable[Held], asked: Callable[[Iterable[str]], tuple[str, ...]]) -> tuple[Held, ...]:
    """The values of the wikis that were asked for."""
    return tuple(held._replace(wikis=names) for held in values if (names := asked(held.wikis)))


def settled(report: Report) -> Report:
    """The report without the holes that somebody accepted: those of findings that do not count."""
    return replace(report, incomplete=_without(report.incomplete, report.findings, report.active))


def _without(holes: tuple[Hole, ...], findings: Iterable[Finding], counting: Iterable[Finding]) -> tuple[Hole, ...]:
    """The holes that are no finding's, or one's that counts."""
    gone = {finding.hole for finding in findings} - {finding.hole for finding in counting}
    return tuple(hole for hole in holes if hole not in gone)


def severe(report: Report, least: str) -> Report:
    """The report without the findings that are less severe than that."""
    kept = tuple(finding for finding in report.findings if finding.severity >= Severity[least.upper()])
    return replace(report, findings=kept)


def at_revision(report: Report, old: str, new: str) -> Report:
    """The report with each place of one revision named as the same place of another that has the same file."""

    def moved(span: Span | None) -> Span | None:
        return span._replace(revision=new) if span is not None and span.revision == old else span

    def side(old: Side) -> Side:
        return Side(old.value, moved(old.span), tuple(step._replace(span=moved(step.span)) for step in old.steps))

    findings = tuple(
        replace(
            finding,
            production=side(finding.production),
            beta=side(finding.beta),
            related=tuple(replace(place, span=moved(place.span) or place.span) for place in finding.related),
        )
        for finding in report.findings
    )
    incomplete = tuple(hole._replace(span=moved(hole.span)) for hole in report.incomplete)
    return replace(report, findings=findings, incomplete=incomplete)


def reweighed(report: Report, severities: Mapping[str, str]) -> Report:
    """The findings with other severities for some rules, the most severe first."""
    if not severities:
        return report
    findings = (
        replace(finding, rule=replace(finding.rule, severity=Severity[severities[finding.rule.id].upper()]))
        if finding.rule.id in severities
        else finding
        for finding in report.findings
    )
    return replace(report, findings=tuple(most_severe_first(findings)))


def assert_never(held: NoReturn) -> NoReturn:
    """typing.assert_never, which Python 3.10 does not have. Raises AssertionError if it is ever called."""
    raise AssertionError(held)
