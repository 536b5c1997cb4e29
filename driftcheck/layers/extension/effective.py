"""What each wiki of a realm has: the columns of settings, stage by stage, and the documents made of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.model import LOADED, MISSING, Hole, Unknown, Value, has_unknown
from driftcheck.core.sizes import Sizes
from driftcheck.mediawiki.commonsettings import Assignments

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

    from driftcheck.core.model import Missing, Realm, Result, Setting, Wiki
    from driftcheck.layers.extension.normalize import Normalizer
    from driftcheck.layers.extension.profiles import Profile
    from driftcheck.mediawiki.config import MediaWikiConfig
    from driftcheck.mediawiki.registration import ExtensionDefaults
    from driftcheck.mediawiki.settings import RealmConfig
    from driftcheck.mediawiki.whole.outcome import Outcome

    Column = list[Result | Missing]


class Effective:
    """One realm, evaluated: ``arrays``, ``assigned`` and ``columns`` are settings by name, a result for each wiki.

    ``outcome`` is what CommonSettings.php left behind, where it ran whole; ``again`` runs it once more with other settings,
    or for other wikis. ``used`` are the variables of CommonSettings.php that the values hang on; None where it ran whole.
    """

    def __init__(
        self,
        config: RealmConfig,
        arrays: Mapping[str, Column],
        outcome: Outcome | None = None,
        again: Callable[[RealmConfig], Outcome] | None = None,
        used: frozenset[str] | None = frozenset(),
    ) -> None:
        self.realm, self.config, self.arrays = config.realm, config, arrays
        self.assigned: dict[str, Column] = {}
        self.columns: Mapping[str, Column] = {}
        self.documents: dict[str, Value] = {}
        self.outcome, self.again, self.used = outcome, again, used

    @property
    def wikis(self) -> tuple[Wiki, ...]:
        """The realm's wikis, in the order of the columns."""
        return self.config.wikis

    def number(self, dbname: str) -> int | None:
        """A wiki's place in the columns."""
        return next((n for n, wiki in enumerate(self.wikis) if wiki.dbname == dbname), None)

    def value(self, setting: str, number: int, stage: str = "defaults") -> Result | Missing:
        """A setting on a wiki after a stage."""
        table = {"arrays": self.arrays, "assignments": self.assigned}.get(stage, self.columns)
        return table[setting][number] if setting in table else MISSING

    def column(self, setting: str, stage: str = "defaults") -> Column:
        """A setting on every wiki after a stage; empty where the setting is not known."""
        return {"arrays": self.arrays, "assignments": self.assigned}.get(stage, self.columns).get(setting, [])

    def property(self, dbname: str, *path: str) -> Result | Missing:
        """A property of a wiki's document; MISSING where the wiki has no document."""
        return reach.at(self.documents.get(dbname, MISSING), *path)

    def stage(self, until: str, profile: Profile) -> dict[str, Column]:
        """The columns after a stage that are in scope and were asked for."""
        table = {"arrays": self.arrays, "assignments": self.assigned}.get(until, self.columns)
        return {name: column for name, column in table.items() if profile.covers(name) and profile.shows(name)}

    def setting(self, name: str) -> Setting | None:
        """A setting before resolution, if it is known."""
        lazy = self.config.settings.get(name)
        setting = lazy.get() if lazy is not None else None
        return None if isinstance(setting, Unknown) else setting


def evaluate(
    config: MediaWikiConfig,
    realm: Realm,
    profile: Profile,
    defaults: ExtensionDefaults,
    normalizer: Normalizer | None,
    until: str = "normalized",
    *,
    only_relevant: bool = False,
    dbnames: Container[str] | None = None,
) -> Effective:
    """Run the pipeline for one realm up to a stage, for all wikis or those named by ``dbnames``.

    ``only_relevant`` leaves out the documents of wikis that do not load the extension.
    """

    def realm_of() -> RealmConfig:
        whole = config.realm(realm)
        return whole if dbnames is None else whole.limited(dbnames)

    realm_config, assignments, effective = realm_of(), None, None
    if until != "arrays" and (profile.extension or profile.named):
        assignments = _assignments(config, realm_config, profile)
        elsewhere = assignments.reads - assignments.known - realm_config.settings.keys()
        if config.widen({name for name in elsewhere if not profile.wants(name)}):
            realm_config = realm_of()
            assignments = _assignments(config, realm_config, profile)
    if until == "arrays" or (
        assignments is not None
        and assignments.followed
        and not config.tree.inputs
        and (not only_relevant or bool(profile.schema) or not assignments.overridden)
    ):
        effective = _sliced(realm_config, profile, assignments)
    if effective is None:
        effective = _entire(config, realm, profile, dbnames, helpers=not only_relevant)
    if until in ("arrays", "assignments"):
        return effective
    effective.columns = _registered(effective, profile, defaults)
    if until == "defaults" or normalizer is None:
        return effective
    relevant = effective.columns.get(LOADED.format(profile.extension), ()) if only_relevant else ()
    scoped = [(name, column) for name, column in effective.columns.items() if profile.covers(name)]
    for number, wiki in enumerate(effective.wikis):
        if relevant and isinstance(flag := relevant[number], Value) and flag.data is False:
            continue
        held = {name: column[number] for name, column in scoped}
        effective.documents[wiki.dbname] = normalizer.document(held, wiki.dbname)
    return effective


def _sliced(realm_config: RealmConfig, profile: Profile, assignments: Assignments | None) -> Effective | None:
    """A realm after the arrays, and after the assignments of a slice.

    None where a setting that was asked for is not known in part: a run of the whole may know it.
    """
    reads = assignments.reads if assignments is not None else set()
    in_scope = profile.shows if assignments is not None and not profile.extension else profile.wants
    names = [name for name in realm_config.settings if in_scope(name.removeprefix("+"))]
    names += [name for name in realm_config.settings if name in reads and not in_scope(name)]
    arrays = columns(realm_config, names)
    effective = Effective(realm_config, arrays)
    if assignments is None:
        effective.assigned, effective.columns = arrays, arrays
        return effective
    effective.used = frozenset(assignments.reads - assignments.known)
    effective.assigned = assignments.apply(arrays)
    if not profile.extension:
        effective.assigned = {name: column for name, column in effective.assigned.items() if profile.shows(name)}
    if not profile.schema:
        distinct = {
            id(held): held
            for name, column in effective.assigned.items()
            if not profile.extension or profile.covers(name)
            for held in column
        }
        if any(has_unknown(held) for held in distinct.values()):
            return None
    return effective


_SETTING = re.compile(r"(?:wg|eg|smg)[A-Z0-9]")
_VARIABLE = re.compile(r"(?:wg|wm[a-z]*|eg|smg)[A-Z0-9]")


def _entire(
    config: MediaWikiConfig, realm: Realm, profile: Profile, dbnames: Container[str] | None, *, helpers: bool
) -> Effective:
    """A realm after CommonSettings.php has run whole.

    ``helpers`` are the variables with which wmf-config works on the way (``$wmgRealm``): shown, but not compared.
    """
    from driftcheck.mediawiki.whole import outcome as whole

    entire, prefix = config.entire, _VARIABLE if helpers else _SETTING
    realm_config = entire.realm(realm)
    if dbnames is not None:
        realm_config = realm_config.limited(dbnames)

    def wanted(name: str) -> bool:
        """A setting in scope: one of the arrays, or a variable with a setting's prefix; the rest is local to the files."""
        return in_scope(name) and (name in realm_config.settings or prefix.match(name) is not None)

    in_scope = profile.shows if profile.named and not profile.extension else profile.wants
    arrays = Cascaded(realm_config, in_scope)
    variables = {variable for variable, _ in profile.elements}

    def run(asked: RealmConfig) -> Outcome:
        return whole.assigned(entire.tree, realm, asked, lambda name: wanted(name) or name in variables)

    outcome = run(realm_config)
    entire.tree.holes.extend(hole for hole in outcome.holes if hole not in entire.tree.holes)
    effective = Effective(realm_config, arrays, outcome=outcome, again=run, used=None)
    effective.assigned = {name: column for name, column in outcome.settings.items() if wanted(name)}
    absent: Column = [MISSING] * len(realm_config.wikis)
    for variable, key in profile.elements:
        effective.assigned[f"{variable}.{key}"] = [
            reach.get(held, key) for held in outcome.settings.get(variable, absent)
        ]
    if profile.extension and (loaded := outcome.loading(profile.extension)) is not None:
        effective.assigned[LOADED.format(profile.extension)] = loaded
    return effective


def _assignments(config: MediaWikiConfig, realm_config: RealmConfig, profile: Profile) -> Assignments:
    def wanted(name: str) -> bool:
        """A setting in scope: one of the arrays, or a variable with MediaWiki's prefix; the rest is local to the file."""
        if not profile.extension:
            return profile.shows(name)
        return profile.wants(name) and (name.startswith("wg") or name in realm_config.settings)

    return Assignments(
        config.tree,
        realm_config.realm,
        realm_config.wikis,
        wanted=wanted,
        elements=profile.elements,
        extension=profile.extension,
    )


class Cascaded(Mapping[str, "Column"]):
    """The settings in scope after the cascade, each worked out when it is asked for: a run of the whole has them again."""

    def __init__(self, config: RealmConfig, in_scope: Callable[[str], bool]) -> None:
        self._config, self._sizes = config, Sizes()
        self._rows: dict[str, list[str]] = {}
        for row in config.settings:
            if in_scope(name := row.removeprefix("+")):
                self._rows.setdefault(name, []).append(row)
        self._made: dict[str, Column] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, name: str) -> Column:
        if name not in self._made:
            self._made.update(columns(self._config, self._rows[name], self._sizes))
        return self._made[name]


def columns(config: RealmConfig, names: Iterable[str], sizes: Sizes | None = None) -> dict[str, Column]:
    """The value of each of these settings on each wiki, after the cascade; ``sizes`` are those of the values before them."""
    out: dict[str, Column] = {}
    sizes = sizes or Sizes()
    for name in names:
        column = out.setdefault(name.removeprefix("+"), [MISSING] * len(config.wikis))
        setting = config.settings[name].get()
        if isinstance(setting, Unknown):
            column[:] = [setting] * len(column)
            continue
        for resolved, numbers in config.resolver.groups(setting):
            # A row without a value on a wiki takes nothing from an earlier row of that name (`wgX` and `+wgX`).
            if resolved.value is MISSING:
                continue
            value = sizes.bounded(resolved.value)
            if len(numbers) == len(column):
                column[:] = [value] * len(column)
            else:
                for number in numbers:
                    column[number] = value
    return out


def _registered(effective: Effective, profile: Profile, defaults: ExtensionDefaults) -> dict[str, Column]:
    """The columns after extension registration, on the wikis that load the extension."""
    loaded = effective.assigned.get(LOADED.format(profile.extension))
    if loaded is None:
        return effective.assigned
    out = {name: list(column) for name, column in effective.assigned.items()}
    on = [number for number, flag in enumerate(loaded) if reach.is_true(flag) is True]
    unknown = [(number, flag) for number, flag in enumerate(loaded) if isinstance(flag, Unknown)]
    for name in defaults.entries:
        if not profile.wants(name):
            continue
        column = out.setdefault(name, [MISSING] * len(effective.wikis))
        memo: dict[int, Result | Missing] = {}
        for number in on:
            configured = column[number]
            if id(configured) not in memo:
                memo[id(configured)] = defaults.register(name, configured)
            column[number] = memo[id(configured)]
        for number, flag in unknown:
            column[number] = flag
    return out


def holes(effective: Effective, profile: Profile) -> list[Hole]:
    """Settings in scope that could not be read at all."""
    return [
        Hole(f"{name}: {setting.words}", setting.span)
        for name, lazy in effective.config.settings.items()
        if profile.judges(name.removeprefix("+")) and isinstance(setting := lazy.get(), Unknown)
    ]
