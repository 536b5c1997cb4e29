"""The report as one page: a matrix of wikis and settings, then every finding with its lines. It needs no network.

All content is in the HTML; the script only filters. Whatever comes from outside passes :func:`_safe` (made visible,
cut) and Jinja's autoescape on its way into the template, and style and script are allowed by their hashes alone.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from driftcheck.finding import Active, Baselined, Preexisting, Severity, Waived
from driftcheck.model import MISSING, Realm, Unknown, plain
from driftcheck.report.escape import shown, visible
from driftcheck.report.jsonreport import assert_never
from driftcheck.rules.drift import WIKI_NOT_IN_BETA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from jinja2 import Template

    from driftcheck.finding import Disposition, Finding, Report, Side
    from driftcheck.model import Missing, Result, Span
    from driftcheck.rules.context import Comparison

View: TypeAlias = "dict[str, Any]"

_PAGE = Path(__file__).parent / "page"
_AROUND = 2  # lines of context on either side
_MAX_CULPRIT = 8  # lines of one place
_MAX_LINE, _MAX_TEXT, _ONE_LINE = 240, 2000, 60  # characters: of a source line, of anything, of a value on one line
_MAX_INLINE = 1_000_000  # characters of source beside the findings; beyond it they stand once, at the end
_MAX_NAMES, _FEW_NAMES = 60_000, 12  # wiki names on the whole page; a list too short to be told by reference
_MAX_RELATED = 6
_MAX_COLUMNS = 36  # of one table: what an upright sheet of paper holds
_MANY_SETTINGS = 72  # beyond it, settings that agree everywhere are named and not drawn
_NO_DAY = "9999"


@dataclass(frozen=True, slots=True)
class Matrix:
    """What became of each setting on each wiki: ``rows`` are a dbname and one letter a setting.

    ``=`` agrees, ``!`` diverges, ``w`` diverges and does not count, ``-`` no such wiki in beta, ``.`` nothing to
    compare. ``day`` is the day of the configuration.
    """

    settings: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    day: str = ""


def matrix_of(context: Comparison, report: Report) -> Matrix:
    """The matrix of a comparison: the wikis of production that have the extension, and every setting in scope."""
    counts: dict[str, dict[str, bool]] = {}
    for finding in report.findings:
        if finding.rule.id != WIKI_NOT_IN_BETA.id:
            column = counts.setdefault(finding.setting, {})
            column.update((name, column.get(name, False) or finding.active) for name in finding.wikis)
    named = {name for side in context.sides for name in side.stage("defaults", context.profile)}
    settings = tuple(sorted(name for name in named | counts.keys() if not name.startswith("@")))

    def letter(dbname: str, name: str) -> str:
        if (counted := counts.get(name, {}).get(dbname)) is not None:
            return "!" if counted else "w"
        if not context.has(Realm.BETA, dbname):
            return "-"
        held = [context.value(side, name, dbname) for side in context.sides]
        silent = all(value is MISSING for value in held) or any(isinstance(value, Unknown) for value in held)
        compared = context.enabled(context.beta, dbname) is True and context.profile.policy(name) != "ignore"
        return "=" if compared and not silent else "."

    rows = tuple((name, "".join(letter(name, setting) for setting in settings)) for name in context.on(context.production))
    return Matrix(settings, rows, "" if context.date.startswith(_NO_DAY) else context.date)


def render(report: Report, matrix: Matrix, sources: Callable[[str, str], bytes | None]) -> str:
    """The page. ``sources`` gives the bytes of a path at a revision, or None."""
    style, script = ((_PAGE / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    findings = _in_order(report.findings)
    links = _ids(findings)
    files = _Files(sources)
    places = [side.span for finding in findings for side in (finding.production, finding.beta) if side.span]
    apart = sum(len(line.text) for span in places for line in files.excerpt(span)) > _MAX_INLINE
    names = _Names(findings, matrix)
    return _template().render(
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
        **_glance(report, matrix),
        tables=list(_tables(matrix, findings, links)),
        quiet=_quiet(matrix),
        rows=len(matrix.rows),
        groups=_groups([_finding(*item, names, files, apart=apart) for item in zip(findings, links, strict=True)]),
        total=len(findings),
        listings=files.listings(places) if apart else [],
        data=names.data(),
    )


@functools.cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, finalize=_safe, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string((_PAGE / "page.html.j2").read_text(encoding="utf-8"))


def _safe(held: object) -> object:
    """Every expression of the template passes here: text is cut and made visible; Markup is the template's own."""
    return visible(_cut(held)) if held.__class__ is str else held


def _cut(text: object, limit: int = _MAX_TEXT) -> str:
    text = str(text)
    return text if len(text) <= limit else f"{text[:limit]}... (cut; {len(text)} characters)"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _glance(report: Report, matrix: Matrix) -> View:
    """What the top of the page says."""
    states = Counter(finding.disposition.state for finding in report.findings)
    counts = [(severity.label, report.count(severity)) for severity in reversed(Severity)]
    errors = report.count(Severity.ERROR)
    if report.incomplete:
        verdict = ("bad", "Drift, and incomplete") if report.active else ("warn", "Incomplete: no verdict")
    elif report.active:
        verdict = ("bad", "Drift") if errors else ("warn", "Drift, no errors")
    else:
        verdict = ("good", "No drift that nobody signed for" if report.findings else "No drift")
    read: dict[tuple[str, str, str], list[str]] = {}
    for info in report.snapshots:
        read.setdefault((info.layer, info.path, info.revision), []).append(info.realm)
    holes = [(hole.reason, str(hole.span) if hole.span else "") for hole in report.incomplete]
    return {"tone": verdict[0], "verdict": verdict[1], "counts": counts, "states": states, "coverage": report.coverage,
            "read": [(*key, realms) for key, realms in read.items()], "day": matrix.day, "holes": holes}  # fmt: skip


def _in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The findings of a rule together, rules in the order of their first finding."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.rule.id, []).append(finding)
    return [finding for group in groups.values() for finding in group]


def _ids(findings: Sequence[Finding]) -> list[tuple[int, str, str]]:
    """For each finding its number, its anchor, which is the same tomorrow, and its fingerprint."""
    out, taken = [], set()
    for number, finding in enumerate(findings, 1):
        mark = finding.fingerprint
        anchor = f"f{mark[:10]}" if mark[:10] not in taken else f"f{mark[:10]}-{number}"
        taken.add(mark[:10])
        out.append((number, anchor, mark))
    return out


def _groups(views: Iterable[View]) -> list[View]:
    groups: dict[str, View] = {}
    for view in views:
        rule = view["rule"]
        groups.setdefault(rule.id, {"rule": rule, "severity": rule.severity.label, "findings": []})["findings"].append(view)
    return list(groups.values())


# -- the matrix ------------------------------------------------------------------------------------------------------


def _quiet(matrix: Matrix) -> tuple[str, ...]:
    """Of very many settings, those that have nothing to say."""
    if len(matrix.settings) <= _MANY_SETTINGS:
        return ()
    loud = {number for _, letters in matrix.rows for number, sign in enumerate(letters) if sign in "!w"}
    return tuple(name for number, name in enumerate(matrix.settings) if number not in loud)


def _tables(matrix: Matrix, findings: Sequence[Finding], links: Sequence[tuple[int, str, str]]) -> Iterator[View]:
    where: dict[str, dict[str, str]] = {}
    absent: dict[str, str] = {}
    linked = [(finding, anchor) for finding, (_, anchor, _) in zip(findings, links, strict=True)]
    # The first finding that counts wins, so it is written last.
    for finding, anchor in sorted(reversed(linked), key=lambda item: item[0].active):
        column = absent if finding.rule.id == WIKI_NOT_IN_BETA.id else where.setdefault(finding.setting, {})
        column.update(dict.fromkeys(finding.wikis, anchor))
    quiet = set(_quiet(matrix))
    numbers = [number for number, name in enumerate(matrix.settings) if name not in quiet]
    for start in range(0, len(numbers), _MAX_COLUMNS):
        part = numbers[start : start + _MAX_COLUMNS]
        heads = [(_words(matrix.settings[n]), sum(letters[n] == "!" for _, letters in matrix.rows)) for n in part]
        columns = [where.get(matrix.settings[n], {}) for n in part]
        rows = []
        for dbname, letters in matrix.rows:
            signs = [letters[n] for n in part]
            cells = [(sign, column.get(dbname, "") if sign in "!w" else "") for sign, column in zip(signs, columns, strict=True)]
            rows.append((dbname, absent.get(dbname, ""), cells, set(signs) == {"-"}, "!" in letters))
        yield {"heads": heads, "rows": rows}


def _words(name: str) -> list[str]:
    """A setting's name, broken where a line may be: before a capital after a small letter."""
    text = visible(_cut(name, _MAX_LINE))
    cuts = [n for n in range(1, len(text)) if text[n].isupper() and text[n - 1].islower()]
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


class _Names:
    """The lists of wikis: each one whole where it first appears, and compact for the script."""

    def __init__(self, findings: Sequence[Finding], matrix: Matrix) -> None:
        names = sorted({name for finding in findings for name in finding.wikis} | {name for name, _ in matrix.rows})
        self._number = {name: number for number, name in enumerate(names)}
        self._sets: dict[tuple[str, ...], tuple[int, int, str]] = {}
        self._of: list[int] = []
        self._left = _MAX_NAMES

    def of(self, wikis: tuple[str, ...], number: int, anchor: str) -> View:
        """How the wikis of a finding are told."""
        first = (len(self._sets), number, anchor)
        index, number, anchor = self._sets.setdefault(wikis, first)
        self._of.append(index)
        if index != first[0] and len(wikis) > _FEW_NAMES:
            return {"count": len(wikis), "same": (number, anchor), "names": (), "more": 0}
        names = wikis if len(wikis) <= max(self._left, _FEW_NAMES) else wikis[:_FEW_NAMES]
        self._left -= len(names)
        return {"count": len(wikis), "same": None, "names": names, "more": len(wikis) - len(names)}

    def data(self) -> str:
        """What the script needs: names, sets as numbers or bits, and the set of each finding. No markup can be in it."""
        names = [visible(_cut(name, _MAX_LINE)) for name in self._number]
        text = json.dumps({"wikis": names, "sets": [self._packed(wikis) for wikis in self._sets], "of": self._of}, separators=(",", ":"))
        return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")

    def _packed(self, wikis: tuple[str, ...]) -> list[int] | str:
        numbers = [self._number[name] for name in wikis]
        if len(numbers) <= len(self._number) // 24:
            return numbers
        bits = bytearray(len(self._number) // 8 + 1)
        for number in numbers:
            bits[number >> 3] |= 1 << (number & 7)
        return base64.b64encode(bits).decode("ascii")


# -- findings --------------------------------------------------------------------------------------------------------


def _finding(finding: Finding, link: tuple[int, str, str], names: _Names, files: _Files, *, apart: bool) -> View:
    number, anchor, mark = link
    left, right = _pretty(finding.production.value), _pretty(finding.beta.value)
    sides = [("production", finding.production, left, right), ("beta", finding.beta, right, left)]
    more = len(finding.related) - _MAX_RELATED
    related = ", ".join(str(place.span) for place in finding.related[:_MAX_RELATED])
    return {
        "number": number, "anchor": anchor, "fingerprint": mark, "rule": finding.rule,
        "name": f"{finding.setting}.{finding.path}" if finding.path else finding.setting,
        "layer": finding.layer, "message": finding.message,
        "wikis": names.of(finding.wikis, number, anchor),
        "sides": [_side(role, side, value, other, files, apart=apart) for role, side, value, other in sides],
        "related": f"{related} and {more} more" if more > 0 else related,
        "state": finding.disposition.state, "signed": _signed(finding.disposition),
    }  # fmt: skip


def _side(role: str, side: Side, value: list[str], other: list[str], files: _Files, *, apart: bool) -> View:
    span = side.span
    told = {line.rstrip(",") for line in other} if len(value) > 1 < len(other) else None
    lines = files.excerpt(span) if span else []
    return {
        "role": role, "place": f"{span.path}:{span.line}" if span else "", "revision": "" if lines or not span else span.revision[:10],
        "value": [(line, told is not None and line.rstrip(",") not in told) for line in value],
        "lines": [line for line in lines if line.culprit][:1] if apart else lines,
        "listing": files.anchor(span) if apart and span and lines else "",
        "chain": _chain(side),
    }  # fmt: skip


def _pretty(value: Result | Missing) -> list[str]:
    """A value as the lines of a JSON document, on one line if it is short."""
    text = shown(value, _ONE_LINE + 1)
    if len(text) <= _ONE_LINE or value is MISSING or isinstance(value, Unknown):
        return [text]
    document = json.dumps(plain(value), indent=2, ensure_ascii=False, default=lambda u: f"(not known: {u.reason})")
    return _cut(document).split("\n")


def _chain(side: Side) -> str:
    """The steps on one line, a place only where it is new."""
    path, last, out = side.span.path if side.span else "", side.span, []
    for step in side.steps:
        span = step.span
        place = "" if span is None or span == last else f" :{span.line}" if span.path == path else f" {span.path}:{span.line}"
        out.append(f"{step.op.value}{' ' if step.via else ''}{_cut(step.via, _MAX_LINE)}{place}")
        last = span or last
    return " \u2192 ".join(out)


def _signed(held: Disposition) -> list[tuple[str, str]]:
    match held:
        case Active():
            return []
        case Waived(waiver):
            told = [("reason", waiver.reason), ("owner", waiver.owner), ("until", waiver.until), ("task", waiver.task)]
            return [*((label, text) for label, text in told if text), ("written in", str(waiver.span))]
        case Baselined(path):
            return [("in the baseline", path)]
        case Preexisting(revision):
            return [("already in", revision)]
        case _:
            assert_never(held)


# -- sources ---------------------------------------------------------------------------------------------------------


class _Line(NamedTuple):
    """A line of a file: ``text`` is all of it, in three parts of which the middle one is meant."""

    number: int
    text: str
    parts: tuple[str, str, str] | None
    culprit: bool


class _Files:
    """Lines of the files that findings point to, each file read once, each excerpt made once."""

    def __init__(self, sources: Callable[[str, str], bytes | None]) -> None:
        self._sources = sources
        self._lines: dict[tuple[str, str], list[bytes]] = {}
        self._made: dict[Span, list[_Line]] = {}

    def _of(self, path: str, revision: str) -> list[bytes]:
        key = (path, revision)
        if key not in self._lines:
            content = self._sources(path, revision)
            self._lines[key] = content.split(b"\n") if content is not None else []
        return self._lines[key]

    def anchor(self, span: Span) -> str:
        """The name of a line in the listings."""
        return f"s{list(self._lines).index((span.path, span.revision))}-{span.line}"

    def excerpt(self, span: Span) -> list[_Line]:
        """The lines around a place, without the indentation that they share; empty where the file cannot be had."""
        if span not in self._made:
            lines = self._of(span.path, span.revision)
            last = min(span.end_line, span.line + _MAX_CULPRIT - 1)
            numbers = range(max(1, span.line - _AROUND), min(len(lines), last + _AROUND) + 1)
            self._made[span] = self._cut(lines, numbers, span) if 0 < span.line <= len(lines) else []
        return self._made[span]

    @staticmethod
    def _cut(lines: Sequence[bytes], numbers: Iterable[int], span: Span | None) -> list[_Line]:
        raw = [(n, lines[n - 1][: 4 * _MAX_LINE].decode("utf-8", "replace").rstrip("\r\n")) for n in numbers]
        texts = [line.expandtabs(4) for _, line in raw]
        shift = min((len(text) - len(text.lstrip(" ")) for text in texts if text.strip()), default=0)
        out = []
        for (number, line), text in zip(raw, texts, strict=True):
            parts = None
            if span is not None and number == span.line:
                end = span.end_column - 1 if span.end_line == span.line else len(line)
                a, b = (len(line[:column].expandtabs(4)) for column in (span.column - 1, end))
                parts = (text[shift:a], text[a:b][:_MAX_LINE], text[b:][:_MAX_LINE])
            culprit = span is not None and span.line <= number <= span.end_line
            out.append(_Line(number, _cut(text[shift:], _MAX_LINE), parts, culprit))
        return out

    def listings(self, places: Iterable[Span]) -> list[View]:
        """Every file that was pointed to: its excerpts, each line once."""
        wanted: dict[tuple[str, str], dict[int, bool]] = {}
        for span in places:
            numbers = wanted.setdefault((span.path, span.revision), {})
            for line in self.excerpt(span):
                numbers[line.number] = numbers.get(line.number, False) or line.number == span.line
        out = []
        for (path, revision), numbers in wanted.items():
            lines = self._cut(self._of(path, revision), sorted(numbers), None)
            name = f"s{list(self._lines).index((path, revision))}"
            gaps = [line.number - 1 not in numbers for line in lines]
            shown = [(line._replace(culprit=numbers[line.number]), gap) for line, gap in zip(lines, gaps, strict=True)]
            if shown:
                out.append({"path": path, "name": name, "lines": shown})
        return out
