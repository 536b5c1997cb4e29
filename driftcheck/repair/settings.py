"""What is tried for each rule about the settings of mediawiki-config."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.repair import overriding, shaping
from driftcheck.repair.sites import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from driftcheck.core.finding import Finding
    from driftcheck.repair.proposals import Files, Proposal

    Maker = Callable[[Site], Iterator[Proposal]]


def _each(*makers: Maker) -> Maker:
    def made(site: Site) -> Iterator[Proposal]:
        for maker in makers:
            yield from maker(site)

    return made


_FOLLOWED, _COPIED = _each(overriding.followed, overriding.copied), _each(overriding.copied, overriding.followed)
_SWITCHED = _each(overriding.switched, overriding.copied)
MAKERS: dict[str, Maker] = {
    "model-off-in-beta": _FOLLOWED,
    "model-only-in-beta": _FOLLOWED,
    "model-option-drift": _COPIED,
    "extension-off-in-beta": _SWITCHED,
    "extension-only-in-beta": _SWITCHED,
    "threshold-drift": _FOLLOWED,
    "setting-drift": _FOLLOWED,
    "override-defeated": overriding.dropped,
    "unknown-option": shaping.renamed_option,
    "illegal-model-name": shaping.renamed_model,
    "threshold-orientation": shaping.turned,
    "threshold-missing-bound": shaping.bounded,
    "threshold-for-disabled-model": shaping.unconfigured,
    "extension-default-leak": shaping.mentioned,
    "dead-config": shaping.unloaded,
    "override-redundant": overriding.redundant,
    "override-shadowed": overriding.pinned,
    "override-unread": overriding.unread,
    "selector-unknown": overriding.unselected,
}
"""What is tried for each rule, in order."""


def proposals(finding: Finding, files: Files) -> Iterator[Proposal]:
    """What might remove a finding of a rule that MAKERS names."""
    yield from MAKERS[finding.rule.id](Site(finding, files))
