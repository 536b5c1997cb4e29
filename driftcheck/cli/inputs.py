"""driftcheck inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from driftcheck.cli import completion
from driftcheck.cli.asked import asking
from driftcheck.cli.options import format_option, input_option, output_option, repo_option, revision_options, split
from driftcheck.cli.reading import reading
from driftcheck.cli.streams import write

if TYPE_CHECKING:
    from driftcheck.cli.asked import Asked
    from driftcheck.mediawiki.whole.uses import Use


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME ...]", callback=split, shell_complete=completion.inputs)
@input_option
@click.option("--uses", is_flag=True, help="Say what reads each input, and how many settings hang on it.")
@repo_option("A checkout of mediawiki-config, or a bare repository, for --uses.")
@revision_options
@format_option("table", "json")
@output_option
@asking
def inputs(asked: Asked, names: tuple[str, ...], format_name: str, output: str | None, *, uses: bool) -> None:
    """List what the configuration takes from outside the tree, and what is assumed of it in each realm.

    \b
    Examples:
      driftcheck inputs                                   every input
      driftcheck inputs "env:*"                           the variables of the environment
      driftcheck inputs --input env:WMF_DATACENTER@production=codfw --format json
      driftcheck inputs "server:*" --uses                 what reads each of them

    check, show and the other commands take --input too. A secret, and whatever differs between servers, is equal to
    itself alone. A setting hangs on an input if another value of it changes the setting on a wiki that both realms have.
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.mediawiki.inputs import listed, overrides
    from driftcheck.report import declared as listing

    rows = listed(names, overrides(asked.inputs))
    found = _used(asked) if uses else {}
    write(listing.table(rows, found) if format_name == "table" else listing.render_json(rows, found), output)


def _used(asked: Asked) -> dict[str, Use]:
    """What the tree makes of each input."""
    from driftcheck.mediawiki.whole.uses import uses

    with reading(asked._replace(profile="all")) as read:
        return uses(read.extension().config.entire)
