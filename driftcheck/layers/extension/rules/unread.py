"""Overrides of beta that nothing reads."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core.finding import Draft
from driftcheck.core.model import MISSING, Realm, Value
from driftcheck.core.nearest import near
from driftcheck.layers.extension.overlay import decided, rows
from driftcheck.layers.extension.pages.overrides import UNREAD
from driftcheck.mediawiki import known
from driftcheck.mediawiki.loading import is_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.model import Result, Span
    from driftcheck.layers.extension.comparison import Comparison

_LIKE = 0.9
_WIKIBASE, _BUILD = "wmf-config/Wikibase.php", b"/extensions/Wikidata/Wikidata.php"
_PREFIX = re.compile(r"^wm?g(?=[A-Z0-9])")
_SETTING = re.compile(r"^(?:wg|eg|smg)[A-Z0-9]")


class _Override(NamedTuple):
    """A row or a statement of beta with the setting that it makes."""

    setting: str
    value: Result
    span: Span | None
    wikis: tuple[str, ...]
    is_row: bool


def unread(context: Comparison) -> Iterator[Draft]:
    """override-unread: no PHP of the tree, no extension and not MediaWiki core reads the setting on the day of the tree."""
    readers = _Readers(context)
    for override in _overrides(context):
        why = readers.why_none(override)
        for dbname in override.wikis if why else ():
            yield Draft.one_sided(Realm.BETA, UNREAD, override.setting, "", dbname, why, override.value, override.span)


def _overrides(context: Comparison) -> Iterator[_Override]:
    """The rows of the overlay, and the assignments of beta's CommonSettings file."""
    beta = context.beta
    everywhere = tuple(wiki.dbname for wiki in beta.wikis)
    for row in rows(beta, context.profile):
        held = zip(everywhere, decided(beta, row.own), strict=True)
        reached = tuple(dbname for dbname, resolved in held if resolved.selectors)
        yield _Override(row.setting, row.value(), row.span, reached or everywhere, is_row=True)
    for statement in beta.outcome.statements if beta.outcome is not None else ():
        ran = [(name, held) for name, held in zip(everywhere, statement.left, strict=True) if held is not MISSING]
        if context.profile.judges(statement.name) and not is_name(statement.name) and ran:
            yield _Override(statement.name, ran[0][1], statement.span, tuple(name for name, _ in ran), is_row=False)


class _Readers:
    """Who reads a setting on the day of a tree: beta runs the main branch, so what is gone there is gone in beta."""

    def __init__(self, context: Comparison) -> None:
        self._context = context
        self._day = context.date

    def why_none(self, override: _Override) -> str:
        """Why nothing reads what an override sets; empty where something does, or may."""
        setting = override.setting
        if setting in self._context.defaults.entries:
            return ""
        lives = known.lives(setting)
        until = max((life.until for life in lives), default="")
        if until > self._day:
            return ""
        if self._context.mentioned(setting) or self._is_of_build(setting):
            return ""
        if lives:
            reader = next(life.reader for life in lives if life.until == until)
            return f"{reader} has not read {setting} since {until}, and nothing else reads it{self._meant(override)}"
        # An extension that is not known may read it.
        doubtful = _SETTING.match(setting) or not override.is_row
        meant = self._meant(override) if not doubtful or setting not in self._context.production.columns else ""
        return f"nothing reads {setting}{meant}" if meant or not doubtful else ""

    def _is_of_build(self, setting: str) -> bool:
        """Whether the build of the extensions around Wikibase may read a switch: until 2018 a file of it asked them."""
        source = self._context.read(_WIKIBASE) if setting.startswith("wmgUse") else None
        return source is not None and _BUILD in source.text

    def _meant(self, override: _Override) -> str:
        """What may have been meant: the name with another prefix, else one that is nearly the same."""
        setting, bare = override.setting, _PREFIX.sub("", override.setting)
        steps = override.value.steps if isinstance(override.value, Value) else ()
        source = {step.via.partition("[")[0] for step in steps}  # `$wgX = $wmgX` means just that
        others = [name for prefix in ("wg", "wmg") if (name := f"{prefix}{bare}") != setting and name not in source]
        read = [name for name in others if self._context.mentioned(name) or self._is_read(name)]
        alike = (name for name in self._names if _alike(name, setting) and name not in source)
        close = read or near(setting, list(alike), _LIKE)
        return f"; did you mean {' or '.join(close)}?" if close else ""

    def _is_read(self, name: str) -> bool:
        return any(life.since <= self._day < life.until for life in known.lives(name))

    @functools.cached_property
    def _names(self) -> list[str]:
        """Every name that something reads."""
        return [*self._context.production.columns, *(name for name in known.names() if self._is_read(name))]


def _alike(name: str, other: str) -> bool:
    """Whether a closer look at two names is worth it: they are of a length, and begin or end alike."""
    near_length = abs(len(name) - len(other)) <= len(other) // 5
    return near_length and name != other and (name[:6] == other[:6] or name[-6:] == other[-6:])


CHECKS = (unread,)
