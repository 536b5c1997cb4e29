"""Why a service's setting is what it is: the line of each realm, and what became of it on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.model import MISSING, Op, Value
from driftcheck.report.difference import difference
from driftcheck.report.escape import place, short, shown
from driftcheck.report.explain import verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from driftcheck.core.model import Missing, Path, Result, Span
    from driftcheck.layers.others import Records

ROOTS = ("contexts", "inference_services")
_LONGEST = 200
_WORDS = {
    Op.OVERRIDE: "then replaced",
    Op.MERGE: "merged in",
    Op.REFERENCE: "through",
    Op.COERCE: "after",
}


def question(dotted: str) -> Path:
    """``contexts.models.damaging`` as a path; what the layer calls its records may be left out."""
    parts = dotted.split(".")
    return tuple(parts[1:] if parts[0] in ROOTS else parts)


def explain(name: str, path: Path, sides: Sequence[Records], text_of: Callable[[str, str], bytes | None]) -> str:
    """The answer, for every side that could have it."""
    lines = [f"{short(name, _LONGEST)}: {short('.'.join(map(str, path)), _LONGEST)}", ""]
    values: list[Result | Missing] = []
    said: dict[tuple[str, ...], list[str]] = {}
    for side in sides:
        value = reach.at(side.held[name], *path) if name in side.held else None
        values += [] if value is None else [value]
        said.setdefault(tuple(_answer(name, value, text_of)), []).append(side.label)
    for (first, *rest), labels in said.items():
        lines += [f"{' and '.join(labels)}: {first}", *rest, ""]
    if len(values) > 1:
        lines.append(verdict(*values))
    if len(values) == len(sides) == 2:
        lines += [f"  {line}" for line in difference(values[0], values[1], (sides[0].label, sides[1].label))]
    return "\n".join(lines).rstrip() + "\n"


def _answer(name: str, value: Result | Missing | None, text_of: Callable[[str, str], bytes | None]) -> Iterator[str]:
    """What one side says, the value first; None where it does not have what is asked about."""
    if value is None:
        yield f"no {short(name, _LONGEST)}"
        return
    yield "no value" if value is MISSING else shown(value, 400)
    yield from (f"  {line}" for line in dict.fromkeys(_why(value, text_of)))


def _why(value: Result | Missing, text_of: Callable[[str, str], bytes | None]) -> Iterator[str]:
    if not isinstance(value, Value):
        return
    if value.span is not None:
        yield f"decided by {_place(value.span, text_of)}"
    for step in value.steps:
        if step.op in _WORDS and step.span != value.span:
            yield f"{_WORDS[step.op]} {short(step.via, _LONGEST)}{f' at {place(step.span)}' if step.span else ''}".rstrip()


def _place(span: Span, text_of: Callable[[str, str], bytes | None]) -> str:
    content = text_of(span.path, span.revision)
    line = content.split(b"\n")[span.line - 1].decode("utf-8", "replace").strip() if content is not None else ""
    return f"{place(span)}{f':  {short(line, 160)}' if line else ''}"
