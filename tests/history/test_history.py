"""The life of drift over commits, and the commit that brought a finding: by effect, with and without what is kept."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator
from support.cli import driftcheck
from support.git import Repo
from support.trees import tree

from driftcheck.core.resources import schema
from driftcheck.php.pieces import Cut, cut
from driftcheck.report import FORMATS

CODE = "if ( $wmgUseORES ) {\n\twfLoadExtension( 'ORES' );\n}\n$wgOther = 1;\n"
ROWS = "'wmgUseORES' => [ 'default' => true ],\n'wgOther' => [ 'default' => 1 ],\n"
ON = "'wgOresModels' => [ 'default' => [ 'damaging' => [ 'enabled' => true ], 'goodfaith' => [ 'enabled' => true ] ] ],\n"
OFF = ON.replace("'goodfaith' => [ 'enabled' => true ]", "'goodfaith' => [ 'enabled' => false ]")
REPAIRED, BROUGHT = "2017-10-30T10:00:00Z", "2017-10-25T10:00:00Z"


def made(rows=ROWS + ON, labs="", code=CODE):
    return tree(rows, labs, common=code)


TREES = [
    made(),
    made(rows="'wgNew' => [ 'default' => 1 ],\n" + ROWS + ON),  # a row that nobody asks for
    made(labs=OFF),  # beta turns a model off
    made(labs="\n\n" + OFF.replace("[ '", "[\n'")),  # formatting
    made(rows=ROWS + ON + "'wgBroken' => [\n", labs=OFF),  # not PHP
    made(code=CODE.replace("Other = 1", "Other = 2"), labs=OFF),
    made(),  # repaired
    made(rows=ROWS + OFF, labs=OFF.replace("'default'", "'frwiki'")),
    made(rows=ROWS + ON, labs=OFF.replace("'default'", "'frwiki'")),  # production moves, the overlay stays
]


@pytest.fixture(scope="module")
def repo(tmp_path_factory):
    repo = Repo(tmp_path_factory.mktemp("history") / "r")
    ids = []
    for number, files in enumerate(TREES):
        repo.commit(files, date=f"2017-11-{number + 10}T12:00:00Z")
        repo.git(
            "commit",
            "-q",
            "--amend",
            "-m",
            f"Step {number}\n\nBug: T{number}00",
            GIT_COMMITTER_DATE=f"2017-11-{number + 10}T12:00:00Z",
        )
        ids.append(repo.git("rev-parse", "HEAD"))
    return repo, ids


def history(repo, *more, cache=None):
    where = ["--cache-dir", str(cache)] if cache else ["--no-cache"]
    return driftcheck("history", "--repo", str(repo.root), "--select", "model-off-in-beta", *where, *more)


def test_a_life_has_its_commits_sides_and_tasks_and_what_cannot_be_evaluated_ends_nothing(repo, tmp_path):
    repo, ids = repo
    first = history(repo, "--format", "json", cache=tmp_path)
    held = json.loads(first.out)
    Draft202012Validator(schema("history-v1")).validate(held)
    lives = [
        (
            life["path"],
            life["wikis"],
            life["began"]["revision"],
            life["began"]["side"],
            life["began"]["task"],
            (life["ended"] or {}).get("revision"),
            life["days"],
        )
        for life in held["lives"]
    ]
    assert lives == [
        ("goodfaith.enabled", ["enwiki", "frwiki"], ids[2], "beta", "T200", ids[6], 4),
        ("goodfaith.enabled", ["frwiki"], ids[8], "production", "T800", None, 0),
    ]
    assert [row["revision"] for row in held["unevaluated"]] == [ids[4]]
    assert first.code == 3
    assert history(repo, "--format", "json", cache=tmp_path).out == first.out, "what is kept says the same"
    assert history(repo, "--format", "json").out == first.out, "so does a run without a cache"
    for kept in tmp_path.rglob("*.json"):
        kept.write_bytes(kept.read_bytes()[:-3] + b"x")
    assert history(repo, "--format", "json", cache=tmp_path).out == first.out, "a damaged file is none"


def test_a_range_that_grows_is_walked_where_it_is_new(repo, tmp_path):
    repo, ids = repo
    for tip in (ids[3], ids[8]):
        grown = history(repo, f"{ids[1]}..{tip}", "--format", "json", cache=tmp_path).out
        assert grown == history(repo, f"{ids[1]}..{tip}", "--format", "json").out


def test_the_table_and_the_page_tell_the_same(repo):
    repo, ids = repo
    table = history(repo).out
    assert f"2017-11-12 {ids[2][:12]} (beta moved, production stayed, T200)" in table
    assert "2 lives of drift, 1 open; median 4 days to repair" in table
    page = history(repo, "--format", "html").out
    assert page.count("<rect") == 2
    assert "goodfaith.enabled" in page


def test_blame_names_the_commit_with_and_without_what_history_keeps(repo, tmp_path):
    repo, ids = repo
    asked = ["blame", "model-off-in-beta", "--repo", str(repo.root), "--rev", "HEAD", "--format", "json"]
    answers = [driftcheck(*asked, "--no-cache")]
    history(repo, cache=tmp_path)
    answers.append(driftcheck(*asked, "--cache-dir", str(tmp_path)))
    for answer in answers:
        (finding,) = json.loads(answer.out)["findings"]
        brought = finding["brought"]
        assert (brought["revision"], brought["side"], brought["task"]) == (ids[8], "production", "T800")
        assert brought["overlay_stayed"] is True
    asked = ["check", "--repo", str(repo.root), "--rev", "HEAD", "--cache-dir", str(tmp_path), "--blame", "--select"]
    for name in FORMATS:
        told = " ".join(driftcheck(*asked, "model-off-in-beta", "--format", name).out.split())
        for part in (ids[8][:12], "production", "T800", "Step 8"):
            assert part in told, (name, part)


THRESHOLDS = "'wgOresFiltersThresholds' => [ 'default' => [ 'goodfaith' => [ 'maybebad' => [ 'min' => 0, 'max' => 0.075 ] ] ] ],\n"


@pytest.fixture
def new_defaults(tmp_path):
    """Commits that change nothing, code among them; before the last one's day the extension got other thresholds."""
    repo = Repo(tmp_path / "r")
    new = "'wgNew' => [ 'default' => 1 ],\n"
    for moment, rows, more in (("30T12", "", b""), ("30T13", "", b"A = 1, "), ("31T12", new, b"A = 1, ")):
        files = made(rows=rows + ROWS + ON + THRESHOLDS)
        files["src/WmfConfig.php"] = files["src/WmfConfig.php"].replace(b"const SUFFIXES", b"const %sSUFFIXES" % more)
        repo.commit(files, date=f"2023-08-{moment}:00:00Z")
    return repo


def test_what_the_extension_brought_is_put_down_to_no_commit(new_defaults):
    repo, select = new_defaults, ["threshold-nesting"]
    asked = ["--repo", str(repo.root), "--no-cache", "--format", "json"]
    (finding, *_) = json.loads(driftcheck("blame", *select, "--rev", "HEAD", *asked).out)["findings"]
    (life, *_) = json.loads(driftcheck("history", "--select", *select, *asked).out)["lives"]
    for told in (finding["brought"], life["began"]):
        assert (told["revision"], told["side"], told["tasks"]) == (repo.git("rev-parse", "HEAD"), "extension", [])
        assert told["subject"] == "the first commit after a change of the extension"


def test_a_change_does_not_bring_what_the_extension_brought_meanwhile(new_defaults):
    repo = new_defaults
    more = THRESHOLDS.replace("'default' =>", "'testwiki' => [], 'default' =>").replace("0.075", "0.07")
    repo.commit(made(rows=ROWS + ON + more), date="2023-08-31T13:00:00Z")
    told = json.loads(driftcheck("diff", "HEAD~2", "HEAD", "--repo", str(repo.root), "--format", "json").out)
    assert {change["setting"] for change in told["changes"]} >= {"wgOresFiltersThresholds"}
    assert [found["rule"] for found in told["drift"]["gained"]] == []


def test_the_ages_that_a_history_knows_are_part_of_the_score(repo, tmp_path):
    repo, _ = repo
    asked = ["check", "--repo", str(repo.root), "--cache-dir", str(tmp_path), "--select", "model-off-in-beta"]

    def score():
        (finding,) = json.loads(driftcheck(*asked, "--rev", "HEAD", "--format", "json").out)["findings"]
        return finding["score"]

    before = score()
    assert "recent" not in before, "nothing is known"
    history(repo, cache=tmp_path)
    assert score() == {**before, "recent": 20, "total": before["total"] + 20}
    assert "recent 20" in driftcheck(*asked, "--rev", "HEAD", "-v").out


def test_the_pieces_of_a_file_are_its_text_and_the_same_from_any_start():
    texts = [
        "<?php\nreturn [\n'a' => [ 1, 'x]' ], // ]\n'b' => 2,\n];\n",
        '<?php\nif ( $a ) {\n\t$b = 1;\n} else {\n\t$c = function () { return 1; };\n}\n$d = "{";\n',
        "<?php\nif ( $a ) {\n\t$b = 2;\n}\n$d = <<<EOT\n { \nEOT;\n$e = 1;\n",
        "<?php\n$a = 1;\n?>\ntext { \n",
        "<?php\n/** a */\nfunction f() {\n\t$a = 1;\n}\n/* b */\nif ( $a ) {\n\t$b = 1;\n}\n",
        "<?php\nreturn [\n'a' => [\n" + "\t'x' => [ 1, 2 ],\n" * 150 + "],\n'b' => 2,\n];\n",
        "<?php\nreturn [\n'a' => [\n" + "\t'x' => [ 1, 3 ],\n" * 150 + "],\n'b' => 2 ];\n",
        "<?php\n$a = 'it;\n$b = 1;\n",
    ]
    for text in map(str.encode, texts):
        for other in map(str.encode, texts):
            for changed in (text, text.replace(b"1", b"11"), text[:-4], text + b"$z = 3;\n"):
                found = cut(changed, cut(other))
                assert b"".join(piece.text for piece in found.pieces) == changed, (text, other)
                assert found.ends == Cut(changed, found.pieces).ends, (changed, other)
                assert whole(found) == whole(cut(changed)), (changed, other)


def whole(cut):
    """The pieces, with the parts of a row as one: where a long row is cut depends on what was known."""
    out, parts = [], []
    for piece in cut.pieces:
        parts.append(piece)
        if piece.kind != "part":
            out.append((b"".join(part.text for part in parts), parts[0].around, piece.kind))
            parts = []
    return out
