"""driftcheck inputs."""

from __future__ import annotations

import click

from driftcheck.cli import completion
from driftcheck.cli.options import format_option, input_option, output_option, split
from driftcheck.cli.streams import write


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME ...]", callback=split, shell_complete=completion.inputs)
@input_option
@format_option("table", "json")
@output_option
def inputs(names: tuple[str, ...], inputs: tuple[str, ...], format_name: str, output: str | None) -> None:
    """List what the configuration takes from outside the tree, and what is assumed of it in each realm.

    \b
    Examples:
      driftcheck inputs                                   every input
      driftcheck inputs "env:*"                           the variables of the environment
      driftcheck inputs --input env:WMF_DATACENTER@production=codfw --format json

    check, show and the other commands take --input too. A secret, and whatever differs between servers, is equal to
    itself alone.
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.mediawiki.inputs import listed, overrides
    from driftcheck.report import declared as listing

    rows = listed(names, overrides(inputs))
    write(listing.table(rows) if format_name == "table" else listing.render_json(rows), output)
