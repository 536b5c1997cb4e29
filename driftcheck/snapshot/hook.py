"""What a hook of git is run for: the tree that a change makes, and the commits that it is judged against."""

from __future__ import annotations

import os
import subprocess
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core.model import InputError
from driftcheck.snapshot.git import commit_id, git, is_unborn, merge_base

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_DEEPEST = 32  # processes above this one that are looked at


class Change(NamedTuple):
    """A change: its tree (``revision`` None is the index), and the commits before it; with none, all of it is new."""

    revision: str | None
    before: tuple[str, ...]


def change(root: str) -> Change:
    """The change that a hook in this repository judges.

    The refs that pre-commit was given decide first (pre-commit.com, "pre-commit run": --from-ref and --to-ref, which
    ``pre-push`` sets too), then the index. An index that equals HEAD brings nothing: then HEAD is the change, against
    nothing. Raises InputError where a ref is unknown.
    """
    old, new = (os.environ.get(f"PRE_COMMIT_{name}_REF") for name in ("FROM", "TO"))
    if old and new:
        return Change(new, (merge_base(root, old, new),))
    if is_unborn(Path(root)):
        return Change(None, ())
    if amends():
        return Change(None, tuple(git(Path(root), ["rev-parse", "HEAD^@"]).decode().split()))
    before = _heads(root)
    if len(before) == 1 and not git(Path(root), ["diff-index", "--cached", "--name-only", "HEAD", "--"]):
        return Change("HEAD", ())
    return Change(None, before)


def _heads(root: str) -> tuple[str, ...]:
    """HEAD, and in a merge the commit that is merged: what either has is not new."""
    try:
        commit_id(Path(root), "MERGE_HEAD")
    except InputError:
        return ("HEAD",)
    return ("HEAD", "MERGE_HEAD")


def amends() -> bool:
    """Whether this process was started, by way of a hook, by ``git commit --amend``.

    git tells a hook nothing about it, so the command lines of the processes above are looked at.
    """
    return next((_amends(line) for line in islice(_above(), _DEEPEST) if _commits(line)), False)


def _commits(line: Sequence[str]) -> bool:
    return bool(line) and Path(line[0]).stem == "git" and "commit" in line


def _amends(line: Sequence[str]) -> bool:
    """Git takes the beginning of an option for the option."""
    return any(len(word) > len("--a") and "--amend".startswith(word) for word in line)


def _above() -> Iterator[list[str]]:
    """The command lines of the processes above this one, the nearest first."""
    process = os.getppid()
    while process > 1:
        process, line = _process(process)
        yield line


def _process(number: int) -> tuple[int, list[str]]:
    """A process's parent and command line, from /proc or else from ps; 0 and nothing where neither knows."""
    folder = Path(f"/proc/{number}")
    try:
        if folder.is_dir():
            parent = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[1]
            return int(parent), (folder / "cmdline").read_text("utf-8", "replace").split("\0")
        command = ["ps", "-o", "ppid=,args=", "-p", str(number)]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=5).stdout.split()  # noqa: S603
        return int(said[0]), said[1:]
    except (OSError, ValueError, IndexError, subprocess.SubprocessError):
        return 0, []
