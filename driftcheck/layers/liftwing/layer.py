"""The layer of Lift Wing: the Helm values of its inference services in each environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Realm
from driftcheck.layers.base import Beside, Reading, compared
from driftcheck.layers.service.layer import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from driftcheck.core.finding import Draft, Finding, Report, Rule
    from driftcheck.core.model import Hole, Source
    from driftcheck.layers.base import Opened, Options
    from driftcheck.layers.liftwing.read import Charts
    from driftcheck.layers.records import Records
    from driftcheck.snapshot import Snapshot

_COUNTED = "services"


class LiftWing:
    """Both realms are environments of one tree."""

    name = "liftwing"
    noun = "service"
    root = "inference_services"
    beside: tuple[Beside, ...] = (
        Beside("liftwing", "The deployment-charts of Lift Wing in both realms, given in the same way."),
    )

    def rules(self) -> tuple[Rule, ...]:
        """Between the environments; the rules on YAML and on missing models are the service's too, and stand there."""
        from driftcheck.layers.liftwing import pages

        return (
            pages.PRODUCTION_AHEAD,
            pages.MODEL_DRIFT,
            pages.VERSION_MISSING,
            pages.NULL_OVERRIDE,
            pages.NOT_IN_STAGING,
        )

    def recognises(self, tree: Snapshot) -> bool:
        """Whether a tree has Lift Wing's values."""
        from driftcheck.layers.liftwing.read import is_charts

        return is_charts(tree)

    def read(self, sides: Mapping[Realm, Opened], options: Options, like: Reading | None = None) -> LiftWingReading:  # noqa: ARG002
        """Every namespace in every environment."""
        from driftcheck.layers.liftwing.read import load

        return LiftWingReading(sides, load(sides[Realm.PRODUCTION].tree), options)

    def told(self, coverage: Mapping[str, int]) -> str:
        """The services of each realm."""
        return counted(_COUNTED, coverage)

    def compares(self, coverage: Mapping[str, int]) -> bool:
        """Whether production has a service."""
        return bool(coverage.get(f"{_COUNTED}_{Realm.PRODUCTION.value}"))


class LiftWingReading(Reading):
    """The charts, one tree for both realms."""

    layer, root = LiftWing.name, LiftWing.root

    def __init__(self, sides: Mapping[Realm, Opened], charts: Charts, options: Options) -> None:
        self.sides, self.charts, self.stage = sides, charts, options.stage

    def drafts(self, beside: Mapping[str, Reading]) -> Iterator[Draft]:
        """Between the environments, and against what the extension asks for."""
        from driftcheck.layers.liftwing import rules

        yield from rules.drafts(self.charts)
        comparison = compared(beside)
        for realm in Realm if comparison is not None else ():
            assert comparison is not None
            yield from rules.missing(comparison, realm, self.charts)

    def incomplete(self, findings: Sequence[Finding]) -> Iterable[Hole]:  # noqa: ARG002
        """The files and services that could not be read."""
        return self.charts.holes

    def coverage(self) -> dict[str, int]:
        """The services of each realm, whichever cluster has them."""
        return {
            f"{_COUNTED}_{realm.value}": len({key for env in self.charts.of(realm) for key in env.services})
            for realm in Realm
        }

    def sources(self, report: Report) -> Iterator[Source]:  # noqa: ARG002
        """The values files."""
        tree = self.sides[Realm.PRODUCTION].tree
        return (source for path in self.charts.files if (source := tree.read(path)) is not None)

    def wikis(self) -> set[str]:
        """The wikis that have a service of their own."""
        return {service.wiki for env in self.charts.environments for service in env.services.values() if service.wiki}

    def records(self, realm: Realm, until: str) -> list[Records]:  # noqa: ARG002
        """The services of each environment."""
        from driftcheck.layers.records import Records

        return [
            Records(env.name, realm, {service.name: service.fields() for service in env.services.values()})
            for env in self.charts.of(realm)
        ]
