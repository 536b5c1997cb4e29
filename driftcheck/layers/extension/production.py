"""Production as one run evaluated it, for another that is nearly the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftcheck.core.model import Hole
    from driftcheck.layers.extension.effective import Effective
    from driftcheck.mediawiki.config import MediaWikiConfig
    from driftcheck.snapshot.trace import Traced


class Production(NamedTuple):
    """Production as a run evaluated it, with everything that the outcome depends on and the files that were parsed."""

    effective: Effective
    config: MediaWikiConfig
    """What evaluated it."""
    question: list[object]
    asked: Mapping[str, str | None]
    """Each file that the evaluation asked for, with its blob id."""
    holes: tuple[Hole, ...]
    paths: tuple[str, ...]

    def holds_for(self, question: list[object], snapshot: Traced) -> bool:
        """Whether a run with this question, over this tree, would evaluate the same: so it is where each file in ``asked`` is the same."""
        # The tree's own trace notes these files: the report of that run depends on them too.
        return self.question == question and snapshot.has(self.asked)
