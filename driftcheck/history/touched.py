"""Which wikis a change of the tree can touch, where the code is the same and only what wikis have differs."""

from __future__ import annotations

import json
import posixpath
import re
from typing import TYPE_CHECKING

from driftcheck.core.model import MISSING, Realm
from driftcheck.history.alike import alike
from driftcheck.history.reached import VERSIONS, changed, listed, rows_changed, tables
from driftcheck.history.statements import Anything
from driftcheck.layers.extension.effective import columns
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.model import Missing, Result, Source
    from driftcheck.layers.extension.read import Run

_ASKS = re.compile(rb"['\"/]wikiversions[^'\"\n]*['\"]|readWikiVersionsFile", re.IGNORECASE)


def touched(old: Run, new: Run) -> dict[Realm, set[str]] | None:
    """The wikis of each realm whose settings or versions differ, where nothing else decides; None where that may be all.

    CommonSettings.php is the same then, and gives each wiki what its own settings make of it.
    """
    try:
        paths = changed(old, new)
        layout = new.config.tree.layout
        if paths & {layout.common, layout.common_beta}:
            return None
        found = {}
        for realm in Realm:
            named = rows_changed(old, new, realm, paths) | listed(old, new, realm, paths)
            if _spelled(new, named):
                return None
            found[realm] = _apart(old, new, realm, named) | _versioned(old, new, realm, paths)
    except (Anything, NotEvaluated):
        return None
    return found


def _spelled(run: Run, names: set[str]) -> bool:
    """Whether code names one of these settings or lists as a text: it may ask for another wiki's, or take a list whole."""
    texts = [re.escape(name.removeprefix("'")) for name in names]
    quoted = re.compile(rf"['\"/](?:{'|'.join(texts)})(?:\.dblist)?['\"]".encode())
    return bool(texts) and any(quoted.search(source.text) for source in _code(run))


def _code(run: Run) -> Iterator[Source]:
    """The files beside CommonSettings.php, itself included, that are no tables of settings."""
    rows = tables(run)
    for path in run.snapshot.names(posixpath.dirname(run.config.tree.layout.common)):
        if path.endswith(".php") and path not in rows and posixpath.basename(path) != "PrivateSettings.php":
            source = run.snapshot.read(path)
            if source is not None:
                yield source


def _apart(old: Run, new: Run, realm: Realm, names: set[str]) -> set[str]:
    """The wikis on which one of these settings differs after the arrays."""
    configs = [run.config.realm(realm) for run in (old, new)]
    held = [
        columns(config, [name for name in config.settings if name.removeprefix("+") in names]) for config in configs
    ]
    wikis = [wiki.dbname for wiki in configs[0].wikis]
    nothing: list[Result | Missing] = [MISSING] * len(wikis)
    found = set()
    for name in names:
        before, after = (table.get(name, nothing) for table in held)
        found |= {
            dbname
            for dbname, one, other in zip(wikis, before, after, strict=True)
            if one is not other and not alike(one, other)
        }
    return found


def _versioned(old: Run, new: Run, realm: Realm, paths: set[str]) -> set[str]:
    """The wikis that get another version of MediaWiki. Raises Anything where code asks for the versions of all."""
    ours = sorted(path for path in paths if VERSIONS.match(path) and _is_of(new, realm, path))
    if ours and any(_ASKS.search(source.text) for run in (old, new) for source in _code(run)):
        raise Anything
    found: set[str] = set()
    for path in ours:
        before, after = (_versions(run, path) for run in (old, new))
        found |= {dbname for dbname in {*before, *after} if before.get(dbname) != after.get(dbname)}
    return found & {wiki.dbname for wiki in new.config.realm(realm).wikis}


def _is_of(run: Run, realm: Realm, path: str) -> bool:
    """Whether a list of versions is of a realm: beta has its own, where there is one."""
    own = f"wikiversions-{run.config.tree.layout.realms[Realm.BETA].in_code}.json"
    if realm is Realm.BETA and run.snapshot.blob_id(own) is not None:
        return path == own
    return path != own


def _versions(run: Run, path: str) -> dict[str, object]:
    """The version of each wiki. Raises Anything where there is no such file, or it is something else."""
    source = run.snapshot.read(path)
    try:
        rows = json.loads(source.text) if source is not None else None
    except (ValueError, RecursionError):
        rows = None
    if not isinstance(rows, dict):
        raise Anything
    return rows
