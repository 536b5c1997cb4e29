"""What stands at a commit, and what a commit changes of it: rules, settings, paths and wikis, without values."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from driftcheck.core.finding import Draft, Finding

    Fact = tuple[str, str, str, str]
    """A rule, a setting, a path and a wiki."""


class State(NamedTuple):
    """What stands, and the (setting, wiki) pairs of which it is not known; ``whole`` is unknown where nothing is."""

    facts: frozenset[Fact]
    unknown: frozenset[tuple[str, str]] = frozenset()
    lost: str = ""
    """Why nothing could be evaluated; empty where it could."""


class Change(NamedTuple):
    """What a commit changed of what stands, each fact with the side that moved."""

    began: Mapping[Fact, str]
    ended: Mapping[Fact, str]
    lost: str = ""
    whole: frozenset[Fact] | None = None
    """All that stands, where nothing was known of the commits before."""


NOTHING = State(frozenset())
NONE: Mapping[str, State] = MappingProxyType({})


def fact_of(draft: Draft) -> Fact:
    """What a draft says, without its values."""
    return draft.rule.id, draft.setting, draft.path, draft.dbname


def matching(finding: Finding, facts: Iterable[Fact]) -> frozenset[Fact]:
    """What stands of a finding: its rule, setting and path, on one of its wikis."""
    wikis = {*finding.wikis, ""}
    return frozenset(
        fact
        for fact in facts
        if fact[0] == finding.rule.id
        and fact[1] == finding.setting
        and fact[3] in wikis
        and (fact[2] == finding.path or fact[2].startswith(f"{finding.path}."))
    )
