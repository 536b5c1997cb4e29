"""Why something is what it is, for people: what each environment has, the lines that made it so, and whether all agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import MISSING, has_unknown, same
from driftcheck.report.difference import difference
from driftcheck.report.escape import place, short, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from driftcheck.core.model import Missing, Result, Span
    from driftcheck.layers.records import Answer, Explanation, Reason

    Sources = Callable[[str, str], bytes | None]

_LONGEST = 200
_LONGEST_REASON = 1000
_UNREAD = "Whether the realms agree is not known: part of the configuration could not be read."


def explain(explanation: Explanation, sources: Sources) -> str:
    """The answer of every environment; ``sources`` gives the bytes of a path at a revision, or None."""
    name = short(explanation.name, _LONGEST)
    blocks = [f"{name}: {short(explanation.asked, _LONGEST)}"]
    told: dict[object, tuple[list[str], list[str]]] = {}
    for number, answer in enumerate(explanation.answers):
        lines = [_head(answer, explanation, name), *(f"  {_line(reason, sources)}" for reason in answer.why)]
        key: object = tuple(lines) if explanation.words.joined else number
        told.setdefault(key, ([], lines))[0].append(answer.label)
    blocks += ["\n".join([f"{' and '.join(labels)}{lines[0]}", *lines[1:]]) for labels, lines in told.values()]
    values = {answer.label: answer.value for answer in explanation.answers if answer.value is not None}
    if len(values) > 1:
        verdict = _UNREAD if explanation.unread else _verdict(list(values.values()))
        blocks.append("\n".join([verdict, *(f"  {line}" for line in _difference(values))]))
    return "\n\n".join(blocks).rstrip() + "\n"


def _head(answer: Answer, explanation: Explanation, name: str) -> str:
    words = explanation.words
    if answer.value is None:
        return f"{words.without} {name}"
    return words.absent if answer.value is MISSING else f"{words.value} {shown(answer.value, 400)}"


def _line(reason: Reason, sources: Sources) -> str:
    text = short(reason.words, _LONGEST_REASON)
    if reason.made is not None:
        text += f" {shown(reason.made, 200 if reason.at is None else 120)}"
    if reason.quoted:
        return f"{text} {_quoted(reason.at, sources)}{reason.after}"
    return f"{text} at {place(reason.at)}" if reason.at is not None else text


def _quoted(span: Span | None, sources: Sources) -> str:
    """A place with its line."""
    if span is None:
        return "an unknown place"
    content = sources(span.path, span.revision)
    line = content.split(b"\n")[span.line - 1].decode("utf-8", "replace").strip() if content is not None else ""
    return f"{place(span)}{f':  {short(line, 160)}' if line else ''}"


def _difference(values: dict[str, Result | Missing]) -> list[str]:
    """What differs inside two nested values; of more than two environments nothing is said."""
    if len(values) != 2:
        return []
    (one, left), (other, right) = values.items()
    return difference(left, right, (one, other))


def _verdict(values: Sequence[Result | Missing]) -> str:
    """Whether the values of all environments are one."""
    if any(has_unknown(value) for value in values):
        return "Unknown values cannot be compared."
    first, *others = values
    return f"The realms {'agree' if all(first is value or same(first, value) for value in others) else 'differ'}."
