"""The layouts that mediawiki-config has had since 2012, as rows of data, and which of them a tree has.

A layout says where things are, and names the ways in which they are written. A tree has the layout whose marks it
bears: content tells them apart, never a date, and no two rows have marks that one tree bears. A new era is a new row,
with a tree in ``fixtures/mediawiki/eras`` to prove it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from driftcheck.core.model import IncompleteError, InputError, Realm
from driftcheck.php.syntax import check_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftcheck.snapshot import Snapshot

Table: TypeAlias = Literal["method", "function", "file"]
"""The table of settings is what getStaticConfig() or wmfGetVariantSettings() returns, or what a file assigns or returns."""
Tags: TypeAlias = Literal["function", "property", "list"]
"""The dblists that are tags stand behind getTagsForWiki(), in a static property, or in a list in CommonSettings.php."""


class RealmNames(NamedTuple):
    """What a realm is called: ``in_code`` by PHP, ``cluster`` in ``$wmfCluster``.

    ``services`` is the file of its services, ``lists`` are the dblists that may name all its wikis, and ``endings`` what
    its realm files could end in before there was a folder of dblists; in both the first that is there counts.
    """

    in_code: str
    cluster: str
    services: str
    lists: tuple[str, ...]
    endings: tuple[str, ...]


ROOT = "/srv/mediawiki"
"""Where the tree stands on a server: ``__DIR__`` of wmf-config is a folder in it."""
DATACENTER = "eqiad"
"""The datacenter that values are evaluated for, as in mediawiki-config's own tests."""
WIKIMEDIA: Mapping[Realm, RealmNames] = {
    Realm.PRODUCTION: RealmNames("production", DATACENTER, "ProductionServices.php", ("all",), ("production",)),
    # Until 2012-12 beta's realm files were called wmflabs.
    Realm.BETA: RealmNames("labs", "labs", "LabsServices.php", ("all-labs", "all"), ("labs", "wmflabs")),
}


class Layout(NamedTuple):
    """Where a tree has what driftcheck reads. Of several paths or names the first that the tree has counts."""

    name: str
    """The days on which mediawiki-config had it."""
    marks: tuple[tuple[str, str], ...]
    """The files that tell the layout, each with a pattern that its text has."""
    generator: str
    """The file that calls getAll(): the parameters of the call, and whether a wiki's language is a tag."""
    tables: tuple[Table, ...]
    tags: Tags
    tagged: str
    """The file that says which dblists are tags."""
    suffixes: tuple[str, ...]
    """The files that may have the families' suffixes."""
    overlay_functions: tuple[str, ...]
    site_configurations: tuple[str, ...]
    """Copies of MediaWiki's SiteConfiguration class."""
    defines: tuple[str, ...]
    """Copies of MediaWiki's constants."""
    absent: tuple[str, ...] = ()
    """Files that a tree of this layout does not have."""
    overlays: tuple[str, ...] = ("InitialiseSettings-labs.php",)
    """Beta's overlay, in the folder of the configuration."""
    dblists: str = "dblists"
    """The folder of the dblists; the root's lists differ by realm in their names."""
    old_merges: bool = False
    """Whether a tree without a copy of SiteConfiguration merges as before 2020-03-04."""
    folder: str = "wmf-config"
    common: str = "wmf-config/CommonSettings.php"
    common_beta: str = "wmf-config/CommonSettings-labs.php"
    realms: Mapping[Realm, RealmNames] = WIKIMEDIA

    def path(self, name: str) -> str:
        """A file in the folder of the configuration."""
        return f"{self.folder}/{name}"


_COMMON = "wmf-config/CommonSettings.php"
_SETTINGS = "wmf-config/InitialiseSettings.php"
_CLASS, _MULTIVERSION = "src/WmfConfig.php", "multiversion/MWMultiVersion.php"
_GENERATOR = "multiversion/MWConfigCacheGenerator.php"
_TAGS_FUNCTION = "function getTagsForWiki"
_TAGS_PROPERTY = r"static \$dbLists ="
_TAGS_LIST = r"\$wikiTags = (?:array\(\)|\[\]);"

_2025 = Layout(
    name="since 2025-05-03",
    marks=((_CLASS, _TAGS_FUNCTION),),
    generator=_CLASS,
    tables=("method",),
    tags="function",
    tagged=_CLASS,
    suffixes=(_CLASS, _MULTIVERSION),  # the class has them since 2025-05-12
    overlay_functions=("wmfGetOverrideSettings",),
    site_configurations=("tests/data/SiteConfiguration.php",),
    defines=("tests/data/MWDefines.php",),
)
_2022 = _2025._replace(
    name="2022-07-07 to 2025-05-03",
    marks=((_GENERATOR, ""), (_MULTIVERSION, _TAGS_FUNCTION)),
    generator=_GENERATOR,
    tagged=_MULTIVERSION,
    suffixes=(_MULTIVERSION,),
)
_2019 = _2022._replace(
    name="2019-09-04 to 2022-07-07",
    marks=((_GENERATOR, _TAGS_PROPERTY),),
    tables=("method", "function", "file"),  # since 2022-05-22, since 2019-11, before
    tags="property",
    tagged=_GENERATOR,
    suffixes=(_MULTIVERSION, "wmf-config/wgConf.php"),
    overlay_functions=("wmfGetOverrideSettings", "wmfGetLabsOverrideSettings", "wmfLabsSettings"),
    site_configurations=(
        "tests/data/SiteConfiguration.php", "src/StaticSiteConfiguration.php", "tests/SiteConfiguration.php",
    ),
    defines=("tests/data/MWDefines.php", "src/defines.php", "tests/Defines.php"),
    old_merges=True,
)  # fmt: skip
_ONE_DAY = "src/MWConfigCacheGenerator.php"
_2016 = _2019._replace(
    name="2015-10-11 to 2019-09-04",
    marks=((_COMMON, _TAGS_LIST),),
    absent=("all.dblist",),
    generator=_COMMON,
    tables=("file",),
    tags="list",
    tagged=_COMMON,
    suffixes=("wmf-config/wgConf.php",),
    overlay_functions=("wmfLabsSettings",),
    site_configurations=("tests/SiteConfiguration.php",),
    defines=("tests/Defines.php",),
)
LAYOUTS = (
    _2025,
    _2022,
    _2019,
    _2019._replace(name="2019-07-25", marks=((_ONE_DAY, _TAGS_PROPERTY),), generator=_ONE_DAY, tagged=_ONE_DAY),
    _2016,
    _2016._replace(
        name="2012 to 2015-10-11",
        marks=((_COMMON, _TAGS_LIST), ("all.dblist", "")),
        absent=(),
        overlays=("InitialiseSettings-labs.php", "InitialiseSettings-wmflabs.php"),
        dblists="",
    ),
)
"""Every layout that driftcheck knows."""


def detect(snapshot: Snapshot) -> Layout:
    """The layout of a tree.

    Raises InputError where this is no such tree at all, and IncompleteError where it has none of the layouts.
    """
    found = [layout for layout in LAYOUTS if _has(snapshot, layout)]
    if len(found) == 1:
        for path in (found[0].common, found[0].common_beta):
            _check_php(snapshot, path)
        return found[0]
    if all(snapshot.read(path) is None for path in (_SETTINGS, _COMMON)):
        raise InputError(f"no {_SETTINGS} here; this is not a mediawiki-config tree: name its root with --repo")
    if found:
        marks = ", ".join(path for layout in found for path, _ in layout.marks)
        raise IncompleteError(
            f"{_COMMON}: the tree has several lists of dblist tags ({marks}); remove what is left over"
        )
    for path in dict.fromkeys(path for layout in LAYOUTS for path, _ in layout.marks):
        _check_php(snapshot, path)
    raise IncompleteError(f"{_COMMON}: the list of dblist tags was not found; driftcheck knows no such layout")


def _check_php(snapshot: Snapshot, path: str) -> None:
    """Refuse a file that PHP would print, or would not load at all. Raises IncompleteError."""
    if (source := snapshot.read(path)) is not None:
        check_text(source)
        if b"<?" not in source.text:
            raise IncompleteError(f"{path}: no PHP in it; restore the file")


def _has(snapshot: Snapshot, layout: Layout) -> bool:
    if any(snapshot.read(path) is not None for path in layout.absent):
        return False
    sources = [(snapshot.read(path), pattern) for path, pattern in layout.marks]
    return all(source is not None and re.search(pattern.encode(), source.text) for source, pattern in sources)


def loads_beta(code: bytes, stem: str = "CommonSettings", realm: str = "labs") -> int | None:
    """The byte at which the line begins that loads the file of a realm, by its name or the realm's; None where none does."""
    named = rf"{re.escape(stem)}-(?:{re.escape(realm)}|\$wm[fg]Realm|\{{\$wm[fg]Realm\}})"
    loads = re.compile(rf"(?!\s*(?:#|//|\*|/\*))[^\n]*\b(?:require|include)(?:_once)?\b[^;\n]*{named}".encode())
    lines = dict.fromkeys(code.rfind(b"\n", 0, match.start()) + 1 for match in re.finditer(named.encode(), code))
    return next((line for line in lines if loads.match(code, line)), None)
