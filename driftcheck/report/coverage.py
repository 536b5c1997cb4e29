"""The answer of driftcheck coverage, for people and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck import __version__
from driftcheck.core.characters import json_text
from driftcheck.layers.extension.cover import EXACT
from driftcheck.report.escape import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftcheck.core.model import Hole
    from driftcheck.layers.extension.cover import Cover, Coverage
    from driftcheck.layers.extension.rules.exercised import Behaviour

VERSION = 1
_HEADS = ("model", "level", "form", "from", "production", "beta")
_MOST = 5


def table(held: Coverage, holes: Sequence[Hole] = ()) -> str:
    """The coverage for people: a line a behaviour, then what to add."""
    from tabulate import tabulate

    rows = [
        [
            row.behaviour.model,
            row.behaviour.level or "-",
            row.behaviour.form,
            row.behaviour.origin or "-",
            _wikis(row.production),
            _wikis(row.beta),
        ]
        for row in held.rows
    ]
    blocks = [tabulate(rows, _HEADS, tablefmt="plain", disable_numparse=True)] if rows else []
    if held.cover.wikis:
        lines = [
            f"  {name}{' (in beta, with other settings)' if name in held.in_beta else ''}: {len(held.new[name])} more"
            for name in held.cover.wikis
        ]
        blocks.append("\n".join([_answer(held.cover), *lines]))
    if holes:
        blocks.append(f"incomplete: {len(holes)} place(s) could not be evaluated; driftcheck check lists them")
    share = f" ({held.covered / len(held.rows):.0%})" if held.rows else ""
    blocks.append(f"beta covers {held.covered} of {len(held.rows)} behaviours of production{share}")
    return "\n\n".join(blocks) + "\n"


def _wikis(names: Sequence[str]) -> str:
    return f"{len(names)}: {listed(tuple(names), _MOST)}" if names else "none"


def _answer(cover: Cover) -> str:
    many = f"{len(cover.wikis)} wiki{'s' if len(cover.wikis) != 1 else ''}"
    if cover.algorithm == EXACT:
        return f"With production's settings, {many} in beta would cover the rest (this is the minimum):"
    return (
        f"With production's settings, {many} in beta would cover the rest (greedy: at most {cover.factor:.2f} times "
        f"the minimum, which is {cover.at_least} or more):"
    )


def render_json(held: Coverage, revision: str, holes: Sequence[Hole] = ()) -> str:
    """The coverage as JSON, version 1 (schemas/coverage-v1.schema.json)."""
    document = {
        "version": VERSION,
        "tool": {"name": "driftcheck", "version": __version__},
        "revision": revision,
        "behaviours": [
            {**_named(row.behaviour), "production": list(row.production), "beta": list(row.beta)} for row in held.rows
        ],
        "cover": {
            "algorithm": held.cover.algorithm,
            "exact": held.cover.algorithm == EXACT,
            "at_least": held.cover.at_least,
            "factor": round(held.cover.factor, 4),
            "wikis": [
                {"wiki": name, "in_beta": name in held.in_beta, "shows": [_named(known) for known in held.new[name]]}
                for name in held.cover.wikis
            ],
        },
        "summary": {"behaviours": len(held.rows), "covered": held.covered},
        "incomplete": len(holes),
    }
    return json_text(document, indent=2)


def _named(known: Behaviour) -> dict[str, Any]:
    return {
        "model": known.model,
        "level": known.level or None,
        "form": known.form,
        "origin": known.origin or None,
    }
