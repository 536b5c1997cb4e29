"""Where a setting differs on a wiki."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core.finding import Draft
from driftcheck.core.model import first_place
from driftcheck.layers.extension.pages.drift import SETTING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftcheck.core.leaves import Leaf
    from driftcheck.core.model import Missing, Path, Result, Span


class Difference(NamedTuple):
    """A wiki on which a setting differs: the values of both realms, and the parts that no row explains."""

    dbname: str
    production: Result | Missing
    beta: Result | Missing
    leaves: Sequence[Leaf]
    removed: tuple[Span | None, Span | None]

    def places(self) -> tuple[Span | None, Span | None]:
        """Where each realm's part stands."""
        first = self.leaves[0]
        return (
            first_place(first.production, self.production) or self.removed[0],
            first_place(first.beta, self.beta) or self.removed[1],
        )

    def draft(
        self, setting: str, path: Path, message: str, production: Result | Missing, beta: Result | Missing
    ) -> Draft:
        """What is said of one part of the setting."""
        at = first_place(production), first_place(beta, self.beta)
        name = dotted(path)
        return Draft(SETTING, setting, name, self.dbname, message, production, beta, *at, group=f"{setting}.{name}")


def dotted(path: Path) -> str:
    """A path as it is written."""
    return ".".join(map(str, path))
