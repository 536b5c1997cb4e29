"""A part of a setting that beta's own values show to be wrong has a finding of its own."""

from __future__ import annotations

from support.reports import findings_of, report_on
from support.trees import tree

SURVEYS = "'wgQuickSurveysConfig' => [ 'default' => [ [ 'enabled' => true, 'name' => 'a' ], [ 'enabled' => false, 'name' => 'b' ], [ {} 'name' => 'c' ] ] ],\n"
REGISTRY = "'wgObjectCaches' => [ 'default' => [ 'one' => [ 'n' => 1 ], 'two' => [ 'n' => 2 ] ] ],\n"
CASES = [
    (
        "a member that beta lacks and names",
        REGISTRY,
        "'-wgObjectCaches' => [ 'default' => [ 'one' => [ 'n' => 2 ] ] ], 'wgParserCacheType' => [ 'default' => 'two' ],\n",
        "",
        {("wgObjectCaches", "two", ("enwiki", "frwiki")), ("wgObjectCaches", "one.n", ("enwiki", "frwiki"))},
    ),
    (
        "one that it does not name is a difference among others",
        REGISTRY,
        "'-wgObjectCaches' => [ 'default' => [ 'one' => [ 'n' => 2 ] ] ],\n",
        "",
        {("wgObjectCaches", "", ("enwiki", "frwiki"))},
    ),
    (
        "an element made of what is not there",
        "'wgCSPHeader' => [ 'default' => [ 'a' => 1, 'b' => [ 'x' ] ] ],\n",
        "'wmgNames' => [ 'default' => [ 'x' ] ],\n",
        "$wgCSPHeader = [ 'a' => 1, 'b' => $wmgNames['default'] ];\n",
        {("wgCSPHeader", "b", ("enwiki", "frwiki"))},
    ),
    (
        "a null that is written is one that is meant",
        "'wgCSPHeader' => [ 'default' => [ 'a' => 1, 'b' => [ 'x' ] ] ],\n",
        "",
        "$wgCSPHeader = [ 'a' => 1, 'b' => null ];\n",
        {("wgCSPHeader", "b", ("enwiki", "frwiki"))},
    ),
    (
        "a record without the switch of the others",
        "",
        SURVEYS.format(""),
        "",
        {
            ("wgQuickSurveysConfig", "", ("enwiki", "frwiki")),
            ("wgQuickSurveysConfig", "2.enabled", ("enwiki", "frwiki")),
        },
    ),
    (
        "a key that is nearly production's",
        "'wgCSPHeader' => [ 'default' => [ 'platforms' => [ 'x' ], 'b' => 1 ] ],\n",
        "'-wgCSPHeader' => [ 'default' => [ 'platform' => [ 'x' ], 'b' => 2 ] ],\n",
        "",
        {("wgCSPHeader", "", ("enwiki", "frwiki")), ("wgCSPHeader", "platform", ("enwiki", "frwiki"))},
    ),
    (
        "a key that is nearly that of the other records",
        "",
        "'wgCSPHeader' => [ 'default' => [ [ 'coverage' => 1 ], [ 'coverage' => 2 ], [ 'covrage' => 3 ] ] ],\n",
        "",
        {("wgCSPHeader", "", ("enwiki", "frwiki")), ("wgCSPHeader", "2.covrage", ("enwiki", "frwiki"))},
    ),
    (
        "a placeholder that nothing fills in",
        "'wgCSPHeader' => [ 'default' => 'x.$lang.org' ],\n",
        "'-wgCSPHeader' => [ 'default' => 'y.$varient.org' ],\n",
        "",
        {("wgCSPHeader", "", ("enwiki", "frwiki"))},
    ),
    (
        "an array among texts",
        "'wgCSPHeader' => [ 'default' => [ 'a' => [ 'x', 'y' ] ] ],\n",
        "",
        "$wgCSPHeader['a'][] = [ 'z' ];\n",
        {("wgCSPHeader", "a", ("enwiki", "frwiki"))},
    ),
    (
        "an array within what it was meant to be",
        "'wgCSPHeader' => [ 'default' => [ 'include' => [ 'x' ], 'exclude' => [ 'y' ] ] ],\n",
        "",
        "$wgCSPHeader['default']['exclude'] = [ 'z' ];\n",
        {("wgCSPHeader", "default", ("enwiki", "frwiki"))},
    ),
    (
        "a list of groups may be longer than one group",
        "'wgCSPHeader' => [ 'default' => [ '' => [ 'host' => 1, 'port' => 2 ] ] ],\n",
        "",
        "$wgCSPHeader = [ '' => [ [ 'host' => 1, 'port' => 2 ] ] ];\n",
        {("wgCSPHeader", "", ("enwiki", "frwiki"))},
    ),
    (
        "a name that is left beside one that is filled in",
        "'wgCSPHeader' => [ 'default' => 'x.$lang.org' ],\n",
        "'-wgCSPHeader' => [ 'default' => 'y.$lang.$cluster.org', 'frwiki' => 'y.$cluster.org' ],\n",
        "",
        {("wgCSPHeader", "", ("enwiki",)), ("wgCSPHeader", "", ("frwiki",))},
    ),
    (
        "records that all have it",
        "",
        SURVEYS.format("'enabled' => true,"),
        "",
        {("wgQuickSurveysConfig", "", ("enwiki", "frwiki"))},
    ),
]


def said(production, beta, labs):
    head = "'wgServer' => [ 'default' => '//$lang.example.org' ],\n"
    report = report_on(tree(head + production, beta, "", labs), profile="all", date="2026-08-01")
    return findings_of(report, "setting-drift")


def test_parts_that_are_wrong_by_beta_s_own_values():
    for name, production, beta, labs, expected in CASES:
        found = [
            (one.setting, one.path, one.wikis)
            for one in said(production, beta, labs)
            if one.setting in ("wgObjectCaches", "wgCSPHeader", "wgQuickSurveysConfig")
        ]
        assert (set(found), len(found)) == (expected, len(expected)), name


def test_the_message_says_why():
    for number, words in (
        (0, "wgParserCacheType names it in beta"),
        (2, "what it is made of is not set"),
        (4, "has no enabled in beta"),
        (5, "did you mean platforms?"),
        (7, "nothing fills in $varient"),
        (8, "wgCSPHeader.a has an array one level too deep in beta: production's elements are texts"),
        (11, "nothing fills in $cluster in beta's wgCSPHeader"),
        (9, "exclude is around it in production"),
    ):
        messages = [one.message for one in said(*CASES[number][1:4])]
        assert any(words in message for message in messages), messages
