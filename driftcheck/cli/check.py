"""driftcheck check."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from driftcheck.cli import completion, configuration
from driftcheck.cli.asked import BESIDE, asking
from driftcheck.cli.common import rules_exist, usage
from driftcheck.cli.helping import Sectioned
from driftcheck.cli.hook import hooked
from driftcheck.cli.judging import circumstances, judged, warn_incomplete
from driftcheck.cli.options import (
    judging_options,
    layer_options,
    options,
    rule_option,
    statistics_options,
    tree_options,
    wiki_option,
)
from driftcheck.cli.reading import reading
from driftcheck.cli.stages import Stages
from driftcheck.cli.statistics import source
from driftcheck.cli.streams import tell, write
from driftcheck.report import FORMATS, Medium

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftcheck.cli.asked import Asked
    from driftcheck.cli.reading import Read
    from driftcheck.core.report import Report
    from driftcheck.core.severity import Severity
    from driftcheck.report.page.matrix import Matrix

EXIT_FINDINGS, EXIT_INCOMPLETE = 1, 3
_WIDTH = 100
_SEVERITIES = ("error", "warning", "note")
_FAIL_ON = (*_SEVERITIES, "never")
_SECTIONS = {
    "What to read": (
        "repo",
        "rev",
        "staged",
        "at",
        "extension_dir",
        "extension_date",
        "statistics",
        "timeout",
        "config",
    ),
    "Repositories of services": tuple(BESIDE),
    "What to check": (
        "profile",
        "extension",
        "settings",
        "inputs",
        "wikis",
        "teams",
        "select",
        "ignore",
        "min_severity",
    ),
    "What counts": ("hook", "since", "baseline", "waivers", "today", "fail_on", "exit_zero"),
    "What to print": ("formats", "outputs", "blame", "color", "quiet", "verbose"),
}

_report_options = options(
    click.option(
        "--format",
        "formats",
        type=click.Choice(list(FORMATS)),
        multiple=True,
        help="Format of the report [default: table]; repeatable, each with its own --output.",
    ),
    click.option(
        "--output",
        "outputs",
        metavar="FILE",
        multiple=True,
        help="File for the report [default: standard output].",
        shell_complete=completion.files,
    ),
    click.option(
        "--fail-on",
        type=click.Choice(_FAIL_ON),
        default="error",
        show_default=True,
        help="The lowest severity that makes the run fail.",
    ),
    click.option("--exit-zero", is_flag=True, help="Exit with 0 instead of 1; other exit codes do not change."),
    click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True),
    click.option("-q", "--quiet", is_flag=True, help="Print only the last line of the table, and no progress."),
    click.option("-v", "--verbose", is_flag=True, help="Print the time of each stage on standard error."),
)


@click.command(cls=Sectioned, sections=_SECTIONS)
@tree_options
@click.option(
    "--config",
    metavar="FILE",
    is_eager=True,
    expose_value=False,
    callback=configuration.callback,
    shell_complete=completion.files,
    help="Defaults for these options [default: the nearest driftcheck.yaml, or pyproject.toml].",
)
@layer_options
@statistics_options
@click.option("--severity", type=click.UNPROCESSED, default=None, hidden=True)
@click.option("--owners", type=click.UNPROCESSED, default=None, hidden=True)
@judging_options
@click.option("--hook", is_flag=True, help="Check what a commit or a range of commits brings, as a hook of pre-commit.")
@wiki_option()
@click.option(
    "--blame",
    is_flag=True,
    help="Say of each finding which commit brought it, and which realm moved; see driftcheck blame.",
)
@click.option(
    "--owner", "teams", multiple=True, metavar="TEAM", help="Only findings of this team; driftcheck.yaml has the teams."
)
@rule_option("--select", "Report only rules that match; repeatable.")
@rule_option("--ignore", "Leave out rules that match; repeatable.")
@click.option(
    "--min-severity",
    type=click.Choice(_SEVERITIES),
    default="note",
    show_default=True,
    help="Leave less severe findings out of the report; --fail-on judges them all the same.",
)
@_report_options
@asking
def check(
    asked: Asked,
    *,
    severity: Mapping[str, str] | str | None,
    owners: Sequence[Mapping[str, Any]] | str | None,
    hook: bool,
    blame: bool,
    teams: tuple[str, ...],
    wikis: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    min_severity: str,
    formats: tuple[str, ...],
    outputs: tuple[str, ...],
    fail_on: str,
    exit_zero: bool,
    color: str,
    quiet: bool,
    verbose: bool,
) -> None:
    """Report where beta differs from production, and what is wrong in either.

    \b
    Examples:
      driftcheck check                                    the work tree in this directory
      driftcheck check --staged --since HEAD              what the next commit would add
      driftcheck check --rev HEAD --since origin/master...
      driftcheck check --rev HEAD --wiki 'fr*'            a revision, some wikis
      driftcheck check --select 'model-*,service-*' -q     some rules, one line
      driftcheck check --min-severity error               without warnings and notes
      driftcheck check --production-service ores-deploy   with production's ORES service
      driftcheck check --format json --output report.json --format html --output report.html
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.cli.blame import with_ages, with_blame
    from driftcheck.core.report import narrowed, reweighed, severe
    from driftcheck.core.severity import Severity
    from driftcheck.judging.owners import owned

    if isinstance(severity, str):
        raise usage("--severity is for driftcheck.yaml, with a severity a rule; --min-severity narrows the report")
    if isinstance(owners, str):
        raise usage("--owners is for driftcheck.yaml, with a team a row; --owner narrows the report to a team")
    rules_exist([*select, *ignore, *(severity or ())])
    asked = hooked(asked) if hook else asked
    pairs = _pairs(formats, outputs)
    if quiet and verbose:
        raise usage("use only one of --quiet and --verbose")
    stages = Stages(quiet=quiet, verbose=verbose)
    statistics = source(asked.statistics, asked) if asked.statistics is not None else None
    with reading(asked, stage=stages, statistics=statistics) as read:
        read.expect(wikis)
        report = narrowed(judged(read, asked), wikis, select, ignore)
        report = reweighed(report, severity or {})._replace(circumstances=circumstances(read, asked))
        report = owned(report, owners or (), teams)
        shown = with_ages(severe(report, min_severity), read, asked)
        if blame:
            shown = with_blame(shown, read, asked)
        fails = None if fail_on == "never" or exit_zero else Severity[fail_on.upper()]
        for format_name, path in pairs:
            with stages(f"render {format_name}"):
                text = FORMATS[format_name](
                    shown, _medium(read, path, color, fails, brief=quiet and path is None, verbose=verbose)
                )
            write(text, path)
            if format_name == "github":
                _add_step_summary(shown)
    if report.incomplete:
        warn_incomplete(report)
    sys.exit(_exit_code(report, fails))


def _pairs(formats: Sequence[str], outputs: Sequence[str]) -> list[tuple[str, str | None]]:
    """Each format with its output, in the order given; the last may go to standard output."""
    formats = formats or ("table",)
    if not len(formats) - 1 <= len(outputs) <= len(formats):
        raise usage(f"{len(formats)} formats and {len(outputs)} outputs; give each --format its own --output")
    if twice := next((name for name in outputs if outputs.count(name) > 1), None):
        raise usage(f"{twice}: two outputs into one file; give each --format its own --output")
    return list(zip(formats, [*outputs, None], strict=False))


def _exit_code(report: Report, fails: Severity | None) -> int:
    """Incomplete takes precedence: an answer with a hole is neither a pass nor the whole list of findings."""
    if report.incomplete:
        return EXIT_INCOMPLETE
    failed = fails is not None and any(finding.severity >= fails for finding in report.active)
    return EXIT_FINDINGS if failed else 0


def _medium(read: Read, path: str | None, colour: str, fails: Severity | None, *, brief: bool, verbose: bool) -> Medium:
    """What the output is written on, and what the page needs of the tree."""

    def matrix(report: Report) -> Matrix:
        from driftcheck.layers.base import compared
        from driftcheck.report.page.matrix import matrix_of

        services = {reading.root: served for reading in read.readings.values() if (served := reading.served())}
        return matrix_of(compared(read.readings), report, services)

    to_terminal = path is None and sys.stdout.isatty()
    return Medium(
        _width(to_file=path is not None),
        _colour(colour, to_terminal=to_terminal),
        brief,
        fails,
        read.text_of,
        matrix,
        verbose=verbose,
    )


def _add_step_summary(report: Report) -> None:
    """Where GitHub Actions runs the step, its summary gets every finding: the annotations hold ten."""
    named = os.environ.get("GITHUB_STEP_SUMMARY")
    if not named:
        return
    from driftcheck.report import github

    try:
        with open(named, "a", encoding="utf-8") as out:  # noqa: PTH123
            out.write(github.summary(report, out.tell()))
    except OSError as error:
        tell(f"driftcheck: no step summary: {error.strerror}")


def _width(*, to_file: bool) -> int:
    """The terminal's width, before a pager too; a file and a pipe that nobody watches get the same everywhere."""
    import shutil

    if "COLUMNS" in os.environ or (not to_file and sys.stdout.isatty()):
        return shutil.get_terminal_size((_WIDTH, 24)).columns
    if not to_file and sys.stderr.isatty():
        return os.get_terminal_size(sys.stderr.fileno()).columns or _WIDTH
    return _WIDTH


def _colour(choice: str, *, to_terminal: bool) -> bool:
    """Flag, then NO_COLOR (non-empty), then FORCE_COLOR, then whether it is a terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return to_terminal and os.environ.get("TERM") != "dumb"
