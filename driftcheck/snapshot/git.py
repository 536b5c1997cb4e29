"""Calls of git that nothing in the repository, and nothing in its surroundings, can turn into something else.

Only commands that are made for programs are called: their output has no settings. Nothing is fetched: no protocol is
allowed, also where a partial clone lacks an object. Nothing is replaced: neither refs/replace nor grafts count. Each
call has a time limit, because a configuration can include a pipe that nobody writes to.

Of the variables GIT_* those are kept that say where git and the user's own configuration are. GIT_DIR and its like are
not: the repository is the one that was named. GIT_INDEX_FILE is taken over where the index is read (``index_file``),
because git commit tells its hooks so which index it is going to commit.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shlex
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from driftcheck.core.model import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LIMIT = 60.0
"""The seconds after which a call is given up."""
_SILENT: set[Path] = set()
"""Where git was given up once: it is not asked again, or a run would wait for every call."""
_KEPT = {
    "GIT_EXEC_PATH",
    "GIT_CEILING_DIRECTORIES",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
}
_CLOSED = {
    "GIT_ALLOW_PROTOCOL": "none",  # what is not in this list is refused, whatever protocol.*.allow says
    "GIT_NO_LAZY_FETCH": "1",  # git 2.44 and later; before it, the fetch starts and finds no protocol
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ADVICE": "0",
    "LC_ALL": "C",
}
_OPTIONS = ("--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PARTIAL = r"^(extensions\.partialclone|remote\..*\.promisor)$"


class Call:
    """A git process that goes on while we do; all that it starts ends with it."""

    def __init__(self, root: Path, arguments: Sequence[str], *, stdin: bool = False, index: str | None = None) -> None:
        """``index`` is the file of the index, where it is not the repository's usual one.

        Raises InputError where git is not installed, or did not answer before.
        """
        self.root = root
        if root in _SILENT:
            raise InputError(silent(root))
        try:
            self.process = subprocess.Popen(  # noqa: S603 - the arguments are ours, revisions are checked
                ["git", "-C", str(root), *_OPTIONS, *arguments],  # noqa: S607 - the user's git
                env=_environment(root, {} if index is None else {"GIT_INDEX_FILE": index}),
                stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL if stdin else subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except (FileNotFoundError, PermissionError):
            raise InputError(
                "git is not installed; install it, or read the work tree without --rev and --staged"
            ) from None

    def output(self, given: bytes | None = None) -> bytes:
        """What git writes to standard output, once it has ended; ``given`` is its standard input.

        Raises InputError with git's complaint, or without a word where git failed and said nothing.
        """
        try:
            out, said = self.process.communicate(given, timeout=LIMIT)
        except subprocess.TimeoutExpired:
            _SILENT.add(self.root)
            raise InputError(silent(self.root)) from None
        finally:
            self.end()
        if self.process.returncode != 0:
            raise InputError(_complaint(self.root, (said or b"").decode("utf-8", "replace")))
        return out

    def end(self) -> None:
        """End the process, and what it started."""
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        self.process.wait()


def git(root: Path, arguments: Sequence[str], index: str | None = None, given: bytes | None = None) -> bytes:
    """What git writes to standard output. Raises InputError as :meth:`Call.output` does."""
    return Call(root, arguments, stdin=given is not None, index=index).output(given)


def silent(root: Path) -> str:
    """The complaint about a git that does not end."""
    return f"git in {root} did not answer within {LIMIT:g} seconds; run git -C {quoted(root)} status to see what it waits for"


def quoted(root: Path) -> str:
    """A folder as a shell takes it."""
    return shlex.quote(str(root))


def is_id(name: str) -> bool:
    """Whether a text has the form of an object's id."""
    return _ID.fullmatch(name) is not None


def is_partial(root: Path) -> bool:
    """Whether a repository is a partial clone, which lacks objects until somebody fetches them."""
    try:
        return git(root, ["config", "--name-only", "--get-regexp", _PARTIAL]) != b""
    except InputError:
        return False


def how_to_get(root: Path) -> str:
    """What to do about content that a partial clone lacks."""
    return (
        f"not in this partial clone, and driftcheck fetches nothing; "
        f"get it with git -C {quoted(root)} fetch --refetch --no-filter"
    )


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
    return _checked(root, name)


def is_unborn(root: Path) -> bool:
    """Whether a repository has no commit yet on its branch. A branch whose commit cannot be read has one.

    Raises InputError where git cannot read the repository.
    """
    try:
        branch = git(root, ["symbolic-ref", "--quiet", "HEAD"]).decode("utf-8", "surrogateescape").strip()
    except InputError as error:
        if str(error):
            raise
        return False  # no branch is checked out, but a commit
    try:
        git(root, ["rev-parse", "--verify", "--quiet", branch])
    except InputError:
        held = git(root, ["rev-parse", "--git-path", branch]).decode("utf-8", "surrogateescape").strip()
        return not os.path.lexists(root / held)
    return False


def merge_base(root: str, one: str, other: str) -> str:
    """The id of the commit that two revisions left from.

    Raises InputError for a revision that is unknown, and for two that have no commit in common.
    """
    ids = [commit_id(Path(root), revision) for revision in (one, other)]
    try:
        return _checked(Path(root), git(Path(root), ["merge-base", *ids]))
    except InputError as error:
        if str(error):
            raise
        raise InputError(f"{one} and {other} have no commit in common in {root}; fetch the whole history") from None


def revision_at(root: str, moment: str, tip: str = "HEAD") -> str:
    """The first-parent commit of a revision, or of the checked-out branch, that stood at a moment (ISO 8601, with its zone).

    Raises InputError where there was none yet.
    """
    # As a number: git takes a written year for one of the near past or future.
    seconds = int(dt.datetime.fromisoformat(moment).timestamp())
    asked = ["rev-list", "-1", "--first-parent", f"--before=@{seconds} +0000", commit_id(Path(root), tip), "--"]
    name = git(Path(root), asked) if seconds >= 0 else b""
    if not name:
        raise InputError(f"{root}: no commit at {moment} or before; name a later day")
    return _checked(Path(root), name)


def index_file(root: Path) -> str | None:
    """The index that git commit tells its hooks to read (GIT_INDEX_FILE); None for the repository's usual one.

    Raises InputError where it is another repository's: its entries name objects that this one need not have.
    """
    named = os.environ.get("GIT_INDEX_FILE")
    if not named:
        return None
    asked = git(root, ["rev-parse", "--show-toplevel", "--absolute-git-dir"]).decode("utf-8", "surrogateescape")
    top, _, folder = asked.strip("\n").partition("\n")
    path = Path(top, named)
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        raise InputError(
            f"GIT_INDEX_FILE names {named}, which is not in {folder}: it is the index of another repository; "
            "name that one with --repo, or unset GIT_INDEX_FILE"
        )
    return str(path)


def _checked(root: Path, name: bytes) -> str:
    """An id, as git wrote it. Raises InputError for anything else."""
    text = name.decode("utf-8", "replace").strip()
    if not is_id(text):
        raise InputError(f"git in {root} answered {text[:80]!r} where the id of a commit was expected")
    return text


def _environment(root: Path, more: Mapping[str, str]) -> dict[str, str]:
    """The variables of a call. A folder with a .git of its own is no part of a repository above it, also if it is broken."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _KEPT}
    if os.path.lexists(root / ".git"):
        kept["GIT_CEILING_DIRECTORIES"] = str(root.resolve().parent)
    return {**kept, **_CLOSED, **more}


def _complaint(root: Path, said: str) -> str:
    """Git's first line that is no hint, with what to do; empty where it said nothing."""
    lines = [line for line in said.strip().splitlines() if not line.startswith("hint:")]
    first = lines[0].removeprefix("fatal: ").rstrip(".") if lines else ""
    if "not a git repository" in first:
        if os.path.lexists(root / ".git"):
            return f"{root / '.git'}: git cannot read it ({first}); repair it, or clone again"
        return f"{root}: not a git repository; --rev and --staged need one"
    if "dubious ownership" in first:
        return f"git in {root}: {first}; if you trust it: git config --global --add safe.directory {quoted(root.resolve())}"
    return f"git in {root}: {first}" if first else ""
