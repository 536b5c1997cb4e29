"""driftcheck history."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from driftcheck.cli.asked import asking
from driftcheck.cli.common import moment, rules_exist, usage
from driftcheck.cli.options import (
    cache_options,
    format_option,
    input_option,
    output_option,
    profile_options,
    repo_option,
    rule_option,
    wiki_option,
)
from driftcheck.cli.reading import options_of
from driftcheck.cli.stages import Stages
from driftcheck.cli.streams import tell, write

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.cli.asked import Asked

_EXIT_INCOMPLETE = 3


@click.command()
@click.argument("named", default="HEAD", metavar="[REV|A..B]")
@repo_option("A checkout of mediawiki-config, or a bare repository.")
@profile_options
@input_option
@click.option(
    "--since",
    "start",
    metavar="REV|DATE",
    help="Begin at this revision, or where the branch stood before this day [default: its first commit].",
)
@click.option(
    "--every",
    type=click.Choice(("commit", "month")),
    default="commit",
    show_default=True,
    help="Look at each commit, or at the last one of each month.",
)
@click.option(
    "--until",
    type=click.Choice(("arrays",)),
    help="Compare what the arrays of settings say, without CommonSettings.php.",
)
@wiki_option()
@rule_option("--select", "Only lives of rules that match; repeatable.")
@rule_option("--ignore", "Leave out rules that match; repeatable.")
@cache_options
@format_option("table", "json", "html")
@output_option
@click.option("-q", "--quiet", is_flag=True, help="Print no progress.")
@asking
def history(
    asked: Asked,
    named: str,
    start: str | None,
    every: str,
    until: str | None,
    wikis: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    format_name: str,
    output: str | None,
    *,
    quiet: bool,
) -> None:
    """Tell the life of each drift: which commit began and ended it, on which side, for which task, and how long it lived.

    \b
    Examples:
      driftcheck history --since 2016-01-01               up to HEAD
      driftcheck history origin/master..HEAD --select 'model-*'
      driftcheck history --since 2024-01-01 --format html --output history.html
      driftcheck history --profile all --until arrays --every month

    Waivers do not count here. What is found out about a commit is kept in the cache: the next run takes seconds, and
    one that was stopped goes on. A commit that cannot be evaluated begins and ends nothing.
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    import gc

    from driftcheck.cli.judging import cache
    from driftcheck.history import lives
    from driftcheck.history.follow import follow
    from driftcheck.history.store import HISTORIES
    from driftcheck.report.history import FORMATS

    rules_exist([*select, *ignore])
    # A walk makes what a run makes thousands of times: what is left behind in cycles must go.
    gc.set_threshold(1_000_000, 10, 5)
    gc.enable()
    ids = _ids(asked.repo, named, start, every)
    evaluating = options_of(asked, Stages(quiet=quiet), None)._replace(until=until or "normalized")
    ledger = follow(asked.repo, ids, evaluating, cache(asked, HISTORIES), progress(quiet=quiet))
    held = lives.narrowed(lives.told(ids, ledger, asked.profile, every), wikis, select, ignore)
    write(FORMATS[format_name](held), output)
    if held.lost:
        tell(f"driftcheck: incomplete: {len(held.lost)} commits could not be evaluated; the output says which")
        sys.exit(_EXIT_INCOMPLETE)


def _ids(repo: str, named: str, since: str | None, every: str) -> list[str]:
    """The commits of a range, the oldest first. Raises InputError where there is none."""
    from driftcheck.snapshot.commits import first_parents, last_of_months

    first, dots, tip = named.partition("..")
    if dots and since is not None:
        raise usage("use only one of A..B and --since")
    tip = (tip or "HEAD") if dots else first
    start = _start(repo, first if dots else since, tip)
    ids = first_parents(repo, tip, start)
    if start is not None:
        ids.insert(0, start)
    return ids if every == "commit" else last_of_months(repo, tip, ids)


def _start(repo: str, named: str | None, tip: str) -> str | None:
    from pathlib import Path

    from driftcheck.core.model import InputError
    from driftcheck.snapshot import commit_id, revision_at

    if named is None:
        return None
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}([T ].*)?", named):
        try:
            return revision_at(repo, moment(named, end=False) or "", tip)
        except InputError:
            return None  # the branch began later
    return commit_id(Path(repo), named)


def progress(*, quiet: bool) -> Callable[[int, int], None]:
    """Tells a person how far a walk is, at most once in a second; in a log once in half a minute."""
    import time

    watched = sys.stderr.isatty()
    began = said = time.monotonic()

    def told(done: int, total: int) -> None:
        nonlocal said
        now = time.monotonic()
        if quiet or now - said < (1 if watched else 30):
            return
        said = now
        left = (now - began) / done * (total - done)
        words = f"driftcheck: {done} of {total} commits, about {left:.0f} s left"
        if watched:
            tell(f"\r\x1b[K{words}", end="")
        else:
            tell(words)

    return told
