"""What is asked of an edited tree: its findings, and every value that is another one than before."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from driftcheck.core import reach
from driftcheck.core.model import MISSING, IncompleteError, Realm
from driftcheck.layers.liftwing.reading import LiftWingReading
from driftcheck.layers.service.reading import OresReading
from driftcheck.mediawiki.config import MediaWikiConfig
from driftcheck.repair.reading import read_within
from driftcheck.repair.values import changed
from driftcheck.snapshot.trace import Traced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from driftcheck.core.finding import Finding
    from driftcheck.core.model import Key, Missing, Result
    from driftcheck.core.report import Report
    from driftcheck.layers.base import Reading
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.extension.effective import Effective
    from driftcheck.layers.extension.read import Run
    from driftcheck.repair.trees import Made
    from driftcheck.repair.values import Leaf, Table
    from driftcheck.snapshot import Snapshot

    Again = Callable[[Snapshot, bool], tuple[Report, Reading]]
    """Reads an edited tree: the report with dispositions, and what was read of the layer.

    It is told whether production is certainly the same as before.
    """

_SETTING = re.compile(r"(?:wg|wm[a-z]*|eg|smg)[A-Z0-9]")


class Evaluation(Protocol):
    """What is asked of a tree, and of the same tree with edits."""

    def report(self, made: Made) -> Report:
        """The findings of an edited tree, each with its disposition. Raises InputError."""

    def asked(self, made: Made) -> Iterator[Leaf]:
        """The values in scope that edits change on the wikis that are compared, after ``report``."""

    def every(self, made: Made) -> Iterator[Leaf]:
        """Every value that edits change, in both realms. Raises IncompleteError where that cannot be told."""

    def production(self, leaf: Leaf) -> Result | Missing:
        """What production has in the place of a leaf of beta."""

    def concerns(self, finding: Finding, leaf: Leaf) -> bool:
        """Whether a leaf is of a wiki that a finding is about, or of one that does not read it."""


class Settings:
    """The settings of mediawiki-config: those that were asked for as the rules see them, and all as CommonSettings.php leaves them."""

    def __init__(self, run: Run, again: Again) -> None:
        self._run, self._again = run, again
        self._after: Comparison | None = None
        self._tree = _Whole(run)

    def report(self, made: Made) -> Report:
        """The findings of an edited tree."""
        report, reading = self._again(made.tree, self._tree.parsed_by_production.isdisjoint(made.changes))
        self._after = reading.comparison
        return report

    def asked(self, made: Made) -> Iterator[Leaf]:
        """What changes of the profile's settings, on the wikis that are compared."""
        before, after = self._run.comparison, self._after
        assert after is not None
        compared = set(before.compared) | set(after.compared)
        for old, new in zip(before.sides, after.sides, strict=True):
            if old is not new:
                yield from changed(old.realm, _table(old, compared), _table(new, compared), made.line_before)

    def every(self, made: Made) -> Iterator[Leaf]:
        """What changes of all settings, and of what is loaded, on all wikis."""
        # Production comes first: what beta parses later is not counted as production's.
        touched = not self._tree.parsed_by_production.isdisjoint(made.changes)
        edited = _Whole(self._run, made.tree)
        for realm in Realm:
            if realm is Realm.BETA or touched:
                before, after = self._tree.table(realm), edited.table(realm)
                edits = made.names() & {*before, *after}
                yield from changed(realm, before, after, made.line_before, lambda names: edited.reads(names | edits))  # noqa: B023 - called at once

    def production(self, leaf: Leaf) -> Result | Missing:
        """Production's value, of all settings."""
        return reach.at(self._tree.table(Realm.PRODUCTION).get(leaf.setting, {}).get(leaf.wiki, MISSING), *leaf.path)

    def concerns(self, finding: Finding, leaf: Leaf) -> bool:
        """Of its wikis, and of those that do not load the profile's extension."""
        context = self._run.comparison
        side = context.sides[0] if leaf.realm is Realm.PRODUCTION else context.sides[1]
        off = bool(context.profile.extension) and context.enabled(side, leaf.wiki) is False
        return off or not finding.wikis or leaf.wiki in finding.wikis


def _table(side: Effective, wikis: set[str]) -> Table:
    numbers = [(number, wiki.dbname) for number, wiki in enumerate(side.wikis) if wiki.dbname in wikis]
    return {setting: {dbname: column[number] for number, dbname in numbers} for setting, column in side.columns.items()}


class _Whole:
    """Every setting of a tree, and everything that it loads, by realm; evaluated when it is asked for."""

    def __init__(self, run: Run, tree: Snapshot | None = None) -> None:
        traced = Traced(tree or run.snapshot.untraced, run.snapshot)
        self._config = MediaWikiConfig(traced, None, run.parses, run.options.inputs)
        self._tables: dict[Realm, Table] = {}
        self._parsed: frozenset[str] = frozenset()

    @property
    def parsed_by_production(self) -> frozenset[str]:
        """The files that production is made of."""
        self.table(Realm.PRODUCTION)
        return self._parsed

    def reads(self, names: Iterable[str]) -> set[str] | None:
        """Those of some variables and settings that only statements about themselves read; None where other code reads one."""
        tree = self._config.tree
        sources = (tree.snapshot.read(path) for path in tree.paths)
        return read_within((tree.glimpse(source) for source in sources if source is not None), names)

    def table(self, realm: Realm) -> Table:
        """The realm's values. Raises IncompleteError where something may write any of them, or cannot be read."""
        if realm not in self._tables:
            self._tables[realm] = self._evaluated(realm)
            if realm is Realm.PRODUCTION:
                self._parsed = frozenset(self._config.tree.paths)
        return self._tables[realm]

    def _evaluated(self, realm: Realm) -> Table:
        from driftcheck.mediawiki.whole import outcome as whole

        config = self._config.realm(realm)
        # The request ($_SERVER and its like) is given, and no edit changes it.
        outcome = whole.assigned(self._config.tree, realm, config, lambda name: not name.startswith("_"))
        for hole in outcome.holes:
            raise IncompleteError(f"{hole.span}: {hole.reason}")
        names = [wiki.dbname for wiki in config.wikis]
        found = {
            name if name in config.settings or _SETTING.match(name) else f"${name}": column
            for name, column in outcome.settings.items()
        }
        columns = {**found, **{f"loading of {name}": held for name, held in outcome.loaded.items()}}
        return {name: dict(zip(names, column, strict=True)) for name, column in columns.items()}


class Merged:
    """The configuration of a service: what its files say, merged."""

    def __init__(self, reading: Reading, again: Again) -> None:
        self._before, self._again = reading, again
        self._known: tuple[Made, tuple[Report, Reading]] | None = None

    def _read(self, made: Made) -> tuple[Report, Reading]:
        if self._known is None or self._known[0] is not made:
            self._known = made, self._again(made.tree, False)
        return self._known[1]

    def report(self, made: Made) -> Report:
        """The findings of an edited tree."""
        return self._read(made)[0]

    def asked(self, made: Made) -> Iterator[Leaf]:  # noqa: ARG002 - the face
        """Nothing beside what ``every`` tells."""
        return iter(())

    def every(self, made: Made) -> Iterator[Leaf]:
        """What changes of the merged values."""
        before, after = _merged(self._before), _merged(self._read(made)[1])
        for realm in Realm:
            yield from changed(realm, before.get(realm, {}), after.get(realm, {}), made.line_before)

    def production(self, leaf: Leaf) -> Result | Missing:
        """Production's value in the same place."""
        held = _merged(self._before).get(Realm.PRODUCTION, {}).get(leaf.setting, {})
        return reach.at(next(iter(held.values()), MISSING), *leaf.path)

    def concerns(self, finding: Finding, leaf: Leaf) -> bool:  # noqa: ARG002 - the face
        """Every one: the path says which part it is."""
        return True


def _merged(reading: Reading) -> dict[Realm, dict[str, dict[str, Result | Missing]]]:
    """The values by realm, then by namespace or group, then by environment."""
    out: dict[Realm, dict[str, dict[str, Result | Missing]]] = {}
    for realm, environment, values in _parts(reading):
        for name, value in values.items():
            out.setdefault(realm, {}).setdefault(str(name), {})[environment] = value
    return out


def _parts(reading: Reading) -> Iterator[tuple[Realm, str, Mapping[Key, Result]]]:
    """The merged values of each environment: of Lift Wing by namespace, of ORES by group."""
    if isinstance(reading, LiftWingReading):
        for held in reading.charts.environments:
            yield held.realm, held.name, dict(held.values.items())
    elif isinstance(reading, OresReading):
        yield from ((realm, "", reach.array(config.document)) for realm, config in reading.configs.items())
