"""What settings may stand on: the tree's own constants, the bundled ones, services, host names; and the schema's words."""

from __future__ import annotations

import pytest
from support.reports import effective, findings_of, report_on
from support.trees import COMMON, LOAD, ON, OVERLAY, MemoryTree, tree
from support.values import bare

from driftcheck.core.model import Realm, Unknown
from driftcheck.layers.base import Options
from driftcheck.layers.extension import profiles
from driftcheck.layers.extension.read import Run
from driftcheck.mediawiki.inputs import overrides

DEFINES = "tests/data/MWDefines.php"
CONSTANTS = [
    ("a constant of MediaWiki is known", "NS_TALK", None, 1),
    ("a constant of PHP is known", "PHP_INT_MAX", None, 2**63 - 1),
    ("the tree's own value counts first", "NS_TALK", "define( 'NS_TALK', 77 );", 77),
    ("the tree may have constants of its own", "MY_OWN", "define( 'MY_OWN', 'x' );", "x"),
    ("const is like define", "MY_OWN", "const MY_OWN = 3;", 3),
    ("a constant may be made of constants", "B", "define( 'A', 2 );\ndefine( 'B', A * 3 );", 6),
    ("a name may stand in double quotes", "NS_TALK", 'define( "NS_TALK", 77 );', 77),
    (
        "what defines nothing is passed over",
        "A",
        "define( , 2 );\ndefine();\ndefine( 'A' );\nconst A;\ndefine( 'A', 1 );",
        1,
    ),
    ("the first define of a name wins", "A", "define( 'A', 1 );\ndefine( 'A', 2 );", 1),
    ("a constant that the tree does not have may still be bundled", "NS_USER", "define( 'A', 1 );", 2),
]


@pytest.mark.parametrize(
    ("name", "defines", "wanted"), [case[1:] for case in CONSTANTS], ids=[case[0] for case in CONSTANTS]
)
def test_constants(name, defines, wanted):
    files = {} if defines is None else {DEFINES: f"<?php\n{defines}\n"}
    assert bare(effective(tree(f"'wgX' => [ 'default' => {name} ],", files=files), "wgX")["enwiki"]) == wanted


@pytest.mark.parametrize(
    "defines", [None, "define( 'A', B );\ndefine( 'B', A );\n"], ids=["nobody has", "is made of itself"]
)
def test_a_constant_that_has_no_value(defines):
    files = {} if defines is None else {DEFINES: f"<?php\n{defines}"}
    held = effective(tree("'wgX' => [ 'default' => A ],", files=files), "wgX")["enwiki"]
    assert isinstance(held, Unknown)
    assert held.reason
    assert held.span is not None


SERVICES = "<?php\nreturn [ 'eqiad' => [ 'x' => '{}', 'udp2log' => 'log' ], 'codfw' => [ 'x' => 'no' ] ];\n"


@pytest.mark.parametrize("prefix", ["wmf", "wmg"], ids=["under their names before 2021", "under their names since"])
def test_services_are_each_realm_s_own(prefix):
    files = {
        "wmf-config/ProductionServices.php": SERVICES.format("prod"),
        "wmf-config/LabsServices.php": SERVICES.format("beta"),
    }
    held = tree(
        f"'wgX' => [ 'default' => $GLOBALS['{prefix}LocalServices']['x'] ],\n"
        f"'wgY' => [ 'default' => $GLOBALS['{prefix}Udp2logDest'] ],",
        files=files,
    )
    assert [bare(effective(held, "wgX", realm)["enwiki"]) for realm in Realm] == ["prod", "beta"]
    assert bare(effective(held, "wgY")["enwiki"]) == "log"


def test_the_data_centre_that_somebody_names_reaches_the_arrays():
    rows = "'wgX' => [ 'default' => $GLOBALS['wmfLocalServices']['x'] . $GLOBALS['wmfDatacenter'] . $GLOBALS['wmfMasterDatacenter'] ],"
    held = MemoryTree(tree(rows, files={"wmf-config/ProductionServices.php": SERVICES.format("yes")}))
    for given, wanted in (
        ((), "yeseqiadeqiad"),
        (("env:WMF_DATACENTER=codfw",), "nocodfweqiad"),
        (("env:WMF_DATACENTER@beta=codfw",), "yeseqiadeqiad"),
        (("file:/etc/wikimedia-cluster=codfw",), "nocodfweqiad"),
        (("etcd:common/WMFMasterDatacenter=codfw",), "yeseqiadcodfw"),
    ):
        options = Options(profiles.load("all"), inputs=overrides(given))
        column = Run(held, options).realm(Realm.PRODUCTION, "arrays").stage("arrays", options.profile)["wgX"]
        assert bare(column[0]) == wanted, given


def test_services_that_nobody_has_are_holes():
    assert isinstance(
        effective(tree("'wgX' => [ 'default' => $GLOBALS['wmgLocalServices']['x'] ],"), "wgX")["enwiki"], Unknown
    )


def test_host_names_are_each_realm_s_own():
    held = tree("'wgX' => [ 'default' => $GLOBALS['wmfHostnames']['meta'] ],")
    held[COMMON] += (
        b"$wmfHostnames['meta'] = 'meta.wikimedia.org';\nif ( $wmfRealm == 'labs' ) {\n$wmfHostnames['meta'] = 'meta.wikimedia.beta.wmflabs.org';\n}\n"
    )
    assert [bare(effective(held, "wgX", realm)["enwiki"]) for realm in Realm] == [
        "meta.wikimedia.org",
        "meta.wikimedia.beta.wmflabs.org",
    ]


VIOLATIONS = [
    ("a text for a switch", "'wgOresExcludeBots' => [ 'default' => 'yes' ],", "", "expected boolean, found 'yes'"),
    ("a sensitivity that nobody knows", "'wmgOresDefaultSensitivityLevel' => [ 'default' => 'medium' ],", "", "expected one of hard, soft, softest, found 'medium'"),
    ("a model without its switch", "'wgOresModels' => [ 'default' => [ 'damaging' => [ 'namespaces' => [ 0 ] ] ] ],", "damaging", "enabled"),
    ("namespaces that are texts", "'wgOresModels' => [ 'default' => [ 'damaging' => [ 'enabled' => true, 'namespaces' => [ 'talk' ] ] ] ],", "damaging.namespaces.0", "expected integer, found 'talk'"),
    ("a level that nobody knows", "'wgOresFiltersThresholds' => [ 'default' => [ 'damaging' => [ 'likelybed' => false ] ] ],", "damaging", "likelybed"),
    ("models that are a number", "'wgOresModels' => [ 'default' => 5 ],", "", ", found 5"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("production", "path", "said"),
    [case[1:] for case in VIOLATIONS],
    ids=[f"the schema refuses {case[0]}" for case in VIOLATIONS],
)
def test_violations_name_the_path_the_wikis_and_what_was_expected(production, path, said):
    fired = findings_of(report_on(tree(ON + production), date="2019-05-01"), "schema-violation")
    (finding,) = [finding for finding in fired if said in finding.message]
    assert finding.path == path or finding.path.startswith(f"{path}.")
    assert finding.wikis == ("enwiki", "frwiki")
    assert finding.production.span is not None


def test_a_long_value_is_cut_in_the_message():
    (finding,) = findings_of(
        report_on(tree(ON + f"'wgOresExcludeBots' => [ 'default' => '{'x' * 500}' ],")), "schema-violation"
    )
    assert len(finding.message) < 150


def test_the_interface_is_told_apart_from_the_extension():
    for production, beta, rule in (
        ("true", "false", "extension-off-in-beta"),
        ("false", "true", "extension-only-in-beta"),
    ):
        files = tree(
            f"{ON}'wgOresUiEnabled' => [ 'default' => {production} ],", f"'wgOresUiEnabled' => [ 'frwiki' => {beta} ],"
        )
        (finding,) = findings_of(report_on(files), rule)
        assert (finding.setting, finding.wikis) == ("wgOresUiEnabled", ("frwiki",))
        assert finding.beta.span.path == OVERLAY


def test_classes_of_a_model_that_is_off_are_dormant():
    models = "'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => {}, 'reverted' => false, 'wp10' => false ] ],\n"
    beta = "'wgOresModelClasses' => [ 'default' => [ 'goodfaith' => [ 'false' => 7, 'true' => 1 ] ] ],"
    told = {
        switch: [f for f in report_on(tree(ON + models.format(switch), beta)).findings if f.rule.id == "setting-drift"]
        for switch in ("true", "false")
    }
    assert [f.path for f in told["true"]] == ["goodfaith.false"]
    assert told["false"] == []


def test_an_address_that_is_none_is_not_production_s():
    labs = "if ( $wmgUseORES ) {\n\t$wgOresBaseUrl = 'http://[broken';\n}\n"
    assert findings_of(report_on(tree(ON, common_labs=labs)), "shared-endpoint") == []


def test_beta_s_file_is_loaded_where_it_is_required_and_not_where_a_comment_names_it():
    for comment in ("# not in CommonSettings-labs.php\n", "/*\n * require CommonSettings-labs.php\n */\n"):
        assert findings_of(report_on(tree(ON, common=comment + LOAD)), "shared-endpoint") == [], comment


def test_with_the_profile_all_a_value_that_varies_by_wiki_is_one_finding_with_the_values_of_each():
    files = tree(
        "'wgExample' => [ 'default' => '$lang.example' ],",
        "'wgExample' => [ 'default' => '$lang.beta.example' ],",
        common="$x = 1;\n",
        common_labs="$y = 1;\n",
    )
    (finding,) = report_on(files, profile="all").findings
    assert finding.wikis == ("enwiki", "frwiki")
    assert {(held.wikis, held.production.data, held.beta.data) for held in finding.values} == {
        (("enwiki",), "en.example", "en.beta.example"),
        (("frwiki",), "fr.example", "fr.beta.example"),
    }
