"""Values files of a Helm release: how several become one, and what a later one deletes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core import reach
from driftcheck.core.model import Op, Step, Value

if TYPE_CHECKING:
    from driftcheck.core.model import Array, Path


class Deleted(NamedTuple):
    """A null, a list or a scalar of a later file, and the map of an earlier one that it deletes."""

    path: Path
    by: Value
    was: Value


def merged(base: Value, overlay: Value, deleted: list[Deleted], path: Path = ()) -> Value:
    """``base`` under ``overlay``: maps are merged, all else is replaced, and a null deletes; maps that go are told."""
    name = overlay.source.path.rpartition("/")[2] if overlay.source is not None else ""
    out = dict(reach.fields(base))
    for key, item in reach.fields(overlay).items():
        earlier = out.get(key)
        if isinstance(item, Value) and reach.array(earlier) and reach.is_map(earlier) and not reach.is_map(item):
            deleted.append(Deleted((*path, key), item, earlier))
        if isinstance(item, Value) and item.data is None:
            out.pop(key, None)
        elif reach.is_map(earlier) and reach.is_map(item):
            out[key] = merged(earlier, item, deleted, (*path, key))
        else:
            new = without_nulls(item) if isinstance(item, Value) else item
            out[key] = new if earlier is None else new.after(Step(Op.OVERRIDE, name, item.span))
    return base.with_data(out, Step(Op.MERGE, name, overlay.span))


def without_nulls(value: Value) -> Value:
    """A map without the keys that are null, at any depth of maps: they would delete what the chart itself sets."""
    if not reach.is_map(value):
        return value
    kept: Array = {
        key: without_nulls(item) if isinstance(item, Value) else item
        for key, item in reach.fields(value).items()
        if not (isinstance(item, Value) and item.data is None)
    }
    return value.with_data(kept)
