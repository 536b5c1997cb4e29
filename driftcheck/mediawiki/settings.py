"""Settings before the wiki cascade: by selector, evaluated when asked for, with a realm's overlay on top."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core import reach
from driftcheck.core.model import Op, Realm, Setting, Step, Unknown, Value
from driftcheck.core.sizes import Sizes
from driftcheck.mediawiki.cascade import Resolver
from driftcheck.php.evaluator import Lazy

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Mapping

    from driftcheck.core.model import Key, Result, Wiki


NOTHING = Value({})
"""The layer below a setting that only the overlay has, or that it replaces as a whole."""


class LazySetting:
    """A setting whose selectors are evaluated when they are first asked for, with a realm's overlay on top."""

    __slots__ = ("_setting", "layers", "name")

    def __init__(self, name: str, *layers: Lazy | Result) -> None:
        self.name = name
        self.layers = layers
        self._setting: Setting | Unknown | None = None

    def overlaid(self, value: Lazy | Result) -> LazySetting:
        """The same setting with another layer's selectors on top of its own."""
        return LazySetting(self.name, *self.layers, value)

    def without(self, selectors: Collection[Key]) -> LazySetting:
        """The same setting, its last layer without some selectors; a layer that is no array stays as it is."""
        last = self.last()
        left = {key: item for key, item in reach.array(last).items() if key not in selectors}
        return LazySetting(self.name, *self.layers[:-1], last.with_data(left) if reach.is_array(last) else last)

    @property
    def is_overlaid(self) -> bool:
        """Whether there is a layer whose values replace those of another, or stand where that has none."""
        return len(self.layers) > 1

    def last(self) -> Result:
        """The last layer as it is written."""
        layer = self.layers[-1]
        return layer.force() if isinstance(layer, Lazy) else layer

    def get(self) -> Setting | Unknown:
        """The setting, or why it is not known."""
        if self._setting is None:
            self._setting = self._evaluate()
        return self._setting

    def _evaluate(self) -> Setting | Unknown:
        by_selector: dict[Key, Result] = {}
        merged, integers = len(self.layers) > 1 and self.layers[0] is not NOTHING, 0
        replaced: list[tuple[str, Result]] = []
        sizes = Sizes()
        for number, layer in enumerate(self.layers):
            value = layer.force() if isinstance(layer, Lazy) else layer
            if isinstance(value, Unknown):
                return value
            if not reach.is_array(value):
                return Unknown("a setting that is not an array of selectors", value.source, value.where)
            for key, item in reach.items(value).items():
                selector, marked = str(key), sizes.bounded(item)
                if merged and isinstance(key, int):
                    # array_merge numbers them anew.
                    selector, integers = str(integers), integers + 1
                if number:
                    if selector in by_selector:
                        replaced.append((selector, by_selector[selector]))
                    marked = marked.after(Step(Op.OVERRIDE, f"{self.name}[{selector}]", marked.span))
                by_selector[selector] = marked
        return Setting(self.name, by_selector, tuple(replaced))


class Overlay(NamedTuple):
    """A realm's overlay: its rows as they are written (``-wgX`` takes the place of wgX), and the settings beneath it."""

    rows: Mapping[str, LazySetting]
    beneath: Mapping[str, LazySetting]


class RealmConfig:
    """One realm's wikis and settings, before resolution; ``overlay`` is there where the realm has one."""

    def __init__(
        self, realm: Realm, resolver: Resolver, settings: dict[str, LazySetting], overlay: Overlay | None = None
    ) -> None:
        self.realm, self.resolver, self.settings, self.overlay = realm, resolver, settings, overlay

    def limited(self, dbnames: Container[str]) -> RealmConfig:
        """The same settings for some of the wikis."""
        wikis = [wiki for wiki in self.wikis if wiki.dbname in dbnames]
        return RealmConfig(self.realm, Resolver(wikis, self.resolver.rules), self.settings, self.overlay)

    @property
    def wikis(self) -> tuple[Wiki, ...]:
        """The realm's wikis in the order of its list."""
        return tuple(self.resolver.wikis)
