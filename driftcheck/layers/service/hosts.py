"""Hosts of a service: those that are no host, and those that are another wiki's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.finding import Draft
from driftcheck.core.model import Value
from driftcheck.layers.names import canonical_host, hostname, wiki_of
from driftcheck.layers.service.pages import EXTRACTOR_HOST, HOST_MALFORMED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.model import Realm, Result
    from driftcheck.layers.service.read import ServiceConfig

_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,15}://")
_BARE = ("score_caches", "metrics_collectors")
"""Groups whose hosts have no scheme."""


def foreign_hosts(config: ServiceConfig, realm: Realm) -> Iterator[Draft]:
    """service-extractor-host: an extractor that asks another wiki, or a host that only redirects."""
    for wiki, context in config.contexts.items():
        path, value = _asked(context)
        host = hostname(reach.string(value))
        owner = wiki_of(host)
        if value is None or owner is None or (owner == wiki and canonical_host(host) == host):
            continue
        fault = f"belongs to {owner}" if owner != wiki else f"redirects to {canonical_host(host)}"
        message = f"the extractor of {wiki} asks {host}, which {fault}"
        yield Draft.one_sided(realm, EXTRACTOR_HOST, f"contexts.{wiki}.extractor", path, wiki, message, value)


def _asked(context: Value) -> tuple[str, Value | None]:
    """Where an extractor says whom it asks: through a proxy it is the Host header, and in 2015 it was a url."""
    extractor = reach.fields(reach.get(context, "extractor"))
    named = {"headers.Host": reach.fields(extractor.get("headers")).get("Host")}
    named |= {name: extractor.get(name) for name in ("host", "url")}
    return next(((path, value) for path, value in named.items() if isinstance(value, Value)), ("", None))


def malformed_hosts(config: ServiceConfig, realm: Realm) -> Iterator[Draft]:
    """service-host-malformed: of extractors the address and the Host header, of caches and metrics the host alone."""
    for name, item in config.group("extractors").items():
        entry = reach.fields(item)
        header = reach.fields(entry.get("headers")).get("Host")
        for path, value, fault in (
            ("host", entry.get("host"), _wrong_address(entry.get("host"))),
            ("headers.Host", header, _wrong_host(header)),
        ):
            for wiki in _users(config, name) if fault else ():
                yield _malformed(realm, f"extractors.{name}", path, value, fault, wiki)
    for group in _BARE:
        for name, item in config.group(group).items():
            value = reach.fields(item).get("host")
            if fault := _wrong_host(value):
                yield _malformed(realm, f"{group}.{name}", "host", value, fault)


def _malformed(realm: Realm, setting: str, path: str, value: Result | None, fault: str, wiki: str = "") -> Draft:
    assert value is not None
    return Draft.one_sided(realm, HOST_MALFORMED, setting, path, wiki, f"{reach.text(value)} {fault}", value)


def _users(config: ServiceConfig, extractor: object) -> list[str]:
    """The wikis whose contexts have an extractor; one empty name if none has."""
    defined = config.group("scoring_contexts")
    named = [
        wiki for wiki in config.contexts if reach.text(reach.fields(defined.get(wiki)).get("extractor")) == extractor
    ]
    return named or [""]


def _wrong_address(value: Result | None) -> str:
    """What is wrong with a host with its scheme; empty where nothing is."""
    said = reach.string(value)
    if said is None:
        return ""
    scheme = _SCHEME.match(said)
    if scheme is None:
        return "has no scheme: write https:// before the host" if _HOST.fullmatch(said) else "is no host"
    return _wrong_host_text(said[scheme.end() :])


def _wrong_host(value: Result | None) -> str:
    """What is wrong with a host alone; empty where nothing is."""
    said = reach.string(value)
    return "" if said is None else _wrong_host_text(said)


def _wrong_host_text(text: str) -> str:
    if _HOST.fullmatch(text):
        return ""
    if _SCHEME.match(text):
        return "has a scheme where only the host belongs"
    return "has a path: only the host belongs here" if "/" in text else "is no host"
