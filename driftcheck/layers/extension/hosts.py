"""Hosts in values: those that production alone has, and those of beta."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.core.model import Parts, Value

if TYPE_CHECKING:
    from driftcheck.core.model import Missing, Path, Result

_HOST = re.compile(r"(?<![\w.@-])(?:[a-z0-9*_-]+\.)+[a-z]{2,}(?![\w-])(?!\.\w)", re.IGNORECASE)
_FAMILIES = (
    "wikipedia", "wikimedia", "wikidata", "wikibooks", "wikinews", "wikiquote", "wikisource", "wikiversity", "wikivoyage",
    "wikifunctions", "wiktionary", "mediawiki", "wmfusercontent",
)  # fmt: skip
_INTERNAL, _PUBLIC = ".wmnet", tuple(f".{family}.org" for family in _FAMILIES)
_BETA = (".wmflabs.org", ".wmcloud.org", ".wikimedia.cloud", ".wmflabs")


def hosts(text: str) -> list[str]:
    """What looks like a host in a text, or in a regular expression."""
    return _HOST.findall(text.replace("\\.", ".")) if "." in text else []


def texts(value: Result | Missing) -> list[tuple[Path, Value, str]]:
    """Every text in a value, and every key of it that is one, with its path and the value that holds it."""
    found: list[tuple[Path, Value, str]] = []
    if isinstance(value, Value):
        _collect(value, (), found)
    return found


def _collect(value: Value, path: Path, found: list[tuple[Path, Value, str]]) -> None:
    data = value.data
    if isinstance(data, str):
        found.append((path, value, data))
    elif isinstance(data, dict):
        for key, item in data.items():
            holder = item if isinstance(item, Value) else value
            if isinstance(key, str):
                found.append(((*path, key), holder, key))
            if holder is item:
                _collect(holder, (*path, key), found)
    elif isinstance(data, Parts):
        found.append((path, value, "".join(part for part in data.parts if isinstance(part, str))))


def is_of_beta(host: str) -> bool:
    """Whether a host belongs to beta."""
    return host.lower().endswith(_BETA)


def is_of_production(host: str) -> bool:
    """Whether a host is a wiki's or a service's of production."""
    lower = host.lower()
    return lower.endswith(_INTERNAL) or f".{lower}".endswith(_PUBLIC)


def has_production_host(value: Result | Missing) -> bool:
    """Whether a value names a host of production anywhere."""
    return any(is_of_production(host) for _, _, text in texts(value) for host in hosts(text))


def has_beta_host(value: Result | Missing) -> bool:
    """Whether a value names a host of beta anywhere."""
    return any(is_of_beta(host) for _, _, text in texts(value) for host in hosts(text))
