"""The commands that write approvals: waive and baseline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from driftcheck.cli import completion
from driftcheck.cli.common import day, tree_options, usage, write
from driftcheck.cli.judging import content, evaluated, judged, judging_options
from driftcheck.cli.reading import layer_options, reading


@click.command()
@click.argument("fingerprint")
@tree_options
@layer_options
@judging_options
@click.option("--reason", required=True, help="Why the difference is approved.")
@click.option("--owner", required=True, help="Who is responsible for it.")
@click.option("--until", required=True, metavar="DATE", help="The last day of the waiver.")
@click.option("--task", metavar="TASK", help="The task that tracks it.")
@click.option(
    "--wiki",
    "wikis",
    multiple=True,
    metavar="GLOB",
    help="Only for wikis that match; repeatable.",
    shell_complete=completion.wikis,
)
def waive(fingerprint: str, **arguments: Any) -> None:  # noqa: ANN401 - click gives each by its name
    """Approve the finding with this FINGERPRINT, or the beginning of one: add a waiver to the file of waivers.

    \b
    Example:
      driftcheck waive 015a4b9b2b --until 2027-03-31 --owner ores-team --reason 'trial of a model'

    Fingerprints are in the JSON report. The file keeps its comments and its order.
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.judging import signing, waivers
    from driftcheck.report.escape import visible

    until = day(arguments["until"]) or ""
    path = Path(arguments["waivers"] or Path(arguments["repo"]) / waivers.DEFAULT_FILE)
    existing = content(str(path)) if path.exists() else None
    if existing is None:
        arguments["waivers"] = None
    with reading(arguments) as read:
        report = judged(read, arguments)
    found = [finding for finding in report.active if finding.fingerprint.startswith(fingerprint)]
    if len({finding.fingerprint for finding in found}) != 1:
        said = "no active finding has" if not found else "several active findings have"
        what = "driftcheck check --format json lists them" if not found else "give more of its characters"
        raise usage(f"{fingerprint}: {said} this fingerprint; {what}")
    text = signing.appended(
        str(path),
        existing,
        found[0],
        {
            "wikis": list(arguments["wikis"]),
            "reason": arguments["reason"],
            "owner": arguments["owner"],
            "until": until,
            "task": arguments["task"] or "",
        },
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write(text, str(path))
    click.echo(f"driftcheck: {visible(str(path))}: a waiver of {found[0].rule.id} until {until}", err=True)


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
@click.option(
    "--output", metavar="FILE", help="Write to a file instead of standard output.", shell_complete=completion.files
)
def baseline(**arguments: Any) -> None:  # noqa: ANN401 - click gives each by its name
    """Write today's findings to a file, so that check --baseline counts only later ones.

    \b
    Examples:
      driftcheck baseline --output baseline.json
      driftcheck check --baseline baseline.json           counts only later findings
      driftcheck baseline --prune baseline.json --output baseline.json
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.judging import ratchet

    previous = None
    if arguments["prune"] is not None:
        previous = arguments["prune"], content(arguments["prune"])
    with reading(arguments) as read:
        report = evaluated(read, arguments)
    write(ratchet.write(report, previous), arguments["output"])
