"""Why a setting is what it is on one wiki: which line sets the value, which lines it overrides, and which later stage changes it.

It leaves out what did not happen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.diff import identical
from driftcheck.core.model import MISSING, InputError, Op, Unknown, first_place, same
from driftcheck.core.nearest import nearest
from driftcheck.layers.extension.profiles import load
from driftcheck.layers.records import Answer, Explanation, Reason, Words
from driftcheck.php.values import array_key

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Sequence

    from driftcheck.core.model import Missing, Path, Result
    from driftcheck.layers.extension.effective import Effective
    from driftcheck.layers.extension.profiles import Profile

_STAGES = (
    ("arrays", "the settings arrays"),
    ("assignments", "CommonSettings*.php"),
    ("defaults", "the extension's registration"),
)
_WORDS = Words(value=" has", absent=" has no value", without=" does not have", joined=False)


@dataclass(frozen=True)
class Subject:
    """What is asked: a wiki, a setting, and a path inside it."""

    dbname: str
    setting: str
    path: Path


def scope(dotted: str, profile_name: str) -> tuple[str, ...]:
    """The setting that must be in scope beside the profile's, if the profile does not have it. Raises InputError."""
    profile = load(profile_name)
    known = any(dotted == ".".join(element) for element in profile.elements)
    name = dotted.partition(".")[0]
    return () if known or profile.wants(name) else (name,)


def question(dbname: str, dotted: str, names: Container[str]) -> Subject:
    """``wgOresModels.goodfaith`` as a setting and a path; the longest setting of that name counts."""
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        name = ".".join(parts[:cut])
        if name in names:
            return Subject(dbname, name, tuple(array_key(part) for part in parts[cut:]))
    return Subject(dbname, parts[0], tuple(array_key(part) for part in parts[1:]))


def explain(
    dbname: str,
    dotted: str,
    realms: Sequence[Effective],
    everywhere: Callable[[], Sequence[Effective]],
    profile: Profile,
) -> Explanation:
    """The answer of both realms; ``everywhere`` evaluates every wiki of them.

    Raises InputError for a setting, or a wiki, that neither has.
    """
    known = {name for side in realms for name in (*side.columns, *side.config.settings)}
    asked = question(dbname, dotted, known)
    if asked.setting not in known:
        more = f"; driftcheck show {dbname} --until arrays --profile all lists them all"
        raise InputError(f"{asked.setting}: no such setting{nearest(asked.setting, sorted(known)) or more}")
    wikis = {wiki.dbname for side in realms for wiki in side.wikis}
    if dbname not in wikis:
        more = "; driftcheck show --realm production lists them all"
        raise InputError(f"{dbname}: no such wiki in either realm{nearest(dbname, sorted(wikis)) or more}")
    name = ".".join([asked.setting, *map(str, asked.path)])
    answers = [_answer(asked, side, profile) for side in realms]
    if asked.path and all(answer.value in (None, MISSING) for answer in answers):
        _known(asked, everywhere())
    return Explanation(dbname, name, answers, _WORDS)


def _known(asked: Subject, realms: Sequence[Effective]) -> None:
    """Refuse a part of a setting that no wiki has in either realm. Raises InputError with the nearest names."""
    held = [value for side in realms for stage, _ in _STAGES for value in side.column(asked.setting, stage)]
    prefix = asked.setting
    for part in asked.path:
        keys = {key for value in held for key in reach.array(value)}
        if part not in keys and not any(isinstance(value, Unknown) for value in held):
            near = nearest(f"{prefix}.{part}", [f"{prefix}.{key}" for key in sorted(map(str, keys))])
            raise InputError(f"{prefix}.{part}: no wiki has this in either realm{near}")
        held = [reach.at(value, part) for value in held]
        prefix = f"{prefix}.{part}"


def _answer(asked: Subject, effective: Effective, profile: Profile) -> Answer:
    number = effective.number(asked.dbname)
    if number is None:
        return Answer(effective.realm.value, None)
    held = profile.implied(asked.setting, effective.value(asked.setting, number))
    why = tuple(_why(asked, effective, number, profile))
    return Answer(effective.realm.value, reach.at(held, *asked.path), why)


def _why(asked: Subject, effective: Effective, number: int, profile: Profile) -> Iterator[Reason]:
    previous: Result | Missing = MISSING
    whole: Result | Missing = MISSING
    for stage, layer in _STAGES:
        around = effective.value(asked.setting, number, stage)
        value = reach.at(around, *asked.path)
        if stage == "arrays":
            yield from _decided(asked, effective, number, around, value)
            yield from _losers(asked, effective, number)
        elif value is not MISSING and not (same(value, previous) or identical(value, previous)):
            yield Reason(f"{'then ' if whole is not MISSING else ''}{layer} sets it to", value)
            yield from _steps(value)
        elif value is MISSING and previous is not MISSING:
            yield Reason(f"then {layer} removes it")
        previous, whole = value, around
    if whole is MISSING:
        implied = profile.implied(asked.setting, MISSING)
        yield (
            Reason("not set")
            if implied is MISSING
            else Reason(f"not set: the profile {profile.name} takes that as", implied)
        )


def _decided(
    asked: Subject, effective: Effective, number: int, around: Result | Missing, value: Result | Missing
) -> Iterator[Reason]:
    """The line of the settings arrays that decided, and the selector that led to it."""
    setting = effective.setting(asked.setting)
    if around is MISSING or setting is None:
        return
    if value is not MISSING:
        yield Reason("decided by", at=value.span, quoted=True)
    else:
        yield Reason("decided by", at=around.span, quoted=True, after="  (it has no such key)")
    signature = effective.config.resolver.signature(setting, effective.wikis[number])
    steps = (around if value is MISSING else value).provenance
    overlay = " of beta's overlay" if any(step.op is Op.OVERRIDE for step in steps) else ""
    if signature:
        first, *others = (f"'{selector}'" for selector in signature)
        merged = f", merged with {', '.join(others)}" if others else ""
        yield Reason(f"through the selector {first}{overlay}{merged}")
    for step in steps:
        if step.op is Op.REFERENCE:
            yield Reason(f"through {step.via}", at=step.span)
        elif step.op is Op.COERCE:
            yield Reason(f"after {step.via}")


def _losers(asked: Subject, effective: Effective, number: int) -> Iterator[Reason]:
    """What other selectors of the wiki say."""
    setting = effective.setting(asked.setting)
    if setting is None:
        return
    wiki = effective.wikis[number]
    used = set(effective.config.resolver.signature(setting, wiki))
    for selector, around in setting.replaced:
        if selector in used:
            yield _lost(f"production's own '{selector}'", around, asked.path)
    order = (wiki.dbname, f"+{wiki.dbname}", *(p for tag in wiki.tags for p in (tag, f"+{tag}")), "default")
    for selector in order:
        if selector in setting.by_selector and selector not in used:
            yield _lost(f"'{selector}'", setting.by_selector[selector], asked.path)


def _lost(named: str, around: Result, path: Path) -> Reason:
    value = reach.at(around, *path)
    return Reason(f"overridden: {named},", value, first_place(value, around))


def _steps(value: Result) -> Iterator[Reason]:
    """Where a later stage stands, and where the value that it took was written."""
    last = next((step for step in reversed(value.provenance) if step.op in (Op.ASSIGN, Op.SCHEMA_DEFAULT)), None)
    if last is not None and last.op is Op.SCHEMA_DEFAULT and last.span is None:
        yield Reason(f"  by {last.via}")
    elif last is not None:
        yield Reason("  at", at=last.span, quoted=True)
    if value.span is not None and (last is None or last.span is None or value.span[:3] != last.span[:3]):
        yield Reason("  with the value of", at=value.span, quoted=True)
