"""What the rules on extensions look at: both realms, evaluated on one day."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.model import LOADED, MISSING, Realm

if TYPE_CHECKING:
    from driftcheck.core.model import Missing, Result, Span, Unknown, Value
    from driftcheck.layers.extension.effective import Effective
    from driftcheck.layers.extension.profiles import Profile
    from driftcheck.mediawiki.registration import ExtensionDefaults
    from driftcheck.statistics.solve import Answers

BINARY_MODELS = ("damaging", "goodfaith", "reverted")


@dataclass
class Comparison:
    """Two realms, evaluated on one day by one profile."""

    production: Effective
    beta: Effective
    profile: Profile
    defaults: ExtensionDefaults
    date: str
    beta_list: Span | None = None
    properties: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Which property of the document a setting stands behind."""
    answers: Answers | None = None
    """What model statistics say to the formulas that are configured, if there are any statistics."""
    compared: list[str] = field(init=False)
    """The wikis on which settings are compared: in both realms, the extension on in both."""

    def __post_init__(self) -> None:
        self._numbers = {
            side.realm: {wiki.dbname: number for number, wiki in enumerate(side.wikis)} for side in self.sides
        }
        self._enabled = {side.realm: switches(side, self.profile) for side in self.sides}
        self._on = {realm: [name for name, on in wikis.items() if on is True] for realm, wikis in self._enabled.items()}
        self.compared = [name for name in self._on[Realm.PRODUCTION] if self._enabled[Realm.BETA].get(name) is True]

    @property
    def sides(self) -> tuple[Effective, Effective]:
        """Production, then beta."""
        return self.production, self.beta

    def has(self, realm: Realm, dbname: str) -> bool:
        """Whether a realm has a wiki."""
        return dbname in self._numbers[realm]

    def value(self, side: Effective, setting: str, dbname: str, stage: str = "defaults") -> Result | Missing:
        """A setting on a wiki of a realm after a stage; MISSING where the realm has no such wiki."""
        number = self._numbers[side.realm].get(dbname)
        return MISSING if number is None else side.value(setting, number, stage)

    def enabled(self, side: Effective, dbname: str) -> bool | Unknown:
        """Whether the extension is loaded on a wiki of a realm; False where the realm has no such wiki."""
        return self._enabled[side.realm].get(dbname, False)

    def on(self, side: Effective) -> list[str]:
        """The wikis of a realm on which the extension is certainly loaded."""
        return self._on[side.realm]

    def models(self, side: Effective, dbname: str) -> Value | None:
        """The normalised models of a wiki, if they are known."""
        models = side.property(dbname, "models")
        return models if reach.is_array(models) else None

    def enabled_models(self, side: Effective, dbname: str) -> dict[str, Value]:
        """The models of a wiki that are on, by name."""
        return enabled_models(side, dbname)


def switches(side: Effective, profile: Profile) -> dict[str, bool | Unknown]:
    """Whether the extension is loaded, by wiki; without an extension in the profile every wiki counts."""
    column = side.columns.get(LOADED.format(profile.extension)) if profile.extension else None
    if column is None:
        return {wiki.dbname: not profile.extension for wiki in side.wikis}
    return {wiki.dbname: reach.is_true(flag) for wiki, flag in zip(side.wikis, column, strict=True)}


def enabled_models(side: Effective, dbname: str) -> dict[str, Value]:
    """The models of a wiki that are certainly on, by name."""
    models = reach.array(side.property(dbname, "models"))
    return {str(name): model for name, model in models.items() if reach.is_array(model) and is_on(model) is True}


def is_on(model: Result | Missing) -> bool | Unknown:
    """Whether a normalised model is enabled; Unknown where the model, or its switch, is not known."""
    return reach.is_true(reach.get(model, "enabled"))
