"""How arrays become one: each keeps, element by element, where it came from.

PHP's own functions are in :mod:`driftcheck.php.functions`; these are MediaWiki's merges of settings, with
provenance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.model import Op, Step, Unknown, Value
from driftcheck.php.values import is_numeric

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftcheck.core.model import Array, Key, Result


def cascade(left: Value, right: Value, *, falsy: bool, step: Step) -> Value:
    """SiteConfiguration::arrayMerge: ``left`` wins, nested arrays are merged, taken numeric keys are appended.

    A value of ``left`` that is false gives way (``falsy``: any false-like value, as before 2020, MediaWiki
    includes/config/SiteConfiguration.php).
    """
    out = reach.items(left)
    following = getattr(left.data, "following", None)
    for key, item in reach.items(right).items():
        ours, theirs = out.get(key), item.after(step)
        if ours is None or (isinstance(ours, Value) and ours.data is None):
            out[key] = theirs
        elif isinstance(ours, Unknown):
            continue
        elif reach.is_array(ours) and isinstance(theirs, Unknown):
            # It may be an array, whose elements would join those that are there.
            out[key] = theirs
        elif reach.is_array(ours) and reach.is_array(theirs):
            out[key] = cascade(ours, theirs, falsy=falsy, step=step)
        elif _numeric(key):
            out[_next(out) if following is None else max(following, _next(out))] = theirs
        elif ours.data is False or (falsy and not _truth(ours)):
            out[key] = theirs
    return Value(out, left.source, left.where, (step,))


def _numeric(key: int | str) -> bool:
    return isinstance(key, int) or is_numeric(key)


def _truth(value: Value) -> bool:
    return value.data not in (None, False, 0, "", "0", {})


def registered(strategy: str, configured: Value, default: Value) -> Result:
    """ExtensionRegistry::exportExtractedData: a global that is set meets the extension's default.

    Strategies as in MediaWiki includes/registration/ExtensionRegistry.php; integer keys are renumbered by
    ``array_merge`` and ``array_merge_recursive`` and kept by the others. ``provide_default`` merges nothing.
    """
    step = Step(Op.SCHEMA_DEFAULT, strategy, default.span)
    if not reach.is_array(configured) or not reach.is_array(default):
        return configured
    own = reach.items(configured)
    base = {key: item.after(step) for key, item in reach.array(default).items()}
    out: Array
    if strategy == "array_merge":
        out = {}
        for side in (base, own):
            for key, item in side.items():
                out[_next(out) if isinstance(key, int) else key] = item
    elif strategy == "array_plus":
        out = _plus(own, base)
    elif strategy == "array_plus_2d":
        out = _plus(own, base)
        for key, item in base.items():
            ours = out[key]
            if reach.is_array(ours) and reach.is_array(item) and key in own:
                out[key] = ours.with_data(_plus(reach.items(ours), reach.items(item)))
    elif strategy == "array_replace_recursive":
        out = _replace_recursive(base, own)
    elif strategy == "array_merge_recursive":
        out = _merge_recursive(_merge_recursive({}, own), base)
    elif strategy == "provide_default":
        return configured
    else:
        return Unknown(f"the merge strategy {strategy} is not modelled", configured.source, configured.where)
    return Value(out, configured.source, configured.where, (step,))


def _next(out: Array) -> int:
    return max((key for key in out if isinstance(key, int)), default=-1) + 1


def _plus(own: Array, base: Array) -> Array:
    """PHP's ``$own + $base``."""
    return {**own, **{key: item for key, item in base.items() if key not in own}}


def _replace_recursive(base: Mapping[Key, Result], own: Mapping[Key, Result]) -> Array:
    out = dict(base)
    for key, item in own.items():
        theirs = out.get(key)
        if reach.is_array(theirs) and reach.is_array(item):
            out[key] = item.with_data(_replace_recursive(reach.array(theirs), reach.array(item)))
        else:
            out[key] = item
    return out


def _merge_recursive(left: Mapping[Key, Result], right: Mapping[Key, Result]) -> Array:
    """PHP's ``array_merge_recursive``: what two arrays both have under a text becomes an array of both."""
    out = dict(left)
    for key, item in right.items():
        ours = out.get(key)
        if isinstance(key, int):
            out[_next(out)] = item
        elif ours is None:
            out[key] = item
        elif isinstance(ours, Unknown) or isinstance(item, Unknown):
            out[key] = ours if isinstance(ours, Unknown) else item
        else:
            out[key] = ours.with_data(_merge_recursive(_as_array(ours), _as_array(item)))
    return out


def _as_array(held: Value) -> Array:
    return held.data if isinstance(held.data, dict) else {0: held}
