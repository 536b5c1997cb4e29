"""The extension's defaults: the bundled table by day, checkouts in both manifest versions, and broken ones."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from support.reports import effective, findings_of, report_on, run_on
from support.trees import ON, tree
from support.values import bare, typed, value

from driftcheck.core.model import MISSING, InputError, Op, Realm, Unknown, has_unknown
from driftcheck.core.resources import row, table
from driftcheck.mediawiki.registration import bundled, from_checkout, to_value

TABLE = table("ores-defaults")
DAYS = sorted(TABLE["eras"])


# -- bundled -------------------------------------------------------------------------------------------------------------


def test_before_its_first_day_there_is_nothing():
    assert bundled("ORES", "2012-01-01").entries == {}
    assert bundled("ORES", DAYS[0]).entries


@pytest.mark.parametrize("day", DAYS, ids=lambda day: f"the defaults of {day} hold from that day")
def test_an_era_begins_on_its_day(day):
    era = TABLE["eras"][day]
    held = bundled("ORES", day)
    assert set(held.entries) == {f"wg{name}" for name in era["config"]}
    for name, (index, strategy, line) in era["config"].items():
        entry = held.entries[f"wg{name}"]
        assert entry.value == to_value(TABLE["values"][index])
        assert entry.strategy == strategy
        assert (entry.value.span.path, entry.value.span.line, entry.value.span.revision) == (
            "extensions/ORES/extension.json",
            line,
            era["revision"],
        )


def test_an_era_lasts_until_the_day_before_the_next():
    for before, after in pairwise(DAYS):
        year, month, day = map(int, after.split("-"))
        previous = (
            f"{year:04}-{month:02}-{day - 1:02}"
            if day > 1
            else f"{year:04}-{month - 1:02}-31"
            if month > 1
            else f"{year - 1:04}-12-31"
        )
        if previous >= before:
            assert {n: e.value for n, e in bundled("ORES", previous).entries.items()} == {
                n: e.value for n, e in bundled("ORES", before).entries.items()
            }
    assert bundled("ORES", "9999-12-31").entries.keys() == bundled("ORES", DAYS[-1]).entries.keys()


def test_the_day_of_the_incident():
    models = bundled("ORES", "2017-11-20").entries["wgOresModels"]
    assert (bare(models.value)["reverted"], bare(models.value)["wp10"], models.strategy) == (True, True, "array_merge")
    assert bundled("ORES", "2017-11-20").entries["wgOresFiltersThresholds"].strategy == "array_plus_2d"


REGISTRATION = table("registration")
EXTENSIONS = sorted(REGISTRATION.keys() - {"@source"})


def test_every_extension_is_read_alone_and_by_day():
    for name in EXTENSIONS:
        held = row("registration", name)
        assert held == REGISTRATION[name]
        days = [day for day, _ in held["eras"]]
        assert days == sorted(set(days)), name
        assert bundled(name, "2012-01-01").entries == {}
        assert bool(bundled(name, "9999-12-31").entries) == bool(days and any(_last(held).values())), name


def _last(held):
    """The config of the last day, as the table has it."""
    merged = {}
    for _, changes in held["eras"]:
        merged |= changes
    return merged


def test_the_table_needs_no_more_than_it_holds():
    for name in EXTENSIONS:
        used = {entry[0] for _, changes in REGISTRATION[name]["eras"] for entry in changes.values() if entry}
        assert used == set(range(len(REGISTRATION[name]["values"]))), name


def test_an_extension_on_a_day():
    def held(day):
        return {name: bare(entry.value) for name, entry in bundled("3D", day).entries.items()}

    assert held("2017-03-01") == {}
    assert held("2017-03-02") == {"wgMax3d2pngMemory": "10000000"}
    assert held("2018-02-20") == {"wgMax3d2pngMemory": "10000000", "wgAjaxPatentPreview": True}
    assert held("2026-01-01")["wg3dProcessEnviron"] == {}


def test_what_no_table_has_has_no_defaults():
    assert bundled("Nobody", "2026-01-01").entries == {}
    assert bundled("", "2026-01-01").entries == {}


def test_a_path_in_the_folder_of_an_extension():
    held = bundled("TorBlock", "2026-01-01").entries["wgTorOnionooCA"].value
    assert str(held.data) == "<env IP>/extensions/TorBlock/torproject.crt"


@pytest.mark.parametrize(("setting", "wanted"), [
    ("", {}),
    ("'wg3dProcessEnviron' => [ 'default' => [ 'A' => 'b' ] ],", {"A": "b"}),
])  # fmt: skip
def test_a_profile_of_another_extension_has_its_defaults(tmp_path, setting, wanted):
    path = tmp_path / "3d.yaml"
    path.write_text("name: three\nsettings: [wg3d*, wgMax3d*, wgAjaxPatent*]\nextension: 3D\n")
    rows = f"'wmgUse3D' => [ 'default' => true, 'frwiki' => false ],\n{setting}"
    run = run_on(
        tree(rows, common="if ( $wmgUse3D ) { wfLoadExtension( '3D' ); }"), date="2020-01-01", profile=str(path)
    )
    side = run.realm(Realm.PRODUCTION)
    assert bare(side.value("wgMax3d2pngMemory", 0)) == "10000000"
    assert bare(side.value("wg3dProcessEnviron", 0)) == wanted
    assert side.value("wgMax3d2pngMemory", 1) is MISSING, "not loaded"
    (tmp_path / "extension.json").write_text('{"config": {"Max3d2pngMemory": {"value": 7}}, "manifest_version": 2}')
    own = run_on(run.snapshot.untraced.files, date="2020-01-01", profile=str(path), extension_dir=str(tmp_path))
    assert bare(own.realm(Realm.PRODUCTION).value("wgMax3d2pngMemory", 0)) == 7


# -- registration ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path: Path):
    def make(config: object, **manifest: object) -> str:
        (tmp_path / "extension.json").write_text(json.dumps({"config": config, **manifest}, indent="\t"))
        return str(tmp_path)

    return make


STRATEGIES = [
    ("array_merge", {"a": 1, 5: "x"}, {"a": 2, 7: "y"}, {"a": 1, 0: "y", 1: "x"}),
    ("array_plus", {"a": 1, 5: "x"}, {"a": 2, 5: "y", "b": 3}, {"a": 1, 5: "x", "b": 3}),
    ("array_plus_2d", {"a": {"x": 1}}, {"a": {"x": 2, "y": 3}}, {"a": {"x": 1, "y": 3}}),
    ("array_replace_recursive", {"a": {"x": [9]}}, {"a": {"x": [1, 2], "y": 3}}, {"a": {"x": {0: 9, 1: 2}, "y": 3}}),
    ("array_merge_recursive", {"a": {"x": 1, 5: 2}, 7: "o"}, {"a": {"x": 2, 5: 3}, 7: "d", "n": 1},
     {"a": {"x": {0: 1, 1: 2}, 5: 2, 6: 3}, 0: "o", 1: "d", "n": 1}),
    ("array_merge_recursive", {"a": 1}, {"a": {"k": 2}}, {"a": {0: 1, "k": 2}}),
    ("provide_default", {"a": 1}, {"b": 2}, {"a": 1}),
    ("provide_default", {}, {"b": 2}, {}),
    ("provide_default", MISSING, {"b": 2}, {"b": 2}),
]  # fmt: skip


@pytest.mark.parametrize(("strategy", "configured", "default", "wanted"), STRATEGIES)
def test_each_strategy(checkout, strategy, configured, default, wanted):
    folder = checkout({"X": {"value": default, "merge_strategy": strategy}}, manifest_version=2)
    outcome = from_checkout(folder, "").register("wgX", configured if configured is MISSING else value(configured))
    assert bare(outcome) == bare(value(wanted))


REGISTERED = [
    ("what is not set is the default", MISSING, {"a": 1}),
    ("an empty array is the default", {}, {"a": 1}),
    ("an array meets the default", {"b": 2}, {"a": 1, "b": 2}),
    ("a scalar stays", 5, 5),
    ("false stays", False, False),
]


@pytest.mark.parametrize(
    ("configured", "wanted"), [case[1:] for case in REGISTERED], ids=[case[0] for case in REGISTERED]
)
def test_registration(checkout, configured, wanted):
    held = from_checkout(checkout({"OresX": {"value": {"a": 1}}}, manifest_version=2), "")
    outcome = held.register("wgOresX", configured if configured is MISSING else value(configured))
    assert typed(bare(outcome)) == typed(wanted)


def test_registration_leaves_alone_what_the_manifest_does_not_name_and_what_is_not_known(checkout):
    held = from_checkout(checkout({"OresX": {"value": 1}}, manifest_version=2), "")
    assert bare(held.register("wgOresOther", value(3))) == 3
    assert held.register("wgOresOther", MISSING) is MISSING
    assert isinstance(held.register("wgOresX", Unknown("why")), Unknown)


def test_a_default_of_null_is_absence(checkout):
    held = from_checkout(checkout({"OresX": {"value": None}}, manifest_version=2), "")
    assert held.register("wgOresX", MISSING) is MISSING


def test_a_default_says_where_it_comes_from(checkout):
    folder = checkout({"OresX": {"value": 7}}, manifest_version=2)
    outcome = from_checkout(folder, "").register("wgOresX", MISSING)
    assert outcome.span.path == f"{folder}/extension.json"
    assert '"OresX"' in Path(outcome.span.path).read_text().splitlines()[outcome.span.line - 1]
    assert outcome.provenance[-1].op is Op.SCHEMA_DEFAULT


# -- checkouts ---------------------------------------------------------------------------------------------------------------

MANIFESTS = [
    ("version 2 has values", {"A": {"value": [1]}}, {"manifest_version": 2}, {"wgA": ({0: 1}, "array_merge")}),
    ("version 2 has strategies beside values", {"A": {"value": {"x": 1}, "merge_strategy": "array_plus"}}, {"manifest_version": 2}, {"wgA": ({"x": 1}, "array_plus")}),
    ("version 2 has a prefix of its own", {"A": {"value": 1}}, {"manifest_version": 2, "config_prefix": "eg"}, {"egA": (1, "array_merge")}),
    ("version 1 has the values themselves", {"A": {"x": 1}, "B": False}, {"manifest_version": 1}, {"wgA": ({"x": 1}, "array_merge"), "wgB": (False, "array_merge")}),
    ("a manifest without a version is of version 1", {"A": 3}, {}, {"wgA": (3, "array_merge")}),
    ("version 1 has strategies inside values", {"A": {"x": 1, "_merge_strategy": "array_plus_2d"}}, {"manifest_version": 1}, {"wgA": ({"x": 1}, "array_plus_2d")}),
    ("version 1 has the prefix among the values", {"_prefix": "eg", "A": 1}, {"manifest_version": 1}, {"egA": (1, "array_merge")}),
    ("comments are passed over", {"@note": "n", "A": {"value": 1}}, {"manifest_version": 2}, {"wgA": (1, "array_merge")}),
    ("keys that are numbers are numbers in PHP", {"A": {"value": {"7": 1, "07": 2}}}, {"manifest_version": 2}, {"wgA": ({7: 1, "07": 2}, "array_merge")}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("config", "manifest", "wanted"), [case[1:] for case in MANIFESTS], ids=[case[0] for case in MANIFESTS]
)
def test_manifests(checkout, config, manifest, wanted):
    held = from_checkout(checkout(config, **manifest), "2024-01-01")
    assert {name: (typed(bare(entry.value)), entry.strategy) for name, entry in held.entries.items()} == {
        name: (typed(data), strategy) for name, (data, strategy) in wanted.items()
    }
    assert held.date == "2024-01-01"


BROKEN = [
    ("no file", None),
    ("an empty file", b""),
    ("half a file", b'{"config": {"A": '),
    ("not JSON", b"<?php return [];"),
    ("bytes that are not UTF-8", b'{"config": "\xff"}'),
    ("a list", b"[]"),
    ("no config section", b'{"name": "ORES"}'),
    ("a config that is a list", b'{"config": [1]}'),
    ("a config that is null", b'{"config": null}'),
    ("a hundred thousand brackets", b'{"config": ' + b"[" * 100_000),
    ("a config that is a text", b'{"config": "x"}'),
    ("half a character in a value", rb'{"config": {"OresX": {"value": "\ud800"}}}'),
    ("half a character in a name", rb'{"config": {"Ores\udfff": {"value": 1}}}'),
]


@pytest.mark.parametrize(
    "content", [case[1] for case in BROKEN], ids=[f"a checkout with {case[0]} is refused" for case in BROKEN]
)
def test_broken_checkouts(tmp_path, content):
    if content is not None:
        (tmp_path / "extension.json").write_bytes(content)
    with pytest.raises(InputError) as error:
        from_checkout(str(tmp_path), "")
    message = str(error.value)
    assert message.startswith(f"{tmp_path}/extension.json: ")
    assert len(message.splitlines()) == 1
    assert len(message) < 400
    assert error.value.exit_code == 2


ODD_ENTRIES = [
    ("a strategy that is no text", {"A": {"value": {"a": 1}, "merge_strategy": 5}}),
    ("a strategy that nobody knows", {"A": {"value": {"a": 1}, "merge_strategy": "array_plus_9d"}}),
    ("an entry that is no object", {"A": 5}),
    ("an entry without a value", {"A": {"description": "d"}}),
]


@pytest.mark.parametrize(
    "config", [case[1] for case in ODD_ENTRIES], ids=[f"{case[0]} is no crash and no guess" for case in ODD_ENTRIES]
)
def test_odd_entries(checkout, config):
    held = from_checkout(checkout(config, manifest_version=2), "")
    outcome = held.register("wgA", value({"b": 2}))
    assert has_unknown(outcome) or typed(bare(outcome)) == typed({"b": 2})


# -- in a tree -----------------------------------------------------------------------------------------------------------------


def test_defaults_arrive_only_where_the_extension_is_loaded():
    files = tree("'wmgUseORES' => [ 'default' => false, 'frwiki' => true ],\n")
    held = effective(files, "wgOresModels", Realm.PRODUCTION, "defaults")
    assert held["enwiki"] is MISSING
    assert bare(held["frwiki"])["damaging"] is True


def test_a_checkout_replaces_the_bundled_table(checkout):
    folder = checkout({"OresModels": {"value": {"mine": {"enabled": True}}}}, manifest_version=2)
    held = effective(tree(ON), "wgOresModels", Realm.PRODUCTION, "defaults", extension_dir=folder)
    assert bare(held["enwiki"]) == {"mine": {"enabled": True}}
    assert findings_of(
        report_on(
            tree(ON + "'wgOresModels' => [ 'default' => [ 'damaging' => [ 'enabled' => true ] ] ],"),
            extension_dir=folder,
        ),
        "extension-default-leak",
    )


def test_thresholds_of_one_level_get_the_other_levels_from_the_defaults():
    files = tree(ON + "'wgOresFiltersThresholds' => [ 'frwiki' => [ 'damaging' => [ 'verylikelybad' => false ] ] ],")
    held = bare(effective(files, "wgOresFiltersThresholds", Realm.PRODUCTION, "defaults")["frwiki"])
    assert held["damaging"]["verylikelybad"] is False
    assert {"likelygood", "maybebad", "likelybad"} <= set(held["damaging"])
    assert "goodfaith" in held
