"""The answer of driftcheck diff: for people, as JSON, as Markdown, as remarkup of Phabricator, and as a page."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from driftcheck import __version__
from driftcheck.core.characters import json_text
from driftcheck.core.finding import json_value
from driftcheck.core.model import MISSING, Realm
from driftcheck.core.words import some
from driftcheck.report import changing
from driftcheck.report.changing import alike, cells, name, nested, open_questions, parted, places, realms, side, values
from driftcheck.report.escape import place, short, title
from driftcheck.report.jsonreport import finding as finding_row
from driftcheck.report.jsonreport import place as placed
from driftcheck.report.undecided import is_open

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from driftcheck.core.finding import Finding
    from driftcheck.core.model import Missing, Result
    from driftcheck.history.changes import Difference, Leaf
    from driftcheck.report.changing import Block, Wikis

VERSION = 1
NOTHING = "No wiki's value changes."
_MOST_BLOCKS = 40
_MOST_LINES = 25
"""An answer that is longer has a line a change."""
_FEW_LINES = 7
"""A block or two stay as they are."""
_MOST_CHANGES = 12
"""How many changes of the same wikis are listed then."""
_FEW_FINDINGS = 3
"""More findings than this of one rule are told in one line."""


def _summary(held: Difference, wikis: Sequence[Wikis] = ()) -> str:
    """How much changes in all, beside the wikis that are new or gone."""
    counts = [(len(_names(wikis, new=new)), word) for new, word in ((True, "new"), (False, "gone"))]
    moved = " and ".join(f"{count} {word}" for count, word in counts if count)
    changed = [leaf for leaf in held.leaves if not is_open(leaf)]
    if changed:
        rest = _counted(changed)
    elif held.leaves:
        rest = "Nothing else that is known changes." if moved else "Nothing that is known changes."
    else:
        rest = "No other wiki's value changes." if moved else NOTHING
    return f"Wikis: {moved}. {rest}" if moved else rest


def _counted(changed: Sequence[Leaf]) -> str:
    settings = len({leaf.setting for leaf in changed})
    parts = [f"{settings} setting{'s' * (settings != 1)}"]
    for realm in Realm:
        count = len({wiki for leaf in changed if leaf.realm is realm for wiki in leaf.wikis})
        if count:
            parts.append(f"{count} wiki{'s' * (count != 1)} of {realm.value}")
    return f"{' on '.join([parts[0], ' and '.join(parts[1:])])}."


def _names(wikis: Sequence[Wikis], *, new: bool) -> set[str]:
    return {one for group in wikis if group.new is new for one in group.names}


def table(held: Difference, *, verbose: bool = False) -> str:
    """For people: a block a cause."""
    wikis, rest = ([], held) if verbose else parted(held)
    head = [f"{side(held.sides[0])} -> {side(held.sides[1])}", ""]
    if wikis:
        head += [*changing.moved(wikis), "  -v lists the settings", ""]
    tail: list[str] = []
    for words, findings in _drifts(held):
        tail += [f"{words}:", *_found(findings, verbose=verbose)]
    tail += [""] if tail else []
    for words, lines in open_questions(held, every=verbose):
        tail += [f"cannot tell {words}", *(f"  {line}" for line in lines)]
    for hole in held.holes:
        tail.append(f"cannot tell: {short(hole.reason, 2000)}{f'  {place(hole.span)}' if hole.span else ''}")
    tail.append(_summary(rest, wikis))
    room = None if verbose else _MOST_LINES - len(head) - len(tail)
    return "\n".join([*head, *_told(rest, room), *tail]) + "\n"


def _told(held: Difference, room: int | None) -> list[str]:
    """The changes: a block each, or, where there is no room for that, a line each under the wikis where they are."""
    groups = alike(changing.changing(held))
    blocks = [line for group in groups for line in _block(group, held, every=room is None)]
    # Two wikis of one tree differ in all of it on the same wikis.
    if room is None or not held.wikis or len(blocks) <= max(room, _FEW_LINES):
        return blocks
    together: defaultdict[object, list[Block]] = defaultdict(list)
    for group in groups:
        together[changing.where(group[0])] += group
    lines = [line for section in together.values() for line in _section(section, held)]
    return [*lines, ""]


def _block(group: Sequence[Block], held: Difference, *, every: bool) -> Iterator[str]:
    leaf = group[0][0]
    before, after = values(leaf)
    yield from (name(block[0]) for block in group)
    yield from (f"  {line}" for line in nested(leaf) or (f"- {before}", f"+ {after}"))
    yield from (f"  {line}" for line in realms(group[0], held.tags, every=every))
    yield from (f"  at {where}" for where in dict.fromkeys(map(places, group)) if where)
    yield ""


def _section(blocks: Sequence[Block], held: Difference) -> Iterator[str]:
    """Changes of the same wikis: first those that are known on both sides, a switch for instance, then what comes or goes with it."""
    yield "; ".join(realms(blocks[0], held.tags))
    ranked = sorted(blocks, key=changing.rank)
    yield from (f"  {changing.line(block)}" for block in ranked[:_MOST_CHANGES])
    more = len(blocks) - _MOST_CHANGES
    if more > 0:
        yield f"  and {more} more {'change' if more == 1 else 'changes'}; -v lists them"


def _found(findings: Sequence[Finding], *, verbose: bool) -> Iterator[str]:
    """The findings; those of one rule in one line where they are many."""
    counts = Counter(finding.rule.id for finding in findings)
    told: set[str] = set()
    for finding in findings:
        words = f"  {finding.severity.label}  {finding.rule.id}"
        if verbose or counts[finding.rule.id] <= _FEW_FINDINGS:
            yield f"{words}  {title(finding)}  {finding.fingerprint}"
        elif finding.rule.id not in told:
            told.add(finding.rule.id)
            yield f"{words}  {some([title(one) for one in findings if one.rule.id == finding.rule.id], _FEW_FINDINGS)}"


def _drifts(held: Difference) -> list[tuple[str, list[Finding]]]:
    parts = [
        ("drift that this brings", list(held.drifts.gained)),
        ("drift that this removes", list(held.drifts.lost)),
        ("drift that stays with other values", [after for _, after in held.drifts.changed]),
    ]
    return [(words, findings) for words, findings in parts if findings]


def markdown(held: Difference) -> str:
    """A comment for a review: short, every name and value in a code span."""
    from driftcheck.report.markdown import code

    wikis, rest = parted(held)
    out = [
        "## driftcheck diff",
        "",
        f"{code(side(held.sides[0]), 80)} to {code(side(held.sides[1]), 80)}: {_summary(rest, wikis)}",
        "",
    ]
    if wikis:
        out += [*(f"- {code(line, 200)}" for line in changing.moved(wikis)), ""]
    blocks = changing.changing(rest)
    if blocks:
        out += ["| setting | before | after | wikis |", "|---|---|---|---|"]
    for block in blocks[:_MOST_BLOCKS]:
        before, after = (code(text, 120) if text else "" for text in cells(block[0]))
        where = "; ".join(code(line, 160) for line in realms(block, held.tags))
        out.append(f"| {code(name(block[0]), 120)} | {before} | {after} | {where} |")
    if len(blocks) > _MOST_BLOCKS:
        out.append(f"\nand {len(blocks) - _MOST_BLOCKS} more changes")
    for words, findings in _drifts(held):
        out += ["", f"{words.capitalize()}:", ""]
        out += [
            f"- {finding.severity.label} `{finding.rule.id}` {code(title(finding), 160)}" for finding in findings[:20]
        ]
    out += [
        f"\nCannot tell {code(words, 400)}: {code('; '.join(where), 160)}" for words, where in open_questions(held)[:5]
    ]
    out += [f"\nCannot tell: {code(hole.reason, 400)}" for hole in held.holes[:5]]
    return "\n".join(out) + "\n"


def remarkup(held: Difference) -> str:
    """A comment for Phabricator."""

    def literal(text: str, limit: int) -> str:
        return "%%%" + short(text, limit).replace("%%%", "% % %") + "%%%"

    wikis, rest = parted(held)
    sides = literal(" -> ".join(map(side, held.sides)), 160)
    out = ["= driftcheck diff =", "", f"{sides} {_summary(rest, wikis)}", ""]
    out += [f"- {literal(line, 200)}" for line in changing.moved(wikis)]
    blocks = changing.changing(rest)
    for block in blocks[:_MOST_BLOCKS]:
        before, after = cells(block[0])
        words = f"{literal(before, 120)} to {literal(after, 120)}" if before else after
        out.append(f"- {literal(name(block[0]), 120)}: {words}")
        out += [f"  - {literal(line, 200)}" for line in realms(block, held.tags)]
    if len(blocks) > _MOST_BLOCKS:
        out.append(f"- and {len(blocks) - _MOST_BLOCKS} more changes")
    for words, findings in _drifts(held):
        out += ["", f"{words.capitalize()}:"]
        out += [
            f"- {finding.severity.label} {finding.rule.id} {literal(title(finding), 160)}" for finding in findings[:20]
        ]
    out += [
        f"\nCannot tell {literal(words, 400)}: {literal('; '.join(where), 160)}"
        for words, where in open_questions(held)[:5]
    ]
    out += [f"\nCannot tell: {literal(hole.reason, 400)}" for hole in held.holes[:5]]
    return "\n".join(out) + "\n"


def html(held: Difference) -> str:
    """A page that needs no network."""
    from driftcheck.report.page.template import hashed, part, template

    style = part("extensions.css")
    rows = []
    wikis, rest = parted(held)
    for block in changing.changing(rest):
        before, after = values(block[0], 2000)
        rows.append(
            {
                "name": name(block[0]),
                "before": before,
                "after": after,
                "lines": nested(block[0]),
                "realms": realms(block, held.tags),
                "wikis": [", ".join(leaf.wikis) for leaf in block],
                "places": places(block),
            }
        )
    return template("diff.html.j2").render(
        style=style,
        style_hash=hashed(style),
        sides=tuple(map(side, held.sides)),
        summary=_summary(rest, wikis),
        moved=changing.moved(wikis),
        rows=rows,
        drifts=[
            (words, [(finding.severity.label, finding.rule.id, title(finding)) for finding in findings])
            for words, findings in _drifts(held)
        ],
        undecided=open_questions(held, every=True),
        holes=[(hole.reason, str(hole.span) if hole.span else "") for hole in held.holes],
    )


def render_json(held: Difference) -> str:
    """As JSON, version 1 (schemas/diff-v1.schema.json)."""
    document = {
        "version": VERSION,
        "tool": {"name": "driftcheck", "version": __version__},
        "snapshots": [
            {"side": side, "revision": name} for side, name in zip(("before", "after"), held.sides, strict=True)
        ],
        "changes": [_change(leaf) for leaf in held.leaves],
        "drift": {
            "gained": _findings(held.drifts.gained),
            "lost": _findings(held.drifts.lost),
            "changed": _findings(after for _, after in held.drifts.changed),
        },
        "incomplete": [
            {"reason": hole.reason} | ({"path": hole.span.path, "line": hole.span.line} if hole.span else {})
            for hole in held.holes
        ],
    }
    return json_text(document, indent=2)


def _findings(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    return [finding_row(finding) for finding in findings]


def _change(leaf: Leaf) -> dict[str, Any]:
    row: dict[str, Any] = {
        "setting": leaf.setting,
        "path": leaf.path,
        "realm": leaf.realm.value,
        "wikis": list(leaf.wikis),
    }
    sides: tuple[tuple[str, Result | Missing], ...] = (("before", leaf.before), ("after", leaf.after))
    row |= {role: json_value(value) for role, value in sides if value is not MISSING}
    row["locations"] = [
        placed(role, span) for role, span in zip(("before", "after"), leaf.places, strict=True) if span is not None
    ]
    return row


FORMATS: dict[str, Callable[[Difference], str]] = {
    "table": table,
    "json": render_json,
    "markdown": markdown,
    "remarkup": remarkup,
    "html": html,
}
