"""Coverage: what beta shows of production, and the fewest wikis that would show the rest."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from support.cli import driftcheck
from support.git import Repo
from support.reports import findings_of, report_on, run_on
from support.trees import ON, tree
from support.values import php

from driftcheck.core.resources import schema
from driftcheck.layers.extension.cover import EXACT, GREEDY, cover, measure
from driftcheck.layers.extension.rules.exercised import Behaviour

pytestmark = pytest.mark.unmeasured

VALIDATOR = Draft202012Validator(schema("coverage-v1"))
MODELS = {"damaging": True, "goodfaith": True, "reverted": False, "wp10": False}
CALL = "recall_at_precision(min_precision={})"
OWN = {"goodfaith": {"verylikelybad": {"min": 0, "max": CALL.format(0.9)}}}
WIKIS = ("dewiki", "enwiki", "frwiki", "plwiki")
PRODUCTION = (
    ON
    + f"'wgOresModels' => {php({'default': MODELS})},\n"
    + f"'wgOresFiltersThresholds' => {php({'dewiki': OWN, 'frwiki': OWN, 'plwiki': {'goodfaith': {'likelybad': False}}})},"
)


def measured(production=PRODUCTION, beta="", beta_wikis=("enwiki",), wikis=()):
    return measure(run_on(tree(production, beta, wikis=WIKIS, beta_wikis=beta_wikis)).comparison, wikis)


def unseen(held):
    return {(row.behaviour.named, row.behaviour.form, row.behaviour.origin) for row in held.rows if not row.beta}


OFF = ("goodfaith.likelybad", "off", "own")
ASKED = ("goodfaith.verylikelybad", "maximum recall @ precision", "own")


def test_what_no_beta_wiki_shows_and_who_would():
    held = measured()
    assert unseen(held) == {OFF, ASKED}
    assert held.covered == len(held.rows) - 2
    assert (held.cover.wikis, held.cover.algorithm, held.cover.at_least) == (("dewiki", "plwiki"), EXACT, 2)
    assert held.in_beta == ()
    by_form = {(row.behaviour.named, row.behaviour.form): row for row in held.rows}
    assert by_form[ASKED[:2]].production == ("dewiki", "frwiki")
    assert by_form["goodfaith.verylikelybad", "off"].beta == ("enwiki",)


def test_one_wiki_may_be_asked_about():
    held = measured(wikis=["frwiki"])
    assert unseen(held) == {ASKED}
    assert held.cover.wikis == ("dewiki",), "any wiki of production may show it"


def test_a_wiki_that_beta_has_with_other_settings_is_marked():
    beta = f"'wgOresModels' => {php({'frwiki': MODELS | {'goodfaith': False}})},"
    held = measured(beta=beta, beta_wikis=("dewiki", "enwiki", "frwiki", "plwiki"))
    assert unseen(held) == set()
    assert held.cover.wikis == ()
    held = measured(beta=beta, beta_wikis=("enwiki", "frwiki"))
    assert held.in_beta == tuple(name for name in held.cover.wikis if name == "frwiki")
    assert unseen(held) == {OFF, ASKED}


def test_numbers_do_not_tell_forms_apart_and_statistics_do():
    other = PRODUCTION.replace(
        "'dewiki' => [ 'goodfaith' => [ 'verylikelybad' => [ 'min' => 0, 'max' => 'recall_at_precision(min_precision=0.9)",
        "'dewiki' => [ 'goodfaith' => [ 'verylikelybad' => [ 'min' => 0, 'max' => '{}",
    )
    assert other != PRODUCTION
    assert unseen(measured(other.replace("{}", "recall_at_precision(min_precision=0.75)"), beta_wikis=("frwiki",))) == {
        OFF
    } | unseen(measured(beta_wikis=("frwiki",)))
    filtering = unseen(measured(other.replace("{}", "filter_rate_at_recall(min_recall=0.9)"), beta_wikis=("frwiki",)))
    assert ("goodfaith.verylikelybad", "maximum filter_rate @ recall", "own") in filtering


# -- the rule ----------------------------------------------------------------------------------------------------------


def fired(beta="", beta_wikis=("enwiki",)):
    return findings_of(report_on(tree(PRODUCTION, beta, wikis=WIKIS, beta_wikis=beta_wikis)), "behaviour-not-exercised")


def test_the_rule_is_one_finding_a_form_with_the_wikis_that_show_it():
    assert {(f.path, f.wikis, f.message) for f in fired()} == {
        ("goodfaith.likelybad", ("plwiki",), "no beta wiki turns goodfaith.likelybad off"),
        (
            "goodfaith.verylikelybad",
            ("dewiki", "frwiki"),
            "no beta wiki has the formula maximum recall @ precision for goodfaith.verylikelybad",
        ),
    }
    assert all(f.production.span.path.endswith("InitialiseSettings.php") for f in fired())
    assert fired(beta_wikis=("dewiki", "enwiki", "plwiki")) == []


def test_a_model_that_no_beta_wiki_has_on_is_one_finding():
    production = PRODUCTION.replace(
        php({"default": MODELS}), php({"default": MODELS, "enwiki": MODELS | {"goodfaith": False}})
    )
    files = tree(production, wikis=WIKIS, beta_wikis=("enwiki",))
    (finding,) = findings_of(report_on(files), "behaviour-not-exercised")
    assert (finding.setting, finding.path, finding.wikis) == (
        "wgOresModels",
        "goodfaith",
        ("dewiki", "frwiki", "plwiki"),
    )


def test_a_model_that_beta_has_off_is_the_finding_of_the_line_that_turns_it_off():
    off = f"'wgOresModels' => {php({'default': MODELS | {'goodfaith': False}})},"
    assert fired(off) == []
    held = fired(f"'wgOresModels' => {php({'enwiki': MODELS | {'goodfaith': False}})},", ("enwiki", "frwiki"))
    assert {f.message.removeprefix("no beta wiki turns goodfaith.") for f in held} == {
        "likelybad off",
        "verylikelybad off",
    }


# -- the fewest wikis --------------------------------------------------------------------------------------------------

sets = st.dictionaries(
    st.sampled_from([f"{letter}wiki" for letter in "abcdefg"]),
    st.frozensets(st.integers(0, 7).map(lambda n: Behaviour("m", f"l{n}", "off", "own"))),
    max_size=7,
)


def covers(names, held):
    return frozenset().union(*(held[name] for name in names)) == frozenset().union(*held.values())


@settings(max_examples=200, deadline=None)
@given(sets)
def test_the_answer_is_the_smallest_that_trying_everything_finds(held):
    found = cover(held)
    smallest = next(
        size
        for size in range(len(held) + 1)
        if any(covers(names, held) for names in itertools.combinations(held, size))
    )
    assert covers(found.wikis, held)
    assert (len(found.wikis), found.algorithm, found.at_least, found.factor) == (smallest, EXACT, smallest, 1.0)


@settings(max_examples=200, deadline=None)
@given(sets)
def test_a_search_that_may_not_end_answers_within_the_bound_that_it_says(held):
    found, exact = cover(held, nodes=0), cover(held)
    assert covers(found.wikis, held)
    assert found.at_least <= len(exact.wikis) <= len(found.wikis) <= found.factor * len(exact.wikis) + 1e-9
    assert found.algorithm in {EXACT, GREEDY}


def test_greedy_is_not_the_answer_where_it_is_worse():
    """The textbook's example: the largest set first needs three, and two would do."""
    one, two = (frozenset(Behaviour("m", f"{side}{n}", "off", "own") for n in range(3)) for side in "ab")
    middle = frozenset(sorted(one)[:2]) | frozenset(sorted(two)[:2])
    held = {"x": one, "y": two, "z": middle}
    assert cover(held).wikis == ("x", "y")
    assert cover(held).algorithm == EXACT


# -- the command -------------------------------------------------------------------------------------------------------


@pytest.fixture
def repo(tmp_path):
    held = Repo(tmp_path / "repo")
    held.commit(tree(PRODUCTION, wikis=WIKIS, beta_wikis=("enwiki",)))
    return held


def test_the_table_has_a_line_a_behaviour_the_answer_and_the_share(repo):
    outcome = driftcheck("coverage", "--repo", str(repo.root), "--rev", "HEAD")
    assert (outcome.code, outcome.err) == (0, "")
    held = measured()
    lines = outcome.out.split("\n")
    assert lines[0].split() == ["model", "level", "form", "from", "production", "beta"]
    assert sum(line.endswith("none") for line in lines) == 2
    assert "2 wikis in beta would cover the rest (this is the minimum):\n  dewiki: 1 more\n" in outcome.out
    assert f"beta covers {held.covered} of {len(held.rows)} behaviours of production" in lines[-2]


def test_the_json_is_what_its_schema_says_and_the_same(repo):
    outcome = driftcheck("coverage", "--repo", str(repo.root), "--rev", "HEAD", "--format", "json")
    document = json.loads(outcome.out)
    VALIDATOR.validate(document)
    assert outcome.code == 0
    assert document["revision"] == repo.git("rev-parse", "HEAD")
    assert document["summary"]["behaviours"] == len(document["behaviours"])
    assert document["summary"]["covered"] == sum(bool(row["beta"]) for row in document["behaviours"])
    assert [row["wiki"] for row in document["cover"]["wikis"]] == ["dewiki", "plwiki"]
    assert document["cover"]["exact"]


def test_a_wiki_that_is_nowhere_is_refused_and_what_is_not_known_is_said(repo):
    outcome = driftcheck("coverage", "frwikk", "--repo", str(repo.root))
    assert (outcome.code, "did you mean frwiki" in outcome.err) == (2, True)
    repo.commit(tree(PRODUCTION + "\n'wgOresY' => [ 'default' => getenv( 'Y' ) ],", wikis=WIKIS))
    outcome = driftcheck("coverage", "--repo", str(repo.root), "--rev", "HEAD")
    assert outcome.code == 3
    assert "incomplete" in outcome.out
    assert "incomplete" in outcome.err
