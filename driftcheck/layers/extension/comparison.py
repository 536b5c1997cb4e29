"""What the rules on extensions look at: both realms, evaluated on one day."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.model import LOADED, MISSING, Op, Realm, Step, Value
from driftcheck.layers.extension.expected import Expectations
from driftcheck.layers.extension.guards import Guards
from driftcheck.layers.extension.hosts import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from driftcheck.core.finding import Draft
    from driftcheck.core.model import Missing, Path, Result, Source, Span, Unknown
    from driftcheck.layers.extension.effective import Effective
    from driftcheck.layers.extension.profiles import Profile
    from driftcheck.mediawiki.registration import ExtensionDefaults
    from driftcheck.php.file import PhpFile
    from driftcheck.statistics.solve import Answers

_VARIABLE = re.compile(r"\$\{?(\w+)")


class Comparison:
    """Two realms, evaluated on one day by one profile.

    ``read`` has the files of the tree, ``services`` a realm's own list of services, by data centre. ``mentioned`` says
    whether any PHP of the tree reads a setting, ``parses`` are the files that were parsed, of other runs too.
    ``properties`` say which property of the document a setting stands behind.
    """

    def __init__(
        self,
        production: Effective,
        beta: Effective,
        profile: Profile,
        defaults: ExtensionDefaults,
        date: str,
        read: Callable[[str], Source | None],
        services: Callable[[Realm], Result | Missing],
        mentioned: Callable[[str], bool],
        parses: Mapping[Source, PhpFile],
        properties: Mapping[str, tuple[str, ...]],
    ) -> None:
        self.production, self.beta = production, beta
        self.profile, self.defaults, self.date = profile, defaults, date
        self.read, self.services, self.mentioned = read, services, mentioned
        self.parses, self.properties = parses, properties
        self.answers: Answers | None = None
        """What model statistics say to the formulas that are configured, if there are any statistics."""
        self._told: dict[Callable[..., Iterable[Draft]], list[Draft]] = {}
        self._numbers = {
            side.realm: {wiki.dbname: number for number, wiki in enumerate(side.wikis)} for side in self.sides
        }
        self._hosts: dict[str, bool] = {}
        self._texts: dict[int, tuple[Value, list[tuple[Path, Value, str]]]] = {}
        self._models: dict[int, tuple[Result | Missing, dict[str, Value]]] = {}
        self._guards = Guards(parses, read, [side.columns for side in self.sides])
        self.expectations = Expectations(profile.expected)
        self._enabled = {side.realm: switches(side, profile) for side in self.sides}
        self._on = {realm: [name for name, on in wikis.items() if on is True] for realm, wikis in self._enabled.items()}
        # The wikis on which settings are compared: in both realms, the extension on in both.
        self.compared = [name for name in self._on[Realm.PRODUCTION] if self._enabled[Realm.BETA].get(name) is True]
        ours, theirs = (self._numbers[side.realm] for side in self.sides)
        self._places = [(name, ours[name], theirs[name]) for name in self.compared]

    def once(self, check: Callable[[Comparison], Iterable[Draft]]) -> list[Draft]:
        """What a check says, which is worked out once."""
        if check not in self._told:
            self._told[check] = list(check(self))
        return self._told[check]

    @property
    def sides(self) -> tuple[Effective, Effective]:
        """Production, then beta."""
        return self.production, self.beta

    def has(self, realm: Realm, dbname: str) -> bool:
        """Whether a realm has a wiki."""
        return dbname in self._numbers[realm]

    def number(self, side: Effective, dbname: str) -> int | None:
        """A wiki's place in the columns of a realm."""
        return self._numbers[side.realm].get(dbname)

    def value(self, side: Effective, setting: str, dbname: str, stage: str = "defaults") -> Result | Missing:
        """A setting on a wiki of a realm after a stage; MISSING where the realm has no such wiki."""
        number = self._numbers[side.realm].get(dbname)
        return MISSING if number is None else side.value(setting, number, stage)

    def pairs(self, setting: str, stage: str = "defaults") -> Iterator[tuple[str, Result | Missing, Result | Missing]]:
        """A setting on the wikis that are compared: each with production's value and beta's after a stage."""
        ours, theirs = (side.column(setting, stage) for side in self.sides)
        for dbname, one, other in self._places:
            yield dbname, ours[one] if ours else MISSING, theirs[other] if theirs else MISSING

    def texts(self, value: Value) -> list[tuple[Path, Value, str]]:
        """Every text in a value of a column, with its path and the value that holds it; several rules ask."""
        known = self._texts.get(id(value))
        if known is None:
            known = self._texts[id(value)] = value, texts(value)
        return known[1]

    def removed(self, side: Effective, setting: str, dbname: str) -> Span | None:
        """The line of the arrays whose null takes a setting away from a wiki; None where no line does."""
        number, known = self._numbers[side.realm].get(dbname), side.setting(setting)
        if number is None or known is None or side.value(setting, number) is not MISSING:
            return None
        selectors = side.config.resolver.signature(known, side.wikis[number])
        decided = known.by_selector[selectors[-1]] if selectors else MISSING
        return decided.span if isinstance(decided, Value) and decided.data is None else None

    def reads(self, at: Span, setting: str) -> bool:
        """Whether the statement that assigns a setting uses what the setting was before: ``$x = $x ?: 1``, ``$x .= 1``."""
        target, value = self._sides(at)
        return target != f"${setting}" or setting in _VARIABLE.findall(value)

    def made_of(self, at: Span) -> set[str]:
        """The variables of which a statement makes what it assigns."""
        return set(_VARIABLE.findall(self._sides(at)[1]))

    def _sides(self, at: Span) -> tuple[str, str]:
        """What a statement assigns, and its value, as they are written."""
        source = self.read(at.path)
        lines = [] if source is None else [source.line_text(line) for line in range(at.line, at.end_line + 1)]
        target, _, value = "\n".join(lines)[at.column - 1 :].partition("=")
        return target.strip(), value

    def beta_has(self, address: str) -> bool:
        """Whether beta's own list of services names a host, or a port of its own machine."""
        if address not in self._hosts:
            self._hosts[address] = address in self._listed
        return self._hosts[address]

    @functools.cached_property
    def _listed(self) -> str:
        return _all_texts(self.services(Realm.BETA))

    def would_have(self, services: Result | Missing) -> bool:
        """Whether other services of beta would answer what was asked by :meth:`beta_has` alike."""
        listed = _all_texts(services) if self._hosts else ""
        return all((address in listed) == held for address, held in self._hosts.items())

    def centres(self) -> list[str]:
        """The data centres that production has and beta does not, by their lists of services; none where one is not known."""
        ours, theirs = (reach.array(self.services(realm)) for realm in Realm)
        return [str(name) for name in ours if name not in theirs] if theirs else []

    def enabled(self, side: Effective, dbname: str) -> bool | Unknown:
        """Whether the extension is loaded on a wiki of a realm; False where the realm has no such wiki."""
        return self._enabled[side.realm].get(dbname, False)

    def guards(self, at: Span | None) -> list[str]:
        """The settings that the conditions around a statement ask, the innermost first."""
        return self._guards.of(at) if at is not None else []

    def may_load(self, side: Effective, extension: str, dbname: str) -> bool:
        """Whether a wiki of a realm may load an extension or a skin: it does, or what loads it was not followed."""
        outcomes = [one.outcome for one in self.sides if one.outcome is not None]
        names = [
            name for kind in ("extension", "skin") for one in outcomes if (name := f"{kind}:{extension}") in one.loaded
        ]
        outcome, number = side.outcome, self.number(side, dbname)
        if outcome is None or number is None or not names or outcome.lost[number] is not MISSING:
            return True
        return any(name in outcome.loaded and outcome.loaded[name][number] is not MISSING for name in names)

    def loading(self, side: Effective, dbname: str) -> Span | None:
        """The statement that loads the extension on a wiki."""
        loaded = self.value(side, LOADED.format(self.profile.extension), dbname)
        return None if loaded is MISSING else loaded.span

    def placed(self, draft: Draft) -> Draft:
        """A draft whose values stand in the tree: an extension's default stands where the extension is loaded."""
        sides = [
            self._in_tree(value, self.loading(side, draft.dbname))
            for side, value in zip(self.sides, (draft.production, draft.beta), strict=True)
        ]
        return draft._replace(production=sides[0], beta=sides[1])

    def _in_tree(self, value: Result | Missing, loading: Span | None) -> Result | Missing:
        if not isinstance(value, Value) or loading is None or not self.defaults.said(value) or _has_place(value):
            return value
        # The steps still tell of the extension's own file.
        return Value(value.data, steps=(Step(Op.SCHEMA_DEFAULT, "", loading), *value.provenance))

    def on(self, side: Effective) -> list[str]:
        """The wikis of a realm on which the extension is certainly loaded."""
        return self._on[side.realm]

    def undecided(self, side: Effective) -> list[str]:
        """The wikis of a realm of which it is not known whether they load the extension."""
        return [name for name, on in self._enabled[side.realm].items() if not isinstance(on, bool)]

    def is_on(self, side: Effective, dbname: str, model: str) -> bool | Unknown:
        """Whether a wiki has a model on; Unknown where its models, or the model's switch, are not known."""
        return is_on(reach.get(side.property(dbname, "models"), model))

    def models(self, side: Effective, dbname: str) -> Value | None:
        """The normalised models of a wiki, if they are known."""
        models = side.property(dbname, "models")
        return models if reach.is_array(models) else None

    def enabled_models(self, side: Effective, dbname: str) -> Mapping[str, Value]:
        """The models of a wiki that are certainly on, by name; many wikis share them."""
        models = side.property(dbname, "models")
        known = self._models.get(id(models))
        if known is None:
            known = self._models[id(models)] = models, enabled_models(models)
        return known[1]


def _all_texts(value: Result | Missing) -> str:
    return " ".join(text for _, _, text in texts(value))


def _has_place(value: Value) -> bool:
    """Whether a value that nothing spells out as a whole has a place by what was put into it."""
    return value.source is None and value.span is not None


def switches(side: Effective, profile: Profile) -> dict[str, bool | Unknown]:
    """Whether the extension is loaded, by wiki; without an extension in the profile every wiki counts."""
    column = side.columns.get(LOADED.format(profile.extension)) if profile.extension else None
    if column is None:
        return {wiki.dbname: not profile.extension for wiki in side.wikis}
    return {wiki.dbname: reach.is_true(flag) for wiki, flag in zip(side.wikis, column, strict=True)}


def enabled_models(models: Result | Missing) -> dict[str, Value]:
    """Those of a document's models that are certainly on, by name."""
    named = reach.array(models).items()
    return {str(name): model for name, model in named if reach.is_array(model) and is_on(model) is True}


def is_on(model: Result | Missing) -> bool | Unknown:
    """Whether a normalised model is enabled; Unknown where the model, or its switch, is not known."""
    return reach.is_true(reach.get(model, "enabled"))
