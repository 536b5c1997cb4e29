"""The layer of the ORES service: the YAML that each realm's service is deployed with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Realm
from driftcheck.layers.beside import Beside
from driftcheck.layers.service import COUNTED, NAME, ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftcheck.core.finding import Rule
    from driftcheck.layers.base import Opened, Options, Reading
    from driftcheck.layers.service.reading import OresReading
    from driftcheck.snapshot import Snapshot


class OresService:
    """A repository a realm; each alone is checked as far as one can be."""

    name = NAME
    noun = "wiki"
    root = ROOT
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

        return (*pages.RULES, *doubts.RULES)

    def recognises(self, tree: Snapshot) -> bool:
        """Whether a tree is a repository that ORES is deployed from."""
        from driftcheck.layers.service.read import is_service

        return is_service(tree)

    def read(self, sides: Mapping[Realm, Opened], options: Options, like: Reading | None = None) -> OresReading:  # noqa: ARG002
        """Every side's configuration as ORES loads it."""
        from driftcheck.layers.service.read import OVERLAY, load
        from driftcheck.layers.service.reading import OresReading

        configs = {realm: load(side.tree, overlay=side.tree, overlay_folder=OVERLAY) for realm, side in sides.items()}
        return OresReading(sides, configs, options)

    def told(self, coverage: Mapping[str, int]) -> str:
        """The contexts of each realm."""
        return counted(COUNTED, coverage)

    def compares(self, coverage: Mapping[str, int]) -> bool:
        """Whether production has a context."""
        return bool(coverage.get(f"{COUNTED}_{Realm.PRODUCTION.value}"))


def counted(what: str, coverage: Mapping[str, int]) -> str:
    """How many of something each realm has, in words."""
    names = {realm.value: f"{what}_{realm.value}" for realm in Realm}
    sides = [f"{coverage[name]} in {realm}" for realm, name in names.items() if name in coverage]
    return f"{what}: {' and '.join(sides)}" if sides else ""
