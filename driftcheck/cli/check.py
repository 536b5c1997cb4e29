"""driftcheck check."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from driftcheck.cli.common import opened, rules_exist, tree_options, write

if TYPE_CHECKING:
    from pathlib import Path

    from driftcheck.engine import Run
    from driftcheck.finding import Report

EXIT_FINDINGS, EXIT_INCOMPLETE = 1, 3
_FAIL_ON = ("error", "warning", "note", "never")


@click.command()
@tree_options
@click.option("--wiki", "wikis", multiple=True, metavar="GLOB", help="Only wikis of this name; repeatable.")
@click.option("--select", multiple=True, metavar="RULE", help="Only this rule; repeatable.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Not this rule; repeatable.")
@click.option("--format", "format_name", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--output", metavar="FILE", help="Write the report to a file instead of standard output.")
@click.option(
    "--fail-on", type=click.Choice(_FAIL_ON), default="error", show_default=True, help="The least severity that fails."
)
@click.option("--exit-zero", is_flag=True, help="Exit 0 where findings would exit 1; other codes stay.")
@click.option(
    "--cache-dir", metavar="PATH", help="Where reports of unchanged trees are kept [default: the user's cache]."
)
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
def check(**arguments: Any) -> None:  # noqa: ANN401 - click gives each by its name
    """Report every divergence of beta from production, and what is wrong in either."""
    from driftcheck.finding import narrowed

    rules_exist([*arguments["select"], *arguments["ignore"]])
    with opened(arguments) as run:
        report = narrowed(_checked(run, arguments), arguments["wikis"], arguments["select"], arguments["ignore"])
    write(_rendered(report, arguments), arguments["output"])
    if report.incomplete:
        warn_incomplete(report)
    sys.exit(_exit_code(report, arguments["fail_on"], exit_zero=arguments["exit_zero"]))


def _checked(run: Run, arguments: dict[str, Any]) -> Report:
    """The report of a tree, from the cache where it answers."""
    from driftcheck.engine import check as run_check

    if arguments["no_cache"]:
        return run_check(run)
    from driftcheck.cache import ReportCache, Traced

    folder = _cache_folder(arguments["cache_dir"])
    if folder is None:
        return run_check(run)
    cache = ReportCache(folder, run.question())
    report = cache.load(run.snapshot)
    if report is None:
        run.snapshot = traced = Traced(run.snapshot)
        report = run_check(run)
        cache.store(traced, report)
    return report


def _cache_folder(named: str | None) -> Path | None:
    """The folder that was named, or the user's own; None where a user has no home."""
    from pathlib import Path

    base = named or os.environ.get("DRIFTCHECK_CACHE_DIR")
    if base:
        return Path(base)
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "driftcheck"
    except RuntimeError:
        return None


def warn_incomplete(report: Report) -> None:
    """One line on standard error: what could not be worked out, where, and what to do."""
    from driftcheck.report.escape import visible

    first = report.incomplete[0]
    place = f"{first.span}: " if first.span is not None else ""
    more = f" ({len(report.incomplete)} such places in the report)" if len(report.incomplete) > 1 else ""
    said = visible(f"{place}{first.reason}")
    click.echo(f"driftcheck: incomplete: {said}; mend it, then run again{more}", err=True)


def _exit_code(report: Report, fail_on: str, *, exit_zero: bool) -> int:
    """Incomplete wins: an answer with a hole in it is neither a pass nor the whole list of findings."""
    from driftcheck.finding import Severity

    if report.incomplete:
        return EXIT_INCOMPLETE
    if fail_on == "never" or exit_zero:
        return 0
    least = Severity[fail_on.upper()]
    return EXIT_FINDINGS if any(finding.severity >= least for finding in report.active) else 0


def _rendered(report: Report, arguments: dict[str, Any]) -> str:
    if arguments["format_name"] == "json":
        from driftcheck.report import jsonreport

        return jsonreport.render(report)
    import shutil

    from driftcheck.report import table

    to_terminal = arguments["output"] is None and sys.stdout.isatty()
    width = shutil.get_terminal_size((100, 24)).columns if to_terminal or "COLUMNS" in os.environ else 100
    return table.render(report, width=width, colour=_colour(arguments["color"], to_terminal=to_terminal))


def _colour(choice: str, *, to_terminal: bool) -> bool:
    """Flag, then NO_COLOR (non-empty), then FORCE_COLOR, then whether it is a terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return to_terminal and os.environ.get("TERM") != "dumb"
