"""A run over the extension's settings. What evaluates is imported where it begins: a report that was kept needs none of it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from driftcheck.core.globs import matches
from driftcheck.core.model import LOADED, MISSING, Hole, IncompleteError, Realm, is_loading
from driftcheck.layers.base import Opened, Reading
from driftcheck.layers.extension.pages.shape import UNDETERMINED
from driftcheck.layers.extension.production import Production
from driftcheck.mediawiki import registration
from driftcheck.snapshot.trace import Traced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from driftcheck.core.finding import Draft, Finding, Rule
    from driftcheck.core.model import Source
    from driftcheck.core.report import Expected, Report
    from driftcheck.layers.base import Options
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.extension.effective import Effective
    from driftcheck.layers.extension.normalize import Normalizer
    from driftcheck.layers.records import Explanation, Records
    from driftcheck.mediawiki.config import MediaWikiConfig
    from driftcheck.php.file import PhpFile
    from driftcheck.snapshot import Snapshot

_LATEST = "9999-12-31"


class Run(Reading):
    """One tree, ready to be evaluated: parses each file once for both realms, and nothing before it is asked.

    ``like`` is a run over a tree that is nearly the same: what it parsed is not parsed again, and where none of the
    files that make production differs, neither is production evaluated again (docs/adr/0011).
    """

    layer = "extension"

    def __init__(self, snapshot: Snapshot, options: Options, like: Run | None = None, path: str = ".") -> None:
        self.sides = dict.fromkeys(Realm, Opened(snapshot, path))
        self.snapshot: Traced = Traced(snapshot, like.snapshot if like is not None else None)
        self.options, self.stage = options, options.stage
        self.date, self._undated = _LATEST, ""
        try:
            self.date = options.date or snapshot.date() or _LATEST
        except IncompleteError as error:
            self._undated = str(error)
        self.parses: dict[Source, PhpFile] = {} if like is None else like.parses
        self.like = like
        self.known: Production | None = None

    @functools.cached_property
    def config(self) -> MediaWikiConfig:
        """The tree's configuration."""
        from driftcheck.mediawiki.config import MediaWikiConfig

        return MediaWikiConfig(self.snapshot, self.options.profile.mentions(), self.parses, self.options.inputs)

    @functools.cached_property
    def defaults(self) -> registration.ExtensionDefaults:
        """The extension's defaults on the day of the tree."""
        if self.options.profile.extension and self.options.extension_dir is not None:
            return registration.from_checkout(self.options.extension_dir, self.date)
        return registration.bundled(self.options.profile.extension, self.date)

    @property
    def day(self) -> str:  # type: ignore[override] # known from the tree
        """As in :class:`Reading`."""
        return self.date if self.options.profile.extension and self.date != _LATEST else ""

    @functools.cached_property
    def normalizer(self) -> Normalizer | None:
        """What makes documents, if the profile has a schema for them."""
        from driftcheck.layers.extension.normalize import Normalizer

        return Normalizer(self.options.profile.schema, self.date) if self.options.profile.schema else None

    def question(self) -> list[object]:
        """Everything besides the files of the tree that a report depends on."""
        statistics = self.options.statistics
        known = statistics.identity() if statistics is not None else None
        return [*self.asks(), self.sides[Realm.PRODUCTION].path, self.snapshot.revision, known, self._undated]

    def asks(self) -> list[object]:
        """Everything besides the files of the tree that values depend on."""
        options = self.options
        defaults = {name: [repr(entry.value), entry.strategy] for name, entry in self.defaults.entries.items()}
        extension_dir = [options.extension_dir, defaults] if options.extension_dir is not None else None
        inputs = sorted(options.inputs.items())
        return [options.profile.identity(), self.date, extension_dir, options.until, options.everywhere, *inputs]

    def realm(self, realm: Realm, until: str = "normalized", names: Sequence[str] = ()) -> Effective:
        """One realm, evaluated up to a stage; only the wikis of these names, if there are such in either realm."""
        from driftcheck.layers.extension.effective import evaluate

        own = {wiki.dbname for wiki in self.config.realm(realm).wikis}
        dbnames = set(names) if names and (own.issuperset(names) or self.wikis().issuperset(names)) else None
        profile = self.options.profile
        return evaluate(self.config, realm, profile, self.defaults, self.normalizer, until, dbnames=dbnames)

    @property
    def production(self) -> Production:
        """Production as far as a comparison needs it, or what a run over a like tree made of the same files."""
        if self.known is None:
            known = None if self.like is None else self.like.known
            self.known = known if known and known.holds_for(self.asks(), self.snapshot) else self._evaluated()
        return self.known

    def _evaluated(self) -> Production:
        with self.snapshot.tracing() as asked:
            with self.stage("parse"):
                self.config.realm(Realm.PRODUCTION)
            with self.stage("evaluate production"):
                effective, tree = self._compared(Realm.PRODUCTION), self.config.tree
        return Production(effective, self.config, self.asks(), asked, tuple(tree.holes), tree.paths)

    def relevant(self, realm: Realm) -> Effective:
        """One realm, with the documents of the wikis that load the extension."""
        return self.production.effective if realm is Realm.PRODUCTION else self._compared(realm)

    def _compared(self, realm: Realm) -> Effective:
        """A realm as far as a comparison needs it."""
        from driftcheck.layers.extension.compared import compared

        return compared(self.config, realm, self.options, self.defaults, self.normalizer)

    def release(self, then: Run | None = None) -> None:
        """Let go of what this evaluated with, of which nothing is asked any more, but for what a run after it uses."""
        own, others = ({run.config, run.production.config} if run is not None else set() for run in (self, then))
        for config in own - others:
            config.release()

    @property
    def files(self) -> tuple[str, ...]:  # type: ignore[override] # known only once both realms are evaluated
        """The files that were parsed for the comparison."""
        return tuple(sorted({*self.production.paths, *self.config.tree.paths}))

    def setting_names(self) -> Iterator[Iterable[str]]:
        """Every setting that the profile, the extension, a realm's arrays or CommonSettings.php knows, cheap ones first."""
        yield (".".join(element) for element in self.options.profile.elements)
        yield self.defaults.entries
        for realm in Realm:
            yield (name.removeprefix("+") for name in self.config.realm(realm).settings)
        yield self.config.variables()

    def knows(self, glob: str) -> bool:
        """Whether a glob of --setting names anything."""
        return any(matches(name, glob) for names in self.setting_names() for name in names)

    @functools.cached_property
    def comparison(self) -> Comparison:
        """Both realms, evaluated."""
        from driftcheck.layers.extension.comparison import Comparison
        from driftcheck.mediawiki.mentions import Mentions

        production, config = self.production.effective, self.config
        with self.stage("evaluate beta"):
            beta = self._compared(Realm.BETA)
        comparison = Comparison(
            production,
            beta,
            self.options.profile,
            self.defaults,
            self.date,
            self.snapshot.read,
            lambda realm: config.tree.environment(realm).late.get("AllServices", MISSING),
            Mentions(config.tree).has,
            self.parses,
            dict(self.normalizer.settings) if self.normalizer is not None else {},
        )
        if self.options.statistics is not None:
            from driftcheck.layers.extension.rules import feasibility

            asked = feasibility.questions(comparison)
            with self.stage("statistics"):
                comparison.answers = self.options.statistics.answer(asked)
        return comparison

    @property
    def read_as(self) -> str | None:  # type: ignore[override] # nobody sets it
        """The revision of the run over a like tree."""
        return None if self.like is None else self.like.snapshot.revision

    def drafts(self, beside: Mapping[str, Reading]) -> Iterator[Draft]:  # noqa: ARG002
        """What the rules of the profile say about the settings that were asked for."""
        from driftcheck.layers.extension.rules import checks

        context, profile = self.comparison, self.options.profile
        only = {*profile.rules, UNDETERMINED.id} if profile.rules else None
        return (
            context.placed(draft)
            for check in checks(profile)
            for draft in context.once(check)
            # Whether the extension is loaded decides what is compared, whatever was asked for.
            if (profile.shows(draft.setting) or is_loading(draft.setting))
            and (only is None or draft.rule.id in only)
            and self._readable(draft)
        )

    def _readable(self, draft: Draft) -> bool:
        """Whether every file that a draft rests on is PHP: what a parser makes of a broken one is nobody's configuration."""
        from driftcheck.mediawiki.tree import SYNTAX_ERROR

        rests_on = self.production.holes if draft.realm is Realm.PRODUCTION else self.config.tree.holes
        return all(hole.reason != SYNTAX_ERROR for hole in (*self.production.holes, *rests_on))

    def incomplete(self, findings: Sequence[Finding]) -> Iterable[Hole]:
        """What could not be read, what is not in scope, and each value that is not known."""
        from driftcheck.layers.extension.effective import holes
        from driftcheck.layers.extension.rules import feasibility

        context, profile = self.comparison, self.options.profile
        yield from (*self.production.holes, *self.config.tree.holes)
        if self._undated and (profile.schema or profile.extension):
            yield Hole(self._undated, None)
        asked = (name for side in context.sides for name in side.assigned if profile.covers(name))
        if not any(profile.shows(name) for name in asked):
            yield Hole(f"nothing in scope: the tree has no setting of the profile {profile.name}", None)
        elif profile.extension and not any(LOADED.format(profile.extension) in side.assigned for side in context.sides):
            yield Hole(f"nothing to compare: CommonSettings*.php does not load {profile.extension}", None)
        for side in context.sides:
            yield from holes(side, profile)
        yield from (finding.hole for finding in findings if finding.hole is not None)
        if context.answers is not None:
            yield from context.answers.missing(feasibility.questions(context))

    def counted(self) -> dict[str, tuple[str, ...]]:
        """The wikis of each realm, those with the extension, and those compared."""
        context = self.comparison
        return {
            "wikis_production": tuple(wiki.dbname for wiki in context.production.wikis),
            "wikis_beta": tuple(wiki.dbname for wiki in context.beta.wikis),
            "extension_on_production": tuple(context.on(context.production)),
            "extension_on_beta": tuple(context.on(context.beta)),
            "wikis_compared": tuple(context.compared),
        }

    def coverage(self) -> dict[str, int]:
        """How many wikis were looked at, and the formulas that were checked."""
        from driftcheck.layers.extension.rules import feasibility

        return {**super().coverage(), **feasibility.counts(self.comparison)}

    def expected(self) -> tuple[Expected, ...]:
        """The profile's rows, with what each explained."""
        return self.comparison.expectations.explained()

    def belongs(self, setting: str) -> str:
        """The extension of the profile, else the one that reads the setting on the day of the tree."""
        if self.options.profile.extension:
            return self.options.profile.extension
        from driftcheck.layers.extension.belonging import extension_of

        return extension_of(setting, self.date)

    def unread(self) -> Iterable[Hole]:
        """The places that could not be read in the files that were evaluated."""
        return self.config.tree.holes

    def sources(self, report: Report) -> Iterator[Source]:
        """The files that the report names: one from the cache knows them without a run."""
        return (source for path in report.files if (source := self.snapshot.read(path)) is not None)

    def would_find(self, rule: Rule, setting: str, beside: Mapping[str, Reading]) -> bool:  # noqa: ARG002
        """As the profile has it."""
        return self.options.profile.would_find(rule, setting, statistics=self.options.statistics is not None)

    def wikis(self) -> set[str]:
        """The wikis of both realms."""
        return {wiki.dbname for realm in Realm for wiki in self.config.realm(realm).wikis}

    def records(self, realm: Realm, until: str, names: Sequence[str] = ()) -> list[Records]:
        """A document for each wiki, or the columns of settings after an earlier stage."""
        from driftcheck.layers.records import Columns, Records

        until = "defaults" if until == "normalized" and self.normalizer is None else until
        with self.stage("evaluate"):
            effective = self.realm(realm, until, names)
        if until == "normalized":
            return [Records(realm.value, realm, effective.documents)]
        dbnames = [wiki.dbname for wiki in effective.wikis]
        return [Records(realm.value, realm, Columns(dbnames, effective.stage(until, self.options.profile)))]

    def explain(self, name: str, setting: str) -> Explanation:
        """Stage by stage, in both realms; of ``extension:X``, whether and where it is loaded."""
        from driftcheck.layers.extension import explained, loaded
        from driftcheck.mediawiki.loading import is_name

        if is_name(setting):
            with self.stage("evaluate"):
                return loaded.explain(self.config, name, setting)
        with self.stage("evaluate"):
            realms = [self.realm(realm, "defaults", (name,)) for realm in Realm]
        return explained.explain(
            name, setting, realms, lambda: [self.realm(realm, "defaults") for realm in Realm], self.options.profile
        )
