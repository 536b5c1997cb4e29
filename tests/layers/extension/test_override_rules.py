"""The rules about overrides, hosts and loading: one corpus of rows and statements, each with all that is said of it."""

from __future__ import annotations

from support.reports import findings_of, report_on
from support.trees import COMMON, tree

from driftcheck.core.severity import Severity

RULES = (
    "override-shadowed",
    "override-redundant",
    "override-unread",
    "override-defeated",
    "selector-unknown",
    "shared-endpoint",
    "extension-off-in-beta",
    "extension-only-in-beta",
)
HEAD = "'wgServer' => [ 'default' => '//$lang.example.org' ],\n"
REQUIRED = "<?php\nif ( $wmgRealm == 'labs' ) {{ require __DIR__ . '/CommonSettings-labs.php'; }}\n{}"


def said(production="", beta="", common="", labs="", *, profile="all", date="2026-08-01", **more):
    """{(rule, setting, path): (its wikis, its message)} of the rules in question."""
    files = tree(HEAD + production, beta, common, labs or "$wgTmp = 1;\n", **more)
    report = report_on(files, profile=profile, date=date)
    assert not report.incomplete
    return {
        (f.rule.id, f.setting, f.path): (f.wikis, f.message)
        for f in report.findings
        if f.rule.id in RULES and f.setting != "wgTmp"
    }


SHADOWED = ("override-shadowed", "wgMaxCredits", "")
REDUNDANT = ("override-redundant", "wgMaxCredits", "")
UNREAD = "override-unread"
ROWS = [
    ("a wiki's key of production wins over beta's default", "[ 'default' => 1, 'enwiki' => 2 ]", "[ 'default' => 3 ]", {SHADOWED}),
    ("a family's key too", "[ 'default' => 1, 'wiki' => 2 ]", "[ 'default' => 3, 'frwiki' => 4 ]", {SHADOWED, ("override-redundant", "wgMaxCredits", "default")}),
    ("nothing is lost where the values agree", "[ 'default' => 1, 'enwiki' => 3 ]", "[ 'default' => 3 ]", set()),
    ("nor where both have the key", "[ 'default' => 1, 'enwiki' => 2 ]", "[ 'default' => 3, 'enwiki' => 4 ]", set()),
    ("nor where production's key is of no wiki of beta", "[ 'default' => 1, 'dewiki' => 2 ]", "[ 'default' => 3 ]", set()),
    ("a + key merges, and does not win", "[ 'default' => [ 1 ], '+enwiki' => [ 2 ] ]", "[ 'default' => [ 3 ] ]", set()),
    ("a row that says what production says", "[ 'default' => 1 ]", "[ 'default' => 1 ]", {REDUNDANT}),
    ("one whose type differs is another", "[ 'default' => 1 ]", "[ 'default' => '1' ]", set()),
    ("one whose order differs is another", "[ 'default' => [ 'a' => 1, 'b' => 2 ] ]", "[ 'default' => [ 'b' => 2, 'a' => 1 ] ]", set()),
    ("null where production has nothing", "[ 'enwiki' => null ]", "[ 'default' => null ]", {REDUNDANT}),
    ("null that takes a value away", "[ 'default' => 1 ]", "[ 'default' => null ]", set()),
    ("a selector that changes nothing", "[ 'default' => 1 ]", "[ 'default' => 2, 'enwiki' => 2 ]", {("override-redundant", "wgMaxCredits", "enwiki")}),
    ("of two that could go alone and not together, one", "[ 'default' => 1, 'wiki' => 2 ]", "[ 'wiki' => 3, 'enwiki' => 3, 'frwiki' => 3 ]", {("override-redundant", "wgMaxCredits", "wiki")}),
    ("a row that production's keys defeat everywhere", "[ 'default' => 1, 'enwiki' => 2, 'frwiki' => 2 ]", "[ 'default' => 3 ]", {SHADOWED, REDUNDANT}),
    ("a wiki that beta does not have", "[ 'default' => 1 ]", "[ 'default' => 2, 'dewiki' => 3 ]", {("selector-unknown", "wgMaxCredits", "dewiki")}),
    ("no selector", "[ 'default' => 1 ]", "[ 'default' => 2, 5 ]", {("selector-unknown", "wgMaxCredits", "0")}),
    ("a + key whose value is no array", "[ 'default' => false ]", "[ '+enwiki' => true ]", {REDUNDANT, ("selector-unknown", "wgMaxCredits", "+enwiki")}),
    ("it is told once", "[ 'default' => 1 ]", "[ 'default' => 2, '+enwiki' => 3 ]", {("selector-unknown", "wgMaxCredits", "+enwiki")}),
    ("a default that would be merged", "[ 'default' => [ 1 ] ]", "[ 'default' => [ 2 ], '+default' => [ 3 ] ]", {("selector-unknown", "wgMaxCredits", "+default")}),
]  # fmt: skip


def test_a_row_of_the_overlay():
    for name, production, beta, expected in ROWS:
        found = said(f"'wgMaxCredits' => {production},\n", f"'wgMaxCredits' => {beta},\n")
        assert set(found) == expected, name


def test_a_pinned_row_says_so_and_nothing_is_shadowed():
    found = said("'wgMaxCredits' => [ 'default' => 1, 'enwiki' => 1 ],\n", "'-wgMaxCredits' => [ 'default' => 1 ],\n")
    assert set(found) == {REDUNDANT}
    assert "its - keeps it so" in found[REDUNDANT][1]


def test_a_shadowed_row_names_its_wikis_and_is_an_error_where_hosts_are_at_stake():
    hosts = (
        "'wgMaxCredits' => [ 'default' => '', 'enwiki' => 'https://intake.wikimedia.org/x' ],\n",
        "'wgMaxCredits' => [ 'default' => 'https://intake.wikimedia.beta.wmcloud.org/x' ],\n",
    )
    (finding,) = findings_of(report_on(tree(HEAD + hosts[0], hosts[1]), profile="all"), "override-shadowed")
    assert (finding.wikis, finding.severity) == (("enwiki",), Severity.ERROR)
    assert finding.beta.span.path.endswith("-labs.php")
    numbers = "'wgMaxCredits' => [ 'default' => 1, 'enwiki' => 2 ],\n", "'wgMaxCredits' => [ 'default' => 3 ],\n"
    (finding,) = findings_of(report_on(tree(HEAD + numbers[0], numbers[1]), profile="all"), "override-shadowed")
    assert finding.severity is Severity.WARNING


def test_a_row_that_is_no_array_reaches_no_wiki():
    report = report_on(tree(HEAD, "'wgMaxCredits' => 'x',\n"), profile="all")
    (finding,) = findings_of(report, "selector-unknown")
    assert "is no array of selectors" in finding.message


# -- names -------------------------------------------------------------------------------------------------------------

NAMES = [
    ("wmgGone", "2026-08-01", "nothing reads wmgGone"),
    ("wmgMaxCredits", "2026-08-01", "did you mean wgMaxCredits?"),
    ("MaxCredits", "2026-08-01", "did you mean wgMaxCredits?"),
    ("wgMaxCredit", "2026-08-01", "did you mean wgMaxCredits?"),
    ("wgOresExtensionStatus", "2018-03-01", "ORES has not read wgOresExtensionStatus since 2018-01-12"),
    ("wgOresExtensionStatus", "2018-01-12", "has not read"),
    ("wgOresExtensionStatus", "2018-01-11", ""),
    ("wgOresExtensionStatus", "2017-06-01", ""),
    ("wgMaxCredits", "2026-08-01", ""),
    ("wgMaxCredits", "9999-12-31", ""),
    ("wgOresModels", "9999-12-31", ""),
    ("wgSomethingOfAnExtensionThatIsNotKnown", "2026-08-01", ""),
    ("wmgAsked", "2026-08-01", ""),
]


def test_a_name_that_nothing_reads():
    for name, date, expected in NAMES:
        found = said(beta=f"'{name}' => [ 'default' => 7 ],\n", common="$wgTmp = $wmgAsked ?? 1;\n", date=date)
        messages = [message for (rule, setting, _), (_, message) in found.items() if rule == UNREAD and setting == name]
        assert [expected in message for message in messages] == [True] * bool(expected), (name, date, messages)


def test_a_row_that_nothing_reads_is_not_told_as_shadowed_too():
    found = said("'wmgGone' => [ 'default' => 1, 'enwiki' => 2 ],\n", "'wmgGone' => [ 'default' => 3 ],\n")
    assert set(found) == {(UNREAD, "wmgGone", "")}


def test_a_statement_that_takes_a_row_s_value_means_just_that():
    row, labs = "'wmgDsnOfUnknown' => [ 'default' => 'x' ],\n", "$wgDsnOfUnknown = $wmgDsnOfUnknown;\n"
    assert said(beta=row, labs=labs) == {}


def test_the_build_of_wikibase_asks_switches():
    row = "'wmgUseArticlePlaceholder' => [ 'default' => true ],\n"
    build = {"wmf-config/Wikibase.php": b'<?php\nrequire_once "$IP/extensions/Wikidata/Wikidata.php";\n'}
    assert set(said(beta=row)) == {(UNREAD, "wmgUseArticlePlaceholder", "")}
    assert said(beta=row, files=build) == {}


# -- statements --------------------------------------------------------------------------------------------------------


def test_a_statement_of_beta_s_file_that_changes_nothing():
    common = "$wgMaxCredits = 5;\n$wgHooks = [ 'a' => 1 ];\nwfLoadExtension( 'Xt' );\n"
    labs = (
        "$wgMaxCredits = 5;\n$wgHooks['a'] = 1;\n$wgHooks['b'] = 2;\nwfLoadExtension( 'Xt' );\n"
        "if ( $wgMaxCredits === 6 ) { $wgMaxAge = 1; }\n"
    )
    assert set(said(common=common, labs=labs)) == {
        REDUNDANT,
        ("override-redundant", "wgHooks", "a"),
        ("override-redundant", "@Xt-extension-loaded", ""),
        ("override-redundant", "wgMaxAge", ""),
    }


def test_a_statement_of_beta_s_file_that_production_overwrites_later():
    labs = "$wgMaxCredits = 2;\n"
    over, onto = (
        {COMMON: REQUIRED.format(then)} for then in ("$wgMaxCredits = 1;\n", "$wgMaxCredits = $wgMaxCredits + 1;\n")
    )
    assert set(said(labs=labs, files=over)) == {("override-defeated", "wgMaxCredits", "")}
    assert said(labs=labs, files=onto) == {}


def test_an_assignment_that_a_condition_on_the_override_decides_does_not_defeat_it():
    rows = "'wgMaxCredits' => [ 'default' => 5 ],\n", "'wgMaxCredits' => [ 'default' => false ],\n"
    assert said(*rows, "if ( $wgMaxCredits === false ) { $wgMaxCredits = 7; }\n") == {}
    assert set(said(*rows, "if ( $wgDBname ) { $wgMaxCredits = 7; }\n")) >= {("override-defeated", "wgMaxCredits", "")}


def test_a_statement_that_another_file_repeats_later():
    labs, then = "$wgMaxCredits = 2;\n", "$wgMaxCredits = 2;\n"
    assert set(said(labs=labs, files={COMMON: REQUIRED.format(then)})) == {REDUNDANT}
    assert said(labs=labs + "$wgMaxAge = $wgMaxCredits;\n", files={COMMON: REQUIRED.format(then)}) == {}


def test_a_row_whose_value_is_assigned_anyway_is_redundant_and_one_that_is_read_before_is_not():
    row = "'wgMaxCredits' => [ 'default' => 1 ],\n"
    assert set(said(beta=row, common="$wgMaxCredits = 1;\n")) == {REDUNDANT}
    assert set(said(beta=row, common="$wgMaxAge = $wgMaxCredits;\n$wgMaxCredits = 1;\n")) == set()


# -- hosts -------------------------------------------------------------------------------------------------------------

HOSTS = [
    ("'https://search.discovery.wmnet:9243'", "", True),
    ("[ 'a' => [ 'http://localhost:6041/sparql' ] ]", "0", True),
    ("'127.0.0.1:6041'", "", True),
    ("'http://localhost:6254'", "", False),
    ("'http://localhost:8080'", "", False),
    ("'https://en.wikipedia.org'", "", False),
    ("'wmnet'", "", False),
    ("'labmon1001.eqiad.wmnet'", "", False),
    ("'udp://cloudmetrics1001.eqiad.wmnet:8125'", "", False),
]


def test_an_internal_host_of_production_anywhere_in_beta_s_value():
    services = b"<?php\nreturn [ 'eqiad' => [ 'x' => 'localhost:6254', 'statsd' => 'labmon.eqiad.wmnet' ] ];\n"
    for value, _, fires in HOSTS:
        files = tree(HEAD + f"'wgMaxCredits' => [ 'default' => {value} ],\n", common="$wgTmp = 1;\n")
        files["wmf-config/LabsServices.php"] = services
        found = findings_of(report_on(files, profile="all"), "shared-endpoint")
        assert [f.setting for f in found] == ["wgMaxCredits"] * fires, value


INHERITED = [
    ("'wgTopics'", "[ 'default' => [ 'p' => [ 'eqiad.', 'codfw.' ] ] ]", "", ("wgTopics", "p.1", "note")),
    ("'wgTopics'", "[ 'default' => [ 'eqiad.', 'codfwx' ] ]", "", None),
    ("'wgXtApiUrl'", "[ 'default' => 'https://fr.example.org/w/api.php' ]", "", ("wgXtApiUrl", "", "note")),
    ("'wgXtApiUrl'", "[ 'default' => 'https://elsewhere.example.org/w/api.php' ]", "", None),
    (
        "'wgXtApiUrl'",
        "[ 'default' => 'https://fr.example.org/w' ]",
        "[ 'default' => 'https://fr.example.org/w' ]",
        None,
    ),
    ("'wgXtHelpPage'", "[ 'default' => 'https://fr.example.org/wiki/Help' ]", "", None),
    (
        "'wgXtRemote'",
        "[ 'default' => [ 'r' => [ 'url' => 'https://fr.example.org/w/api.php' ] ] ]",
        "",
        ("wgXtRemote", "r.url", "note"),
    ),
    ("'wgXtIssuer'", "[ 'default' => 'https://fr.example.org' ]", "", ("wgXtIssuer", "", "error")),
    (
        "'wgXtIssuer'",
        "[ 'default' => 'https://fr.example.org' ]",
        "[ 'default' => 'https://fr.beta.example.org' ]",
        None,
    ),
]


def test_what_beta_inherits_and_production_alone_has():
    hosts = "'wgCanonicalServer' => [ 'default' => 'https://$lang.{}example.org' ],\n"
    for name, production, beta, expected in INHERITED:
        files = tree(
            HEAD + hosts.format("") + f"{name} => {production},\n",
            hosts.format("beta.") + (f"{name} => {beta},\n" if beta else ""),
            "$wgTmp = 1;\n",
        )
        files["wmf-config/ProductionServices.php"] = (
            b"<?php\nreturn [ 'eqiad' => [ 'x' => 'a' ], 'codfw' => [ 'x' => 'b' ] ];\n"
        )
        files["wmf-config/LabsServices.php"] = b"<?php\nreturn [ 'eqiad' => [ 'x' => 'c' ] ];\n"
        found = findings_of(report_on(files, profile="all"), "shared-endpoint")
        assert [(f.setting, f.path, f.severity.name.lower()) for f in found] == [expected] * bool(expected), production


LATE = (
    (
        "$wgXtPath = '/static';\n$wgXtSkins = \"{$wgXtPath}/skins\";\n",
        "$wgXtPath = '/w';\n",
        "wgXtSkins is made of its old value",
    ),
    (
        "$wgXtPath = 'a';\n$wgXtSkins = $wgXtPath;\n$wgXtMore = [ $wgXtPath ];\n",
        "$wgXtPath = 'b';\n",
        "wgXtMore and wgXtSkins are made",
    ),
    ("$wgXtPath = '/static';\n$wgXtSkins = \"{$wgXtPath}/skins\";\n", "$wgXtPath = '/w';\n$wgXtSkins = '/s';\n", ""),
    ("$wgXtPath = '/w';\n$wgXtSkins = \"{$wgXtPath}/skins\";\n", "$wgXtPath = '/w';\n", ""),
    ("$wgXtPath = '/static';\n$wgXtSkins = $wgXtPathOther ?? 1;\n", "$wgXtPath = '/w';\n", ""),
    ("$wgXtPath = '/static';\n", "$wgXtPath = '/w';\n", ""),
)


def test_what_beta_assigns_after_another_setting_was_made_of_it():
    for before, labs, expected in LATE:
        common = f"<?php\n// require CommonSettings-labs.php\n{before}{REQUIRED.format('')[6:]}$wgXtLast = $wgXtPath;\n"
        found = said(labs=labs, files={COMMON: common})
        messages = [message for (rule, _, _), (_, message) in found.items() if rule == "override-defeated"]
        assert [expected in message for message in messages] == [True] * bool(expected), (before, labs, messages)


def test_a_difference_stands_where_its_parts_are_written():
    common = "$wgXtMap['a'] = 1;\n$wgXtMap['b'] = 2;\n"
    labs = "$wgXtMap['b'] = 3;\n$wgXtMap['c'] = 4;\n"
    report = report_on(
        tree(HEAD, "", files={COMMON: f"<?php\n{common}{REQUIRED.format('')[6:]}"}, common_labs=labs), profile="all"
    )
    (finding,) = [one for one in report.findings if one.setting == "wgXtMap"]
    places = [(location.role, location.span.path.rpartition("/")[2]) for location in finding.locations]
    assert places == [("beta", "CommonSettings-labs.php"), ("production", "CommonSettings.php")]


def test_what_one_realm_alone_assigns_names_the_statement():
    row = "'wmgXtOn' => [ 'default' => 'on' ],\n"
    common = "if ( $wmgRealm !== 'labs' ) {\n\t$wgXtOn = $wmgXtOn;\n}\n"
    report = report_on(tree(HEAD + row, "", common), profile="all")
    (finding,) = [one for one in report.findings if one.setting == "wgXtOn"]
    places = [(location.role, location.span.path.rpartition("/")[2]) for location in finding.locations]
    assert places == [("production", "InitialiseSettings.php"), ("related", "CommonSettings.php")]


def test_ids_of_the_wikidata_that_beta_does_not_have():
    hosts = "'wgCanonicalServer' => [ 'default' => 'https://$lang.{}example.org', 'wikidatawiki' => 'https://d.{}example.org' ],\n"
    many = "".join(f"'wgXtId{name}' => [ 'default' => 'Q1{name}' ],\n" for name in range(10, 17))
    for production, beta, expected in (
        ("'wgTopic' => [ 'default' => 'Q31' ],\n", "", ["wgTopic"]),
        ("'wgTopic' => [ 'default' => [ 'P180' => 1 ] ],\n", "", ["wgTopic.P180"]),
        ("'wgTopic' => [ 'default' => 'Q31' ],\n", "'wgTopic' => [ 'default' => 'Q31' ],\n", []),
        ("'wgTopic' => [ 'default' => 'Q3 1' ],\n", "", []),
        ("'wmgTopic' => [ 'default' => 'Q31' ],\n", "", ["wmgTopic"]),
        (many, "", [f"wgXtId{name}" for name in range(10, 17)]),
    ):
        files = tree(
            HEAD + hosts.format("", "") + production, hosts.format("beta.", "beta.") + beta, "$wgTopics = $wmgTopic;\n"
        )
        for realm in ("", "-labs"):
            name = f"dblists/all{realm}.dblist"
            files[name] += b"wikidatawiki\n"
        found = findings_of(report_on(files, profile="all"), "shared-endpoint")
        assert [f"{f.setting}.{f.path}".strip(".") for f in found] == expected, production
        assert {f.severity for f in found} <= {Severity.NOTE}


# -- loading -----------------------------------------------------------------------------------------------------------


def test_what_one_realm_alone_loads_is_one_finding_a_switch():
    row = "'wmgUseXt' => [ 'default' => {} ],\n"
    common = "if ( $wmgUseXt ) { wfLoadExtension( 'Xt' ); wfLoadSkin( 'Xs' ); }\n"
    off = said(row.format("true"), row.format("false"), common)
    assert off == {
        ("extension-off-in-beta", "wmgUseXt", ""): (
            ("enwiki", "frwiki"),
            "Xt and the skin Xs are loaded in production and not in beta",
        )
    }
    old = 'if ( $wmgUseXt ) { require_once "$IP/extensions/Xt/Xt.php"; }\n'
    assert set(said(row.format("true"), row.format("false"), old)) == {("extension-off-in-beta", "wmgUseXt", "")}
    within = tree(
        HEAD + row.format("true"),
        row.format("false"),
        'if ( $wmgUseXt ) { include "$wmfConfigDir/Xt.php"; }\n',
        "$wgTmp = 1;\n",
        files={"wmf-config/Xt.php": "<?php\nwfLoadExtension( 'Xt' );\n$wgXtMax = 1;\n"},
    )
    found = report_on(within, profile="all", date="2026-08-01").findings
    assert [(f.rule.id, f.setting) for f in found if f.setting != "wgTmp"] == [("extension-off-in-beta", "wmgUseXt")]
    only = said(labs="wfLoadExtension( 'Xt' );\n")
    assert list(only) == [("extension-only-in-beta", "@Xt-extension-loaded", "")]


def test_a_row_for_a_wiki_that_does_not_load_the_extension():
    common = "if ( $wmgUseXt ) { wfLoadExtension( 'GrowthExperiments' ); }\n"
    row = "'wgGEHelpPanelSearchForeignAPI' => [ 'enwiki' => [ 1 ], 'frwiki' => [ 2 ] ],\n"
    for switch, wikis in (
        ("[ 'default' => true ]", ()),
        ("[ 'enwiki' => true ]", ("frwiki",)),
        ("[ 'default' => false ]", ("enwiki", "frwiki")),
    ):
        beta = f"'-wmgUseXt' => {switch},\n" + row
        production = HEAD + "'wmgUseXt' => [ 'default' => true ],\n"
        found = findings_of(report_on(tree(production, beta, common), profile="all", date="2026-08-01"), "dead-config")
        assert [(f.setting, f.wikis) for f in found] == [("wgGEHelpPanelSearchForeignAPI", wikis)] * bool(wikis), switch


def test_a_statement_whose_extension_is_loaded_nowhere():
    labs = "if ( $wmgUseXt ) { $wgGEHelpPanelSearchForeignAPI = [ 1 ]; }\n"
    load = "if ( $wgDBname === 'enwiki' ) { wfLoadExtension( 'GrowthExperiments' ); }\n"
    listed = {"wmf-config/extension-list-labs": "$IP/extensions/GrowthExperiments/extension.json\n"}
    for name, common, files, wikis in (
        ("listed, and loaded nowhere", "", listed, ("enwiki", "frwiki")),
        ("it may be loaded by another name", "", {}, ()),
        ("loaded on a wiki on which it runs", load, listed, ()),
        ("what is not followed may load it", "require '/srv/other.php';\n", listed, ()),
    ):
        head = HEAD + "'wmgUseXt' => [ 'default' => true ],\n"
        report = report_on(tree(head, "", common, labs, files=files), profile="all", date="2026-08-01")
        assert [f.wikis for f in findings_of(report, "dead-config")] == [wikis] * bool(wikis), name


def test_what_these_rules_tell_is_known_to_the_rule_on_drift():
    from support.reports import run_on

    from driftcheck.layers.extension.rules.told import told

    row = "'wmgUseXt' => [ 'default' => {} ],\n"
    common = "if ( $wmgUseXt ) { wfLoadExtension( 'Xt' ); }\n"
    run = run_on(tree(HEAD + row.format("true"), row.format("'' "), common), profile="all")
    assert told(run.comparison) == {("wmgUseXt", "enwiki"), ("wmgUseXt", "frwiki")}


def test_a_setting_that_a_row_of_another_decides_is_told_by_that_row():
    files = tree(
        HEAD + "'wmgMax' => [ 'default' => 1 ],\n",
        "'wmgMax' => [ 'default' => 2 ],\n",
        "if ( $wgDBname === 'enwiki' ) { $wgMaxCredits = $wmgMax; }\n",
        "$wgTmp = 1;\n",
    )
    found = findings_of(report_on(files, profile="all"), "setting-drift")
    assert [(f.setting, f.wikis, f.message) for f in found if f.setting != "wgTmp"] == [
        ("wmgMax", ("enwiki", "frwiki"), "wmgMax differs; the same lines decide wgMaxCredits")
    ]


TWO = "'wgMaxCredits' => [ 'default' => 1, 'closed' => 2 ],\n'wgRateLimits' => [ 'default' => 3, '+closed' => 4, 'closed' => 5 ],\n"
SWITCH = "'wmgUseX' => [ 'default' => true, 'closed' => false ],\n"
DBLIST = ("dblist-drift", "dblist:closed", "")
LISTS = [
    ("what a list of one realm decides is one finding", TWO, "", ["frwiki"], [], {DBLIST}),
    ("in either realm", TWO, "", ["frwiki"], ["enwiki"], {DBLIST}),
    ("what it decides alone is told as the setting", TWO.partition("\n")[0], "", ["frwiki"], [], {("setting-drift", "wgMaxCredits", "")}),
    ("lists that are the same decide nothing", TWO, "", ["frwiki"], ["frwiki"], set()),
    ("nor does one that no setting asks for", "", "", ["frwiki"], [], set()),
    ("a difference that the overlay makes is another", TWO + "'wgX' => [ 'default' => 1 ],\n", "'wgX' => [ 'default' => 2 ],\n", ["frwiki"], [], {DBLIST, ("setting-drift", "wgX", "")}),
]  # fmt: skip


def test_a_dblist_that_names_other_wikis_in_beta():
    rules = (*RULES, "setting-drift", "dblist-drift")
    for name, production, beta, ours, theirs, expected in LISTS:
        files = tree(HEAD + production, beta, "", "$wgTmp = 1;\n", tags={"closed": ours}, labs_tags={"closed": theirs})
        found = {
            (f.rule.id, f.setting, f.path): f
            for f in report_on(files, profile="all", date="2026-08-01").findings
            if f.rule.id in rules and f.setting != "wgTmp"
        }
        assert set(found) == expected, name
        if DBLIST in expected:
            assert found[DBLIST].wikis == tuple(sorted({*ours, *theirs})), name
            assert found[DBLIST].locations[0].span.path.startswith("dblists/closed"), name
            assert found[DBLIST].message.endswith("decides wgMaxCredits and wgRateLimits"), name


def test_an_extension_that_a_dblist_turns_off_is_told_by_itself_and_the_list_waits_where_one_setting_was_asked_for():
    guard = "if ( $wmgUseX ) { wfLoadExtension( 'X' ); }\n"
    files = tree(HEAD + TWO + SWITCH, "", guard, tags={"closed": []}, labs_tags={"closed": ["frwiki"]})
    found = {f.rule.id: f for f in report_on(files, profile="all", date="2026-08-01").findings}
    assert found["extension-off-in-beta"].setting == "wmgUseX"
    assert found["dblist-drift"].message.endswith("decides wgMaxCredits and wgRateLimits")
    assert "setting-drift" not in found
    asked = findings_of(report_on(files, profile="all", settings=("wgMaxCredits",), date="2026-08-01"), "setting-drift")
    assert [f.setting for f in asked] == ["wgMaxCredits"]
