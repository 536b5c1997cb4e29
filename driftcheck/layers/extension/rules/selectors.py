"""Selectors of beta's overlay that select nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.finding import Draft
from driftcheck.core.model import Realm
from driftcheck.core.nearest import nearest
from driftcheck.layers.extension.overlay import is_left_out, rows, selectable, shapeless
from driftcheck.layers.extension.pages.overrides import SELECTOR_UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.model import Result
    from driftcheck.layers.extension.comparison import Comparison

_LIKE = 0.9


def unknown_selectors(context: Comparison) -> Iterator[Draft]:
    """selector-unknown: a selector of the overlay that is no wiki of beta, and no tag, family or language of one."""
    known = selectable(context.beta)
    for name, written in shapeless(context.beta, context.profile):
        message = f"{name} is no array of selectors, so no wiki has the value; put it behind default, or a wiki"
        for wiki in context.beta.wikis:
            yield Draft.one_sided(Realm.BETA, SELECTOR_UNKNOWN, name, "", wiki.dbname, message, written)
    for row in rows(context.beta, context.profile):
        for key, value in row.own.by_selector.items():
            message = _message(row.setting, str(key), value, known)
            if not message:
                continue
            for wiki in context.beta.wikis:
                yield Draft.one_sided(
                    Realm.BETA,
                    SELECTOR_UNKNOWN,
                    row.setting,
                    str(key),
                    wiki.dbname,
                    message,
                    value,
                    value.span or row.span,
                )


def _message(setting: str, selector: str, value: Result, known: set[str] | None) -> str:
    """Why a selector selects nothing; empty where it may select something."""
    if is_left_out(selector, value):
        return f"{selector} in {setting} selects nothing: + merges arrays, and its value is none"
    if known is None or selector in known:
        return ""
    if selector.lstrip("-").isdigit():
        return f"a value of {setting} has no selector, so no wiki has it; put default or a wiki before it"
    if selector == "+default":
        return f"+default in {setting} selects nothing: there is one default, and it cannot be merged"
    meant = nearest(selector, {name for name in known if name.startswith("+") is selector.startswith("+")}, _LIKE)
    return f"{selector} is no wiki of beta, and no tag, family or language of one{meant}"


CHECKS = (unknown_selectors,)
