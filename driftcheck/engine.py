"""The composition, pure: snapshots in, a report out."""

from __future__ import annotations

import functools
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, TypeAlias

from driftcheck.core.causes import join
from driftcheck.core.finding import Report, SnapshotInfo, at_revision, ordered
from driftcheck.core.model import LOADED, Hole, Realm, Span
from driftcheck.layers.extension.comparison import Comparison
from driftcheck.layers.extension.effective import evaluate, holes
from driftcheck.layers.extension.normalize import Normalizer
from driftcheck.layers.extension.rules import feasibility
from driftcheck.layers.extension.rules.shape import UNDETERMINED
from driftcheck.layers.registry import CHECKS, RULES
from driftcheck.mediawiki import registration
from driftcheck.mediawiki.config import MediaWikiConfig
from driftcheck.snapshot.trace import Traced

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tree_sitter import Node

    from driftcheck.core.finding import Finding
    from driftcheck.core.model import Source
    from driftcheck.layers.extension.effective import Effective
    from driftcheck.layers.extension.profiles import Profile
    from driftcheck.snapshot import Snapshot
    from driftcheck.statistics.solve import Statistics

LAYER = "extension"
_LATEST = "9999-12-31"
Stage: TypeAlias = "Callable[[str], AbstractContextManager[object]]"
"""Makes a context manager from the name of a stage. The engine holds it open during the stage, so that a caller can show progress."""


@dataclass(frozen=True)
class Options:
    """What to evaluate: the profile, the day whose extension is meant, or a checkout of it; statistics of models."""

    profile: Profile
    date: str | None = None
    extension_dir: str | None = None
    path: str = "."
    statistics: Statistics | None = None


@dataclass(frozen=True)
class Production:
    """Production as a run evaluated it, with everything that the outcome depends on and the files that were parsed."""

    effective: Effective
    question: list[object]
    asked: Mapping[str, str | None]
    """Each file that the evaluation asked for, with its blob id."""
    holes: tuple[Hole, ...]
    paths: tuple[str, ...]

    def holds_for(self, run: Run) -> bool:
        """Whether another run would evaluate the same: its options are the same, and so is each file in ``asked``."""
        # The run's own trace notes these files: its report depends on them too.
        return self.question == run.asks() and run.snapshot.has(self.asked)


class Run:
    """One tree, ready to be evaluated: parses each file once for both realms, and nothing before it is asked.

    ``like`` is a run over a tree that is nearly the same: what it parsed is not parsed again, and where none of the
    files that make production differs, neither is production evaluated again (docs/adr/0011).
    """

    def __init__(
        self, snapshot: Snapshot, options: Options, like: Run | None = None, stage: Stage = nullcontext
    ) -> None:
        self.snapshot: Traced = Traced(snapshot, like.snapshot.untraced if like is not None else None)
        self.options = options
        self.stage = stage
        self.date = options.date or snapshot.date() or _LATEST
        self.parses: dict[Source, Node] = {} if like is None else like.parses
        self.like = like
        self.known: Production | None = None

    @functools.cached_property
    def config(self) -> MediaWikiConfig:
        """The tree's configuration."""
        return MediaWikiConfig(self.snapshot, self.options.profile.mentions(), self.parses)

    @functools.cached_property
    def defaults(self) -> registration.ExtensionDefaults:
        """The extension's defaults on the day of the tree."""
        if self.options.profile.extension and self.options.extension_dir is not None:
            return registration.from_checkout(self.options.extension_dir, self.date)
        if self.options.profile.extension == registration.BUNDLED:
            return registration.bundled(self.date)
        return registration.ExtensionDefaults(self.date, {})

    @functools.cached_property
    def normalizer(self) -> Normalizer | None:
        """What makes documents, if the profile has a schema for them."""
        return Normalizer(self.options.profile.schema, self.date) if self.options.profile.schema else None

    def question(self) -> list[object]:
        """Everything besides the files of the tree that a report depends on."""
        statistics = self.options.statistics
        known = statistics.identity() if statistics is not None else None
        return [*self.asks(), self.options.path, self.snapshot.revision, known]

    def asks(self) -> list[object]:
        """Everything besides the files of the tree that values depend on."""
        options = self.options
        defaults = {name: [repr(entry.value), entry.strategy] for name, entry in self.defaults.entries.items()}
        extension_dir = [options.extension_dir, defaults] if options.extension_dir is not None else None
        return [options.profile.identity(), self.date, extension_dir]

    def realm(self, realm: Realm, until: str = "normalized") -> Effective:
        """One realm, evaluated up to a stage."""
        return evaluate(self.config, realm, self.options.profile, self.defaults, self.normalizer, until)

    @property
    def production(self) -> Production:
        """Production as far as a comparison needs it, or what a run over a like tree made of the same files."""
        if self.known is None and self.like is not None and (known := self.like.known) and known.holds_for(self):
            self.known = known
        if self.known is None:
            self.known = self._evaluated()
        return self.known

    def _evaluated(self) -> Production:
        with self.snapshot.tracing() as asked:
            with self.stage("parse"):
                self.config.realm(Realm.PRODUCTION)
            with self.stage("evaluate production"):
                effective, tree = self._compared(Realm.PRODUCTION), self.config.tree
        return Production(effective, self.asks(), asked, tuple(tree.holes), tree.paths)

    def relevant(self, realm: Realm) -> Effective:
        """One realm, with the documents of the wikis that load the extension."""
        return self.production.effective if realm is Realm.PRODUCTION else self._compared(realm)

    def _compared(self, realm: Realm) -> Effective:
        """A realm as far as a comparison needs it: without an extension to ask about, only the wikis of both."""
        profile = self.options.profile
        dbnames = None
        if not profile.extension:
            dbnames = set.intersection(*({wiki.dbname for wiki in self.config.realm(r).wikis} for r in Realm))
        return evaluate(
            self.config, realm, profile, self.defaults, self.normalizer, only_relevant=True, dbnames=dbnames
        )

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that were parsed for the comparison."""
        return tuple(sorted({*self.production.paths, *self.config.tree.paths}))

    def setting_names(self) -> set[str]:
        """Every setting that either realm's arrays, the profile or the extension knows."""
        names = {name.removeprefix("+") for realm in Realm for name in self.config.realm(realm).settings}
        elements = {".".join(element) for element in self.options.profile.elements}
        return names | elements | set(self.defaults.entries)

    def knows(self, glob: str) -> bool:
        """Whether a glob of --setting names anything."""
        return any(fnmatchcase(name, glob) for name in self.setting_names())

    @functools.cached_property
    def comparison(self) -> Comparison:
        """Both realms, evaluated."""
        lists = "dblists/all-labs.dblist"
        listed = self.snapshot.read(lists)
        production = self.production.effective
        with self.stage("evaluate beta"):
            beta = self._compared(Realm.BETA)
        comparison = Comparison(
            production,
            beta,
            self.options.profile,
            self.defaults,
            self.date,
            Span(lists, self.snapshot.revision, 1, 1, 1, 1) if listed is not None else None,
            dict(self.normalizer.settings) if self.normalizer is not None else {},
        )
        if self.options.statistics is not None:
            asked = feasibility.questions(comparison)
            with self.stage("statistics"):
                return replace(comparison, answers=self.options.statistics.answer(asked))
        return comparison


def check(run: Run) -> Report:
    """Every finding of one tree, the most severe first."""
    context = run.comparison
    profile = run.options.profile
    rules = {*profile.rules, UNDETERMINED.id} if profile.rules else RULES
    drafts = (d for rule in CHECKS for d in rule(context) if profile.shows(d.setting) and d.rule.id in rules)
    with run.stage("compare"):
        findings = ordered(join(drafts), RULES)
    infos = tuple(SnapshotInfo(LAYER, realm.value, run.options.path, run.snapshot.revision) for realm in Realm)
    holes_ = _incomplete(run, context, findings)
    report = Report(tuple(findings), holes_, infos, _coverage(context), run.paths)
    return report if run.like is None else at_revision(report, run.like.snapshot.revision, run.snapshot.revision)


def _incomplete(run: Run, context: Comparison, findings: Sequence[Finding]) -> tuple[Hole, ...]:
    missing = [*run.production.holes, *run.config.tree.holes]
    profile = run.options.profile
    if not any(profile.covers(name) for side in context.sides for name in side.assigned):
        missing.append(Hole(f"nothing in scope: the tree has no setting of the profile {profile.name}", None))
    elif profile.extension and not any(LOADED.format(profile.extension) in side.assigned for side in context.sides):
        missing.append(Hole(f"nothing to compare: CommonSettings*.php does not load {profile.extension}", None))
    for side in context.sides:
        missing += holes(side, run.options.profile)
    for finding in findings:
        if finding.rule is UNDETERMINED:
            place = finding.locations[0].span if finding.locations else None
            missing.append(Hole(f"{finding.setting}: {finding.message}", place))
    if context.answers is not None:
        missing += context.answers.missing(feasibility.questions(context))
    return tuple(dict.fromkeys(missing))


def _coverage(context: Comparison) -> dict[str, int]:
    return {
        "wikis_production": len(context.production.wikis),
        "wikis_beta": len(context.beta.wikis),
        "extension_on_production": len(context.on(context.production)),
        "extension_on_beta": len(context.on(context.beta)),
        "wikis_compared": len(context.compared),
        **feasibility.counts(context),
    }
