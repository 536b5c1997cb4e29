"""Whether a change of the code that makes the wikis and the table of settings changes what an evaluation takes from it.

Files of multiversion/ and src/ change often, and what an evaluation asks of them seldom does: which wikis there are, the
tags that select for each, and the rows. Where these are the same, so is all that follows from them and from wmf-config.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Realm
from driftcheck.history import services
from driftcheck.history.lists import INDEX
from driftcheck.mediawiki.cascade import UNKNOWN_TAG
from driftcheck.php.evaluator import Lazy
from driftcheck.php.syntax import field, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from driftcheck.history.narrow import Narrow, Narrowed
    from driftcheck.layers.extension.read import Run
    from driftcheck.mediawiki.settings import RealmConfig

_FOLDERS = ("multiversion", "src", "tests")


def is_code(run: Run, asked: str) -> bool:
    """Whether a path, or a folder, is of the code that makes wikis and tables, and of which nothing else is asked."""
    if asked in (INDEX, *_FOLDERS):
        return True
    return asked.startswith(tuple(f"{folder}/" for folder in _FOLDERS)) and asked not in run.config.tree.layout.defines


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
    """Whether two trees have the same wikis and rows, where only code differs; only tags among ``words`` select anything.

    Raises InputError where one cannot be evaluated.
    """
    if old.config.tree.layout != new.config.tree.layout:
        return False
    made = [[_table(run), *(list(_made(run.config.realm(realm), words)) for realm in Realm)] for run in (old, new)]
    return made[0] == made[1] and _holes(new) <= _holes(old)


def _table(run: Run) -> list[bytes | None]:
    """The method whose variables the files with the rows see, as it is written."""
    generator = run.config.tree.required(run.config.tree.layout.generator)
    methods = generator.find("method_declaration", "class_declaration")
    return [method.text for method in methods if text(field(method, "name")) == "getStaticConfig"]


def _made(config: RealmConfig, words: AbstractSet[bytes]) -> Iterator[object]:
    """What a realm is made of, as plain data."""
    yield config.resolver.rules
    for wiki in config.wikis:
        tags = [tag for tag in wiki.tags if tag == UNKNOWN_TAG or tag.encode() in words]
        yield wiki.dbname, tags, wiki.replacements
    for name, setting in config.settings.items():
        yield name, [_written(layer) for layer in setting.layers]


def _written(layer: object) -> object:
    """A layer as it is written; what is none of a file's is the same only as itself."""
    return (layer.evaluator.source.path, layer.node.text) if isinstance(layer, Lazy) else layer


def _holes(run: Run) -> set[tuple[str, str]]:
    return {(hole.reason, hole.span.path if hole.span is not None else "") for hole in run.config.tree.holes}
