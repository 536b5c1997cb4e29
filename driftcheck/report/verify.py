"""The answer of driftcheck verify, for people and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from driftcheck import __version__
from driftcheck.core.characters import json_text
from driftcheck.core.model import MISSING, Unknown, unknowns
from driftcheck.layers.extension.verified import KINDS, written
from driftcheck.report.escape import short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftcheck.layers.extension.verified import Told, Verdict

VERSION = 1
_MOST = 20
_LONGEST = 100


class Verified(NamedTuple):
    """A file of PHP's values, what it was held against, and what came of it."""

    path: str
    revision: str
    realm: str
    until: str
    verdict: Verdict


def table(files: Sequence[Verified]) -> str:
    """For people: a table of the files, and a block for each with the first settings that are not equal."""
    from tabulate import tabulate

    rows = [[file.path, file.realm, file.until, *(file.verdict.counts[kind] for kind in KINDS)] for file in files]
    blocks = [block for file in files if (block := _block(file))]
    return "\n\n".join([*blocks, tabulate(rows, ("file", "realm", "until", *KINDS), tablefmt="plain")]) + "\n"


def _block(file: Verified) -> str:
    lines = []
    for kind in reversed(KINDS[1:]):
        told = file.verdict.told[kind]
        lines += [_line(kind, name, one) for name, one in list(told.items())[:_MOST]]
        if len(told) > _MOST:
            lines.append(f"  {kind}: {len(told) - _MOST} more settings; --format json has them all")
    return "\n".join([short(file.path, 4096), *lines]) if lines else ""


def _line(kind: str, name: str, told: Told) -> str:
    """One setting: the first wiki, and what each side has there."""
    head = (
        f"  {kind}  {short(name, _LONGEST)}  {told.count} wiki{'s' if told.count != 1 else ''}, {short(told.wiki, 64)}:"
    )
    if kind == "unknown" and told.ours is not MISSING:
        return f"{head} {short(next(hole.words for _, hole in unknowns(told.ours)), 2 * _LONGEST)}"
    return f"{head} PHP {_shown(told.theirs)}, driftcheck {_shown(_ours(told))}"


def _shown(value: Any) -> str:  # noqa: ANN401 - JSON
    return "(absent)" if value is MISSING else short(json_text(value).rstrip("\n"), _LONGEST)


def _ours(told: Told) -> Any:  # noqa: ANN401 - JSON
    return MISSING if told.ours is MISSING else _plain(written(told.ours))


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    """JSON, and what is unknown in it as show has it."""
    if isinstance(value, Unknown):
        return {"unknown": value.reason, "place": str(value.span) if value.span else None}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def render_json(files: Sequence[Verified]) -> str:
    """As JSON, version 1 (schemas/verify-v1.schema.json)."""
    document = {
        "version": VERSION,
        "tool": {"name": "driftcheck", "version": __version__},
        "files": [
            {
                "file": file.path,
                "revision": file.revision,
                "realm": file.realm,
                "until": file.until,
                "summary": {kind: file.verdict.counts[kind] for kind in KINDS},
                "settings": [
                    {"setting": name, "kind": kind, **_named(told)}
                    for kind in KINDS
                    for name, told in file.verdict.told[kind].items()
                ],
            }
            for file in files
        ],
    }
    return json_text(document, indent=2)


def _named(told: Told) -> dict[str, Any]:
    """The first wiki with both values; a side that is absent has no value."""
    sides = {"php": told.theirs, "driftcheck": _ours(told)}
    return {
        "wikis": told.count,
        "wiki": told.wiki,
        **{side: held for side, held in sides.items() if held is not MISSING},
    }
