"""Which MediaWiki a wiki runs, where the tree's code asks a compiled table for it: the table's source stands beside it.

Until 2015 that table was ``wikiversions.cdb``, made of ``wikiversions.dat`` (name, version, extra version), later of
``wikiversions.json``; beta has files of its own with ``-labs`` in the name.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING

from driftcheck.mediawiki.whole.around import around
from driftcheck.php.run.objects import Instance
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from driftcheck.core.model import Result
    from driftcheck.php.run.library import Call

_KEYS = ("ver", "ext")
_READERS = ("CdbReader", "Reader")
"""The class that reads the table; a library has it as ``Cdb\\Reader`` since 2015."""


def _opened(call: Call) -> Result:
    return call.result(Instance(_READERS[0], None))


def _fetched(call: Call) -> Result:
    """The row of a key, ``ver:enwiki`` or ``ext:enwiki``; false where there is none."""
    host = around(call)
    own = host.tree.layout.realms[host.realm].in_code
    for name in (f"wikiversions-{own}", "wikiversions"):
        for ending in (".json", ".dat"):
            source = host.tree.snapshot.read(name + ending)
            if source is not None:
                return call.result(rows(source.text, ending).get(call.text(0), False))
    return call.code.unknown(call.node, "the versions of the wikis are not in the tree")


@functools.lru_cache(maxsize=4)
def rows(raw: bytes, ending: str) -> Mapping[str, str]:
    """The table by key: ``ver:enwiki``, and until 2013 ``ext:enwiki``. Raises NotEvaluated for what is no table."""
    text = raw.decode("utf-8", "replace")
    if ending == ".json":
        return {f"ver:{name}": str(version) for name, version in _object(text).items()}
    fields = [[*line.split(), ""] for line in text.splitlines()]
    return {
        f"{key}:{row[0]}": value for row in fields if len(row) > 2 for key, value in zip(_KEYS, row[1:3], strict=True)
    }


def _object(text: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise NotEvaluated("the versions of the wikis are no object of JSON")
    return found


def _closed(call: Call) -> Result:
    return call.result(None)


FUNCTIONS: dict[str, Callable[[Call], Result]] = {"dba_open": _opened, "dba_fetch": _fetched, "dba_close": _closed}
METHODS: dict[tuple[str, str], Callable[[Call], Result]] = {
    (reader, name): method
    for reader in _READERS
    for name, method in (("open", _opened), ("get", _fetched), ("close", _closed))
}
