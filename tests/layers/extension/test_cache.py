"""The cache: it answers only for the very same question, and nothing that stands in its folder can harm a run."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from support.cli import driftcheck
from support.git import Repo, write
from support.reports import document
from support.trees import COMMON, COMMON_LABS, INITIALISE, MODELS_AND_DRIFT, ON, OVERLAY, MemoryTree, tree

from driftcheck.core.kept import Kept
from driftcheck.core.model import Input, InputError, Parts
from driftcheck.core.severity import Severity
from driftcheck.engine import check
from driftcheck.layers.base import Options
from driftcheck.layers.extension import cache as caching
from driftcheck.layers.extension import profiles
from driftcheck.layers.extension.cache import REPORTS, ReportCache
from driftcheck.layers.extension.read import Run

if TYPE_CHECKING:
    from driftcheck.core.report import Report

pytestmark = pytest.mark.unmeasured

PRODUCTION, BETA = MODELS_AND_DRIFT


def files(**changes: object) -> dict[str, bytes]:
    # A constant is in it, so that the tree's own table of constants is looked for.
    return tree(f"{PRODUCTION}'wgOresN' => [ 'default' => [ NS_TALK => true ] ],", BETA, **changes)


def asked(
    folder: Path,
    held: dict[str, bytes],
    *,
    settings=(),
    date="2017-11-20",
    profile="ores",
    extension_dir=None,
    path=".",
    kind=REPORTS,
) -> tuple[Report, bool]:
    """The report, and whether the cache had it."""
    run = Run(MemoryTree(held), Options(profiles.load(profile, settings), date, extension_dir), path=path)
    cache = ReportCache(Kept(folder, kind), run.question())
    known = cache.load(run.snapshot.untraced)
    if known is not None:
        return known, True
    report = check(run)
    cache.store(run.snapshot, report)
    return report, False


def entries(folder: Path) -> list[Path]:
    return sorted((folder / REPORTS.folder).glob("*.json"))


# -- hits ------------------------------------------------------------------------------------------------------------------


def test_the_second_time_the_answer_is_the_first_one_s(tmp_path):
    first, hit = asked(tmp_path, files())
    again, hit_again = asked(tmp_path, files())
    assert (hit, hit_again) == (False, True)
    assert first.findings
    assert document(again) == document(first)
    assert [finding.fingerprint for finding in again.findings] == [finding.fingerprint for finding in first.findings]
    assert [finding.locations for finding in again.findings] == [finding.locations for finding in first.findings]


def test_a_severity_that_is_not_the_rule_s_own_comes_back(tmp_path):
    empty = "'wgOresFiltersThresholds' => [ 'default' => [ 'damaging' => [ 'likelybad' => [ 'min' => 0.9, 'max' => 0.1 ] ] ] ],"
    first, again = (asked(tmp_path, tree(PRODUCTION + empty, BETA))[0] for _ in range(2))
    assert ("threshold-range", Severity.ERROR) in {(f.rule.id, f.severity) for f in first.findings}
    assert [(f.rule.id, f.severity, f.rule.fix) for f in again.findings] == [
        (f.rule.id, f.severity, f.rule.fix) for f in first.findings
    ]


INPUTS = """
require "$wmfConfigDir/PrivateSettings.php";
$wgSecret = [ $wmgSecret, 1 ];
$wgText = "user:$wmgSecret@host";
$wgHooks = [ static function () { return 1; } ];
"""


def with_inputs(**more: str) -> dict[str, bytes]:
    """A tree whose realms differ in values that have secrets and closures in them."""
    secret = {"private/readme.php": "<?php $wmgSecret = '';", **more}
    rows = "".join(f"'{name}' => [ 'default' => 1 ],\n" for name in ("wgSecret", "wgText", "wgHooks"))
    return tree(rows, common=INPUTS, common_labs="$wgSecret = $wgText = $wgHooks = 2;", files=secret)


def test_secrets_and_closures_come_back(tmp_path):
    first, _ = asked(tmp_path, with_inputs(), profile="all")
    again, hit = asked(tmp_path, with_inputs(), profile="all")
    assert hit
    values = {finding.setting: finding.production.value.data for finding in first.findings}
    assert isinstance(values["wgText"], Parts)
    assert isinstance(values["wgSecret"][0].data, Input)
    assert isinstance(values["wgHooks"][0].data, Input)
    assert document(again) == document(first)
    assert {finding.setting: finding.production.value.data for finding in again.findings} == values
    assert [finding.fingerprint for finding in again.findings] == [finding.fingerprint for finding in first.findings]


def test_a_new_file_in_a_folder_that_was_listed_is_a_miss(tmp_path):
    asked(tmp_path, with_inputs(), profile="all")
    assert asked(tmp_path, with_inputs(README="x"), profile="all")[1], "nobody lists that folder"
    assert not asked(tmp_path, with_inputs(**{"wmf-config/new.php": "<?php $wgDBuser;"}), profile="all")[1]


def test_an_incomplete_report_comes_back_incomplete(tmp_path):
    held = tree(f"{PRODUCTION}'wgOresX' => [ 'default' => getenv( 'X' ) ],")
    first, _ = asked(tmp_path, held)
    again, hit = asked(tmp_path, held)
    assert hit
    assert first.incomplete
    assert again.incomplete == first.incomplete
    assert document(again) == document(first)


def test_a_file_that_nobody_reads_does_not_matter(tmp_path):
    asked(tmp_path, files())
    assert asked(tmp_path, files(files={"README": "x", "docroot/other.php": "<?php"}))[1]


# -- misses ----------------------------------------------------------------------------------------------------------------

CHANGED = {
    "production's settings": {INITIALISE: files()[INITIALISE] + b"// changed\n"},
    "beta's overlay": {OVERLAY: files()[OVERLAY] + b"// changed\n"},
    "CommonSettings.php": {COMMON: files()[COMMON] + b"// changed\n"},
    "CommonSettings-labs.php": {COMMON_LABS: files()[COMMON_LABS] + b"// changed\n"},
    "the class that names the files": {"src/WmfConfig.php": files()["src/WmfConfig.php"] + b"// changed\n"},
    "the index of the dblists": {"dblists-index.php": files()["dblists-index.php"] + b"// changed\n"},
    "the list of wikis": {"dblists/all.dblist": b"enwiki\nfrwiki\n# changed\n"},
    "beta's list of wikis": {"dblists/all-labs.dblist": b"enwiki\n"},
    "a file that was not there and now defines constants": {"tests/data/MWDefines.php": b"<?php\ndefine( 'X', 1 );\n"},
    "a file that was not there and now says how to merge": {"tests/data/SiteConfiguration.php": b"<?php\n"},
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=[f"a change of {name} is a miss" for name in CHANGED])
def test_a_changed_file_is_a_miss(tmp_path, change):
    asked(tmp_path, files())
    assert not asked(tmp_path, {**files(), **change})[1]
    assert asked(tmp_path, files())[1], "the first tree is still known"
    assert asked(tmp_path, {**files(), **change})[1], "and so is the second"


@pytest.mark.parametrize("path", [INITIALISE, OVERLAY, COMMON, COMMON_LABS])
def test_a_file_that_is_gone_is_a_miss(tmp_path, path):
    asked(tmp_path, files())
    fewer = {name: text for name, text in files().items() if name != path}
    hit = False
    with suppress(InputError):
        _, hit = asked(tmp_path, fewer)
    assert not hit


OPTIONS = [
    ("the settings that are asked for", {"settings": ["wgOresX"]}),
    ("the day", {"date": "2019-01-01"}),
    ("the profile", {"profile": "all"}),
    ("the path of the tree", {"path": "elsewhere"}),
]


@pytest.mark.parametrize(
    "option", [case[1] for case in OPTIONS], ids=[f"another value of {case[0]} is a miss" for case in OPTIONS]
)
def test_another_question_is_a_miss(tmp_path, option):
    asked(tmp_path, files())
    assert not asked(tmp_path, files(), **option)[1]


@pytest.fixture
def other_code(monkeypatch):
    """Each question is asked by a program of its own, whose files may be others."""
    monkeypatch.setattr(caching, "code_stamp", caching.code_stamp.__wrapped__)


@pytest.mark.usefixtures("other_code")
def test_a_change_of_any_module_of_driftcheck_is_a_miss_whatever_the_times_of_the_files(tmp_path, monkeypatch):
    modules = [tmp_path / "driftcheck" / name for name in ("__init__.py", "core/model.py", "layers/extension/cache.py")]
    for module in modules:
        module.parent.mkdir(parents=True, exist_ok=True)
        module.touch()
    monkeypatch.setattr("driftcheck.__file__", str(modules[0]))
    for module in modules:
        asked(tmp_path / "cache", files())
        assert asked(tmp_path / "cache", files())[1]
        module.write_text("# changed\n")
        os.utime(module, (0, 0))
        assert not asked(tmp_path / "cache", files())[1], module


@pytest.mark.usefixtures("other_code")
def test_another_version_of_the_grammar_is_a_miss(tmp_path, monkeypatch):
    grammar = tmp_path / "lib" / "tree_sitter_php" / "__init__.py"
    held = write({"tree_sitter_php/__init__.py": "", "tree_sitter_php-1.dist-info/METADATA": ""}, tmp_path / "lib")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: SimpleNamespace(origin=str(grammar)))
    asked(tmp_path / "cache", files())
    assert asked(tmp_path / "cache", files())[1]
    (held / "tree_sitter_php-1.dist-info").rename(held / "tree_sitter_php-2.dist-info")
    assert not asked(tmp_path / "cache", files())[1]


def test_a_changed_checkout_of_the_extension_is_a_miss(tmp_path):
    folder, extension = tmp_path / "cache", tmp_path / "ext"
    manifest = '{"config": {"OresX": {"value": %d}}, "manifest_version": 2}'
    write({"extension.json": manifest % 1}, extension)
    asked(folder, files(), extension_dir=str(extension))
    assert asked(folder, files(), extension_dir=str(extension))[1]
    write({"extension.json": manifest % 2}, extension)
    assert not asked(folder, files(), extension_dir=str(extension))[1]


# -- hostile folders -----------------------------------------------------------------------------------------------------------


def _sealed(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode() + b"\n" + body


class Bomb:
    def __reduce__(self):
        return os.mkdir, ("owned",)


SPOILED = [
    ("an empty file", lambda _: b""),
    ("half of the entry", lambda good: good[: len(good) // 2]),
    ("the entry with one byte changed", lambda good: good[:-5] + bytes([good[-5] ^ 1]) + good[-4:]),
    ("noise", lambda _: bytes(range(256)) * 4),
    ("a pickle", lambda _: pickle.dumps(Bomb())),
    ("a sealed pickle", lambda _: _sealed(pickle.dumps(Bomb()))),
    ("sealed text that is not JSON", lambda _: _sealed(b"{")),
    ("sealed brackets, a hundred thousand deep", lambda _: _sealed(b"[" * 100_000)),
    ("a sealed list", lambda _: _sealed(b"[]")),
    ("a sealed number", lambda _: _sealed(b"1")),
    ("a sealed entry without a trace", lambda _: _sealed(b'{"report": {}}')),
    ("a sealed entry whose trace is a list", lambda _: _sealed(b'{"trace": [], "report": {}}')),
    ("a sealed entry without a report", lambda _: _sealed(b'{"trace": {}}')),
    ("a sealed report of another shape", lambda _: _sealed(b'{"trace": {}, "report": {"findings": [[1]], "incomplete": [], "snapshots": [], "coverage": {}}}')),
    ("a sealed report with a rule that is not known", lambda _: _sealed(json.dumps({"trace": {}, "report": {"findings": [["no-such-rule", "", "", "", [], "", [[], None, []], [[], None, []], [], None]], "incomplete": [], "snapshots": [], "coverage": {}}}).encode())),
    ("a sealed trace that leaves the tree", lambda _: _sealed(json.dumps({"trace": {"../../etc/passwd": None, "/etc/passwd": None}, "report": {}}).encode())),
    ("a sealed report that is null", lambda _: _sealed(b'{"trace": {}, "report": null}')),
    ("a sealed report nested too deep", lambda _: _sealed(b'{"trace": {}, "report": {"findings": [["setting-drift","","","",[],"",[' + b"[1,[[0," * 20_000 + b"[]" + b"]]]" * 20_000 + b',null,[]],[[],null,[]],[],null]],"incomplete":[],"snapshots":[],"coverage":{}}}')),
]  # fmt: skip


@pytest.mark.parametrize("spoil", [case[1] for case in SPOILED], ids=[f"{case[0]} is no entry" for case in SPOILED])
def test_a_spoiled_entry_is_no_entry(tmp_path, spoil, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "cache"
    first, _ = asked(folder, files())
    (entry,) = entries(folder)
    entry.write_bytes(spoil(entry.read_bytes()))
    again, hit = asked(folder, files())
    assert not hit
    assert document(again) == document(first)
    assert not (tmp_path / "owned").exists()
    assert asked(folder, files())[1], "a good entry has taken its place"


def test_a_huge_file_is_not_read(tmp_path):
    asked(tmp_path, files())
    (entry,) = entries(tmp_path)
    with entry.open("r+b") as out:
        out.truncate(REPORTS.most * 200)
    assert not asked(tmp_path, files())[1]


def test_what_is_no_regular_file_is_passed_over(tmp_path):
    asked(tmp_path, files())
    (entry,) = entries(tmp_path)
    entry.unlink()
    entry.mkdir()
    stem = entry.stem.split("-")[0]
    (entry.parent / f"{stem}-{0:024}.json").symlink_to(tmp_path / "nowhere")
    (entry.parent / f"{stem}-{1:024}.json").symlink_to("/dev/zero")
    os.mkfifo(entry.parent / f"{stem}-{2:024}.json")
    for _ in range(2):  # neither does a folder in the entry's place end a run
        assert not asked(tmp_path, files())[1]
    assert entry.is_dir()


def test_an_entry_of_another_tree_under_this_one_s_name_is_not_believed(tmp_path):
    asked(tmp_path, files())
    (entry,) = entries(tmp_path)
    asked(tmp_path, {**files(), OVERLAY: files()[OVERLAY] + b"// other\n"})
    (other,) = [path for path in entries(tmp_path) if path != entry]
    entry.write_bytes(other.read_bytes())
    assert not asked(tmp_path, files())[1]


def test_nothing_in_the_package_unpickles():
    package = Path(profiles.__file__).parent.parent
    for path in package.rglob("*.py"):
        text = path.read_text("utf-8")
        assert not any(f"import {name}" in text for name in ("pickle", "marshal", "shelve", "dill"))
        assert "yaml.load(" not in text


# -- the folder ------------------------------------------------------------------------------------------------------------------


def test_the_folder_keeps_the_newest_entries_only(tmp_path):
    asked(tmp_path, files())
    (first,) = entries(tmp_path)
    for number in range(REPORTS.newest + 5):
        old = first.parent / f"{'0' * 24}-{number:024}.json"
        old.write_bytes(b"old")
        os.utime(old, (1000 + number, 1000 + number))
    asked(tmp_path, {**files(), OVERLAY: files()[OVERLAY] + b"// other\n"})
    left = entries(tmp_path)
    assert len(left) == REPORTS.newest
    assert first in left
    assert f"{0:024}" not in {path.stem.split("-")[1] for path in left}


def test_an_entry_that_answers_becomes_the_newest(tmp_path):
    asked(tmp_path, files())
    (entry,) = entries(tmp_path)
    os.utime(entry, (1, 1))
    assert asked(tmp_path, files())[1]
    assert entry.stat().st_mtime > 1_000_000


def test_no_half_written_file_is_left_behind(tmp_path):
    asked(tmp_path, files())
    assert [path.suffix for path in (tmp_path / REPORTS.folder).iterdir()] == [".json"]


def test_a_report_that_is_too_large_is_not_kept(tmp_path):
    held = tree(PRODUCTION, "'wgOresX' => [ 'default' => str_repeat( 'x', 120000 ) ],\n")
    for _ in range(2):
        assert not asked(tmp_path, held, kind=REPORTS._replace(most=100_000))[1]
    assert entries(tmp_path) == []
    assert not asked(tmp_path, held)[1]
    assert asked(tmp_path, held)[1], "the limit that is set leaves room for it"


def test_the_folder_is_made_for_its_owner_alone(tmp_path):
    folder = tmp_path / "a" / "b"
    asked(folder, files())
    assert (folder / REPORTS.folder).stat().st_mode & 0o077 == 0
    (entry,) = entries(folder)
    assert entry.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"the cache cannot be written .*--cache-dir, or use --no-cache"):
        Kept(tmp_path / "file" / "cache", REPORTS)


# -- through the command ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def repo(tmp_path):
    repo = Repo(tmp_path / "repo")
    repo.commit(files())
    return repo


def test_a_warm_run_prints_what_a_cold_run_prints(repo, tmp_path):
    for arguments in (
        [],
        ["--format", "json"],
        ["--rev", "HEAD"],
        ["--staged"],
        ["--wiki", "frwiki"],
        ["--select", "setting-drift"],
    ):
        runs = [driftcheck("check", *arguments, "--cache-dir", str(tmp_path / "c"), cwd=repo.root) for _ in range(2)]
        plain = driftcheck("check", *arguments, "--no-cache", cwd=repo.root)
        assert runs[0] == runs[1] == plain
    assert entries(tmp_path / "c")


def test_no_cache_neither_reads_nor_writes(repo, tmp_path):
    driftcheck("check", "--no-cache", "--cache-dir", str(tmp_path / "c"), cwd=repo.root)
    assert not (tmp_path / "c").exists()


def test_an_edit_is_seen_by_the_next_run(repo, tmp_path):
    first = driftcheck("check", "--cache-dir", str(tmp_path / "c"), cwd=repo.root)
    write(tree(ON), repo.root)
    second = driftcheck("check", "--cache-dir", str(tmp_path / "c"), cwd=repo.root)
    assert (first.code, second.code) == (1, 0)


@pytest.mark.parametrize(
    "how", ["option", "environment"], ids=lambda how: f"an unwritable cache named by the {how} is one line and exit 2"
)
def test_an_unwritable_cache(repo, tmp_path, how):
    (tmp_path / "file").write_text("")
    named = str(tmp_path / "file" / "cache")
    arguments, environment = (["--cache-dir", named], {}) if how == "option" else ([], {"DRIFTCHECK_CACHE_DIR": named})
    outcome = driftcheck("check", *arguments, cwd=repo.root, **environment)
    assert (outcome.code, outcome.out) == (2, "")
    (line,) = outcome.err.splitlines()
    assert named in line
    assert "--no-cache" in line
