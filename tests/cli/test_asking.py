"""How a question may be put: globs, commas, dates, ranges, from a subfolder, and about the wrong repository."""

from __future__ import annotations

import json

import pytest
from support.cli import driftcheck
from support.git import Repo, write
from support.trees import BETA_URL, ON, OVERLAY, charts, service, tree

MODELS = "'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => true, 'reverted' => false, 'wp10' => false ] ],\n"
OFF = "'wgOresModels' => [\n\t'default' => [ 'damaging' => true, 'goodfaith' => false, 'reverted' => false, 'wp10' => false ],\n],\n"
X = "'wgOresX' => [ 'default' => {} ],\n"
WIKIS = ["enwiki", "frwiki", "frwiktionary"]


@pytest.fixture
def at(tmp_path):
    return write(tree(ON + MODELS + X.format(1), OFF + X.format(2), common_labs=BETA_URL, wikis=WIKIS), tmp_path)


def ask(at, *arguments, code=0):
    outcome = driftcheck(*arguments, cwd=at)
    assert outcome.code == code, (arguments, outcome.out, outcome.err)
    return outcome.err if code == 2 else outcome.out


def rules(at, *arguments):
    said = ask(at, "check", "--no-cache", "--fail-on", "never", "--format", "json", *arguments)
    return {finding["rule"] for finding in json.loads(said)["findings"]}


def test_globs_and_commas_name_rules(at):
    everything = rules(at)
    some = {"model-off-in-beta", "setting-drift"} & everything
    assert len(some) == 2
    assert rules(at, "--select", "model-off-*,setting-d*") == some
    assert rules(at, "--select", ",".join(some)) == some
    assert rules(at, "--ignore", "model-off-*,setting-d*") == everything - some
    assert "did you mean model-off-in-beta" in ask(at, "check", "--select", "model-off-beta,x*", code=2)


def test_less_severe_findings_are_left_out_and_judged_all_the_same(at):
    whole = json.loads(ask(at, "check", "--no-cache", "--format", "json", code=1))
    least = json.loads(ask(at, "check", "--no-cache", "--format", "json", "--min-severity", "error", code=1))
    assert {finding["severity"] for finding in least["findings"]} == {"error"}
    assert least["summary"]["error"] == whole["summary"]["error"]
    ask(
        at,
        "check",
        "--no-cache",
        "--ignore",
        "model-*,thresh*",
        "--min-severity",
        "error",
        "--fail-on",
        "warning",
        code=1,
    )
    assert "--min-severity" in ask(at, "check", "--severity", "error", code=2)
    (at / "driftcheck.yaml").write_text("min-severity: error\n")
    assert json.loads(ask(at, "check", "--no-cache", "--format", "json", code=1))["findings"] == least["findings"]


def test_globs_and_commas_name_wikis_and_settings(at):
    assert set(json.loads(ask(at, "show", "fr*"))) == {"frwiki", "frwiktionary"}
    held = json.loads(ask(at, "show", "enwiki,frwiki", "--setting", "wmgUse*,wgOresModels", "--until", "arrays"))
    assert {name: set(settings) for name, settings in held.items()} == {
        name: {"wmgUseORES", "wgOresModels"} for name in ("enwiki", "frwiki")
    }
    whole = ask(at, "coverage")
    assert ask(at, "coverage", "fr*") == whole, "frwiki does all that any wiki does"
    assert "no such wiki in either realm" in ask(at, "coverage", "xx*", code=2)


def test_a_wiki_without_the_extension_has_no_coverage_of_nothing(tmp_path):
    write(tree("'wmgUseORES' => [ 'default' => false, 'enwiki' => true ],\n" + MODELS, wikis=WIKIS), tmp_path)
    assert "nothing to cover" in ask(tmp_path, "coverage", "fr*", code=2)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            "wgOresModels.godfaith",
            "wgOresModels.godfaith: no wiki has this in either realm; did you mean wgOresModels.goodfaith",
        ),
        ("wgOresModels.goodfaith.enabeld", "wgOresModels.goodfaith.enabeld: "),
        ("wgOresModel.goodfaith", "did you mean wgOresModels"),
    ],
)
def test_a_typo_inside_a_setting_is_refused_with_the_nearest_name(at, asked, said):
    assert said in ask(at, "explain", "frwiki", asked, code=2)


def test_a_part_that_another_wiki_has_is_no_typo(tmp_path):
    write(
        tree(ON + "'wgOresX' => [ 'default' => [ 'a' => 1 ], 'enwiki' => [ 'bcdef' => 2 ] ],\n", wikis=WIKIS), tmp_path
    )
    assert "has no value" in ask(tmp_path, "explain", "frwiki", "wgOresX.bcdef")
    assert "did you mean wgOresX.bcdef" in ask(tmp_path, "explain", "frwiki", "wgOresX.bcdfe", code=2)


def test_a_typo_inside_a_service_is_refused_too(tmp_path):
    write(service(enwiki=["damaging", "goodfaith"]), tmp_path)
    assert "did you mean" in ask(tmp_path, "explain", "enwiki", "models.goodfaiht", code=2)
    assert "no such part" in ask(tmp_path, "explain", "enwiki", "nonsense", code=2)


@pytest.mark.parametrize("folder", ["wmf-config", "dblists"])
@pytest.mark.parametrize(
    "command", ["check -q --no-cache", "show frwiki", "coverage", "explain frwiki wgOresModels.goodfaith"]
)
def test_a_subfolder_is_part_of_its_configuration(at, folder, command):
    code = 1 if command.startswith("check") else 0
    assert ask(at / folder, *command.split(), code=code) == ask(at, *command.split(), code=code)


def test_a_subfolder_of_a_repository_that_is_no_configuration_stays_where_it_is(tmp_path):
    Repo(tmp_path / "other").commit({"src/deep/x.php": "<?php"})
    assert "deep" not in ask(tmp_path / "other/src/deep", "check", code=2)


@pytest.mark.parametrize("option", ["--liftwing", "--production-service", "--beta-service"])
def test_the_wrong_repository_for_a_layer_is_refused_before_anything_is_found(at, tmp_path_factory, option):
    wrong = service(enwiki=["damaging"]) if option == "--liftwing" else charts()
    folder = write(wrong, tmp_path_factory.mktemp("wrong"))
    outcome = driftcheck("check", "--no-cache", option, str(folder), cwd=at)
    assert (outcome.code, outcome.out) == (2, "")
    assert f"name another repository with {option}" in outcome.err


def test_since_takes_a_day_a_time_and_a_merge_base(tmp_path):
    repo = Repo(tmp_path)
    clean, off = (tree(ON + MODELS, text, common_labs=BETA_URL) for text in ("", OFF))
    repo.commit(clean, "2020-01-01T10:00:00Z")
    repo.git("checkout", "-q", "-b", "topic")
    repo.commit(off, "2020-01-03T10:00:00Z")
    repo.git("checkout", "-q", "master")
    repo.commit({OVERLAY: off[OVERLAY], "x": "y"}, "2020-01-04T10:00:00Z")
    repo.git("checkout", "-q", "topic")
    new = ("2020-01-03", "2020-01-02", "2020-01-03T09:00", "master...", "master...topic", "...master")
    old = ("2020-01-04", "2020-01-03T11:00:00Z", "master", "HEAD", "topic...topic")
    for since, code in [*((name, 1) for name in new), *((name, 0) for name in old)]:
        ask(tmp_path, "check", "-q", "--no-cache", "--since", since, code=code)
    ask(tmp_path, "check", "-q", "--no-cache", "--since", "master...", "--since", "master", code=0)
    for wrong, said in (("2019-01-01", "no commit"), ("2020-13-01", "not a date"), ("no...HEAD", "unknown revision")):
        assert said in ask(tmp_path, "check", "--since", wrong, code=2)
