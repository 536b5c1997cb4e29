"""Approved differences: a file of waivers, and comments in the configuration.

A waiver needs a rule, a reason, an owner and a last day, and can narrow by wiki, setting, path and value. It changes a
finding's disposition; nothing is dropped. A waiver past its day, one that matches nothing, and one that cannot be read
are findings themselves.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from driftcheck.core.disposition import Waived, Waiver
from driftcheck.core.finding import Finding, Location
from driftcheck.core.globs import LONGEST, is_too_long, matches
from driftcheck.core.model import Span
from driftcheck.judging import comments, matching
from driftcheck.judging.pages import EXPIRED, INVALID, UNUSED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from driftcheck.core.finding import Rule
    from driftcheck.core.model import Source

DEFAULT_FILE = ".driftcheck/waivers.yaml"

_TASK = re.compile(r"T\d+")
_FORM = "allow RULE until YYYY-MM-DD (TASK, OWNER): REASON"
_LONGEST_INLINE = 2000
_TOO_LONG = f"a glob of more than {LONGEST} characters; write a shorter one"
_GRAMMAR = re.compile(
    r"allow\s+(?P<rule>[a-z-]+)"
    r"(?:\s+on\s+(?P<wikis>[^\s,]+(?:,\s*[^\s,]+)*))?"
    r"(?:\s+for\s+(?P<setting>[\w*?\[\]+-]+)(?:\.(?P<path>[\w.*?\[\]-]+))?)?"
    r"(?:\s+while\s+(?P<value>(?:production|beta)\s*=\s*\S+(?:\s+and\s+(?:production|beta)\s*=\s*\S+)?))?"
    r"\s+until\s+(?P<until>\d{4}-\d{2}-\d{2})"
    r"\s+\((?:(?P<task>T\d+),\s*)?(?P<owner>[^()]*[^\s()])\s*\)"
    r"\s*:\s*(?P<reason>.*\S)\s*\Z"
)
_KEYS = {"rule", "wikis", "setting", "path", "production", "beta", "fingerprint", "reason", "owner", "until", "task"}
_NEEDED = ("rule", "reason", "owner", "until")


class Signature(NamedTuple):
    """A waiver with what it matches; ``lines`` are those an inline waiver stands beside, () for one of the file.

    ``layer`` is the layer whose findings it is about, ``near`` the setting that the code beside it is about.
    """

    waiver: Waiver
    layer: str
    wikis: tuple[str, ...] = ()
    setting: str = "*"
    path: str = "*"
    values: tuple[tuple[str, Any], ...] = ()
    fingerprint: str = ""
    lines: tuple[int, ...] = ()
    near: str = ""

    def covers(self, finding: Finding) -> tuple[str, ...] | None:
        """The wikis of a finding that the waiver covers, () of one that has none; None where it does not match."""
        if finding.rule.id != self.waiver.rule or not self._beside(finding):
            return None
        if not matches(finding.setting, self.setting) or not matching.is_named(finding, self.path):
            return None
        if self.fingerprint and finding.fingerprint != self.fingerprint:
            return None
        sides = {"production": finding.production.value, "beta": finding.beta.value}
        if not all(matching.is_value(sides[name], wanted) for name, wanted in self.values):
            return None
        if not self.wikis:
            return finding.wikis
        names = tuple(name for name in finding.wikis if any(matches(name, glob) for glob in self.wikis))
        return names or None

    def ambiguity(self, findings: Iterable[Finding]) -> int:
        """How many differences stand beside a comment that names none of them; 0 where it is clear what it means."""
        if not self.lines or (self.setting, self.path) != ("*", "*"):
            return 0
        found = {(f.setting, f.path): f.differences for f in findings if self.covers(f) is not None}
        return several if (several := sum(found.values())) > 1 else 0

    def _beside(self, finding: Finding) -> bool:
        at = [place.span.line for place in finding.locations if place.span.path == self.waiver.span.path]
        return not self.lines or any(line in self.lines for line in at)


class Written(NamedTuple):
    """A file that waivers can stand in, with the layer whose tree it is of."""

    layer: str
    source: Source

    def about(self, rule: Rule | None) -> str:
        """The layer that a waiver in this file is about: the file's own, or that of a rule which does not look at it."""
        return self.layer if rule is None or not rule.layers or self.layer in rule.layers else rule.layers[0]


class Signed(NamedTuple):
    """All waivers that were read, and the findings about those that could not be."""

    entries: tuple[Signature, ...]
    invalid: tuple[Finding, ...]


def read(file: Written | None, sources: Iterable[Written], rules: Mapping[str, Rule]) -> Signed:
    """The waivers of a file and of comments; ``rules`` are all that exist, by id."""
    entries: list[Signature] = []
    invalid: list[Finding] = []
    if file is not None:
        for item in _from_file(file, rules):
            (entries if isinstance(item, Signature) else invalid).append(item)  # type: ignore[arg-type]
    for source in sources:
        for inline in _from_comments(source, rules):
            (entries if isinstance(inline, Signature) else invalid).append(inline)  # type: ignore[arg-type]
    return Signed(tuple(entries), tuple(invalid))


def _from_file(written: Written, rules: Mapping[str, Rule]) -> Iterator[Signature | Finding]:
    from driftcheck.yaml import own

    file = written.source
    document = own.load(file.path, file.text)
    if document is None:
        return
    listed = document.get("waivers", "") if isinstance(document, dict) else ""
    if listed is None and not set(document) - {"version", "waivers"}:
        return
    if not isinstance(listed, list) or set(document) - {"version", "waivers"}:
        place = Span(file.path, file.revision, 1, 1, 1, 1)
        yield _broken(written.layer, place, "version: 1 and a list of waivers are expected")
        return
    for item in listed:
        line = item.line if isinstance(item, own.Marked) else 1
        span = Span(file.path, file.revision, line, 1, line, 1)
        wrong = fault(item, rules)
        layer = written.about(rules.get(str(item.get("rule"))) if isinstance(item, dict) else None)
        yield _broken(layer, span, wrong) if wrong else _entry(layer, item, span)


def fault(item: object, rules: Mapping[str, Rule]) -> str:
    """What is wrong with a waiver, a map as the file of waivers has it; empty where nothing is."""
    if not isinstance(item, dict):
        return "a waiver is a map of rule, reason, owner and until"
    if unknown := sorted(set(item) - _KEYS):
        return f"unknown key {unknown[0]!r}; the keys are {', '.join(sorted(_KEYS))}"
    if not str(item.get("rule") or "").strip():
        return "rule is missing"
    if item["rule"] not in rules:
        return f"no such rule: {item['rule']}"
    wikis = item.get("wikis", ())
    globs = [item.get("setting", ""), item.get("path", ""), *(wikis if isinstance(wikis, list) else [wikis])]
    if any(is_too_long(str(glob)) for glob in globs):
        return _TOO_LONG
    return fault_of_terms(item)


def fault_of_terms(item: Mapping[str, object]) -> str:
    """What is wrong with the reason, the owner and the last day of a waiver; empty where nothing is."""
    if missing := [key for key in ("reason", "owner", "until") if not str(item.get(key) or "").strip()]:
        return f"{missing[0]} is missing"
    if not _is_day(str(item["until"])):
        return f"until is not a date: {item['until']}; write it as YYYY-MM-DD"
    if _TASK.fullmatch(str(item["owner"]).strip()):
        return f"the owner {item['owner']} is a task; name who is responsible: a person or a team"
    return ""


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _entry(layer: str, item: dict[str, Any], span: Span) -> Signature:
    wikis = item.get("wikis", ())
    waiver = Waiver(
        item["rule"], str(item["reason"]), str(item["owner"]), str(item["until"]), span, str(item.get("task") or "")
    )
    return Signature(
        waiver,
        layer,
        tuple(map(str, wikis if isinstance(wikis, list) else [wikis])) if wikis else (),
        str(item.get("setting", "*")),
        str(item.get("path", "*")),
        tuple((name, item[name]) for name in ("production", "beta") if name in item),
        str(item.get("fingerprint") or ""),
    )


def _from_comments(written: Written, rules: Mapping[str, Rule]) -> Iterator[Signature | Finding]:
    for span, text, near in comments.written(written.source):
        parsed = _GRAMMAR.match(text) if not near and len(text) <= _LONGEST_INLINE else None
        wrong = (
            f"not of the form: {near}{_FORM}" if parsed is None else fault({key: parsed[key] for key in _NEEDED}, rules)
        )
        if parsed is not None and any(is_too_long(part or "") for part in parsed.group("setting", "path", "wikis")):
            wrong = _TOO_LONG
        if parsed is None or wrong:
            yield _broken(written.layer, span, wrong)
            continue
        rule, task = parsed["rule"], parsed["task"] or ""
        waiver = Waiver(rule, parsed["reason"], parsed["owner"].strip(), parsed["until"], span, task)
        yield Signature(
            waiver,
            written.about(rules[rule]),
            tuple(part.strip() for part in (parsed["wikis"] or "").split(",") if part.strip()),
            parsed["setting"] or "*",
            parsed["path"] or "*",
            tuple(_values(parsed["value"] or "")),
            lines=(lines := comments.beside(written.source, span.line)),
            near=comments.setting(written.source, lines[-1]),
        )


def _values(text: str) -> Iterator[tuple[str, Any]]:
    for part in re.split(r"\s+and\s+", text) if text else ():
        name, _, value = part.partition("=")
        try:
            yield name.strip(), json.loads(value)
        except ValueError:
            yield name.strip(), value.strip()


def _broken(layer: str, span: Span, fault: str) -> Finding:
    return _about(INVALID, layer, span, fault, f"the waiver is not applied: {fault}")


def _about(rule: Rule, layer: str, span: Span, key: str, message: str) -> Finding:
    """A finding about a waiver itself; ``key`` tells the waivers of one file apart."""
    path = f"{span.path} {key}"
    return Finding(rule, layer, "waivers", path, (), message, related=(Location("related", span),))


def apply(
    findings: Sequence[Finding], signed: Signed, today: str, *, asked: Callable[[Signature], bool] = lambda _: True
) -> tuple[Finding, ...]:
    """The findings with their dispositions, and those about the waivers. ``today`` is a day, YYYY-MM-DD.

    ``asked`` tells whether the run looked at all that a waiver could be of: another is not unused.
    """
    out: list[Finding] = []
    used: set[int] = set()
    entries: list[Signature] = []
    for entry in signed.entries:
        if several := entry.ambiguity(findings):
            # What comes to the line later must not be hidden by a waiver of what stood there before.
            fault = f"{several} differences of this rule stand on its line; say which one: for SETTING.path"
            out.append(_broken(entry.layer, entry.waiver.span, fault))
        else:
            entries.append(entry)
    for finding in findings:
        left: Finding | None = finding
        for number, entry in enumerate(entries):
            covered = entry.covers(left) if left is not None else None
            if left is None or covered is None:
                continue
            used.add(number)
            if entry.waiver.until < today:
                continue
            out.append(left._replace(wikis=covered, disposition=Waived(entry.waiver)))
            rest = tuple(name for name in left.wikis if name not in covered)
            left = left._replace(wikis=rest) if rest else None
        if left is not None:
            out.append(left)
    out += signed.invalid
    for number, entry in enumerate(entries):
        waiver = entry.waiver
        if number not in used:
            if asked(entry):
                message = f"the waiver of {waiver.rule} matches no finding{_wider(entry, findings)}"
                out.append(_about(UNUSED, entry.layer, waiver.span, _key(waiver), message))
        elif waiver.until < today:
            message = f"the waiver of {waiver.rule} ended on {waiver.until} ({waiver.owner}: {waiver.reason})"
            out.append(_about(EXPIRED, entry.layer, waiver.span, _key(waiver), message))
    return tuple(out)


def _wider(entry: Signature, findings: Sequence[Finding]) -> str:
    """Where a finding tells of more than the part that a waiver is of, the end of a sentence that says so."""
    for finding in findings:
        around = f"{finding.path}." if finding.path else ""
        of_it = finding.rule.id == entry.waiver.rule and matches(finding.setting, entry.setting)
        if of_it and entry.path not in ("*", finding.path) and entry.path.startswith(around):
            return f", for {finding.setting} differs in more than {entry.path}: waive the whole difference"
    return ""


def _key(waiver: Waiver) -> str:
    return f"{waiver.rule} until {waiver.until} by {waiver.owner}"
