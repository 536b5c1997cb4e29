"""Why a setting is what it is on one wiki: which line sets the value, which lines it overrides, and which later layer changes it.

It leaves out what did not happen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.model import MISSING, Op, first_place, has_unknown, same
from driftcheck.layers.extension.profiles import load
from driftcheck.php.values import array_key
from driftcheck.report.difference import difference
from driftcheck.report.escape import place, short, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftcheck.core.model import Key, Missing, Path, Result, Span
    from driftcheck.layers.extension.effective import Effective
    from driftcheck.snapshot import Snapshot

_STAGES = (
    ("arrays", "the settings arrays"),
    ("assignments", "CommonSettings*.php"),
    ("defaults", "the extension's registration"),
)
_LONGEST = 200


@dataclass(frozen=True)
class Subject:
    """What is asked: a wiki, a setting, and a path inside it."""

    dbname: str
    setting: str
    path: Path


def scope(dotted: str, profile_name: str) -> tuple[str, ...]:
    """The setting that must be in scope beside the profile's, if the profile does not have it."""
    profile = load(profile_name)
    known = any(dotted == ".".join(element) for element in profile.elements)
    name = dotted.partition(".")[0]
    return () if known or profile.wants(name) else (name,)


def question(dbname: str, dotted: str, names: Sequence[str]) -> Subject:
    """``wgOresModels.goodfaith`` as a setting and a path; the longest setting of that name counts."""
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        name = ".".join(parts[:cut])
        if name in names:
            return Subject(dbname, name, tuple(array_key(part) for part in parts[cut:]))
    return Subject(dbname, parts[0], tuple(array_key(part) for part in parts[1:]))


def explain(asked: Subject, realms: Sequence[Effective], snapshot: Snapshot) -> str:
    """The answer, for both realms."""
    name = ".".join([asked.setting, *map(str, asked.path)])
    lines = [f"{short(asked.dbname, _LONGEST)}: {short(name, _LONGEST)}", ""]
    values: list[Result | Missing] = []
    for effective in realms:
        number = effective.number(asked.dbname)
        if number is None:
            lines += [f"{effective.realm.value} does not have {short(asked.dbname, _LONGEST)}", ""]
            continue
        value = reach.at(effective.value(asked.setting, number), *asked.path)
        values.append(value)
        has = "has no value" if value is MISSING else f"has {shown(value, 400)}"
        lines.append(f"{effective.realm.value} {has}")
        lines += [f"  {line}" for line in _why(asked, effective, number, snapshot)]
        lines.append("")
    if len(values) == len(realms):
        lines += [verdict(*values), *(f"  {line}" for line in difference(values[0], values[1]))]
    return "\n".join(lines).rstrip() + "\n"


def verdict(first: Result | Missing, *others: Result | Missing) -> str:
    """Whether the values of all sides are one."""
    if any(has_unknown(value) for value in (first, *others)):
        return "Unknown values cannot be compared."
    return f"The realms {'agree' if all(first is value or same(first, value) for value in others) else 'differ'}."


def _why(asked: Subject, effective: Effective, number: int, snapshot: Snapshot) -> Iterator[str]:
    previous: Result | Missing = MISSING
    whole: Result | Missing = MISSING
    for stage, layer in _STAGES:
        setting = effective.value(asked.setting, number, stage)
        value = reach.at(setting, *asked.path)
        if stage == "arrays":
            yield from _decided(asked, effective, number, (setting, value), snapshot)
            yield from _losers(asked, effective, number)
        elif value is not MISSING and (previous is MISSING or not same(value, previous)):
            yield f"{'then ' if whole is not MISSING else ''}{layer} sets it to {shown(value, 200)}"
            yield from _steps(value, snapshot)
        elif value is MISSING and previous is not MISSING:
            yield f"then {layer} removes it"
        previous, whole = value, setting
    if whole is MISSING:
        yield "not set"


def _place(span: Span | None, snapshot: Snapshot) -> str:
    if span is None:
        return "an unknown place"
    source = snapshot.read(span.path) if not span.path.startswith(("/", "..")) else None
    line = source.line_text(span.line).strip() if source is not None else ""
    return f"{place(span)}{f':  {short(line, 160)}' if line else ''}"


def _decided(
    asked: Subject,
    effective: Effective,
    number: int,
    found: tuple[Result | Missing, Result | Missing],
    snapshot: Snapshot,
) -> Iterator[str]:
    """The line of the settings arrays that decided, and the selector that led to it."""
    held, value = found
    setting = effective.setting(asked.setting)
    if held is MISSING or setting is None:
        return
    if value is not MISSING:
        yield f"decided by {_place(value.span, snapshot)}"
    else:
        yield f"decided by {_place(held.span, snapshot)}  (it has no such key)"
    signature = effective.config.resolver.signature(setting, effective.wikis[number])
    steps = (held if value is MISSING else value).provenance
    overlay = " of beta's overlay" if any(step.op is Op.OVERRIDE for step in steps) else ""
    if signature:
        merged = f", merged with {', '.join(map(_quoted, signature[1:]))}" if len(signature) > 1 else ""
        yield f"through the selector {_quoted(signature[0])}{overlay}{merged}"
    for step in steps:
        if step.op is Op.REFERENCE:
            yield f"through {short(step.via, _LONGEST)}{f' at {place(step.span)}' if step.span else ''}"
        elif step.op is Op.COERCE:
            yield f"after {short(step.via, _LONGEST)}"


def _losers(asked: Subject, effective: Effective, number: int) -> Iterator[str]:
    setting = effective.setting(asked.setting)
    if setting is None:
        return
    wiki = effective.wikis[number]
    used = set(effective.config.resolver.signature(setting, wiki))
    for selector, around in setting.replaced:
        if selector in used:
            value = reach.at(around, *asked.path)
            yield f"overridden: production's own {_quoted(selector)}, {shown(value, 120)}{_at(value, around)}"
    order = (wiki.dbname, f"+{wiki.dbname}", *(p for tag in wiki.tags for p in (tag, f"+{tag}")), "default")
    for selector in order:
        if selector in setting.by_selector and selector not in used:
            around = setting.by_selector[selector]
            value = reach.at(around, *asked.path)
            yield f"overridden: {_quoted(selector)}, {shown(value, 120)}{_at(value, around)}"


def _quoted(selector: Key) -> str:
    return f"'{short(str(selector), _LONGEST)}'"


def _at(*candidates: Result | Missing) -> str:
    span = first_place(*candidates)
    return f" at {place(span)}" if span is not None else ""


def _steps(value: Result, snapshot: Snapshot) -> Iterator[str]:
    last = next((step for step in reversed(value.provenance) if step.op in (Op.ASSIGN, Op.SCHEMA_DEFAULT)), None)
    if last is not None:
        yield f"  at {_place(last.span, snapshot)}"
    if value.span is not None and (last is None or last.span is None or value.span[:3] != last.span[:3]):
        yield f"  with the value of {_place(value.span, snapshot)}"
