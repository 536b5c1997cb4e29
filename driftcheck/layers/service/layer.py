"""The layer of the ORES service: the YAML that each realm's service is deployed with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Realm
from driftcheck.layers.base import Beside, Reading, compared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from driftcheck.core.finding import Draft, Finding, Report, Rule
    from driftcheck.core.model import Hole, Source
    from driftcheck.layers.base import Opened, Options
    from driftcheck.layers.records import Records
    from driftcheck.layers.service.read import ServiceConfig
    from driftcheck.snapshot import Snapshot

_COUNTED = "contexts"


class OresService:
    """A repository a realm; each alone is checked as far as one can be."""

    name = "service"
    noun = "wiki"
    root = "contexts"
    beside: tuple[Beside, ...] = (
        Beside(
            "production-service",
            "The ORES configuration that production runs: a repository, or PATH@REV for one of its revisions.",
            (Realm.PRODUCTION,),
        ),
        Beside("beta-service", "The ORES configuration that beta runs, given in the same way.", (Realm.BETA,)),
    )

    def rules(self) -> tuple[Rule, ...]:
        """Between the realms and the extension, then what is wrong in one configuration."""
        from driftcheck.layers import doubts
        from driftcheck.layers.service import pages

        return (
            pages.MODEL_MISSING,
            pages.SERVICE_DRIFT,
            pages.SWAPPED,
            pages.EXTRACTOR_HOST,
            pages.PRECACHE,
            pages.DANGLING,
            pages.FILE_ORDER,
            doubts.DUPLICATE_KEY,
            doubts.AMBIGUOUS_SCALAR,
        )

    def recognises(self, tree: Snapshot) -> bool:
        """Whether a tree is a repository that ORES is deployed from."""
        from driftcheck.layers.service.read import is_service

        return is_service(tree)

    def read(self, sides: Mapping[Realm, Opened], options: Options, like: Reading | None = None) -> OresReading:  # noqa: ARG002
        """Every side's configuration as ORES loads it."""
        from driftcheck.layers.service.read import OVERLAY, load

        configs = {realm: load(side.tree, overlay=side.tree, overlay_folder=OVERLAY) for realm, side in sides.items()}
        return OresReading(sides, configs, options)

    def told(self, coverage: Mapping[str, int]) -> str:
        """The contexts of each realm."""
        return counted(_COUNTED, coverage)

    def compares(self, coverage: Mapping[str, int]) -> bool:
        """Whether production has a context."""
        return bool(coverage.get(f"{_COUNTED}_{Realm.PRODUCTION.value}"))


def counted(what: str, coverage: Mapping[str, int]) -> str:
    """How many of something each realm has, in words."""
    names = {realm.value: f"{what}_{realm.value}" for realm in Realm}
    sides = [f"{coverage[name]} in {realm}" for realm, name in names.items() if name in coverage]
    return f"{what}: {' and '.join(sides)}" if sides else ""


class OresReading(Reading):
    """The configurations by realm."""

    layer, root = OresService.name, OresService.root

    def __init__(self, sides: Mapping[Realm, Opened], configs: Mapping[Realm, ServiceConfig], options: Options) -> None:
        self.sides, self.configs, self.stage = sides, configs, options.stage

    def drafts(self, beside: Mapping[str, Reading]) -> Iterator[Draft]:
        """Each configuration alone, against what the extension asks for, and against the other."""
        from driftcheck.layers.service import rules

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

    def coverage(self) -> dict[str, int]:
        """The contexts of each realm, and those that both have."""
        contexts = [set(config.contexts) for config in self.configs.values()]
        found = {f"{_COUNTED}_{realm.value}": len(names) for realm, names in zip(self.configs, contexts, strict=True)}
        return found | ({f"{_COUNTED}_compared": len(set.intersection(*contexts))} if len(contexts) > 1 else {})

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

    def records(self, realm: Realm, until: str) -> list[Records]:  # noqa: ARG002
        """The contexts of a realm."""
        from driftcheck.layers.records import Records

        return [Records(realm.value, realm, config.contexts) for side, config in self.configs.items() if side is realm]

    def served(self) -> dict[Realm, set[str]]:
        """The wikis that have a context, by realm."""
        return {realm: set(config.contexts) for realm, config in self.configs.items()}
