"""The objects of a repository, one after the other through one git process, each checked against its id."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
import re
import select
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core.model import IncompleteError
from driftcheck.snapshot import git

if TYPE_CHECKING:
    from pathlib import Path

_HEADER = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64}) (blob|commit|tree|tag) ([0-9]{1,18})")
_COMMITTER = re.compile(rb"(?m)^committer .*> ([0-9]{1,12}) ([+-])([0-9]{2})([0-9]{2})$")
_CHUNK = 1024 * 1024


class Objects:
    """Reads blobs and commits through ``git cat-file --batch``."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._call = self._start()
        self._rest = b""

    def blob(self, path: str, name: str, most: int) -> bytes:
        """A file's content.

        Raises IncompleteError where git does not have it, where it is longer than ``most`` bytes, and where it is not
        what the id says.
        """
        header = self._asked(name)
        if header is None:
            raise IncompleteError(f"{path}: {self._missing(name)}")
        if header.kind != "blob":
            self._restart()
            raise IncompleteError(f"{path}: {self._missing(name)}")
        if header.size > most:
            self._restart()
            raise IncompleteError(
                f"{path}: {header.size} bytes is too large for a configuration file; the limit is {most}"
            )
        content = self._content(header)
        if object_id(b"blob", content, len(name)) != name:
            raise IncompleteError(f"{path}: the content of object {name} is not what its id says; run git fsck")
        return content

    def at(self, revision: str, path: str, most: int) -> bytes | None:
        """A file of a revision by its path; None where git has no such file, or it is too long.

        Raises IncompleteError where the content is not what its id says.
        """
        header = self._asked(f"{revision}:{path}") if "\n" not in path else None
        if header is None:
            return None
        if header.kind != "blob" or header.size > most:
            self._restart()
            return None
        content = self._content(header)
        if object_id(b"blob", content, len(header.id)) != header.id:
            raise IncompleteError(f"{path}: the content of object {header.id} is not what its id says; run git fsck")
        return content

    def day(self, name: str) -> str | None:
        """The day of a commit, as its committer had it (YYYY-MM-DD); None where git has no such commit.

        Raises IncompleteError where the commit is not one.
        """
        header = self._asked(name)
        if header is None:
            return None
        content = self._content(header)
        return day_of(content) if header.kind == "commit" else None

    def close(self) -> None:
        """End the process."""
        self._call.end()

    def _start(self) -> git.Call:
        call = git.Call(self._root, ["cat-file", "--batch"], stdin=True)
        with contextlib.suppress(ImportError, AttributeError, OSError):
            import fcntl

            # Linux: git sends a file in one piece, where it may have so much room.
            fcntl.fcntl(call.process.stdout, fcntl.F_SETPIPE_SZ, _CHUNK)  # type: ignore[arg-type]
        return call

    def _restart(self) -> None:
        """What git would send now is not wanted: another process answers the next question."""
        self._call.end()
        self._call, self._rest = self._start(), b""

    def _asked(self, name: str) -> _Header | None:
        """The header of git's answer; None for an object that it does not have."""
        assert self._call.process.stdin is not None
        try:
            self._call.process.stdin.write(name.encode("utf-8", "surrogateescape") + b"\n")
        except BrokenPipeError:
            return None
        while b"\n" not in self._rest:
            more = self._more()
            if not more:
                return None  # newer versions of git end where an object of a partial clone cannot be had
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        found = _HEADER.fullmatch(line)
        return found and _Header(found[1].decode(), found[2].decode(), int(found[3]))

    def _content(self, header: _Header) -> bytes:
        """What follows a header; the newline after it is dropped."""
        parts, held = [self._rest], len(self._rest)
        while held <= header.size:
            more = self._more()
            if not more:
                raise IncompleteError(f"git in {self._root} ended in the middle of object {header.id}; run git fsck")
            parts.append(more)
            held += len(more)
        parts[-1] = parts[-1][: len(parts[-1]) + header.size - held]
        self._rest = b""
        return b"".join(parts)

    def _more(self) -> bytes:
        """What git has sent since; empty at its end. Raises IncompleteError where it sends nothing for too long."""
        stdout = self._call.process.stdout
        assert stdout is not None
        if not select.select([stdout], [], [], git.LIMIT)[0]:
            self._call.end()
            raise IncompleteError(git.silent(self._root))
        return os.read(stdout.fileno(), _CHUNK)

    def _missing(self, name: str) -> str:
        if git.is_partial(self._root):
            return git.how_to_get(self._root)
        return f"git cannot read object {name}; run git fsck in {self._root}"


class _Header(NamedTuple):
    """What git says of an object before it sends the content."""

    id: str
    kind: str
    size: int


def day_of(commit: bytes) -> str:
    """The day on which a commit was made, in its committer's time zone. Raises IncompleteError where it has none."""
    found = _COMMITTER.search(commit.partition(b"\n\n")[0])
    if found is None:
        raise IncompleteError("the commit has no line committer with a time; run git fsck")
    seconds, sign, hours, minutes = int(found[1]), found[2], int(found[3]), int(found[4])
    offset = dt.timedelta(hours=hours, minutes=minutes)
    try:
        zone = dt.timezone(-offset if sign == b"-" else offset)
        return dt.datetime.fromtimestamp(seconds, zone).date().isoformat()
    except (ValueError, OverflowError, OSError):
        raise IncompleteError(
            f"the commit has no possible time ({found[0].decode('utf-8', 'replace')[-60:]})"
        ) from None


def object_id(kind: bytes, content: bytes, digits: int = 40) -> str:
    """The id that git gives content: the digest of its kind, length and bytes, of 40 digits (SHA-1) or 64 (SHA-256)."""
    begun = b"%s %d\0" % (kind, len(content))
    digest = hashlib.sha256(begun) if digits == 64 else hashlib.sha1(begun, usedforsecurity=False)
    digest.update(content)
    return digest.hexdigest()
