"""The answer of driftcheck inputs, for people and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from driftcheck import __version__
from driftcheck.core.characters import json_text
from driftcheck.report.escape import place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftcheck.mediawiki.inputs import Declared
    from driftcheck.mediawiki.whole.uses import Use

VERSION = 1
_HEADS = ("input", "production", "beta", "why", "source")
_MOST = 4
_WIDTHS = [40, 30, 30, 40, 30]


def table(rows: Sequence[Declared], uses: Mapping[str, Use]) -> str:
    """A row an input, and how many there are. ``uses`` is empty, or has what reads each."""
    from tabulate import tabulate

    heads, widths = (_HEADS, _WIDTHS) if not uses else ((*_HEADS[:3], "settings", "read by"), [*_WIDTHS[:3], 12, 60])
    cells = [
        [
            row.name,
            _shown(row.production),
            _shown(row.beta),
            *(_used(uses[row.name]) if uses else (row.why, row.source)),
        ]
        for row in rows
    ]
    lines = tabulate(cells, heads, tablefmt="plain", disable_numparse=True, maxcolwidths=widths)
    return f"{lines}\n\n{len(rows)} input{'s' if len(rows) != 1 else ''}\n"


def _used(use: Use) -> tuple[str, str]:
    """How many settings hang on an input in production and in beta, and the places that read it."""
    counts = "-" if use.settings is None else " / ".join(map(str, use.settings.values()))
    places = [place(span, 58) for span in use.read_by[:_MOST]]
    more = [f"and {len(use.read_by) - _MOST} more"] if len(use.read_by) > _MOST else []
    return counts, "\n".join([*places, *more]) or "nothing"


def _shown(value: Any) -> str:  # noqa: ANN401 - JSON
    """A value as JSON has it; a name in angle brackets stands for what is not known."""
    if value is None:
        return "absent"
    if isinstance(value, dict) and list(value) in (["input"], ["unknown"]):
        return f"<{next(iter(value.values()))}>"
    return json.dumps(value, ensure_ascii=False)


def render_json(rows: Sequence[Declared], uses: Mapping[str, Use]) -> str:
    """The inputs as JSON, version 1 (schemas/inputs-v1.schema.json); null is an input that is absent."""
    document = {
        "version": VERSION,
        "tool": {"name": "driftcheck", "version": __version__},
        "inputs": [row._asdict() | (_as_json(uses[row.name]) if uses else {}) for row in rows],
    }
    return json_text(document)


def _as_json(use: Use) -> dict[str, Any]:
    counts = None if use.settings is None else {realm.value: count for realm, count in use.settings.items()}
    return {"settings": counts, "read_by": [{"path": span.path, "line": span.line} for span in use.read_by]}
