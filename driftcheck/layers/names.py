"""What services call things: models that go under several names, and the wiki behind a host."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import urlsplit

_SAME_MODEL = {"wp10": "articlequality", "nettromwp10": "articlequality", "itemtopic": "articletopic"}
"""Names under which one model goes: wp10 was renamed, and items have the topics of articles."""

_MODELS = {
    "damaging",
    "goodfaith",
    "reverted",
    "articlequality",
    "draftquality",
    "itemquality",
    "articletopic",
    "drafttopic",
}
_WIKI_HOST = re.compile(
    r"(?:www\.)?([a-z0-9-]+)\.(wikipedia|wiktionary|wikibooks|wikinews|wikiquote|wikisource|wikiversity|wikivoyage)\.org"
)
_OTHER_HOSTS = {
    "wikidata.org": "wikidatawiki",
    "www.wikidata.org": "wikidatawiki",
    "test.wikidata.org": "testwikidatawiki",
    "commons.wikimedia.org": "commonswiki",
    "meta.wikimedia.org": "metawiki",
    "mediawiki.org": "mediawikiwiki",
    "www.mediawiki.org": "mediawikiwiki",
}
_OTHER_NAMES = {"be-tarask": "be_x_old", "nb": "no", "yue": "zh_yue", "nan": "zh_min_nan", "lzh": "zh_classical"}
"""Languages whose wikis have kept an older name."""
_REDIRECTED = {"wikidata.org": "www.wikidata.org", "mediawiki.org": "www.mediawiki.org"}
"""Hosts that send whoever asks to another one."""


def canonical_host(host: str) -> str:
    """The host under which a wiki answers itself; another host is its own."""
    return _REDIRECTED.get(host) or (host.removeprefix("www.") if _WIKI_HOST.fullmatch(host) else host)


def names_another(model: str, file: str) -> bool:
    """Whether a file has the name of a model in it, and of another one."""
    named = {canonical(token) for token in PurePosixPath(file).name.split(".")[1:]} & _MODELS
    return bool(named) and canonical(model) not in named


def canonical(name: str) -> str:
    """One name for the names of one model."""
    bare = name.lower().replace("_", "")
    return _SAME_MODEL.get(bare, bare)


def hostname(url: object) -> str:
    """The host of an address, or of a host with or without a port; empty if there is none."""
    text = url if isinstance(url, str) else ""
    try:
        return urlsplit(text if "//" in text else f"//{text}").hostname or ""
    except ValueError:
        return ""


def wiki_of(host: str) -> str | None:
    """The dbname of a public wiki by its host; None where the host says nothing about that."""
    if host in _OTHER_HOSTS:
        return _OTHER_HOSTS[host]
    match = _WIKI_HOST.fullmatch(host)
    if match is None:
        return None
    language, family = match.groups()
    return _OTHER_NAMES.get(language, language).replace("-", "_") + ("wiki" if family == "wikipedia" else family)
