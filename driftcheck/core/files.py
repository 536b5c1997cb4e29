"""The one way in which a file is opened that an option, a configuration or a cache names.

A name can lead anywhere: a symbolic link in a change request to a device that never ends, or to a pipe that nobody
writes to. So a file is opened once, must be a regular one, and is read up to a limit.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from driftcheck.core.model import InputError

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 64 * 1024 * 1024
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


class IrregularError(OSError):
    """What is opened is not a regular file."""


class TooLargeError(OSError):
    """A file is longer than the limit."""


def content(path: Path, advice: str, most: int = MAX_BYTES) -> bytes:
    """The bytes of a file that the user named. Raises InputError, which ends with ``advice``: what to do."""
    try:
        return read(path, most)
    except (IrregularError, TooLargeError) as error:
        raise InputError(f"{path}: {error}; {advice}") from None
    except ValueError:
        raise InputError(f"{str(path)!r}: not a name of a file; {advice}") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}; {advice}") from None


def read(path: Path | str, most: int, *, follow: bool = True, folder: int | None = None) -> bytes:
    """The bytes of a regular file. ``folder`` is a descriptor that a relative path counts from.

    Without ``follow``, a symbolic link is refused. Raises OSError, among them IrregularError and TooLargeError.
    """
    # Opening a device may already do something: what the name leads to is looked at before, and again once it is open.
    _regular(os.stat(path, dir_fd=folder, follow_symlinks=follow))
    handle = os.open(path, _FLAGS | (0 if follow else getattr(os, "O_NOFOLLOW", 0)), dir_fd=folder)
    with os.fdopen(handle, "rb") as file:
        told = os.fstat(handle)
        _regular(told)
        held = file.read(most + 1) if told.st_size <= most else None
    if held is None or len(held) > most:
        size = max(told.st_size, most + 1)
        raise TooLargeError(f"{size} bytes is too large; the limit is {most}")
    return held


def _regular(told: os.stat_result) -> None:
    if not stat.S_ISREG(told.st_mode):
        raise IrregularError("Is a directory" if stat.S_ISDIR(told.st_mode) else "not a regular file")
