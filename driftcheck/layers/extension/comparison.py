"""What the rules on extensions look at: both realms, evaluated on one day."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftcheck.core.finding import Draft
from driftcheck.core.model import LOADED, MISSING, Realm, Unknown, Value

if TYPE_CHECKING:
    from driftcheck.core.finding import Rule
    from driftcheck.core.model import Missing, Result, Span
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
        self._on = {realm: [name for name, on in held.items() if on is True] for realm, held in self._enabled.items()}
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
        held = side.documents.get(dbname, {}).get("models")
        return held if isinstance(held, Value) and isinstance(held.data, dict) else None

    def enabled_models(self, side: Effective, dbname: str) -> dict[str, Value]:
        """The models of a wiki that are on, by name."""
        return enabled_models(side.documents.get(dbname, {}))


def switches(side: Effective, profile: Profile) -> dict[str, bool | Unknown]:
    """Whether the extension is loaded, by wiki; without an extension in the profile every wiki counts."""
    column = side.columns.get(LOADED.format(profile.extension)) if profile.extension else None
    if column is None:
        return {wiki.dbname: not profile.extension for wiki in side.wikis}
    return {
        wiki.dbname: held if isinstance(held, Unknown) else isinstance(held, Value) and held.data is True
        for wiki, held in zip(side.wikis, column, strict=True)
    }


def enabled_models(document: dict[str, Any]) -> dict[str, Value]:
    """The models of a wiki's document that are on, by name."""
    held = document.get("models")
    models = held.data if isinstance(held, Value) and isinstance(held.data, dict) else {}
    return {str(name): item for name, item in models.items() if is_on(item)}  # type: ignore[misc]


def of_side(
    side: Effective,
    rule: Rule,
    setting: str,
    path: str,
    dbname: str,
    message: str,
    held: Result | Missing,
    at: Span | None = None,
) -> Draft:
    """A draft about one realm only."""
    if side.realm is Realm.PRODUCTION:
        return Draft(rule, setting, path, dbname, message, production=held, production_at=at, realm=side.realm)
    return Draft(rule, setting, path, dbname, message, beta=held, beta_at=at, realm=side.realm)


def is_on(model: Result | Missing) -> bool:
    """Whether a normalised model is enabled."""
    if not isinstance(model, Value) or not isinstance(model.data, dict):
        return False
    enabled = model.data.get("enabled")
    return isinstance(enabled, Value) and enabled.data is True


def field_of(document: dict[str, Any], path: tuple[str, ...]) -> Result | Missing:
    """A property of a document by its path."""
    held: Any = document
    for name in path:
        if not isinstance(held, dict) or name not in held:
            return MISSING
        held = held[name]
    return held if isinstance(held, (Value, Unknown)) else MISSING


def element(held: Result | Missing, name: str) -> Result | Missing:
    """One element of an array value, with the array's own steps behind its own."""
    if isinstance(held, Value) and isinstance(held.data, dict) and name in held.data:
        item = held.data[name]
        steps = tuple(step for step in held.steps if step not in item.steps)
        return item.after(*steps) if steps else item
    return MISSING
