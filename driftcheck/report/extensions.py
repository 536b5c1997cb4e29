"""The answer of driftcheck extensions: for people, as JSON, as Markdown and as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck import __version__
from driftcheck.core.characters import json_text
from driftcheck.core.model import Realm
from driftcheck.report.escape import listed, place, short
from driftcheck.report.jsonreport import place as placed

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Span
    from driftcheck.layers.extension.loaded import Loaded, Survey

VERSION = 1
_HEADS = ("name", "production", "beta", "difference", "loaded by")
_MOST = 3
_LONGEST = 200


def table(survey: Survey) -> str:
    """For people: a line for each."""
    from tabulate import tabulate

    rows = [
        [
            short(entry.name, _LONGEST),
            *(_wikis(entry, realm) for realm in Realm),
            difference(entry),
            ", ".join(map(place, _spans(entry))) or "-",
        ]
        for entry in survey.entries
    ]
    blocks = [tabulate(rows, _HEADS, tablefmt="plain", disable_numparse=True)] if rows else []
    if survey.holes:
        lines = [f"  {short(hole.reason, 2000)}{f'  {place(hole.span)}' if hole.span else ''}" for hole in survey.holes]
        blocks.append("\n".join(["incomplete: this could not be read or evaluated:", *lines]))
    return "\n\n".join([*blocks, summary(survey)]) + "\n"


def summary(survey: Survey) -> str:
    """One line: how many there are, and how many differ."""
    entries = survey.entries
    alone = [sum(entry.only_in is realm for entry in entries) for realm in Realm]
    apart = sum(entry.only_in is None and entry.differs for entry in entries)
    return (
        f"{len(entries)} extensions and skins; only in production {alone[0]}, only in beta {alone[1]}, "
        f"in both but not on the same wikis {apart}"
    )


def difference(entry: Loaded) -> str:
    """How the realms differ, in words; empty where they do not."""
    if entry.only_in is not None:
        return f"only in {entry.only_in.value}"
    told = [f"only in {realm.value}: {listed(names, _MOST)}" for realm, names in entry.apart.items() if names]
    return "; ".join(told)


def _wikis(entry: Loaded, realm: Realm) -> str:
    side = entry.side(realm)
    unknown = f", {len(side.unknown)} unknown" if side.unknown else ""
    if not side.wikis:
        return f"none{unknown}"
    return (
        f"{len(side.wikis)}: {listed(side.wikis, _MOST)}{unknown}"
        if len(side.wikis) <= _MOST
        else f"{len(side.wikis)}{unknown}"
    )


def _spans(entry: Loaded) -> list[Span]:
    """The statements that load it in either realm."""
    return list(dict.fromkeys(span for realm in Realm for span in entry.side(realm).spans))


def markdown(survey: Survey) -> str:
    """A table in Markdown; names from outside stand in code spans."""
    lines = ["## driftcheck: extensions and skins", "", f"{summary(survey)}."]
    if survey.holes:
        lines += ["", "Incomplete:", "", *(f"- {_code(hole.reason)}" for hole in survey.holes)]
    if survey.entries:
        lines += ["", f"| {' | '.join(_HEADS)} |", f"|{'---|' * len(_HEADS)}"]
        lines += [f"| {' | '.join(_cells(entry))} |" for entry in survey.entries]
    return "\n".join(lines) + "\n"


def _cells(entry: Loaded) -> list[str]:
    texts = [entry.name, *(_wikis(entry, realm) for realm in Realm), difference(entry)]
    return [*(_code(text) if text else "" for text in texts), ", ".join(_code(place(span)) for span in _spans(entry))]


def _code(text: str) -> str:
    from driftcheck.report.markdown import code

    return code(text, _LONGEST)


def html(survey: Survey) -> str:
    """A page that needs no network."""
    from driftcheck.report.page.template import hashed, part, template

    style = part("extensions.css")
    return template("extensions.html.j2").render(
        style=style,
        style_hash=hashed(style),
        summary=summary(survey),
        holes=[(hole.reason, str(hole.span) if hole.span else "") for hole in survey.holes],
        rows=[
            {
                "name": entry.name,
                "production": entry.production.wikis,
                "beta": entry.beta.wikis,
                "difference": difference(entry),
                "places": list(map(str, _spans(entry))),
            }
            for entry in survey.entries
        ],
    )


def render_json(survey: Survey) -> str:
    """As JSON, version 1 (schemas/extensions-v1.schema.json)."""
    document = {
        "version": VERSION,
        "tool": {"name": "driftcheck", "version": __version__},
        "revision": survey.revision,
        "extensions": [
            {
                "name": entry.name,
                **{realm.value: list(entry.side(realm).wikis) for realm in Realm},
                "unknown": {realm.value: list(entry.side(realm).unknown) for realm in Realm},
                "only_in": entry.only_in.value if entry.only_in is not None else None,
                "apart": {realm.value: list(names) for realm, names in entry.apart.items()},
                "locations": [placed(realm.value, span) for realm in Realm for span in entry.side(realm).spans],
            }
            for entry in survey.entries
        ],
        "incomplete": [
            {"reason": hole.reason} | ({"path": hole.span.path, "line": hole.span.line} if hole.span else {})
            for hole in survey.holes
        ],
    }
    return json_text(document, indent=2)


FORMATS: dict[str, Callable[[Survey], str]] = {
    "table": table,
    "json": render_json,
    "markdown": markdown,
    "html": html,
}
