"""Nothing false: what is not known is never read as off, nothing that differs is dropped, and places are those that decided."""

from __future__ import annotations

import json

import pytest
from support import FIXTURES
from support.reports import findings_of, judged, report_on
from support.trees import COMMON, COMMON_LABS, INITIALISE, LOAD, ON, OVERLAY, tree

from driftcheck.core.model import IncompleteError, Realm
from driftcheck.core.report import narrowed, settled
from driftcheck.core.severity import Severity

MODELS = "'wgOresModels' => [ 'default' => [ 'damaging' => {}, 'goodfaith' => {}, 'reverted' => false, 'wp10' => false ] ],\n"
BOTH = ON + MODELS.format("true", "true")
LATER = "2019-05-01"


def own(tmp_path, **profile):
    """The name of a profile's file."""
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"name": "x", "settings": ["wgX*"], **profile}))
    return str(path)


# -- what is not known -------------------------------------------------------------------------------------------------

WHERE_UNKNOWN = {
    "a model": MODELS.format("true", "$x"),
    "the switch of a model": MODELS.format("true", "[ 'enabled' => $x ]"),
    "all models": "'wgOresModels' => [ 'default' => $x ],\n",
    "the interface": "'wgOresUiEnabled' => [ 'default' => $x ],\n",
    "the extension": "'wmgUseORES' => [ 'default' => $x ],\n",
    "thresholds": "'wgOresFiltersThresholds' => [ 'default' => $x ],\n",
    "a threshold": "'wgOresFiltersThresholds' => [ 'default' => [ 'goodfaith' => [ 'likelybad' => $x ] ] ],\n",
}


@pytest.mark.parametrize("where", WHERE_UNKNOWN)
@pytest.mark.parametrize("realm", list(Realm))
def test_what_is_not_known_is_undetermined_and_nothing_else(where, realm):
    beta = WHERE_UNKNOWN[where] if realm is Realm.BETA else ""
    models = "" if "wgOresModels" in WHERE_UNKNOWN[where] else MODELS.format("true", "true")
    plain = BOTH if realm is Realm.BETA else ON + models + WHERE_UNKNOWN[where]
    certain = {f.rule.id for f in report_on(tree(BOTH)).findings}
    report = report_on(tree(plain, beta))
    assert report.incomplete
    assert {f.rule.id for f in report.findings} - certain <= {"undetermined-value"}


@pytest.mark.parametrize("path", [INITIALISE, OVERLAY, COMMON, COMMON_LABS])
def test_a_file_with_a_syntax_error_has_no_findings_and_its_line_comes_first(path):
    files = tree(BOTH, MODELS.format("true", "false"))
    at = files[path].rindex(b"]") if path in (INITIALISE, OVERLAY) else len(files[path])
    wrong = b"'wgOresX' => [ 'default' => => ],\n" if path in (INITIALISE, OVERLAY) else b"$wgOresX = = 1;\n"
    report = report_on({**files, path: files[path][:at] + wrong + files[path][at:]})
    assert (report.incomplete[0].span.path, report.incomplete[0].reason[:12]) == (path, "syntax error")
    assert {f.rule.id for f in report.findings if f.beta.span or f.rule.compares} == set()


def test_a_syntax_error_in_a_part_of_the_table_is_told_at_its_line():
    era = FIXTURES / "mediawiki/eras/e7-2026"
    files = {path.relative_to(era).as_posix(): path.read_bytes() for path in era.rglob("*.*") if path.is_file()}
    for path in ("wmf-config/core-Namespaces.php", "wmf-config/ext-ORES.php", "wmf-config/logos.php"):
        with pytest.raises(IncompleteError, match=rf"^{path}:\d+: syntax error"):
            report_on({**files, path: files[path] + b"$x = ;\n"})


def test_a_nested_part_that_is_not_known_is_no_difference(tmp_path):
    row = "'wgXmap' => [ 'default' => [ 'a' => 'b', 'key' => $x ] ],\n"
    report = report_on(tree(ON + row), profile=own(tmp_path))
    assert {f.rule.id for f in report.findings} == {"undetermined-value"}


# -- false clean -------------------------------------------------------------------------------------------------------


ELEMENTS = {
    "both": ("$wgXtpl['cx'] = 'p';\n", "$wgXtpl['cx'] = 'b';\n"),
    "production": ("if ( $wmgRealm === 'production' ) {\n\t$wgXtpl['cx'] = 'p';\n}\n", ""),
    "beta": ("", "$wgXtpl['cx'] = 'b';\n"),
}


@pytest.mark.parametrize("where", ELEMENTS)
def test_an_array_that_only_elements_make_is_compared(tmp_path, where):
    common, labs = ELEMENTS[where]
    (finding,) = findings_of(
        report_on(tree(ON, common=common, common_labs=labs), profile=own(tmp_path)), "setting-drift"
    )
    assert {place.span.path for place in finding.locations} == {
        path for path, text in ((COMMON, common), (COMMON_LABS, labs)) if text
    }


def test_a_profile_without_a_schema_compares_models_and_thresholds_too():
    report = report_on(tree(BOTH, MODELS.format("true", "false")), profile="all")
    assert "wgOresModels" in {f.setting for f in findings_of(report, "setting-drift")}


def test_wikis_that_only_production_has_are_compared_with_nothing():
    report = report_on(tree(ON, wikis=("enwiki", "cswiki"), beta_wikis=("enwiki",)), profile="all")
    narrow = narrowed(report, ["cswiki"], (), ())
    assert narrow.coverage["wikis_compared"] == 0
    assert [hole.reason for hole in narrow.incomplete] == [
        "nothing to compare: no wiki of cswiki is compared in both realms"
    ]
    assert narrowed(report, ["enwiki"], (), ()).incomplete == ()
    assert narrowed(report, ["enwiki"], (), ()).coverage["wikis_compared"] == 1


def test_whether_the_extension_is_loaded_counts_whatever_setting_was_asked_for():
    files = tree(BOTH, "'wmgUseORES' => [ 'default' => $x ],\n")
    assert report_on(files, settings=["wgOresModels"]).incomplete


# -- places ------------------------------------------------------------------------------------------------------------


def test_a_line_that_takes_a_setting_away_is_beta_s_place(tmp_path):
    report = report_on(
        tree(ON + "'wgXm' => [ 'default' => 1 ],\n", "'wgXm' => [ 'default' => null ],\n"), profile=own(tmp_path)
    )
    (finding,) = findings_of(report, "setting-drift")
    assert finding.beta.span.path == OVERLAY


USES = ["$wgXm ?: 'fallback'", '"Beta $wgXm"', "$wgXm . 'x'", "is_string( $wgXm ) ? 1 : 2"]


@pytest.mark.parametrize("right", [*(f"= {use}" for use in USES), ".= 'x'"])
def test_an_assignment_that_uses_the_override_does_not_defeat_it(tmp_path, right):
    files = tree(
        ON + "'wgXm' => [ 'default' => 'p' ],\n", "'-wgXm' => [ 'default' => '' ],\n", common_labs=f"$wgXm {right};\n"
    )
    assert findings_of(report_on(files, profile=own(tmp_path)), "override-defeated") == []


@pytest.mark.parametrize("realm", list(Realm))
def test_a_defeated_override_has_the_later_statement_as_a_place_and_never_an_absent_side_beside_it(tmp_path, realm):
    later = {"common" if realm is Realm.PRODUCTION else "common_labs": "$wgXm = 'later';\n"}
    report = report_on(tree(ON, "'-wgXm' => [ 'default' => 'b' ],\n", **later), profile=own(tmp_path))
    (finding,) = findings_of(report, "override-defeated")
    path = COMMON if realm is Realm.PRODUCTION else COMMON_LABS
    assert path in {place.span.path for place in finding.locations}
    assert (finding.production.span is not None) == (realm is Realm.PRODUCTION)


FRENCH = "'wgOresFiltersThresholds' => [ 'default' => [ 'goodfaith' => [ 'likelybad' => [ 'min' => 0, 'max' => 0.1 ] ] ] ],\n"


def test_one_edit_is_one_error_and_its_advice_leaves_production_alone():
    report = report_on(tree(BOTH + FRENCH, MODELS.format("true", "false")))
    (error,) = [f for f in report.findings if f.severity is Severity.ERROR]
    assert error.rule.id == "model-off-in-beta"
    (note,) = findings_of(report, "threshold-for-disabled-model")
    assert (note.severity, note.beta.span.path) == (Severity.NOTE, OVERLAY)
    assert "leave them" in note.rule.fix
    repaired = report_on(tree(BOTH + FRENCH, MODELS.format("true", "true")))
    assert findings_of(repaired, "threshold-for-disabled-model") + findings_of(repaired, "model-off-in-beta") == []


def test_thresholds_that_beta_has_for_itself_and_no_model_for_are_an_error():
    report = report_on(tree(BOTH, MODELS.format("true", "false") + FRENCH))
    assert [f.severity for f in findings_of(report, "threshold-for-disabled-model")] == [Severity.ERROR]


# -- accepting ---------------------------------------------------------------------------------------------------------

UNKNOWN_ROW = "'wgXu' => [ 'default' => $x ],\n"
UNTIL = "until 2999-01-31 (ores-team): it comes from elsewhere"


def test_a_hole_that_is_waived_leaves_the_run_complete(tmp_path):
    waiver = f"// driftcheck: allow undetermined-value {UNTIL}\n"
    report = judged(tree(ON + waiver + UNKNOWN_ROW), profile=own(tmp_path))
    assert report.incomplete
    assert settled(report).incomplete == ()
    assert settled(judged(tree(ON + UNKNOWN_ROW), profile=own(tmp_path))).incomplete


def test_a_hole_that_a_policy_or_the_command_line_ignores_is_none(tmp_path):
    assert report_on(tree(ON + UNKNOWN_ROW), profile=own(tmp_path, policies={"wgX*": "ignore"})).incomplete == ()
    report = report_on(tree(ON + UNKNOWN_ROW), profile=own(tmp_path))
    assert narrowed(report, (), (), ["undetermined-value"]).incomplete == ()
    assert narrowed(report, (), ["setting-drift"], ()).incomplete


MAPS = (
    ON + "'wgXm' => [ 'default' => [ 'k' => 1, 'l' => 1 ] ],\n",
    "'wgXm' => [ 'default' => [ 'k' => {}, 'l' => {} ] ],\n",
)


@pytest.mark.parametrize(("values", "state"), [((2, 1), "waived"), ((2, 2), "active")])
def test_a_waiver_s_path_is_a_part_of_a_value(tmp_path, values, state):
    waiver = f"// driftcheck: allow setting-drift for wgXm.k {UNTIL}\n"
    report = judged(tree(MAPS[0], waiver + MAPS[1].format(*values)), profile=own(tmp_path))
    (finding,) = findings_of(report, "setting-drift")
    assert finding.disposition.state == state
    unused = [found.message for found in findings_of(report, "waiver-unused")]
    wider = (
        "the waiver of setting-drift matches no finding, for wgXm differs in more than k: waive the whole difference"
    )
    assert unused == ([wider] if state == "active" else [])


@pytest.mark.parametrize("profile", ["own", "all"])
@pytest.mark.parametrize("named", ["", " for wgXm"])
def test_a_waiver_that_matches_nothing_is_unused_in_every_profile(tmp_path, profile, named):
    waiver = f"// driftcheck: allow setting-drift{named} {UNTIL}\n"
    files = tree(MAPS[0], waiver + MAPS[1].format(1, 1))
    report = judged(files, profile=own(tmp_path) if profile == "own" else profile)
    assert len(findings_of(report, "waiver-unused")) == 1
    narrow = judged(files, profile=own(tmp_path), settings=["wgXm"])
    assert len(findings_of(narrow, "waiver-unused")) == 1
    assert findings_of(judged(files, profile=own(tmp_path), settings=["wgXn"]), "waiver-unused") == []


# -- policies and hosts ------------------------------------------------------------------------------------------------


def test_production_s_hosts_count_without_a_policy(tmp_path):
    row = "'wgXurl' => [ 'default' => [ 'search' => [ 'http://search.example.org:9200' ] ] ],\n"
    assert findings_of(report_on(tree(ON + row), profile=own(tmp_path)), "shared-endpoint") == []
    named = own(tmp_path, production_hosts=["*.example.org"])
    assert [f.setting for f in findings_of(report_on(tree(ON + row), profile=named), "shared-endpoint")] == ["wgXurl"]


def test_a_policy_may_name_settings_by_a_glob(tmp_path):
    row = "'wgXurl' => [ 'default' => 'https://a.example.org' ],\n"
    differ = own(tmp_path, policies={"wgX*": "differ"})
    assert len(findings_of(report_on(tree(ON + row), profile=differ), "shared-endpoint")) == 1
    same = own(tmp_path, policies={"wgX*": "differ", "wgXurl": "same"})
    assert findings_of(report_on(tree(ON + row), profile=same), "shared-endpoint") == []


# -- user options ------------------------------------------------------------------------------------------------------

OFF_LEVEL = "'wgOresFiltersThresholds' => [ 'default' => [ 'damaging' => [ 'likelybad' => false ] ] ],\n"


@pytest.mark.parametrize("option", ["oresDamagingPref", "rcOresDamagingPref"])
@pytest.mark.parametrize(("chosen", "fires"), [("soft", True), ("hard", False)])
def test_a_user_option_s_default_may_name_a_level_that_is_off(option, chosen, fires):
    common = LOAD + f"$wgDefaultUserOptions['{option}'] = '{chosen}';\n"
    report = report_on(tree(BOTH + OFF_LEVEL, common=common))
    assert bool(findings_of(report, "sensitivity-level-disabled")) == fires


def test_a_statement_that_changes_an_array_is_the_place_of_its_realm(tmp_path):
    rows = "'wgXlist' => [ 'default' => [ 'a' ] ],\n'wgXmap' => [ 'default' => [ 'k' => 1, 'n' => [ 1 ] ] ],\n"
    for statement in ("$wgXlist[] = 'b';", "$wgXmap['k'] = 2;", "$wgXmap['n'][] = 2;"):
        report = report_on(tree(rows, common_labs=statement), profile=own(tmp_path))
        (finding,) = findings_of(report, "setting-drift")
        assert finding.beta.span.path == COMMON_LABS, statement
        assert finding.production.span.path == INITIALISE, statement


def test_a_list_with_names_in_it_is_no_map_that_registration_renumbers():
    for keys, fires in (("0 => true, 'a' => true, 1 => true", False), ("'a' => true, 5 => true", True)):
        files = tree(ON + f"'wgOresEnabledNamespaces' => [ 'default' => [], 'frwiki' => [ {keys} ] ],\n")
        assert bool(findings_of(report_on(files), "int-keys-renumbered")) is fires, keys
