"""What comes from outside the tree: what is assumed of it, how it is listed, and how another value is given."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator
from support.cli import driftcheck
from support.git import write
from support.trees import LOAD, ON, tree

from driftcheck.core.model import Input, InputError, Realm, Value
from driftcheck.core.resources import schema
from driftcheck.mediawiki.inputs import Inputs, declared, overrides

READS = """\
$wgAMethod = $_SERVER['REQUEST_METHOD'];
$wgAHost = $_SERVER['HTTP_HOST'];
$wgADatacenter = getenv( 'WMF_DATACENTER' );
$wgAClosed = getenv( 'WMF_MAINTENANCE_OFFLINE' );
$wgACluster = $_SERVER['SERVERGROUP'] ?? 'none';
$wgATitle = $_GET['title'] ?? 'none';
$wgADiff = extension_loaded( 'wikidiff2' );
$wgAPhp = PHP_VERSION_ID;
$wgAnApi = defined( 'MW_API' );
$wgAKey = $wgSecretKey ?? 'none';
"""
ASSUMED = {
    "wgAMethod": ("GET", "GET"), "wgAHost": ("enwiki.invalid", "enwiki.invalid"), "wgADatacenter": ("eqiad", "labs"),
    "wgAClosed": (False, False), "wgACluster": ("kube-mw-web", "misc"), "wgATitle": ("none", "none"), "wgADiff": (True, True),
    "wgAPhp": (80200, 80200), "wgAnApi": (False, False),
}  # fmt: skip
GIVEN = [
    ("server:REQUEST_METHOD=POST", "wgAMethod", ("POST", "POST")),
    ("env:WMF_DATACENTER@production=codfw", "wgADatacenter", ("codfw", "labs")),
    ("env:WMF_MAINTENANCE_OFFLINE=1", "wgAClosed", ("1", "1")),
    ('env:WMF_MAINTENANCE_OFFLINE="1"', "wgAClosed", ("1", "1")),
    ("server:SERVERGROUP@beta=null", "wgACluster", ("kube-mw-web", "none")),
    ('request:_GET={"title": "Main"}', "wgATitle", ("Main", "Main")),
    ("extension:wikidiff2=false", "wgADiff", (False, False)),
    ("constant:PHP_VERSION_ID=80300", "wgAPhp", (80300, 80300)),
    ("constant:MW_API=true", "wgAnApi", (True, True)),
    ("server:HTTP_HOST=en.wikipedia.org", "wgAHost", ("en.wikipedia.org", "en.wikipedia.org")),
]


@pytest.fixture
def at(tmp_path):
    return write(tree(ON, common=LOAD + READS, wikis=["enwiki"]), tmp_path)


def values(at, name, *arguments):
    """A setting's value in each realm."""
    found = []
    for realm in ("production", "beta"):
        asked = ["show", "enwiki", "--profile", "all", "--setting", name, "--format", "json", "--until", "assignments"]
        outcome = driftcheck(*asked, "--realm", realm, *arguments, cwd=at)
        assert outcome.code == 0, outcome.err
        (wiki,) = json.loads(outcome.out).values()
        found.append(wiki[name])
    return tuple(found)


@pytest.mark.parametrize("name", ASSUMED)
def test_the_configuration_reads_what_is_assumed(at, name):
    assert values(at, name) == ASSUMED[name]


@pytest.mark.parametrize(("given", "name", "expected"), GIVEN)
def test_a_value_may_be_given_in_place_of_what_is_assumed(at, given, name, expected):
    assert values(at, name, "--input", given) == expected


def test_a_value_may_be_given_in_the_configuration_file_of_check(at):
    write({"driftcheck.yaml": "profile: all\ninputs:\n  env:WMF_DATACENTER@beta: eqiad\n"}, at)
    drifting = json.loads(driftcheck("check", "--no-cache", "--format", "json", "--setting", "wgADat*", cwd=at).out)
    assert drifting["findings"] == []
    write({"driftcheck.yaml": "inputs:\n  env:WMF_DATACENTR: eqiad\n"}, at)
    outcome = driftcheck("check", cwd=at)
    assert (outcome.code, "did you mean env:WMF_DATACENTER?" in outcome.err) == (2, True)


def test_a_kept_report_is_of_the_inputs_that_it_was_made_with(at, tmp_path):
    asked = ["check", "--profile", "all", "--setting", "wgADat*", "--format", "json", "--fail-on", "never"]
    kept = ["--cache-dir", str(tmp_path / "cache")]
    told = [
        len(json.loads(driftcheck(*asked, *kept, *more, cwd=at).out)["findings"])
        for more in ([], ["--input", "env:WMF_DATACENTER=eqiad"], [])
    ]
    assert told == [1, 0, 1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("env:WMF_DATACENTER", "an input is given as NAME=VALUE"),
        ("env:WMF_DATACENTR=x", "no such input; did you mean env:WMF_DATACENTER"),
        ("nothing=x", "no such input; driftcheck inputs lists them"),
        ("env:WMF_DATACENTER@labs=x", "no such realm; write env:WMF_DATACENTER@production or env:WMF_DATACENTER@beta"),
    ],
)
def test_a_name_that_no_input_has_is_refused(text, said):
    with pytest.raises(InputError) as refused:
        overrides([text])
    assert said in str(refused.value)


@pytest.mark.parametrize("text", ["[" * 100_000, "NaN", "9" * 10_000, "", "é", "{", "a=b"])
def test_a_value_that_is_no_json_is_a_text(text):
    assert overrides([f"env:WMF_DATACENTER={text}"]) == {"env:WMF_DATACENTER": text}


def test_every_declared_input_has_a_value_for_each_realm_a_reason_and_a_source():
    for realm in Realm:
        inputs = Inputs.of(realm, {})
        for row in declared().values():
            kind, _, name = row.name.partition(":")
            assert row.why
            assert row.source
            assert name in inputs.names(kind)
            inputs.get(kind, name)
    assert Inputs.of(Realm.BETA, {}).get("private", "wgSecretKey") == Value(Input("private:wgSecretKey"))


def test_they_are_listed(at):
    table = driftcheck("inputs", "env:W*").out
    assert all(part in table for part in ("env:WMF_DATACENTER", '"labs"', "2 inputs"))
    listed = json.loads(driftcheck("inputs", "--format", "json").out)
    Draft202012Validator(schema("inputs-v1")).validate(listed)
    assert [row["name"] for row in listed["inputs"]] == list(declared())
    given = driftcheck("inputs", "env:WMF_DATACENTER", "--input", "env:WMF_DATACENTER=codfw", "--format", "json").out
    assert {json.loads(given)["inputs"][0][realm.value] for realm in Realm} == {"codfw"}
    assert driftcheck("inputs", "envv:*").code == 2


USES = """\
require "$wmfConfigDir/PrivateSettings.php";
$wgASecret = [ 'key' => "k:$wgSecretKey" ];
$wgAHook = php_uname( 'n' );
$wgFileExtensions[] = 'webm';
$wgAnEtcd = ( new EtcdConfig( [] ) )->get( 'eqiad/ReadOnly' );
if ( $wgAMethod === 'POST' ) { $wgALimit = 5; }
"""


def test_what_reads_each_input_and_how_many_settings_hang_on_it(tmp_path):
    at = write(tree(ON, common=LOAD + READS + USES, wikis=["enwiki"]), tmp_path)
    outcome = driftcheck("inputs", "--uses", "--format", "json", cwd=at)
    assert outcome.code == 0, outcome.err
    shown = json.loads(outcome.out)
    Draft202012Validator(schema("inputs-v1")).validate(shown)
    found = {row["name"]: row for row in shown["inputs"]}
    lines = (at / "wmf-config/CommonSettings.php").read_text().splitlines()
    for name, settings, read in (
        ("server:REQUEST_METHOD", 2, "$wgAMethod = "),
        ("env:WMF_DATACENTER", 1, "$wgADatacenter"),
        ("env:WMF_MAINTENANCE_OFFLINE", 1, "$wgAClosed"),
        ("request:_GET", 0, "$wgATitle"),
        ("extension:wikidiff2", 1, "$wgADiff"),
        ("constant:PHP_VERSION_ID", 1, "$wgAPhp"),
        ("constant:MW_API", 1, "$wgAnApi"),
        ("process:hostname", 1, "$wgAHook"),
        ("private:wgSecretKey", 2, "$wgAKey"),
        ("base:wgFileExtensions", 1, "$wgFileExtensions"),
        ("etcd:*/ReadOnly", 1, "$wgAnEtcd"),
        ("server:REMOTE_ADDR", 0, None),
    ):
        row = found[name]
        assert row["settings"] == {"production": settings, "beta": settings}, name
        places = [(one["path"], lines[one["line"] - 1]) for one in row["read_by"]]
        assert [path for path, text in places[:1]] == ["wmf-config/CommonSettings.php"] * (read is not None), name
        assert read is None or places[0][1].startswith(read), name
    assert found["constant:E_USER_NOTICE"]["settings"] is None
    table = driftcheck("inputs", "server:R*", "--uses", cwd=at).out
    assert "2 / 2" in table
    assert "nothing" in table


def test_without_a_tree_inputs_are_still_listed(tmp_path):
    assert driftcheck("inputs", cwd=tmp_path).code == 0
    assert driftcheck("inputs", "--uses", cwd=tmp_path).code == 2
