"""The matrix of wikis and settings: what became of each setting on each wiki, and the tables that show it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Realm, Unknown, is_loading
from driftcheck.layers.extension.pages.drift import WIKI_NOT_IN_BETA
from driftcheck.layers.extension.pages.shape import UNDETERMINED
from driftcheck.report.escape import visible
from driftcheck.report.page.text import MAX_LINE, cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from driftcheck.core.finding import Finding
    from driftcheck.core.report import Report
    from driftcheck.layers.extension.comparison import Comparison

_MAX_COLUMNS = 36  # of one table: what an upright sheet of paper holds
_MANY_SETTINGS = 72  # beyond it, settings that agree everywhere are named and not drawn
_NO_DAY = "9999"


@dataclass(frozen=True, slots=True)
class Matrix:
    """What became of each setting on each wiki: ``rows`` are a dbname and one letter a setting.

    ``=`` agrees, ``!`` diverges, ``w`` diverges and does not count, ``?`` not known, ``-`` no such wiki in beta, ``.``
    nothing to compare. ``day`` is the day of the configuration.
    """

    settings: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    day: str = ""


def matrix_of(
    context: Comparison | None, report: Report, services: Mapping[str, Mapping[Realm, AbstractSet[str]]]
) -> Matrix:
    """The matrix of a run: the wikis of production that have the extension, with every setting in scope.

    ``services`` are the wikis that services answer for in each realm, by the name of a column: they are rows too.
    """
    counts: dict[str, dict[str, str]] = {}
    for finding in report.findings:
        if finding.rule.id != WIKI_NOT_IN_BETA.id:
            column = counts.setdefault(finding.setting, {})
            sign = "?" if finding.rule.id == UNDETERMINED.id else "!" if finding.active else "w"
            # What diverges outweighs what is unknown, and that outweighs what is waived.
            column.update((name, min(sign, column.get(name, sign), key="!?w".index)) for name in finding.wikis)
    named: set[str] = set()
    if context is not None:
        named = {name for side in context.sides for name in side.stage("defaults", context.profile)}
    settings = tuple(sorted(name for name in named | counts.keys() | services.keys() if not is_loading(name)))

    def letter(dbname: str, name: str) -> str:
        if (counted := counts.get(name, {}).get(dbname)) is not None:
            return counted
        if name in services:
            return _served(dbname, services[name])
        if context is None or dbname not in on:
            return "."
        if not context.has(Realm.BETA, dbname):
            return "-"
        if context.enabled(context.beta, dbname) is not True or context.profile.policy(name) == "ignore":
            return "."
        held = [context.value(side, name, dbname) for side in context.sides]
        if any(isinstance(value, Unknown) for value in held):
            return "?"
        return "." if all(value is MISSING for value in held) else "="

    on = dict.fromkeys(context.on(context.production) if context is not None else ())
    served = {wiki for realms in services.values() for wikis in realms.values() for wiki in wikis}
    names = sorted({*on, *served}) if services else on
    rows = tuple((name, "".join(letter(name, setting) for setting in settings)) for name in names)
    return Matrix(settings, rows, "" if context is None or context.date.startswith(_NO_DAY) else context.date)


def _served(dbname: str, realms: Mapping[Realm, AbstractSet[str]]) -> str:
    """What became of the services of a wiki about which nothing was found."""
    if not any(dbname in wikis for wikis in realms.values()):
        return "."
    if Realm.BETA in realms and dbname not in realms[Realm.BETA]:
        return "-"
    return "=" if len(realms) == len(Realm) else "."


def counted(matrix: Matrix) -> dict[str, int]:
    """How many cells have each letter, and how many wikis diverge, are not known somewhere, are not in beta."""
    cells = Counter("".join(letters for _, letters in matrix.rows))
    lines = [set(letters) for _, letters in matrix.rows]
    return {sign: cells[sign] for sign in "=!w?-."} | {
        "diverging": sum("!" in line for line in lines),
        "unknown": sum("?" in line for line in lines),
        "absent": sum("-" in line for line in lines),
    }


def quiet(matrix: Matrix) -> tuple[str, ...]:
    """Of very many settings, those that have nothing to say."""
    if len(matrix.settings) <= _MANY_SETTINGS:
        return ()
    loud = {number for _, letters in matrix.rows for number, sign in enumerate(letters) if sign in "!w?"}
    return tuple(name for number, name in enumerate(matrix.settings) if number not in loud)


def tables(matrix: Matrix, findings: Sequence[Finding], anchors: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The matrix cut into tables that fit on paper; its cells lead to the findings."""
    where: dict[str, dict[str, str]] = {}
    absent: dict[str, str] = {}
    linked = list(zip(findings, anchors, strict=True))
    linked.reverse()
    # The first finding that counts wins, so it is written last.
    for finding, anchor in sorted(linked, key=lambda item: (item[0].active, item[0].rule.id != UNDETERMINED.id)):
        column = absent if finding.rule.id == WIKI_NOT_IN_BETA.id else where.setdefault(finding.setting, {})
        column.update(dict.fromkeys(finding.wikis, anchor))
    hushed = set(quiet(matrix))
    numbers = [number for number, name in enumerate(matrix.settings) if name not in hushed]
    for start in range(0, len(numbers), _MAX_COLUMNS):
        part = numbers[start : start + _MAX_COLUMNS]
        heads = [(_words(matrix.settings[n]), sum(letters[n] == "!" for _, letters in matrix.rows)) for n in part]
        columns = [where.get(matrix.settings[n], {}) for n in part]
        rows = []
        for dbname, letters in matrix.rows:
            signs = [letters[n] for n in part]
            cells = [
                (sign, column.get(dbname, "") if sign in "!w?" else "")
                for sign, column in zip(signs, columns, strict=True)
            ]
            rows.append((dbname, absent.get(dbname, ""), cells, set(signs) == {"-"}, "!" in letters))
        yield {"heads": heads, "rows": rows}


def _words(name: str) -> list[str]:
    """A setting's name, broken where a line may be: before a capital after a small letter."""
    text = visible(cut(name, MAX_LINE))
    cuts = [n for n in range(1, len(text)) if text[n].isupper() and text[n - 1].islower()]
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
