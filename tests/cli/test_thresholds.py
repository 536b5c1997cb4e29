"""driftcheck thresholds, and the rule that it shares its answers with."""

from __future__ import annotations

import json
import re

import pytest
from jsonschema import Draft202012Validator
from support import FIXTURES
from support.cli import driftcheck
from support.trees import DATE

from driftcheck.core import resources
from driftcheck.statistics.formula import STATISTICS

pytestmark = pytest.mark.unmeasured

STATISTICS_OF_THAT_DAY = FIXTURES / "statistics-2017-11-20"
TREE = ("--repo", str(FIXTURES / "mediawiki/incident"), "--extension-date", DATE)
SOLVE = ("thresholds", *TREE, "--statistics", str(STATISTICS_OF_THAT_DAY))


def document(*options, code=1):
    done = driftcheck(*SOLVE, *options, "--format", "json")
    assert (done.code, done.err) == (code, "")
    found = json.loads(done.out)
    errors = Draft202012Validator(resources.schema("thresholds-v1")).iter_errors(found)
    assert [error.message for error in errors] == []
    return found


def statistics_with(folder, **changes):
    """The fixture's statistics with other rows for some outcomes: names are WIKI__MODEL__OUTCOME."""
    folder.mkdir()
    for path in STATISTICS_OF_THAT_DAY.glob("*.json"):
        held = json.loads(path.read_text())
        for name, rows in changes.items():
            wiki, model, outcome = name.split("__")
            if path.name == f"{wiki}.{model}.json":
                held["thresholds"][outcome] = rows
        (folder / path.name).write_text(json.dumps(held))
    return folder


def test_every_formula_is_told_with_its_operating_point():
    found = document()
    held = {(row["wiki"], row["model"], row["level"], row["bound"]): row for row in found["thresholds"]}
    solved = held["frwiki", "goodfaith", "maybebad", "max"]
    assert (solved["state"], solved["outcome"], solved["threshold"], solved["value"]) == (
        "solved",
        "false",
        0.057,
        0.943,
    )
    assert set(solved["statistics"]) == set(STATISTICS)
    assert solved["statistics"]["recall"] >= 0.9
    as_it_is = held["nlwiki", "damaging", "likelybad", "min"]
    assert (as_it_is["outcome"], as_it_is["threshold"], as_it_is["value"]) == ("true", 0.794, 0.794)
    assert as_it_is["formula"] == "maximum recall @ precision >= 0.6"
    assert as_it_is["configured"] == "recall_at_precision(min_precision=0.6)"
    lost = held["ruwiki", "goodfaith", "verylikelybad", "max"]
    assert (lost["state"], round(lost["best"], 4)) == ("infeasible", 0.6087)
    assert lost["location"]["path"] == "wmf-config/InitialiseSettings.php"


def test_what_has_no_statistics_is_counted_and_named_and_never_fine():
    found = document()
    unchecked = [row for row in found["thresholds"] if row["state"] == "not_checked"]
    assert found["summary"]["not_checked"] == len(unchecked) > 0
    assert found["models_not_checked"] == sorted({f"{row['model_wiki']}.{row['model']}" for row in unchecked})
    assert sum(found["summary"][state] for state in ("solved", "infeasible", "not_checked")) == len(found["thresholds"])
    table = driftcheck(*SOLVE).out
    assert all(name in table for name in found["models_not_checked"])
    assert table.endswith(f"2 infeasible, 21 solved (20 near the edge), {len(unchecked)} not checked\n")


def test_without_any_statistics_nothing_was_evaluated():
    done = driftcheck(*SOLVE, "--wiki", "enwiki")
    assert done.code == 3
    assert "none of the 8 formulas" in done.err
    assert "0 solved, 8 not checked" in done.out


def test_wikis_and_realms_are_chosen():
    assert {row["wiki"] for row in document("--wiki", "fr*", "--wiki", "ruwiki")["thresholds"]} == {"frwiki", "ruwiki"}
    document("--wiki", "nlwiki", code=0)
    beta = document("--realm", "beta", code=0)
    assert {row["wiki"] for row in beta["thresholds"]} >= {"ruwiki"}
    assert not {"frwiki"} & {row["wiki"] for row in beta["thresholds"]}
    assert "goodfaith" not in {row["model"] for row in beta["thresholds"] if row["wiki"] == "ruwiki"}


@pytest.mark.parametrize(
    ("options", "near"),
    [
        (("--near", "0"), set()),
        (("--near", "3"), {"likelygood", "maybebad"}),
        (("--near", "0", "--margin", "0.05"), {"likelygood"}),
        (("--near", "0", "--margin", "0.11"), {"likelygood", "maybebad"}),
        (("--near", "99"), {"likelygood", "maybebad", "likelybad"}),
    ],
)
def test_near_the_edge_are_few_points_and_small_margins(options, near):
    rows = document("--wiki", "frwiki", *options)["thresholds"]
    assert {row["level"] for row in rows if row["near_edge"]} == near


def test_against_another_set_what_changes_is_told(tmp_path):
    before = statistics_with(
        tmp_path / "before",
        frwiki__goodfaith__false=[[0.2, 300, 200, 19000, 124], [0.9, 50, 1, 19415, 374]],
    )
    found = document("--wiki", "frwiki", "--against", str(before))
    changed = {
        row["level"]: (row["before"]["state"], row["state"]) for row in found["thresholds"] if row.get("changed")
    }
    assert changed["verylikelybad"] == ("solved", "infeasible")
    assert "likelygood" not in changed, "the outcome true is as it was"
    assert found["summary"]["changed"] == len(changed)
    table = driftcheck(*SOLVE, "--wiki", "frwiki", "--against", str(before)).out
    assert "frwiki goodfaith.verylikelybad.max: 0.1 -> infeasible: the best precision is 0.7234" in table
    same = document("--against", str(STATISTICS_OF_THAT_DAY))
    assert same["summary"]["changed"] == 0


REFUSED = [
    (("thresholds", *TREE), "--statistics"),
    ((*SOLVE, "--wiki", "nowiki"), "no such wiki"),
    ((*SOLVE, "--against", "gone"), "gone: No such file"),
    (("thresholds", *TREE, "--statistics", "ftp://example.org/"), "not an address"),
    (("check", *TREE, "--statistics", "gone"), "gone: No such file"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_a_refusal_is_one_line(arguments, message, tmp_path):
    done = driftcheck(*arguments, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert len(done.err.splitlines()) == 1


def test_a_file_with_a_hostile_name_and_content_is_one_harmless_line(tmp_path):
    folder = tmp_path / "\x1b[31m"
    folder.mkdir()
    (folder / "frwiki.goodfaith.json").write_text('{"meta": {"model": "\\u001b]0;x\\n::error::x"}}')
    done = driftcheck("thresholds", *TREE, "--statistics", str(folder))
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert "\x1b" not in done.err


# -- the rule ----------------------------------------------------------------------------------------------------------

CHECK = ("check", *TREE, "--select", "threshold-infeasible", "--format", "json")


def checked(*options, code):
    done = driftcheck(*CHECK, *options)
    assert done.code == code, done.err
    return json.loads(done.out)


def test_check_reports_what_is_infeasible_and_counts_what_it_could_not_check():
    report = checked("--statistics", str(STATISTICS_OF_THAT_DAY), code=1)
    told = {
        (*finding["wikis"], finding["setting"], finding["path"]): finding["message"] for finding in report["findings"]
    }
    setting, path = "wgOresFiltersThresholds", "goodfaith.verylikelybad.max"
    assert set(told) == {("frwiki", setting, path), ("ruwiki", setting, path)}
    assert re.search(r"precision >= 0\.9: the best precision is 0\.7234$", told["frwiki", setting, path])
    assert re.search(r"precision >= 0\.75: the best precision is 0\.6087$", told["ruwiki", setting, path])
    coverage = report["coverage"]
    both = [document("--realm", realm, code=code)["summary"] for realm, code in (("production", 1), ("beta", 0))]
    assert coverage["thresholds_not_checked"] == sum(held["not_checked"] for held in both)
    assert coverage["thresholds_checked"] == sum(held["solved"] + held["infeasible"] for held in both)


def test_without_statistics_the_rule_is_silent_and_nothing_is_counted():
    report = checked(code=0)
    assert report["findings"] == []
    assert not {name for name in report["coverage"] if name.startswith("thresholds")}


def test_statistics_without_any_of_the_models_make_the_run_incomplete(tmp_path):
    (tmp_path / "xxwiki.goodfaith.json").write_text("{}")
    report = checked("--statistics", str(tmp_path), code=3)
    assert "has statistics" in report["incomplete"][0]["reason"]


def test_a_kept_report_answers_only_for_the_same_statistics(tmp_path):
    cache = ("--cache-dir", str(tmp_path / "cache"))
    mended = statistics_with(
        tmp_path / "mended",
        frwiki__goodfaith__false=[[0.05, 420, 4000, 15415, 4], [0.2, 300, 200, 19000, 124], [0.9, 50, 1, 19415, 374]],
        ruwiki__goodfaith__false=[[0.2, 300, 100, 19000, 124], [0.9, 50, 1, 19415, 374]],
    )
    for _ in range(2):
        assert len(checked("--statistics", str(STATISTICS_OF_THAT_DAY), *cache, code=1)["findings"]) == 2
        assert checked("--statistics", str(mended), *cache, code=0)["findings"] == []
        assert checked(*cache, code=0)["findings"] == []
    assert len(list((tmp_path / "cache").rglob("*.json"))) == 3
