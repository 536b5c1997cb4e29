"""--extension NAME: the commands that take it, of a tree in which three extensions are loaded in their own ways."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator
from support.cli import driftcheck
from support.git import Repo
from support.trees import tree

from driftcheck.core.resources import schema

PRODUCTION = """
'wmgUseThanks' => [ 'default' => true ],
'wgThanksSendToBots' => [ 'default' => true, 'dewiki' => false ],
'wgThanksConfirmationRequired' => [ 'default' => 1, 'plwiki' => 2 ],
'wmgUseEcho' => [ 'default' => true, 'frwiki' => false ],
'wgEchoPollForUpdates' => [ 'default' => 0 ],
'wmgSharedEcho' => [ 'default' => true ],
'wgLoginNotifyAttemptsKnownIP' => [ 'default' => 5 ],
'wmgUsePopups' => [ 'default' => true ],
'wmgUseMath' => [ 'default' => false, 'plwiki' => true ],
'wgMathDisableTexFilter' => [ 'default' => 'always' ],
'wmgUseRelatedArticles' => [ 'default' => false ],
'wgCollectionMaxSuggestions' => [ 'default' => 1 ],
"""
BETA = """
'wgThanksSendToBots' => [ 'default' => false ],
'wgEchoPollForUpdates' => [ 'default' => 60 ],
'wmgSharedEcho' => [ 'default' => false ],
'wgLoginNotifyAttemptsKnownIP' => [ 'default' => 10 ],
'wmgUseEcho' => [ 'frwiki' => true ],
'wmgUsePopups' => [ 'default' => false ],
'wmgUseRelatedArticles' => [ 'default' => true ],
"""
COMMON = """
if ( $wmgUseThanks ) { wfLoadExtension( 'Thanks' ); }
if ( $wmgUseEcho ) {
	wfLoadExtension( 'Echo' );
	$wgEchoSharedTrackingDB = 'shared';
	if ( $wmgSharedEcho && $wmgUseThanks ) { $wgEchoBundle = 2; }
	wfLoadExtension( 'LoginNotify' );
	$wgLoginNotifyAttemptsNewIP = $wgLoginNotifyAttemptsKnownIP;
}
if ( $wmgUsePopups ) { wfLoadExtension( 'Popups' ); }
if ( $wmgUseMath ) { wfLoadExtension( 'Math' ); }
if ( $wmgUseRelatedArticles ) { include __DIR__ . '/related.php'; }
wfLoadSkins( [ 'Vector', 'Modern' ] );
"""
LABS = "$wgEchoSharedTrackingDB = 'shared';\n"
FILES = {"wmf-config/related.php": b"<?php\nwfLoadExtension( 'RelatedArticles' );\n$wgRelatedArticlesCardLimit = 6;\n"}
WIKIS = {"wikis": ("dewiki", "enwiki", "frwiki", "plwiki"), "beta_wikis": ("enwiki", "frwiki")}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    repo = Repo(tmp_path_factory.mktemp("extensions"))
    repo.commit(tree(PRODUCTION, BETA, COMMON, LABS, files=FILES, **WIKIS))
    return repo.root


def run(root, command, *arguments, code=0):
    done = driftcheck(*command.split(), *arguments, cwd=root)
    assert done.code == code, done.err or done.out
    return done.out or done.err


def found(root, name, code=0):
    document = json.loads(run(root, f"check --no-cache --extension {name} --format json --fail-on never", code=code))
    assert document["profile"] == name
    return {(one["rule"], one["setting"], ",".join(one["wikis"])) for one in document["findings"]}


EXPECTED = {
    "Thanks": {("setting-drift", "wgThanksSendToBots", "enwiki,frwiki")},
    "Echo": {
        ("extension-only-in-beta", "wmgUseEcho", "frwiki"),
        ("setting-drift", "wgEchoPollForUpdates", "enwiki"),
        ("setting-drift", "wmgSharedEcho", "enwiki"),  # its block asks it
        ("override-redundant", "wgEchoSharedTrackingDB", "enwiki,frwiki"),
    },
    "LoginNotify": {
        ("extension-only-in-beta", "wmgUseEcho", "frwiki"),
        ("setting-drift", "wgLoginNotifyAttemptsKnownIP", "enwiki"),
    },
    "Popups": {("extension-off-in-beta", "wmgUsePopups", "enwiki,frwiki")},
    "RelatedArticles": {("extension-only-in-beta", "wmgUseRelatedArticles", "enwiki,frwiki")},
    "Math": {("wiki-not-in-beta", "wmgUseMath", "plwiki")},
    "Vector": set(),
}


def test_check_has_the_extension_s_own_findings_whatever_loads_it(root):
    assert {name: found(root, name) for name in EXPECTED} == EXPECTED


def test_what_beta_puts_into_a_default_stands_where_beta_does(tmp_path):
    repo = Repo(tmp_path)
    repo.commit(tree(PRODUCTION, BETA, COMMON, LABS + "$wgEchoNotifiers['push'] = 'x';\n", files=FILES, **WIKIS))
    document = json.loads(run(tmp_path, "check --no-cache --extension Echo --format json --fail-on never"))
    (finding,) = [one for one in document["findings"] if one["setting"] == "wgEchoNotifiers"]
    assert [(place["role"], place["path"]) for place in finding["locations"]][:1] == [
        ("beta", "wmf-config/CommonSettings-labs.php")
    ]


def test_show_and_explain_have_its_settings(root):
    shown = json.loads(run(root, "show enwiki --extension Echo --realm beta --format json"))["enwiki"]
    assert shown["wgEchoSharedTrackingDB"] == "shared"
    assert shown["wgEchoPollForUpdates"] == 60
    assert not {name for name in shown if "Thanks" in name or "LoginNotify" in name}
    told = run(root, "explain enwiki wgEchoPollForUpdates --extension Echo")
    assert "0" in told
    assert "60" in told


def test_coverage_has_what_no_beta_wiki_has(root):
    document = json.loads(run(root, "coverage --extension Thanks --format json"))
    Draft202012Validator(schema("extension-coverage-v1")).validate(document)
    values = [(one["setting"], one["value"], one["wikis"]) for one in document["values"]]
    assert values == [
        ("wgThanksSendToBots", True, ["enwiki", "frwiki", "plwiki"]),
        ("wgThanksConfirmationRequired", 2, ["plwiki"]),
    ]
    assert document["summary"] == {"values": 2, "settings": 2, "wikis_production": 4, "wikis_beta": 2}
    text = run(root, "coverage dewiki --extension Thanks")
    assert text == "Beta has each value that production has.\n\nThanks is on 4 wikis of production and on 2 of beta\n"
    assert "wgThanksConfirmationRequired = 2  plwiki" in run(root, "coverage --extension Thanks")


def test_init_writes_it_and_what_is_typed_counts(root, tmp_path):
    (root / "driftcheck.yaml").unlink(missing_ok=True)
    run(root, "init --extension Thanks")
    try:
        plain = json.loads(run(root, "check --no-cache --format json --exit-zero"))
        assert plain["profile"] == "Thanks"
        typed = json.loads(run(root, "check --no-cache --format json --exit-zero --profile all"))
        assert typed["profile"] == "all"
        assert len(typed["findings"]) > len(plain["findings"])
        assert "does not load ORES" in run(root, "check --no-cache --setting wgEchoPollForUpdates", code=3)
    finally:
        (root / "driftcheck.yaml").unlink()
    assert "use only one of --extension and --profile" in run(root, "check --extension Echo --profile all", code=2)


@pytest.mark.parametrize("command", ["check", "show enwiki", "explain enwiki wgX", "init", "coverage"])
def test_a_name_that_is_none_is_refused_with_the_nearest(root, command):
    assert "Tanks: no such extension; did you mean Thanks" in run(root, command, "--extension", "Tanks", code=2)
    assert "Zzyzx: no such extension; driftcheck extensions lists" in run(root, command, "--extension", "Zzyzx", code=2)
    nowhere = run(root, command, "--extension", "Kartographer", code=2)
    assert "Kartographer: the tree neither loads it nor has a setting of it" in nowhere


def test_settings_of_one_that_nothing_loads_are_looked_at(root):
    assert found(root, "Collection") == set()
