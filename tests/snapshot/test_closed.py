"""git is closed: nothing that a repository or its surroundings configure runs, fetches, replaces or hangs."""

from __future__ import annotations

import os
import socket
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from support.cli import driftcheck
from support.git import Repo
from support.trees import MODELS_AND_DRIFT, tree

from driftcheck.core.model import IncompleteError, InputError
from driftcheck.snapshot import git as calls
from driftcheck.snapshot import open_snapshot, revision_at
from driftcheck.snapshot.objects import day_of

if TYPE_CHECKING:
    from pathlib import Path

KINDS = {"the work tree": {}, "the index": {"staged": True}, "a revision": {"revision": "HEAD"}}
every_kind = pytest.mark.parametrize("options", KINDS.values(), ids=[f"in {kind}" for kind in KINDS])
of_git = pytest.mark.parametrize("options", [{"staged": True}, {"revision": "HEAD"}], ids=["the index", "a revision"])


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "repo")
    repo.commit({"a.php": "one\n", "wmf-config/b.php": "two\n"})
    return repo


def day(root: Path, **options: object) -> str | None:
    with closing(open_snapshot(str(root), **options)) as snapshot:
        return snapshot.date()


def text(root: Path, path: str, **options: object) -> bytes | None:
    with closing(open_snapshot(str(root), **options)) as snapshot:
        source = snapshot.read(path)
        return None if source is None else source.text


# -- signatures --------------------------------------------------------------------------------------------------------


def _sign(repo: Repo) -> None:
    """Give HEAD the header of a signature, as git commit -S writes it."""
    lines = repo.git("cat-file", "commit", "HEAD").split("\n")
    at = lines.index("")
    signature = [
        "gpgsig -----BEGIN PGP SIGNATURE-----",
        " ",
        " committer x <x> 1 +0000",
        " -----END PGP SIGNATURE-----",
    ]
    signed = "\n".join([*lines[:at], *signature, *lines[at:], ""])
    name = repo.git("hash-object", "-t", "commit", "-w", "--stdin", text=signed.encode())
    repo.git("update-ref", "HEAD", name)


@every_kind
def test_a_signed_commit_is_dated_and_its_signature_is_not_verified(repo, options, tmp_path):
    owned = tmp_path / "owned"
    script = tmp_path / "gpg"
    script.write_text(f"#!/bin/sh\ntouch '{owned}'\necho 'gpg: Signature made 2001-01-01'\n")
    script.chmod(0o755)
    _sign(repo)
    for name, value in (
        ("log.showSignature", "true"),
        ("gpg.program", str(script)),
        ("gpg.ssh.program", str(script)),
        ("gpg.x509.program", str(script)),
        ("format.pretty", "%G? %h"),
        ("log.date", "relative"),
    ):
        repo.git("config", name, value)
    repo.git("log", "-1")
    assert owned.exists(), "git log does run it"
    owned.unlink()
    assert day(repo.root, **options) == "2017-11-20"
    assert text(repo.root, "a.php", **options) == b"one\n"
    assert not owned.exists()


# -- the day of a commit -----------------------------------------------------------------------------------------------

DAYS = [
    (b"committer C <c@example.org> 1511222400 +0000", "2017-11-21"),
    (b"committer C <c@example.org> 1511222400 -0100", "2017-11-20"),
    (b"committer C <c@example.org> 1511222399 +1400", "2017-11-21"),
    (b"committer > 5 +0000 <c> 0 +0000", "1970-01-01"),
]


@pytest.mark.parametrize(("line", "expected"), DAYS, ids=str)
def test_the_day_is_the_committer_s_in_their_time_zone(line, expected):
    assert day_of(b"tree x\nauthor A <a> 1 +0000\n" + line + b"\n\ncommitter C <c> 1 +0000\n") == expected


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"gpg: Signature made Mon 20 Nov 2017",
        b"committer C <c> +0000",
        b"committer C <c> 1511222400 +9900",
        b"committer C <c> 999999999999 +0000",
        b"committer C <c> -1 +0000",
        b"committer C <c> 1511222400",
    ],
)
def test_what_is_no_time_is_no_day(line):
    with pytest.raises(IncompleteError):
        day_of(b"tree x\n" + line + b"\n\n2017-11-20\n")


# -- a partial clone ---------------------------------------------------------------------------------------------------


@pytest.fixture
def partial(repo, tmp_path) -> Repo:
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    repo.git("clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{repo.root}", str(tmp_path / "partial"))
    return Repo(tmp_path / "partial")


def _objects(repo: Repo) -> list[Path]:
    return sorted(path for path in (repo.root / ".git").rglob("*") if path.is_file())


def test_a_partial_clone_is_not_completed_and_the_command_that_is_named_completes_it(partial):
    before = _objects(partial)
    with pytest.raises(IncompleteError) as error:
        text(partial.root, "a.php", revision="HEAD")
    assert error.value.exit_code == 3
    assert str(error.value).startswith("a.php: not in this partial clone")
    assert day(partial.root, revision="HEAD") == "2017-11-20", "commits are there"
    assert _objects(partial) == before
    _, _, command = str(error.value).partition(f"git -C {partial.root} ")
    partial.git(*command.split())
    assert text(partial.root, "a.php", revision="HEAD") == b"one\n"


def test_a_partial_clone_without_folders_says_the_same(repo, tmp_path):
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("clone", "-q", "--bare", "--filter=tree:0", f"file://{repo.root}", str(tmp_path / "partial"))
    with pytest.raises(IncompleteError, match="not in this partial clone"):
        text(tmp_path / "partial", "a.php", revision="HEAD")


def _fetching(tmp_path: Path) -> dict[str, dict[str, str]]:
    """Configurations that run a program, or wait, where git fetches what is missing."""
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch '{tmp_path / 'owned'}'\n")
    evil.chmod(0o755)
    (tmp_path / "git-remote-evil").symlink_to(evil)
    return {
        "uploadpack": {"remote.origin.uploadpack": str(evil)},
        "ssh": {"remote.origin.url": "ssh://h/x", "core.sshCommand": str(evil)},
        "ext": {"remote.origin.url": f"ext::{evil}", "protocol.ext.allow": "always", "protocol.allow": "always"},
        "vcs": {"remote.origin.vcs": "evil", "protocol.evil.allow": "always"},
        "proxy": {"remote.origin.url": "git://h/x", "core.gitProxy": str(evil)},
        "helper": {"remote.origin.url": "evil::x", "protocol.evil.allow": "always"},
    }


@of_git
def test_no_program_of_a_remote_runs(partial, tmp_path, options, monkeypatch):
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "ext:evil:ssh:file")
    partial.git("read-tree", "HEAD")
    for name, settings in _fetching(tmp_path).items():
        for key, value in settings.items():
            partial.git("config", key, value)
        with pytest.raises(IncompleteError, match="partial clone"):
            text(partial.root, "a.php", **options)
        assert not (tmp_path / "owned").exists(), name


def test_a_server_that_never_answers_is_not_asked(partial):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0)
        partial.git("config", "remote.origin.url", f"git://127.0.0.1:{server.getsockname()[1]}/x")
        with pytest.raises(IncompleteError, match="partial clone"):
            text(partial.root, "a.php", revision="HEAD")
        with pytest.raises(BlockingIOError):
            server.accept()


# -- other objects than the named ones -----------------------------------------------------------------------------------


@of_git
def test_replacements_and_grafts_do_not_count(repo, options):
    first = repo.git("rev-parse", "HEAD")
    repo.git("replace", repo.git("rev-parse", "HEAD:a.php"), repo.git("rev-parse", "HEAD:wmf-config/b.php"))
    assert repo.git("cat-file", "blob", "HEAD:a.php") == "two", "git does replace it"
    assert text(repo.root, "a.php", **options) == b"one\n"
    second = repo.commit({"a.php": "later\n"}, date="2019-01-01T00:00:00Z")
    third = repo.commit({"a.php": "last\n"}, date="2020-01-01T00:00:00Z")
    repo.git("replace", third, first)
    (repo.root / ".git" / "info").mkdir(exist_ok=True)
    (repo.root / ".git" / "info" / "grafts").write_text(f"{third} {first}\n")
    assert day(repo.root, **options) == "2020-01-01"
    assert revision_at(str(repo.root), "2019-06-01T00:00:00+00:00") == second


def test_an_object_that_is_not_what_its_id_says_is_not_read(repo):
    first, other = (repo.git("rev-parse", f"HEAD:{path}") for path in ("a.php", "wmf-config/b.php"))
    place, source = (repo.root / ".git" / "objects" / name[:2] / name[2:] for name in (first, other))
    place.unlink()
    place.write_bytes(source.read_bytes())
    with pytest.raises(IncompleteError, match=r"a\.php: the content of object .* is not what its id says"):
        text(repo.root, "a.php", revision="HEAD")


def test_a_repository_with_long_ids_is_read(tmp_path):
    root = tmp_path / "long"
    Repo(tmp_path / "short").git("init", "-q", "-b", "master", "--object-format=sha256", str(root))
    repo = Repo(root)
    repo.commit({"a.php": "one\n", "empty.php": ""})
    for options in KINDS.values():
        assert text(root, "a.php", **options) == b"one\n"
        assert text(root, "empty.php", **options) == b""
        assert day(root, **options) == "2017-11-20"


# -- a repository that git cannot read -----------------------------------------------------------------------------------


def _pipe(repo: Repo) -> None:
    """A .git that is a pipe; the repository above it must not answer in its place."""
    above = Repo(repo.root.parent)
    above.commit({"a.php": "of the repository above\n"}, date="2001-01-01T00:00:00Z")
    (repo.root / ".git").rename(repo.root.parent / "moved")
    os.mkfifo(repo.root / ".git")


def _device(repo: Repo) -> None:
    (repo.root / ".git").rename(repo.root.parent / "moved")
    (repo.root / ".git").write_text("gitdir: /dev/zero\n")


def _nowhere(repo: Repo) -> None:
    (repo.root / ".git").rename(repo.root.parent / "moved")
    (repo.root / ".git").symlink_to("nowhere")


def _head(repo: Repo) -> None:
    (repo.root / ".git" / "HEAD").write_text("garbage\n")


def _branch(repo: Repo) -> None:
    (repo.root / ".git" / "refs" / "heads" / "master").write_text("garbage\n")


def _commit(repo: Repo) -> None:
    (repo.root / ".git" / "refs" / "heads" / "master").write_text(f"{'1' * 40}\n")


def _configuration(repo: Repo) -> None:
    (repo.root / ".git" / "config").write_text("[core\n")


BROKEN = {
    "a pipe": _pipe,
    "a device": _device,
    "a link to nowhere": _nowhere,
    "a HEAD": _head,
    "a branch": _branch,
    "a commit": _commit,
    "a configuration": _configuration,
}


@every_kind
@pytest.mark.parametrize("spoil", BROKEN.values(), ids=BROKEN)
def test_a_repository_that_git_cannot_read_has_no_day_and_not_the_latest(repo, options, spoil):
    spoil(repo)
    with pytest.raises(InputError) as error:
        day(repo.root, **options)
    assert len(str(error.value).splitlines()) == 1
    if not options:
        assert error.value.exit_code == 3
        assert str(error.value).startswith("cannot tell the day of the tree: ")


def test_a_work_tree_of_another_user_has_no_day(repo, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for path in (repo.root, repo.root / ".git"):
        os.chown(path, 12345, 12345)
    monkeypatch.delenv("SUDO_UID", raising=False)
    with pytest.raises(IncompleteError, match=r"cannot tell the day .*dubious ownership.*safe\.directory"):
        day(repo.root)
    for options in ({"staged": True}, {"revision": "HEAD"}):
        with pytest.raises(InputError, match=r"safe\.directory"):
            day(repo.root, **options)


def test_a_work_tree_with_a_repository_and_no_git_has_no_day(repo, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(IncompleteError, match="cannot tell the day of the tree: git is not installed"):
        day(repo.root)


@pytest.mark.parametrize("options", [{}, {"staged": True}, {"revision": "HEAD"}], ids=KINDS)
def test_a_git_that_hangs_is_ended(repo, options, monkeypatch, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with (repo.root / ".git" / "config").open("a") as out:
        out.write(f"[include]\n\tpath = {tmp_path / 'pipe'}\n")
    monkeypatch.setattr(calls, "LIMIT", 0.3)
    with pytest.raises(InputError, match=r"did not answer within 0\.3 seconds"):
        day(repo.root, **options)
    monkeypatch.setattr(calls, "LIMIT", 3600)
    with pytest.raises(InputError, match="did not answer"):
        day(repo.root, **options)  # it is not asked, nor waited for, a second time


def test_a_run_over_a_tree_without_a_day_is_incomplete_and_shows_what_it_found(tmp_path):
    repo = Repo(tmp_path / "repo")
    repo.commit(tree(*MODELS_AND_DRIFT))
    sound = driftcheck("check", cwd=repo.root)
    _head(repo)
    broken = driftcheck("check", cwd=repo.root)
    assert (sound.code, broken.code) == (1, 3)
    assert "cannot tell the day of the tree" in broken.err
    assert "--extension-date" in broken.err
    named = driftcheck("check", "--extension-date", "2017-11-20", cwd=repo.root)
    assert (named.code, named.out) == (sound.code, sound.out)
    (repo.root / ".git").rename(tmp_path / "moved")
    assert driftcheck("check", cwd=repo.root).code == 1, "a folder that is no repository is of the latest day"


# -- the index -------------------------------------------------------------------------------------------------------------


def test_the_index_of_another_repository_is_refused(repo, tmp_path, monkeypatch):
    other = Repo(tmp_path / "other")
    other.commit({"a.php": "of the other\n"})
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    for name in ("index", "index.lock", "next-index-1.lock"):
        monkeypatch.setenv("GIT_INDEX_FILE", str(other.root / ".git" / name))
        with pytest.raises(InputError, match="the index of another repository"):
            text(repo.root, "a.php", staged=True)
    assert text(repo.root, "a.php", revision="HEAD") == b"one\n", "a revision has no index"


def test_the_index_is_named_from_the_root_of_the_repository(repo, monkeypatch, tmp_path):
    (repo.root / ".git" / "index").rename(repo.root / ".git" / "next")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/next")
    monkeypatch.chdir(tmp_path)
    assert text(repo.root, "a.php", staged=True) == b"one\n"
    assert text(repo.root / "wmf-config", "a.php", staged=True) == b"one\n"


def test_a_hook_of_a_linked_work_tree_reads_its_own_index(repo, tmp_path):
    linked = tmp_path / "linked"
    repo.git("worktree", "add", "-q", str(linked))
    (linked / "a.php").write_text("linked\n")
    Repo(linked).git("add", "a.php")
    assert text(linked, "a.php", staged=True) == b"linked\n"
    assert day(linked) == "2017-11-20"


def test_what_is_only_intended_to_be_added_is_not_staged(repo):
    for name in ("intended.php", "empty.php"):
        (repo.root / name).write_text("")
    (repo.root / "intended.php").write_text("text\n")
    repo.git("add", "empty.php")
    repo.git("add", "--intent-to-add", "intended.php")
    with closing(open_snapshot(str(repo.root), staged=True)) as snapshot:
        assert snapshot.read("intended.php") is None
        assert snapshot.read("empty.php").text == b""
        assert "intended.php" not in snapshot.names(".")


# -- a moment ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "moment", ["9999-12-31T23:59:59+00:00", "2200-01-01T00:00:00+00:00", "2017-11-20T12:00:00+00:00"]
)
def test_every_later_moment_has_the_last_commit(repo, moment):
    assert revision_at(str(repo.root), moment) == repo.git("rev-parse", "HEAD")


@pytest.mark.parametrize(
    "moment", ["2017-11-20T11:59:59+00:00", "1960-01-01T00:00:00+00:00", "0001-01-01T00:00:00+00:00"]
)
def test_no_moment_before_the_first_commit_has_one(repo, moment):
    with pytest.raises(InputError, match="no commit at"):
        revision_at(str(repo.root), moment)
