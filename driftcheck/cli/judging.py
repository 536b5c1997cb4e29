"""Where a report and its waivers come from: the cache, the clock, and the files that options name."""

from __future__ import annotations

import os
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from driftcheck.cli.common import content, day, usage

if TYPE_CHECKING:
    from driftcheck.cli.asked import Asked
    from driftcheck.cli.reading import Read
    from driftcheck.core.finding import Report
    from driftcheck.core.model import Source
    from driftcheck.judging.waivers import Written
    from driftcheck.snapshot import Snapshot


def judged(read: Read, asked: Asked) -> Report:
    """The report of what was read, each finding with its disposition. Raises InputError."""
    from driftcheck.core.finding import settled

    report = evaluated(read, asked)
    with read.options.stage("waivers"):
        report = _signed(report, read, asked)
    if asked.since is not None:
        with read.options.stage("since"):
            report = _ratcheted(report, read, asked, asked.since)
    if asked.baseline is not None:
        from driftcheck.judging import ratchet

        report = ratchet.baselined(report, asked.baseline, content(asked.baseline))
    return settled(report)


def evaluated(read: Read, asked: Asked) -> Report:
    """The report as the rules have it. The extension's alone is kept in the cache. Raises InputError."""
    from driftcheck import engine

    if read.main.root or len(read.readings) > 1:
        return engine.check(*read.readings.values())
    from driftcheck.layers.extension.cache import remembered

    return remembered(cache_folder(asked), read.extension(), engine.check)


def cache_folder(asked: Asked) -> Path | None:
    """The folder that was named, or the user's own; None without a cache, and where a user has no home."""
    if asked.no_cache:
        return None
    base = asked.cache_dir or os.environ.get("DRIFTCHECK_CACHE_DIR")
    if base:
        return Path(base)
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "driftcheck"
    except RuntimeError:
        return None


def _ratcheted(report: Report, read: Read, asked: Asked, revision: str) -> Report:
    """Compare with a revision; a branch without a commit has no earlier findings."""
    from driftcheck.cli.reading import read_tree
    from driftcheck.judging import ratchet
    from driftcheck.snapshot import is_unborn, open_snapshot

    if revision == "HEAD" and is_unborn(asked.repo):
        return report
    with closing(open_snapshot(asked.repo, revision=revision)) as tree:
        earlier = read_tree(tree, asked, read.options._replace(stage=nullcontext), read.beside, read.readings)
        before = _signed(evaluated(earlier, asked), earlier, asked)
    return ratchet.since(report, before, revision)


def _signed(report: Report, read: Read, asked: Asked) -> Report:
    """The report with waivers applied: of the file, and of comments in the configuration that was read."""
    from driftcheck import engine
    from driftcheck.judging import judge
    from driftcheck.layers.registry import RULES

    would_find = partial(engine.would_find, read.readings)
    return judge.signed(report, _waivers(read, asked), read.sources(report), RULES, _today(asked.today), would_find)


def _waivers(read: Read, asked: Asked) -> Written | None:
    """The file of waivers: the tree's own, or the one that is named."""
    from driftcheck.core.model import Source
    from driftcheck.judging.waivers import DEFAULT_FILE, Written

    named = asked.waivers
    if named is None:
        file = read.tree.read(DEFAULT_FILE)
    else:
        file = _of_tree(named, read.tree, asked) or Source(named, content(named))
    return None if file is None else Written(read.main.layer, file)


def _of_tree(named: str, tree: Snapshot, asked: Asked) -> Source | None:
    """The file of waivers that the configuration names, as the tree that is checked has it; None for one elsewhere.

    A commit is judged by what it brings, and a revision by what it had; a file named on the command line is of today.
    """
    from driftcheck.core.model import Source

    path, root = Path(named).resolve(), Path(asked.repo).resolve()
    if "waivers" not in asked.configured or not path.is_relative_to(root):
        return None
    file = tree.read(path.relative_to(root).as_posix())
    if file is None and tree.revision not in ("", ":staged"):
        return Source(named, b"")  # a commit from before there was a file
    if file is None:
        raise usage(f"{named}: not in the tree that is checked; add it with git add, or name it with --waivers")
    return file


def _today(named: str | None) -> str:
    import datetime as dt

    return day(named) or dt.datetime.now(tz=dt.timezone.utc).date().isoformat()
