"""Whether a change of the code that makes the wikis and the table of settings changes what an evaluation takes from it.

Files of multiversion/ and src/ change often, and what an evaluation asks of them seldom does: which wikis there are, the
tags that select for each, and how the rows are put together. Where these are the same, so is all that follows from them and from wmf-config.
A wiki that only production has, that no row or statement names, and that does not load the profile's extension, does
nothing: that a new one does not is told by one of the same tags and the same family.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Realm
from driftcheck.history import services
from driftcheck.history.lists import INDEX, is_list
from driftcheck.mediawiki.cascade import UNKNOWN_TAG

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from driftcheck.core.model import Wiki
    from driftcheck.history.narrow import Narrow, Narrowed
    from driftcheck.layers.extension.read import Run

    Wikis = dict[str, tuple[tuple[str, ...], str, str, object]]

_FOLDERS = ("multiversion", "src", "tests")


def _is_code(run: Run, asked: str) -> bool:
    """Whether a path, or a folder, is of the code and the lists that make wikis and tables, and nothing else is asked of it."""
    if asked in (INDEX, *_FOLDERS):
        return True
    if is_list(asked):
        return _is_described(run)
    return asked.startswith(tuple(f"{folder}/" for folder in _FOLDERS)) and asked not in run.config.tree.layout.defines


def _is_described(run: Run) -> bool:
    """Whether the profile is of one extension, and no rule looks at lists or at wikis that do not load it."""
    return bool(run.options.profile.extension and run.options.profile.schema)


def may_make_the_same(old: Run, new: Narrowed, narrow: Narrow, asked: Iterable[str]) -> bool:
    """Whether paths that differ are of code, services or the list of tags, and spell the same of what is looked for."""
    trees = old.snapshot.untraced, new
    return all(
        narrow.spells_the_same(path, *trees)
        if _is_code(old, path) or path in services.lists(old)
        else narrow.differs_in_tags(path, *trees)
        for path in asked
    )


def makes_the_same(old: Run, new: Run, words: AbstractSet[bytes]) -> bool:
    """Whether two trees have the same wikis and rows, where only code differs; only what ``words`` has selects anything.

    Raises InputError where one cannot be evaluated.
    """
    one, other = old.config, new.config
    return (
        one.tree.layout == other.tree.layout
        and one.table_code() == other.table_code()
        and one.rules == other.rules
        and _wikis_alike(old, new, words)
    )


def reads_the_same(old: Run, new: Run, differing: AbstractSet[str]) -> bool:
    """Whether all that could be read of one tree can be read of another, and nothing that differs could not be read."""
    before = _holes(old)
    return _holes(new) <= before and all(path not in differing for _, path in before)


def _wikis_alike(old: Run, new: Run, words: AbstractSet[bytes]) -> bool:
    """Whether both realms have the same wikis, but for such of production that do nothing."""
    made: dict[Realm, tuple[Wikis, Wikis]] = {}
    for realm in Realm:
        known, same = old.config.realm(realm), old.config.named(realm) == new.config.named(realm)
        before = _told(known.wikis, words)
        after = before if same else _told(new.config.wikis(realm, known.settings), words)
        made[realm] = before, after
        if any(before[name] != after[name] for name in before.keys() & after.keys()):
            return False
    before, after = made[Realm.BETA]
    if list(before) != list(after):
        return False
    beta = before.keys()
    before, after = made[Realm.PRODUCTION]
    others = before.keys() ^ after.keys()
    if not others:
        return list(before) == list(after)
    off = {name for name in before if old.comparison.enabled(old.comparison.production, name) is False}
    idle = {before[name][:2] for name in off - beta if name.encode() not in words}
    return _is_described(old) and all(
        name not in beta
        and name.encode() not in words
        and (name in off if name in before else after[name][:2] in idle and after[name][2].encode() not in words)
        for name in others
    )


def _told(wikis: Iterable[Wiki], words: AbstractSet[bytes]) -> Wikis:
    """By dbname: the tags that select anything, the site, the language, and all that is put in."""
    found: Wikis = {}
    for wiki in wikis:
        tags = tuple(tag for tag in wiki.tags if tag == UNKNOWN_TAG or tag.encode() in words)
        put_in = dict(wiki.replacements)
        found[wiki.dbname] = tags, put_in.get("$site", ""), put_in.get("$lang", ""), wiki.replacements
    return found


def _holes(run: Run) -> set[tuple[str, str]]:
    return {hole.kind for hole in run.config.tree.holes}
