"""What became of a finding, and the commit that brought it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from driftcheck.core.model import Span


class Waiver(NamedTuple):
    """A difference that somebody approved, until a day (YYYY-MM-DD); ``span`` is where it is written."""

    rule: str
    reason: str
    owner: str
    until: str
    span: Span
    task: str = ""


class Active(NamedTuple):
    """No waiver covers the finding: it counts."""

    state: Literal["active"] = "active"


class Waived(NamedTuple):
    """A waiver covers the finding."""

    waiver: Waiver
    state: Literal["waived"] = "waived"


class Baselined(NamedTuple):
    """The finding is in the baseline file of that name."""

    path: str
    state: Literal["baselined"] = "baselined"


class Preexisting(NamedTuple):
    """The revision that the run compares with has the finding too."""

    revision: str
    state: Literal["preexisting"] = "preexisting"


Disposition: TypeAlias = "Active | Waived | Baselined | Preexisting"
"""What became of a finding. Nothing is dropped: a finding that does not count says why."""


class Brought(NamedTuple):
    """The commit that brought a finding: it stands since. ``side`` is who moved: a realm, both, the extension, or empty.

    ``overlay_stayed`` says that production moved and beta's overlay did not follow; ``older`` that the finding stands in
    the first commit of all.
    """

    revision: str
    moment: str
    subject: str
    tasks: tuple[str, ...]
    side: str
    overlay_stayed: bool = False
    older: bool = False

    @property
    def words(self) -> str:
        """The commit and who moved, in one line."""
        if self.older:
            return f"{self.moment[:10]} {self.revision[:12]} or before"
        stayed = "production moved, the overlay stayed" if self.overlay_stayed else moved(self.side)
        return f"{self.moment[:10]} {self.revision[:12]} ({', '.join((stayed, *self.tasks))}): {self.subject}"


def moved(side: str) -> str:
    """Who moved, in words."""
    others = {
        "production": "production moved, beta stayed",
        "beta": "beta moved, production stayed",
        "both": "both realms moved",
        "extension": "the extension changed, the configuration did not",
    }
    return others.get(side, "the side is not known")
