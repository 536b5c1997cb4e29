"""Lift Wing's values: the merge against a naive one, the forms of services, environments, and what cannot be read."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import closing

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from support.trees import MemoryTree

from driftcheck.core.model import MISSING, IncompleteError, Op, Realm, Source, Value, plain
from driftcheck.layers.liftwing import FOLDER
from driftcheck.layers.liftwing import read as liftwing
from driftcheck.snapshot import open_snapshot
from driftcheck.yaml import values as yamlvalues
from driftcheck.yaml.helm import Deleted, merged, without_nulls
from driftcheck.yaml.values import as_yaml

# -- merging -----------------------------------------------------------------------------------------------------------


def naive(base, overlay):
    """Helm's merge on plain Python."""
    out = dict(base)
    for key, item in overlay.items():
        if item is None:
            out.pop(key, None)
        elif isinstance(item, dict):
            out[key] = naive(out[key] if isinstance(out.get(key), dict) else {}, item)
        else:
            out[key] = item
    return out


def read(data, name="values.yaml"):
    value = yamlvalues.read(Source(name, yaml.safe_dump(data).encode())).value
    assert value is not None
    return value


def deleted_paths(base, overlay):
    gone: list[Deleted] = []
    merged(read(base), read(overlay), gone)
    return {path for path, _, _ in gone}


keys = st.sampled_from("abc")
scalars = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["x", "y"])
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(keys, inner, max_size=3), max_leaves=8
)
maps = st.dictionaries(keys, values, max_size=3)


@given(maps, maps)
def test_the_merge_is_the_naive_one(base, overlay):
    start = without_nulls(read(base))
    assert as_yaml(start) == naive({}, base)
    assert as_yaml(merged(start, read(overlay), [])) == naive(naive({}, base), overlay)


@given(maps)
def test_nothing_over_a_map_and_a_map_over_itself_change_nothing(data):
    start = without_nulls(read(data))
    assert as_yaml(merged(start, read({}), [])) == as_yaml(start)
    assert as_yaml(merged(start, start, [])) == as_yaml(start)


@given(maps, maps, maps)
def test_what_two_files_make_is_merged_with_the_third_in_order(first, second, third):
    step = merged(merged(without_nulls(read(first)), read(second), []), read(third), [])
    assert as_yaml(step) == naive(naive(naive({}, first), second), third)


@given(maps, maps)
def test_a_value_says_from_which_file_it_is(base, overlay):
    """Every scalar stands where its provenance says, and what the overlay replaced carries a step."""
    held = merged(without_nulls(read(base, "values.yaml")), read(overlay, "values-x.yaml"), [])

    def walk(value):
        assert isinstance(value, Value)
        if isinstance(value.data, dict):
            for item in value.data.values():
                walk(item)
            return
        assert value.source is not None
        written = value.source.text[value.where >> 32 : value.where & 0xFFFFFFFF].decode()
        assert yaml.safe_load(written) == value.data

    walk(held)
    for key, item in overlay.items():
        replaced = key in naive({}, base) and not (isinstance(item, dict) and isinstance(base[key], dict))
        if replaced and item is not None:
            assert [step.via for step in held.data[key].steps if step.op is Op.OVERRIDE] == ["values-x.yaml"]


DELETIONS = [
    ("a null over a map", {"a": {"b": 1}}, {"a": None}, {("a",)}),
    ("a null deep in maps", {"a": {"b": {"c": 1}}}, {"a": {"b": None}}, {("a", "b")}),
    ("a null over a scalar", {"a": 1}, {"a": None}, set()),
    ("a null over a list", {"a": [1]}, {"a": None}, set()),
    ("a null over nothing", {}, {"a": None}, set()),
    ("a list over a map", {"a": {"b": 1}}, {"a": [{"b": 1}]}, {("a",)}),
    ("a scalar over a map", {"a": {"b": {"c": 1}}}, {"a": {"b": "c"}}, {("a", "b")}),
    ("a list over an empty map", {"a": {}}, {"a": [1]}, set()),
    ("an empty map over a map", {"a": {"b": 1}}, {"a": {}}, set()),
    ("a null in a list", {"a": [{"b": {}}]}, {"a": [{"b": None}]}, set()),
]


@pytest.mark.parametrize(
    ("base", "overlay", "paths"), [case[1:] for case in DELETIONS], ids=[case[0] for case in DELETIONS]
)
def test_the_maps_that_a_null_deletes_are_told(base, overlay, paths):
    assert deleted_paths(base, overlay) == paths


# -- services ----------------------------------------------------------------------------------------------------------


def load(files):
    return liftwing.load(MemoryTree({f"{FOLDER}/{path}": text for path, text in files.items()}))


def services(files, environment="ml-serve-eqiad"):
    (found,) = [held for held in load(files).environments if held.name == environment]
    return found.services


def shown(service):
    """The fields of a service that are there, as plain Python."""
    names = ("wiki", "model", "version", "host", "image", "image_version", "storage", "replicas")
    held = {name: getattr(service, name) for name in names}
    return {
        name: item if isinstance(item, str) else plain(item) for name, item in held.items() if item not in ("", MISSING)
    }


SHARED = """\
inference:
  s3_storage_base_uri: s3://wmf-ml-models
  model: damaging
  predictor:
    image: revscoring
    version: v1
    config: { minReplicas: 1, maxReplicas: 4 }
    base_env: [ { name: MODEL_NAME, value: shared } ]
"""
FORMS = [
    (
        "a list by wiki takes what it does not say from the namespace",
        SHARED + "revscoring_inference_services: [ { wiki: enwiki, version: '202105260914' } ]",
        "enwiki-damaging",
        {"wiki": "enwiki", "model": "damaging", "version": "202105260914", "image": "revscoring", "image_version": "v1",
         "storage": "s3://wmf-ml-models/damaging/enwiki/202105260914/", "replicas": {"minReplicas": 1, "maxReplicas": 4}},
    ),
    (
        "an entry's own model, host, image and bounds win",
        SHARED + "revscoring_inference_services:\n"
        "  - { wiki: wikidatawiki, version: '1', model: itemquality, host: www.wikidata.org,\n"
        "      predictor: { image: own, version: v2, config: { maxReplicas: 9 } } }",
        "wikidatawiki-itemquality",
        {"wiki": "wikidatawiki", "model": "itemquality", "version": "1", "host": "www.wikidata.org", "image": "own",
         "image_version": "v2", "storage": "s3://wmf-ml-models/itemquality/wikidatawiki/1/",
         "replicas": {"minReplicas": 1, "maxReplicas": 9}},
    ),
    (
        "until 2023 a Wikipedia was named by its language",
        ("inference: { model: damaging, s3_storage_base_uri: s3://m }\n"
        "revscoring_inference_services: [ { wiki: en, version: '1' }, { wiki: eswikibooks, version: '1' } ]"),
        "enwiki-damaging",
        {"wiki": "enwiki", "model": "damaging", "version": "1", "storage": "s3://m/damaging/enwiki/1/"},
    ),
    (
        "the model of another wiki",
        ("inference: { model: drafttopic, s3_storage_base_uri: s3://m }\n"
        "revscoring_inference_services: [ { wiki: testwiki, version: '1', use_model_from_wiki: enwiki } ]"),
        "testwiki-drafttopic",
        {"wiki": "testwiki", "model": "drafttopic", "version": "1", "storage": "s3://m/drafttopic/enwiki/1/"},
    ),
    (
        "in 2022 an entry had its storage location as a variable",
        ("revscoring_inference_services:\n"
        "  - { wiki: en, model: goodfaith, predictor: { custom_env: [ { name: STORAGE_URI, value: s3://m/goodfaith/enwiki/1/ } ] } }"),
        "enwiki-goodfaith",
        {"wiki": "enwiki", "model": "goodfaith", "storage": "s3://m/goodfaith/enwiki/1/"},
    ),
    (
        "a map by name, whose variables come after the shared ones",
        SHARED + "inference_services:\n  langid:\n    predictor:\n      image_version: v3\n      custom_env:\n"
        "        - { name: MODEL_NAME, value: langid }\n        - { name: STORAGE_URI, value: s3://m/langid/1/ }",
        "langid",
        {"model": "langid", "image": "revscoring", "image_version": "v3", "storage": "s3://m/langid/1/",
         "replicas": {"minReplicas": 1, "maxReplicas": 4}},
    ),
    (
        "a list of names",
        "inference_services: [ { name: revertrisk-wikidata, predictor: { image: risk, image_version: v4 } } ]",
        "revertrisk-wikidata",
        {"image": "risk", "image_version": "v4"},
    ),
    (
        "an application beside them is named after its namespace",
        "app: { image: wikimedia/ores-legacy, version: v5 }",
        "ns",
        {"image": "wikimedia/ores-legacy", "image_version": "v5"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name", "expected"), [case[1:] for case in FORMS], ids=[case[0] for case in FORMS])
def test_a_form_of_service(text, name, expected):
    charts = load({"ns/values.yaml": text})
    assert charts.holes == ()
    assert shown(charts.environments[0].services["ns", name]) == expected


def test_a_version_that_the_namespace_says_for_all_names_where_it_stands():
    held = services({"ns/values.yaml": SHARED + "revscoring_inference_services: [ { wiki: enwiki, version: '1' } ]"})
    version = held["ns", "enwiki-damaging"].image_version
    assert version.span.line == 6
    assert [step.via for step in version.provenance if step.op is Op.SELECT] == ["inference.predictor.version"]


MALFORMED = [
    ("a service without its wiki", "revscoring_inference_services: [ { version: '1', model: damaging } ]"),
    ("a service without a model", "revscoring_inference_services: [ { version: '1', wiki: enwiki } ]"),
    ("a list that is a word", "revscoring_inference_services: enwiki"),
    ("a list of words", "revscoring_inference_services: [ enwiki ]"),
    ("a service without its name", "inference_services: [ { predictor: {} } ]"),
    ("a service that is a word", "inference_services: { langid: v1 }"),
    ("a list for a file", "- a"),
    ("a file that is not YAML", "a: ["),
    ("two documents", "a: 1\n---\nb: 1\n"),
    ("a tag that makes an object", "a: !!python/object:os.system {}"),
]


@pytest.mark.parametrize("text", [case[1] for case in MALFORMED], ids=[case[0] for case in MALFORMED])
def test_what_cannot_be_a_service_is_a_hole_with_its_place(text):
    charts = load({"ns/values.yaml": text, "other/values.yaml": "app: { image: a, version: b }"})
    (hole,) = charts.holes
    assert hole.span.path == f"{FOLDER}/ns/values.yaml"
    assert all(("other", "other") in environment.services for environment in charts.environments)


def test_a_file_that_cannot_be_read_is_missed_only_where_it_counts():
    charts = load({"ns/values.yaml": "app: { version: v1 }", "ns/values-ml-staging-codfw.yaml": "a: ["})
    production, staging = charts.of(Realm.PRODUCTION), charts.of(Realm.BETA)
    assert [environment.holes for environment in production] == [(), ()]
    assert all(environment.values for environment in production)
    assert staging[0].holes == charts.holes != ()
    assert staging[0].values == {}


# -- environments ------------------------------------------------------------------------------------------------------


def test_the_release_comes_after_the_environment_and_another_environment_never():
    files = {
        "ns/values.yaml": "app: { version: base }",
        "ns/values-ml-serve-eqiad.yaml": "app: { version: eqiad }",
        "ns/values-ml-staging-codfw.yaml": "app: { version: staging }",
    }
    found = {
        environment.name: plain(environment.services["ns", "ns"].image_version)
        for environment in load(files).environments
    }
    assert found == {"ml-serve-eqiad": "eqiad", "ml-serve-codfw": "base", "ml-staging-codfw": "staging"}
    files["ns/values-main.yaml"] = "app: { version: release }"
    found = {
        environment.name: plain(environment.services["ns", "ns"].image_version)
        for environment in load(files).environments
    }
    assert set(found.values()) == {"release"}


def test_an_environment_that_the_helmfile_does_not_name_gets_nothing():
    files = {
        "ns/values.yaml": "app: { version: v1 }",
        "ns/helmfile.yaml": "environments:\n  ml-serve-eqiad:\n{{ not yaml }}\n",
    }
    assert [environment.name for environment in load(files).environments] == ["ml-serve-eqiad"]


def test_a_helmfile_that_cannot_be_read_takes_no_namespace_away():
    class Linked(MemoryTree):
        def read(self, path):
            if path.endswith("helmfile.yaml"):
                message = f"{path}: a symbolic link in git"
                raise IncompleteError(message)
            return super().read(path)

    charts = liftwing.load(
        Linked({f"{FOLDER}/ns/values.yaml": "app: { version: v1 }", f"{FOLDER}/ns/helmfile.yaml": ""})
    )
    assert len(charts.environments) == len(liftwing.ENVIRONMENTS)


def test_staging_replaces_a_list_and_inherits_a_map():
    files = {
        "a/values.yaml": "inference: { model: m }\nrevscoring_inference_services: [ { wiki: enwiki }, { wiki: frwiki } ]",
        "a/values-ml-staging-codfw.yaml": "revscoring_inference_services: [ { wiki: enwiki } ]",
        "b/values.yaml": "inference_services: { one: {}, two: {} }",
        "b/values-ml-staging-codfw.yaml": "inference_services: { one: { predictor: {} } }",
    }
    assert set(services(files)) == {("a", "enwiki-m"), ("a", "frwiki-m"), ("b", "one"), ("b", "two")}
    assert set(services(files, "ml-staging-codfw")) == {("a", "enwiki-m"), ("b", "one"), ("b", "two")}


def test_only_a_tree_with_values_of_ml_services_is_charts():
    assert liftwing.is_charts(MemoryTree({f"{FOLDER}/ns/values.yaml": ""}))
    assert liftwing.is_charts(MemoryTree({f"{FOLDER}/ns/values-ml-serve-eqiad.yaml": ""}))
    assert not liftwing.is_charts(MemoryTree({f"{FOLDER}/global.yaml": "", "helmfile.d/services/ns/values.yaml": ""}))


def test_each_file_is_read_once_and_named():
    files = {"ns/values.yaml": "app: { version: 012 }", "ns/values-ml-staging-codfw.yaml": ""}
    charts = load(files)
    assert sorted(charts.files) == sorted(f"{FOLDER}/{path}" for path in files)
    assert [doubt[0] for doubt in charts.doubts] == ["ambiguous-scalar"]


# -- the real repository -----------------------------------------------------------------------------------------------

REPO = os.environ.get("DRIFTCHECK_DEPLOYMENT_CHARTS", "")
INVENTORY = [
    ("revscoring-editquality-damaging", 35, 2),
    ("revscoring-editquality-goodfaith", 35, 1),
    ("llm", 10, 1),
    ("revertrisk", 5, 3),
]


@pytest.mark.skipif(not REPO, reason="DRIFTCHECK_DEPLOYMENT_CHARTS names no clone of operations/deployment-charts")
def test_the_inventory_of_the_real_repository():
    with closing(open_snapshot(REPO, revision="66ce6e0b56")) as snapshot:
        charts = liftwing.load(snapshot)
    assert charts.holes == ()
    held = {realm: {key for side in charts.of(realm) for key in side.services} for realm in Realm}
    counts = {realm: Counter(namespace for namespace, _ in keys) for realm, keys in held.items()}
    totals = [sum(n for name, n in counts[realm].items() if name.startswith("revscoring-")) for realm in Realm]
    assert totals == [109, 9]
    for namespace, production, staging in INVENTORY:
        assert (counts[Realm.PRODUCTION][namespace], counts[Realm.BETA][namespace]) == (production, staging)
