"""What a layer has, as data for the views: records for show, and reasons for explain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core import reach
from driftcheck.core.model import MISSING, InputError, Op, Unknown, Value, unknowns
from driftcheck.core.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftcheck.core.model import Hole, Missing, Path, Realm, Result, Span


class Columns(NamedTuple):
    """Settings by name, each with a result for each of these wikis in order."""

    wikis: Sequence[str]
    settings: Mapping[str, Sequence[Result | Missing]]


class Records(NamedTuple):
    """What one environment of a realm has: a map for each wiki or service, or columns of settings."""

    label: str
    realm: Realm
    held: Mapping[str, Value] | Columns

    @property
    def names(self) -> Sequence[str]:
        """The wikis or services."""
        return self.held.wikis if isinstance(self.held, Columns) else list(self.held)


class Reason(NamedTuple):
    """One thing that made a value what it is: words, what it made, and where.

    A ``quoted`` place is shown with its line, and ``after`` are words behind it.
    """

    words: str
    made: Result | Missing | None = None
    at: Span | None = None
    quoted: bool = False
    after: str = ""


class Answer(NamedTuple):
    """What one environment has; None where it does not have what is asked about at all."""

    label: str
    value: Result | Missing | None
    why: tuple[Reason, ...] = ()


class Words(NamedTuple):
    """How answers are told: between label and value, without a value, without the record; whether equal ones are joined."""

    value: str = ":"
    absent: str = ": no value"
    without: str = ": no"
    joined: bool = True


class Explanation(NamedTuple):
    """Why something is what it is: its name, its path or setting, and the answer of each environment."""

    name: str
    asked: str
    answers: Sequence[Answer]
    words: Words = Words()
    unread: tuple[Hole, ...] = ()
    """What could not be read of the configuration, and could have another answer."""

    @property
    def holes(self) -> list[Unknown]:
        """What is not known in the answers."""
        values = (answer.value for answer in self.answers if answer.value is not None)
        return [hole for value in values for _, hole in unknowns(value)]


_STEPS = {
    Op.OVERRIDE: "then replaced",
    Op.MERGE: "merged in",
    Op.REFERENCE: "through",
    Op.COERCE: "after",
}


def explained(layer: str, records: Sequence[Records], name: str, dotted: str) -> Explanation:
    """A part of a record, by the steps that each value carries. Raises InputError where no record has the name."""
    known = {known for record in records for known in record.names}
    if name not in known:
        more = nearest(name, known) or f"; driftcheck show --layer {layer} lists them"
        raise InputError(f"{name}: no such wiki or service in what was read{more}")
    path: Path = tuple(dotted.split("."))
    answers = []
    for record in records:
        around = record.held.get(name) if isinstance(record.held, Mapping) else None
        part = reach.at(around, *path) if around is not None else None
        answers.append(Answer(record.label, part, tuple(dict.fromkeys(_reasons(part)))))
    if all(answer.value in (None, MISSING) for answer in answers):
        _known(records, name, path)
    return Explanation(name, dotted, answers)


def _known(records: Sequence[Records], name: str, path: Path) -> None:
    """Refuse a part that no record has. Raises InputError with the nearest names."""
    held: list[Result] = [v for record in records if isinstance(record.held, Mapping) for v in record.held.values()]
    for number, part in enumerate(path):
        keys = {str(key) for value in held for key in reach.array(value)}
        if part not in keys and not any(isinstance(value, Unknown) for value in held):
            raise InputError(
                f"{'.'.join(map(str, path[: number + 1]))}: no such part of {name}{nearest(str(part), keys)}"
            )
        held = [value for around in held if (value := reach.at(around, part)) is not MISSING]


def _reasons(value: Result | Missing | None) -> Iterator[Reason]:
    if value is None or value is MISSING or not isinstance(value, Value):
        return
    if value.span is not None:
        yield Reason("decided by", at=value.span, quoted=True)
    for step in value.steps:
        if step.op in _STEPS and step.span != value.span:
            yield Reason(f"{_STEPS[step.op]} {step.via}".rstrip(), at=step.span)
