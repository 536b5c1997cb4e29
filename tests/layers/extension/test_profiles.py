"""Profiles: the bundled ones and a user's own have one format, and the worked example of docs/profiles.md does what it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from support import ROOT
from support.cli import driftcheck
from support.git import write
from support.trees import BETA_URL, DATE, MemoryTree, tree

from driftcheck.cli import configuration
from driftcheck.cli.asked import Asked
from driftcheck.cli.reading import reading
from driftcheck.core import resources
from driftcheck.core.model import InputError, plain
from driftcheck.engine import check
from driftcheck.layers.base import Options
from driftcheck.layers.extension import profiles
from driftcheck.layers.extension.read import Run

PAGE = (ROOT / "docs/profiles.md").read_text("utf-8")
LOAD = "if ( $wmgEnablePageTriage ) {\n\twfLoadExtension( 'PageTriage' );\n}\n"
ON = "'wmgEnablePageTriage' => [ 'default' => false, 'enwiki' => true ],\n"


def block(language):
    return re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[1]


@pytest.fixture
def profile(tmp_path):
    """The example of the page, written out."""
    (tmp_path / "pagetriage.yaml").write_text(block("yaml"))
    (tmp_path / "pagetriage.schema.json").write_text(block("json"))
    return tmp_path / "pagetriage.yaml"


def findings(profile, production, beta="", date=DATE):
    files = tree(ON + production, beta, common=LOAD)
    report = check(Run(MemoryTree(files, date), Options(profiles.load(str(profile)))))
    assert report.incomplete == ()
    return {(f.rule.id, f.setting): f for f in report.findings}


@pytest.mark.parametrize("name", profiles.BUNDLED)
def test_the_bundled_profiles_have_the_published_format(name):
    held = json.loads((Path(profiles.__file__).parent / f"{name}.json").read_text("utf-8"))
    Draft202012Validator(resources.schema("profile-v1")).validate(held)


def test_drift_of_another_extension_is_found(profile):
    found = findings(
        profile,
        "'wgPageTriageMaxAge' => [ 'default' => 90 ], 'wgPageTriageDraftNamespaceId' => [ 'default' => 118 ],\n",
        "'wgPageTriageMaxAge' => [ 'default' => 30 ], 'wgPageTriageDraftNamespaceId' => [ 'default' => 2 ],\n",
    )
    assert set(found) == {("setting-drift", "wgPageTriageDraftNamespaceId")}, "the age is ignored"


def test_an_extension_that_one_realm_loads_is_told_at_its_switch(profile):
    found = findings(profile, "", "'wmgEnablePageTriage' => [ 'frwiki' => true ],\n")
    assert set(found) == {("extension-only-in-beta", "wmgEnablePageTriage")}
    assert found["extension-only-in-beta", "wmgEnablePageTriage"].beta.span is not None


def test_an_implied_value_is_no_drift(profile):
    name = "wgPageTriageEnableExtendedFeatures"
    assert findings(profile, "", f"'{name}' => [ 'default' => true ],\n") == {}
    assert set(findings(profile, "", f"'{name}' => [ 'default' => false ],\n")) == {("setting-drift", name)}


def test_its_schema_makes_spellings_equal_and_refuses_what_nobody_reads(profile):
    production = "'wgPageTriageNamespaces' => [ 'default' => [ 0 => true, 118 => true ] ],\n"
    beta = "'wgPageTriageNamespaces' => [ 'default' => [ 118, 0 ] ],\n"
    assert findings(profile, production, beta, "2016-01-01") == {}, "before its defaults are known"
    assert {rule for rule, _ in findings(profile, production, beta)} >= {"int-keys-renumbered"}, "they meet [ 0 ]"
    found = findings(profile, "'wgPageTriageMaxAge' => [ 'default' => 'ninety' ],\n")
    assert set(found) == {("schema-violation", "wgPageTriageMaxAge")}
    assert "expected integer" in found["schema-violation", "wgPageTriageMaxAge"].message


def test_a_default_of_the_extension_stands_where_it_is_loaded(profile):
    found = findings(profile, "", "'wgPageTriageNamespaces' => [ 'default' => [ 2 => 118 ] ],\n")
    drift = found["setting-drift", "wgPageTriageNamespaces"]
    assert drift.production.span.path.endswith("/CommonSettings.php")


def test_its_policies_and_hosts_hold(profile):
    profile.write_text(profile.read_text().replace("wgPageTriageMaxAge: ignore", "wgPageTriageUrl: differ"))
    found = findings(profile, "'wgPageTriageUrl' => [ 'default' => 'https://x.wmnet' ],\n")
    assert set(found) == {("shared-endpoint", "wgPageTriageUrl")}


def test_its_rules_are_the_only_ones_that_run_beside_the_one_that_says_what_is_not_known(profile):
    profile.write_text(profile.read_text() + "rules: [extension-off-in-beta]\n")
    drift = "'wgPageTriageDraftNamespaceId' => [ 'default' => 2 ],\n"
    assert findings(profile, "", drift) == {}
    files = tree(ON + "'wgPageTriageX' => [ 'default' => getenv( 'X' ) ],\n", drift, common=LOAD)
    report = check(Run(MemoryTree(files), Options(profiles.load(str(profile)))))
    assert {finding.rule.id for finding in report.findings} == {"undetermined-value"}
    assert report.incomplete != ()


def test_an_extension_has_its_own_defaults_and_no_other_ones(profile):
    run = Run(MemoryTree(tree(ON, common=LOAD)), Options(profiles.load(str(profile))))
    assert "wgPageTriageNamespaces" in run.defaults.entries
    assert not any(name.startswith("wgOres") for name in run.defaults.entries)


def test_the_content_of_a_profile_and_of_its_schema_is_part_of_the_question(profile):
    def question():
        return Run(MemoryTree(tree(ON)), Options(profiles.load(str(profile)))).question()

    before = question()
    schema = profile.parent / "pagetriage.schema.json"
    schema.write_text(schema.read_text().replace('"minimum": 1', '"minimum": 2'))
    assert question() != before


FAULTS = {
    "a key that is not there": ("settigns: [x]\nname: a\n", r"p.yaml:1: unknown key 'settigns'; did you mean settings\?"),
    "a policy of another word": ("name: a\nsettings: [x]\npolicies:\n  wgX: maybe\n", r"p.yaml:4: policies: 'maybe' is not one of"),
    "no settings": ("name: a\n", r"p.yaml: settings is missing"),
    "an empty list of settings": ("name: a\nsettings: []\n", r"p.yaml:2: settings: "),
    "an empty glob": ("name: a\nsettings: ['']\n", r"p.yaml:2: settings: "),
    "an element that is none": ("name: a\nsettings: [x]\nelements: [y]\n", r"p.yaml:3: elements: "),
    "a name that is none": ("name: A b\nsettings: [x]\n", r"p.yaml:1: name: "),
    "a list": ("- a\n", r"p.yaml: a profile is expected"),
    "nothing": ("", r"p.yaml: a profile is expected"),
    "no YAML": ("a: [\n", r"p.yaml:\d: .*correct the YAML"),
    "a schema that is not there": ("name: a\nsettings: [x]\nschema: y.json\n", r"y.json: No such file"),
    "a schema that is not published": ("name: a\nsettings: [x]\nschema: ores\n", r"ores: no such schema; there are"),
    "a schema that is no JSON": ("name: a\nsettings: [x]\nschema: ./p.json\n", r"p.json: not JSON"),
    "a schema without properties": ("name: a\nsettings: [x]\nschema: q.json\n", r"q.json: a JSON schema with properties"),
    "a schema that names what is not there": ("name: a\nsettings: [x]\nschema: s.json\n", r"s.json: s.json#/x names no part of the schema"),
    "a schema that breaks its draft": ("name: a\nsettings: [x]\nschema: r.json\n", r"r.json: not a JSON schema"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), FAULTS.values(), ids=FAULTS)
def test_what_is_no_profile_is_refused_with_its_place(text, said, tmp_path):
    (tmp_path / "p.yaml").write_text(text)
    (tmp_path / "p.json").write_text("{")
    (tmp_path / "q.json").write_text("{}")
    (tmp_path / "r.json").write_text('{"properties": {"a": {"type": "nothing"}}}')
    (tmp_path / "s.json").write_text('{"properties": {"a": {"$ref": "s.json#/x"}}}')
    with pytest.raises(InputError, match=said):
        profiles.load(str(tmp_path / "p.yaml"))


def test_a_coercion_that_nobody_has_is_refused(profile):
    schema = profile.parent / "pagetriage.schema.json"
    schema.write_text(schema.read_text().replace('"x-coerce": "namespaces"', '"x-coerce": "upper"'))
    with pytest.raises(InputError, match="namespaces: no such x-coerce: upper; there are models"):
        check(Run(MemoryTree(tree(ON, common=LOAD)), Options(profiles.load(str(profile)))))


def test_a_name_that_is_not_bundled_says_what_there_is():
    with pytest.raises(InputError, match=r"ore: no such profile; the bundled ones are ores and all"):
        profiles.load("ore")


def test_a_configuration_file_names_a_profile_from_where_it_is(tmp_path, profile):
    (tmp_path / "driftcheck.yaml").write_text(f"profile: ./{profile.name}\n")
    named = configuration.defaults(tmp_path / "driftcheck.yaml")["profile"]
    assert profiles.load(named).name == "pagetriage"
    for named, meant in (("tables", str(tmp_path / "tables")), ("https://x.example/", "https://x.example/")):
        (tmp_path / "driftcheck.yaml").write_text(f"statistics: {named}\n")
        assert configuration.defaults(tmp_path / "driftcheck.yaml") == {"statistics": meant}
    (tmp_path / "driftcheck.yaml").write_text("profile: all\n")
    assert configuration.defaults(tmp_path / "driftcheck.yaml") == {"profile": "all"}


def test_a_rule_that_nobody_has_is_refused(profile, tmp_path):
    profile.write_text(profile.read_text() + "rules: [extension-of-in-beta]\n")
    asked = Asked(repo=str(tmp_path), profile=str(profile))
    with pytest.raises(InputError, match="did you mean extension-off-in-beta"), reading(asked):
        pass


UNUSED = """waivers:
- {rule: model-off-in-beta, setting: wgOresModels, path: reverted.enabled, reason: r, owner: o, until: 2999-01-01}
- {rule: setting-drift, setting: wgOresX, reason: r, owner: o, until: 2999-01-01}
- {rule: setting-drift, setting: wgEchoX, reason: r, owner: o, until: 2999-01-01}
- {rule: override-defeated, reason: r, owner: o, until: 2999-01-01}
"""


@pytest.mark.parametrize(
    ("profile", "unused"),
    [
        ("ores", [("model-off-in-beta", 2), ("override-defeated", 5), ("setting-drift", 3)]),
        ("renamed", [("model-off-in-beta", 2), ("override-defeated", 5), ("setting-drift", 3)]),
        ("all", [("override-defeated", 5), ("setting-drift", 3), ("setting-drift", 4)]),
        ("echo", [("setting-drift", 4)]),
    ],
)
def test_a_waiver_is_unused_where_the_profile_would_find_what_it_is_about(tmp_path, profile, unused):
    bundled = json.loads((Path(profiles.__file__).parent / "ores.json").read_text())
    own = {"renamed": bundled | {"name": "renamed"}, "echo": {"name": "echo", "settings": ["wgEcho*"]}}
    for name, data in own.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(data))
    write(
        {
            **tree("'wmgUseORES' => [ 'default' => true ],\n'wgEchoA' => [ 'default' => 1 ],\n", common_labs=BETA_URL),
            ".driftcheck/waivers.yaml": UNUSED,
        },
        tmp_path / "mc",
    )
    named = str(tmp_path / f"{profile}.json") if profile in own else profile
    done = driftcheck("check", "--repo", str(tmp_path / "mc"), "--profile", named, "--no-cache", "--format", "json",
                      "--extension-date", DATE, "--fail-on", "never")  # fmt: skip
    found = [f for f in json.loads(done.out)["findings"] if f["rule"] == "waiver-unused"]
    assert sorted((f["message"].split()[3], f["locations"][0]["line"]) for f in found) == unused


def test_what_a_profile_implies_is_the_value_of_the_realm_that_says_nothing(tmp_path):
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"name": "x", "settings": ["wgX*"], "implied_values": {"wgXa": False}}))
    run = Run(MemoryTree(tree("", "'wgXa' => [ 'default' => true ],\n"), DATE), Options(profiles.load(str(path))))
    (finding,) = check(run).findings
    assert (plain(finding.production.value), plain(finding.beta.value)) == (False, True)
    told = [answer.value for answer in run.explain("enwiki", "wgXa").answers]
    assert [plain(value) for value in told] == [False, True]
