"""From a tree to a report in which every finding says whether it counts: cache, ratchet, baseline, waivers."""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from driftcheck.cli import completion
from driftcheck.cli.common import day, options, usage
from driftcheck.core.finding import most_severe_first

if TYPE_CHECKING:
    from driftcheck.cli.reading import Reading
    from driftcheck.core.finding import Report
    from driftcheck.core.model import Source
    from driftcheck.engine import Run
    from driftcheck.judging.waivers import Signature
    from driftcheck.snapshot import Snapshot

judging_options = options(
    click.option("--since", metavar="REV", help="Count only findings that this revision does not have."),
    click.option(
        "--baseline",
        metavar="FILE",
        help="Do not count the findings of this baseline.",
        shell_complete=completion.files,
    ),
    click.option(
        "--waivers",
        metavar="FILE",
        help="File of waivers [default: .driftcheck/waivers.yaml, if it exists].",
        shell_complete=completion.files,
    ),
    click.option(
        "--today", metavar="DATE", help="The day for which waivers are judged expired or not [default: today]."
    ),
    click.option(
        "--cache-dir",
        metavar="PATH",
        help="Folder of the cache [default: the user's cache].",
        shell_complete=completion.folders,
    ),
    click.option("--no-cache", is_flag=True, help="Do not use the cache."),
)


def judged(read: Reading, given: dict[str, Any]) -> Report:
    """The report of what was read, each finding with its disposition."""
    report = evaluated(read, given)
    with read.stage("waivers"):
        report = _signed(report, read, given)
    if given["since"] is not None:
        with read.stage("since"):
            report = _ratcheted(report, read, given)
    if given["baseline"] is not None:
        from driftcheck.judging import ratchet

        report = ratchet.baselined(report, given["baseline"], content(given["baseline"]))
    return report


def evaluated(read: Reading, given: dict[str, Any]) -> Report:
    """The report as the rules have it."""
    if read.run is None or read.layers is not None:
        from driftcheck import engine
        from driftcheck.layers import others

        if read.run is None:
            return replace(others.check(read.layers or others.Layers(), None), files=read.files)
        extension = engine.check(read.run)
        with read.stage("services"):
            return others.merged(extension, others.check(read.layers or others.Layers(), read.run.comparison))
    return _remembered(read.run, given)


def _remembered(run: Run, given: dict[str, Any]) -> Report:
    """The report on the extension's configuration, from the cache where it answers."""
    from driftcheck.engine import check

    folder = None if given["no_cache"] else cache_folder(given["cache_dir"])
    statistics = run.options.statistics
    if folder is None or (statistics is not None and statistics.identity() is None):
        return check(run)
    from driftcheck.layers.extension.cache import ReportCache

    cache = ReportCache(folder, run.question())
    with run.stage("cache"):
        report = cache.load(run.snapshot.untraced)
    if report is None:
        report = check(run)
        cache.store(run.snapshot, report)
    return report


def cache_folder(named: str | None) -> Path | None:
    """The folder that was named, or the user's own; None where a user has no home."""
    base = named or os.environ.get("DRIFTCHECK_CACHE_DIR")
    if base:
        return Path(base)
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "driftcheck"
    except RuntimeError:
        return None


def _ratcheted(report: Report, read: Reading, given: dict[str, Any]) -> Report:
    """Compare with a revision; a branch without a commit has no earlier findings."""
    from contextlib import closing

    from driftcheck.cli.reading import read_tree
    from driftcheck.judging import ratchet
    from driftcheck.snapshot import is_unborn, open_snapshot

    revision = given["since"]
    if revision == "HEAD" and is_unborn(given["repo"]):
        return report
    with closing(open_snapshot(given["repo"], revision=revision)) as tree:
        earlier = read_tree(tree, read.options, nullcontext, given, read.beside, like=read.run)
        before = _signed(evaluated(earlier, given), earlier, given)
    return ratchet.since(report, before, revision)


def _signed(report: Report, read: Reading, given: dict[str, Any]) -> Report:
    """The report with waivers applied: of the file, and of comments in the configuration that was read."""
    from driftcheck.core.model import Source
    from driftcheck.judging import waivers
    from driftcheck.layers.registry import RULES

    named, tree = given["waivers"], read.snapshot
    file = tree.read(waivers.DEFAULT_FILE) if named is None else _waivers_of_tree(named, tree, given["repo"])
    if file is None and named is not None:
        file = Source(named, content(named))
    written = waivers.Written(read.layer, file) if file is not None else None
    signed = waivers.read(written, read.sources(report), RULES)
    findings = waivers.apply(report.findings, signed, _today(given["today"]), asked=lambda entry: _asked(read, entry))
    return replace(report, findings=tuple(most_severe_first(findings)))


def _asked(read: Reading, entry: Signature) -> bool:
    """Whether the run looked at all that a waiver could be of."""
    from driftcheck.layers.registry import RULES

    rule = RULES[entry.waiver.rule]
    looked = {
        "extension": read.run is not None,
        "service": read.layers is not None and bool(read.layers.services),
        "liftwing": read.layers is not None and read.layers.charts is not None,
    }
    if rule.layers and not any(looked[layer] for layer in rule.layers):
        return False
    if rule.layers != ("extension",):
        return read.run is not None or not rule.needs
    return read.options.profile.would_find(rule, entry.setting, statistics=read.options.statistics is not None)


def _waivers_of_tree(named: str, snapshot: Snapshot, repo: str) -> Source | None:
    """The file of waivers that the configuration names, as the tree that is checked has it; None for one elsewhere.

    A commit is judged by what it brings, and a revision by what it had; a file named on the command line is of today.
    """
    from driftcheck.core.model import Source

    source = click.get_current_context().get_parameter_source("waivers")
    path, root = Path(named).resolve(), Path(repo).resolve()
    if source is not click.core.ParameterSource.DEFAULT_MAP or not path.is_relative_to(root):
        return None
    file = snapshot.read(path.relative_to(root).as_posix())
    if file is None and snapshot.revision not in ("", ":staged"):
        return Source(named, b"")  # a commit from before there was a file
    if file is None:
        raise usage(f"{named}: not in the tree that is checked; add it with git add, or name it with --waivers")
    return file


def _today(named: str | None) -> str:
    import datetime as dt

    return day(named) or dt.datetime.now(tz=dt.timezone.utc).date().isoformat()


def content(path: str) -> bytes:
    """The bytes of a file that an option names. Raises a usage error where it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise usage(f"{path}: {error.strerror}; name a file that exists") from None
