"""Which extensions each wiki of both realms loads, where the realms differ, and what the views say."""

from __future__ import annotations

import json

import html5lib
import pytest
from jsonschema import Draft202012Validator
from support.cli import driftcheck
from support.git import Repo
from support.reports import run_on
from support.trees import tree

from driftcheck.core.model import Realm
from driftcheck.core.resources import schema
from driftcheck.layers.extension.loaded import survey
from driftcheck.report.extensions import FORMATS

VALIDATOR = Draft202012Validator(schema("extensions-v1"))
SETTINGS = "'wmgUseA' => [ 'default' => false, 'enwiki' => true, 'dewiki' => true ],"
BETA = "'wmgUseA' => [ 'frwiki' => true ],"
COMMON = """$wmgRealm = getenv( 'WMF_DATACENTER' ) === 'labs' ? 'labs' : 'production';
extract( WmfConfig::getConfigGlobals( 'enwiki', $wgConf ) );
$IP = '/srv/mediawiki/php-1.31';
wfLoadSkin( 'Vector' );
wfLoadExtensions( [ 'Cite', 'Gadgets' ] );
if ( $wmgUseA ) {
	wfLoadExtension( 'A' );
}
require_once "$IP/extensions/Old/Old.php";
require_once "$IP/extensions/Build/extensions/Inner/client/Client.php";
include_once "$IP/extensions/Build/Build.credits.php";
if ( $wmgRealm === 'production' ) {
	wfLoadExtension( 'P', "$IP/extensions/Q/extension.json" );
}
"""
LABS = "wfLoadExtension( 'B' );\nif ( $wmgUseA ) {\n\twfLoadExtension( 'A' );\n}\n"
WIKIS = ("dewiki", "enwiki", "frwiki")
BETA_WIKIS = ("enwiki", "frwiki", "testwiki")


def files(common="", labs=""):
    return tree(SETTINGS, BETA, COMMON + common, LABS + labs, wikis=WIKIS, beta_wikis=BETA_WIKIS)


def surveyed(*more):
    return survey(run_on(files(*more)).config)


@pytest.fixture(scope="module")
def entries():
    return {entry.name: entry for entry in surveyed().entries}


def test_who_loads_what(entries):
    got = {name: (entry.production.wikis, entry.beta.wikis) for name, entry in entries.items()}
    everywhere = (WIKIS, BETA_WIKIS)
    assert got == {
        "extension:A": (("dewiki", "enwiki"), ("enwiki", "frwiki")),
        "extension:B": ((), BETA_WIKIS),
        "extension:Cite": everywhere,
        "extension:Gadgets": everywhere,
        "extension:Inner": everywhere,
        "extension:Old": everywhere,
        "extension:P": (WIKIS, ()),
        "skin:Vector": everywhere,
    }


def test_where_the_realms_differ(entries):
    assert {name: entry.only_in for name, entry in entries.items() if entry.only_in} == {
        "extension:B": Realm.BETA,
        "extension:P": Realm.PRODUCTION,
    }
    apart = {
        name: {realm.value: held for realm, held in entry.apart.items() if held} for name, entry in entries.items()
    }
    assert {name: held for name, held in apart.items() if held} == {
        "extension:A": {"beta": ("frwiki",)},
        "extension:B": {"beta": ("enwiki", "frwiki")},
        "extension:P": {"production": ("enwiki", "frwiki")},
    }, "dewiki is production's alone, and testwiki beta's"
    assert {name for name, entry in entries.items() if entry.differs} == {"extension:A", "extension:B", "extension:P"}


def test_the_line_that_loads_it(entries):
    def places(name):
        return [[str(span) for span in side.spans] for side in (entries[name].production, entries[name].beta)]

    assert places("extension:A") == [["wmf-config/CommonSettings.php:9"], ["wmf-config/CommonSettings.php:9"]]
    assert places("extension:B") == [[], ["wmf-config/CommonSettings-labs.php:2"]]
    assert places("extension:Cite") == places("extension:Gadgets") == [["wmf-config/CommonSettings.php:7"]] * 2


def test_what_is_not_known_is_neither_loaded_nor_absent():
    held = surveyed("if ( somebodysFunction() ) {\n\twfLoadExtension( 'Perhaps' );\n}\n")
    assert held.holes
    assert not any(entry.name == "extension:Perhaps" and entry.differs for entry in held.entries)


def test_where_anything_may_be_loaded_nothing_is_only_elsewhere():
    held = surveyed("if ( $wmgRealm === 'production' ) {\n\teval( somebodysFunction() );\n}\n")
    only_beta = next(entry for entry in held.entries if entry.name == "extension:B")
    assert held.holes
    assert (only_beta.production.wikis, only_beta.production.unknown, only_beta.differs) == ((), WIKIS, False)


@pytest.fixture
def repo(tmp_path):
    made = Repo(tmp_path / "repo")
    made.commit(files())
    return made


def test_every_format(repo):
    for name in FORMATS:
        done = driftcheck("extensions", "--repo", str(repo.root), "--format", name)
        assert (done.code, done.err) == (0, "")
        assert "extension:A" in done.out
        assert "skin:Vector" in done.out
        if name == "html":
            html5lib.HTMLParser(strict=True).parse(done.out)
        few = driftcheck("extensions", "--repo", str(repo.root), "--format", name, "--only-differing")
        assert "extension:A" in few.out
        assert "skin:Vector" not in few.out


def test_the_json_is_what_its_schema_says(repo):
    shown = json.loads(driftcheck("extensions", "--repo", str(repo.root), "--format", "json").out)
    VALIDATOR.validate(shown)
    entry = next(entry for entry in shown["extensions"] if entry["name"] == "extension:A")
    assert (entry["production"], entry["beta"]) == (["dewiki", "enwiki"], ["enwiki", "frwiki"])
    assert (entry["only_in"], entry["apart"]) == (None, {"production": [], "beta": ["frwiki"]})
    assert [(place["role"], place["line"]) for place in entry["locations"]] == [("production", 9), ("beta", 9)]


def test_an_incomplete_run_says_so(repo):
    repo.commit(files("if ( somebodysFunction() ) {\n\twfLoadExtension( 'Perhaps' );\n}\n"))
    for name in FORMATS:
        done = driftcheck("extensions", "--repo", str(repo.root), "--format", name)
        assert done.code == 3
        assert "incomplete" in done.err
        assert "somebodysfunction" in done.out.lower()


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_hostile_name(repo, format_name):
    repo.commit(files('wfLoadExtension( "<script>`|\\e[31m::error::" );'))
    out = driftcheck("extensions", "--repo", str(repo.root), "--format", format_name).out
    assert "\x1b" not in out
    if format_name != "json":
        assert "::error::" not in out
    if format_name == "html":
        assert "<script>" not in out
    if format_name == "markdown":
        assert "`|" not in out.replace("` |", "")


def test_explain_names_the_line(repo):
    def explained(*arguments):
        return driftcheck("explain", *arguments, "--repo", str(repo.root))

    done = explained("frwiki", "extension:A")
    assert done.code == 0
    assert "production: false\n  not loaded\n" in done.out
    assert "beta: true\n  loaded by wmf-config/CommonSettings.php:9:  wfLoadExtension( 'A' );\n" in done.out
    assert done.out.endswith("The realms differ.\n")
    assert "beta does not have dewiki" in explained("dewiki", "extension:A").out
    assert "production: false" in explained("frwiki", "extension:B").out
    lost = explained("frwiki", "extension:Gadget")
    assert (lost.code, lost.out) == (2, "")
    assert "extension:Gadget: neither realm loads it" in lost.err
    assert "extension:Gadgets" in lost.err
    assert "nowiki: no such wiki" in explained("nowiki", "extension:A").err
