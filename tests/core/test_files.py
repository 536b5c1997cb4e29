"""Files that somebody names: regular ones, up to a limit, through every option and every key of the configuration."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

import pytest
from support.cli import driftcheck
from support.git import Repo, write
from support.trees import ON, tree

from driftcheck.core import files
from driftcheck.core.model import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _folder(path: Path) -> None:
    path.mkdir()


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _huge(path: Path) -> None:
    with path.open("wb") as out:
        out.truncate(2**40)


WRONG = {"a pipe": _pipe, "a device": _device, "a folder": _folder, "a loop of links": _loop, "a terabyte": _huge}
wrong = pytest.mark.parametrize("make", WRONG.values(), ids=WRONG)


@wrong
def test_what_is_no_file_of_a_usual_length_is_refused_at_once(tmp_path, make):
    make(tmp_path / "named")
    with pytest.raises(InputError, match=f"{tmp_path / 'named'}: .*; name another"):
        files.content(tmp_path / "named", "name another")


def test_a_file_is_read_up_to_the_limit_and_no_further(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(b"12345")
    assert files.read(path, 5) == b"12345"
    with pytest.raises(files.TooLargeError, match="5 bytes is too large; the limit is 4"):
        files.read(path, 4)


def test_a_file_that_says_that_it_is_empty_is_read_up_to_the_limit():
    with pytest.raises(files.TooLargeError):
        files.read("/proc/kallsyms", 1000)


def test_links_are_followed_only_where_that_is_asked(tmp_path):
    (tmp_path / "f").write_bytes(b"x")
    (tmp_path / "link").symlink_to("f")
    assert files.read(tmp_path / "link", 10) == b"x"
    with pytest.raises(OSError):
        files.read(tmp_path / "link", 10, follow=False)


def test_a_name_that_no_file_can_have_is_said(tmp_path):
    with pytest.raises(InputError, match="not a name of a file; name another"):
        files.content(tmp_path / "a\0b", "name another")


PROFILE = {"name": "p", "settings": ["wgOres*"], "schema": "named.json"}
OPTIONS: dict[str, Callable[[str], list[str]]] = {
    "check --baseline": lambda name: ["check", "--baseline", name],
    "check --waivers": lambda name: ["check", "--waivers", name],
    "check --config": lambda name: ["check", "--config", name],
    "check --profile": lambda name: ["check", "--profile", f"./{name}"],
    "check --extension-dir": lambda _: ["check", "--extension-dir", "extension"],
    "a profile's schema": lambda _: ["check", "--profile", "./profile.json"],
    "baseline in driftcheck.yaml": lambda _: ["check", "--config", "baseline.yaml"],
    "waivers in driftcheck.yaml": lambda _: ["check", "--config", "waivers.yaml"],
    "profile in driftcheck.yaml": lambda _: ["check", "--config", "profile.yaml"],
    "trend OLD": lambda name: ["trend", name, "report.json"],
    "trend NEW": lambda name: ["trend", "report.json", name],
    "baseline --prune": lambda name: ["baseline", "--prune", name],
    "waive --waivers": lambda name: ["waive", "abc", "--waivers", name, "--reason", "r", "--owner", "o", "--until", "2030-01-01"],
}  # fmt: skip


@pytest.fixture
def _soon() -> Iterator[None]:
    """End what hangs, or reads without an end."""

    def late(*_: object) -> None:
        raise AssertionError("it hangs")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@wrong
@pytest.mark.usefixtures("_soon")
def test_every_file_that_is_named_is_opened_so(tmp_path, make):
    folder = tmp_path / "repo"
    Repo(folder).commit(tree(ON))
    keys = ("baseline", "waivers", "profile")
    write({f"{key}.yaml": f"version: 1\n{key}: ./named.json\n" for key in keys}, folder)
    write({"profile.json": json.dumps(PROFILE), "extension/README": ""}, folder)
    driftcheck("check", "--format", "json", "--output", "report.json", cwd=folder)
    make(folder / "named.json")
    make(folder / "extension" / "extension.json")
    for name, option in OPTIONS.items():
        outcome = driftcheck(*option("named.json"), cwd=folder)
        assert outcome.code == 2, f"{name}: {outcome.err}"
        assert "named.json: " in outcome.err or "extension.json: " in outcome.err, f"{name}: {outcome.err}"
        assert "internal error" not in outcome.err, name
