"""The rules about an ORES service: the day of the incident, what each rule is silent about, one cause one finding.

Set DRIFTCHECK_ORES_DEPLOY and DRIFTCHECK_ORES_WMFLABS_DEPLOY to clones of the two deployment repositories for the
instances in their histories.
"""

from __future__ import annotations

import os
from contextlib import closing

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from support import FIXTURES
from support.reports import run_on
from support.trees import ON, MemoryTree, tree

from driftcheck.core.causes import join
from driftcheck.core.finding import json_value
from driftcheck.core.model import Realm
from driftcheck.layers.base import Options
from driftcheck.layers.extension import profiles
from driftcheck.layers.extension.read import Run
from driftcheck.layers.names import canonical, hostname, wiki_of
from driftcheck.layers.service import read as ores
from driftcheck.layers.service import rules as service
from driftcheck.snapshot import open_snapshot

CORPUS = FIXTURES / "ores"
PRODUCTION, BETA = (os.environ.get(name, "") for name in ("DRIFTCHECK_ORES_DEPLOY", "DRIFTCHECK_ORES_WMFLABS_DEPLOY"))
MEDIAWIKI = os.environ.get("DRIFTCHECK_MEDIAWIKI_CONFIG", "")
MAIN = "config/00-main.yaml"


def opened(place, revision=None):
    with closing(open_snapshot(str(place), revision=revision)) as snapshot:
        return ores.load(snapshot)


def load(contexts, models="", extractors="", **files):
    """A service from the lines of its contexts, models and extractors, each a flow map."""
    names = ", ".join(line.partition(":")[0] for line in contexts)
    groups = {"scoring_contexts": contexts, "scorer_models": models, "extractors": extractors}
    text = f"scoring_systems: {{defaults: {{scoring_contexts: [{names}]}}}}\n"
    for name, lines in groups.items():
        text += f"{name}:\n" + "".join(f"  {line}\n" for line in lines)
    return ores.load(MemoryTree({MAIN: text, **files}))


def single(config, realm=Realm.PRODUCTION):
    return join(service.single(config, realm))


def between(production, beta):
    return join(service.between(production, beta))


def shown(findings):
    return [(f.rule.id, f.setting, f.path, f.wikis) for f in findings]


# -- 2017-11-20 ----------------------------------------------------------------------------------------------------------


def test_on_the_day_of_the_incident_eswikibooks_is_the_only_drift():
    (finding,) = between(opened(CORPUS / "production-2017-11-20"), opened(CORPUS / "beta-2017-11-20"))
    assert shown([finding]) == [("service-drift", "contexts.eswikibooks.models", "", ("eswikibooks",))]
    assert sorted(json_value(finding.production.value)) == ["damaging", "goodfaith"]
    assert sorted(json_value(finding.beta.value)) == ["reverted"]
    assert finding.message == "eswikibooks has damaging and goodfaith only in production and reverted only in beta"


@pytest.mark.parametrize(("realm", "wiki"), [(Realm.PRODUCTION, "eswikibooks"), (Realm.BETA, "svwiki")])
def test_on_that_day_each_realm_has_a_stale_precache_and_the_host_of_tawiki_is_wrong(realm, wiki):
    findings = single(opened(CORPUS / f"{realm.value}-2017-11-20"), realm)
    assert shown(findings) == [
        ("service-extractor-host", "contexts.tawiki.extractor", "host", ("tawiki",)),
        ("service-extractor-host", "contexts.wikidatawiki.extractor", "host", ("wikidatawiki",)),
        ("service-precache-undefined", f"contexts.{wiki}.precache", "", (wiki,)),
    ]
    assert [{place.role for place in finding.locations} for finding in findings] == [{realm.value}] * 3


# -- one realm -----------------------------------------------------------------------------------------------------------

EN, FR = "{class: M, model_file: x/enwiki.damaging.rf.model}", "{model_file: x/frwiki.reverted.rf.model}"


def test_swapped_names_are_one_finding_for_the_context_with_both_files():
    config = load(
        ["plwiki: {scorer_models: {goodfaith: pl_d, damaging: pl_g}}"],
        [
            "pl_d: {model_file: a/plwiki.damaging.gradient_boosting.model}",
            "pl_g: {model_file: a/plwiki.goodfaith.rf.model}",
        ],
    )
    (finding,) = single(config)
    assert shown([finding]) == [("service-model-swapped", "contexts.plwiki.models", "", ("plwiki",))]
    assert (
        finding.message
        == "goodfaith is bound to plwiki.damaging.gradient_boosting.model and damaging is bound to plwiki.goodfaith.rf.model"
    )
    assert finding.production.span.line == 3


def test_an_entry_with_the_wrong_file_is_one_finding_for_all_who_use_it():
    contexts = [
        "enwiki: {scorer_models: {damaging: en_damaging}}",
        "simplewiki: {scorer_models: {damaging: en_damaging}}",
    ]
    (finding,) = single(load(contexts, ["en_damaging: {model_file: a/enwiki.goodfaith.rf.model}"]))
    assert shown([finding]) == [
        ("service-model-swapped", "contexts.enwiki.models.damaging", "model_file", ("enwiki", "simplewiki"))
    ]
    assert finding.production.span.line == 6


RIGHT_FILES = {
    "wp10 under its file's name": ("wp10", "enwiki.nettrom_wp10.gradient_boosting.model"),
    "articlequality of a file that still says wp10": ("articlequality", "frwiki.wp10.gradient_boosting.model"),
    "draftquality with an underscore and an ending": (
        "draftquality",
        "enwiki.draft_quality.gradient_boosting.model.bz2",
    ),
    "itemquality": ("itemquality", "wikidatawiki.item_quality.rf.model"),
    "itemtopic, which is the topic model of articles": ("itemtopic", "wikidata.articletopic.gradient_boosting.model"),
    "a model that nobody knows": ("pagelevel", "frwikisource.pagelevel.rf.model"),
    "a file that says no model": ("damaging", "fakewiki_model"),
}


@pytest.mark.parametrize(("model", "file"), RIGHT_FILES.values(), ids=RIGHT_FILES)
def test_swapped_is_silent_about(model, file):
    assert single(load([f"enwiki: {{scorer_models: {{{model}: m}}}}"], [f"m: {{model_file: s/{file}}}"])) == []


WRONG_FILES = {
    "reverted under damaging": ("damaging", "enwiki.reverted.rf.model"),
    "drafttopic under articletopic": ("articletopic", "enwiki.drafttopic.rf.model"),
    "damaging under a name that nobody knows": ("pagelevel", "enwiki.damaging.rf.model"),
}


@pytest.mark.parametrize(("model", "file"), WRONG_FILES.values(), ids=WRONG_FILES)
def test_swapped_fires_on(model, file):
    (finding,) = single(load([f"enwiki: {{scorer_models: {{{model}: m}}}}"], [f"m: {{model_file: s/{file}}}"]))
    assert finding.rule.id == "service-model-swapped"


HOSTS = [
    ("tawiki", "https://ta.wikipedia.org", True),
    ("tawiki", "https://tr.wikipedia.org", False),
    ("eswikibooks", "https://es.wikibooks.org", True),
    ("eswikibooks", "https://es.wikipedia.org", False),
    ("simplewiki", "https://simple.wikipedia.org:443/w/api.php", True),
    ("zh_classicalwiki", "https://zh-classical.wikipedia.org", True),
    ("be_x_oldwiki", "https://be-tarask.wikipedia.org", True),
    ("wikidatawiki", "https://www.wikidata.org", True),
    ("wikidatawiki", "https://wikidata.org", False),
    ("enwiki", "https://www.en.wikipedia.org", False),
    ("mediawikiwiki", "https://www.mediawiki.org", True),
    ("enwiki", "https://www.wikidata.org", False),
    ("translatewiki", "https://translatewiki.net", True),
    ("enwiki", "http://localhost:6500", True),
    ("enwiki", "https://[broken", True),
    ("enwiki", "5", True),
]


@pytest.mark.parametrize(("wiki", "host", "fine"), HOSTS, ids=[f"{w} asks {h}" for w, h, _ in HOSTS])
def test_an_extractor_asks_its_own_wiki(wiki, host, fine):
    config = load([f"{wiki}: {{extractor: e}}"], (), [f"e: {{host: '{host}'}}"])
    found = [f.rule.id for f in single(config) if f.rule.id == "service-extractor-host"]
    assert found == ([] if fine else ["service-extractor-host"])


def test_behind_a_proxy_the_host_header_counts():
    extractors = ["defaults: {host: 'http://localhost:6500'}", "e: {headers: {Host: tr.wikipedia.org}}"]
    (finding,) = single(load(["tawiki: {extractor: e}", "trwiki: {extractor: e}"], (), extractors))
    assert shown([finding]) == [("service-extractor-host", "contexts.tawiki.extractor", "headers.Host", ("tawiki",))]


def test_one_extractor_of_several_contexts_is_one_finding():
    config = load(["dewiki: {extractor: e}", "frwiki: {extractor: e}"], (), ["e: {host: 'https://en.wikipedia.org'}"])
    (finding,) = single(config)
    assert finding.wikis == ("dewiki", "frwiki")


def test_what_is_named_and_not_defined_is_told_once_and_by_its_own_rule():
    (finding,) = single(load(["enwiki: {scorer_models: {damaging: {a: b}}}"]))
    assert finding.message == "scorer_models has a reference that is not a name; ORES does not start"
    config = load(["enwiki: {extractor: e, scorer_models: {damaging: d}, precache: {damaging: {'on': [edit]}}}"])
    assert shown(single(config)) == [
        ("service-dangling-reference", "contexts.enwiki.models.damaging", "", ("enwiki",)),
        ("service-dangling-reference", "contexts.enwiki.extractor", "", ("enwiki",)),
    ]


def test_stale_precache_of_a_context_is_one_finding_at_its_first_line():
    (finding,) = single(load(["enwiki: {precache: {wp10: {'on': [edit]}, reverted: {}}}"]))
    assert finding.message == "precache of enwiki lists wp10 and reverted, which the context does not have"
    assert finding.production.span.line == 3


BASE = "scoring_systems: {defaults: {scoring_contexts: [enwiki]}}\nscoring_contexts: {enwiki: {}}\n"
ORDERS = {
    "another value in the repository's file": ({"config/99.yaml": "a: {b: 1, c: 2}"}, {"99.yaml": "a: {b: 3, c: 4}"}, True),
    "a value that only the repository's file decides": ({"config/99.yaml": "a: {b: 1}"}, {"99.yaml": "a: {c: 4}"}, False),
    "the same value in both": ({"config/99.yaml": "a: {b: 1}"}, {"99.yaml": "a: {b: 1}"}, False),
    "another base name": ({"config/98.yaml": "a: {b: 1}"}, {"99.yaml": "a: {b: 2}"}, False),
    "a file after both that decides": ({"config/98.yaml": "a: {b: 1}", "config/99.yaml": "a: {b: 2}"}, {"98.yaml": "a: {b: 3}"}, False),
    "a default that reaches many items": (
        {"config/99.yaml": "a: {defaults: {x: 1}, b: {}, c: {}}"}, {"99.yaml": "a: {defaults: {x: 2}}"}, True
    ),
}  # fmt: skip


@pytest.mark.parametrize(("own", "overlay", "fires"), ORDERS.values(), ids=ORDERS)
def test_two_files_of_one_name_matter_where_their_order_decides(own, overlay, fires):
    config = ores.load(MemoryTree({MAIN: BASE, **own}), overlay=MemoryTree(overlay))
    findings = single(config)
    assert [f.rule.id for f in findings] == ["service-file-order"] * fires
    assert all("config/99.yaml is loaded after 99.yaml" in f.message and f.wikis == () for f in findings)


def test_doubts_of_one_kind_in_one_file_are_one_finding_with_all_places():
    text = BASE + "a: {on: 1}\nb: {on: 2}\n"
    (finding,) = single(ores.load(MemoryTree({MAIN: text})), Realm.BETA)
    assert (finding.rule.id, finding.path) == ("yaml-ambiguous-scalar", MAIN)
    assert [place.span.line for place in finding.locations] == [3, 4]


# -- between the realms --------------------------------------------------------------------------------------------------


def test_a_context_of_one_realm_is_one_finding_with_the_other_one_s_list():
    left = load(["enwiki: {}", "hiwiki: {scorer_models: {damaging: d}}"], [f"d: {EN}"])
    (finding,) = between(left, load(["enwiki: {}"]))
    assert shown([finding]) == [("service-drift", "contexts.hiwiki", "", ("hiwiki",))]
    assert (finding.message, finding.beta.span.line) == ("beta does not serve hiwiki", 1)
    assert json_value(finding.production.value) == {"damaging": "x/enwiki.damaging.rf.model"}
    (finding,) = between(load(["enwiki: {}"]), left)
    assert finding.message == "production does not serve hiwiki"


def test_a_context_that_is_defined_and_not_enabled_is_told_so():
    text = "scoring_systems: {defaults: {scoring_contexts: [enwiki]}}\nscoring_contexts:\n  enwiki: {}\n  hiwiki: {}\n"
    (finding,) = between(load(["enwiki: {}", "hiwiki: {}"]), ores.load(MemoryTree({MAIN: text})))
    assert finding.message == "beta does not serve hiwiki: the context is defined and not enabled"
    assert finding.beta.span.line == 4


def test_one_model_file_that_many_contexts_and_names_use_is_one_finding():
    contexts = ["enwiki: {scorer_models: {damaging: d}}", "simplewiki: {scorer_models: {damaging: d, spare: d}}"]
    files = [f"d: {{model_file: x/enwiki.damaging.{kind}.model}}" for kind in ("rf", "linear_svc")]
    (finding,) = between(load(contexts, [files[0]]), load(contexts, [files[1]]))
    assert shown([finding]) == [
        ("service-drift", "contexts.enwiki.models.damaging", "model_file", ("enwiki", "simplewiki"))
    ]


SILENT = {
    "another name for the same file": (["enwiki: {scorer_models: {damaging: x}}"], [f"x: {EN}"], ()),
    "another class of a model with a file": (
        ["enwiki: {scorer_models: {damaging: d}}"], ["d: {class: N, model_file: x/enwiki.damaging.rf.model}"], ()
    ),
    "hosts, caches and what is precomputed": (
        ["enwiki: {scorer_models: {damaging: d}, extractor: e, precache: {damaging: {'on': [x]}}}"],
        [f"d: {EN}"], ["e: {host: 'http://localhost'}"],
    ),
    "a model that is named and not defined, which has a rule of its own": (
        ["enwiki: {scorer_models: {damaging: d, goodfaith: gone}}"], [f"d: {EN}"], ()
    ),
}  # fmt: skip


@pytest.mark.parametrize("other", SILENT.values(), ids=SILENT)
def test_drift_is_silent_about(other):
    config = load(["enwiki: {scorer_models: {damaging: d}}"], [f"d: {EN}"])
    assert between(config, load(*other)) == []
    assert between(load(*other), config) == []


def test_a_model_without_a_file_is_its_class_and_version():
    contexts = ["testwiki: {scorer_models: {reverted: r}}"]
    findings = between(load(contexts, ["r: {class: R, version: 1}"]), load(contexts, ["r: {class: S, version: 2}"]))
    assert [f.path for f in findings] == ["class", "version"]


def test_with_nothing_on_one_side_the_hole_says_it_and_no_context_is_drift():
    nothing = ores.load(MemoryTree({MAIN: "scoring_contexts: {enwiki: {}}\n"}))
    assert nothing.holes
    assert between(nothing, load(["enwiki: {}"])) == between(load(["enwiki: {}"]), nothing) == []


WORDS = st.sampled_from(["enwiki", "damaging", "e", "defaults", "scorer_models", "extractor", "precache", "model_file"])
LEAVES = WORDS | st.none() | st.booleans() | st.integers() | st.text(max_size=3)
MAPS = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=6
)
PARTS = st.fixed_dictionaries({}, optional=dict.fromkeys(("extractor", "scorer_models", "precache"), MAPS))
GROUPS = st.dictionaries(WORDS.filter(lambda word: word != "defaults"), MAPS, max_size=3) | LEAVES
SERVICES = st.fixed_dictionaries(
    {"ores": st.fixed_dictionaries({"scorers": st.lists(LEAVES, max_size=2).map(lambda held: ["enwiki", *held])})},
    optional={
        "scoring_contexts": st.fixed_dictionaries({"enwiki": PARTS}) | GROUPS,
        "extractors": GROUPS,
        "scorer_models": GROUPS,
    },
)


@given(SERVICES, SERVICES)
def test_whatever_shape_a_service_has_it_is_told(one, other):
    sides = [ores.load(MemoryTree({MAIN: yaml.dump(document, Dumper=yaml.CSafeDumper)})) for document in (one, other)]
    assert all(side.contexts or side.dangling for side in sides)
    findings = [f for side, realm in zip(sides, Realm, strict=True) for f in single(side, realm)]
    assert all(f.locations and f.message and f.fingerprint for f in [*findings, *between(*sides)])
    assert between(sides[0], sides[0]) == []


# -- against the extension -----------------------------------------------------------------------------------------------

ASKED = "'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => true, 'reverted' => false, 'wp10' => {} ] ],\n"


def missing(rows, config, realm=Realm.PRODUCTION, **options):
    comparison = run_on(tree(ON + rows, wikis=("enwiki", "frwiki", "testwiki")), **options).comparison
    return join(service.missing(comparison, realm, config))


def serving(**models):
    names = [f"{wiki}: {{scorer_models: {{{', '.join(f'{m}: m' for m in held)}}}}}" for wiki, held in models.items()]
    return load(names, ["m: {class: M}"])


BOTH = ("damaging", "goodfaith")


@pytest.mark.parametrize("realm", Realm)
def test_a_model_that_no_context_of_the_wiki_has_is_missing_at_the_line_that_asks(realm):
    config = serving(enwiki=BOTH, frwiki=("damaging",), testwiki=("damaging",))
    (finding,) = missing(ASKED.format("false"), config, realm)
    assert shown([finding]) == [("service-model-missing", "wgOresModels", "goodfaith", ("frwiki", "testwiki"))]
    assert {place.span.path for place in finding.locations} == {"wmf-config/InitialiseSettings.php"}


def test_a_wiki_may_ask_in_another_one_s_name():
    rows = ASKED.format("false") + "'wgOresWikiId' => [ 'default' => 'testwiki' ],\n"
    assert missing(rows, serving(testwiki=BOTH)) == []
    (finding,) = missing(rows, serving(enwiki=BOTH, frwiki=BOTH, testwiki=("damaging",)))
    assert finding.wikis == ("enwiki", "frwiki", "testwiki")
    assert "testwiki, which wgOresWikiId names" in finding.message


def test_a_wiki_without_a_context_is_one_finding_and_not_one_a_model():
    (finding,) = missing(ASKED.format("false"), serving(enwiki=BOTH, testwiki=BOTH))
    assert (finding.path, finding.wikis) == ("", ("frwiki",))
    assert "no context" in finding.message


def test_wp10_and_articlequality_are_one_model():
    held = (*BOTH, "wp10")
    config = serving(enwiki=held, frwiki=held, testwiki=held)
    assert missing(ASKED.format("true"), config, date="2017-11-20") == []
    assert missing(ASKED.format("true"), config, date="2019-01-01") == []


@pytest.mark.parametrize(("used", "fires"), [("true", False), ("false", True)])
def test_where_lift_wing_is_asked_the_ores_service_is_not(used, fires):
    rows = ASKED.format("false") + f"'wgOresUseLiftwing' => [ 'default' => {used} ],\n"
    assert bool(missing(rows, serving(enwiki=()), date="2023-06-01")) is fires


def test_names():
    assert canonical("nettrom_wp10") == canonical("wp10") == canonical("articlequality")
    assert hostname("en.wikipedia.org") == hostname("https://EN.wikipedia.org:443/w") == "en.wikipedia.org"
    assert wiki_of("en.wikipedia.org.example") is None


# -- the histories -------------------------------------------------------------------------------------------------------

INSTANCES = [
    ("service-model-swapped", "2b00cde", "82a13ae", "plwiki"),
    ("service-extractor-host", "1d35aa5", "8540eec", "tawiki"),
    ("service-precache-undefined", "a0f7d5c", None, "eswikibooks"),
]
CASES = [
    ("service-host-malformed", PRODUCTION, "74677b6", "extractors.testwiki_api"),
    ("service-model-foreign", BETA, "ffd42e8", "contexts.rowiki.models.reverted"),
    ("service-value-unknown", PRODUCTION, "9973357", "logging.loggers.uwsgi"),
    ("service-value-unknown", PRODUCTION, "4f2d1d0", "scorer_models.defaults"),
    ("service-context-unused", PRODUCTION, "9253beb", "contexts.glwiki"),
]


@pytest.mark.skipif(not PRODUCTION, reason="DRIFTCHECK_ORES_DEPLOY names no clone")
@pytest.mark.parametrize(("rule", "bad", "fixed", "wiki"), INSTANCES, ids=[case[0] for case in INSTANCES])
def test_an_instance_appears_with_the_commit_that_brought_it_and_goes_with_the_one_that_mended_it(
    rule, bad, fixed, wiki
):
    def fired(revision):
        return [f.wikis for f in single(opened(PRODUCTION, revision)) if f.rule.id == rule and wiki in f.wikis]

    assert fired(bad) == [(wiki,)]
    assert fired(f"{bad}^1") == []
    if fixed is None:
        assert fired("HEAD") == [(wiki,)]
    else:
        assert (fired(f"{fixed}^1"), fired(fixed)) == ([(wiki,)], [])


@pytest.mark.skipif(not (PRODUCTION and BETA), reason="the DRIFTCHECK_ORES_ variables name no clones")
def test_what_a_commit_mended_is_found_before_it_and_gone_after_it():
    for rule, repository, fixed, setting in CASES:
        for revision, stands in ((f"{fixed}^1", True), (fixed, False)):
            found = {(f.rule.id, f.setting) for f in single(opened(repository, revision))}
            assert ((rule, setting) in found) is stands, (rule, revision)


@pytest.mark.skipif(not (PRODUCTION and MEDIAWIKI), reason="the variables name no clones of ORES and mediawiki-config")
@pytest.mark.parametrize(("revision", "models"), [("fbad6f0523", ["goodfaith"]), ("373361a1af", [])])
def test_beta_asked_for_goodfaith_of_testwiki_before_the_service_had_it(revision, models):
    with closing(open_snapshot(MEDIAWIKI, revision=revision)) as snapshot:
        comparison = Run(snapshot, Options(profiles.load("ores"))).comparison
        config = opened(PRODUCTION, "bc0bc74^1")
        assert list(service.missing(comparison, Realm.PRODUCTION, config)) == []
        findings = join(service.missing(comparison, Realm.BETA, config))
    assert [f.path for f in findings] == models
    assert all(len(f.wikis) == 20 and "testwiki" in f.message for f in findings)


@pytest.mark.skipif(not (PRODUCTION and BETA), reason="the DRIFTCHECK_ORES_ variables name no clones")
def test_the_two_repositories_differ_in_what_they_did():
    then = opened(PRODUCTION, "5084251"), opened(BETA, "e178962")
    assert [len(side.contexts) for side in then] == [34, 34]
    assert [f.wikis for f in between(*then)] == [("eswikibooks",)]
    heads = between(opened(PRODUCTION, "db3b4e4"), opened(BETA, "5ea190f"))
    one_sided = {f.setting: f.message for f in heads if not f.setting.endswith(".models")}
    assert one_sided == {
        "contexts.hiwiki": "beta does not serve hiwiki",
        "contexts.hywiki": "beta does not serve hywiki",
        "contexts.translatewiki": "production does not serve translatewiki",
    }
    assert {wiki for f in heads for wiki in f.wikis} - {"hiwiki", "hywiki", "translatewiki"} == {
        "euwiki", "huwiki", "nlwiki", "ptwiki", "simplewiki", "srwiki", "testwiki", "ukwiki", "wikidatawiki"
    }  # fmt: skip
