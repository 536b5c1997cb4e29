"""How arrays become one: each keeps, element by element, where it came from.

PHP's own functions are in :mod:`driftcheck.php.functions`; these are MediaWiki's merges of settings, with
provenance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Op, Step, Unknown, Value

if TYPE_CHECKING:
    from driftcheck.core.model import Array, Result


def cascade(left: Value, right: Value, *, falsy: bool, step: Step) -> Value:
    """SiteConfiguration::arrayMerge: ``left`` wins, nested arrays are merged, taken numeric keys are appended.

    A value of ``left`` that is false gives way (``falsy``: any false-like value, as before 2020, MediaWiki
    includes/config/SiteConfiguration.php).
    """
    assert isinstance(left.data, dict)
    assert isinstance(right.data, dict)
    out: Array = {key: item.after(*left.steps) for key, item in left.data.items()}
    for key, item in right.data.items():
        held = out.get(key)
        new = item.after(*right.steps, step)
        if held is None or (isinstance(held, Value) and held.data is None):
            out[key] = new
        elif isinstance(held, Unknown):
            continue
        elif isinstance(held.data, dict) and isinstance(item, Unknown):
            # It may be an array, whose elements would join those that are there.
            out[key] = new
        elif isinstance(held.data, dict) and isinstance(item, Value) and isinstance(item.data, dict):
            out[key] = cascade(held, new, falsy=falsy, step=step)  # type: ignore[arg-type]
        elif _numeric(key):
            out[max((k for k in out if isinstance(k, int)), default=-1) + 1] = new
        elif held.data is False or (falsy and not _truth(held)):
            out[key] = new
    return Value(out, left.source, left.where, (step,))


def _numeric(key: int | str) -> bool:
    if isinstance(key, int):
        return True
    try:
        float(key)
    except ValueError:
        return False
    return not key.lower().strip(" +-").startswith(("inf", "nan")) and "_" not in key


def _truth(held: Value) -> bool:
    return held.data not in (None, False, 0, "", "0", {})


def registered(strategy: str, configured: Value, default: Value) -> Result:
    """ExtensionRegistry::exportExtractedData: a global that is set meets the extension's default.

    Strategies as in MediaWiki includes/registration/ExtensionRegistry.php; integer keys are renumbered by
    ``array_merge`` and ``array_merge_recursive`` and kept by the others.
    """
    step = Step(Op.SCHEMA_DEFAULT, strategy, default.span)
    if not isinstance(configured.data, dict) or not isinstance(default.data, dict):
        return configured
    own = {key: item.after(*configured.steps) for key, item in configured.data.items()}
    base = {key: item.after(step) for key, item in default.data.items()}
    out: Array
    if strategy == "array_merge":
        out = {}
        for side in (base, own):
            for key, item in side.items():
                out[_next(out) if isinstance(key, int) else key] = item
    elif strategy == "array_plus":
        out = {**own, **{key: item for key, item in base.items() if key not in own}}
    elif strategy == "array_plus_2d":
        out = dict(own)
        for key, item in base.items():
            held = out.get(key)
            if held is None:
                out[key] = item
            elif isinstance(held, Value) and isinstance(held.data, dict) and isinstance(item, Value):
                out[key] = _plus(held, item)
    elif strategy == "array_replace_recursive":
        out = _replace_recursive(base, own)
    else:
        return Unknown(f"the merge strategy {strategy} is not modelled", configured.source, configured.where)
    return Value(out, configured.source, configured.where, (step,))


def _next(out: Array) -> int:
    return max((key for key in out if isinstance(key, int)), default=-1) + 1


def _plus(own: Value, base: Value) -> Value:
    if not isinstance(own.data, dict) or not isinstance(base.data, dict):
        return own
    data = {key: item.after(*own.steps) for key, item in own.data.items()}
    data.update({key: item.after(*base.steps) for key, item in base.data.items() if key not in data})
    return Value(data, own.source, own.where, own.steps)


def _replace_recursive(base: Array, own: Array) -> Array:
    out = dict(base)
    for key, item in own.items():
        held = out.get(key)
        both = isinstance(held, Value) and isinstance(item, Value)
        if both and isinstance(held.data, dict) and isinstance(item.data, dict):  # type: ignore[union-attr]
            out[key] = item.with_data(_replace_recursive(held.data, item.data))  # type: ignore[union-attr]
        else:
            out[key] = item
    return out
