"""Values of production that no beta wiki has: a table, and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.characters import json_text
from driftcheck.core.finding import json_value
from driftcheck.report.escape import listed, short, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftcheck.layers.extension.untried import Untried

VERSION = 1
_MOST_WIKIS, _LONGEST = 6, 100


def table(found: Sequence[Untried]) -> str:
    """A line a value, the one of most wikis first."""
    if not found:
        return "Beta has each value that production has.\n"
    lines = [
        f"{len(one.wikis):5}  {short(one.setting, _LONGEST)} = {shown(one.value, _LONGEST)}  "
        f"{listed(one.wikis, most=_MOST_WIKIS)}"
        for one in found
    ]
    return "\n".join(["wikis  value that no beta wiki has", *lines]) + "\n"


def render_json(found: Sequence[Untried], extension: str) -> str:
    """The same as JSON."""
    values = [{"setting": one.setting, "value": json_value(one.value), "wikis": list(one.wikis)} for one in found]
    return json_text({"version": VERSION, "extension": extension, "values": values}, indent=2)
