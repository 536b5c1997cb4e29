"""Bytes of a configuration repository as they were: in the work tree, in the index, or at a revision.

The only package that runs git (in :mod:`driftcheck.snapshot.git`). It never touches the work tree, the index or the
stash, and refuses symbolic links and paths that leave the root.
"""

from __future__ import annotations

import functools
import os
import stat
from bisect import bisect_left
from pathlib import Path, PurePosixPath
from typing import Protocol

from driftcheck.core import files
from driftcheck.core.model import IncompleteError, InputError, Source
from driftcheck.snapshot import listing
from driftcheck.snapshot.git import Call, commit_id, is_unborn, merge_base, revision_at
from driftcheck.snapshot.objects import Objects, day_of, object_id

__all__ = ["GitTree", "Snapshot", "WorkTree", "commit_id", "is_unborn", "merge_base", "open_snapshot", "revision_at"]

MAX_FILE = 64 * 1024 * 1024


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
        """The day of the commit that the tree stands on, as YYYY-MM-DD; None where there is no commit.

        Raises IncompleteError where there is one, and git cannot tell its day.
        """

    def close(self) -> None:
        """Close what is open."""


def _relative(path: str) -> str:
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or "\0" in path:
        raise InputError(f"{path!r} leaves the repository; name a path inside it")
    return str(pure)


_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def _irregular(what: str) -> str:
    return f"{what}; driftcheck reads regular files only"


def _undated(why: object) -> str:
    return f"cannot tell the day of the tree: {why}; or name the day with --extension-date"


class WorkTree:
    """Files as they are on disk."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.revision = ""
        self._read: dict[str, Source | None] = {}
        self._commit: Call | None = None
        self._day: str | None = None
        self._no_git = ""
        if os.path.lexists(root / ".git"):
            try:
                self._commit = Call(root, ["cat-file", "commit", "HEAD"])
            except InputError as error:
                self._no_git = str(error)

    def read(self, path: str) -> Source | None:
        """A file's bytes; a symbolic link anywhere on the way is refused, and what stands in a file's place and is none."""
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
                    raise IncompleteError(f"{path}: {current.name} is {_irregular('a symbolic link')}")
            if not stat.S_ISREG(mode):
                raise IncompleteError(f"{path}: {_irregular(_KINDS.get(stat.S_IFMT(mode), 'not a regular file'))}")
            return files.read(current, MAX_FILE, follow=False)
        except files.TooLargeError as error:
            raise IncompleteError(f"{path}: {error}") from None
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise IncompleteError(f"{path}: {error.strerror or error}; make the file readable") from None

    def blob_id(self, path: str) -> str | None:
        """The id that git would give the content."""
        source = self.read(path)
        if source is None:
            return None
        return object_id(b"blob", source.text)

    def names(self, folder: str) -> list[str]:
        """What is on disk; folders that are symbolic links are not entered."""
        walk = os.walk(self.root / _relative(folder))
        return sorted(Path(at, name).relative_to(self.root).as_posix() for at, _, names in walk for name in names)

    def date(self) -> str | None:
        """The day of the checked-out commit, where the root is a git work tree that has one.

        Raises IncompleteError where git cannot tell it.
        """
        if self._no_git:
            raise IncompleteError(_undated(self._no_git))
        if self._commit is None:
            return self._day
        call, self._commit = self._commit, None
        try:
            self._day = day_of(call.output())
        except InputError as error:
            _expect_unborn(self.root, error)
        return self._day

    def close(self) -> None:
        """End the one question that may still be open."""
        if self._commit is not None:
            self._commit.end()


def _expect_unborn(root: Path, error: InputError) -> None:
    """Raise IncompleteError where git could not read a commit for another reason than that there is none yet."""
    try:
        unborn = is_unborn(root)
    except InputError as broken:
        raise IncompleteError(_undated(broken)) from None
    if not unborn:
        raise IncompleteError(_undated(error))


class GitTree:
    """Files at a revision or in the index, read through one long-lived ``git cat-file --batch``."""

    def __init__(self, root: Path, revision: str | None) -> None:
        """``revision`` None is the index."""
        self.root = root
        if revision is None:
            self.revision, self._entries = ":staged", listing.staged(root)
        else:
            self.revision = commit_id(root, revision)
            self._entries = listing.committed(root, self.revision)
        self._objects = Objects(root)
        self._read: dict[str, Source | None] = {}

    def read(self, path: str) -> Source | None:
        """A blob's bytes; symbolic links, folders and submodules are refused."""
        if path not in self._read:
            name = self.blob_id(path)
            text = None if name is None else self._objects.blob(path, name, MAX_FILE)
            self._read[path] = None if text is None else Source(path, text, self.revision)
        return self._read[path]

    def blob_id(self, path: str) -> str | None:
        """The blob's id, which costs no read.

        Raises IncompleteError for a path that is unmerged, a symbolic link, a folder or a submodule.
        """
        entry = self._entries.get(_relative(path))
        if entry is None:
            if self._is_folder(path):
                raise IncompleteError(f"{path}: {_irregular('a folder in git')}")
            return None
        mode, name = entry
        if mode == listing.UNMERGED:
            raise IncompleteError(f"{path}: unmerged in the index; resolve the conflict and stage the file")
        if mode == listing.SYMLINK:
            raise IncompleteError(f"{path}: {_irregular('a symbolic link in git')}")
        if mode == listing.SUBMODULE:
            raise IncompleteError(f"{path}: {_irregular('a submodule')}")
        return name

    @functools.cached_property
    def _paths(self) -> list[str]:
        return sorted(self._entries)

    def _is_folder(self, path: str) -> bool:
        at = bisect_left(self._paths, f"{path}/")
        return at < len(self._paths) and self._paths[at].startswith(f"{path}/")

    def names(self, folder: str) -> list[str]:
        """What the tree or the index lists."""
        inside = _relative(folder)
        above = "" if inside == "." else f"{inside}/"
        return [path for path in self._paths if path.startswith(above)]

    def date(self) -> str | None:
        """The day of the commit: the revision's, or for the index that of HEAD.

        Raises IncompleteError where git cannot tell it.
        """
        try:
            day = self._objects.day("HEAD" if self.revision == ":staged" else self.revision)
        except IncompleteError as error:
            raise IncompleteError(_undated(error)) from None
        if day is None:
            _expect_unborn(self.root, InputError("git cannot read the commit; run git fsck"))
        return day

    def close(self) -> None:
        """End the reader."""
        self._objects.close()


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
