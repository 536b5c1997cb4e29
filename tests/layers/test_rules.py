"""Rules: each is held to the examples on its own page; then what makes one finding out of many differences."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator
from support.examples import example_report
from support.reports import document, findings_of, report_on, run_on
from support.trees import BETA_URL, DATE, INITIALISE, LOAD, ON, OVERLAY, MemoryTree, tree

from driftcheck.core.model import MISSING, IncompleteError, Unknown
from driftcheck.core.report import narrowed
from driftcheck.core.severity import Severity
from driftcheck.engine import check
from driftcheck.layers.base import Options
from driftcheck.layers.extension import profiles
from driftcheck.layers.extension import rules as families
from driftcheck.layers.extension.read import Run
from driftcheck.layers.registry import RULES

if TYPE_CHECKING:
    from driftcheck.core.finding import Example

# Errors that a bad example brings along, because what is wrong is wrong in two ways.
EXPLAINED = {
    # The override that has no effect was the one that gave beta an address of its own.
    "override-defeated": {"shared-endpoint"},
    # A model that the extension does not know has no classes either.
    "illegal-model-name": {"model-classes-missing"},
    # What a waiver no longer or never hid is there to see.
    "waiver-expired": {"model-off-in-beta"},
    "waiver-invalid": {"model-off-in-beta"},
}
MODELS = "'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => true, 'reverted' => false, 'wp10' => false ] ],\n"
LATER = "2019-05-01"
SCHEMA = Path(__file__).parents[2] / "schemas/report-v1.schema.json"
VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


def _examples() -> list[object]:
    return [
        pytest.param(rule, kind, id=f"{rule.id} {'fires on' if kind == 'bad' else 'is silent on'} its {kind} example")
        for rule in RULES.values()
        for kind in ("bad", "good")
    ]


@pytest.mark.unmeasured
@pytest.mark.parametrize(("rule", "kind"), _examples())
def test_a_rule_keeps_the_promise_of_its_page(rule, kind):
    example: Example = getattr(rule, kind)
    report = example_report(example)
    fired = findings_of(report, rule.id)
    if kind == "good":
        assert not fired
        assert [f.rule.id for f in report.active if f.severity is Severity.ERROR] == []
        assert not report.incomplete
        return
    assert fired
    prints = _prints(report)
    assert len(prints) == len(set(prints)), "fingerprints are unique"
    assert [error.message for error in VALIDATOR.iter_errors(json.loads(json.dumps(document(report))))] == []
    others = {f.rule.id for f in report.active if f.severity is Severity.ERROR} - {rule.id}
    assert others <= EXPLAINED.get(rule.id, set())
    assert all(f.severity is rule.severity and f.message for f in fired)
    assert all(
        f.wikis or f.setting == "waivers" or f.rule.id == "expectation-unused" or f.layer != "extension" for f in fired
    )
    if rule.id != "wiki-not-in-beta":
        assert all(f.locations for f in fired), "a finding says where it stands"


def test_bad_and_good_examples_are_not_the_same():
    for rule in RULES.values():
        assert rule.bad != rule.good, rule.id
        assert all((rule.why, rule.fix, rule.summary)), rule.id


def test_every_rule_is_listed_under_its_own_id_and_every_check_only_makes_listed_rules():
    assert all(name == rule.id for name, rule in RULES.items())
    seen = {f.rule.id for rule in RULES.values() for f in example_report(rule.bad).findings}
    assert seen == set(RULES)


# -- the rules one by one ----------------------------------------------------------------------------------------------


def models(*, damaging: str = "true", goodfaith: str = "true") -> str:
    return (
        f"'wgOresModels' => [ 'default' => [ 'damaging' => {damaging}, 'goodfaith' => {goodfaith}, "
        "'reverted' => false, 'wp10' => false ] ],\n"
    )


SILENT = [
    ("a model written as a bool and as its long form", {"production": ON + MODELS, "beta": models(goodfaith="[ 'enabled' => true ]")}),
    (
        "namespaces as a map and as a list in another order",
        {
            "production": ON + models(damaging="[ 'enabled' => true, 'namespaces' => [ 0 => true, 118 => true ] ]"),
            "beta": models(damaging="[ 'enabled' => true, 'namespaces' => [ 118, 0 ] ]"),
        },
    ),
    (
        "a bound as a number and as a numeric string",
        {
            "production": ON + MODELS + "'wgOresFiltersThresholds' => [ 'default' => [ 'damaging' => [ 'maybebad' => [ 'min' => 0.5, 'max' => 1 ] ] ] ],",
            "beta": "'wgOresFiltersThresholds' => [ 'default' => [ 'damaging' => [ 'maybebad' => [ 'min' => '0.5', 'max' => '1' ] ] ] ],",
        },
    ),
    (
        "thresholds of a model that is off",
        {
            "production": ON + models(goodfaith="false") + "'wgOresFiltersThresholds' => [ 'default' => [ 'goodfaith' => [ 'likelybad' => false ] ] ],",
            "beta": "'wgOresFiltersThresholds' => [ 'default' => [ 'goodfaith' => [ 'likelybad' => [ 'min' => 0, 'max' => 0.3 ] ] ] ],",
        },
    ),
    ("an address that must differ and does", {"production": ON + MODELS}),
    ("an option that is off and one that is left out", {
        "production": ON + models(damaging="[ 'enabled' => true, 'excludeBots' => false ]"),
        "beta": models(damaging="[ 'enabled' => true ]"),
        "date": LATER,
    }),
]  # fmt: skip


@pytest.mark.parametrize("given", [case[1] for case in SILENT], ids=[f"silent about {case[0]}" for case in SILENT])
def test_two_spellings_of_one_thing_are_no_drift(given):
    given = dict(given)
    date = given.pop("date", DATE)
    drift = {
        "model-off-in-beta",
        "model-only-in-beta",
        "model-option-drift",
        "threshold-drift",
        "setting-drift",
        "shared-endpoint",
    }
    assert [f for f in report_on(tree(**given), date=date).findings if f.rule.id in drift] == []


DORMANT = [
    (
        "models that differ",
        "'wgOresModels' => [ 'default' => [ 'damaging' => true ] ],",
        "'wgOresModels' => [ 'default' => [ 'damaging' => false ] ],",
    ),
    (
        "a plain setting that differs",
        "'wgOresExcludeBots' => [ 'default' => true ],",
        "'wgOresExcludeBots' => [ 'default' => false ],",
    ),
    ("a value that breaks the schema", "'wgOresExcludeBots' => [ 'default' => 'yes' ],", ""),
    ("a value that is not known", "'wgOresWikiId' => [ 'default' => getenv( 'X' ) ],", ""),
]


@pytest.mark.parametrize(
    ("production", "beta"),
    [c[1:] for c in DORMANT],
    ids=[f"with the extension off, silent about {c[0]}" for c in DORMANT],
)
def test_settings_of_wikis_without_the_extension_are_dormant(production, beta):
    off = "'wmgUseORES' => [ 'default' => false ],\n"
    report = report_on(tree(off + production, beta))
    assert report.findings == ()
    assert report.incomplete == ()
    assert report.coverage["wikis_compared"] == 0
    assert report_on(tree(ON + MODELS + production, beta)).findings, "the same lines count where the extension is on"


def test_with_the_extension_on_in_one_realm_only_that_is_the_one_finding():
    report = report_on(tree(ON + MODELS, "'wmgUseORES' => [ 'default' => false ],\n" + models(goodfaith="false")))
    assert [f.rule.id for f in report.findings] == ["extension-off-in-beta"]


def test_a_wiki_that_beta_alone_has_is_no_finding():
    assert report_on(tree(ON + MODELS, wikis=("enwiki",), beta_wikis=("enwiki", "deploymentwiki"))).findings == ()


def test_a_wiki_that_beta_does_not_have_is_not_compared():
    report = report_on(tree(ON + MODELS, "'wgOresExcludeBots' => [ 'frwiki' => false ],", beta_wikis=("enwiki",)))
    assert {(f.rule.id, f.wikis) for f in report.findings} == {
        ("wiki-not-in-beta", ("frwiki",)),
        ("selector-unknown", ("enwiki",)),
        ("override-redundant", ("enwiki",)),
    }


def test_the_public_gateway_may_be_shared_and_a_host_of_production_may_not():
    shared = LOAD.replace("https://ores.wikimedia.org/", "https://api.wikimedia.org/service/lw/")
    assert report_on(tree(ON + MODELS, common=shared, common_labs="")).findings == ()
    own = BETA_URL.replace("ores-beta.wmflabs.org", "inference.svc.eqiad.wmnet:30443")
    assert [f.rule.id for f in report_on(tree(ON + MODELS, common_labs=own)).findings] == ["shared-endpoint"]


def test_an_unread_option_gets_the_nearest_name():
    report = report_on(tree(ON + models(damaging="[ 'enabled' => true, 'exludeBots' => true ]")), date=LATER)
    (finding,) = findings_of(report, "unknown-option")
    assert "did you mean excludeBots?" in finding.message


def test_the_option_types_counts_until_it_was_no_longer_read():
    files = tree(ON + models(damaging="[ 'enabled' => true, 'types' => [ 1 ] ]"))
    assert findings_of(report_on(files, date="2025-11-15"), "unknown-option") == []
    (finding,) = findings_of(report_on(files, date="2025-11-16"), "unknown-option")
    assert finding.path == "damaging.types"
    assert "sources" in finding.message


def test_an_override_that_says_what_the_assignment_says_is_not_defeated():
    files = tree(ON + MODELS, "'wgOresBaseUrl' => [ 'default' => 'https://ores-beta.wmflabs.org/' ],")
    assert findings_of(report_on(files), "override-defeated") == []


def test_a_setting_that_only_beta_has_is_told_with_beta_s_place_and_no_production_value():
    (finding,) = report_on(tree(ON + MODELS, "'wgOresSomething' => [ 'default' => 5 ],")).findings
    assert finding.rule.id == "setting-drift"
    assert finding.production.value is MISSING
    assert [(place.role, place.span.path) for place in finding.locations] == [("beta", OVERLAY)]
    told = document(report_on(tree(ON + MODELS, "'wgOresSomething' => [ 'default' => 5 ],")))["findings"][0]
    assert "production" not in told
    assert told["beta"] == 5


def test_null_against_absence_and_against_a_value_are_told_apart():
    production = ON + "'wgOresX' => [ 'default' => [ 'a' => null ] ],\n" + MODELS
    (finding,) = report_on(tree(production, "'wgOresX' => [ 'default' => [] ],")).findings
    assert document(report_on(tree(production, "'wgOresX' => [ 'default' => [] ],")))["findings"][0]["production"] == {
        "a": None
    }
    assert finding.setting == "wgOresX"


# -- grouping ------------------------------------------------------------------------------------------------------------

MANY = ("enwiki", "frwiki", "ruwiki", "nlwiki")


def test_one_line_of_beta_that_reaches_many_wikis_is_one_finding_with_the_wikis_sorted():
    (finding,) = report_on(tree(ON + MODELS, models(goodfaith="false"), wikis=MANY)).findings
    assert finding.wikis == ("enwiki", "frwiki", "nlwiki", "ruwiki")


def test_both_places_are_the_lines_that_decide():
    files = tree(ON + MODELS, "'wgOresExcludeBots' => [\n'default' => true,\n'frwiki' => false,\n],", wikis=MANY)
    (finding,) = report_on(files).findings
    (beta,) = [place.span for place in finding.locations if place.role == "beta"]
    assert finding.wikis == ("frwiki",)
    line = files[OVERLAY].decode().splitlines()[beta.line - 1]
    assert line == "'frwiki' => false,"
    assert (beta.column, beta.end_column) == (line.index("false") + 1, line.index("false") + 6)
    assert finding.locations[0].span == beta, "beta's place is the primary one: it is the one to change"


def test_the_same_values_on_different_lines_are_one_finding_with_the_other_lines_as_related():
    beta = "'wgOresExcludeBots' => [\n'enwiki' => false,\n'frwiki' => false,\n],"
    (finding,) = report_on(tree(ON + MODELS, beta)).findings
    assert finding.wikis == ("enwiki", "frwiki")
    lines = {place.span.line for place in finding.locations if place.span.path == OVERLAY}
    assert len(lines) == 2
    assert [place.role for place in finding.related] == ["related"]


def test_other_values_of_one_setting_are_findings_of_their_own():
    production = ON + MODELS + "'wgOresX' => [ 'default' => 1 ],"
    report = report_on(tree(production, "'wgOresX' => [ 'enwiki' => 2, 'frwiki' => 3 ],"))
    assert sorted((f.wikis, f.beta.value.data) for f in report.findings) == [(("enwiki",), 2), (("frwiki",), 3)]


def test_several_options_of_one_model_on_one_pair_of_lines_are_one_finding():
    production = ON + models(damaging="[ 'enabled' => true, 'namespaces' => [ 0 ], 'cleanParent' => true ]")
    beta = models(damaging="[ 'enabled' => true, 'namespaces' => [ 0, 1 ], 'excludeBots' => true ]")
    (finding,) = report_on(tree(production, beta), date=LATER).findings
    assert (finding.rule.id, finding.path) == ("model-option-drift", "damaging")
    assert all(name in finding.message for name in ("namespaces", "excludeBots", "cleanParent"))


def test_several_options_on_lines_of_their_own_are_findings_of_their_own():
    production = ON + models(damaging="[ 'enabled' => true,\n'namespaces' => [ 0 ],\n'cleanParent' => true ]")
    beta = models(damaging="[ 'enabled' => true,\n'namespaces' => [ 0, 1 ],\n'cleanParent' => false ]")
    report = report_on(tree(production, beta), date=LATER)
    assert sorted(f.path for f in report.findings) == ["damaging.cleanParent", "damaging.namespaces"]


def test_a_fault_that_beta_inherits_from_production_is_one_finding_at_production_s_line():
    files = tree(ON + "'wgOresExcludeBots' => [ 'default' => 'yes' ],\n" + MODELS)
    (finding,) = report_on(files).findings
    assert finding.rule.id == "schema-violation"
    assert [(place.role, place.span.path) for place in finding.locations] == [("production", INITIALISE)]


def test_a_value_that_is_not_known_and_that_beta_inherits_is_one_finding():
    report = report_on(tree(ON + MODELS + "'wgOresWikiId' => [ 'default' => getenv( 'WIKI' ) ],"))
    assert [(f.rule.id, f.wikis) for f in report.findings] == [("undetermined-value", ("enwiki", "frwiki"))]


def _prints(report) -> list[str]:
    return [finding.fingerprint for finding in report.findings]


BUSY_PRODUCTION = (
    ON
    + MODELS
    + "'wgOresX' => [ 'default' => 1 ],\n'wgOresY' => [ 'default' => [ 1, 2 ] ],\n'wgOresExcludeBots' => [ 'default' => 'yes' ],\n"
)
BUSY_BETA = (
    models(goodfaith="false")
    + "'wgOresX' => [ 'enwiki' => 2, 'frwiki' => 3 ],\n'wgOresY' => [ 'frwiki' => [ 2, 1 ] ],\n"
)


def test_fingerprints_stay_when_lines_move():
    before = report_on(tree(BUSY_PRODUCTION, BUSY_BETA))
    after = report_on(
        tree(f"// a comment\n\n\n{BUSY_PRODUCTION}", f"/* one\nmore */\n{BUSY_BETA}", before="// top\n\n")
    )
    assert _prints(before) == _prints(after)
    assert [f.locations for f in before.findings] != [f.locations for f in after.findings]


def test_fingerprints_stay_when_a_wiki_joins():
    before = report_on(tree(ON + MODELS, models(goodfaith="false"), wikis=("enwiki",)))
    after = report_on(tree(ON + MODELS, models(goodfaith="false"), wikis=MANY))
    assert _prints(before) == _prints(after)
    assert [f.wikis for f in before.findings] != [f.wikis for f in after.findings]


def test_fingerprints_are_unique_in_a_report():
    prints = _prints(report_on(tree(BUSY_PRODUCTION, BUSY_BETA, wikis=MANY)))
    assert len(prints) >= 5
    assert len(prints) == len(set(prints))


def test_fingerprints_change_with_the_values():
    one = report_on(tree(ON + MODELS, "'wgOresX' => [ 'default' => 1 ],"))
    other = report_on(tree(ON + MODELS, "'wgOresX' => [ 'default' => '1' ],"))
    assert _prints(one) != _prints(other)


def test_one_tree_gives_one_report_whatever_the_order_of_its_rows():
    rows = [MODELS, "'wgOresX' => [ 'default' => 1 ],\n", "'wgOresY' => [ 'default' => 2 ],\n"]
    beta = "'wgOresX' => [ 'default' => 2 ],\n'wgOresY' => [ 'default' => 1 ],\n"
    told = [
        [(f.rule.id, f.setting, f.wikis, f.fingerprint) for f in report_on(tree(ON + "".join(order), beta)).findings]
        for order in (rows, rows[::-1])
    ]
    assert told[0] == told[1]
    assert len(told[0]) == 2


# -- severity, holes, narrowing --------------------------------------------------------------------------------------------


def test_findings_are_told_from_the_most_severe_to_the_least():
    report = report_on(tree(BUSY_PRODUCTION, BUSY_BETA, wikis=MANY, beta_wikis=("enwiki", "frwiki")))
    severities = [f.severity for f in report.findings]
    assert severities == sorted(severities, reverse=True)
    assert set(severities) == set(Severity)


UNKNOWN_SIDES = [
    ("production", "'wgOresX' => [ 'default' => getenv( 'X' ) ],", "'wgOresX' => [ 'enwiki' => 1, 'frwiki' => 1 ],"),
    ("beta", "'wgOresX' => [ 'default' => 1 ],", "'wgOresX' => [ 'default' => getenv( 'X' ) ],"),
    ("both", "'wgOresX' => [ 'default' => getenv( 'X' ) ],", ""),
    ("a part of production", "'wgOresX' => [ 'default' => [ 'a' => [ 'b' => getenv( 'X' ) ] ] ],", ""),
    ("the switch of the extension", "'wmgUseORES' => [ 'frwiki' => getenv( 'X' ) ],", ""),
]


@pytest.mark.parametrize(
    ("production", "beta"), [c[1:] for c in UNKNOWN_SIDES], ids=[f"{c[0]} is not known" for c in UNKNOWN_SIDES]
)
def test_not_knowing_is_never_agreement(production, beta):
    on = "" if "wmgUseORES" in production else ON
    report = report_on(tree(on + MODELS + production, beta))
    assert report.incomplete
    assert any("getenv" in hole.reason and hole.span is not None for hole in report.incomplete)
    assert findings_of(report, "undetermined-value")


def test_a_hole_names_the_file_and_the_line():
    files = tree(ON + MODELS + "'wgOresX' => [\n'enwiki' => 1,\n'frwiki' => getenv( 'X' ),\n],")
    report = report_on(files)
    (hole,) = report.incomplete
    assert files[INITIALISE].decode().splitlines()[hole.span.line - 1] == "'frwiki' => getenv( 'X' ),"
    assert {wiki for f in report.findings for wiki in f.wikis} == {"frwiki"}


def test_an_unknown_value_in_one_model_does_not_hide_the_drift_in_another():
    production = ON + models(damaging="getenv( 'X' )")
    report = report_on(tree(production, models(goodfaith="false")))
    assert findings_of(report, "model-off-in-beta")[0].path == "goodfaith.enabled"
    assert findings_of(report, "undetermined-value")
    assert report.incomplete


def test_a_guard_that_is_not_known_makes_the_extension_s_loading_unknown():
    files = tree(ON + MODELS, common="if ( getenv( 'X' ) ) {\n\twfLoadExtension( 'ORES' );\n}\n")
    report = report_on(files)
    assert report.incomplete
    assert report.coverage["wikis_compared"] == 0


def test_narrowing_to_wikis_keeps_the_finding_and_its_fingerprint_and_drops_other_wikis():
    report = report_on(tree(ON + MODELS, models(goodfaith="false"), wikis=MANY))
    (finding,) = narrowed(report, ["fr*"], [], []).findings
    assert finding.wikis == ("frwiki",)
    assert finding.fingerprint == report.findings[0].fingerprint
    assert narrowed(report, ["de*"], [], []).findings == ()


def test_narrowing_to_rules_and_away_from_rules():
    report = report_on(tree(BUSY_PRODUCTION, BUSY_BETA))
    chosen = narrowed(report, [], ["setting-drift"], [])
    assert {f.rule.id for f in chosen.findings} == {"setting-drift"}
    rest = narrowed(report, [], [], ["setting-drift"])
    assert len(rest.findings) + len(chosen.findings) == len(report.findings)
    assert narrowed(report, [], [], []) is report


def test_narrowing_to_a_setting_leaves_everything_else_out():
    report = report_on(tree(BUSY_PRODUCTION, BUSY_BETA), settings=["wgOresX"])
    assert {f.setting for f in report.findings} == {"wgOresX"}


def test_policies_differ_and_ignore_are_kept():
    files = tree(ON + MODELS, "'wgOresX' => [ 'default' => 1 ],\n'wgOresY' => [ 'default' => 1 ],")
    profile = profiles.load("ores")
    assert {f.setting for f in check(Run(MemoryTree(files), Options(profile))).findings} == {"wgOresX", "wgOresY"}
    free = profile._replace(policies={**profile.policies, "wgOresX": "ignore"})
    assert {f.setting for f in check(Run(MemoryTree(files), Options(free))).findings} == {"wgOresY"}
    must = profile._replace(policies={**profile.policies, "wgOresZ": "differ"})
    same = tree(ON + MODELS + "'wgOresZ' => [ 'default' => 'http://z.example/' ],")
    (finding,) = check(Run(MemoryTree(same), Options(must))).findings
    assert (finding.rule.id, finding.setting) == ("shared-endpoint", "wgOresZ")


def test_the_profile_all_compares_every_setting_of_every_wiki_without_an_extension():
    files = tree(
        "'wgSitename' => [ 'default' => 'A' ],\n'wgLogo' => [ 'default' => '$lang' ],",
        "'wgSitename' => [ 'frwiki' => 'B' ],",
        common="$x = 1;\n",
        common_labs="$y = 1;\n",
    )
    report = report_on(files, profile="all")
    assert [(f.rule.id, f.setting, f.wikis) for f in report.findings] == [("setting-drift", "wgSitename", ("frwiki",))]
    assert report.coverage["wikis_compared"] == 2


def test_a_tree_whose_overlay_is_gone_is_not_taken_to_have_none():
    with pytest.raises(IncompleteError, match=OVERLAY):
        report_on(tree(ON + MODELS, files={OVERLAY: None}))


def test_an_unknown_stays_visible_in_the_json_report():
    told = document(report_on(tree(ON + MODELS + "'wgOresX' => [ 'default' => getenv( 'X' ) ],")))
    (finding, *_) = [f for f in told["findings"] if f["rule"] == "undetermined-value"]
    assert set(finding.get("production", finding.get("beta"))) == {"unknown"}
    assert told["incomplete"][0]["path"] == INITIALISE


def test_an_unknown_is_shown_with_its_reason():
    assert repr(Unknown("why")) == "Unknown('why')"


def test_every_family_of_rules_runs_and_those_left_out_would_say_nothing():
    """Where a schema describes the settings of an extension, some families are not even loaded."""
    folder = Path(families.__file__).parent
    written = {path.stem for path in folder.glob("*.py") if "\nCHECKS = " in path.read_text("utf-8")}
    everything = [*families.checks(profiles.load("all"))]
    assert {check.__module__.rpartition(".")[2] for check in everything} == written - {
        "loading"
    }  # it goes through lists
    context = run_on(tree(ON + MODELS, "'wgOresModels' => [ 'default' => [] ],")).comparison
    left_out = {*everything} - {*families.checks(context.profile)}
    assert left_out
    assert not [draft for check in left_out for draft in check(context)]
