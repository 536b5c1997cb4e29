"""Normalising: each coercion makes its spellings equal on the days on which it holds, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.reports import run_on
from support.trees import ON, tree
from support.values import bare, php, value

from driftcheck.core import reach
from driftcheck.core.model import MISSING, Op, Realm, Unknown, Value
from driftcheck.core.resources import schema
from driftcheck.layers.extension.normalize import Normalizer


def normal(columns: dict[str, Any], date: str = "2024-01-01", dbname: str = "frwiki") -> dict[str, Any]:
    held = {name: item if item is MISSING else value(item) for name, item in columns.items()}
    return unwrapped(Normalizer(schema("ores-v1"), date).document(held, dbname))


def unwrapped(part: Any) -> Any:
    if isinstance(part, dict):
        return {name: unwrapped(item) for name, item in part.items()}
    if isinstance(part, Value) and isinstance(part.data, dict):
        data = {key: unwrapped(item) for key, item in part.data.items()}
        return list(data.values()) if data and list(data) == list(range(len(data))) else data
    return bare(part)


MODELS = [
    ("a bool is the enabled option", {"damaging": True}, {"damaging": {"enabled": True}}),
    ("false is off", {"damaging": False}, {"damaging": {"enabled": False}}),
    ("enabled counts only if strictly true", {"damaging": {"enabled": 1}}, {"damaging": {"enabled": False}}),
    ("the text true does not enable", {"damaging": {"enabled": "true"}}, {"damaging": {"enabled": False}}),
    ("a model that is a one is off", {"damaging": 1}, {"damaging": {"enabled": False}}),
    ("a model that is null is off", {"damaging": None}, {"damaging": {"enabled": False}}),
    ("the list form of 2016 is a map", ["damaging", "goodfaith"], {"damaging": {"enabled": True}, "goodfaith": {"enabled": True}}),
    ("a map of namespaces is a sorted list", {"m": {"enabled": True, "namespaces": {120: True, 0: True, 4: False}}}, {"m": {"enabled": True, "namespaces": [0, 120]}}),
    ("a list of namespaces is sorted", {"m": {"enabled": True, "namespaces": [120, 0]}}, {"m": {"enabled": True, "namespaces": [0, 120]}}),
    ("no namespaces stay none", {"m": {"enabled": True, "namespaces": []}}, {"m": {"enabled": True, "namespaces": {}}}),
    ("sources are sorted", {"m": {"enabled": True, "sources": ["mw.new", "mw.edit"]}}, {"m": {"enabled": True, "sources": ["mw.edit", "mw.new"]}}),
    ("types are sources while they were read", {"m": {"enabled": True, "types": [1, 0]}}, {"m": {"enabled": True, "sources": ["mw.edit", "mw.new"]}}),
    ("types beside sources stay what they are", {"m": {"enabled": True, "types": [1], "sources": ["mw.edit"]}}, {"m": {"enabled": True, "types": [1], "sources": ["mw.edit"]}}),
    ("wp10 is articlequality", {"wp10": {"enabled": True}}, {"articlequality": {"enabled": True}}),
    ("wp10 beside articlequality stays", {"wp10": {"enabled": False}, "articlequality": {"enabled": True}}, {"wp10": {"enabled": False}, "articlequality": {"enabled": True}}),
    ("an option that nobody reads stays", {"m": {"enabled": True, "cleanupParent": True}}, {"m": {"enabled": True, "cleanupParent": True}}),
]  # fmt: skip


@pytest.mark.parametrize(("models", "wanted"), [case[1:] for case in MODELS], ids=[case[0] for case in MODELS])
def test_models(models, wanted):
    assert normal({"wgOresModels": models})["models"] == wanted


DAYS = [
    ("wp10 is its own name before the renaming", "2018-08-28", {"wp10": True}, {"wp10": {"enabled": True}}),
    ("wp10 is articlequality from that day", "2018-08-29", {"wp10": True}, {"articlequality": {"enabled": True}}),
    (
        "types are read until the day before",
        "2025-11-15",
        {"m": {"enabled": True, "types": [1]}},
        {"m": {"enabled": True, "sources": ["mw.new"]}},
    ),
    (
        "types are not read from that day",
        "2025-11-16",
        {"m": {"enabled": True, "types": [1]}},
        {"m": {"enabled": True, "types": [1]}},
    ),
]


@pytest.mark.parametrize(("date", "models", "wanted"), [case[1:] for case in DAYS], ids=[case[0] for case in DAYS])
def test_models_by_day(date, models, wanted):
    assert normal({"wgOresModels": models}, date)["models"] == wanted


THRESHOLDS = [
    ("a numeric string is its number", {"damaging": {"maybebad": {"min": "0.5", "max": "1"}}}, {"damaging": {"maybebad": {"min": 0.5, "max": 1}}}),
    ("1.0 is 1", {"damaging": {"maybebad": {"min": 0.0, "max": 1.0}}}, {"damaging": {"maybebad": {"min": 0, "max": 1}}}),
    ("a formula stays as it is", {"damaging": {"maybebad": {"min": "maximum recall @ precision >= 0.9", "max": 1}}}, {"damaging": {"maybebad": {"min": "maximum recall @ precision >= 0.9", "max": 1}}}),
    ("good is likelygood and bad is likelybad", {"goodfaith": {"good": False, "bad": False}}, {"goodfaith": {"likelygood": False, "likelybad": False}}),
    ("good beside likelygood is not read", {"goodfaith": {"good": False, "likelygood": {"min": 1, "max": 1}}}, {"goodfaith": {"likelygood": {"min": 1, "max": 1}}}),
    ("a level that is off stays off", {"damaging": {"maybebad": False}}, {"damaging": {"maybebad": False}}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("thresholds", "wanted"), [case[1:] for case in THRESHOLDS], ids=[case[0] for case in THRESHOLDS]
)
def test_thresholds(thresholds, wanted):
    assert normal({"wgOresFiltersThresholds": thresholds})["thresholds"] == wanted


def test_the_probabilities_of_2016_are_thresholds_by_sensitivity():
    told = normal({"wgOresDamagingThresholds": {"hard": 0.5, "soft": 0.7, "softest": 0.9}}, "2016-06-01")
    assert told["thresholds"] == {
        "damaging": {
            "maybebad": {"min": 0.5, "max": 1},
            "likelybad": {"min": 0.7, "max": 1},
            "verylikelybad": {"min": 0.9, "max": 1},
        }
    }
    assert "settings" not in told


def test_the_probabilities_of_2016_do_not_replace_thresholds_that_are_there():
    told = normal(
        {"wgOresDamagingThresholds": {"hard": 0.5}, "wgOresFiltersThresholds": {"damaging": {"maybebad": False}}}
    )
    assert told["thresholds"] == {"damaging": {"maybebad": False}}


DRAFTQUALITY = [
    ("folded before models had options", "2018-03-21", {"draftquality": True}, [0, 118]),
    ("not read from that day", "2018-03-22", {"draftquality": True}, None),
    ("the model's own namespaces win", "2018-03-21", {"draftquality": {"enabled": True, "namespaces": [2]}}, [2]),
]


@pytest.mark.parametrize(
    ("date", "models", "wanted"),
    [case[1:] for case in DRAFTQUALITY],
    ids=[f"draft quality's namespaces: {case[0]}" for case in DRAFTQUALITY],
)
def test_the_namespaces_of_draft_quality(date, models, wanted):
    told = normal({"wgOresModels": models, "wgOresDraftQualityNS": {0: True, 118: True}}, date)
    assert told["models"]["draftquality"].get("namespaces") == wanted


def test_a_wiki_s_id_is_its_own_name_if_nothing_is_said():
    assert normal({})["wikiId"] == "frwiki"
    assert normal({"wgOresWikiId": MISSING})["wikiId"] == "frwiki"
    assert normal({"wgOresWikiId": "testwiki"})["wikiId"] == "testwiki"


def test_settings_without_a_property_stand_under_their_names_sorted():
    told = normal(
        {
            "wgOresZ": 1,
            "wgOresA": {"b": 2},
            "wgPageTriageEnableOresFilters": True,
            "@ORES-extension-loaded": True,
            "wmgUseORES": True,
        }
    )
    assert list(told["settings"].items()) == [
        ("wgOresA", {"b": 2}),
        ("wgOresZ", 1),
        ("wgPageTriageEnableOresFilters", True),
    ]
    assert told["enabled"] is True


def test_every_setting_that_the_schema_names_has_its_place():
    def places(properties: dict, prefix: tuple = ()):
        for name, part in properties.items():
            if "x-setting" in part:
                yield part["x-setting"], (*prefix, name)
            yield from places(part.get("properties", {}), (*prefix, name)) if "x-setting" not in part else ()

    wanted = dict(places(schema("ores-v1")["properties"]))
    assert len(wanted) > 12
    for setting, path in wanted.items():
        told: Any = normal({setting: "x"})
        for name in path:
            told = told[name]
        assert told == "x"


def test_a_coercion_leaves_a_step_and_keeps_the_place():
    held = value({"damaging": True})
    document = Normalizer(schema("ores-v1"), "2024-01-01").document({"wgOresModels": held}, "frwiki")
    assert bare(reach.at(document, "models", "damaging")) == {"enabled": True}
    renamed = Normalizer(schema("ores-v1"), "2024-01-01").document({"wgOresModels": value({"wp10": True})}, "frwiki")
    model = reach.at(renamed, "models", "articlequality")
    assert isinstance(model, Value)
    assert [step.op for step in model.provenance] == [Op.COERCE]


HOLES = [
    ("the models", {"wgOresModels": Unknown("why")}, ("models",)),
    ("one model", {"wgOresModels": {"m": Unknown("why")}}, ("models", "m")),
    ("an option", {"wgOresModels": {"m": {"enabled": Unknown("why")}}}, ("models", "m", "enabled")),
    ("the namespaces", {"wgOresModels": {"m": {"enabled": True, "namespaces": Unknown("why")}}}, ("models", "m", "namespaces")),
    ("one namespace", {"wgOresModels": {"m": {"enabled": True, "namespaces": [0, Unknown("why")]}}}, ("models", "m", "namespaces", 1)),
    ("the types", {"wgOresModels": {"m": {"enabled": True, "types": Unknown("why")}}}, ("models", "m", "sources")),
    ("a listed model", {"wgOresModels": [Unknown("why")]}, ("models", 0)),
    ("a level", {"wgOresFiltersThresholds": {"m": {"maybebad": Unknown("why")}}}, ("thresholds", "m", "maybebad")),
    ("a bound", {"wgOresFiltersThresholds": {"m": {"maybebad": {"min": Unknown("why")}}}}, ("thresholds", "m", "maybebad", "min")),
    ("a plain setting", {"wgOresBaseUrl": Unknown("why")}, ("endpoints", "ores")),
    ("the wiki's id", {"wgOresWikiId": Unknown("why")}, ("wikiId",)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "path"), [case[1:] for case in HOLES], ids=[f"a hole in {case[0]} stays a hole" for case in HOLES]
)
def test_holes_stay(columns, path):
    document = Normalizer(schema("ores-v1"), "2024-01-01").document(
        {name: value(item) for name, item in columns.items()}, "frwiki"
    )
    assert isinstance(reach.at(document, *path), Unknown)


WRONG = [
    None,
    True,
    0,
    1.5,
    "x",
    {},
    {"a": 1},
    ["x"],
    {"m": {"enabled": {"a": 1}}},
    {"m": {"enabled": True, "namespaces": "x", "sources": {"a": {}}, "types": 3}},
]
shapes = st.recursive(st.sampled_from([None, True, False, 0, 2, 0.5, "", "damaging", "0.5", "nan", "1e400", "good"]), lambda inner: st.one_of(
    st.lists(inner, max_size=3),
    st.dictionaries(st.sampled_from(["damaging", "wp10", "enabled", "namespaces", "sources", "types", "min", "max", "good", 0, 7]), inner, max_size=4),
), max_leaves=12)  # fmt: skip


@given(
    shapes,
    st.sampled_from(
        [
            "wgOresModels",
            "wgOresFiltersThresholds",
            "wgOresEnabledNamespaces",
            "wgOresDamagingThresholds",
            "wgOresDraftQualityNS",
            "wgOresModelVersions",
        ]
    ),
    st.sampled_from(["2016-03-01", "2018-01-01", "2019-01-01", "2026-01-01"]),
)
def test_whatever_is_configured_gives_a_document_and_normalising_does_not_depend_on_who_asks_first(data, setting, date):
    columns = {setting: value(data), "wgOresModels": value(data)}
    one = Normalizer(schema("ores-v1"), date)
    first = repr(unwrapped(one.document(columns, "frwiki")))
    assert repr(unwrapped(one.document(columns, "frwiki"))) == first
    assert repr(unwrapped(Normalizer(schema("ores-v1"), date).document(columns, "frwiki"))) == first


@pytest.mark.parametrize(
    "data", WRONG, ids=lambda data: f"models that are {php(data)[:50]} are reported and crash nothing"
)
def test_models_of_a_wrong_shape_in_a_tree(data):
    run = run_on(tree(f"{ON}'wgOresModels' => [ 'default' => {php(data)} ],"), date="2019-05-01")
    assert set(run.realm(Realm.PRODUCTION).documents) == {"enwiki", "frwiki"}
