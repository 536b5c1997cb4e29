"""What beta has as production has it, and what is there in production alone: its data centres, and its own wikis' APIs.

Equality is the fault here, as it is for the addresses of production's network.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core import reach
from driftcheck.core.finding import Draft
from driftcheck.core.model import Value, first_place, is_loading, same
from driftcheck.core.severity import Severity
from driftcheck.layers.extension.effective import columns
from driftcheck.layers.extension.pages.drift import SHARED_ENDPOINT
from driftcheck.layers.extension.rules.told import told
from driftcheck.layers.names import hostname

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.model import Missing, Path, Result
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.extension.effective import Effective

INHERITED = SHARED_ENDPOINT._replace(severity=Severity.NOTE)
_ASKED = re.compile(r"(?:Api|API|Endpoint|SearchBase)(?:Ur[il]|UR[IL])?\Z")
"""The ends of names of settings whose address the wiki itself asks, rather than shows to its readers."""

_API = "/w/api.php"
_ADDRESSES = ("wgServer", "wgCanonicalServer")
"""The settings that have a wiki's own address; either may be wrong in beta."""


class _Shared(NamedTuple):
    """A part of beta's value that names what production alone has, and what to say of it."""

    path: Path
    holder: Value
    message: str


def inherited(context: Comparison) -> Iterator[Draft]:
    """shared-endpoint, as a note: the first part of a value, the same in both realms, that names what production alone has."""
    if context.profile.schema:
        return
    centre, wikis, others = _centre(context), own_wikis(context), told(context)
    for name in sorted(context.beta.columns):
        if is_loading(name) or context.profile.policy(name) != "same" or not context.profile.covers(name):
            continue
        known: dict[int, tuple[Value, list[_Shared]]] = {}
        for dbname, ours, beta in context.pairs(name):
            if not isinstance(beta, Value):
                continue
            if id(beta) not in known:
                known[id(beta)] = beta, [*_centres(context, beta, centre), *_asked(context, name, beta, wikis)]
            for shared in known[id(beta)][1] if (name, dbname) not in others else ():
                if is_inherited(ours, shared.path, shared.holder):
                    path = ".".join(map(str, shared.path))
                    held = reach.at(ours, *shared.path)
                    yield Draft(INHERITED, name, path, dbname, shared.message, held, shared.holder, group=name)
                    break


def is_inherited(production: Result | Missing, path: Path, beta: Value) -> bool:
    """Whether beta has a part from the very line that production has it from: what beta spells out itself is meant."""
    ours = reach.at(production, *path)
    return same(ours, beta) and first_place(ours) == first_place(beta)


def _centre(context: Comparison) -> re.Pattern[str] | None:
    """Finds the names of the data centres that beta does not have."""
    names = context.centres()
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, names))})(?![\w-])") if names else None


def own_wikis(context: Comparison) -> dict[str, str]:
    """The wikis that beta has at an address of its own, by their hosts in production."""
    found: dict[str, str] = {}
    for name in _ADDRESSES:
        ours, theirs = (_hosts(side, name) for side in context.sides)
        found |= {host: dbname for dbname, host in ours.items() if host and theirs.get(dbname, "") not in ("", host)}
    return found


def _hosts(side: Effective, name: str) -> dict[str, str]:
    """The host of each wiki by a setting; where that was not asked for, as the arrays have it."""
    held = side.column(name) or columns(side.config, {name} & side.config.settings.keys()).get(name, [])
    return {wiki.dbname: hostname(reach.string(address)) for wiki, address in zip(side.wikis, held, strict=False)}


def _centres(context: Comparison, beta: Value, centre: re.Pattern[str] | None) -> Iterator[_Shared]:
    if centre is None:
        return
    for path, holder, text in context.texts(beta):
        if holder.data == text and (match := centre.search(text)):
            yield _Shared(path, holder, f"beta names production's data centre {match[0]}, which beta does not have")


def _asked(context: Comparison, name: str, beta: Value, wikis: dict[str, str]) -> Iterator[_Shared]:
    """The addresses that beta asks: the whole value of a setting of such a name, and the API of a wiki in any part."""
    for path, holder, text in context.texts(beta):
        if holder.data == text and (text.endswith(_API) or (not path and _ASKED.search(name))):
            dbname = wikis.get(hostname(text))
            if dbname is not None:
                yield _Shared(path, holder, f"beta asks production's {dbname} at {text}, and has that wiki itself")


CHECKS = (inherited,)
