"""The layouts of 2012 to 2026: effective values equal those that PHP computed for the same miniature tree."""

from __future__ import annotations

import json
from contextlib import closing

import pytest
from support import FIXTURES
from support.trees import MemoryTree

from driftcheck.core.model import MISSING, IncompleteError, InputError, Realm, plain
from driftcheck.layers.base import Options
from driftcheck.layers.extension import profiles
from driftcheck.layers.extension.read import Run
from driftcheck.mediawiki import eras
from driftcheck.snapshot import open_snapshot

CORPUS = FIXTURES / "mediawiki"
TREES = sorted(path.parent.parent for path in CORPUS.glob("**/expected/labs.json"))


@pytest.mark.parametrize("realm", Realm, ids=[realm.value for realm in Realm])
@pytest.mark.parametrize("tree", TREES, ids=[path.name for path in TREES])
def test_every_setting_of_every_wiki_is_what_php_says(tree, realm):
    with closing(open_snapshot(str(tree))) as snapshot:
        assert values(snapshot, realm) == expected(tree, realm)


def expected(tree, realm):
    held = json.loads((tree / f"expected/{eras.WIKIMEDIA[realm].in_code}.json").read_text("utf-8"))
    return json.dumps(held, sort_keys=True)


def values(snapshot, realm):
    side = Run(snapshot, Options(profiles.load("all"))).realm(realm, "arrays")
    columns = side.stage("arrays", profiles.load("all"))
    got = {
        wiki.dbname: {name: plain(held[n]) for name, held in columns.items() if held[n] is not MISSING}
        for n, wiki in enumerate(side.wikis)
    }
    return json.dumps(got, sort_keys=True)


def files(name):
    tree = CORPUS / "eras" / name
    return {str(path.relative_to(tree)): path.read_bytes() for path in tree.rglob("*") if path.is_file()}


def test_there_is_a_tree_for_each_layout_but_that_of_one_day():
    found = set()
    for tree in TREES:
        with closing(open_snapshot(str(tree))) as snapshot:
            found.add(eras.detect(snapshot).name)
    assert {layout.name for layout in eras.LAYOUTS} - found == {"2019-07-25"}
    assert {path.name.split("-")[0] for path in TREES if path.parent.name == "eras"} >= {f"e{n}" for n in range(8)}


@pytest.mark.parametrize("realm", Realm)
def test_the_layout_of_one_day_had_the_class_in_another_folder(realm):
    held = files("e3-2019-09")
    held["src/MWConfigCacheGenerator.php"] = held.pop("multiversion/MWConfigCacheGenerator.php")
    assert values(MemoryTree(held), realm) == expected(CORPUS / "eras/e3-2019-09", realm)


def test_the_order_of_the_rows_means_nothing(monkeypatch):
    for name in ("e0-2012", "e2-2018", "e3-2019-09", "e6-2022-08", "e7-2026"):
        layout = eras.detect(MemoryTree(files(name)))
        monkeypatch.setattr(eras, "LAYOUTS", eras.LAYOUTS[::-1])
        assert eras.detect(MemoryTree(files(name))) is layout


def test_a_tree_without_a_known_layout_is_refused():
    held = files("e7-2026")
    held["src/Config.php"] = held.pop("src/WmfConfig.php")
    with pytest.raises(IncompleteError, match="driftcheck knows no such layout"):
        values(MemoryTree(held), Realm.PRODUCTION)


def test_a_file_of_another_encoding_is_named():
    held = files("e7-2026")
    for encoding, said in (("utf-16", "UTF-16"), ("utf-16-be", "UTF-16"), ("utf-32-be", "a binary file")):
        held["src/WmfConfig.php"] = files("e7-2026")["src/WmfConfig.php"].decode().encode(encoding)
        with pytest.raises(IncompleteError, match=rf"src/WmfConfig\.php:1: this is {said}; "):
            values(MemoryTree(held), Realm.PRODUCTION)


def test_a_file_that_was_emptied_is_the_one_that_is_named():
    for path in (
        "wmf-config/logos.php",
        "wmf-config/ext-ORES.php",
        "src/WmfConfig.php",
        "wmf-config/CommonSettings.php",
    ):
        for content in (b"", b"a word"):
            with pytest.raises(IncompleteError, match=rf"{path}: (no array was found|no PHP in it); "):
                values(MemoryTree({**files("e7-2026"), path: content}), Realm.PRODUCTION)


def test_a_tree_with_the_marks_of_two_layouts_is_refused():
    with pytest.raises(IncompleteError, match=r"src/WmfConfig\.php, multiversion/MWConfigCacheGenerator\.php"):
        eras.detect(MemoryTree({**files("e3-2019-09"), **files("e7-2026")}))


def test_what_is_no_such_tree_is_refused():
    with pytest.raises(InputError, match="not a mediawiki-config tree"):
        eras.detect(MemoryTree({"README": "x"}))
