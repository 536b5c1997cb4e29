"""The answer of driftcheck diff: for people, as JSON, as Markdown, as remarkup of Phabricator, and as a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from driftcheck import __version__
from driftcheck.core import reach
from driftcheck.core.characters import json_text
from driftcheck.core.diff import diff
from driftcheck.core.finding import json_value
from driftcheck.core.model import MISSING, Realm
from driftcheck.history.changes import named
from driftcheck.report.difference import difference
from driftcheck.report.escape import place, short, shown, title
from driftcheck.report.jsonreport import finding as finding_row
from driftcheck.report.jsonreport import place as placed
from driftcheck.report.undecided import WHOLE, is_open, undecided

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from driftcheck.core.finding import Finding
    from driftcheck.core.model import Missing, Result
    from driftcheck.history.changes import Difference, Leaf

VERSION = 1
NOTHING = "No wiki's value changes."
_LONGEST = 300
_MOST_BLOCKS = 40


def _changing(held: Difference) -> list[list[Leaf]]:
    """What changes, by cause."""
    return _blocks(leaf for leaf in held.leaves if not is_open(leaf))


def _undecided(held: Difference, *, every: bool = False) -> list[tuple[str, list[str]]]:
    """What nobody can tell, in words, with the wikis."""
    return [(str(one), _realms(one.leaves, held, every=every)) for one in undecided(held.leaves)]


def _blocks(leaves: Iterable[Leaf]) -> list[list[Leaf]]:
    """Leaves by cause: the same part of a setting with the same values, in the realms where it is so."""
    blocks: dict[tuple[str, str, str, str], list[Leaf]] = {}
    for leaf in leaves:
        key = leaf.setting, leaf.path, *_values(leaf, WHOLE)
        blocks.setdefault(key, []).append(leaf)
    return list(blocks.values())


def _alike(blocks: Iterable[list[Leaf]]) -> list[list[list[Leaf]]]:
    """Settings that change in the same way on the same wikis, which a person reads once."""
    groups: dict[tuple[object, ...], list[list[Leaf]]] = {}
    for block in blocks:
        wikis = tuple((leaf.realm, leaf.wikis) for leaf in block)
        groups.setdefault((*_values(block[0], WHOLE), *_difference(block[0]), wikis), []).append(block)
    return list(groups.values())


def _name(leaf: Leaf) -> str:
    return short(leaf.name, _LONGEST)


def _values(leaf: Leaf, limit: int = _LONGEST) -> tuple[str, str]:
    return shown(leaf.before, limit), shown(leaf.after, limit)


def _side(name: str) -> str:
    """A side's name; a commit by the beginning of its id."""
    return name[:12] if re.fullmatch(r"[0-9a-f]{40}", name) else name


def _difference(leaf: Leaf) -> list[str]:
    """How two nested values differ, in lines; nothing for plain ones."""
    arrays = reach.is_array(leaf.before) and reach.is_array(leaf.after)
    if arrays and leaf.known and not diff(leaf.before, leaf.after):
        return ["Only the order of the keys differs."]
    return difference(leaf.before, leaf.after, ("before", "after"))


def _cells(leaf: Leaf) -> tuple[str, str]:
    """What stands under before and after: the values, or that only their types or their order differ."""
    lines = _difference(leaf)
    return ("", lines[0]) if lines and lines[0].startswith("Only the") else _values(leaf, 120)


def _realms(block: Sequence[Leaf], held: Difference, *, every: bool = False) -> list[str]:
    """Where a change shows: a line for each realm, or one for both where they have the same wikis."""
    lines = []
    for leaf in block:
        wikis = ", ".join(leaf.wikis) if every else named(leaf.wikis, held.tags.get(leaf.realm, {}))
        lines.append(f"{leaf.realm.value}: {wikis}")
    return lines


def _places(block: Sequence[Leaf]) -> str:
    pairs = dict.fromkeys(
        " -> ".join(dict.fromkeys(place(span) for span in leaf.places if span is not None)) for leaf in block
    )
    return "; ".join(pair for pair in pairs if pair)


def _summary(held: Difference) -> str:
    changing = [leaf for leaf in held.leaves if not is_open(leaf)]
    if not changing:
        return "Nothing that is known changes." if held.leaves else NOTHING
    settings = len({leaf.setting for leaf in changing})
    parts = [f"{settings} setting{'s' * (settings != 1)}"]
    for realm in Realm:
        wikis = {wiki for leaf in changing if leaf.realm is realm for wiki in leaf.wikis}
        if wikis:
            parts.append(f"{len(wikis)} wiki{'s' * (len(wikis) != 1)} of {realm.value}")
    return f"{' on '.join([parts[0], ' and '.join(parts[1:])])}."


def table(held: Difference, *, verbose: bool = False) -> str:
    """For people: a block a cause."""
    out = [f"{_side(held.sides[0])} -> {_side(held.sides[1])}", ""]
    for group in _alike(_changing(held)):
        leaf = group[0][0]
        before, after = _values(leaf)
        out += [_name(block[0]) for block in group]
        lines = _difference(leaf)
        out += [f"  {line}" for line in lines] if lines else [f"  - {before}", f"  + {after}"]
        out += [f"  {line}" for line in _realms(group[0], held, every=verbose)]
        out += [f"  at {where}" for where in dict.fromkeys(map(_places, group)) if where]
        out.append("")
    for words, findings in _drifts(held):
        out.append(f"{words}:")
        out += [
            f"  {finding.severity.label}  {finding.rule.id}  {title(finding)}  {finding.fingerprint}"
            for finding in findings
        ]
        out.append("")
    for words, where in _undecided(held, every=verbose):
        out += [f"cannot tell {words}", *(f"  {line}" for line in where)]
    for hole in held.holes:
        out.append(f"cannot tell: {short(hole.reason, 2000)}{f'  {place(hole.span)}' if hole.span else ''}")
    return "\n".join([*out, _summary(held)]) + "\n"


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

    out = [
        "## driftcheck diff",
        "",
        f"{code(_side(held.sides[0]), 80)} to {code(_side(held.sides[1]), 80)}: {_summary(held)}",
        "",
    ]
    blocks = _changing(held)
    if blocks:
        out += ["| setting | before | after | wikis |", "|---|---|---|---|"]
    for block in blocks[:_MOST_BLOCKS]:
        before, after = (code(text, 120) if text else "" for text in _cells(block[0]))
        wikis = "; ".join(code(line, 160) for line in _realms(block, held))
        out.append(f"| {code(_name(block[0]), 120)} | {before} | {after} | {wikis} |")
    if len(blocks) > _MOST_BLOCKS:
        out.append(f"\nand {len(blocks) - _MOST_BLOCKS} more changes")
    for words, findings in _drifts(held):
        out += ["", f"{words.capitalize()}:", ""]
        out += [
            f"- {finding.severity.label} `{finding.rule.id}` {code(title(finding), 160)}" for finding in findings[:20]
        ]
    out += [f"\nCannot tell {code(words, 400)}: {code('; '.join(where), 160)}" for words, where in _undecided(held)[:5]]
    out += [f"\nCannot tell: {code(hole.reason, 400)}" for hole in held.holes[:5]]
    return "\n".join(out) + "\n"


def remarkup(held: Difference) -> str:
    """A comment for Phabricator."""

    def literal(text: str, limit: int) -> str:
        return "%%%" + short(text, limit).replace("%%%", "% % %") + "%%%"

    out = ["= driftcheck diff =", "", f"{literal(' -> '.join(map(_side, held.sides)), 160)} {_summary(held)}", ""]
    blocks = _changing(held)
    for block in blocks[:_MOST_BLOCKS]:
        before, after = _cells(block[0])
        words = f"{literal(before, 120)} to {literal(after, 120)}" if before else after
        out.append(f"- {literal(_name(block[0]), 120)}: {words}")
        out += [f"  - {literal(line, 200)}" for line in _realms(block, held)]
    if len(blocks) > _MOST_BLOCKS:
        out.append(f"- and {len(blocks) - _MOST_BLOCKS} more changes")
    for words, findings in _drifts(held):
        out += ["", f"{words.capitalize()}:"]
        out += [
            f"- {finding.severity.label} {finding.rule.id} {literal(title(finding), 160)}" for finding in findings[:20]
        ]
    out += [
        f"\nCannot tell {literal(words, 400)}: {literal('; '.join(where), 160)}"
        for words, where in _undecided(held)[:5]
    ]
    out += [f"\nCannot tell: {literal(hole.reason, 400)}" for hole in held.holes[:5]]
    return "\n".join(out) + "\n"


def html(held: Difference) -> str:
    """A page that needs no network."""
    from driftcheck.report.page.template import hashed, part, template

    style = part("extensions.css")
    rows = []
    for block in _changing(held):
        before, after = _values(block[0], 2000)
        rows.append(
            {
                "name": _name(block[0]),
                "before": before,
                "after": after,
                "lines": _difference(block[0]),
                "realms": _realms(block, held),
                "wikis": [", ".join(leaf.wikis) for leaf in block],
                "places": _places(block),
            }
        )
    return template("diff.html.j2").render(
        style=style,
        style_hash=hashed(style),
        sides=tuple(map(_side, held.sides)),
        summary=_summary(held),
        rows=rows,
        drifts=[
            (words, [(finding.severity.label, finding.rule.id, title(finding)) for finding in findings])
            for words, findings in _drifts(held)
        ],
        undecided=_undecided(held, every=True),
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
