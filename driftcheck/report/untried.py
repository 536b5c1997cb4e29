"""Values of production that no beta wiki has: a table, and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck import __version__
from driftcheck.core.characters import json_text
from driftcheck.core.finding import json_value
from driftcheck.report.escape import listed, short, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftcheck.core.model import Hole
    from driftcheck.layers.extension.untried import Survey

VERSION = 1
_MOST_WIKIS, _LONGEST = 6, 100


def table(found: Survey, extension: str, holes: Sequence[Hole] = ()) -> str:
    """A line a value, the one of most wikis first; then how much was looked at."""
    lines = [
        f"{len(one.wikis):5}  {short(one.setting, _LONGEST)} = {shown(one.value, _LONGEST)}  "
        f"{listed(one.wikis, most=_MOST_WIKIS)}"
        for one in found.values
    ]
    head = "wikis  value that no beta wiki has"
    if not lines:
        head = "Beta has each value that production has." if not holes else "Beta has each value that is known."
    said = f"{extension} is on {found.production} wikis of production and on {found.beta} of beta"
    if holes:
        said = f"incomplete: {len(holes)} place(s) could not be evaluated; driftcheck check lists them\n{said}"
    return "\n".join([head, *lines, "", said]) + "\n"


def render_json(found: Survey, extension: str, revision: str, holes: Sequence[Hole] = ()) -> str:
    """The same as JSON, version 1 (schemas/extension-coverage-v1.schema.json)."""
    values = [
        {"setting": one.setting, "value": json_value(one.value), "wikis": list(one.wikis)} for one in found.values
    ]
    document = {
        "version": VERSION,
        "tool": {"name": "driftcheck", "version": __version__},
        "revision": revision,
        "extension": extension,
        "values": values,
        "summary": {
            "values": len(values),
            "settings": len({one.setting for one in found.values}),
            "wikis_production": found.production,
            "wikis_beta": found.beta,
        },
        "incomplete": len(holes),
    }
    return json_text(document, indent=2)
