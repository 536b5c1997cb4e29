"""Rows of beta's overlay for wikis that do not load the extension that reads them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftcheck.core.finding import Draft
from driftcheck.core.model import Realm
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
        readers = known.readers(row.setting, context.date)
        if not readers or known.CORE in readers or context.mentioned(row.setting):
            continue
        wikis = [wiki.dbname for wiki in context.beta.wikis]
        without = [
            dbname for dbname in wikis if not any(context.may_load(context.beta, one, dbname) for one in readers)
        ]
        yield from _drafts(row, readers, without, everywhere=len(without) == len(wikis))


def _drafts(row: Row, readers: Sequence[str], without: Sequence[str], *, everywhere: bool) -> Iterator[Draft]:
    """Of a row that does nothing anywhere, every wiki; else those that a selector of the row names."""
    loaded = "is loaded on no wiki of beta" if everywhere else "is not loaded on these wikis of beta"
    message = f"{listed(readers)} reads {row.setting} and {loaded}: the value has no effect"
    for dbname in without:
        own = row.own.by_selector.get(dbname, row.own.by_selector.get(f"+{dbname}"))
        if own is not None or everywhere:
            held = row.value() if everywhere or own is None else own
            draft = Draft.one_sided(Realm.BETA, DEAD_CONFIG, row.setting, "", dbname, message, held, row.span)
            yield replace(draft, group=row.setting)


CHECKS = (unloaded,)
