"""What was read of the layer: the configuration of each realm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Realm
from driftcheck.layers.base import Reading, compared
from driftcheck.layers.records import Records
from driftcheck.layers.service import COUNTED, NAME, ROOT, rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from driftcheck.core.finding import Draft, Finding
    from driftcheck.core.model import Hole, Source
    from driftcheck.core.report import Report
    from driftcheck.layers.base import Opened, Options
    from driftcheck.layers.service.read import ServiceConfig


class OresReading(Reading):
    """The configurations by realm."""

    layer, root = NAME, ROOT

    def __init__(self, sides: Mapping[Realm, Opened], configs: Mapping[Realm, ServiceConfig], options: Options) -> None:
        self.sides, self.configs, self.stage = sides, configs, options.stage

    def drafts(self, beside: Mapping[str, Reading]) -> Iterator[Draft]:
        """Each configuration alone, against what the extension asks for, and against the other."""
        comparison = compared(beside)
        for realm, config in self.configs.items():
            yield from rules.single(config, realm)
            if comparison is not None:
                yield from rules.missing(comparison, realm, config)
        if len(self.configs) == len(Realm):
            yield from rules.between(*(self.configs[realm] for realm in Realm))

    def incomplete(self, findings: Sequence[Finding]) -> Iterable[Hole]:  # noqa: ARG002
        """What no configuration says."""
        return [hole for config in self.configs.values() for hole in config.holes]

    def counted(self) -> dict[str, tuple[str, ...]]:
        """The contexts of each realm, and those that both have."""
        found = {f"{COUNTED}_{realm.value}": tuple(config.contexts) for realm, config in self.configs.items()}
        both = set.intersection(*map(set, found.values())) if len(found) > 1 else None
        return found if both is None else found | {f"{COUNTED}_compared": tuple(sorted(both))}

    def unread(self) -> Iterable[Hole]:
        """What no configuration says."""
        return self.incomplete(())

    def sources(self, report: Report) -> Iterator[Source]:  # noqa: ARG002
        """The files that ORES loads."""
        for realm, config in self.configs.items():
            for path in config.files:
                source = self.sides[realm].tree.read(path)
                if source is not None:
                    yield source

    def wikis(self) -> set[str]:
        """The wikis that have a context."""
        return {name for config in self.configs.values() for name in config.contexts}

    def records(self, realm: Realm, until: str, names: Sequence[str] = ()) -> list[Records]:  # noqa: ARG002
        """The contexts of a realm."""
        return [Records(realm.value, realm, config.contexts) for side, config in self.configs.items() if side is realm]

    def served(self) -> dict[Realm, set[str]]:
        """The wikis that have a context, by realm."""
        return {realm: set(config.contexts) for realm, config in self.configs.items()}
