"""Lift Wing's rules: a corpus of trees with what is said of them, and laws about what is not."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import FIXTURES
from support.examples import findings_on
from support.reports import run_on
from support.trees import MemoryTree, tree

from driftcheck.core.causes import join
from driftcheck.core.model import Realm, plain
from driftcheck.layers.liftwing import FOLDER, rules
from driftcheck.layers.liftwing import read as liftwing
from driftcheck.layers.liftwing.pages import (
    ENVIRONMENT_DRIFT,
    MODEL_DRIFT,
    MODEL_SPLIT,
    NOT_IN_STAGING,
    PRODUCTION_AHEAD,
)
from driftcheck.snapshot import open_snapshot

if TYPE_CHECKING:
    from pathlib import Path

CORPUS = FIXTURES / "liftwing"
TREES = sorted(path for path in CORPUS.iterdir() if path.is_dir())


def files_of(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.yaml")}


def told(findings):
    """One line a finding: rule, place, wikis, message."""
    lines = []
    for finding in findings:
        where = finding.locations[0].span
        wikis = f" [{' '.join(finding.wikis)}]" if finding.wikis else ""
        place = f"{where.path.removeprefix(f'{FOLDER}/')}:{where.line}"
        lines.append(f"{finding.rule.id} {finding.setting} {finding.path or '-'}{wikis} {place}: {finding.message}\n")
    return "".join(sorted(lines))


@pytest.mark.parametrize("folder", TREES, ids=[path.name.replace("-", " ") for path in TREES])
def test_a_tree_of_the_corpus_gets_what_it_expects(folder):
    expected = (folder / "expected.txt").read_text("utf-8")
    assert told(findings_on(files_of(folder))) == expected


def test_the_corpus_has_every_rule():
    said = "".join((folder / "expected.txt").read_text("utf-8") for folder in TREES)
    assert {line.split(" ")[0] for line in said.splitlines()} == {
        "liftwing-environment-drift",
        "liftwing-model-drift",
        "liftwing-model-split",
        "liftwing-not-in-staging",
        "liftwing-null-override",
        "liftwing-production-ahead",
        "liftwing-version-missing",
        "yaml-duplicate-key",
    }


def test_a_service_that_may_be_meant_by_an_unreadable_entry_is_not_said_to_be_absent():
    production = "inference_services: {revertrisk-wikidata: {predictor: {image: x, image_version: '1'}}}"
    for staging, absent in (("[{revertrisk-wikidata: {predictor: {image: x}}}]", False), ("[]", True)):
        files = {
            f"{FOLDER}/revertrisk/values.yaml": production,
            f"{FOLDER}/revertrisk/values-ml-staging-codfw.yaml": f"inference_services: {staging}",
        }
        charts = liftwing.load(MemoryTree(files))
        assert (NOT_IN_STAGING in {draft.rule for draft in rules.drafts(charts)}) is absent, staging
        assert bool(charts.holes) is not absent, staging


def test_a_chart_that_cannot_be_read_is_a_hole_and_the_services_are_still_compared():
    files = {
        f"{FOLDER}/x/helmfile.yaml": "chart: wmf-stable/kserve\nml-serve-eqiad ml-staging-codfw",
        f"{FOLDER}/x/values.yaml": "inference_services: {a: {predictor: {}}}",
    }
    for text, holes in (("a: {", 1), ("- a", 1), ("a: {b: 1}", 0)):
        charts = liftwing.load(MemoryTree({**files, "charts/kserve/values.yaml": text}))
        assert len(charts.holes) == holes, text
        assert [len(environment.services) for environment in charts.environments] == [1, 1], text


# -- laws --------------------------------------------------------------------------------------------------------------

NAMESPACE = f"{FOLDER}/revscoring-editquality-damaging"
ENTRY = '  - {{ wiki: "{}", version: "{}" }}\n'


def values(entries, image="2026-06-23-094330-publish", name="revscoring"):
    rows = "".join(ENTRY.format(wiki, version) for wiki, version in entries.items())
    listed = f"revscoring_inference_services:\n{rows}" if rows else "revscoring_inference_services: []\n"
    return (
        "inference:\n  s3_storage_base_uri: s3://wmf-ml-models\n  model: damaging\n"
        f"  predictor: {{ image: {name}, version: '{image}' }}\n{listed}"
    )


def findings(production, staging=None, **others):
    files = {f"{NAMESPACE}/values.yaml": production}
    if staging is not None:
        files[f"{NAMESPACE}/values-ml-staging-codfw.yaml"] = staging
    files |= {f"{NAMESPACE}/values-ml-serve-{cluster}.yaml": text for cluster, text in others.items()}
    return findings_on(files)


wikis = st.sampled_from([f"{lang}wiki" for lang in ("ar", "cs", "en", "fr", "he", "ru", "zh")])
versions = st.sampled_from(["202105140814", "20220214192144", "20230824150035"])
entries = st.dictionaries(wikis, versions, min_size=1)


@given(entries)
def test_environments_that_say_the_same_are_silent(held):
    text = values(held)
    assert findings(text) == []
    assert findings(text, text, eqiad=text, codfw=text) == []


@given(entries, entries)
def test_staging_is_held_to_production_wiki_by_wiki(ours, theirs):
    found = findings(values(ours), values(theirs))
    drifted = {wiki for finding in found if finding.rule is MODEL_DRIFT for wiki in finding.wikis}
    absent = {wiki for finding in found if finding.rule is NOT_IN_STAGING for wiki in finding.wikis}
    assert drifted == {wiki for wiki in ours.keys() & theirs.keys() if ours[wiki] != theirs[wiki]}
    assert absent == ours.keys() - theirs.keys()
    assert sum(finding.rule is NOT_IN_STAGING for finding in found) == bool(absent)
    assert {finding.rule for finding in found} <= {MODEL_DRIFT, NOT_IN_STAGING}


@given(entries, entries)
def test_a_model_of_two_namespaces_is_told_where_it_is_older_and_nowhere_where_it_is_the_same(ours, theirs):
    other = f"{FOLDER}/experimental"
    found = findings_on({f"{NAMESPACE}/values.yaml": values(ours), f"{other}/values.yaml": values(theirs)})
    assert {finding.rule for finding in found} <= {MODEL_SPLIT}
    older = {(f.setting, wiki) for f in found for wiki in f.wikis}
    assert older == {
        ("experimental" if theirs[wiki] < ours[wiki] else NAMESPACE.rpartition("/")[2], wiki)
        for wiki in ours.keys() & theirs.keys()
        if ours[wiki] != theirs[wiki]
    }


@given(entries, entries)
def test_what_two_wikis_share_is_one_finding(ours, theirs):
    drift = [f for f in findings(values(ours), values(theirs)) if f.rule is MODEL_DRIFT]
    pairs = [(plain(f.production.value), plain(f.beta.value)) for f in drift]
    assert len(pairs) == len(set(pairs))
    assert len({f.fingerprint for f in drift}) == len(drift)


DAYS = st.dates().map(lambda day: f"{day:%Y-%m-%d}-120000-publish".rjust(25, "0"))


@given(DAYS, DAYS)
def test_only_production_ahead_of_staging_is_told_and_never_both_ways(one, other):
    held = {"enwiki": "202105140814"}

    def told_of(ours, theirs):
        return [f.rule for f in findings(values(held, ours), values(held, theirs))]

    assert told_of(one, other) == ([PRODUCTION_AHEAD] if one > other else [])
    assert told_of(other, one) == ([PRODUCTION_AHEAD] if other > one else [])


UNORDERED = [
    ("a tag that is no date", {"image": "v2"}, {"image": "v1"}),
    ("a date and a tag that is none", {"image": "2026-06-23-094330-publish"}, {"image": "latest"}),
    ("a date without the time", {"image": "2026-06-23"}, {"image": "2026-06-22"}),
    ("two images", {"image": "2026-06-23-094330-publish", "name": "a"}, {"image": "2025-06-23-094330-publish", "name": "b"}),
]  # fmt: skip


@pytest.mark.parametrize(("ours", "theirs"), [case[1:] for case in UNORDERED], ids=[case[0] for case in UNORDERED])
def test_what_has_no_order_is_not_ahead(ours, theirs):
    held = {"enwiki": "202105140814"}
    assert findings(values(held, **ours), values(held, **theirs)) == []


def test_an_image_that_one_cluster_has_is_drift_whatever_its_tag():
    held = {"enwiki": "202105140814"}
    (finding,) = findings(values(held, "v1"), eqiad=values(held, "v2"))
    assert finding.rule is MODEL_DRIFT
    assert plain(finding.production.value) == {"ml-serve-eqiad": "v2", "ml-serve-codfw": "v1"}
    assert finding.locations[0].span.path.endswith("values-ml-serve-eqiad.yaml")


def test_staging_that_agrees_with_one_of_two_clusters_is_told_only_that_the_clusters_differ():
    old, new = values({"enwiki": "202105140814"}), values({"enwiki": "20220214192144"})
    (finding,) = findings(old, new, codfw=new)
    assert "ml-serve-eqiad and ml-serve-codfw" in finding.message


def test_replicas_resources_and_hosts_of_staging_are_its_own():
    production = values({"enwiki": "202105140814"}) + "    host: en.wikipedia.org\n"
    staging = (
        "inference: { predictor: { config: { maxReplicas: 1 }, container: { resources: { limits: { cpu: 3 } } } } }\n"
        "revscoring_inference_services:\n  - { wiki: enwiki, version: '202105140814', host: en.wikipedia.beta.wmflabs.org }\n"
    )
    assert findings(production.replace("    host: en.wikipedia.org\n", ""), staging) == []


# -- what the extension asks for ----------------------------------------------------------------------------------------

ON = "'wmgUseORES' => [ 'default' => true ],\n'wgOresUseLiftwing' => [ 'default' => {} ],\n"
MODELS = "'wgOresModels' => [ 'default' => [ {} ] ],\n"
OFF = "'damaging' => false, 'goodfaith' => false, 'reverted' => false, 'articlequality' => false, 'wp10' => false, 'draftquality' => false"


def asked(*models, uses="true", extra="", charts=None, realm=Realm.PRODUCTION):
    on = "".join(f", '{model}' => [ 'enabled' => true ]" for model in models)
    rows = ON.format(uses) + MODELS.format(OFF + on) + extra
    comparison = run_on(tree(rows), date="2025-06-01").comparison
    files = charts if charts is not None else {f"{NAMESPACE}/values.yaml": values({"enwiki": "1", "testwiki": "1"})}
    return join(rules.missing(comparison, realm, liftwing.load(MemoryTree(files))))


def test_a_model_that_nothing_serves_is_one_finding_with_its_wikis():
    (finding,) = asked("damaging")
    assert (finding.rule.id, finding.setting, finding.path) == ("service-model-missing", "wgOresModels", "damaging")
    assert finding.wikis == ("frwiki",)
    assert finding.production.span is not None


def test_the_wiki_id_is_what_is_asked_for():
    assert asked("damaging", extra="'wgOresWikiId' => [ 'frwiki' => 'testwiki' ],\n") == []
    (finding,) = asked("damaging", extra="'wgOresWikiId' => [ 'enwiki' => 'xxwiki', 'frwiki' => 'testwiki' ],\n")
    assert finding.wikis == ("enwiki",)
    assert "xxwiki" in finding.message


def test_only_who_uses_lift_wing_is_asked():
    assert asked("damaging", uses="false") == []


def test_one_service_of_revertrisk_answers_every_wiki_and_an_article_model_answers_none():
    risk = {
        f"{FOLDER}/revertrisk/values.yaml": "inference_services: { revertrisk-language-agnostic: { predictor: {} } }\n"
    }
    assert asked("revertrisklanguageagnostic", charts=risk) == []
    (finding,) = asked("revertrisklanguageagnostic")
    assert finding.wikis == ("enwiki", "frwiki")
    article = {f"{FOLDER}/article-models/values.yaml": "inference_services: { articlequality: { predictor: {} } }\n"}
    assert asked("articlequality", charts=article)


def test_beta_asks_production_s_services_not_those_of_staging():
    charts = {
        f"{NAMESPACE}/values.yaml": values({"enwiki": "1", "frwiki": "1"}),
        f"{NAMESPACE}/values-ml-staging-codfw.yaml": values({"enwiki": "1"}),
    }
    assert asked("damaging", charts=charts, realm=Realm.BETA) == []
    (finding,) = asked("damaging", realm=Realm.BETA)
    assert finding.wikis == ("frwiki",)


def test_a_namespace_that_cannot_be_read_is_not_taken_to_serve_nothing():
    broken = {f"{NAMESPACE}/values.yaml": "inference: [\n"}
    assert liftwing.load(MemoryTree(broken)).holes
    assert asked("damaging", charts=broken) == []


# -- the real repository ------------------------------------------------------------------------------------------------

REPO = os.environ.get("DRIFTCHECK_DEPLOYMENT_CHARTS", "")
real = pytest.mark.skipif(
    not REPO, reason="DRIFTCHECK_DEPLOYMENT_CHARTS names no clone of operations/deployment-charts"
)


def at(revision):
    with closing(open_snapshot(REPO, revision=revision)) as snapshot:
        return join(rules.drafts(liftwing.load(snapshot)))


@real
def test_the_one_drift_of_today():
    found = at("66ce6e0b56")
    (drift,) = [finding for finding in found if finding.rule not in (NOT_IN_STAGING, ENVIRONMENT_DRIFT)]
    assert (drift.rule, drift.wikis) == (MODEL_DRIFT, ("enwiki",))
    assert (plain(drift.production.value), plain(drift.beta.value)) == ("202105140814", "20220214192144")
    notes = [finding.setting for finding in found if finding.rule is NOT_IN_STAGING]
    assert len(notes) == len(set(notes)) == 9


INSTANCES = [
    ("liftwing-version-missing", "b2fa6c618", "770abd94c"),
    ("liftwing-version-missing", "9832c59b1", "342a5d146"),
    ("liftwing-null-override", "b1adef01c", "41689db53"),
    ("liftwing-production-ahead", "0bcbe1ecb", "95807080e"),
    ("liftwing-production-ahead", "0020dcfa8", "081904fa4"),
    ("liftwing-model-drift", "0c864423a", "539b8145a"),
    ("liftwing-model-drift", "aef8daf39", "9d9da4d32"),
    ("yaml-duplicate-key", "2429089a1", "5f6c2fa4f"),
]


@real
@pytest.mark.parametrize(("rule", "bad", "fixed"), INSTANCES, ids=[f"{rule} at {bad}" for rule, bad, _ in INSTANCES])
def test_an_instance_is_found_when_it_comes_and_gone_when_it_is_fixed(rule, bad, fixed):
    def prints(revision):
        return {finding.fingerprint for finding in at(revision) if finding.rule.id == rule}

    came = prints(bad) - prints(f"{bad}^")
    assert came
    assert not came & prints(fixed)
