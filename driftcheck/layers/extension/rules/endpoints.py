"""Addresses in beta that are production's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core import reach
from driftcheck.core.finding import Draft
from driftcheck.core.globs import among
from driftcheck.core.model import MISSING, Value, freeze, is_loading, same
from driftcheck.layers.extension.hosts import hosts
from driftcheck.layers.extension.pages.drift import SHARED_ENDPOINT
from driftcheck.layers.names import hostname

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.model import Path, Result
    from driftcheck.layers.extension.comparison import Comparison

_MESH = re.compile(r"\b(?:localhost|127\.0\.0\.1):6\d{3}\b")
_WMNET = re.compile(r"(?<![\w.-])(?!(?:lab|cloud)\w*\.)(?:[\w-]+\.)+wmnet\b")
"""But for the hosts that carry beta itself: labmon1001, labsdb1005, cloudmetrics1001."""


class _Address(NamedTuple):
    """An address of production in a value: where in it, the text that holds it, and the host."""

    path: Path
    holder: Value
    host: str


def endpoints(context: Comparison) -> Iterator[Draft]:
    """shared-endpoint: on every wiki of beta where the extension is on."""
    found: dict[int, tuple[Result, list[_Address]]] = {}
    places = [(dbname, context.beta.number(dbname)) for dbname in context.on(context.beta)]
    for name, column in sorted(context.beta.columns.items()):
        policy = context.profile.policy(name)
        if policy == "ignore" or is_loading(name) or not context.profile.covers(name):
            continue
        taken = _taken(context, name) if policy == "differ" else {}
        for dbname, number in places:
            beta = column[number] if number is not None else MISSING
            if not isinstance(beta, Value):
                continue
            if id(beta) not in found:
                found[id(beta)] = beta, list(_addresses(context, beta))
            shared = [*found[id(beta)][1], *(_equal(context, beta, taken) if taken else ())]
            if shared:
                yield _draft(context, name, dbname, shared[0])


def _addresses(context: Comparison, value: Value) -> Iterator[_Address]:
    """The addresses in a value that only production has, or that the profile says are production's."""
    owned = context.profile.production_hosts
    for path, holder, text in context.texts(value):
        internal = [] if ":6" not in text and "wmnet" not in text else [*_MESH.findall(text), *_WMNET.findall(text)]
        listed = [host for host in hosts(text) if among(host, owned)] if owned else []
        for host in dict.fromkeys([*internal, *listed]):
            if not context.beta_has(host):
                yield _Address(path, holder, host)


def _taken(context: Comparison, name: str) -> dict[object, Result]:
    """The values that production has of a setting, by what tells them apart."""
    held = (context.value(context.production, name, dbname) for dbname in context.on(context.production))
    return {freeze(value): value for value in held if isinstance(value, Value)}


def _equal(context: Comparison, beta: Value, taken: dict[object, Result]) -> Iterator[_Address]:
    """An address that must differ between the realms, and is one of production's."""
    url = reach.string(beta)
    if url and freeze(beta) in taken and not among(hostname(url), context.profile.public_hosts):
        yield _Address((), beta, url)


def _draft(context: Comparison, name: str, dbname: str, address: _Address) -> Draft:
    beta = address.holder
    wikis = dict.fromkeys([dbname, *context.on(context.production)])
    sides = (context.value(context.production, name, wiki) for wiki in wikis)
    ours = (held for side in sides if same(held := reach.at(side, *address.path), beta))
    text = reach.string(beta)
    message = f"beta uses production's address {text if text and ' ' not in text else address.host}"
    path = ".".join(map(str, address.path))
    return Draft(SHARED_ENDPOINT, name, path, dbname, message, next(ours, MISSING), beta)


CHECKS = (endpoints,)
