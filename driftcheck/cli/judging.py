"""Where a report and its waivers come from: the cache, the clock, and the files that options name."""

from __future__ import annotations

import os
import re
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from driftcheck.cli.common import content, day, moment, usage
from driftcheck.cli.streams import tell

if TYPE_CHECKING:
    from driftcheck.cli.asked import Asked
    from driftcheck.cli.reading import Read
    from driftcheck.core.kept import Kept, Kind
    from driftcheck.core.model import Source
    from driftcheck.core.report import Circumstances, Report
    from driftcheck.judging.waivers import Written
    from driftcheck.snapshot import Snapshot


def judged(read: Read, asked: Asked) -> Report:
    """The report of what was read, each finding with its disposition. Raises InputError."""
    from driftcheck.core.report import settled

    report = evaluated(read, asked)
    with read.options.stage("waivers"):
        report = _signed(report, read, asked)
    for named in asked.since:
        with read.options.stage("since"):
            report = _ratcheted(report, read, asked, named)
    if asked.baseline is not None:
        from driftcheck.judging import ratchet

        report = ratchet.baselined(report, asked.baseline, content(asked.baseline))
    return settled(report)


def circumstances(read: Read, asked: Asked) -> Circumstances:
    """How the report is made."""
    from driftcheck.core.report import Circumstances

    profile = asked.profile if asked.extension is None else read.options.profile.name
    return Circumstances(profile, read.main.day, asked.since, asked.baseline or "")


def evaluated(read: Read, asked: Asked) -> Report:
    """The report as the rules have it. The extension's alone is kept in the cache. Raises InputError."""
    from driftcheck import engine

    if asked.no_cache or read.main.root or len(read.readings) > 1:
        return engine.check(*read.readings.values())
    from driftcheck.layers.extension.cache import REPORTS, remembered

    return remembered(cache(asked, REPORTS), read.extension(), engine.check)


def cache(asked: Asked, kind: Kind) -> Kept | None:
    """Where things of a kind are kept between runs: below the folder that was named, or the user's own.

    None without a cache. The user's own is a convenience: where it cannot be used, everything is made again. Raises
    InputError where a folder that was named cannot be used.
    """
    from driftcheck.core.kept import Kept
    from driftcheck.core.model import InputError

    if asked.no_cache:
        return None
    named = asked.cache_dir or os.environ.get("DRIFTCHECK_CACHE_DIR")
    if named:
        return Kept(Path(named), kind)
    try:
        return Kept(_users_cache(), kind)
    except (InputError, RuntimeError):
        return None


def _users_cache() -> Path:
    """The folder of the XDG base directory specification. Raises RuntimeError where a user has no home."""
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (named if named.is_absolute() else Path.home() / ".cache") / "driftcheck"


def _ratcheted(report: Report, read: Read, asked: Asked, named: str) -> Report:
    """Compare with a revision; a branch without a commit has no earlier findings."""
    from driftcheck.cli.reading import read_tree
    from driftcheck.judging import ratchet
    from driftcheck.snapshot import is_unborn, open_snapshot

    if named == "HEAD" and is_unborn(Path(asked.repo)):
        return report
    with closing(open_snapshot(asked.repo, revision=_earlier(asked, named))) as tree:
        earlier = read_tree(tree, asked, read.options._replace(stage=nullcontext), read.beside, read.readings)
        before = _signed(evaluated(earlier, asked), earlier, asked)
    return ratchet.since(report, before, named)


def _earlier(asked: Asked, named: str) -> str:
    """The revision that --since names: REV, the merge base of A...B, or the last commit before a day or a time."""
    from driftcheck.snapshot import merge_base, revision_at

    tip = asked.rev or "HEAD"
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}([T ].*)?", named):
        return revision_at(asked.repo, moment(named, end=False) or "", tip)
    one, dots, other = named.partition("...")
    return merge_base(asked.repo, one or tip, other or tip) if dots else named


def _signed(report: Report, read: Read, asked: Asked) -> Report:
    """The report with waivers applied: of the file, and of comments in the configuration that was read."""
    from driftcheck import engine
    from driftcheck.judging import judge
    from driftcheck.layers.registry import RULES

    would_find = partial(engine.would_find, read.readings)
    return judge.signed(report, _waivers(read, asked), read.sources(report), RULES, today(asked.today), would_find)


def _waivers(read: Read, asked: Asked) -> Written | None:
    """The file of waivers: the tree's own, or the one that is named."""
    from driftcheck.core.model import Source
    from driftcheck.judging.waivers import DEFAULT_FILE, Written

    named = asked.waivers
    if named is None:
        file = _own(read.tree, DEFAULT_FILE)
    else:
        file = _of_tree(named, read.tree, asked) or Source(named, content(named))
    return None if file is None else Written(read.main.layer, file)


def _own(tree: Snapshot, path: str) -> Source | None:
    """A file of driftcheck's own in a tree. Raises InputError where something else stands in its place."""
    from driftcheck.core.model import IncompleteError, InputError

    try:
        return tree.read(path)
    except IncompleteError as error:
        raise InputError(str(error)) from None


def _of_tree(named: str, tree: Snapshot, asked: Asked) -> Source | None:
    """The file of waivers that the configuration names, as the tree that is checked has it; None for one elsewhere.

    A commit is judged by what it brings, and a revision by what it had; a file named on the command line is of today.
    """
    from driftcheck.core.model import Source

    path, root = (Path(os.path.realpath(name)) for name in (named, asked.repo))
    if "waivers" not in asked.configured or not path.is_relative_to(root):
        return None
    file = _own(tree, path.relative_to(root).as_posix())
    if file is None and tree.revision not in ("", ":staged"):
        return Source(named, b"")  # a commit from before there was a file
    if file is None:
        raise usage(f"{named}: not in the tree that is checked; add it with git add, or name it with --waivers")
    return file


def today(named: str | None) -> str:
    """The day for which waivers are judged, as YYYY-MM-DD. Raises a usage error for what is no day."""
    import datetime as dt

    return day(named) or dt.datetime.now(tz=dt.timezone.utc).date().isoformat()


def warn_incomplete(report: Report) -> None:
    """One line on standard error: what could not be evaluated, where, and what to do."""
    from driftcheck.report.escape import visible

    first = report.incomplete[0]
    place = f"{first.span}: " if first.span is not None else ""
    more = f" ({len(report.incomplete)} such places in the report)" if len(report.incomplete) > 1 else ""
    said = visible(f"{place}{first.reason}")
    tell(f"driftcheck: incomplete: {said}{more}; fix it, or leave out what driftcheck does not evaluate: --setting")
