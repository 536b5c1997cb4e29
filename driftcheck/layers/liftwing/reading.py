"""What was read of the layer: the charts, with the environments of both realms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Realm
from driftcheck.layers.base import Reading, compared
from driftcheck.layers.liftwing import COUNTED, NAME, ROOT, rules
from driftcheck.layers.records import Records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from driftcheck.core.finding import Draft, Finding
    from driftcheck.core.model import Hole, Source
    from driftcheck.core.report import Report
    from driftcheck.layers.base import Opened, Options
    from driftcheck.layers.liftwing.read import Charts


class LiftWingReading(Reading):
    """The charts, one tree for both realms."""

    layer, root = NAME, ROOT

    def __init__(self, sides: Mapping[Realm, Opened], charts: Charts, options: Options) -> None:
        self.sides, self.charts, self.stage = sides, charts, options.stage

    def drafts(self, beside: Mapping[str, Reading]) -> Iterator[Draft]:
        """Between the environments, and against what the extension asks for."""
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
            f"{COUNTED}_{realm.value}": len({key for env in self.charts.of(realm) for key in env.services})
            for realm in Realm
        }

    def counted(self) -> dict[str, tuple[str, ...]]:
        """Nothing: a service is of a wiki or of all."""
        return {}

    def unread(self) -> Iterable[Hole]:
        """The files and services that could not be read."""
        return self.charts.holes

    def sources(self, report: Report) -> Iterator[Source]:  # noqa: ARG002
        """The values files."""
        tree = self.sides[Realm.PRODUCTION].tree
        return (source for path in self.charts.files if (source := tree.read(path)) is not None)

    def wikis(self) -> set[str]:
        """The wikis that have a service of their own."""
        return {service.wiki for env in self.charts.environments for service in env.services.values() if service.wiki}

    def records(self, realm: Realm, until: str, names: Sequence[str] = ()) -> list[Records]:  # noqa: ARG002
        """The services of each environment."""
        return [
            Records(env.name, realm, {service.name: service.fields() for service in env.services.values()})
            for env in self.charts.of(realm)
        ]
