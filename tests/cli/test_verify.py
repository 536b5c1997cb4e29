"""driftcheck verify: what equals PHP's values, and what does not."""

from __future__ import annotations

import gzip
import json

import pytest
from jsonschema import Draft202012Validator
from support.cli import driftcheck
from support.git import Repo
from support.trees import tree

from driftcheck.core.model import Input, Parts, Unknown, Value
from driftcheck.core.resources import schema
from driftcheck.layers.extension.verified import KINDS, written

PRODUCTION = """
'wgInt' => [ 'default' => 1 ],
'wgMap' => [ 'default' => [ 'a' => 1, 'b' => 2 ] ],
'wgList' => [ 'default' => [ 1.5, 'é', null, [] ] ],
'wgNull' => [ 'default' => null ],
'wgSome' => [ 'frwiki' => true ],
'wgHole' => [ 'default' => somebodysFunction() ],
"""
COMMON = "extract( WmfConfig::getConfigGlobals( 'enwiki', $wgConf ) );\n$wgAdded = $wgInt + 1;\n$inner = 3;"
BOTH = ["enwiki", "frwiki"]
RIGHT = {"wgInt": 1, "wgMap": {"a": 1, "b": 2}, "wgList": [1.5, "é", None, []], "wgNull": None}


@pytest.fixture
def repo(tmp_path):
    made = Repo(tmp_path / "repo")
    made.commit(tree(PRODUCTION, common=COMMON))
    return made


def groups(values):
    return {name: [{"value": value, "wikis": BOTH}] for name, value in values.items()}


def verified(repo, values=(), *options, meta=(), other=(), packed=False):
    """The exit code, and the counts and settings of a file of these values, in which everything else is right."""
    settings = {**groups(RIGHT), "wgSome": [{"value": True, "wikis": ["frwiki"]}], **dict(values)}
    document = {"meta": {"realm": "production", **dict(meta)}, "settings": settings, "other": dict(other)}
    path = repo.root / "values.json"
    text = json.dumps(document).encode()
    path.write_bytes(gzip.compress(text) if packed else text)
    done = driftcheck("verify", "--repo", str(repo.root), "--format", "json", str(path), *options)
    shown = json.loads(done.out)
    Draft202012Validator(schema("verify-v1")).validate(shown)
    file = shown["files"][0]
    assert set(file["summary"]) == set(KINDS)
    return done.code, {kind: count for kind, count in file["summary"].items() if count}, file["settings"]


def test_equal_values_and_the_stage_that_the_file_says(repo):
    rest = ("--except", "wgHole", "--except", "wgCon*", "--except", "wm*", "--except", "wgDBname")
    assert verified(repo, {}, *rest, packed=True)[:2] == (0, {"equal": 7})
    whole = groups({"wgAdded": 2})
    assert verified(repo, whole, *rest, meta={"sapi": "cli"})[:2] == (0, {"equal": 9})
    assert verified(repo, whole, *rest, "--until", "assignments")[:2] == (0, {"equal": 9})
    assert verified(repo, whole, *rest)[:2] == (1, {"equal": 7, "missing": 2}), "the arrays do not have it"
    assert verified(repo, whole, "--setting", "wgA*", "--until", "assignments")[:2] == (0, {"equal": 2})
    local = {"other": groups({"inner": 4}), "meta": {"sapi": "cli"}}
    assert verified(repo, whole, *rest, **local)[0] == 0, "no setting: compared only where both have it"


@pytest.mark.parametrize(
    ("values", "code", "counts"),
    [
        ({"wgInt": True}, 1, {"wrong": 2}),
        ({"wgInt": 1.0}, 1, {"wrong": 2}),
        ({"wgMap": {"b": 2, "a": 1}}, 1, {"order": 2}),
        ({"wgMap": {"a": 1}}, 1, {"wrong": 2}),
        ({"wgList": [1.5, "é", None, {}]}, 1, {"wrong": 2}),
        ({"wgList": ["é", 1.5, None, []]}, 1, {"wrong": 2}),
        ({"wgInt": None}, 1, {"extra": 2}),
        ({"wgNull": 1}, 1, {"missing": 2}),
        ({"wgSome": True}, 1, {"missing": 1}),
        ({"wgHole": 1}, 3, {"unknown": 2}),
        ({"wgHole": 1, "wgInt": 2}, 1, {"unknown": 2, "wrong": 2}),
    ],
)
def test_what_is_not_equal(repo, values, code, counts):
    rest = () if "wgHole" in values else ("--except", "wgHole")
    held, summary, settings = verified(repo, groups(values), *rest)
    assert (held, {kind: count for kind, count in summary.items() if kind != "equal"}) == (code, counts)
    assert {entry["setting"] for entry in settings} == set(values)


def test_the_table_names_the_first_wiki_with_both_values(repo):
    path = repo.root / "values.json"
    path.write_text(json.dumps({"meta": {"realm": "production"}, "settings": groups({**RIGHT, "wgInt": 7})}))
    done = driftcheck("verify", "--repo", str(repo.root), str(path))
    assert done.code == 1
    assert "  wrong  wgInt  2 wikis, enwiki: PHP 7, driftcheck 1\n" in done.out
    assert "  extra  wgSome  1 wiki, frwiki: PHP (absent), driftcheck true\n" in done.out
    assert "  unknown  wgHole  2 wikis, enwiki: " in done.out


@pytest.mark.parametrize("text", ["", "[]", '{"meta": {}}', '{"meta": {"realm": "x"}}', "\x1f\x8b"])
def test_a_file_that_is_none_is_refused(repo, text):
    path = repo.root / "values.json"
    path.write_bytes(text.encode("latin-1"))
    done = driftcheck("verify", "--repo", str(repo.root), str(path))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"driftcheck: {path}: not a file of values that PHP gave (")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (Input("private:wgX.key"), "@PRIVATE:wgX.key@"),
        (Input("closure:wmf-config/a.php:3"), "@closure:wmf-config/a.php:3@"),
        (Parts(("https://", Input("env:hostname"), "/x")), "https://@ENV:hostname@/x"),
        ("\udcff", "@bytes:/w==@"),
        ({0: Value("a"), 1: Value({2: Value(Input("object:X"))})}, ["a", {"2": "@object:X@"}]),
    ],
)
def test_what_is_no_plain_data(data, text):
    assert written(Value(data)) == text


def test_what_is_unknown_stays():
    hole = Unknown("why")
    assert written(Value({0: hole})) == [hole]
