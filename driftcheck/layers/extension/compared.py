"""A realm as far as a comparison needs it, and production as a run over a nearly equal tree may take it over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftcheck.core.model import Realm
from driftcheck.layers.extension.comparison import switches
from driftcheck.layers.extension.effective import evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftcheck.core.model import Hole
    from driftcheck.layers.extension.effective import Effective
    from driftcheck.layers.extension.read import Run


@dataclass(frozen=True)
class Production:
    """Production as a run evaluated it, with everything that the outcome depends on and the files that were parsed."""

    effective: Effective
    question: list[object]
    asked: Mapping[str, str | None]
    """Each file that the evaluation asked for, with its blob id."""
    holes: tuple[Hole, ...]
    paths: tuple[str, ...]

    def holds_for(self, run: Run) -> bool:
        """Whether another run would evaluate the same: its options are the same, and so is each file in ``asked``."""
        # The run's own trace notes these files: its report depends on them too.
        return self.question == run.asks() and run.snapshot.has(self.asked)


def compared(run: Run, realm: Realm) -> Effective:
    """Without documents to make, only the wikis of both realms; production's others where none of those has the extension."""
    dbnames = None
    if not run.options.profile.schema and not run.options.everywhere:
        dbnames = set.intersection(*({wiki.dbname for wiki in run.config.realm(one).wikis} for one in Realm))
    effective = _evaluated(run, realm, dbnames)
    if dbnames is None or realm is Realm.BETA or not run.options.profile.extension:
        return effective
    nowhere = all(on is False for on in switches(effective, run.options.profile).values())
    return _evaluated(run, realm, None) if nowhere else effective


def _evaluated(run: Run, realm: Realm, dbnames: set[str] | None) -> Effective:
    options = run.options
    return evaluate(
        run.config,
        realm,
        options.profile,
        run.defaults,
        run.normalizer,
        options.until,
        only_relevant=True,
        dbnames=dbnames,
    )
