"""What a change does: by effect, in both realms, the same whether a part or the whole was evaluated."""

from __future__ import annotations

import json
import re

import pytest
from jsonschema import Draft202012Validator
from support.cli import driftcheck
from support.git import Repo
from support.trees import COMMON, COMMON_LABS, INITIALISE, OVERLAY, MemoryTree, tree

from driftcheck.core.model import Realm, Source
from driftcheck.core.resources import schema
from driftcheck.history import compare as comparing
from driftcheck.history.reached import reached
from driftcheck.layers.base import Options
from driftcheck.layers.extension.profiles import load
from driftcheck.layers.extension.read import Run

ROWS = """'wgA' => [ 'default' => 1, 'frwiki' => 2 ],
'wgB' => [ 'default' => [ 'x' => 1, 'y' => [ 1, 2 ] ] ],
'wmgUseFoo' => [ 'default' => false, 'frwiki' => true ],
'wgC' => [ 'default' => 'c' ],
'wgSitename' => [ 'default' => 'Wiki' ],
"""
LABS = "'wgC' => [ 'default' => 'labs' ],\n"
CODE = """$globals = WmfConfig::getConfigGlobals( $wgDBname, $wgConf );
extract( $globals );
$wgFromA = $wgA + 1;
if ( $wmgUseFoo ) {
	$wgFoo = [ 'c' => $wgC ];
	$wgFooLevel = 3;
} else {
	$wgBar = true;
}
$wgSitename = "The $wgSitename";
"""
LABS_CODE = "$wgLabs = $wgFromA;\n"


def made(rows=ROWS, labs=LABS, code=CODE, labs_code=LABS_CODE):
    return tree(rows, labs, common=code, common_labs=labs_code)


def run(files, like=None):
    return Run(MemoryTree(files), Options(load("all")), like)


def told(changes):
    return {(change.setting, change.realm.value, change.wikis) for change in changes}


BOTH = ("enwiki", "frwiki")
CASES = {
    "nothing": (made(), set()),
    "a comment": (made(rows=ROWS.replace("'wgC'", "// see T1\n'wgC'")), set()),
    "a selector": (
        made(rows=ROWS.replace("'frwiki' => 2", "'frwiki' => 5")),
        {
            ("wgA", "production", ("frwiki",)),
            ("wgA", "beta", ("frwiki",)),
            ("wgFromA", "production", ("frwiki",)),
            ("wgFromA", "beta", ("frwiki",)),
            ("wgLabs", "beta", ("frwiki",)),
        },
    ),
    "an element": (
        made(rows=ROWS.replace("'x' => 1", "'x' => 2")),
        {("wgB", "production", BOTH), ("wgB", "beta", BOTH)},
    ),
    "a switch": (
        made(rows=ROWS.replace("'frwiki' => true", "'enwiki' => true")),
        {
            (name, realm, (wiki,))
            for realm in ("production", "beta")
            for name in ("wgFoo", "wgFooLevel", "wgBar")
            for wiki in BOTH
        }
        | {("wmgUseFoo", realm, (wiki,)) for realm in ("production", "beta") for wiki in BOTH},
    ),
    "the overlay": (made(labs=LABS.replace("labs", "other")), {("wgC", "beta", BOTH), ("wgFoo", "beta", ("frwiki",))}),
    "a statement": (
        made(code=CODE.replace("= 3;", "= 4;")),
        {("wgFooLevel", "production", ("frwiki",)), ("wgFooLevel", "beta", ("frwiki",))},
    ),
    "a statement of beta": (
        made(labs_code="$wgLabs = 0;\n"),
        {("wgLabs", "beta", ("enwiki",)), ("wgLabs", "beta", ("frwiki",))},
    ),
    "a statement that reads itself": (
        made(rows=ROWS.replace("'Wiki'", "'Wiki pedia'")),
        {("wgSitename", "production", BOTH), ("wgSitename", "beta", BOTH)},
    ),
    "the order of the keys": (
        made(rows=ROWS.replace("'x' => 1, 'y' => [ 1, 2 ]", "'y' => [ 1, 2 ], 'x' => 1")),
        {("wgB", "production", BOTH), ("wgB", "beta", BOTH)},
    ),
    "a new setting": (
        made(rows=ROWS + "'wgNew' => [ 'default' => true ],\n"),
        {("wgNew", "production", BOTH), ("wgNew", "beta", BOTH)},
    ),
    "a setting that goes": (
        made(rows=ROWS.replace("'wgB' => [ 'default' => [ 'x' => 1, 'y' => [ 1, 2 ] ] ],\n", "")),
        {("wgB", "production", BOTH), ("wgB", "beta", BOTH)},
    ),
}


def test_what_changes_is_told_without_a_whole_run_and_as_a_whole_run_has_it():
    for words, (files, expected) in CASES.items():
        old = run(made())
        new = run(files, old)
        part = comparing.compare(old, new)
        assert part.partly, words
        whole = [change for realm in Realm for change in comparing._whole(run(made()), run(files), realm)]
        assert told(part.changes) == told(whole), words
        # Wikis with the same values are told together.
        assert {(name, realm, wiki) for name, realm, wikis in told(part.changes) for wiki in wikis} == {
            (name, realm, wiki) for name, realm, wikis in expected for wiki in wikis
        }, words


def test_a_setting_that_another_file_reads_is_told_by_the_wikis_that_have_it():
    code, other = (
        CODE + "require __DIR__ . '/other.php';\n",
        {"wmf-config/other.php": "<?php\n$wgOther = [ $wgA, $wgDBname ];\n"},
    )
    before, after = (made(rows, code=code) | other for rows in (ROWS, ROWS.replace("'frwiki' => 2", "'frwiki' => 5")))
    old = run(before)
    part = comparing.compare(old, run(after, old))
    assert part.partly
    assert ("wgOther", "production", ("frwiki",)) in told(part.changes)
    whole = [change for realm in Realm for change in comparing._whole(run(before), run(after), realm)]
    assert told(part.changes) == told(whole)


def versions(**of):
    return {"wikiversions.json": json.dumps(of)}


def test_another_version_is_told_by_the_wikis_that_get_it():
    code = CODE + "$wgMine = MWMultiVersion::getInstance()->getVersionNumber();\n"
    multi = {
        "multiversion/MWMultiVersion.php": """<?php
class MWMultiVersion {
	private $db;
	private static $instance;
	public static function getInstance() {
		return self::$instance;
	}
	public function getVersionNumber() {
		$all = include dirname( __DIR__ ) . '/wikiversions.php';
		return $all[$this->db];
	}
}
"""
    }
    before = made(code=code) | multi | versions(enwiki="php-1", frwiki="php-1")
    after = before | versions(enwiki="php-1", frwiki="php-2")
    old = run(before)
    part = comparing.compare(old, run(after, old))
    assert part.partly
    whole = [change for realm in Realm for change in comparing._whole(run(before), run(after), realm)]
    assert told(part.changes) == told(whole) == {("wgMine", realm, ("frwiki",)) for realm in ("production", "beta")}
    asks = before | {"wmf-config/other.php": "<?php\n$wgAll = file_get_contents( 'wikiversions.json' );\n"}
    old = run(asks)
    assert not comparing.compare(old, run(asks | versions(enwiki="php-1", frwiki="php-2"), old)).partly


@pytest.mark.parametrize(
    "files",
    [
        made(code=CODE + "require __DIR__ . '/other.php';\n") | {"wmf-config/other.php": "<?php\n$wgA = 9;\n"},
        made(code=CODE + "if ( $wgA ) {\n\texit( 1 );\n}\n"),
        made(code=CODE + "foreach ( [ 'wgA' ] as $name ) {\n\t$$name = 1;\n}\n"),
        made(code=CODE + "somebody( $wgA );\n"),
    ],
    ids=["another file", "an end", "a name that is worked out", "a call that nobody knows"],
)
def test_what_cannot_be_told_from_the_text_is_run_as_a_whole(files):
    old = run(made())
    assert reached(old, run(files, old)) is None


@pytest.fixture
def repo(tmp_path):
    made_ = Repo(tmp_path / "repo")
    made_.commit(made())
    made_.commit(made(rows=ROWS.replace("'frwiki' => 2", "'frwiki' => 5")))
    return made_


def diff(repo, *arguments):
    return driftcheck("diff", "--repo", str(repo.root), *arguments)


def test_the_document_keeps_its_schema_and_says_before_and_after(repo):
    out = diff(repo, "HEAD~1", "HEAD", "--format", "json")
    assert out.code == 0
    document = json.loads(out.out)
    Draft202012Validator(schema("diff-v1")).validate(document)
    (row,) = [row for row in document["changes"] if row["setting"] == "wgA" and row["realm"] == "production"]
    assert (row["before"], row["after"], row["wikis"], row["path"]) == (2, 5, ["frwiki"], "")
    assert {(place["role"], place["path"]) for place in row["locations"]} == {
        ("before", INITIALISE),
        ("after", INITIALISE),
    }


def test_trees_are_named_as_git_diff_names_them(repo):
    by_two = diff(repo, "HEAD~1", "HEAD").out
    assert diff(repo, "HEAD~1..HEAD").out == diff(repo, "HEAD~1...").out == by_two
    assert "No wiki's value changes." in diff(repo).out
    (repo.root / OVERLAY).write_text((repo.root / OVERLAY).read_text().replace("labs'", "mine'"))
    assert "mine" in diff(repo).out
    assert "No wiki's value changes." in diff(repo, "--staged").out
    repo.git("add", "-A")
    assert "mine" in diff(repo, "--staged").out
    assert "wgA" in diff(repo, "HEAD~1").out


def test_the_exit_code_is_1_only_where_that_is_asked_for_and_something_changes(repo):
    assert diff(repo, "HEAD~1", "HEAD").code == 0
    assert diff(repo, "HEAD~1", "HEAD", "--exit-code").code == 1
    assert diff(repo, "HEAD", "HEAD", "--exit-code").code == 0
    assert diff(repo, "HEAD", "HEAD", "HEAD").code == 2
    unknown = diff(repo, "nowhere", "HEAD")
    assert (unknown.code, "nowhere" in unknown.err, "hint" in unknown.err) == (2, True, False)


def test_what_is_not_known_is_neither_a_change_nor_none(repo):
    repo.commit(made(code=CODE + "$wgZ = somebody();\n"))
    out = diff(repo, "HEAD~1", "HEAD")
    assert out.code == 3
    assert "No wiki" not in out.out


def test_two_wikis_and_two_realms_of_one_tree(repo):
    wikis = diff(repo, "--wikis", "enwiki", "frwiki", "HEAD").out
    assert "wgA\n  - 1\n  + 5\n" in wikis
    assert "wgB\n" not in wikis
    realms = diff(repo, "--realms", "enwiki", "HEAD").out
    assert 'wgC\n  - "c"\n  + "labs"\n' in realms
    assert diff(repo, "--wikis", "enwiki", "xxwiki", "HEAD").code == 2


def test_a_name_that_neither_tree_has_is_refused(repo):
    for option, name in (("--setting", "wgNowhere"), ("--wiki", "xxwiki")):
        out = diff(repo, "HEAD~1", "HEAD", option, name)
        assert (out.code, name in out.err) == (2, True), out.err


def test_what_is_asked_for_narrows_what_is_told(repo):
    assert "wgFromA" not in diff(repo, "HEAD~1", "HEAD", "--setting", "wgA").out
    assert "wgFromA" in diff(repo, "HEAD~1", "HEAD", "--setting", "wgFrom*").out
    assert "No wiki" in diff(repo, "HEAD~1", "HEAD", "--wiki", "enwiki").out
    assert "beta:" not in diff(repo, "HEAD~1", "HEAD", "--realm", "production").out


def test_the_drift_that_a_change_brings_is_told(repo):
    repo.commit(made(labs=LABS + "'wgA' => [ 'default' => 7 ],\n"))
    document = json.loads(diff(repo, "HEAD~1", "HEAD", "--format", "json").out)
    assert {row["setting"] for row in document["drift"]["gained"]} >= {"wgA"}
    assert document["drift"]["lost"] == []
    back = json.loads(diff(repo, "HEAD", "HEAD~1", "--format", "json").out)
    assert {row["setting"] for row in back["drift"]["lost"]} >= {"wgA"}


def test_what_a_run_says_does_not_hang_on_the_run_before_whose_lines_stood_elsewhere():
    switch = "'wmgUseBaz' => [ 'default' => true ],\n", "'wmgUseBaz' => [ 'default' => false ],\n"
    loading = "if ( $wmgUseBaz ) {\n\twfLoadExtension( 'Baz' );\n}\n"
    trees = [made(ROWS + switch[0], LABS + switch[1], above + CODE + loading) for above in ("// one\n// two\n", "")]

    def said(held):
        return {(draft.rule.id, draft.setting, draft.dbname) for draft in held.drafts({held.layer: held})}

    class Again(MemoryTree):
        """Reads a file anew each time, as a commit's tree does."""

        def read(self, path):
            held = super().read(path)
            return None if held is None else Source(held.path, held.text, held.revision)

    before = run(trees[0])
    found = said(run(trees[1]))
    assert ("extension-off-in-beta", "wmgUseBaz", "enwiki") in found
    assert said(before) == said(run(trees[1], before)) == found
    assert said(Run(Again(trees[1]), Options(load("all")))) == found


def test_settings_that_are_not_known_on_either_side_are_told_once(repo):
    code = "eval( somebody() );\n"
    for level in (1, 2):
        repo.commit(made(code=CODE + f"require 'extensions/Baz{level}.php';\n{code}$wgLast = {level};\n"))
    for name in ("table", "markdown", "remarkup", "html"):
        said = diff(repo, "HEAD~1", "HEAD", "--format", name).out
        assert len(re.findall(r"ell (?:`|%%%)?whether \d+ settings change: \w+, .*? and \d+ more \(", said)) == 1, (
            name,
            said,
        )
        assert "wgLast" in said, name
    told_apart = json.loads(diff(repo, "HEAD~1", "HEAD", "--format", "json").out)["changes"]
    assert len([row for row in told_apart if row["before"] == row["after"]]) > 5


def test_what_certainly_changes_is_no_open_question_however_long_the_value_is(repo):
    for level in (1, 2):
        code = f"$wgLong = [ date( 'Y' ), str_repeat( 'x', 6000 ), {level} ];\n"
        repo.commit(made(code=CODE + f"require 'extensions/Baz{level}.php';\n{code}"))
    said = diff(repo, "HEAD~1", "HEAD", "-v").out
    assert "\nwgLong\n" in said


def test_long_values_that_differ_at_their_ends_are_told_apart(repo):
    for level in (1, 2):
        rows = f"'wgLong' => [ 'default' => str_repeat( 'x', 6000 ) . '{level}' ],\n"
        repo.commit(made(rows=ROWS + rows, labs=LABS + rows.replace(f"'{level}'", f"'b{level}'")))
    said = diff(repo, "HEAD~1", "HEAD").out
    assert said.count("\nwgLong\n") == 2, "production's and beta's are not the same change"


def test_every_format_says_it(repo):
    repo.commit(made(code=CODE.replace("= 3;", "= '`|<b>%%%';"), labs_code=LABS_CODE))
    for name in ("table", "markdown", "remarkup", "html"):
        out = diff(repo, "HEAD~1", "HEAD", "--format", name).out
        assert "wgFooLevel" in out, name
        assert "<b>" not in out or name in ("table", "remarkup", "markdown"), name
    assert COMMON in diff(repo, "HEAD~1", "HEAD").out
    assert COMMON_LABS not in diff(repo, "HEAD~1", "HEAD").out


def test_a_closure_with_other_code_is_told_as_such(repo):
    for body in ("1", "2"):
        repo.commit(made(code=CODE + f"$wgHooks['X'][] = static function () {{\n\treturn {body};\n}};\n"))
    out = diff(repo, "HEAD~1", "HEAD").out
    assert "wgHooks.X\n" in out
    assert "(other code)>" in out
    moved = made(code="// moved\n" + CODE + "$wgHooks['X'][] = static function () {\n\treturn 2;\n};\n")
    repo.commit(moved)
    assert "No wiki's value changes." in diff(repo, "HEAD~1", "HEAD").out
    changed = moved[COMMON].replace(b"$wgFromA", b"\n$wgFromA", 1) + b"$wgHooks['Y'][] = 'y';\n"
    repo.commit(moved | {COMMON: changed})
    out = diff(repo, "HEAD~1", "HEAD", "--setting", "wgHooks").out
    assert "wgHooks.Y\n" in out
    assert "wgHooks.X" not in out


def test_a_closure_with_other_code_on_another_line_is_told_as_such(repo):
    for above, body in (("", "1"), ("// moved\n", "2")):
        repo.commit(made(code=f"{above}{CODE}$wgHooks['X'][] = static function () {{\n\treturn {body};\n}};\n"))
    assert "(other code)> in after" in diff(repo, "HEAD~1", "HEAD").out


def test_many_changes_of_the_same_wikis_are_a_line_each_and_v_tells_all(repo):
    rows = [f"'wgMany{number:02}' => [ 'default' => {{0}}, 'frwiki' => 9 ],\n" for number in range(20)]
    for value in ("1", "2"):
        repo.commit(made(rows=ROWS + "".join(rows).format(value)))
    said = diff(repo, "HEAD~1", "HEAD").out
    assert f"\nproduction: enwiki; beta: enwiki\n  wgMany00: 1 -> 2  at {INITIALISE}:" in said
    assert "\n  and 8 more changes; -v lists them\n" in said
    assert len(said.splitlines()) <= 25, said
    every = diff(repo, "HEAD~1", "HEAD", "-v").out
    assert all(f"\nwgMany{number:02}\n" in every for number in range(20))


def test_a_switch_stands_before_what_goes_with_it(repo):
    extension = "if ( $wmgUseBaz ) {{\n{}}}\n".format("".join(f"\t$wgBaz{number} = 1;\n" for number in range(20)))
    for switch in ("true", "false"):
        rows = f"'wmgUseBaz' => [ 'default' => false, 'frwiki' => {switch} ],\n"
        repo.commit(made(rows=ROWS + rows, code=CODE + extension))
    said = diff(repo, "HEAD~1", "HEAD").out.splitlines()
    assert said[3].startswith("  wmgUseBaz: true -> false  at ")
    assert said[4].startswith("  wgBaz0: 1 -> (absent)  at ")


def test_a_wiki_that_is_new_or_gone_is_one_line_and_what_changes_elsewhere_is_told(repo):
    rows = "".join(f"'wgMany{number:02}' => [ 'default' => 1 ],\n" for number in range(20))
    repo.commit(made(rows=ROWS + rows))
    files = tree(
        ROWS + rows + "'wgLast' => [ 'default' => true ],\n",
        LABS,
        common=CODE,
        common_labs=LABS_CODE,
        wikis=(*BOTH, "dewiki"),
    )
    repo.commit(files)
    for one, other, word in (("HEAD~1", "HEAD", "new"), ("HEAD", "HEAD~1", "gone")):
        for name in ("table", "markdown", "remarkup", "html"):
            said = diff(repo, one, other, "--format", name).out
            for realm in ("production", "beta"):
                assert re.search(rf"{word} in {realm}: dewiki \(\d+ settings\)", said), (name, said)
            assert f"Wikis: 1 {word}. 1 setting on 3 wikis" in said, (name, said)
            assert ("wgLast" in said, "wgMany00" in said) == (True, False), (name, said)
        assert "wgMany00" in diff(repo, one, other, "-v").out
        assert "wgMany00" in diff(repo, one, other, "--setting", "wgMany00").out, "a few are told"


def test_many_findings_of_one_rule_are_one_line(repo):
    labs = "".join(f"'wgMany{number}' => [ 'default' => 8 ],\n" for number in range(6))
    rows = ROWS + labs.replace("8", "7")
    repo.commit(made(rows=rows))
    repo.commit(made(rows=rows, labs=LABS + labs))
    said = diff(repo, "HEAD~1", "HEAD").out
    assert re.search(r"  setting-drift  wgMany0, wgMany1, wgMany2 and 3 more\n", said), said
    assert len(re.findall(r"  setting-drift  wgMany\d  [0-9a-f]{32}\n", diff(repo, "HEAD~1", "HEAD", "-v").out)) == 6
