"""Calls of git that no configuration of the repository can turn into something else."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from driftcheck.core.model import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEPT_GIT_VARIABLES = {"GIT_INDEX_FILE", "GIT_EXEC_PATH", "GIT_CEILING_DIRECTORIES"}


def commit_id(root: Path, revision: str) -> str:
    """The full id of a revision.

    Raises InputError for a name that no commit has, and for one that git would take for an option.
    """
    if revision.startswith("-") or not revision or any(char in revision for char in "\0\n"):
        raise InputError(
            f"{revision!r} is not a revision: it must not be empty or begin with a dash; give a branch, tag or id"
        )
    try:
        name = git(root, ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"])
    except InputError as error:
        if str(error):
            raise
        raise InputError(f"{revision}: unknown revision in {root}; see git log --oneline, or fetch it first") from None
    return name.decode().strip()


def is_unborn(root: str) -> bool:
    """Whether a repository has no commit yet on its branch."""
    try:
        commit_id(Path(root), "HEAD")
    except InputError:
        return git(Path(root), ["rev-parse", "--git-dir"]) != b""
    return False


def merge_base(root: str, one: str, other: str) -> str:
    """The id of the commit that two revisions left from.

    Raises InputError for a revision that is unknown, and for two that have no commit in common.
    """
    ids = [commit_id(Path(root), revision) for revision in (one, other)]
    try:
        return git(Path(root), ["merge-base", *ids]).decode().strip()
    except InputError as error:
        if str(error):
            raise
        raise InputError(f"{one} and {other} have no commit in common in {root}; fetch the whole history") from None


def revision_at(root: str, moment: str, tip: str = "HEAD") -> str:
    """The first-parent commit of a revision, or of the checked-out branch, that stood at a moment (ISO 8601).

    Raises InputError where there was none yet.
    """
    asked = ["rev-list", "-1", "--first-parent", f"--before={moment}", commit_id(Path(root), tip), "--"]
    name = git(Path(root), asked).decode().strip()
    if not name:
        raise InputError(f"{root}: no commit at {moment} or before; name a later day")
    return name


def _command(root: Path, arguments: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """A git call that no configuration of the repository can turn into something else."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _KEPT_GIT_VARIABLES
    }
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    command = ["git", "-C", str(root), "-c", "core.fsmonitor=false", "-c", "core.quotepath=false", *arguments]
    return command, environment


def start(root: Path, arguments: Sequence[str], *, stdin: bool = False) -> subprocess.Popen[bytes]:
    """A git process that goes on while we do."""
    command, environment = _command(root, arguments)
    return subprocess.Popen(  # noqa: S603 - the arguments are ours, revisions are checked
        command,
        env=environment,
        stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def git(root: Path, arguments: Sequence[str]) -> bytes:
    """What git writes to standard output.

    Raises InputError with git's complaint, or without a word where git failed and said nothing.
    """
    command, environment = _command(root, arguments)
    try:
        done = subprocess.run(  # noqa: S603 - as above
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except FileNotFoundError:
        raise InputError("git is not installed, and --rev and --staged need it") from None
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    if said and "not a git repository" in said[0]:
        raise InputError(f"{root}: not a git repository; --rev and --staged need one")
    raise InputError(f"git in {root}: {said[0].removeprefix('fatal: ')}" if said else "")
