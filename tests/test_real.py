"""Against the real repository: set DRIFTCHECK_MEDIAWIKI_CONFIG to a clone of operations/mediawiki-config."""

from __future__ import annotations

import os
import subprocess
from contextlib import closing

import pytest

from driftcheck.core.severity import Severity
from driftcheck.engine import check
from driftcheck.layers.base import Options
from driftcheck.layers.extension import cover, profiles
from driftcheck.layers.extension.read import Run
from driftcheck.snapshot import open_snapshot

REPO = os.environ.get("DRIFTCHECK_MEDIAWIKI_CONFIG", "")
pytestmark = pytest.mark.skipif(
    not REPO, reason="DRIFTCHECK_MEDIAWIKI_CONFIG names no clone of operations/mediawiki-config"
)

INCIDENT, FIXED = "16443313c5", "14c5761826"


def report(revision):
    with closing(open_snapshot(REPO, revision=revision)) as snapshot:
        return check(Run(snapshot, Options(profiles.load("ores"))))


def of(rule, revision):
    return [finding for finding in report(revision).findings if finding.rule.id == rule]


def source_line(span, revision):
    blob = subprocess.run(
        ["git", "-C", REPO, "show", f"{revision}:{span.path}"], capture_output=True, check=True
    ).stdout
    return blob.decode().split("\n")[span.line - 1].strip()


def test_the_incident_is_one_finding_on_six_wikis_with_the_lines_of_both_sides():
    (finding,) = of("model-off-in-beta", INCIDENT)
    assert (finding.setting, finding.path) == ("wgOresModels", "goodfaith.enabled")
    assert finding.wikis == ("fawiki", "hewiki", "nlwiki", "ruwiki", "sqwiki", "wikidatawiki")
    assert finding.beta.span.path == "wmf-config/InitialiseSettings-labs.php"
    assert source_line(finding.beta.span, INCIDENT) == "'goodfaith' => false,"
    assert finding.production.span.path == "wmf-config/InitialiseSettings.php"
    assert source_line(finding.production.span, INCIDENT) == "'goodfaith' => true,"


def test_the_incident_names_the_wikis_that_beta_does_not_have():
    (finding,) = of("wiki-not-in-beta", INCIDENT)
    assert finding.wikis == ("cswiki", "etwiki", "fiwiki", "frwiki", "plwiki", "ptwiki", "rowiki", "trwiki")


def test_the_fix_leaves_no_error():
    fixed = report(FIXED)
    assert [f.rule.id for f in fixed.findings if f.severity is Severity.ERROR] == []
    assert fixed.incomplete == ()


INSTANCES = [
    ("model-off-in-beta", "b68c17c444", "14c5761826"),
    ("extension-only-in-beta", "63bf38e4da", None),
    ("shared-endpoint", "a59cfaadf4", "01f7023c2c"),
    ("override-defeated", "2602b49fdd", "ef35d6ee93"),
    ("unknown-option", "2a78aff83b", "a5edfe41e4"),
    ("int-keys-renumbered", "a94cb1848d", None),
    ("dead-config", "c5a17f669e", None),
    ("extension-default-leak", "5ff29fd805", "ce23b99ef1"),
    ("model-classes-missing", "24ec0a94aa", "6e25dc0807"),
    ("illegal-model-name", "2db6c5b194", "2e9be8f7dd"),
]


@pytest.mark.parametrize(("rule", "bad", "good"), INSTANCES, ids=[f"{rule} at {bad}" for rule, bad, _ in INSTANCES])
def test_a_rule_fires_at_the_bad_commit_and_is_silent_at_the_fix(rule, bad, good):
    assert of(rule, bad)
    if good is not None:
        assert of(rule, good) == []


THRESHOLD_INSTANCES = [
    ("threshold-syntax", "goodfaith.likelygood.min", "cawiki", "3904582dfd", "6656bbeabd"),
    ("threshold-missing-bound", "damaging.verylikelybad.max", "rowiki", "05953ea411", "cc5dcc7c29"),
    ("threshold-nesting", "goodfaith.verylikelybad.max", "eswikibooks", "6980011897", "bba2a7e954"),
    ("threshold-for-disabled-model", "goodfaith", "ruwiki", "b68c17c444", "14c5761826"),
    ("sensitivity-level-disabled", "damaging.likelybad", "arwiki", "784d00c486", "d591ecafee"),
]
"""A commit may mend one wiki and leave another: cawiki's => went in 6656bbeabd, lvwiki's stayed."""


@pytest.mark.parametrize(
    ("rule", "path", "wiki", "bad", "good"), THRESHOLD_INSTANCES, ids=[row[0] for row in THRESHOLD_INSTANCES]
)
def test_a_threshold_of_a_wiki_is_told_at_the_bad_commit_and_not_at_the_fix(rule, path, wiki, bad, good):
    told = [any(f.path == path and wiki in f.wikis for f in of(rule, revision)) for revision in (bad, good)]
    assert told == [True, False]


def test_coverage_of_the_incident_says_what_of_frwiki_no_beta_wiki_shows():
    with closing(open_snapshot(REPO, revision=INCIDENT)) as snapshot:
        held = cover.measure(Run(snapshot, Options(profiles.load("ores"))).comparison, ["frwiki"])
    unseen = {(row.behaviour.named, row.behaviour.form, row.behaviour.origin) for row in held.rows if not row.beta}
    assert unseen == {
        ("goodfaith.likelygood", "maximum recall @ precision", "default"),
        ("goodfaith.maybebad", "maximum filter_rate @ recall", "default"),
    }
    assert {row.beta for row in held.rows if row.behaviour.model == "goodfaith" and row.beta} == {("enwiki",)}


def midsummer(year: int) -> str:
    before = f"--before={year}-07-01"
    found = subprocess.run(
        ["git", "-C", REPO, "rev-list", "-1", "--first-parent", before, "HEAD"], capture_output=True, check=True
    )
    return found.stdout.decode().strip()


@pytest.mark.parametrize("year", range(2016, 2026))
def test_a_revision_of_each_year_evaluates_without_a_hole(year):
    assert report(midsummer(year)).incomplete == ()


@pytest.mark.parametrize("year", range(2013, 2016))
def test_a_revision_from_before_ores_says_that_nothing_is_compared(year):
    holes = [hole.reason for hole in report(midsummer(year)).incomplete]
    assert any(hole.startswith(("nothing in scope", "nothing to compare")) for hole in holes), holes
