"""driftcheck trend."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from driftcheck.cli import completion
from driftcheck.cli.options import format_option, output_option
from driftcheck.cli.streams import tell, write

_EXIT_FINDINGS, _EXIT_INCOMPLETE = 1, 3


@click.command()
@click.argument("old", metavar="OLD.json", shell_complete=completion.files)
@click.argument("new", metavar="NEW.json", shell_complete=completion.files)
@format_option("table", "json")
@output_option
@click.option("--fail-on-new", is_flag=True, help="Exit with 1 if NEW has an error that did not count in OLD.")
def trend(old: str, new: str, format_name: str, output: str | None, *, fail_on_new: bool) -> None:
    """Compare two reports of check --format json: what is new, gone, changed (now waived, for example) and still there.

    \b
    Examples:
      driftcheck trend yesterday.json report.json
      driftcheck trend yesterday.json report.json --fail-on-new
      driftcheck trend yesterday.json report.json --format json --output trend.json

    The exit code is 0, except with --fail-on-new.
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.core import files
    from driftcheck.core.severity import Severity
    from driftcheck.report import trend as trends

    advice = "name a report of driftcheck check --format json"
    days = [trends.read(path, files.content(Path(path), advice)) for path in (old, new)]
    held = trends.compare(*days)
    write(trends.table(held) if format_name == "table" else trends.render_json(held), output)
    if fail_on_new and held.after.incomplete:
        tell(
            f"driftcheck: incomplete: {new} is the report of an incomplete run; its list of incomplete places says what is missing"
        )
        sys.exit(_EXIT_INCOMPLETE)
    sys.exit(_EXIT_FINDINGS if fail_on_new and held.counts_now(Severity.ERROR) else 0)
