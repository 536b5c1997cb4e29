"""driftcheck extensions."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from driftcheck.cli.asked import asking
from driftcheck.cli.options import at_option, format_option, input_option, output_option, repo_option, revision_options
from driftcheck.cli.reading import reading
from driftcheck.cli.streams import tell, write

if TYPE_CHECKING:
    from driftcheck.cli.asked import Asked

_EXIT_INCOMPLETE = 3


@click.command()
@repo_option("A checkout of mediawiki-config, or a bare repository.")
@revision_options
@at_option
@input_option
@click.option("--only-differing", is_flag=True, help="Leave out what both realms load on the same wikis.")
@format_option("table", "json", "markdown", "html")
@output_option
@asking
def extensions(asked: Asked, format_name: str, output: str | None, *, only_differing: bool) -> None:
    """List which extensions and skins the wikis of each realm load, where the realms differ, and the lines that load them.

    \b
    Examples:
      driftcheck extensions --only-differing
      driftcheck extensions --rev HEAD --format json
      driftcheck extensions --format html --output extensions.html

    What one realm alone loads is told of the wikis that both realms have, and of the realm as a whole.
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.layers.extension.loaded import survey
    from driftcheck.report.extensions import FORMATS

    with reading(asked) as read:
        run = read.extension()
        with run.stage("evaluate"):
            held = survey(run.config)
    if only_differing:
        held = held._replace(entries=tuple(entry for entry in held.entries if entry.differs))
    write(FORMATS[format_name](held), output)
    if held.holes:
        tell("driftcheck: incomplete: the output lists what could not be read or evaluated")
        sys.exit(_EXIT_INCOMPLETE)
