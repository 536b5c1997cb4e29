"""The services in every command: trees that are a service's, repositories beside the extension's configuration, and the hook."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import html5lib
import pytest
from jsonschema import Draft202012Validator
from support import FIXTURES
from support.cli import driftcheck
from support.git import Repo, write
from support.trees import BETA_URL, DATE, NEW, OLD, ON, charts, service, tree

from driftcheck.core import resources
from driftcheck.layers import BY_NAME, LAYERS
from driftcheck.layers.registry import RULES
from driftcheck.report import FORMATS

MODELS = "'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => true, 'reverted' => false, 'wp10' => false ] ],\n"
EXTENSION = tree(ON + MODELS, common_labs=BETA_URL)
BOTH = {"enwiki": ["damaging", "goodfaith"], "frwiki": ["damaging", "goodfaith"]}
DAY = ("--extension-date", DATE)


@pytest.fixture
def at(tmp_path):
    """A folder with the extension's configuration, both services and the charts, all alike."""
    write(EXTENSION, tmp_path / "mc")
    write(service(**BOTH), tmp_path / "production")
    write(service(**BOTH), tmp_path / "beta")
    write(charts(), tmp_path / "charts")
    return tmp_path


def told(at, *arguments, code=0):
    done = driftcheck("check", *arguments, "--no-cache", "--format", "json", cwd=at)
    assert done.code == code, done.err + done.out
    held = json.loads(done.out)
    Draft202012Validator(resources.schema("report-v1")).validate(held)
    return held


def rules(held, state="active"):
    return sorted((f["rule"], tuple(f["wikis"])) for f in held["findings"] if f["disposition"]["state"] == state)


BESIDE = ("--production-service", "production", "--beta-service", "beta", "--liftwing", "charts")


def test_trees_that_are_alike_have_no_finding_in_any_layer(at):
    held = told(at, "--repo", "mc", *DAY, *BESIDE)
    assert rules(held) == []
    assert {(s["layer"], s["realm"], s["path"]) for s in held["snapshots"]} == {
        (layer, realm, path)
        for layer, paths in (
            ("extension", ("mc", "mc")), ("service", ("production", "beta")), ("liftwing", ("charts", "charts"))
        )
        for realm, path in zip(("production", "beta"), paths, strict=True)
    }  # fmt: skip
    assert held["coverage"]["contexts_compared"] == 2


def test_what_the_extension_asks_for_and_the_service_does_not_serve_is_an_error(at):
    write(service(enwiki=["damaging", "goodfaith"], frwiki=["damaging"]), at / "beta")
    held = told(at, "--repo", "mc", *DAY, *BESIDE, code=1)
    assert ("service-model-missing", ("frwiki",)) in rules(held)
    assert ("service-drift", ("frwiki",)) in rules(held)
    (missing,) = [f for f in held["findings"] if f["rule"] == "service-model-missing"]
    assert missing["layer"] == "service"


def test_a_service_s_own_tree_is_checked_as_it_is(at):
    write(service(enwiki=["damaging=goodfaith", "goodfaith"]), at / "production")
    assert ("service-model-swapped", ("enwiki",)) in rules(told(at, "--repo", "production", code=1))
    held = told(at, "--repo", "beta", "--production-service", "production", code=1)
    assert {"service-model-swapped", "service-drift"} <= {rule for rule, _ in rules(held)}
    (drift,) = [f for f in held["findings"] if f["rule"] == "service-drift" and "frwiki" in f["wikis"]]
    assert drift["locations"][0]["path"] in ("config/00-main.yaml", "production/config/00-main.yaml")


def test_charts_are_checked_as_they_are(at):
    write(charts(production=OLD), at / "charts")
    held = told(at, "--repo", "charts")
    assert [rule for rule, _ in rules(held)] == ["liftwing-model-drift"]
    assert held["findings"][0]["layer"] == "liftwing"


def test_a_comment_signs_for_a_service_s_drift_in_its_own_repository_alone(at):
    write(charts(production=OLD), at / "charts")
    path = at / "charts/helmfile.d/ml-services/revscoring-editquality-goodfaith/values-ml-staging-codfw.yaml"
    signed = "# driftcheck: allow liftwing-model-drift until 2999-01-01 (T361117, ml-team): canary"
    path.write_text(path.read_text().replace(f'"{NEW}"', f'"{NEW}"  {signed}'))
    assert rules(told(at, "--repo", "charts"), "waived") == [("liftwing-model-drift", ("enwiki",))]
    held = told(at, "--repo", "mc", *DAY, "--liftwing", "charts")
    assert rules(held, "waived") == [("liftwing-model-drift", ("enwiki",))]


def test_a_waiver_of_a_layer_that_was_not_read_is_not_unused(at):
    row = "- rule: {}\n  reason: r\n  owner: o\n  until: 2999-01-01\n"
    text = "waivers:\n" + "".join(
        row.format(rule) for rule in ("service-drift", "liftwing-model-drift", "setting-drift")
    )
    write({".driftcheck/waivers.yaml": text}, at / "mc")
    unused = {f["message"] for f in told(at, "--repo", "mc", *DAY)["findings"] if f["rule"] == "waiver-unused"}
    assert unused == {"the waiver of setting-drift matches no finding"}
    held = told(at, "--repo", "mc", *DAY, *BESIDE)
    assert len([f for f in held["findings"] if f["rule"] == "waiver-unused"]) == 3


def test_every_format_has_every_layer(at):
    write(service(enwiki=["damaging"], frwiki=["damaging", "goodfaith"]), at / "beta")
    write(charts(production=OLD), at / "charts")
    pairs = [part for form in FORMATS for part in ("--format", form, "--output", f"out.{form}")]
    done = driftcheck("check", "--repo", "mc", *DAY, *BESIDE, "--no-cache", *pairs, cwd=at)
    assert done.code == 1, done.err
    for form in FORMATS:
        text = (at / f"out.{form}").read_text()
        assert "service-model-missing" in text, form
        assert "liftwing-model-drift" in text, form
    assert ET.parse(at / "out.junit").getroot() is not None
    page = html5lib.parse((at / "out.html").read_text(), treebuilder="lxml", namespaceHTMLElements=False)
    assert "contexts" in "".join(page.xpath("//table//th[@scope='col']//text()"))


@pytest.mark.parametrize("repo", ["production", "charts"])
def test_a_page_of_a_service_alone_has_its_wikis(at, repo):
    done = driftcheck("check", "--repo", repo, "--no-cache", "--format", "html", cwd=at)
    assert done.code == 0, done.err
    html5lib.HTMLParser(strict=True).parse(done.out)


def test_a_revision_and_a_day_of_each_repository(tmp_path):
    mc, ores = Repo(tmp_path / "mc"), Repo(tmp_path / "ores")
    for repo, before, after in ((mc, EXTENSION, EXTENSION), (ores, service(**BOTH), service(enwiki=["damaging"]))):
        old = repo.commit(before, date="2017-11-20T10:00:00Z")
        repo.commit({**after, "README": "x\n"}, date="2017-11-22T10:00:00Z")
    at = ("--repo", "mc", "--production-service")
    assert rules(told(tmp_path, *at, "ores", "--at", "2017-11-21")) == []
    assert {rule for rule, _ in rules(told(tmp_path, *at, "ores", "--at", "2017-11-23", code=1))} == {
        "service-model-missing"
    }
    assert rules(told(tmp_path, *at, "ores", "--at", "2017-11-22T09:59:59Z")) == []
    assert {rule for rule, _ in rules(told(tmp_path, *at, "ores", "--at", "2017-11-22T10:00:00", code=1))} == {
        "service-model-missing"
    }
    assert rules(told(tmp_path, *at, f"ores@{old}", *DAY)) == []
    for arguments, said in (
        (("ores", "--at", "2017-11-01"), "no commit at 2017-11-01T23:59:59+00:00 or before"),
        (("ores", "--at", "yesterday"), "not a date"),
        (("ores@HEAD", "--at", "2017-11-21"), "use either a revision or --at"),
        (("ores", "--at", "2017-11-21", "--rev", "HEAD"), "use only one of"),
        (("nowhere",), "no such directory"),
        (("mc",), "nothing of the service layer in it"),
    ):
        done = driftcheck("check", *at, *arguments, cwd=tmp_path)
        assert done.code in (2, 3)
        assert said in done.err
        assert done.err.count("\n") == 1


def test_show_and_explain_answer_about_services(at):
    write(service(enwiki=["damaging"], frwiki=["damaging", "goodfaith"]), at / "beta")
    done = driftcheck("show", "--repo", "production", "enwiki", cwd=at)
    assert set(json.loads(done.out)["enwiki"]["models"]) == {"damaging", "goodfaith"}
    done = driftcheck("show", "--repo", "mc", *DAY, *BESIDE, "--layer", "service", "--realm", "beta", cwd=at)
    assert set(json.loads(done.out)["enwiki"]["models"]) == {"damaging"}
    done = driftcheck("show", "--repo", "charts", "--realm", "beta", cwd=at)
    assert json.loads(done.out)["ml-staging-codfw"]["enwiki-goodfaith"]["version"] == NEW
    done = driftcheck("explain", "enwiki", "contexts.models.goodfaith", "--repo", "mc", *BESIDE, cwd=at)
    assert "production/config/00-main.yaml:" in done.out
    assert "beta: no value" in done.out
    assert "The realms differ." in done.out
    done = driftcheck("explain", "enwiki-goodfaith", "version", "--repo", "charts", cwd=at)
    assert f'ml-serve-eqiad and ml-serve-codfw: "{NEW}"' in done.out
    assert f'ml-staging-codfw: "{NEW}"' in done.out
    assert "The realms agree." in done.out
    for command in (("show", "dewiki"), ("explain", "dewiki", "contexts.models")):
        done = driftcheck(*command, "--repo", "production", cwd=at)
        assert (done.code, done.err.count("\n")) == (2, 1)
        assert "dewiki: " in done.err


def test_a_configuration_file_names_the_repositories(at):
    write(service(enwiki=["damaging"]), at / "production")
    (at / "mc/driftcheck.yaml").write_text("production-service: ../production\n")
    assert {rule for rule, _ in rules(told(at, "--repo", "mc", *DAY, code=1))} == {"service-model-missing"}


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        (service(**BOTH), service(enwiki=["damaging=goodfaith", "goodfaith"]), "service-model-swapped"),
        (charts(), charts(staging=OLD), "liftwing-model-drift"),
    ],
    ids=["an ORES configuration", "deployment-charts"],
)
def test_since_blames_a_commit_to_a_service_for_what_it_brings(tmp_path, before, after, rule):
    repo = Repo(tmp_path / "repo")
    repo.commit(before)
    write(after, repo.root)
    repo.git("add", "-A")
    common = ("--repo", str(repo.root), "--staged", "--since", "HEAD", "--fail-on", "warning")
    assert rule in {name for name, _ in rules(told(tmp_path, *common, code=1))}
    repo.commit()
    assert rules(told(tmp_path, *common)) == []


def two_namespaces():
    """Charts in which staging lacks a service that is of no wiki."""
    above = "helmfile.d/ml-services/revertrisk"
    row = "inference_services:\n  {}:\n    predictor:\n      image: x\n      image_version: 2024-01-01-120000-publish\n"
    return {
        **charts(),
        f"{above}/helmfile.yaml": "environments:\n  ml-serve-eqiad:\n  ml-serve-codfw:\n  ml-staging-codfw:\n",
        f"{above}/values.yaml": row.format("language-agnostic") + row.format("wikidata").partition("\n")[2],
        f"{above}/values-ml-staging-codfw.yaml": "inference_services:\n  wikidata: null\n",
    }


def test_a_finding_of_no_wiki_is_told_and_can_be_signed_for(at):
    write(two_namespaces(), at / "charts")
    found = [f for f in told(at, "--repo", "charts")["findings"] if f["wikis"] == []]
    assert found
    rows = "".join(
        f"- rule: {f['rule']}\n  reason: r\n  owner: o\n  until: 2999-01-01\n  setting: {f['setting']}\n" for f in found
    )
    write({".driftcheck/waivers.yaml": f"waivers:\n{rows}"}, at / "charts")
    held = told(at, "--repo", "charts")
    assert {
        f["disposition"]["state"] for f in held["findings"] if f["wikis"] == [] and f["rule"] != "waiver-unused"
    } == {"waived"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--repo", "charts", "--wiki", "enwki"), "did you mean enwiki"),
        (("--repo", "production", "--wiki", "dewiki"), "no such wiki"),
        (("--repo", "charts", "--setting", "wgOres*"), "leave out --setting"),
        (
            ("--repo", "production", "--statistics", str(FIXTURES / "statistics-2017-11-20")),
            "leave out --statistics",
        ),
    ],
)
def test_what_would_be_silently_left_out_is_refused(at, arguments, said):
    done = driftcheck("check", *arguments, cwd=at)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert said in done.err


def test_a_bare_repository_wants_a_revision(tmp_path):
    repo = Repo(tmp_path / "repo")
    repo.commit(charts())
    repo.git("clone", "-q", "--bare", ".", str(tmp_path / "bare"))
    done = driftcheck("check", "--repo", "bare", cwd=tmp_path)
    assert (done.code, "name a revision with --rev" in done.err) == (2, True)
    assert driftcheck("check", "--repo", "bare", "--rev", "HEAD", cwd=tmp_path).code == 0


def test_a_finding_about_a_waiver_is_of_the_layer_that_the_waiver_is_about(at):
    row = "- rule: {}\n  reason: r\n  owner: o\n  until: 2999-01-01\n"
    text = "waivers:\n" + "".join(row.format(rule) for rule in ("liftwing-model-drift", "yaml-duplicate-key"))
    write({".driftcheck/waivers.yaml": text + "- rule: nothing\n"}, at / "charts")
    held = told(at, "--repo", "charts", "--fail-on", "never")
    assert {f["layer"] for f in held["findings"]} == {"liftwing"}
    assert rules(held) == [("waiver-invalid", ()), ("waiver-unused", ()), ("waiver-unused", ())]
    write({".driftcheck/waivers.yaml": text}, at / "mc")
    held = told(at, "--repo", "mc", *DAY, *BESIDE)
    assert {(f["message"].split()[3], f["layer"]) for f in held["findings"]} == {
        ("liftwing-model-drift", "liftwing"),
        ("yaml-duplicate-key", "service"),
    }


def test_every_layer_is_a_value_of_the_schema_and_every_option_of_one_a_key_of_the_configuration():
    assert resources.schema("report-v1")["$defs"]["layer"]["enum"] == list(BY_NAME)
    options = {beside.option for layer in LAYERS for beside in layer.beside}
    assert options <= set(resources.schema("configuration-v1")["properties"])


def test_every_layer_reads_the_rules_that_say_they_look_at_it():
    named = {layer for rule in RULES.values() for layer in rule.layers}
    assert named == set(BY_NAME)
    assert [rule.id for layer in LAYERS for rule in layer.rules() if layer.name not in rule.layers] == []
