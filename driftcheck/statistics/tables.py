"""A folder of model statistics: threshold tables, and saved answers of the ORES service.

``WIKI.MODEL.json`` is a table (schemas/threshold-table-v1.schema.json); a file of another name holds the service's
answers, as ``driftcheck thresholds --save`` keeps them or as the service gave them. Only what is asked for is read.
"""

from __future__ import annotations

import hashlib
import json
import operator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftcheck.core import files
from driftcheck.core.model import InputError
from driftcheck.statistics import answers as service
from driftcheck.statistics.formula import Formula, parse
from driftcheck.statistics.solve import Answers, Question, Row, Table, Unchecked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from driftcheck.statistics.answers import Entry
    from driftcheck.statistics.solve import Answer

MAX_BYTES = 16 * 1024 * 1024
_MAX_ALL = 512 * 1024 * 1024
_MAX_FILES = 5000
_MOST = 1e15
_COLUMNS = Row._fields
_ANY_DAY = "2018-01-01"
_NOT_ASKED = Unchecked("the saved answers do not have the formula")


class Folder:
    """Statistics out of files; ``read`` gives a file's bytes by its name."""

    def __init__(self, where: str, names: Iterable[str], read: Callable[[str], bytes]) -> None:
        self._where = where
        self._names = sorted(name for name in names if name.endswith(".json"))
        self._read = read
        if not self._names:
            raise InputError(f"{where}: no *.json in it; name a folder of model statistics with --statistics")
        if len(self._names) > _MAX_FILES:
            raise InputError(f"{where}: more than {_MAX_FILES} files; name a folder that holds only model statistics")

    @classmethod
    def at(cls, path: str) -> Folder:
        """The folder at a path. Raises InputError where it cannot be read, or holds more than statistics."""
        root = Path(path)
        try:
            sizes = {entry.name: entry.stat().st_size for entry in root.iterdir() if entry.is_file()}
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}; name a folder or a URL with --statistics") from None
        if sum(sizes.values()) > _MAX_ALL:
            raise InputError(f"{path}: more than {_MAX_ALL // 1024 // 1024} MB; name a folder of model statistics only")
        return cls(
            path, sizes, lambda name: files.content(root / name, "make it a readable table, or delete it", MAX_BYTES)
        )

    def identity(self) -> str:
        """A digest of every file."""
        digest = hashlib.sha256()
        for name in self._names:
            content = self._read(name)
            digest.update(f"{name}\0{len(content)}\0".encode("utf-8", "surrogatepass") + content)
        return digest.hexdigest()

    def answer(self, questions: Iterable[Question]) -> Answers:
        """Answers out of tables, then out of saved answers."""
        asked = list(dict.fromkeys(questions))
        held: dict[Question, Answer] = {}
        tables: dict[tuple[str, str], dict[str, Table]] = {}
        for wiki, model in dict.fromkeys((question.wiki, question.model) for question in asked):
            name = f"{wiki}.{model}.json"
            if name in self._names:
                tables[wiki, model] = self._table(name, f"{wiki}.{model}")
        for question in asked:
            outcomes = tables.get((question.wiki, question.model))
            if outcomes is not None:
                table = outcomes.get(question.outcome)
                held[question] = (
                    table.solve(question.formula)
                    if table is not None
                    else Unchecked(f"the table has no outcome {question.outcome}")
                )
        rest = [question for question in asked if question not in held]
        for name in self._names:
            if name.removesuffix(".json").count(".") != 1:
                held |= self._saved(name, rest)
        return Answers(held)

    def _document(self, name: str) -> tuple[Any, str]:
        where = f"{self._where}/{name}"
        content = self._read(name)
        try:
            document = json.loads(content, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            said = str(error) if isinstance(error, ValueError) else "nested too deeply"
            raise InputError(f"{where}: not JSON ({said[:120]}); write it again, or delete it") from None
        if not isinstance(document, dict):
            raise InputError(f"{where}: a map is expected; write it again, or delete it")
        return document, where

    def _table(self, name: str, model: str) -> dict[str, Table]:
        document, where = self._document(name)
        meta, columns, outcomes = (document.get(key) for key in ("meta", "columns", "thresholds"))
        said = meta.get("model", model) if isinstance(meta, dict) else model
        if said != model:
            raise InputError(f"{where}: it says that it is of {str(said)[:80]!r}; give it that name, or delete it")
        if columns != list(_COLUMNS):
            raise InputError(f"{where}: columns must be {json.dumps(_COLUMNS)}; driftcheck schema threshold-table-v1")
        if not isinstance(outcomes, dict):
            raise InputError(f"{where}: no map of thresholds in it; driftcheck schema threshold-table-v1 has the form")
        return {outcome: Table.of(_rows(rows, f"{where}: thresholds.{outcome}")) for outcome, rows in outcomes.items()}

    def _saved(self, name: str, questions: Iterable[Question]) -> dict[Question, Answer]:
        document, where = self._document(name)
        asked = document.get("asked")
        whole = document.get("answers") if asked is not None else document
        wikis = whole if isinstance(whole, dict) else {}
        if not wikis:
            raise InputError(f"{where}: no answers in it; save them again with driftcheck thresholds --save")
        out: dict[Question, Answer] = {}
        groups: dict[tuple[str, str, str], dict[Formula, Question]] = {}
        for question in questions:
            groups.setdefault(question[:3], {})[question.formula] = question
        for wiki in dict.fromkeys(group[0] for group in groups if group[0] in wikis):
            lists = service.lists(whole, wiki, where)
            for group, wanted in groups.items():
                if group[0] == wiki and group[1] in lists and group[2] in lists[group[1]]:
                    place = f"{where}: {'.'.join(group)}"
                    found = service.entries(lists[group[1]][group[2]], place)
                    known = None if asked is None else _formulas(asked, group, place, len(found))
                    said = _answers(group, list(wanted), found, known)
                    out |= {question: said.get(question, _NOT_ASKED) for question in wanted.values()}
        return out


def _answers(
    group: tuple[str, str, str],
    wanted: list[Formula],
    found: list[Entry],
    known: list[Formula] | None,
) -> Mapping[Question, Answer]:
    """What a list says: to the formulas that were kept with it, or to those asked now, in order, or as a whole table."""
    if known is not None:
        return service.answers(*group, dict(zip(known, found, strict=True)))
    if len(found) == len(wanted):
        return service.answers(*group, dict(zip(wanted, found, strict=True)))
    table = service.table(found)
    reason = Unchecked(f"{len(found)} saved answers to {len(wanted)} formulas: they cannot be matched")
    return {Question(*group, formula): table.solve(formula) if table else reason for formula in wanted}


def _formulas(asked: object, group: tuple[str, str, str], where: str, count: int) -> list[Formula]:
    held = asked
    for name in group:
        held = held.get(name) if isinstance(held, dict) else None
    texts = held if isinstance(held, list) else []
    out = [found for text in texts if isinstance(text, str) and isinstance(found := parse(text, _ANY_DAY), Formula)]
    if len(out) != count or len(texts) != count or len(set(out)) != count:
        raise InputError(f"{where}: the formulas that were asked do not fit the answers; save them again")
    return out


def _rows(rows: object, where: str) -> list[Row]:
    """The rows of an outcome, checked; the thresholds rise."""
    if not isinstance(rows, list):
        raise InputError(f"{where}: a list of rows is expected; driftcheck schema threshold-table-v1 has the form")
    before = -1.0
    if not _are_sound(rows):
        for number, row in enumerate(rows):
            if not isinstance(row, list) or not _are_sound([row]):
                raise InputError(f"{where}[{number}]: five numbers are expected, the first up to 1; correct the row")
            if row[0] <= before:
                raise InputError(f"{where}[{number}]: the threshold is not above the one before; correct the row")
            before = row[0]
    return [Row(*row) for row in rows]


def _are_sound(rows: list[Any]) -> bool:
    """Whether these are five numbers each, none below zero, under thresholds that rise. By column: there are many."""
    if not all(type(row) is list and len(row) == len(_COLUMNS) for row in rows):
        return False
    columns = list(zip(*rows, strict=True))
    return not rows or (
        all({*map(type, column)} <= {int, float} and min(column) >= 0 and max(column) <= _MOST for column in columns)
        and max(columns[0]) <= 1
        and all(map(operator.lt, columns[0], columns[0][1:]))
    )


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no number")
