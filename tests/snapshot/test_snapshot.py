"""Snapshots: what is read, what is refused, and that nothing is touched and nothing of the repository's runs."""

from __future__ import annotations

import hashlib
import os
from contextlib import closing, suppress
from pathlib import Path

import pytest
from support.git import Repo, write

from driftcheck import snapshot as snapshots
from driftcheck.core.model import IncompleteError, InputError
from driftcheck.snapshot import open_snapshot

FILES = {"a.php": "one\n", "wmf-config/b.php": "two\n"}


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "repo")
    repo.commit(FILES)
    return repo


def read(root: Path, path: str, **options: object) -> bytes | None:
    with closing(open_snapshot(str(root), **options)) as snapshot:
        source = snapshot.read(path)
        return None if source is None else source.text


KINDS = {"the work tree": {}, "the index": {"staged": True}, "a revision": {"revision": "HEAD"}}
every_kind = pytest.mark.parametrize("options", KINDS.values(), ids=[f"in {kind}" for kind in KINDS])


# -- what is read --------------------------------------------------------------------------------------------------------


@every_kind
def test_a_file_is_read_by_its_bytes(repo, options):
    content = b"\xff\x00\r\n$Id$ one\n"
    repo.commit({"odd.bin": content, ".gitattributes": "*.bin ident text eol=crlf\n"})
    (repo.root / "odd.bin").write_bytes(content)
    assert read(repo.root, "wmf-config/b.php", **options) == b"two\n"
    if options != {"staged": True} and "revision" not in options:
        assert read(repo.root, "odd.bin", **options) == content


@every_kind
def test_what_is_not_there_is_none_and_not_an_error(repo, options):
    for path in ("no.php", "no/no.php", "a.php/below"):
        assert read(repo.root, path, **options) is None
        with closing(open_snapshot(str(repo.root), **options)) as snapshot:
            assert snapshot.blob_id(path) is None


@every_kind
def test_the_files_below_a_folder_are_listed_in_order(repo, options):
    repo.commit({"config/b.yaml": "1\n", "config/a/c.yaml": "2\n", "configs/d.yaml": "3\n"})
    (repo.root / "config/link.yaml").symlink_to("b.yaml")
    repo.git("add", "-A")
    repo.commit()
    with closing(open_snapshot(str(repo.root), **options)) as snapshot:
        assert snapshot.names("config") == ["config/a/c.yaml", "config/b.yaml", "config/link.yaml"]
        assert snapshot.names("nowhere") == []
        assert {"a.php", "config/b.yaml"} <= set(snapshot.names("."))
        with pytest.raises(InputError, match="leaves the repository"):
            snapshot.names("../x")


@every_kind
def test_a_blob_s_id_is_git_s(repo, options):
    with closing(open_snapshot(str(repo.root), **options)) as snapshot:
        assert snapshot.blob_id("a.php") == repo.git("rev-parse", "HEAD:a.php")
        assert snapshot.blob_id("a.php") == hashlib.sha1(b"blob 4\0one\n").hexdigest()


@every_kind
def test_a_file_is_read_once_and_stays_as_it_was(repo, options):
    with closing(open_snapshot(str(repo.root), **options)) as snapshot:
        first = snapshot.read("a.php")
        (repo.root / "a.php").write_text("changed\n")
        assert snapshot.read("a.php") is first


@every_kind
def test_the_day_is_the_commit_s(repo, options):
    repo.commit({"a.php": "later\n"}, date="2019-02-03T01:00:00+00:00")
    with closing(open_snapshot(str(repo.root), **options)) as snapshot:
        assert snapshot.date() == "2019-02-03"


def test_the_three_kinds_see_three_states(repo):
    (repo.root / "a.php").write_text("staged\n")
    repo.git("add", "a.php")
    (repo.root / "a.php").write_text("in the work tree\n")
    assert read(repo.root, "a.php") == b"in the work tree\n"
    assert read(repo.root, "a.php", staged=True) == b"staged\n"
    assert read(repo.root, "a.php", revision="HEAD") == b"one\n"


def test_a_file_that_was_added_and_one_that_was_deleted(repo):
    (repo.root / "a.php").unlink()
    write({"new.php": "new\n"}, repo.root)
    assert (read(repo.root, "a.php"), read(repo.root, "new.php")) == (None, b"new\n")
    assert (read(repo.root, "a.php", staged=True), read(repo.root, "new.php", staged=True)) == (b"one\n", None)
    repo.git("add", "-A")
    assert (read(repo.root, "a.php", staged=True), read(repo.root, "new.php", staged=True)) == (None, b"new\n")
    assert (read(repo.root, "a.php", revision="HEAD"), read(repo.root, "new.php", revision="HEAD")) == (b"one\n", None)


def test_a_revision_by_every_name_that_git_has(repo):
    first = repo.git("rev-parse", "HEAD")
    repo.commit({"a.php": "later\n"})
    repo.git("tag", "-a", "-m", "m", "v1", first)
    repo.git("branch", "old", first)
    for name in (first, first[:10], "HEAD~1", "HEAD^", "v1", "v1^{}", "old", "refs/heads/old", "master@{0}~1"):
        with closing(open_snapshot(str(repo.root), revision=name)) as snapshot:
            assert snapshot.revision == first
            assert snapshot.read("a.php").text == b"one\n"
            assert snapshot.read("a.php").revision == first


def test_a_bare_repository_has_revisions_and_no_index(repo, tmp_path):
    bare = tmp_path / "bare.git"
    repo.git("clone", "-q", "--bare", str(repo.root), str(bare))
    assert read(bare, "a.php", revision="master") == b"one\n"


def test_the_index_of_a_bare_repository_is_refused_and_not_taken_for_an_empty_tree(repo, tmp_path):
    bare = tmp_path / "bare.git"
    repo.git("clone", "-q", "--bare", str(repo.root), str(bare))
    with pytest.raises(InputError) as error:
        open_snapshot(str(bare), staged=True).close()
    assert error.value.exit_code == 2
    assert str(error.value).strip()


def test_a_plain_folder_is_a_work_tree_without_a_day(tmp_path):
    write(FILES, tmp_path)
    with closing(open_snapshot(str(tmp_path))) as snapshot:
        assert snapshot.read("a.php").text == b"one\n"
        assert snapshot.date() is None
        assert snapshot.revision == ""


def test_a_repository_without_a_commit_has_a_work_tree_and_an_index(tmp_path):
    repo = Repo(tmp_path / "new")
    write(FILES, repo.root)
    repo.git("add", "a.php")
    for options in ({}, {"staged": True}):
        with closing(open_snapshot(str(repo.root), **options)) as snapshot:
            assert snapshot.read("a.php").text == b"one\n"
            assert snapshot.date() is None


@pytest.mark.parametrize("options", [{"staged": True}, {"revision": "HEAD"}], ids=["the index", "a revision"])
def test_paths_count_from_the_root_of_the_repository_also_when_a_folder_of_it_is_named(repo, options):
    assert read(repo.root / "wmf-config", "a.php", **options) == b"one\n"


def test_many_files_go_through_one_reader(repo):
    names = {f"f/{number}.php": f"{number}\n" * (number + 1) for number in range(200)}
    repo.commit(names)
    with closing(open_snapshot(str(repo.root), revision="HEAD")) as snapshot:
        assert all(snapshot.read(path).text == text.encode() for path, text in names.items())


def test_an_empty_file_and_a_file_without_a_last_newline(repo):
    repo.commit({"empty.php": "", "open.php": "<?php"})
    for options in KINDS.values():
        assert read(repo.root, "empty.php", **options) == b""
        assert read(repo.root, "open.php", **options) == b"<?php"


ODD_NAMES = [
    ("a newline", b"a\nb.php"),
    ("a tab and a quote", b"a\t\"'.php"),
    ("a backslash", b"a\\b.php"),
    ("blanks around it", b" a .php"),
    ("what git would take for an option", b"--help"),
    ("what git would take for magic", b":(top)x"),
    ("letters that are not ASCII", "ä-ж-漢.php".encode()),
    ("bytes that are not UTF-8", b"\xff\xfe.php"),
]


@pytest.mark.parametrize("raw", [case[1] for case in ODD_NAMES], ids=[f"a name with {case[0]}" for case in ODD_NAMES])
def test_odd_file_names(repo, raw):
    name = os.fsdecode(raw)
    repo.commit({name: "odd\n"})
    for options in KINDS.values():
        assert read(repo.root, name, **options) == b"odd\n"
        assert read(repo.root, "a.php", **options) == b"one\n"


# -- what is refused -------------------------------------------------------------------------------------------------------


@every_kind
@pytest.mark.parametrize("path", ["../secret", "wmf-config/../../secret", "/etc/passwd", "a\0b", "wmf-config/../a.php"])
def test_a_path_that_leaves_the_root_is_refused(repo, options, path):
    (repo.root.parent / "secret").write_text("secret\n")
    with closing(open_snapshot(str(repo.root), **options)) as snapshot:
        for ask in (snapshot.read, snapshot.blob_id):
            with pytest.raises(InputError, match="leaves the repository"):
                ask(path)


@every_kind
def test_a_symbolic_link_is_refused(repo, options):
    (repo.root / "link.php").symlink_to("a.php")
    (repo.root / "out.php").symlink_to("/etc/passwd")
    repo.commit()
    with closing(open_snapshot(str(repo.root), **options)) as snapshot:
        for name in ("link.php", "out.php"):
            with pytest.raises(IncompleteError, match=f"{name}.*symbolic link"):
                snapshot.read(name)
        assert snapshot.read("a.php").text == b"one\n"


@every_kind
def test_a_folder_that_is_a_symbolic_link_is_not_followed(repo, options):
    outside = repo.root.parent / "outside"
    write({"b.php": "secret\n"}, outside)
    (repo.root / "linked").symlink_to(outside)
    repo.commit()
    with closing(open_snapshot(str(repo.root), **options)) as snapshot:
        # On disk the link is seen and refused; git does not list what is behind one.
        held: object = None
        with suppress(IncompleteError):
            held = snapshot.read("linked/b.php")
        assert held is None


def test_a_submodule_is_no_file(repo):
    inner = Repo(repo.root / "sub")
    inner.commit({"x.php": "x\n"})
    repo.git("add", "sub")
    repo.commit()
    assert "160000" in repo.git("ls-files", "--stage", "sub")
    for options in KINDS.values():
        with pytest.raises(IncompleteError, match=r"sub: a (folder|submodule); driftcheck reads regular files only"):
            read(repo.root, "sub", **options)


@every_kind
def test_a_file_over_the_limit_is_refused_before_it_is_read(repo, options, monkeypatch):
    repo.commit({"big.php": "x" * 1001, "fits.php": "y" * 1000})
    monkeypatch.setattr(snapshots, "MAX_FILE", 1000)
    with closing(open_snapshot(str(repo.root), **options)) as snapshot:
        with pytest.raises(IncompleteError, match=r"big\.php: 1001 bytes.*limit is 1000"):
            snapshot.read("big.php")
        assert len(snapshot.read("fits.php").text) == 1000


def test_an_unreadable_file_is_said(repo, monkeypatch):
    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)  # root, who runs CI, may read every file
    with pytest.raises(IncompleteError, match=r"a\.php: Permission denied; make the file readable"):
        read(repo.root, "a.php")


@every_kind
def test_a_folder_in_the_place_of_a_file_is_refused(repo, options):
    for ask in ("read", "blob_id"):
        said = r"wmf-config: a folder.*; driftcheck reads regular files only"
        with closing(open_snapshot(str(repo.root), **options)) as snapshot, pytest.raises(IncompleteError, match=said):
            getattr(snapshot, ask)("wmf-config")


def test_a_named_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.php")
    with pytest.raises(IncompleteError, match=r"pipe\.php: a named pipe; driftcheck reads regular files only"):
        read(tmp_path, "pipe.php")
    (tmp_path / "null.php").symlink_to("/dev/null")
    with pytest.raises(IncompleteError, match="symbolic link"):
        read(tmp_path, "null.php")


REVISIONS = [
    ("one that nobody has", "no-such-revision"),
    ("an id that nobody has", "deadbeef" * 5),
    ("a range", "HEAD~1..HEAD"),
    ("an exclusion", "^HEAD"),
    ("a file", "HEAD:a.php"),
    ("nothing", ""),
    ("an option", "--output=owned"),
    ("a dash", "-"),
    ("an option that ends options", "--end-of-options"),
    ("two lines", "HEAD\nHEAD"),
    ("a null byte", "HEAD\0"),
    ("a blank", "HEAD HEAD"),
]


@pytest.mark.parametrize(
    "name", [case[1] for case in REVISIONS], ids=[f"{case[0]} is no revision" for case in REVISIONS]
)
def test_what_is_no_revision_is_refused_in_one_line(repo, name, monkeypatch):
    monkeypatch.chdir(repo.root.parent)
    with pytest.raises(InputError) as error:
        open_snapshot(str(repo.root), revision=name)
    assert error.value.exit_code == 2
    assert "revision" in str(error.value)
    assert len(str(error.value).splitlines()) == 1
    assert not (repo.root / "owned").exists()
    assert not Path("owned").exists()


@pytest.mark.parametrize("options", [{"staged": True}, {"revision": "HEAD"}], ids=["the index", "a revision"])
def test_a_folder_that_is_no_repository_is_named(tmp_path, options, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(InputError, match=f"{tmp_path}: not a git repository"):
        open_snapshot(str(tmp_path), **options)


@pytest.mark.parametrize(
    "make", [lambda p: p / "none", lambda p: [(p / "f").write_text(""), p / "f"][1]], ids=["no folder", "a file"]
)
def test_what_is_no_folder_is_named(tmp_path, make):
    with pytest.raises(InputError, match="no such directory; name the checkout with --repo"):
        open_snapshot(str(make(tmp_path)))


@pytest.mark.parametrize("options", [{"staged": True}, {"revision": "HEAD"}], ids=["the index", "a revision"])
def test_a_machine_without_git_is_said(repo, options, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(InputError, match="git is not installed"):
        open_snapshot(str(repo.root), **options)


def test_a_work_tree_does_not_need_git(repo, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert read(repo.root, "a.php") == b"one\n"


def test_an_object_that_is_gone_is_said(repo):
    blob = repo.git("rev-parse", "HEAD:a.php")
    (repo.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(IncompleteError, match=r"a\.php: git cannot read object"):
        read(repo.root, "a.php", revision="HEAD")


# -- nothing is touched, nothing runs ----------------------------------------------------------------------------------------


def _ask_everything(root: Path, options: dict) -> None:
    with closing(open_snapshot(str(root), **options)) as snapshot:
        for path in ("a.php", "wmf-config/b.php", "no.php"):
            snapshot.read(path)
            snapshot.blob_id(path)
        snapshot.date()


@every_kind
def test_work_tree_index_stash_and_refs_stay_as_they_were(repo, options):
    (repo.root / "a.php").write_text("stashed\n")
    repo.git("stash")
    (repo.root / "a.php").write_text("staged\n")
    repo.git("add", "a.php")
    (repo.root / "a.php").write_text("changed\n")
    write({"untracked.php": "u\n"}, repo.root)
    # A file whose times no longer match the index: a careless git status would refresh the index.
    os.utime(repo.root / "wmf-config" / "b.php", (1, 1))
    before = repo.state()
    _ask_everything(repo.root, options)
    assert repo.state() == before


def _script(folder: Path, owned: Path) -> str:
    script = folder / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch '{owned}'\ncat\n")
    script.chmod(0o755)
    return str(script)


@every_kind
def test_nothing_that_the_repository_configures_runs(repo, options, tmp_path):
    owned = tmp_path / "owned"
    script = _script(tmp_path, owned)
    for name in (
        "core.fsmonitor", "core.pager", "pager.log", "pager.ls-tree", "core.editor", "core.sshCommand", "core.hooksPath", "diff.external",
        "diff.evil.textconv", "diff.evil.command", "filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "gpg.program",
        "credential.helper", "core.gitProxy", "core.alternateRefsCommand", "uploadpack.packObjectsHook",
    ):  # fmt: skip
        repo.git("config", name, script)
    for name in ("log", "ls-tree", "ls-files", "rev-parse", "cat-file"):
        repo.git("config", f"alias.{name}", f"!{script}")
    repo.git("config", "log.showSignature", "true")
    repo.git("config", "filter.evil.required", "true")
    hooks = repo.root / ".git" / "hooks"
    hooks.mkdir()
    for hook in ("post-index-change", "reference-transaction", "post-checkout", "pre-auto-gc", "fsmonitor-watchman"):
        (hooks / hook).write_text(f"#!/bin/sh\ntouch '{owned}'\n")
        (hooks / hook).chmod(0o755)
    (repo.root / ".gitattributes").write_text("* filter=evil diff=evil\n")
    owned.unlink(missing_ok=True)
    _ask_everything(repo.root, options)
    assert not owned.exists()
    assert read(repo.root, "a.php", **options) == b"one\n"


@every_kind
def test_another_repository_in_the_environment_is_not_read(repo, options, tmp_path, monkeypatch):
    other = Repo(tmp_path / "other")
    other.commit({"a.php": "of the other\n"}, date="2001-01-01T00:00:00Z")
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.root))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other.root / ".git" / "objects"))
    monkeypatch.setenv("GIT_NAMESPACE", "other")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.worktree")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(other.root))
    with closing(open_snapshot(str(repo.root), **options)) as snapshot:
        assert snapshot.read("a.php").text == b"one\n"
        assert snapshot.date() == "2017-11-20"


def test_the_index_that_a_commit_prepares_is_the_one_that_is_read(repo, monkeypatch):
    """git commit PATH makes an index of its own and tells hooks through GIT_INDEX_FILE."""
    index = repo.root / ".git" / "next-index.lock"
    index.write_bytes((repo.root / ".git" / "index").read_bytes())
    (repo.root / "a.php").write_text("about to be committed\n")
    repo.git("add", "a.php", GIT_INDEX_FILE=str(index))
    assert read(repo.root, "a.php", staged=True) == b"one\n"
    monkeypatch.setenv("GIT_INDEX_FILE", str(index))
    assert read(repo.root, "a.php", staged=True) == b"about to be committed\n"


def test_replaced_objects_and_the_pager_do_not_change_what_a_revision_is(repo, monkeypatch):
    monkeypatch.setenv("GIT_PAGER", "false")
    monkeypatch.setenv("PAGER", "false")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    with closing(open_snapshot(str(repo.root), revision="HEAD")) as snapshot:
        assert snapshot.date() == "2017-11-20"


def test_closing_ends_the_reader_even_when_the_block_fails(repo):
    snapshot = open_snapshot(str(repo.root), revision="HEAD")
    with pytest.raises(InputError), closing(snapshot):
        snapshot.read("../a.php")
    with pytest.raises(ValueError):
        snapshot.read("wmf-config/b.php")


def test_a_conflict_in_the_index_is_not_read_as_if_one_side_had_won(repo):
    repo.git("checkout", "-q", "-b", "side")
    repo.commit({"a.php": "theirs\n"})
    repo.git("checkout", "-q", "master")
    repo.commit({"a.php": "ours\n"})
    repo.git("merge", "side", check=False)
    assert repo.git("ls-files", "--unmerged")
    held: object = None
    with suppress(InputError):
        held = read(repo.root, "a.php", staged=True)
    assert held is None
