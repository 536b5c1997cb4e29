"""Files on disk, and repositories."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from support.trees import DATE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write(files: Mapping[str, str | bytes], folder: Path) -> Path:
    """The files on disk."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


@dataclass
class Repo:
    """A real repository with an identity of its own and nobody's configuration."""

    root: Path
    bare: bool = False
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        self.environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("GIT_")},
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A",
            "GIT_AUTHOR_EMAIL": "a@example.org",
            "GIT_COMMITTER_NAME": "C",
            "GIT_COMMITTER_EMAIL": "c@example.org",
        }
        if not (self.root / ".git").exists() and not (self.root / "HEAD").exists():
            self.git("init", "-q", "--template=", "-b", "master", *(["--bare"] if self.bare else []))

    def git(self, *arguments: str, text: bytes | None = None, check: bool = True, **environment: str) -> str:
        """What git says."""
        done = subprocess.run(
            ["git", "-C", str(self.root), *arguments],
            env=self.environment | environment,
            input=text,
            capture_output=True,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr.decode("utf-8", "replace")
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def commit(self, files: Mapping[str, str | bytes] | None = None, date: str = f"{DATE}T12:00:00Z") -> str:
        """Write files, commit everything, and answer with the commit's id."""
        write(files or {}, self.root)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "m", GIT_AUTHOR_DATE=date, GIT_COMMITTER_DATE=date)
        return self.git("rev-parse", "HEAD")

    def state(self) -> tuple[object, ...]:
        """Everything that a reader must leave as it was: status, index bytes, stash, refs, and each file's bytes."""
        files = {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in self.root.rglob("*")
            if path.is_file() and not path.is_symlink() and ".git" not in path.relative_to(self.root).parts
        }
        index = self.root / ".git" / "index"
        before = index.read_bytes() if index.exists() else b""
        return (
            before,
            self.git("--no-optional-locks", "status", "--porcelain=v2", "--untracked-files=all"),
            self.git("stash", "list"),
            self.git("for-each-ref"),
            files,
        )
