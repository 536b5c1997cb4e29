"""Caches: they hold and delete only their own files, are their user's alone, and cost nothing where they cannot be."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from typing import TYPE_CHECKING

import pytest
from support.cli import driftcheck
from support.git import Repo, write
from support.trees import MODELS_AND_DRIFT, tree

from driftcheck.core.kept import Kept, Kind
from driftcheck.core.model import InputError
from driftcheck.layers.extension.cache import REPORTS

if TYPE_CHECKING:
    from pathlib import Path

KIND = Kind("things", r"[0-9]{3}\.thing", newest=3, most=100)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_written_is_read_and_the_newest_stay(tmp_path):
    kept = Kept(tmp_path, KIND)
    for number in range(5):
        kept.write(f"{number:03}.thing", b"%d" % number)
        os.utime(tmp_path / "things" / f"{number:03}.thing", (number, number))
        kept.used("000.thing") if number == 2 else None
    assert kept.read("004.thing") == b"4"
    assert kept.names() == _names(tmp_path / "things") == ["000.thing", "003.thing", "004.thing"]
    assert kept.names("00") == kept.names()
    assert kept.names("004") == ["004.thing"]
    assert kept.read("001.thing") is None


def test_a_file_of_somebody_else_is_neither_read_nor_deleted(tmp_path):
    mine = {f"mine{number}.json": "x" for number in range(300)} | {"things/notes.txt": "x", "things/1234.thing": "x"}
    write(mine, tmp_path)
    (tmp_path / "things" / "000.thing").mkdir()
    kept = Kept(tmp_path, KIND)
    for number in range(1, 9):
        kept.write(f"{number:03}.thing", b"x")
    kept.write("000.thing", b"x")
    assert {name for name in mine if not (tmp_path / name).exists()} == set()
    assert (tmp_path / "things" / "000.thing").is_dir()
    assert len(kept.names()) == 4, "three, and the folder of that name"


def test_what_a_killed_run_began_to_write_goes_in_its_turn(tmp_path):
    kept = Kept(tmp_path, KIND)
    part = tmp_path / "things" / f"{'a' * 16}.part"
    part.write_text("half")
    os.utime(part, (1, 1))
    for number in range(3):
        kept.write(f"{number:03}.thing", b"x")
    assert _names(tmp_path / "things") == ["000.thing", "001.thing", "002.thing"]


def test_what_is_too_long_or_torn_is_not_kept(tmp_path):
    kept = Kept(tmp_path, KIND)
    kept.write("000.thing", b"x" * 101)
    kept.write("001.thing", b"x" * 100)
    path = tmp_path / "things" / "001.thing"
    assert (kept.names(), kept.read("001.thing")) == (["001.thing"], b"x" * 100)
    path.write_bytes(path.read_bytes()[:-1])
    assert kept.read("001.thing") is None


def test_the_folder_and_its_files_are_for_their_owner_alone(tmp_path):
    Kept(tmp_path / "a" / "b", KIND).write("000.thing", b"x")
    for path in (tmp_path / "a" / "b" / "things", tmp_path / "a" / "b" / "things" / "000.thing"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def _of_another(path: Path) -> None:
    os.chown(path, 12345, 12345)


def _open_to_all(path: Path) -> None:
    path.chmod(0o777)


def _open_to_the_group(path: Path) -> None:
    path.chmod(0o770)


OTHERS = {"another user's": _of_another, "open to all": _open_to_all, "open to the group": _open_to_the_group}
others = pytest.mark.parametrize("give", OTHERS.values(), ids=OTHERS)


@others
def test_a_folder_into_which_others_can_write_is_refused(tmp_path, give):
    Kept(tmp_path, KIND).write("000.thing", b"x")
    give(tmp_path / "things")
    with pytest.raises(InputError, match=r"the cache cannot be written \((it belongs to|other users can)"):
        Kept(tmp_path, KIND)


@others
def test_a_file_that_others_can_write_is_not_read(tmp_path, give):
    kept = Kept(tmp_path, KIND)
    kept.write("000.thing", b"x")
    give(tmp_path / "things" / "000.thing")
    assert kept.read("000.thing") is None


def test_a_folder_that_is_exchanged_in_the_meantime_is_not_read_and_not_written(tmp_path):
    kept = Kept(tmp_path, KIND)
    kept.write("000.thing", b"x")
    (tmp_path / "things").rename(tmp_path / "elsewhere")
    (tmp_path / "things").symlink_to("elsewhere")
    kept.write("001.thing", b"x")
    assert (kept.read("000.thing"), kept.names()) == (None, [])
    assert _names(tmp_path / "elsewhere") == ["000.thing"]


def test_a_pipe_and_a_device_are_no_files(tmp_path):
    kept = Kept(tmp_path, KIND)
    os.mkfifo(tmp_path / "things" / "000.thing")
    (tmp_path / "things" / "001.thing").symlink_to("/dev/zero")
    assert [kept.read(name) for name in ("000.thing", "001.thing", "no.thing")] == [None, None, None]


# -- through the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def repo(tmp_path):
    repo = Repo(tmp_path / "repo")
    repo.commit(tree(*MODELS_AND_DRIFT))
    return repo


def test_a_cache_in_a_folder_with_files_of_one_s_own_deletes_none(repo, tmp_path):
    mine = {f"{number}.json": "x" for number in range(100)} | {f"statistics/{number}": "x" for number in range(300)}
    write(mine, tmp_path / "mine")
    assert driftcheck("check", "--cache-dir", str(tmp_path / "mine"), cwd=repo.root).code == 1
    assert {name for name in mine if not (tmp_path / "mine" / name).exists()} == set()
    assert _names(tmp_path / "mine" / REPORTS.folder)


def test_a_home_in_which_nothing_can_be_written_costs_nothing_but_time(repo, tmp_path):
    (tmp_path / "file").write_text("")
    sound = driftcheck("check", "--no-cache", cwd=repo.root)
    for name in ("XDG_CACHE_HOME", "HOME"):
        environment = {"XDG_CACHE_HOME": "", name: str(tmp_path / "file")}
        assert driftcheck("check", cwd=repo.root, **environment) == sound, name


def test_a_cache_of_the_user_s_that_others_can_write_is_not_believed(repo, tmp_path):
    """A forged entry: no finding, and a checksum that is right."""
    base = tmp_path / "cache"
    sound = driftcheck("check", cwd=repo.root, XDG_CACHE_HOME=str(base))
    folder = base / "driftcheck" / REPORTS.folder
    (entry,) = folder.iterdir()
    document = json.loads(entry.read_bytes().partition(b"\n")[2])
    document["report"]["findings"] = []
    body = json.dumps(document).encode()
    entry.write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
    assert driftcheck("check", cwd=repo.root, XDG_CACHE_HOME=str(base)).code == 0, "the user's own is believed"
    for give in OTHERS.values():
        os.chown(folder, os.geteuid(), -1)
        folder.chmod(0o700)
        give(folder)
        assert driftcheck("check", cwd=repo.root, XDG_CACHE_HOME=str(base)) == sound
        named = driftcheck("check", "--cache-dir", str(base / "driftcheck"), cwd=repo.root)
        assert (named.code, named.out) == (2, "")


def test_a_replaced_object_does_not_get_into_the_cache(repo, tmp_path):
    arguments = ("check", "--rev", "HEAD", "--cache-dir", str(tmp_path / "c"))
    sound = driftcheck("check", "--rev", "HEAD", "--no-cache", cwd=repo.root)
    path = "wmf-config/InitialiseSettings-labs.php"
    other = repo.git("hash-object", "-w", "--stdin", text=b"<?php\n")
    repo.git("replace", repo.git("rev-parse", f"HEAD:{path}"), other)
    assert driftcheck(*arguments, cwd=repo.root) == sound
    repo.git("replace", "-d", repo.git("rev-parse", f"HEAD:{path}"))
    assert driftcheck(*arguments, cwd=repo.root) == sound
