"""What a realm has, as JSON: each wiki's or service's map, by the environment where a realm has several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core import reach
from driftcheck.layers.records import Columns
from driftcheck.report import phpjson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftcheck.core.model import Unknown
    from driftcheck.layers.records import Records
    from driftcheck.report.phpjson import Out

    Document = Mapping[Any, Any]


def write(out: Out, records: Sequence[Records], names: Sequence[str]) -> list[Unknown]:
    """Write the records of one realm, or those that are named, and answer with what is not known in them."""
    first = records[0]
    if isinstance(first.held, Columns):
        numbers = {name: number for number, name in enumerate(first.held.wikis)}
        wanted = [numbers[name] for name in dict.fromkeys(names)] if names else list(numbers.values())
        return phpjson.write_columns(out, first.held.wikis, first.held.settings, wanted)
    maps = {record.label: _named(record, names) for record in records}
    # An environment that is the realm itself needs no name.
    whole: Mapping[str, Document] = maps[first.label] if list(maps) == [first.realm.value] else maps
    return phpjson.write_normalized(out, whole)


def _named(record: Records, names: Sequence[str]) -> dict[str, Document]:
    """The maps of a record, or those of them that are named. Their keys are names, also where there is none."""
    assert not isinstance(record.held, Columns)
    return {name: reach.array(record.held[name]) for name in dict.fromkeys(names or record.held) if name in record.held}
