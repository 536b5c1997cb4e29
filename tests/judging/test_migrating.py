"""What people keep by a fingerprint survives a version in which findings are called otherwise."""

from __future__ import annotations

import json

import pytest
from support.cli import driftcheck
from support.git import write
from support.trees import charts

from driftcheck.core.finding import Finding, Side
from driftcheck.core.model import Value
from driftcheck.judging import migrating
from driftcheck.judging.migrating import renamed, rewritten
from driftcheck.layers.registry import RULES

ROWS = "waivers:\n- {rule: liftwing-model-drift, reason: r, owner: o, until: 2999-01-01}\n"
COMMON = ("--repo", "charts", "--no-cache")


@pytest.fixture
def at(tmp_path, monkeypatch):
    """A folder with charts whose file of waivers has one that matches nothing."""
    write({**charts(), ".driftcheck/waivers.yaml": ROWS}, tmp_path / "charts")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def findings(*arguments):
    done = driftcheck("check", *COMMON, "--format", "json", *arguments)
    return json.loads(done.out)["findings"]


def test_a_baseline_of_before_knows_a_finding_that_has_another_layer_now(at):
    (unused,) = findings()
    assert (unused["rule"], unused["layer"]) == ("waiver-unused", "liftwing")
    row = {key: unused[key] for key in ("rule", "setting", "path")}
    # hashed as version 0.1.0 had it before: of the layer extension
    old = row | {"layer": "extension", "fingerprint": "6bcb66271596a23d72fc4ca0acf46dc6"}
    kept = row | {"rule": "gone", "layer": "liftwing", "fingerprint": "0" * 32}
    (at / "old.json").write_text(json.dumps({"version": 1, "findings": [old, kept]}))
    assert findings("--baseline", "old.json")[0]["disposition"]["state"] == "active"
    done = driftcheck("baseline", *COMMON, "--migrate", "old.json", "--output", "old.json")
    assert done.code == 0, done.err
    rows = json.loads((at / "old.json").read_text())["findings"]
    assert {(held["rule"], held["layer"], held["fingerprint"]) for held in rows} == {
        ("gone", "liftwing", "0" * 32),
        ("waiver-unused", "liftwing", unused["fingerprint"]),
    }
    assert findings("--baseline", "old.json")[0]["disposition"]["state"] == "baselined"


def test_a_file_of_waivers_keeps_its_comments_where_fingerprints_are_rewritten(at, monkeypatch):
    write(charts(production="202105140814"), at / "charts")
    (at / "charts/.driftcheck/waivers.yaml").unlink()
    (drift,) = findings()

    def formerly(finding):
        return finding._replace(setting="as it was called") if finding.rule.id == drift["rule"] else None

    monkeypatch.setattr(migrating, "FORMERLY", (formerly,))
    row = "- {{rule: {}, fingerprint: {}, reason: r, owner: o, until: 2999-01-01}} # kept\n"
    old = next(iter(_renamed_in(at)))
    write({".driftcheck/waivers.yaml": f"# ours\nwaivers:\n{row.format(drift['rule'], old)}"}, at / "charts")
    assert "waived" not in {held["disposition"]["state"] for held in findings()}
    done = driftcheck("waive", "--migrate", *COMMON)
    assert (done.code, done.err) == (0, "driftcheck: charts/.driftcheck/waivers.yaml: 1 fingerprints rewritten\n")
    text = (at / "charts/.driftcheck/waivers.yaml").read_text()
    assert text == f"# ours\nwaivers:\n{row.format(drift['rule'], drift['fingerprint'])}"
    assert {held["disposition"]["state"] for held in findings()} == {"waived"}


def _renamed_in(at):
    from support.examples import findings_on

    files = {
        str(path.relative_to(at / "charts")): path.read_text() for path in (at / "charts").rglob("*") if path.is_file()
    }
    return renamed(findings_on(files))


def test_nothing_changed_rewrites_nothing():
    assert rewritten("0" * 32, {}) == ("0" * 32, 0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("waive", "--migrate", "--waivers", "nowhere.yaml"), "nowhere.yaml: "),
        (("waive", "abc", "--reason", "r", "--owner", "o"), "--until is missing"),
        (("waive",), "FINGERPRINT is missing"),
        (("baseline", "--migrate", "old.json", "--prune", "old.json"), "only one of"),
    ],
)
def test_what_is_missing_is_refused(at, arguments, said):
    done = driftcheck(*arguments, *COMMON)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert said in done.err


def test_a_baseline_of_before_knows_findings_that_had_no_value_of_production(at):
    drafts = {
        "override-defeated": {"production"},
        "liftwing-not-in-staging": {"production"},
        "setting-drift": {"production", "beta"},
    }
    for rule, sides in drafts.items():
        both = Side(Value(1)), Side(Value(2))
        finding = Finding(RULES[rule], RULES[rule].layers[0], "wgX", "", (), "", *both)
        for side in sides:
            assert renamed([finding])[finding._replace(**{side: Side()}).fingerprint] is finding
