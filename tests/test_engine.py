"""A run over a tree that is like another one's takes over what is the same, and its report is the one it would have made alone."""

from __future__ import annotations

import pytest
from support import FIXTURES
from support.trees import BETA_URL, COMMON, INITIALISE, ON, OVERLAY, MemoryTree, tree

from driftcheck.core.kept import Kept
from driftcheck.core.model import InputError, Realm
from driftcheck.engine import check
from driftcheck.layers.base import Options
from driftcheck.layers.extension import effective, profiles
from driftcheck.layers.extension.cache import REPORTS, ReportCache
from driftcheck.layers.extension.read import Run
from driftcheck.report import jsonreport
from driftcheck.snapshot.trace import Traced

pytestmark = pytest.mark.unmeasured

ERAS = FIXTURES / "mediawiki/eras"
DRIFT = tree(
    ON + "'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => true ] ],\n",
    "'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => false ] ],\n",
    common_labs=BETA_URL,
)


def options(profile="ores"):
    return Options(profiles.load(profile), "2017-11-20")


def era(name):
    return {
        str(path.relative_to(ERAS / name)): path.read_bytes() for path in (ERAS / name).rglob("*") if path.is_file()
    }


def evaluated_realms(monkeypatch):
    """The realms that are evaluated from here on."""
    seen = []
    whole = effective.evaluate

    def spied(config, realm, *rest, **named):
        seen.append(realm)
        return whole(config, realm, *rest, **named)

    monkeypatch.setattr(effective, "evaluate", spied)
    return seen


def broken(text):
    """A file with its middle third missing."""
    third = len(text) // 3
    return text[:third] + text[2 * third :]


def outcome(run):
    """Everything that a run says, or why it says nothing. An unknown value is equal to nothing: reports are held against each other as written."""
    try:
        report = check(run)
    except InputError as error:
        return str(error)
    return jsonreport.render(report._replace(incomplete=())), set(report.incomplete), report.files


def test_a_trace_ends_with_its_block():
    traced = Traced(MemoryTree({"a": "1", "b": "2"}))
    traced.read("a")
    with traced.tracing() as asked:
        traced.blob_id("no file")
        assert asked == {}
    traced.read("b")
    assert asked == {"a": MemoryTree({"a": "1"}).blob_id("a"), "no file": None}
    assert set(traced.asked()) == {"a", "b", "no file"}


NAMES = sorted(path.name for path in ERAS.iterdir() if path.is_dir())


@pytest.mark.parametrize(("name", "profile"), [*((name, "ores") for name in NAMES[::3]), ("e7-2026", "all")])
def test_a_file_that_changed_is_seen_whichever_it_is(name, profile):
    files = era(name)
    first = Run(MemoryTree(files, revision="a" * 40), options(profile))
    check(first)
    for path in files:
        if not path.startswith("expected") and path.endswith((".php", ".dblist")):
            changed = MemoryTree({**files, path: broken(files[path])}, revision="b" * 40)
            assert outcome(Run(changed, options(profile), like=first)) == outcome(Run(changed, options(profile))), path


def test_production_is_not_evaluated_again_where_only_beta_changed(monkeypatch):
    first = Run(MemoryTree(DRIFT), options())
    check(first)
    seen = evaluated_realms(monkeypatch)
    check(Run(MemoryTree({**DRIFT, OVERLAY: DRIFT[OVERLAY].replace(b"false", b"true")}), options(), like=first))
    assert seen == [Realm.BETA]


@pytest.mark.parametrize("path", [INITIALISE, COMMON, "dblists/all.dblist"])
def test_production_is_evaluated_again_where_one_of_its_files_changed(path, monkeypatch):
    first = Run(MemoryTree(DRIFT), options())
    check(first)
    seen = evaluated_realms(monkeypatch)
    check(Run(MemoryTree({**DRIFT, path: DRIFT[path] + b"\n"}), options(), like=first))
    assert seen == [Realm.PRODUCTION, Realm.BETA]


def test_another_day_is_another_production(monkeypatch):
    first = Run(MemoryTree(DRIFT), options())
    check(first)
    seen = evaluated_realms(monkeypatch)
    check(Run(MemoryTree(DRIFT), Options(profiles.load("ores"), "2020-01-01"), like=first))
    assert seen == [Realm.PRODUCTION, Realm.BETA]


def test_what_was_taken_over_is_named_by_the_tree_at_hand():
    first = Run(MemoryTree(DRIFT, revision="a" * 40), options())
    check(first)
    report = check(Run(MemoryTree(DRIFT, revision="b" * 40), options(), like=first))
    places = [place.span for finding in report.findings for place in finding.locations]
    assert {span.revision for span in places} == {"b" * 40}


def test_a_kept_report_depends_on_the_files_that_were_not_read_again(tmp_path):
    first = Run(MemoryTree(DRIFT), options())
    check(first)
    second = Run(MemoryTree(DRIFT), options(), like=first)
    cache = ReportCache(Kept(tmp_path, REPORTS), second.question())
    cache.store(second.snapshot, check(second))
    assert cache.load(MemoryTree(DRIFT)) is not None
    assert cache.load(MemoryTree({**DRIFT, INITIALISE: DRIFT[INITIALISE] + b"\n"})) is None
