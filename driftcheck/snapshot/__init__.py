"""Bytes of a configuration repository as they were: in the work tree, in the index, or at a revision.

The only package that runs git (in :mod:`driftcheck.snapshot.git`). It never touches the work tree, the index or the
stash, and refuses symbolic links and paths that leave the root.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Protocol

from driftcheck.core.model import IncompleteError, InputError, Source
from driftcheck.snapshot.git import commit_id, git, is_unborn, merge_base, revision_at, start

if TYPE_CHECKING:
    from subprocess import Popen

__all__ = ["GitTree", "Snapshot", "WorkTree", "commit_id", "is_unborn", "merge_base", "open_snapshot", "revision_at"]

MAX_FILE = 64 * 1024 * 1024
_SYMLINK_MODE, _SUBMODULE_MODE, _UNMERGED = "120000", "160000", "unmerged"


class Snapshot(Protocol):
    """A tree of files at one moment."""

    revision: str

    def read(self, path: str) -> Source | None:
        """A file's bytes, or None where there is no such file."""

    def blob_id(self, path: str) -> str | None:
        """The git object id of a file's content, or None where there is no such file."""

    def names(self, folder: str) -> list[str]:
        """The paths of the files below a folder, at any depth, in the order of their bytes; symbolic links too."""

    def date(self) -> str | None:
        """The day of the commit that the tree stands on, as YYYY-MM-DD."""

    def close(self) -> None:
        """Close what is open."""


def _relative(path: str) -> str:
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or "\0" in path:
        raise InputError(f"{path!r} leaves the repository; name a path inside it")
    return str(pure)


def _sized(path: str, size: int) -> None:
    if size > MAX_FILE:
        raise IncompleteError(f"{path}: {size} bytes is too large for a configuration file; the limit is {MAX_FILE}")


class WorkTree:
    """Files as they are on disk."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.revision = ""
        self._read: dict[str, Source | None] = {}
        self._date: Popen[bytes] | None = None
        if (root / ".git").exists() and shutil.which("git"):
            self._date = start(root, ["log", "-1", "--format=%cs"])

    def read(self, path: str) -> Source | None:
        """A file's bytes; a symbolic link anywhere on the way is refused."""
        if path not in self._read:
            content = self._content(_relative(path))
            self._read[path] = None if content is None else Source(path, content)
        return self._read[path]

    def _content(self, path: str) -> bytes | None:
        current, mode = self.root, stat.S_IFDIR
        try:
            for part in PurePosixPath(path).parts:
                current = current / part
                mode = os.lstat(current).st_mode
                if stat.S_ISLNK(mode):
                    raise IncompleteError(
                        f"{path}: {current.name} is a symbolic link; driftcheck reads regular files only"
                    )
            if not stat.S_ISREG(mode):
                return None
            _sized(path, current.stat().st_size)
            return current.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise IncompleteError(f"{path}: {error.strerror or error}; make the file readable") from None

    def blob_id(self, path: str) -> str | None:
        """The id that git would give the content."""
        source = self.read(path)
        if source is None:
            return None
        header = b"blob %d\0" % len(source.text)
        return hashlib.sha1(header + source.text, usedforsecurity=False).hexdigest()

    def names(self, folder: str) -> list[str]:
        """What is on disk; folders that are symbolic links are not entered."""
        walk = os.walk(self.root / _relative(folder))
        return sorted(Path(at, name).relative_to(self.root).as_posix() for at, _, names in walk for name in names)

    def date(self) -> str | None:
        """The day of the checked-out commit, where the root is a git work tree that has one."""
        if self._date is None:
            return None
        process, self._date = self._date, None
        output, _ = process.communicate()
        return output.decode().strip() or None

    def close(self) -> None:
        """Wait for the one question that may still be open."""
        self.date()


class GitTree:
    """Files at a revision or in the index, read through one long-lived ``git cat-file --batch``."""

    def __init__(self, root: Path, revision: str | None) -> None:
        """``revision`` None is the index."""
        self.root = root
        if revision is None:
            self.revision = ":staged"
            if git(root, ["rev-parse", "--is-inside-work-tree"]).strip() != b"true":
                raise InputError(f"{root}: a bare repository has no index; name a revision with --rev")
            listing = git(root, ["ls-files", "--stage", "-z", "--full-name", "--", ":/"])
            self._entries = dict(_entry(line) for line in listing.split(b"\0") if line)
        else:
            self.revision = commit_id(root, revision)
            listing = git(root, ["ls-tree", "-r", "-z", "--full-tree", self.revision])
            self._entries = dict(_entry(line) for line in listing.split(b"\0") if line)
        self._batch = start(root, ["cat-file", "--batch"], stdin=True)
        self._read: dict[str, Source | None] = {}

    def read(self, path: str) -> Source | None:
        """A blob's bytes; symbolic links and submodules are refused."""
        if path not in self._read:
            object_id = self.blob_id(path)
            text = None if object_id is None else self._blob(path, object_id)
            self._read[path] = None if text is None else Source(path, text, self.revision)
        return self._read[path]

    def blob_id(self, path: str) -> str | None:
        """The blob's id, which costs no read.

        Raises IncompleteError for a path that is unmerged, or a symbolic link.
        """
        entry = self._entries.get(_relative(path))
        if entry is None:
            return None
        mode, object_id = entry
        if mode == _UNMERGED:
            raise IncompleteError(f"{path}: unmerged in the index; resolve the conflict and stage the file")
        if mode == _SYMLINK_MODE:
            raise IncompleteError(f"{path}: a symbolic link in git; driftcheck reads regular files only")
        if mode == _SUBMODULE_MODE:
            return None
        return object_id

    def _blob(self, path: str, object_id: str) -> bytes:
        stdin, stdout = self._batch.stdin, self._batch.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(object_id.encode() + b"\n")
        stdin.flush()
        header = stdout.readline().split()
        if len(header) != 3 or header[1] != b"blob":
            raise IncompleteError(f"{path}: git cannot read object {object_id}; run git fsck in {self.root}")
        size = int(header[2])
        if size > MAX_FILE:
            # What git would send now is not wanted: another process answers the next question.
            self._end()
            self._batch = start(self.root, ["cat-file", "--batch"], stdin=True)
        _sized(path, size)
        content = stdout.read(size + 1)
        return content[:size]

    def names(self, folder: str) -> list[str]:
        """What the tree or the index lists."""
        inside = _relative(folder)
        above = "" if inside == "." else f"{inside}/"
        return sorted(path for path in self._entries if path.startswith(above))

    def date(self) -> str | None:
        """The day of the commit: the revision's, or for the index that of HEAD."""
        revision = "HEAD" if self.revision == ":staged" else self.revision
        try:
            return git(self.root, ["log", "-1", "--format=%cs", revision, "--"]).decode().strip() or None
        except InputError:
            return None

    def close(self) -> None:
        """End the reader."""
        self._end()

    def _end(self) -> None:
        self._batch.kill()
        if self._batch.stdin is not None:
            self._batch.stdin.close()
        if self._batch.stdout is not None:
            self._batch.stdout.close()
        self._batch.wait()


def open_snapshot(root: str, *, revision: str | None = None, staged: bool = False) -> Snapshot:
    """A snapshot of ``root``: a revision if named, else the index if ``staged``, else the work tree.

    Raises InputError if the root is no directory, is no git repository where one is needed, or has no such revision.
    """
    path = Path(root)
    if not path.is_dir():
        raise InputError(f"{root}: no such directory; name the checkout with --repo")
    if revision is not None:
        return GitTree(path, revision)
    if (
        not staged
        and not (path / ".git").exists()
        and all((path / name).exists() for name in ("HEAD", "objects", "refs"))
    ):
        raise InputError(f"{root}: a bare repository has no work tree; name a revision with --rev")
    return GitTree(path, None) if staged else WorkTree(path)


def _entry(line: bytes) -> tuple[str, tuple[str, str]]:
    """A path with its mode and object id: ls-files gives mode, id, stage, and ls-tree mode, kind, id."""
    head, _, path = line.partition(b"\t")
    mode, second, third = head.decode().split(" ")
    if third.isdigit() and len(third) == 1:
        mode, third = (mode if third == "0" else _UNMERGED), second
    return path.decode("utf-8", "surrogateescape"), (mode, third)
