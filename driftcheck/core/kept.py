"""Files that can be made again, kept between runs in a folder that is its user's alone.

Whoever can write into a cache can forge an answer. So the folder and each file in it must belong to the user who runs,
and nobody else may write to them. A file is a checksum and a body: a torn one is none. Only files whose name has the
kind's form are read or deleted: what else stands in the folder is somebody's, and stays.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core import files
from driftcheck.core.model import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PART = re.compile(r"[0-9a-f]{16}\.part")
_OTHERS = stat.S_IWGRP | stat.S_IWOTH


class Kind(NamedTuple):
    """What is kept together: the name of the folder, the form of the files' names, how many, and how long they are."""

    folder: str
    form: str
    newest: int
    most: int


class Kept:
    """The files of a kind in a folder for caches; each call opens the folder anew, and looks at whose it is."""

    def __init__(self, base: Path, kind: Kind) -> None:
        """Raises InputError where the folder cannot be made or written, or where others can write into it."""
        self._folder, self._kind = base / kind.folder, kind
        self._form = re.compile(kind.form)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._opened():
                writable = os.access(self._folder, os.W_OK | os.X_OK)
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from None
        if not writable:
            raise self._unusable("Permission denied")

    def names(self, start: str = "") -> list[str]:
        """The names of the files that begin so."""
        with suppress(OSError), self._opened() as folder:
            return [name for name in self._all(folder) if name.startswith(start)]
        return []

    def read(self, name: str) -> bytes | None:
        """A file's body; None where it is not there, is torn, or is not the user's own."""
        try:
            with self._opened() as folder:
                _own(os.stat(name, dir_fd=folder, follow_symlinks=False))
                held = files.read(name, self._kind.most + 100, follow=False, folder=folder)
        except OSError:
            return None
        digest, _, body = held.partition(b"\n")
        return body if hashlib.sha256(body).hexdigest().encode() == digest else None

    def used(self, name: str) -> None:
        """Make a file the newest."""
        with suppress(OSError), self._opened() as folder:
            os.utime(name, dir_fd=folder, follow_symlinks=False)

    def write(self, name: str, body: bytes) -> None:
        """Keep a file, and of all the newest. What cannot be kept is made again: that is no error."""
        if len(body) > self._kind.most:
            return
        with suppress(OSError), self._opened() as folder:
            part = f"{secrets.token_hex(8)}.part"
            try:
                handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=folder)
                with os.fdopen(handle, "wb") as out:
                    out.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
                # Moved into place, so that no reader sees half of it.
                os.replace(part, name, src_dir_fd=folder, dst_dir_fd=folder)
            except OSError:
                os.unlink(part, dir_fd=folder)
                raise
            self._prune(folder)

    def _prune(self, folder: int) -> None:
        """Delete the oldest files of this kind, and what runs that were killed had begun to write."""
        ages: list[tuple[int, str]] = []
        for name in (*self._all(folder), *self._all(folder, _PART)):
            with suppress(FileNotFoundError):  # another run prunes the same folder
                told = os.stat(name, dir_fd=folder, follow_symlinks=False)
                if stat.S_ISREG(told.st_mode):
                    ages.append((told.st_mtime_ns, name))
        for _, name in sorted(ages, reverse=True)[self._kind.newest :]:
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=folder)

    def _all(self, folder: int, form: re.Pattern[str] | None = None) -> list[str]:
        with os.scandir(folder) as held:
            return sorted(entry.name for entry in held if (form or self._form).fullmatch(entry.name))

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """A descriptor of the folder. Raises OSError where it is not the user's own, or is a symbolic link."""
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            _own(os.fstat(folder))
            yield folder
        finally:
            os.close(folder)

    def _unusable(self, why: str) -> InputError:
        return InputError(
            f"{self._folder}: the cache cannot be written ({why}); name another with --cache-dir, or use --no-cache"
        )


def _own(told: os.stat_result) -> None:
    """Raise OSError for what another user owns, or can write to."""
    if told.st_uid != os.geteuid():
        raise PermissionError(1, "it belongs to another user")
    if told.st_mode & _OTHERS:
        raise PermissionError(1, "other users can write into it")
