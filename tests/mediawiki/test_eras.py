"""The layouts of 2012 to 2026: effective values equal those that PHP computed for the same miniature tree."""

from __future__ import annotations

import json
from contextlib import closing

import pytest
from support import FIXTURES

from driftcheck.core.model import MISSING, Realm, plain
from driftcheck.layers.base import Options
from driftcheck.layers.extension import profiles
from driftcheck.layers.extension.read import Run
from driftcheck.snapshot import open_snapshot

CORPUS = FIXTURES / "mediawiki"
TREES = sorted(path.parent.parent for path in CORPUS.glob("**/expected/labs.json"))


@pytest.mark.parametrize("realm", Realm, ids=[realm.value for realm in Realm])
@pytest.mark.parametrize("tree", TREES, ids=[path.name for path in TREES])
def test_every_setting_of_every_wiki_is_what_php_says(tree, realm):
    expected = json.loads((tree / f"expected/{realm.in_code}.json").read_text("utf-8"))
    with closing(open_snapshot(str(tree))) as snapshot:
        side = Run(snapshot, Options(profiles.load("all"))).realm(realm, "arrays")
        columns = side.stage("arrays", profiles.load("all"))
        got = {
            wiki.dbname: {name: plain(held[n]) for name, held in columns.items() if held[n] is not MISSING}
            for n, wiki in enumerate(side.wikis)
        }
    assert json.dumps(got, sort_keys=True) == json.dumps(expected, sort_keys=True)


def test_there_is_a_tree_for_each_era():
    assert {path.name.split("-")[0] for path in TREES if path.parent.name == "eras"} == {f"e{n}" for n in range(8)}
