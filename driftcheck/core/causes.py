"""One cause is one finding: the drafts of many wikis, joined by their cause.

Wikis that differ in the same way by the same values are one finding. So are several differences of one model that
stand on the same pair of lines: somebody edits those lines once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.finding import Finding, Held, Location, Side
from driftcheck.core.model import MISSING, REPLACEMENT, Op, Realm, Unknown, Value, freeze, has_unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from driftcheck.core.finding import Draft
    from driftcheck.core.model import Array, Missing, Result, Span

    Identity = Callable[[Result | Missing], object]


def join(drafts: Iterable[Draft]) -> list[Finding]:
    """The findings that these drafts make."""
    groups: dict[object, list[Draft]] = {}
    known: dict[int, object] = {}

    def identity(value: Result | Missing) -> object:
        """As _identity, once for each object: many drafts hold the same one."""
        if id(value) not in known:
            known[id(value)] = _identity(value)
        return known[id(value)]

    for draft in drafts:
        values: object = identity(draft.production), identity(draft.beta)
        if draft.realm is not None:
            values = identity(draft.beta if draft.production is MISSING else draft.production)
        if draft.group:
            values = draft.group
        groups.setdefault((draft.rule.id, draft.layer, draft.setting, draft.path, draft.message, values), []).append(
            draft
        )
    return _by_lines(_by_template([_finding(group, identity) for group in groups.values()]))


def _identity(value: Result | Missing) -> object:
    """A key that two wikis' values share if they are one: equal data, with the same holes in it."""
    if isinstance(value, Unknown):
        return "hole", value.reason, value.where
    if not has_unknown(value):
        return freeze(value)
    return frozenset((key, _identity(item)) for key, item in reach.array(value).items())


def _finding(group: Sequence[Draft], identity: Identity) -> Finding:
    values = _values(group, identity) if group[0].group else ()
    if values:
        # The pair of most wikis speaks for the finding.
        group = sorted(group, key=lambda draft: draft.dbname not in values[0].wikis)
    first = group[0]
    sides = [_first_side(group, realm) for realm in Realm]
    if first.realm is not None and sides[0].span is not None and sides[0].span == sides[1].span:
        # Beta inherits the very line that production has: it is production's.
        sides[1] = Side()
    shown = {side.span for side in sides}
    related = dict.fromkeys(
        span
        for draft in group
        for span in (*(_span(draft, realm) for realm in Realm), *draft.related)
        if span not in shown and span
    )
    return Finding(
        first.rule,
        first.layer or first.rule.layers[0],
        first.setting,
        first.path,
        tuple(sorted({draft.dbname for draft in group if draft.dbname})),
        first.message,
        sides[0],
        sides[1],
        related=tuple(Location("related", span) for span in related),
        primary_realm=Realm.PRODUCTION if sides[1].span is None else Realm.BETA,
        values=values,
    )


def _values(group: Sequence[Draft], identity: Identity) -> tuple[Held, ...]:
    """Each pair of values that wikis have, the one of most wikis first; none where all have one."""
    pairs: dict[object, list[Draft]] = {}
    for draft in group:
        pairs.setdefault((identity(draft.production), identity(draft.beta)), []).append(draft)
    held = [
        Held(tuple(sorted(draft.dbname for draft in drafts)), drafts[0].production, drafts[0].beta)
        for drafts in pairs.values()
    ]
    return tuple(sorted(held, key=lambda one: (-len(one.wikis), one.wikis))) if len(held) > 1 else ()


def _first_side(group: Sequence[Draft], realm: Realm) -> Side:
    """The side of the first draft that has anything to say about a realm."""
    for draft in group:
        value, span = _value(draft, realm), _span(draft, realm)
        if value is not MISSING or span is not None:
            return Side(value, span, value.provenance if value is not MISSING else ())
    return Side()


def _value(draft: Draft, realm: Realm) -> Result | Missing:
    return draft.production if realm is Realm.PRODUCTION else draft.beta


def _span(draft: Draft, realm: Realm) -> Span | None:
    value = _value(draft, realm)
    span = value.span if value is not MISSING else None
    return span if span is not None else draft.production_at if realm is Realm.PRODUCTION else draft.beta_at


def _by_template(findings: list[Finding]) -> list[Finding]:
    """Join what differs by one pair of literals, whose values vary by wiki ($lang and its like)."""
    groups: dict[object, list[Finding]] = {}
    for number, finding in enumerate(findings):
        spans = finding.production.span, finding.beta.span
        varies = not finding.values and any(_varies(side) for side in (finding.production, finding.beta))
        key: object = (finding.rule.id, finding.setting, finding.path, spans) if varies else number
        groups.setdefault(key, []).append(finding)
    return [group[0] if len(group) == 1 else _varying(group) for group in groups.values()]


def _varies(side: Side) -> bool:
    """Whether a value was filled in for its wiki."""
    return any(step.op is Op.COERCE and step.via == REPLACEMENT for step in side.steps) or any(
        isinstance(item, Value) and any(step.via == REPLACEMENT for step in item.steps)
        for item in reach.array(side.value).values()
    )


def _varying(group: Sequence[Finding]) -> Finding:
    first = group[0]
    wikis = tuple(sorted({name for finding in group for name in finding.wikis}))
    sides = (_as_written(first.production), _as_written(first.beta))
    related = tuple(dict.fromkeys(place for finding in group for place in finding.related))
    return first._replace(wikis=wikis, production=sides[0], beta=sides[1], related=related)


def _as_written(side: Side) -> Side:
    """A value as its literal stands in the source, on one line."""
    value = side.value
    if not isinstance(value, Value) or value.source is None or not _varies(side):
        return side
    literal = value.source.text[value.where >> 32 : value.where & 0xFFFFFFFF].decode("utf-8", "replace")
    return Side(Value(" ".join(literal.split())), side.span, side.steps)


def _by_lines(findings: list[Finding]) -> list[Finding]:
    """Join the differences of one model that stand on one pair of lines, for the same wikis."""
    groups: dict[object, list[Finding]] = {}
    for number, finding in enumerate(findings):
        production, beta = finding.production.span, finding.beta.span
        model, dot, _ = finding.path.partition(".")
        key: object = number
        if production is not None and beta is not None and dot:
            lines = (production.path, production.line, beta.path, beta.line)
            key = (finding.rule.id, finding.setting, model, finding.wikis, lines)
        groups.setdefault(key, []).append(finding)
    return [group[0] if len(group) == 1 else _together(group) for group in groups.values()]


def _together(group: Sequence[Finding]) -> Finding:
    first = group[0]
    model = first.path.partition(".")[0]
    rests = [finding.path.partition(".")[2] for finding in group]
    return Finding(
        first.rule,
        first.layer,
        first.setting,
        model,
        first.wikis,
        f"{model} differs in {', '.join(rests[:-1])} and {rests[-1]}",
        _map_of(rests, [finding.production for finding in group]),
        _map_of(rests, [finding.beta for finding in group]),
        related=tuple(dict.fromkeys(place for finding in group for place in finding.related)),
        primary_realm=first.primary_realm,
        differences=len(group),
    )


def _map_of(names: Sequence[str], sides: Sequence[Side]) -> Side:
    by_name: Array = {name: side.value for name, side in zip(names, sides, strict=True) if side.value is not MISSING}
    steps = next((side.steps for side in sides if side.steps), ())
    return Side(Value(by_name) if by_name else MISSING, sides[0].span, steps)
