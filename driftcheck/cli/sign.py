"""The commands that write approvals: waive and baseline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driftcheck.cli import completion
from driftcheck.cli.asked import asking
from driftcheck.cli.common import content, day, usage, write
from driftcheck.cli.judging import evaluated, judged
from driftcheck.cli.options import judging_options, layer_options, output_option, tree_options, wiki_option
from driftcheck.cli.reading import reading

if TYPE_CHECKING:
    from driftcheck.cli.asked import Asked
    from driftcheck.core.finding import Finding, Report


@click.command()
@click.argument("fingerprint")
@tree_options
@layer_options
@judging_options
@click.option("--reason", required=True, help="Why the difference is approved.")
@click.option("--owner", required=True, help="Who is responsible for it.")
@click.option("--until", required=True, metavar="DATE", help="The last day of the waiver.")
@click.option("--task", metavar="TASK", help="The task that tracks it.")
@wiki_option("Only for wikis that match; repeatable.")
@asking
def waive(
    asked: Asked, fingerprint: str, reason: str, owner: str, until: str, task: str | None, wikis: tuple[str, ...]
) -> None:
    """Approve the finding with this FINGERPRINT, or the beginning of one: add a waiver to the file of waivers.

    \b
    Example:
      driftcheck waive 015a4b9b2b --until 2027-03-31 --owner ores-team --reason 'trial of a model'

    Fingerprints are in the JSON report. The file keeps its comments and its order.
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.judging import signing
    from driftcheck.judging.waivers import DEFAULT_FILE
    from driftcheck.report.escape import visible

    last = day(until) or ""
    path = Path(asked.waivers or Path(asked.repo) / DEFAULT_FILE)
    existing = content(str(path)) if path.exists() else None
    with reading(asked) as read:
        report = judged(read, asked if existing is not None else replace(asked, waivers=None))
    finding = _named(report, fingerprint)
    terms = signing.Terms(reason, owner, last, task or "", wikis)
    text = signing.appended(str(path), existing, finding, terms)
    path.parent.mkdir(parents=True, exist_ok=True)
    write(text, str(path))
    click.echo(f"driftcheck: {visible(str(path))}: a waiver of {finding.rule.id} until {last}", err=True)


def _named(report: Report, fingerprint: str) -> Finding:
    """The one active finding whose fingerprint begins so."""
    found = [finding for finding in report.active if finding.fingerprint.startswith(fingerprint)]
    if len({finding.fingerprint for finding in found}) != 1:
        said = "no active finding has" if not found else "several active findings have"
        what = "driftcheck check --format json lists them" if not found else "give more of its characters"
        raise usage(f"{fingerprint}: {said} this fingerprint; {what}")
    return found[0]


@click.command()
@tree_options
@layer_options
@judging_options
@click.option(
    "--prune",
    metavar="FILE",
    help="Remove from this baseline what is gone, and add nothing.",
    shell_complete=completion.files,
)
@output_option
@asking
def baseline(asked: Asked, prune: str | None, output: str | None) -> None:
    """Write today's findings to a file, so that check --baseline counts only later ones.

    \b
    Examples:
      driftcheck baseline --output baseline.json
      driftcheck check --baseline baseline.json           counts only later findings
      driftcheck baseline --prune baseline.json --output baseline.json
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.judging import ratchet

    previous = None if prune is None else (prune, content(prune))
    with reading(asked) as read:
        report = evaluated(read, asked)
    write(ratchet.write(report, previous), output)
