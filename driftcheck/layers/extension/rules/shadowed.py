"""Rows of beta's overlay over which production's more specific keys win."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core.diff import certainly_differ
from driftcheck.core.finding import Draft
from driftcheck.core.model import Value
from driftcheck.core.severity import Severity
from driftcheck.core.words import listed
from driftcheck.layers.extension.hosts import has_beta_host, has_production_host
from driftcheck.layers.extension.overlay import decided, rows
from driftcheck.layers.extension.pages.overrides import SHADOWED
from driftcheck.layers.extension.rules.unread import unread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.model import Array, Result
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.extension.overlay import Row
    from driftcheck.mediawiki.cascade import Resolved


class _Lost(NamedTuple):
    """A wiki on which production's key decides, the key, and beta's own key that would."""

    dbname: str
    winner: str
    loser: str


def shadowed(context: Comparison) -> Iterator[Draft]:
    """override-shadowed: on a wiki of beta a key that production alone has is more specific than the overlay's."""
    gone = {draft.setting for draft in context.once(unread)}
    for row in rows(context.beta, context.profile):
        if row.setting in gone or row.pinned or row.beneath is None or row.name.startswith("+"):
            continue
        lost = list(_lost(context, row))
        if lost:
            yield from _drafts(row, lost)


def _lost(context: Comparison, row: Row) -> Iterator[_Lost]:
    ours, theirs = decided(context.beta, row.merged), decided(context.beta, row.own)
    for wiki, merged, own in zip(context.beta.wikis, ours, theirs, strict=True):
        winner, loser = _decisive(merged), _decisive(own)
        if winner and loser and winner not in row.own.by_selector and certainly_differ(merged.value, own.value):
            yield _Lost(wiki.dbname, winner, loser)


def _decisive(resolved: Resolved) -> str:
    """The key that decides a value alone; empty where values are merged, or nothing decides."""
    return resolved.selectors[0] if len(resolved.selectors) == 1 and resolved.selectors[0][0] != "+" else ""


def _drafts(row: Row, lost: list[_Lost]) -> Iterator[Draft]:
    """One finding a row: production's keys that win with their values, and beta's that lose."""
    winners: Array = {one.winner: row.merged.by_selector[one.winner] for one in lost}
    losers: Array = {one.loser: row.own.by_selector[one.loser] for one in lost}
    rule = SHADOWED
    if any(map(has_production_host, winners.values())) or any(map(has_beta_host, losers.values())):
        rule = SHADOWED._replace(severity=Severity.ERROR)
    keys = (
        f"production's key{'s' if len(winners) > 1 else ''} {listed(winners)}"
        if len(winners) <= 3
        else f"{len(winners)} keys of production"
    )
    message = f"{keys} {'wins' if len(winners) == 1 else 'win'} over beta's {listed(losers)}: beta runs with production's value"
    production, beta = _shown(winners), _shown(losers)
    related = tuple(dict.fromkeys(value.span for value in winners.values() if value.span is not None))[1:]
    for one in lost:
        yield Draft(rule, row.setting, "", one.dbname, message, production, beta, related=related)


def _shown(by_key: Array) -> Result:
    """Some keys of a row as a value, which stands where the first of them does."""
    first = next(iter(by_key.values()))
    return Value({**by_key}, first.source, first.where, first.steps)


CHECKS = (shadowed,)
