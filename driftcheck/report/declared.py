"""The answer of driftcheck inputs, for people and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from driftcheck import __version__
from driftcheck.core.characters import json_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftcheck.mediawiki.inputs import Declared

VERSION = 1
_HEADS = ("input", "production", "beta", "why", "source")
_WIDTHS = [40, 30, 30, 40, 30]


def table(rows: Sequence[Declared]) -> str:
    """A row an input, and how many there are."""
    from tabulate import tabulate

    cells = [[row.name, _shown(row.production), _shown(row.beta), row.why, row.source] for row in rows]
    lines = tabulate(cells, _HEADS, tablefmt="plain", disable_numparse=True, maxcolwidths=_WIDTHS)
    return f"{lines}\n\n{len(rows)} input{'s' if len(rows) != 1 else ''}\n"


def _shown(value: Any) -> str:  # noqa: ANN401 - JSON
    """A value as JSON has it; a name in angle brackets stands for what is not known."""
    if value is None:
        return "absent"
    if isinstance(value, dict) and list(value) in (["input"], ["unknown"]):
        return f"<{next(iter(value.values()))}>"
    return json.dumps(value, ensure_ascii=False)


def render_json(rows: Sequence[Declared]) -> str:
    """The inputs as JSON, version 1 (schemas/inputs-v1.schema.json); null is an input that is absent."""
    document = {
        "version": VERSION,
        "tool": {"name": "driftcheck", "version": __version__},
        "inputs": [row._asdict() for row in rows],
    }
    return json_text(document)
