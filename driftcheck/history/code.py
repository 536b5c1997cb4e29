"""Whether a change of the code that makes the wikis and the table of settings changes what an evaluation takes from it.

Files of multiversion/ and src/ change often, and what an evaluation asks of them seldom does: which wikis there are, the
tags that select for each, and the rows. Where these are the same, so is all that follows from them and from wmf-config.
A wiki that only production has, that no row or statement names, and that does not load the profile's extension, does
nothing: that a new one does not is told by one of the same tags and the same family.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Realm
from driftcheck.history import services
from driftcheck.history.lists import INDEX, is_list
from driftcheck.mediawiki.cascade import UNKNOWN_TAG
from driftcheck.php.evaluator import Lazy
from driftcheck.php.syntax import field, text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from driftcheck.history.narrow import Narrow, Narrowed
    from driftcheck.layers.extension.read import Run
    from driftcheck.mediawiki.settings import RealmConfig

_FOLDERS = ("multiversion", "src", "tests")


def is_code(run: Run, asked: str) -> bool:
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
        if is_code(old, path) or path in services.lists(old)
        else narrow.differs_in_tags(path, *trees)
        for path in asked
    )


def makes_the_same(old: Run, new: Run, words: AbstractSet[bytes]) -> bool:
    """Whether two trees have the same wikis and rows, where only code differs; only what ``words`` has selects anything.

    Raises InputError where one cannot be evaluated.
    """
    if old.config.tree.layout != new.config.tree.layout:
        return False
    made = [[_table(run), *(_rows(run.config.realm(realm)) for realm in Realm)] for run in (old, new)]
    return made[0] == made[1] and all(_wikis_alike(old, new, realm, words) for realm in Realm)


def breaks_nothing(old: Run, new: Run) -> bool:
    """Whether all that could be read of one tree can be read of another."""
    return _holes(new) <= _holes(old)


def _wikis_alike(old: Run, new: Run, realm: Realm, words: AbstractSet[bytes]) -> bool:
    """Whether a realm has the same wikis, but for such that do nothing."""
    before, after = (_wikis(run, realm, words) for run in (old, new))
    if any(before[name] != after[name] for name in before.keys() & after.keys()):
        return False
    others = before.keys() ^ after.keys()
    if not others:
        return list(before) == list(after)
    if realm is Realm.BETA or not _is_described(old):
        return False
    beta = {wiki.dbname for run in (old, new) for wiki in run.config.realm(Realm.BETA).wikis}
    off = {name for name in before if old.comparison.enabled(old.comparison.production, name) is False}
    idle = {before[name][:2] for name in off - beta if name.encode() not in words}
    return all(
        name not in beta
        and name.encode() not in words
        and (name in off if name in before else after[name][:2] in idle and after[name][2].encode() not in words)
        for name in others
    )


def _wikis(run: Run, realm: Realm, words: AbstractSet[bytes]) -> dict[str, tuple[tuple[str, ...], str, str, object]]:
    """The wikis of a realm: the tags that select anything, the site, the language, and all that is put in."""
    found: dict[str, tuple[tuple[str, ...], str, str, object]] = {}
    for wiki in run.config.realm(realm).wikis:
        tags = tuple(tag for tag in wiki.tags if tag == UNKNOWN_TAG or tag.encode() in words)
        put_in = dict(wiki.replacements)
        found[wiki.dbname] = tags, put_in.get("$site", ""), put_in.get("$lang", ""), wiki.replacements
    return found


def _table(run: Run) -> list[bytes | None]:
    """The method whose variables the files with the rows see, as it is written."""
    generator = run.config.tree.required(run.config.tree.layout.generator)
    methods = generator.find("method_declaration", "class_declaration")
    return [method.text for method in methods if text(field(method, "name")) == "getStaticConfig"]


def _rows(config: RealmConfig) -> list[object]:
    """How a realm's settings are merged, and each as it is written."""
    rows = ((name, [_written(layer) for layer in setting.layers]) for name, setting in config.settings.items())
    return [config.resolver.rules, *rows]


def _written(layer: object) -> object:
    """A layer as it is written; what is none of a file's is the same only as itself."""
    return (layer.evaluator.source.path, layer.node.text) if isinstance(layer, Lazy) else layer


def _holes(run: Run) -> set[tuple[str, str]]:
    return {(hole.reason, hole.span.path if hole.span is not None else "") for hole in run.config.tree.holes}
