"""The layer of Lift Wing: the Helm values of its inference services in each environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Realm
from driftcheck.layers.beside import Beside
from driftcheck.layers.liftwing import COUNTED, NAME, ROOT
from driftcheck.layers.service.layer import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftcheck.core.finding import Rule
    from driftcheck.layers.base import Opened, Options, Reading
    from driftcheck.layers.liftwing.reading import LiftWingReading
    from driftcheck.snapshot import Snapshot


class LiftWing:
    """Both realms are environments of one tree."""

    name = NAME
    noun = "service"
    root = ROOT
    beside: tuple[Beside, ...] = (
        Beside("liftwing", "The deployment-charts of Lift Wing in both realms, given in the same way."),
    )

    def rules(self) -> tuple[Rule, ...]:
        """Between the environments; the rules on YAML and on missing models are the service's too, and stand there."""
        from driftcheck.layers.liftwing import pages

        return pages.RULES

    def recognises(self, tree: Snapshot) -> bool:
        """Whether a tree has Lift Wing's values."""
        from driftcheck.layers.liftwing.read import is_charts

        return is_charts(tree)

    def read(self, sides: Mapping[Realm, Opened], options: Options, like: Reading | None = None) -> LiftWingReading:  # noqa: ARG002
        """Every namespace in every environment."""
        from driftcheck.layers.liftwing.read import load
        from driftcheck.layers.liftwing.reading import LiftWingReading

        return LiftWingReading(sides, load(sides[Realm.PRODUCTION].tree), options)

    def told(self, coverage: Mapping[str, int]) -> str:
        """The services of each realm."""
        return counted(COUNTED, coverage)

    def compares(self, coverage: Mapping[str, int]) -> bool:
        """Whether production has a service."""
        return bool(coverage.get(f"{COUNTED}_{Realm.PRODUCTION.value}"))
