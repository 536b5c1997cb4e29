"""The first-parent commits of a repository, oldest first, and the tree of each.

A walk along them keeps the files of one commit and applies to them what the next commit changes: git is asked twice, however
long the walk is.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core.model import IncompleteError, InputError, Source
from driftcheck.snapshot import MAX_FILE, listing
from driftcheck.snapshot.git import commit_id, git, is_id
from driftcheck.snapshot.objects import Objects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from driftcheck.snapshot.listing import Entries

_GONE = "000000"
_TASK = re.compile(r"^Bug:\s*(T[0-9]{1,9})\s*$", re.MULTILINE)
_FIELDS = "%x01%H%x00%cI%x00%B%x00"
_ENTRY = re.compile(rb":[0-7]{6} ([0-7]{6}) [0-9a-f]+ ([0-9a-f]+) [A-Z]")
_MOST_HELD = 64


class Commit(NamedTuple):
    """A commit: its moment (ISO 8601, with its zone), its subject and the tasks that it names (``Bug: T1``)."""

    id: str
    moment: str
    subject: str
    tasks: tuple[str, ...]

    @property
    def day(self) -> str:
        """The day on which it was committed, in its committer's zone."""
        return self.moment[:10]


class Step(NamedTuple):
    """A commit with what it changes against its first parent: each path with mode and id, the mode empty where it is gone."""

    commit: Commit
    changes: tuple[tuple[str, str, str], ...]


class Changed(NamedTuple):
    """The files that a commit changes; ``names`` are those of them that are new or gone."""

    paths: frozenset[str]
    names: frozenset[str]


def first_parents(root: str, tip: str, after: str | None = None) -> list[str]:
    """The ids of the first-parent commits of a revision, oldest first; only those that ``after`` does not have.

    Raises InputError.
    """
    wanted = [commit_id(Path(root), tip), *([f"^{commit_id(Path(root), after)}"] if after is not None else [])]
    listed = git(Path(root), ["rev-list", "--first-parent", "--reverse", *wanted, "--"]).decode("ascii", "replace")
    ids = listed.split()
    if not all(map(is_id, ids)):
        raise InputError(f"git in {root} listed what is no commit; run git fsck")
    return ids


def touching(root: str, tip: str, paths: Iterable[str]) -> list[str]:
    """The first-parent commits of a revision that change one of these files, oldest first. Raises InputError."""
    named = [f":(top,literal){path}" for path in paths]
    asked = ["rev-list", "--first-parent", "--reverse", commit_id(Path(root), tip), "--", *named]
    return git(Path(root), asked).decode("ascii", "replace").split() if named else []


def last_of_months(root: str, tip: str, ids: Sequence[str]) -> list[str]:
    """Of these first-parent commits of a revision the last one of each month (UTC). Raises InputError."""
    asked = ["rev-list", "--first-parent", "--reverse", "--timestamp", commit_id(Path(root), tip), "--"]
    wanted, last = set(ids), dict[str, str]()
    for line in git(Path(root), asked).decode("ascii", "replace").splitlines():
        seconds, _, name = line.partition(" ")
        if name in wanted and seconds.isdigit():
            last[dt.datetime.fromtimestamp(int(seconds), dt.timezone.utc).strftime("%Y-%m")] = name
    kept = set(last.values())
    return [name for name in ids if name in kept]


def steps(root: str, ids: Sequence[str]) -> list[Step]:
    """These commits, each one's first parent being the one before it, with what they change. Raises InputError."""
    # Two ids in a line are a commit and the one parent that it is compared with.
    pairs = [f"{commit} {parent}" for parent, commit in itertools.pairwise(ids)]
    asked = ["diff-tree", "--stdin", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--always", "--root"]
    lines = "".join(f"{line}\n" for line in [*ids[:1], *pairs]).encode()
    said = git(Path(root), [*asked, f"--format={_FIELDS}"], given=lines) if ids else b""
    return [_step(root, text) for text in said.split(b"\x01")[1:]]


def _step(root: str, text: bytes) -> Step:
    name, moment, body, rest = (*text.split(b"\0", 3), b"")[:4]
    parts = rest.lstrip(b"\0\n").split(b"\0")
    changes = []
    for head, path in zip(parts[::2], parts[1::2], strict=False):
        found = _ENTRY.fullmatch(head.strip())
        if found is None:
            raise InputError(f"git in {root} listed {head[:80]!r}, which is not a change; run git fsck")
        mode = found[1].decode()
        changes.append((path.decode("utf-8", "surrogateescape"), "" if mode == _GONE else mode, found[2].decode()))
    if not is_id(name.decode("ascii", "replace")):
        raise InputError(f"git in {root} listed {name[:80]!r}, which is not a commit; run git fsck")
    words = body.decode("utf-8", "replace")
    commit = Commit(name.decode(), moment.decode(), words.partition("\n")[0].strip(), tuple(_TASK.findall(words)))
    return Step(commit, tuple(changes))


class Blobs:
    """The content of files by id, read through one git process; the newest are held."""

    def __init__(self, root: str) -> None:
        self._objects = Objects(Path(root))
        self._held: dict[str, bytes] = {}

    def read(self, path: str, name: str) -> bytes:
        """A file's content. Raises IncompleteError as :meth:`Objects.blob` does."""
        text = self._held.pop(name, None)
        if text is None:
            text = self._objects.blob(path, name, MAX_FILE)
            if len(self._held) >= _MOST_HELD:
                del self._held[next(iter(self._held))]
        self._held[name] = text
        return text

    def at(self, revision: str, path: str) -> bytes | None:
        """A file of a revision, as :meth:`Objects.at` has it."""
        return self._objects.at(revision, path, MAX_FILE)

    def day(self, revision: str) -> str:
        """The day of a commit; empty where it has none. Raises IncompleteError."""
        return self._objects.day(revision) or ""

    def close(self) -> None:
        """End the process."""
        self._objects.close()


class CommitTree:
    """The files of one commit of a walk, as a snapshot."""

    def __init__(self, commit: Commit, entries: Entries, blobs: Blobs) -> None:
        self.revision, self._day, self._entries, self._blobs = commit.id, commit.day, entries, blobs

    def read(self, path: str) -> Source | None:
        """A file's bytes; symbolic links are refused."""
        name = self.blob_id(path)
        return None if name is None else Source(path, self._blobs.read(path, name), self.revision)

    def blob_id(self, path: str) -> str | None:
        """The blob's id. Raises IncompleteError for a symbolic link."""
        mode, name = self._entries.get(path, (listing.SUBMODULE, ""))
        if mode == listing.SYMLINK:
            raise IncompleteError(f"{path}: a symbolic link in git; driftcheck reads regular files only")
        return None if mode == listing.SUBMODULE else name

    def names(self, folder: str) -> list[str]:
        """What the commit has below a folder."""
        return sorted(path for path in self._entries if path.startswith(f"{folder}/"))

    def date(self) -> str:
        """The day of the commit."""
        return self._day

    def close(self) -> None:
        """Nothing is this tree's own."""


class Commits:
    """Any commits of a repository, each with its tree."""

    def __init__(self, root: str) -> None:
        self._root, self._blobs = root, Blobs(root)

    def tree(self, name: str) -> tuple[Commit, CommitTree]:
        """A commit by its id. Raises InputError."""
        commit = steps(self._root, [name])[0].commit
        return commit, CommitTree(commit, listing.committed(Path(self._root), name), self._blobs)

    def text(self, name: str, path: str) -> bytes | None:
        """A file of a commit, without its tree being listed; None where there is none. Raises IncompleteError."""
        return self._blobs.at(name, path)

    def day(self, name: str) -> str:
        """The day of a commit. Raises IncompleteError."""
        return self._blobs.day(name)

    def trees(self, ids: Sequence[str]) -> Iterator[tuple[Commit, CommitTree, Changed | None]]:
        """Each of these commits, each one's first parent being the one before it, with its tree and what it changed.

        That is None at the first. Raises InputError.
        """
        found = steps(self._root, ids)
        entries = listing.committed(Path(self._root), ids[0]) if ids else {}
        changed: Changed | None = None
        for number, step in enumerate(found):
            if number:
                paths = frozenset(path for path, _, _ in step.changes)
                changed = Changed(paths, frozenset(p for p, mode, _ in step.changes if (p in entries) != bool(mode)))
                entries = _applied(entries, step)
            yield step.commit, CommitTree(step.commit, entries, self._blobs), changed

    def close(self) -> None:
        """End the reader."""
        self._blobs.close()


def _applied(entries: Entries, step: Step) -> Entries:
    if not step.changes:
        return entries
    new = dict(entries)
    for path, mode, name in step.changes:
        if mode:
            new[path] = mode, name
        else:
            new.pop(path, None)
    return new
