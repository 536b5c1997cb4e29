"""The cascade, held against a small reference written from the pseudo code of SEMANTICS.md, and through whole trees."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.reports import effective
from support.trees import OVERLAY, WIKIS, tree
from support.values import bare, php, typed, value

from driftcheck.core.model import MISSING, Op, Realm, Setting, Unknown, Value, Wiki, has_unknown
from driftcheck.mediawiki.cascade import CascadeRules, Resolver

NEW, OLD = CascadeRules(falsy=False, deep=False), CascadeRules(falsy=True, deep=True)
FALSY = (None, False, 0, 0.0, "", "0", {})


# -- the reference: one wiki, straight from the pseudo code ------------------------------------------------------------


def naive_merge(a: dict, b: dict, *, falsy: bool) -> dict:
    out = dict(a)
    for key, item in b.items():
        if key not in out or out[key] is None:
            out[key] = item
        elif isinstance(out[key], dict) and isinstance(item, dict):
            out[key] = naive_merge(out[key], item, falsy=falsy)
        elif isinstance(key, int):
            numbers = [k for k in out if isinstance(k, int)]
            out[max(numbers) + 1] = item
        elif out[key] is False or (falsy and any(out[key] == f and type(out[key]) is type(f) for f in FALSY)):
            out[key] = item
    return out


def naive_replace(data: Any, pairs: tuple[tuple[str, str], ...], *, deep: bool, level: int = 0) -> Any:
    if isinstance(data, str):
        if deep:
            for name, new in pairs:
                data = data.replace(name, new)
            return data
        out = ""
        while data:
            hits = sorted((n for n, _ in pairs if data.startswith(n)), key=len)
            if hits:
                out, data = out + dict(pairs)[hits[-1]], data[len(hits[-1]) :]
            else:
                out, data = out + data[0], data[1:]
        return out
    if isinstance(data, dict) and (deep or level == 0):
        return {key: naive_replace(item, pairs, deep=deep, level=level + 1) for key, item in data.items()}
    return data


def naive_resolve(table: dict, wiki: Wiki, rules: CascadeRules) -> Any:
    def merged(v: Any, item: Any) -> Any:
        both = isinstance(v, dict) and isinstance(item, dict)
        return naive_merge(v, item, falsy=rules.falsy) if both else item

    v, stopped = None, False
    if wiki.dbname in table:
        v, stopped = table[wiki.dbname], True
    else:
        if isinstance(table.get("+" + wiki.dbname), dict):
            v = table["+" + wiki.dbname]
        for tag in wiki.tags:
            if tag in table:
                v, stopped = merged(v, table[tag]), True
                break
            if isinstance(table.get("+" + tag), dict):
                v = merged({} if v is None else v, table["+" + tag])
    if not stopped and "default" in table:
        v = merged(v, table["default"])
    v = naive_replace(v, wiki.replacements, deep=rules.deep)
    return MISSING if v is None else v


# -- against the reference -----------------------------------------------------------------------------------------------

texts = st.sampled_from(["", "0", "a", "$lang", "x$lang.$site", "$langs", "$$lang", "$stdlogo$lang", "$", "$unknown"])
scalars = st.one_of(st.none(), st.booleans(), st.integers(-1, 2), st.sampled_from([0.0, 0.5]), texts)
keys = st.one_of(st.integers(0, 4), st.sampled_from(["a", "b", "c"]))
values = st.recursive(scalars, lambda inner: st.dictionaries(keys, inner, max_size=4), max_leaves=10)
TAGS = ("closed", "ores", "group1", "fr", "wiki")
DBNAMES = ("enwiki", "frwiki", "dewiktionary")
selectors = st.sampled_from(["default", *DBNAMES, *TAGS, *(f"+{name}" for name in (*DBNAMES, *TAGS))])
tables = st.dictionaries(selectors, values, max_size=7)
replacements = st.permutations(
    [("$lang", "fr"), ("$site", "$lang"), ("$stdlogo", "/$site.png"), ("$langs", "all")]
).map(lambda pairs: tuple(pairs[:3]))


@st.composite
def wikis_of(draw):
    return [
        Wiki(name, tuple(draw(st.lists(st.sampled_from(TAGS), unique=True))), draw(replacements))
        for name in draw(st.lists(st.sampled_from(DBNAMES), unique=True, min_size=1))
    ]


def by_wiki(resolver: Resolver, setting: Setting) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for resolved, numbers in resolver.groups(setting):
        for number in numbers:
            assert resolver.wikis[number].dbname not in out, "a wiki is in one group only"
            out[resolver.wikis[number].dbname] = resolved.value
    return out


@pytest.mark.parametrize("rules", [NEW, OLD], ids=["by the rules since 2020", "by the rules before 2020"])
@given(table=tables, wikis=wikis_of())
def test_every_wiki_gets_what_the_pseudo_code_says(rules, table, wikis):
    setting = Setting("wgX", {name: value(item) for name, item in table.items()})
    told = by_wiki(Resolver(wikis, rules), setting)
    assert sorted(told) == sorted(wiki.dbname for wiki in wikis)
    for wiki in wikis:
        wanted = naive_resolve(table, wiki, rules)
        assert typed(bare(told[wiki.dbname])) == typed(wanted), wiki


@given(table=tables, wikis=wikis_of(), hole=selectors)
def test_a_hole_is_unknown_on_every_wiki_whose_value_could_depend_on_it(table, wikis, hole):
    """Three fillings of the hole stand for all: where they give different values, the outcome must not be sure."""
    rows = {name: value(item) for name, item in table.items()}
    told = by_wiki(Resolver(wikis, NEW), Setting("wgX", {**rows, hole: Unknown("why")}))
    for wiki in wikis:
        outcomes = {
            str(typed(naive_resolve({**table, hole: filling}, wiki, NEW))) for filling in (7, {"a": 7}, {"zz": 1})
        }
        if len(outcomes) > 1:
            assert has_unknown(told[wiki.dbname]), f"{wiki.dbname} would have one of {outcomes}"


@given(table=tables, wikis=wikis_of())
def test_the_selectors_that_decided_are_told_strongest_first(table, wikis):
    resolver = Resolver(wikis, NEW)
    setting = Setting("wgX", {name: value(item) for name, item in table.items()})
    for resolved, numbers in resolver.groups(setting):
        for number in numbers:
            wiki = wikis[number]
            order = [wiki.dbname, f"+{wiki.dbname}", *(s for tag in wiki.tags for s in (tag, f"+{tag}")), "default"]
            assert resolved.selectors == resolver.signature(setting, wiki)
            assert list(resolved.selectors) == [name for name in order if name in resolved.selectors]
            assert set(resolved.selectors) <= set(table)


@given(table=tables, wikis=wikis_of())
def test_a_selection_leaves_a_step_that_names_its_selector(table, wikis):
    for resolved, _ in Resolver(wikis, NEW).groups(Setting("wgX", {name: value(item) for name, item in table.items()})):
        if isinstance(resolved.value, Value) and len(resolved.selectors) == 1:
            assert [step.via for step in resolved.value.provenance if step.op is Op.SELECT] == [
                f"wgX[{resolved.selectors[0]}]"
            ]


# -- single truths, through whole trees ------------------------------------------------------------------------------------

LOGO = {"wgX": {"default": "d"}}
CASES: list[tuple[str, dict[str, Any], dict[str, Any], str, Any]] = [
    ("the wiki's own selector beats everything", {"default": 1, "wiki": 2, "ores": 3, "frwiki": 4}, {}, "frwiki", 4),
    ("a tag beats the default", {"default": 1, "ores": 3}, {}, "frwiki", 3),
    ("the family's suffix is the last tag", {"default": 1, "wiki": 2}, {}, "frwiki", 2),
    ("the first tag in the list's order wins", {"group1": 2, "ores": 3}, {}, "frwiki", 3),
    ("the language is a tag after the dblists and before the suffix", {"wiki": 1, "fr": 2}, {"wgLanguageCode": {"default": "$lang"}}, "frwiki", 2),
    ("the language tag comes from the setting and not from the name", {"de": 2, "fr": 1}, {"wgLanguageCode": {"frwiki": "de"}}, "frwiki", 2),
    ("a wiki's null does not fall back", {"default": 1, "frwiki": None}, {}, "frwiki", MISSING),
    ("a tag's null stops the search", {"default": 1, "ores": None}, {}, "frwiki", MISSING),
    ("no selector is absence", {"enwiki": 1}, {}, "frwiki", MISSING),
    ("false is a value", {"default": True, "frwiki": False}, {}, "frwiki", False),
    ("+wiki merges over a tag, which stops", {"default": {"d": 1}, "ores": {"t": 1}, "+frwiki": {"w": 1}}, {}, "frwiki", {"w": 1, "t": 1}),
    ("+wiki and +tag merge over the default", {"default": {"d": 1}, "+ores": {"t": 1}, "+frwiki": {"w": 1}}, {}, "frwiki", {"w": 1, "t": 1, "d": 1}),
    ("a + selector that is not an array is passed over", {"default": 1, "+frwiki": 5}, {}, "frwiki", 1),
    ("an array over a scalar default gives the default", {"default": 1, "+frwiki": {"a": 1}}, {}, "frwiki", 1),
    ("the stronger side keeps its key", {"default": {"a": 1, "b": 1}, "+frwiki": {"a": 2}}, {}, "frwiki", {"a": 2, "b": 1}),
    ("false gives way in a merge", {"default": {"a": 1}, "+frwiki": {"a": False}}, {}, "frwiki", {"a": 1}),
    ("zero stays in a merge since 2020", {"default": {"a": 1}, "+frwiki": {"a": 0}}, {}, "frwiki", {"a": 0}),
    ("null in a merge is unset", {"default": {"a": 1}, "+frwiki": {"a": None}}, {}, "frwiki", {"a": 1}),
    ("lists are appended", {"default": ["x"], "+frwiki": ["y"]}, {}, "frwiki", {0: "y", 1: "x"}),
    ("a negative key is appended behind what is there", {"default": {-1: "x"}, "+frwiki": {-1: "y"}}, {}, "frwiki", {-1: "y", 0: "x"}),
    ("a key like 07 is a string", {"default": {"07": 1}, "+frwiki": {"7": 2}}, {}, "frwiki", {7: 2, "07": 1}),
    ("nested arrays are merged", {"default": {"a": {"x": 1, "y": 1}}, "+frwiki": {"a": {"x": 2}}}, {}, "frwiki", {"a": {"x": 2, "y": 1}}),
    ("$lang and $site are put in", {"default": "$lang.$site.org"}, {}, "frwiki", "fr.wikipedia.org"),
    ("one level of an array is replaced", {"default": {"a": "$lang", "b": {"c": "$lang"}}}, {}, "frwiki", {"a": "fr", "b": {"c": "$lang"}}),
    ("underscores in a language become dashes", {"default": "$lang"}, {}, "zh_min_nanwiki", "zh-min-nan"),
    ("a family that is not Wikipedia is its own name", {"default": "$lang.$site"}, {}, "dewiktionary", "de.wiktionary"),
    ("the suffix of a family is its name", {"default": 1, "wiktionary": 2}, {}, "dewiktionary", 2),
]  # fmt: skip
MORE = (*WIKIS, "zh_min_nanwiki", "dewiktionary")


def rows(settings: dict[str, dict[str, Any]]) -> str:
    return "".join(f"'{name}' => {php(table)},\n" for name, table in settings.items())


@pytest.mark.parametrize(
    ("table", "more", "wiki", "wanted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_in_a_tree(table, more, wiki, wanted):
    files = tree(rows({"wgX": table, **more}), wikis=MORE, tags={"ores": ["frwiki"], "group1": ["frwiki"]})
    assert typed(bare(effective(files, "wgX")[wiki])) == typed(wanted)


OVERLAYS = [
    ("a selector of beta is added", {"default": 1}, {"wgX": {"frwiki": 2}}, {"enwiki": 1, "frwiki": 2}),
    (
        "a production wiki's key beats beta's default",
        {"default": 1, "frwiki": 3},
        {"wgX": {"default": 2}},
        {"enwiki": 2, "frwiki": 3},
    ),
    (
        "a selector is replaced whole",
        {"default": {"a": 1}},
        {"wgX": {"default": {"b": 2}}},
        {"enwiki": {"b": 2}, "frwiki": {"b": 2}},
    ),
    (
        "a dash replaces the whole setting",
        {"default": 1, "frwiki": 3},
        {"-wgX": {"default": 2}},
        {"enwiki": 2, "frwiki": 2},
    ),
    (
        "a dash without a default leaves nothing",
        {"default": 1},
        {"-wgX": {"frwiki": 2}},
        {"enwiki": MISSING, "frwiki": 2},
    ),
    ("a setting that production lacks is new", None, {"wgX": {"default": 9}}, {"enwiki": 9, "frwiki": 9}),
    (
        "a selector that is a number is numbered anew",
        {"7": 1, "default": 5},
        {"wgX": {"8": 2}, "wgLanguageCode": {"enwiki": "1", "frwiki": "7"}},
        {"enwiki": 2, "frwiki": 5},
    ),
    (
        "but not where a dash replaces the setting",
        {"default": 5},
        {"-wgX": {"7": 2}, "wgLanguageCode": {"enwiki": "1", "frwiki": "7"}},
        {"enwiki": MISSING, "frwiki": 2},
    ),
    ("beta's tag loses to production's wiki", {"enwiki": 1}, {"wgX": {"wiki": 2}}, {"enwiki": 1, "frwiki": 2}),
]


@pytest.mark.parametrize(
    ("production", "beta", "wanted"), [case[1:] for case in OVERLAYS], ids=[case[0] for case in OVERLAYS]
)
def test_beta_s_overlay(production, beta, wanted):
    files = tree(rows({"wgX": production}) if production else "", rows(beta))
    held = effective(files, "wgX", Realm.BETA)
    assert {name: typed(bare(item)) for name, item in held.items()} == {
        name: typed(item) for name, item in wanted.items()
    }
    if production:
        assert effective(files, "wgX") == effective(tree(rows({"wgX": production})), "wgX"), (
            "production does not see it"
        )


def test_the_first_file_of_the_chain_that_has_a_setting_wins_as_a_whole():
    files = tree(
        rows({"wgX": {"default": 1}}),
        ores="<?php\nreturn [\n'wgX' => [ 'frwiki' => 2 ],\n'wgY' => [ 'default' => 3 ],\n];\n",
    )
    assert bare(effective(files, "wgX")["frwiki"]) == 1
    assert bare(effective(files, "wgY")["frwiki"]) == 3


def test_the_last_of_two_equal_rows_wins():
    files = tree("'wgX' => [ 'default' => 1, 'enwiki' => 2 ],\n'wgX' => [ 'default' => 3, 'default' => 4 ],")
    assert {name: bare(item) for name, item in effective(files, "wgX").items()} == {"enwiki": 4, "frwiki": 4}


def test_a_chain_of_one_file_in_parentheses_is_a_chain():
    files = tree("'wgX' => [ 'default' => 1 ],")
    lone = files["src/WmfConfig.php"].replace(b"( require $configDir . '/logos.php' ) +", b"")
    assert bare(effective({**files, "src/WmfConfig.php": lone}, "wgX")["enwiki"]) == 1


def test_a_variable_before_the_array_is_followed_and_its_place_kept():
    files = tree("'wgX' => [ 'default' => $held ],", before="$held = [ 'a' => 5 ];\n")
    item = effective(files, "wgX")["enwiki"]
    assert bare(item) == {"a": 5}
    assert (item.span.line, [step.op for step in item.provenance][:2]) == (2, [Op.LITERAL, Op.REFERENCE])


def test_beta_s_replaced_tags_come_last_and_by_beta_s_lists():
    files = tree(
        "'wgX' => [ 'default' => 0, 'closed' => 1, 'ores' => 2 ],",
        tags={"closed": ["frwiki", "enwiki"], "ores": ["frwiki"]},
        labs_tags={"closed": ["enwiki"]},
    )
    assert {name: bare(item) for name, item in effective(files, "wgX").items()} == {"enwiki": 1, "frwiki": 1}
    assert {name: bare(item) for name, item in effective(files, "wgX", Realm.BETA).items()} == {
        "enwiki": 1,
        "frwiki": 2,
    }


def test_a_wiki_that_only_beta_has_has_no_tags_but_its_language_and_family():
    files = tree(rows({"wgX": {"default": 0, "wiki": 1}}), wikis=("enwiki",), beta_wikis=("enwiki", "betawiki"))
    assert bare(effective(files, "wgX", Realm.BETA)["betawiki"]) == 1
    assert "betawiki" not in effective(files, "wgX")


LANGUAGES = [
    ("null", "null", {"": 2, "+": [3]}, 2),
    ("a number", "7", {"7": 2}, 2),
    ("no language", None, {"": 2}, 2),
    ("not known", "getenv( 'X' )", {"en": 2}, Unknown),
    ("no word", "1.5", {"1": 2}, Unknown),
    ("not known, after a list decided", "getenv( 'X' )", {"ores": 2, "en": 3}, 2),
    ("not known, where no selector could be it", "getenv( 'X' )", {"+ores": [2], "wiki": 4}, 4),
]


@pytest.mark.parametrize(
    ("language", "table", "wanted"), [case[1:] for case in LANGUAGES], ids=[case[0] for case in LANGUAGES]
)
def test_the_language_of_a_wiki_is_a_tag_of_it_whatever_it_is(language, table, wanted):
    """PHP makes a tag of null too: the empty word."""
    code = "" if language is None else f"'wgLanguageCode' => [ 'default' => {language} ],\n"
    files = tree(code + rows({"wgX": {"default": 1, **table}}), tags={"ores": ["enwiki"]})
    held = effective(files, "wgX")["enwiki"]
    assert isinstance(held, Unknown) if wanted is Unknown else typed(bare(held)) == typed(wanted)


def test_an_overlaid_value_tells_that_the_overlay_wrote_it():
    item = effective(tree(rows({"wgX": {"default": 1}}), rows({"wgX": {"default": 2}})), "wgX", Realm.BETA)["enwiki"]
    assert item.span.path == OVERLAY
    assert [step.op for step in item.provenance] == [Op.LITERAL, Op.OVERRIDE, Op.SELECT]


# -- CommonSettings.php and what comes after ------------------------------------------------------------------------------

GUARDS = [
    ("an assignment overwrites the arrays", "$wgX = 5;", 5),
    ("a guard that is false is passed over", "if ( false ) { $wgX = 5; }", 1),
    ("else is taken", "if ( $wmgNo ) { $wgX = 5; } else { $wgX = 6; }", 6),
    ("elseif is taken", "if ( $wmgNo ) { $wgX = 5; } elseif ( $wmgUseORES ) { $wgX = 7; } else { $wgX = 6; }", 7),
    ("a guard over the wiki's name", "if ( $wgDBname === 'frwiki' ) { $wgX = 8; }", {"enwiki": 1, "frwiki": 8}),
    (
        "a guard over the family",
        "if ( $site === 'wikipedia' && $lang == 'fr' ) { $wgX = 8; }",
        {"enwiki": 1, "frwiki": 8},
    ),
    ("an assignment in a function does not run", "function f() { $wgX = 5; }", 1),
    ("a comment does not run", "// $wgX = 5;\n# $wgX = 6;\n/* $wgX = 7; */", 1),
    ("a coalescing assignment keeps what is set", "$wgX ??= 5;", 1),
    ("a chained assignment assigns both", "$wgOther = $wgX = 9;", 9),
    ("an element is assigned", "$wgX = []; $wgX['a']['b'] = 3;", {"*": {"a": {"b": 3}}}),
    ("the last assignment wins", "$wgX = 2; $wgX = 3;", 3),
    ("an unset makes it absent", "unset( $wgX );", MISSING),
]


@pytest.mark.parametrize(("common", "wanted"), [case[1:] for case in GUARDS], ids=[case[0] for case in GUARDS])
def test_assignments(common, wanted):
    files = tree(
        "'wmgUseORES' => [ 'default' => true ],\n'wgX' => [ 'default' => 1 ],\n'wmgNo' => [ 'default' => false ],",
        common=f"{common}\n",
        common_labs="",
    )
    held = effective(files, "wgX", until="assignments")
    wanted = wanted.get("*", wanted) if isinstance(wanted, dict) else wanted
    for wiki in WIKIS:
        one = wanted[wiki] if isinstance(wanted, dict) and wiki in wanted else wanted
        assert typed(bare(held[wiki])) == typed(one)


def test_beta_s_file_runs_where_it_is_required_and_only_in_beta():
    files = tree("'wgX' => [ 'default' => 1 ],", common="$wgX = 2;\n", common_labs="$wgX = $wgX + 1;\n")
    later = files["wmf-config/CommonSettings.php"] + b"$wgX = $wgX * 10;\n"
    files["wmf-config/CommonSettings.php"] = later
    assert bare(effective(files, "wgX", Realm.PRODUCTION, "assignments")["enwiki"]) == 20
    assert bare(effective(files, "wgX", Realm.BETA, "assignments")["enwiki"]) == 30


def test_a_guard_that_is_not_known_makes_the_value_unknown_and_not_one_of_the_two():
    files = tree("'wgX' => [ 'default' => 1 ],", common="if ( mt_rand( 0, 1 ) ) { $wgX = 2; }\n", common_labs="")
    assert isinstance(effective(files, "wgX", until="assignments")["enwiki"], Unknown)


def test_the_realm_is_known_to_guards():
    common = "if ( $wmgRealm === 'labs' ) { $wgX = 'beta'; } else { $wgX = 'production'; }\n"
    files = tree("'wgX' => [ 'default' => 1 ],", common=common, common_labs="")
    assert [bare(effective(files, "wgX", realm, "assignments")["enwiki"]) for realm in Realm] == ["production", "beta"]


PLUSSES = [
    (
        "a row with a plus takes the name from a row before it",
        {"wgX": {"default": {"a": 1}}, "+wgX": {"default": {"b": 2}}},
        {"b": 2},
    ),
    (
        "a row without a plus takes the name from a row before it",
        {"+wgX": {"default": {"b": 2}}, "wgX": {"default": {"a": 1}}},
        {"a": 1},
    ),
    (
        "a row that says nothing on a wiki takes nothing away",
        {"+wgX": {"default": {"b": 2}}, "wgX": {"frwiki": {"a": 1}}},
        {"b": 2},
    ),
]


@pytest.mark.parametrize(("settings", "wanted"), [case[1:] for case in PLUSSES], ids=[case[0] for case in PLUSSES])
def test_settings_with_a_plus_meet_their_namesake_in_the_order_of_the_rows(settings, wanted):
    """SiteConfiguration::getAll: a row with a plus is merged over MediaWiki's global, which no tree holds."""
    assert bare(effective(tree(rows(settings)), "wgX")["enwiki"]) == wanted
