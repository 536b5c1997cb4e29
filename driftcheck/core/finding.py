"""Rules and findings."""

from __future__ import annotations

import hashlib
import json
import math
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, NoReturn, TypeAlias

from driftcheck.core.disposition import Active
from driftcheck.core.model import MISSING, Hole, Input, Parts, Realm, Unknown, plain
from driftcheck.core.ranking import Score, score

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftcheck.core.disposition import Brought, Disposition
    from driftcheck.core.model import Missing, Result, Span, Step
    from driftcheck.core.severity import Severity


class Example(NamedTuple):
    """Lines of configuration that a rule's page shows and the tests run.

    ``production`` and ``beta`` are settings of InitialiseSettings.php and its labs overlay, ``common`` and
    ``common_labs`` statements of the CommonSettings files, ``date`` the day that decides the extension's defaults.
    ``lists`` are dblists with their wikis; beta has one that ends in ``-labs`` in place of production's.
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
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    files_beta: tuple[tuple[str, str], ...] = ()
    statistics: str | None = None
    profile: str = ""


Need: TypeAlias = Literal["extension", "schema", "statistics"]


class Rule(NamedTuple):
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


class Draft(NamedTuple):
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


class Side(NamedTuple):
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


class Location(NamedTuple):
    """A place with the part that it plays: production, beta or related."""

    role: str
    span: Span


class _Found(NamedTuple):
    """What a finding consists of."""

    rule: Rule
    layer: str
    setting: str
    path: str
    wikis: tuple[str, ...]
    message: str
    production: Side = Side()
    beta: Side = Side()
    related: tuple[Location, ...] = ()
    primary_realm: Realm | None = None
    differences: int = 1
    """How many differences it joins: several options of one model, say, that stand on the same lines."""
    disposition: Disposition = Active()
    values: tuple[Held, ...] = ()
    """Where the wikis have different values: each pair of values, the one of most wikis first; its wikis are the sides' too."""
    extension: str = ""
    """The extension, or core, that the setting belongs to, where that is known."""
    owner: Owner | None = None
    """The team that the finding is for, where the configuration file says so."""
    brought: Brought | None = None
    """The commit that brought it, where somebody asked for it."""
    age: int | None = None
    """How many days it has stood, where a history has been kept."""


class Finding(_Found):
    """One thing to act on: one cause, the wikis that it reaches, one primary place."""

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
        return score(self.rule.id, len(self.wikis), *sides, compares=self.rule.compares, age=self.age)

    @cached_property
    def fingerprint(self) -> str:
        """What the finding is, without where it stands: no line numbers, no wikis, no times."""
        parts = [self.rule.id, self.layer, self.setting, self.path, _stable(self.production), _stable(self.beta)]
        if self.values:
            parts.append(sorted(json.dumps([_value(held.production), _value(held.beta)]) for held in self.values))
        digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()
        return digest[:32]

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


def assert_never(held: NoReturn) -> NoReturn:
    """typing.assert_never, which Python 3.10 does not have. Raises AssertionError if it is ever called."""
    raise AssertionError(held)
