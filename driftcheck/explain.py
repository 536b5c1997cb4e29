"""Why a setting is what it is on one wiki: which line decided, what lost, and which later layer had a say.

It leaves out what did not happen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftcheck.model import MISSING, Op, Unknown, Value, same
from driftcheck.report.escape import shown, visible
from driftcheck.sources.phpops import array_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftcheck.effective import Effective
    from driftcheck.model import Missing, Path, Result, Span
    from driftcheck.snapshot import Snapshot

_STAGES = (("arrays", "the settings arrays"), ("assignments", "CommonSettings*.php"), ("defaults", "the extension's registration"))


@dataclass(frozen=True)
class Question:
    """What is asked: a wiki, a setting, and a path inside it."""

    dbname: str
    setting: str
    path: Path


def question(dbname: str, dotted: str, names: Sequence[str]) -> Question:
    """``wgOresModels.goodfaith`` as a setting and a path; the longest setting of that name counts."""
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        name = ".".join(parts[:cut])
        if name in names:
            return Question(dbname, name, tuple(array_key(part) for part in parts[cut:]))
    return Question(dbname, parts[0], tuple(array_key(part) for part in parts[1:]))


def explain(asked: Question, realms: Sequence[Effective], snapshot: Snapshot) -> str:
    """The answer, for both realms."""
    name = ".".join([asked.setting, *map(str, asked.path)])
    lines = [f"{asked.dbname}: {visible(name)}", ""]
    values: list[Result | Missing] = []
    for effective in realms:
        title = effective.realm.value
        number = effective.number(asked.dbname)
        if number is None:
            lines += [f"{title}: has no {asked.dbname}", ""]
            continue
        value = at_path(effective.value(asked.setting, number), asked.path)
        values.append(value)
        lines.append(f"{title}: {shown(value, 400)}")
        lines += [f"  {line}" for line in _why(asked, effective, number, snapshot)]
        lines.append("")
    if len(values) == len(realms):
        lines.append("The realms agree." if same(*values) else "The realms differ.")  # type: ignore[call-arg]
    return "\n".join(lines).rstrip() + "\n"


def at_path(held: Result | Missing, path: Path) -> Result | Missing:
    """A part of a value, with the steps of the arrays around it."""
    for key in path:
        if isinstance(held, Unknown):
            return held
        if not isinstance(held, Value) or not isinstance(held.data, dict) or key not in held.data:
            return MISSING
        held = held.data[key].after(*held.steps)
    return held


def _why(asked: Question, effective: Effective, number: int, snapshot: Snapshot) -> Iterator[str]:
    previous: Result | Missing = MISSING
    for stage, layer in _STAGES:
        held = effective.value(asked.setting, number, stage)
        value = at_path(held, asked.path)
        if stage == "arrays":
            if value is not MISSING:
                yield f"decided by {_place(value.span, snapshot)}"
                yield from _selected(asked, effective, number, value)
            yield from _losers(asked, effective, number)
        elif value is not MISSING and (previous is MISSING or not same(value, previous)):
            verb = "then" if previous is not MISSING else "decided by"
            yield f"{verb} {layer}: {shown(value, 200)}"
            yield from _steps(value, snapshot)
        elif value is MISSING and previous is not MISSING:
            yield f"then {layer} took it away"
        previous = value
    if previous is MISSING:
        yield "nothing sets it"


def _place(span: Span | None, snapshot: Snapshot) -> str:
    if span is None:
        return "a place that is not known"
    source = snapshot.read(span.path) if not span.path.startswith(("/", "..")) else None
    line = source.line_text(span.line).strip() if source is not None else ""
    return f"{visible(str(span))}{f':  {visible(line)[:160]}' if line else ''}"


def _selected(asked: Question, effective: Effective, number: int, value: Result) -> Iterator[str]:
    setting = effective.setting(asked.setting)
    wiki = effective.wikis[number]
    if setting is None:
        return
    signature = effective.config.resolver.signature(setting, wiki)
    if signature:
        merged = f", merged with {', '.join(map(repr, signature[1:]))}" if len(signature) > 1 else ""
        yield f"through the selector {signature[0]!r}{merged}"
    for step in value.provenance:
        if step.op is Op.REFERENCE:
            yield f"through {visible(step.via)}{f' at {step.span}' if step.span else ''}"
        elif step.op is Op.OVERRIDE:
            yield f"written by beta's overlay for {visible(step.via)}"
        elif step.op is Op.COERCE:
            yield f"after {step.via}"


def _losers(asked: Question, effective: Effective, number: int) -> Iterator[str]:
    setting = effective.setting(asked.setting)
    if setting is None:
        return
    wiki = effective.wikis[number]
    used = set(effective.config.resolver.signature(setting, wiki))
    for selector, held in setting.replaced:
        if selector in used:
            value = at_path(held, asked.path)
            yield f"lost: production's own {selector!r}, {shown(value, 120)}{_at(value, held)}"
    order = (wiki.dbname, f"+{wiki.dbname}", *(p for tag in wiki.tags for p in (tag, f"+{tag}")), "default")
    for selector in order:
        if selector in setting.by_selector and selector not in used:
            held = setting.by_selector[selector]
            value = at_path(held, asked.path)
            yield f"lost: {selector!r}, {shown(value, 120)}{_at(value, held)}"


def _at(*candidates: Result | Missing) -> str:
    span = next((held.span for held in candidates if held is not MISSING and held.span is not None), None)
    return f" at {visible(str(span))}" if span is not None else ""


def _steps(value: Result, snapshot: Snapshot) -> Iterator[str]:
    last = next((step for step in reversed(value.provenance) if step.op in (Op.ASSIGN, Op.SCHEMA_DEFAULT)), None)
    if last is not None:
        yield f"  at {_place(last.span, snapshot)}"
    if value.span is not None and (last is None or value.span != last.span):
        yield f"  the value is written at {_place(value.span, snapshot)}"
