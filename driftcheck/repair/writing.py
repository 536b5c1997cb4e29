"""What ``fix --apply`` writes: files of the work tree, each as a whole, once all of them may be written."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from driftcheck.core import files
from driftcheck.core.model import InputError
from driftcheck.snapshot import GitTree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftcheck.snapshot import Snapshot

_MOST = 64 * 1024 * 1024


def write(root: Path, tree: Snapshot, texts: Mapping[str, bytes]) -> None:
    """Write these files of a work tree, which keep their modes.

    Raises InputError, before anything is written, where a file has changes that no commit has, is a symbolic link or
    stands behind one, or is no longer what was read.
    """
    _clean(root, texts)
    made: list[tuple[Path, Path]] = []
    try:
        for path, text in texts.items():
            target = _target(root, path)
            source = tree.read(path)
            if source is None or files.read(target, _MOST, follow=False) != source.text:
                raise InputError(f"{path}: changed while it was read; run fix again")
            made.append((_beside(target, text), target))
        for name, target in made:
            name.replace(target)
    except OSError as error:
        raise InputError(f"{error.filename}: {error.strerror}; nothing more was written") from None
    finally:
        for name, _ in made:
            name.unlink(missing_ok=True)


def _target(root: Path, path: str) -> Path:
    """The file that a path names. Raises InputError for one outside of the root, or behind a symbolic link."""
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts:
        raise InputError(f"{path}: leaves the repository; nothing was written")
    current = root
    for part in pure.parts:
        current = current / part
        if stat.S_ISLNK(os.lstat(current).st_mode):
            raise InputError(f"{path}: {part} is a symbolic link; edit what it leads to")
    return current


def _beside(target: Path, text: bytes) -> Path:
    """A new file beside a target, with its mode, that has this text."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:80]}.")
    with os.fdopen(handle, "wb") as file:
        os.fchmod(handle, stat.S_IMODE(os.lstat(target).st_mode))
        file.write(text)
        file.flush()
        os.fsync(handle)
    return Path(name)


def _clean(root: Path, texts: Mapping[str, bytes]) -> None:
    """Raise InputError where git does not have a file as the work tree has it, committed and staged."""
    if not os.path.lexists(root / ".git"):
        raise InputError(
            f"{root}: no git work tree, so that nothing can be undone; print the patch, and apply it with patch -p1"
        )
    with closing(GitTree(root, "HEAD")) as head, closing(GitTree(root, None)) as index:
        for path in texts:
            there = head.blob_id(path)
            if there is None or index.blob_id(path) != there or _object(root, path, there) != there:
                raise InputError(
                    f"{path}: has changes that are not committed; commit or stash them, then run fix again"
                )


def _object(root: Path, path: str, like: str) -> str:
    from driftcheck.snapshot.objects import object_id

    return object_id(b"blob", files.read(_target(root, path), _MOST, follow=False), len(like))
