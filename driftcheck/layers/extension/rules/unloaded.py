"""Rows and statements of beta for wikis that do not load the extension that reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.finding import Draft
from driftcheck.core.model import MISSING, Realm
from driftcheck.core.words import listed
from driftcheck.layers.extension.overlay import rows
from driftcheck.layers.extension.pages.shape import DEAD_CONFIG
from driftcheck.mediawiki import known

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.extension.overlay import Row


def unloaded(context: Comparison) -> Iterator[Draft]:
    """dead-config, where the profile has no rules of its own for it: by the readers of each setting on the day of the tree."""
    for row in rows(context.beta, context.profile) if not context.profile.schema else ():
        readers = _readers(context, row.setting)
        if not readers:
            continue
        wikis = [wiki.dbname for wiki in context.beta.wikis]
        without = [dbname for dbname in wikis if _is_off(context, readers, dbname)]
        yield from _drafts(row, readers, without, everywhere=len(without) == len(wikis))


def unloaded_statements(context: Comparison) -> Iterator[Draft]:
    """dead-config, of a statement of beta's CommonSettings file: the extension is loaded on none of the wikis on which it runs."""
    outcome = context.beta.outcome if not context.profile.schema else None
    for statement in outcome.statements if outcome is not None else ():
        readers = _readers(context, statement.name) if context.profile.judges(statement.name) else ()
        ran = [
            wiki.dbname for wiki, left in zip(context.beta.wikis, statement.left, strict=True) if left is not MISSING
        ]
        if readers and all(_is_off(context, readers, dbname) for dbname in ran):
            message = f"{listed(readers)} reads {statement.name} and is loaded on no wiki on which this statement runs"
            for dbname in ran:
                yield Draft.one_sided(Realm.BETA, DEAD_CONFIG, statement.name, "", dbname, message, at=statement.span)


def _readers(context: Comparison, setting: str) -> tuple[str, ...]:
    """The extensions that read a setting; none where core or the configuration does."""
    readers = known.readers(setting, context.date)
    return () if not readers or known.CORE in readers or context.mentioned(setting) else readers


def _is_off(context: Comparison, readers: Sequence[str], dbname: str) -> bool:
    """Whether a wiki of beta certainly loads none of some extensions."""
    return not any(context.may_load(context.beta, one, dbname) and not _is_nowhere(context, one) for one in readers)


def _is_nowhere(context: Comparison, extension: str) -> bool:
    """Whether beta's code names an extension in a list of all that may be loaded, and loads it nowhere, as far as all is followed."""
    outcome = context.beta.outcome
    if outcome is None or outcome.loading(extension) is not None:
        return False
    sources = (context.read(f"wmf-config/{name}") for name in ("extension-list", "extension-list-labs"))
    return any(source is not None and f"/extensions/{extension}/".encode() in source.text for source in sources)


def _drafts(row: Row, readers: Sequence[str], without: Sequence[str], *, everywhere: bool) -> Iterator[Draft]:
    """Of a row that does nothing anywhere, every wiki; else those that a selector of the row names."""
    loaded = "is loaded on no wiki of beta" if everywhere else "is not loaded on these wikis of beta"
    message = f"{listed(readers)} reads {row.setting} and {loaded}: the value has no effect"
    for dbname in without:
        own = row.own.by_selector.get(dbname, row.own.by_selector.get(f"+{dbname}"))
        if own is not None or everywhere:
            held = row.value() if everywhere or own is None else own
            draft = Draft.one_sided(Realm.BETA, DEAD_CONFIG, row.setting, "", dbname, message, held, row.span)
            yield draft._replace(group=row.setting)


CHECKS = (unloaded, unloaded_statements)
