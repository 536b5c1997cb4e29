"""The wiki cascade: which selector of a setting decides on a wiki, and what that makes of its value.

The order of precedence is SiteConfiguration's (MediaWiki includes/config/SiteConfiguration.php, processSetting):
the wiki, then ``+wiki``, then the tags in their order (``+tag`` merges and goes on, ``tag`` ends it), then
``default``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core import reach
from driftcheck.core.model import MISSING, REPLACEMENT, Op, Step, Unknown, Value
from driftcheck.mediawiki.merge import cascade

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from driftcheck.core.model import Array, Key, Missing, Result, Setting, Wiki


UNKNOWN_TAG = "\0"
"""Stands among a wiki's tags for one that is not known; no file can spell it."""


class CascadeRules(NamedTuple):
    """What differs between the years: ``falsy`` values give way in merges, ``deep`` replacement of $lang and $site."""

    falsy: bool
    deep: bool
    kept_null: frozenset[str] = frozenset()
    """Settings whose null is a value; for every other one it is absence."""


class Resolved(NamedTuple):
    """A setting's value on some wikis, and the selectors that decided, the first of them the strongest."""

    value: Result | Missing
    selectors: tuple[str, ...]


class Resolver:
    """Resolves settings for the wikis of one realm; wikis that a setting treats alike share one value."""

    def __init__(self, wikis: Sequence[Wiki], rules: CascadeRules) -> None:
        self.wikis = wikis
        self.rules = rules
        self._index = {wiki.dbname: number for number, wiki in enumerate(wikis)}
        self._tagged: dict[str, list[int]] = {}
        for number, wiki in enumerate(wikis):
            for tag in wiki.tags:
                self._tagged.setdefault(tag, []).append(number)

    def groups(self, setting: Setting) -> Iterator[tuple[Resolved, list[int]]]:
        """Each distinct outcome with the numbers of its wikis."""
        for resolved, numbers in self.selected(setting):
            yield from self._replaced(resolved, numbers)

    def selected(self, setting: Setting) -> Iterator[tuple[Resolved, list[int]]]:
        """What the selectors make, with the numbers of the wikis: before ``$lang`` and its like are put in."""
        by_signature: dict[tuple[str, ...], list[int]] = {}
        touched: set[int] = set(self._tagged.get(UNKNOWN_TAG, ()))
        merging = _merging(setting)
        for name in (*map(str, setting.by_selector), *merging):
            if name in self._index:
                touched.add(self._index[name])
            if name in self._tagged:
                touched.update(self._tagged[name])
        for number in sorted(touched):
            signature = _signature(setting, self.wikis[number], merging)
            by_signature.setdefault(signature, []).append(number)
        everyone = range(len(self.wikis))
        rest = [number for number in everyone if number not in touched] if touched else list(everyone)
        if rest:
            fallback = ("default",) if "default" in setting.by_selector else ()
            by_signature.setdefault(fallback, []).extend(rest)
        for signature, numbers in by_signature.items():
            selectors = tuple(selector for selector in signature if selector != UNKNOWN_TAG)
            yield Resolved(self._value(setting, signature), selectors), numbers

    def signature(self, setting: Setting, wiki: Wiki) -> tuple[str, ...]:
        """The selectors of a setting that take part on a wiki, in the order in which they are asked."""
        return _signature(setting, wiki, _merging(setting))

    def _value(self, setting: Setting, signature: tuple[str, ...]) -> Result | Missing:
        value: Result | Missing = MISSING
        for selector in signature:
            if isinstance(value, Unknown):
                return value
            if selector == UNKNOWN_TAG:
                return Unknown("the language tag of the wiki is not known")
            item = setting.by_selector[selector]
            via = f"{setting.name}[{selector}]"
            selected = item.after(Step(Op.SELECT, via, item.span))
            if reach.is_array(value) and reach.is_array(selected):
                value = cascade(value, selected, falsy=self.rules.falsy, step=Step(Op.MERGE, via, item.span))
            else:
                value = selected
        if isinstance(value, Value) and value.data is None and setting.name not in self.rules.kept_null:
            return MISSING
        return value

    def _replaced(self, resolved: Resolved, numbers: list[int]) -> Iterator[tuple[Resolved, list[int]]]:
        value = resolved.value
        if not isinstance(value, Value) or not _has_dollar(value, deep=self.rules.deep):
            yield resolved, numbers
            return
        by_replacements: dict[tuple[tuple[str, str], ...], list[int]] = {}
        for number in numbers:
            by_replacements.setdefault(self.wikis[number].replacements, []).append(number)
        for replacements, some in by_replacements.items():
            yield Resolved(replace(value, replacements, deep=self.rules.deep), resolved.selectors), some


def _merging(setting: Setting) -> set[str]:
    """What a setting merges for, by selectors like ``+tag``. An unknown value may be an array, and makes the outcome unknown too."""
    return {
        selector[1:]
        for selector, item in setting.by_selector.items()
        if isinstance(selector, str)
        and selector.startswith("+")
        and (isinstance(item, Unknown) or reach.is_array(item))
    }


def _signature(setting: Setting, wiki: Wiki, merging: Container[str]) -> tuple[str, ...]:
    table = setting.by_selector
    if wiki.dbname in table:
        return (wiki.dbname,)
    out = [f"+{wiki.dbname}"] if wiki.dbname in merging else []
    for tag in wiki.tags:
        if tag == UNKNOWN_TAG:
            if _may_select(table, wiki):
                return (*out, tag)
        elif tag in table:
            return (*out, tag)
        elif tag in merging:
            out.append(f"+{tag}")
    if "default" in table:
        out.append("default")
    return tuple(out)


def _may_select(table: Mapping[Key, Result], wiki: Wiki) -> bool:
    """Whether a tag that is not known could be a selector of a setting that the wiki's other tags are not."""
    names = {wiki.dbname, "default", *wiki.tags}
    return any(str(selector).removeprefix("+") not in names for selector in table)


def _has_dollar(value: Value, *, deep: bool, level: int = 0) -> bool:
    data = value.data
    if isinstance(data, str):
        return "$" in data
    if isinstance(data, dict) and (deep or level == 0):
        return any(isinstance(item, Value) and _has_dollar(item, deep=deep, level=level + 1) for item in data.values())
    return False


def replace(value: Value, replacements: tuple[tuple[str, str], ...], *, deep: bool, level: int = 0) -> Value:
    """``$lang`` and its like put in: in strings, and in arrays one level down (``deep``: every level)."""
    data = value.data
    if isinstance(data, str):
        new = put_in(data, replacements, deep=deep)
        return value if new == data else value.with_data(new, Step(Op.COERCE, REPLACEMENT, None))
    if isinstance(data, dict) and (deep or level == 0):
        out: Array = {
            key: replace(item, replacements, deep=deep, level=level + 1) if isinstance(item, Value) else item
            for key, item in data.items()
        }
        return value.with_data(out)
    return value


def put_in(text: str, replacements: tuple[tuple[str, str], ...], *, deep: bool) -> str:
    """``$lang`` and its like put into a text."""
    return _in_turn(text, replacements) if deep else _at_once(text, replacements)


def _in_turn(text: str, replacements: tuple[tuple[str, str], ...]) -> str:
    for name, new in replacements:
        text = text.replace(name, new)
    return text


def _at_once(text: str, replacements: tuple[tuple[str, str], ...]) -> str:
    """strtr: the longest name at each place, and nothing that was put in is looked at again."""
    whole = next((new for name, new in replacements if name == text), None)
    if whole is not None:
        return whole
    names = sorted(replacements, key=lambda pair: -len(pair[0]))
    out: list[str] = []
    at = 0
    while (dollar := text.find("$", at)) >= 0:
        out.append(text[at:dollar])
        name, new = next(((n, r) for n, r in names if text.startswith(n, dollar)), ("$", "$"))
        out.append(new)
        at = dollar + len(name)
    return "".join(out) + text[at:]
