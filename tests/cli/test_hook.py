"""The hook, by the real pre-commit in a real repository. It runs this interpreter's driftcheck instead of an environment of its own.

What pre-commit plays no part in is asked of the command that it runs, in this process.
"""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml
from support import ROOT
from support.cli import driftcheck
from support.git import Repo
from support.trees import BETA_URL, ON, OVERLAY, charts, service, tree

HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
MODELS = "'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => true, 'reverted' => false, 'wp10' => false ] ],\n"
OFF = "'wgOresModels' => [\n\t'default' => [ 'damaging' => true, 'goodfaith' => false, 'reverted' => false, 'wp10' => false ],\n],\n"


# An index without a commit is judged by the latest extension, whose own levels of goodfaith are out of order.
ORDERED = "'wgOresFiltersThresholds' => [ 'default' => [ 'goodfaith' => [ 'likelybad' => false ] ] ],\n"


def hooked(folder, hook_id, files):
    """A repository with the hook and these files in its first commit."""
    command = f"{sys.executable} -c 'from driftcheck.cli import main; main()'"
    hook = HOOKS[hook_id] | {"language": "system", "entry": HOOKS[hook_id]["entry"].replace("driftcheck", command, 1)}
    held = Repo(folder / "repo")
    config = {"repos": [{"repo": "local", "hooks": [hook]}]}
    held.environment |= {"PRE_COMMIT_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT)}
    held.commit({**files, ".pre-commit-config.yaml": yaml.safe_dump(config), "notes.txt": "x\n"})
    return held


@pytest.fixture
def repo(tmp_path):
    return hooked(tmp_path, "driftcheck", tree(ON + MODELS, common_labs=BETA_URL))


def attempt(repo, *arguments):
    """What pre-commit says of the index, as a commit would run it."""
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", *arguments],
        cwd=repo.root,
        env=repo.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def judged(repo, *arguments, **environment):
    """What the hook's command says by itself."""
    return driftcheck("check", "--hook", "--no-cache", *arguments, cwd=repo.root, **repo.environment, **environment)


def stage(repo, files):
    for name, text in files.items():
        (repo.root / name).write_text(text if isinstance(text, str) else text.decode())
    repo.git("add", *files)


def overlay(text):
    return tree(ON + MODELS, text, common_labs=BETA_URL)[OVERLAY]


def test_a_commit_that_turns_goodfaith_off_in_beta_is_refused_with_the_line_and_the_way_out(repo):
    stage(repo, {OVERLAY: overlay(OFF)})
    code, said = attempt(repo)
    assert code == 1
    line = next(
        n for n, row in enumerate((repo.root / OVERLAY).read_text().split("\n"), 1) if "'goodfaith' => false" in row
    )
    assert "model-off-in-beta  wgOresModels.goodfaith.enabled" in said
    assert f"{OVERLAY}:{line}" in said
    assert "driftcheck: allow RULE until" in said


def test_a_commit_that_touches_no_configuration_runs_nothing(repo):
    stage(repo, {"notes.txt": "y\n"})
    code, said = attempt(repo)
    assert (code, "Skipped" in said) == (0, True)


def test_a_commit_on_top_of_old_drift_passes(repo):
    repo.commit({OVERLAY: overlay(OFF)})
    stage(repo, {OVERLAY: overlay(OFF + "'wgSitename' => [ 'default' => 'Beta' ],\n")})
    assert judged(repo).code == 0


def test_the_staged_half_of_a_file_is_what_counts(repo):
    stage(repo, {OVERLAY: overlay(OFF)})
    (repo.root / OVERLAY).write_bytes(overlay("") if isinstance(overlay(""), bytes) else overlay("").encode())
    assert attempt(repo)[0] == 1
    repo.git("reset", "-q", "--hard")
    stage(repo, {OVERLAY: overlay("'wgSitename' => [ 'default' => 'Beta' ],\n")})
    text = overlay(OFF)
    (repo.root / OVERLAY).write_bytes(text if isinstance(text, bytes) else text.encode())
    assert attempt(repo)[0] == 0


def test_untracked_files_do_not_matter(repo):
    stage(repo, {OVERLAY: overlay("'wgSitename' => [ 'default' => 'Beta' ],\n")})
    (repo.root / "wmf-config/ext-Other.php").write_text("<?php return [ 'wgOresModels' => [] ];\n")
    assert judged(repo).code == 0


def test_a_signed_divergence_passes(repo):
    signed = OFF.replace(
        "],\n],", "], // driftcheck: allow model-off-in-beta until 2999-01-01 (T181187, ores-team): trial\n],"
    )
    stage(repo, {OVERLAY: overlay(signed)})
    assert judged(repo).code == 0


def test_the_work_tree_the_index_and_the_stash_stay_as_they_are(repo):
    stage(repo, {OVERLAY: overlay(OFF)})
    before = repo.state()
    attempt(repo)
    assert repo.state()[1:] == before[1:]  # pre-commit itself refreshes the index


def test_the_first_commit_of_a_repository_is_judged_by_itself(tmp_path):
    repo = hooked(tmp_path, "driftcheck", tree(ON + MODELS + ORDERED, common_labs=BETA_URL))
    repo.git("checkout", "-q", "--orphan", "fresh")
    assert attempt(repo, "--all-files")[0] == 0


def test_the_file_of_waivers_that_the_configuration_names_is_read_from_the_index(repo):
    rows = "- rule: model-off-in-beta\n  reason: trial\n  owner: me\n  until: 2999-01-01\n"
    stage(
        repo, {"driftcheck.yaml": "waivers: signed.yaml\n", "signed.yaml": f"waivers:\n{rows}", OVERLAY: overlay(OFF)}
    )
    assert judged(repo).code == 0
    (repo.root / "signed.yaml").write_text("waivers:\n")
    assert judged(repo).code == 0, "what is not staged does not matter"
    repo.git("rm", "-q", "--cached", "-f", "signed.yaml")
    (repo.root / "signed.yaml").write_text(f"waivers:\n{rows}")
    told = judged(repo)
    assert (told.code, "add it with git add" in told.err) == (2, True)


def test_the_day_after_its_last_a_waiver_is_an_error_beside_what_it_hid(repo):
    signed = OFF.replace(
        "],\n],", "], // driftcheck: allow model-off-in-beta until 2020-01-31 (T181187, ores-team): trial\n],"
    )
    stage(repo, {OVERLAY: overlay(signed)})
    told = judged(repo)
    assert told.code == 1
    assert "error  waiver-expired" in told.out
    assert "error  model-off-in-beta" in told.out


# -- CI, amended commits, merges -----------------------------------------------------------------------------------


@pytest.fixture
def committing(repo):
    """The repository with the hook installed, as ``git commit`` runs it."""
    repo.git("branch", "clean")
    environment = repo.environment
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "install"],
        cwd=repo.root,
        env=environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return repo


def commits(repo, *arguments):
    """Whether git commits."""
    command = ["git", "-C", str(repo.root), "commit", "-q", "-m", "m", *arguments]
    return subprocess.run(command, env=repo.environment, capture_output=True, check=False).returncode == 0


MORE = "'wgSitename' => [ 'default' => 'Beta' ],\n"


def test_all_files_of_a_clean_index_are_all_of_head(repo):
    code, said = attempt(repo, "--all-files", "--verbose")
    assert (code, "the index equals HEAD, so everything in HEAD counts" in said) == (0, True)
    repo.commit({OVERLAY: overlay(OFF)})
    code, said = attempt(repo, "--all-files")
    assert (code, "error  model-off-in-beta" in said) == (1, True)


def test_a_range_of_commits_is_judged_from_where_it_left(repo):
    start = repo.git("rev-parse", "HEAD")
    repo.git("checkout", "-q", "-b", "topic")
    repo.commit({OVERLAY: overlay(MORE)})
    good = repo.git("rev-parse", "HEAD")
    repo.commit({OVERLAY: overlay(MORE + OFF)})
    bad = repo.git("rev-parse", "HEAD")
    repo.git("checkout", "-q", "master")
    repo.commit({OVERLAY: overlay("'wgOresX' => [ 'default' => 1 ],\n")})
    for old, new, code in ((start, good, 0), (start, bad, 1)):
        got, said = attempt(repo, "--from-ref", old, "--to-ref", new)
        assert got == code, (old, new, said)
    for old, new, code in ((start, good, 0), ("master", bad, 1), ("master", good, 0), (bad, bad, 0)):
        told = judged(repo, PRE_COMMIT_FROM_REF=old, PRE_COMMIT_TO_REF=new)
        assert told.code == code, (old, new, told)


def test_an_amended_commit_is_judged_against_the_parent_of_what_it_replaces(committing):
    (committing.root / OVERLAY).write_text(overlay(OFF).decode())
    committing.git("add", "-A")
    assert not commits(committing), "the first attempt"
    assert commits(committing, "--no-verify")
    stage(committing, {OVERLAY: overlay(OFF + MORE)})
    assert not commits(committing, "--amend")
    assert not commits(committing, "--am", "--no-edit")
    assert commits(committing), "a commit of its own is judged by what it adds"
    stage(committing, {OVERLAY: overlay(MORE)})
    assert commits(committing, "--amend"), "the drift is gone"


def test_what_git_stages_itself_is_judged_by_what_it_adds(committing):
    assert attempt(committing, "--all-files")[0] == 0
    committing.git("commit", "-q", "--no-verify", "--allow-empty", "-m", "m")
    (committing.root / OVERLAY).write_text(overlay(OFF).decode())
    assert not commits(committing, "-a"), "git commit -a has an index of its own"
    assert not commits(committing, OVERLAY), "and so has git commit FILE"
    assert commits(committing, "-a", "--no-verify")
    (committing.root / OVERLAY).write_text(overlay(OFF + MORE).decode())
    assert commits(committing, OVERLAY)


def test_a_root_commit_that_is_amended_is_all_new(committing):
    committing.git("checkout", "-q", "--orphan", "fresh")
    (committing.root / OVERLAY).write_text(overlay(OFF).decode())
    committing.git("add", "-A")
    assert commits(committing, "--no-verify")
    stage(committing, {OVERLAY: overlay(OFF + MORE)})
    assert not commits(committing, "--amend")


def test_in_a_merge_what_either_side_has_is_not_new(committing):
    committing.git("checkout", "-q", "-b", "other")
    stage(committing, {OVERLAY: overlay(OFF)})
    assert commits(committing, "--no-verify")
    committing.git("checkout", "-q", "master")
    stage(committing, {OVERLAY: overlay(MORE)})
    assert commits(committing)
    committing.git("merge", "-q", "other", check=False)
    stage(committing, {OVERLAY: overlay(MORE + OFF)})
    assert commits(committing)


def test_a_hook_takes_another_base_and_no_other_tree(repo):
    held = judged(repo, "--since", "clean...")
    assert held.code == 2
    repo.git("branch", "clean")
    repo.commit({OVERLAY: overlay(OFF)})
    stage(repo, {OVERLAY: overlay(OFF + MORE)})
    assert judged(repo).code == 0
    assert judged(repo, "--since", "clean...").code == 1
    for option in ("--staged", "--rev=HEAD", "--at=2020-01-01"):
        assert "--hook finds out itself" in judged(repo, option).err


def test_each_hook_finds_out_what_to_judge_and_runs_alone():
    for hook in HOOKS.values():
        assert hook["entry"] == "driftcheck check --hook"
        assert (hook["pass_filenames"], hook["require_serial"]) == (False, True)
        assert hook["files"].startswith("^(")
        assert hook["files"].endswith(")$")


@pytest.mark.parametrize(
    ("hook", "before", "after", "rule"),
    [
        (
            "driftcheck-ores",
            service(enwiki=["damaging", "goodfaith"]),
            service(enwiki=["damaging=goodfaith", "goodfaith"]),
            "service-model-swapped",
        ),
        ("driftcheck-liftwing", charts(), charts(version=""), "liftwing-version-missing"),
    ],
)
def test_the_services_repositories_have_hooks_of_their_own(tmp_path, hook, before, after, rule):
    held = hooked(tmp_path, hook, before)
    stage(held, {"notes.txt": "y\n"})
    assert "Skipped" in attempt(held)[1]
    stage(held, after)
    code, said = attempt(held)
    assert (code, f"error  {rule}" in said) == (1, True), said
    held.commit()
    stage(held, {name: f"{text}\n# more words\n" for name, text in after.items()})
    assert attempt(held)[0] == 0, "what was there before does not count"
