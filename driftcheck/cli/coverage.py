"""driftcheck coverage."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from driftcheck.cli import completion
from driftcheck.cli.asked import asking
from driftcheck.cli.options import format_option, output_option, split, tree_options
from driftcheck.cli.reading import reading
from driftcheck.cli.streams import tell, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftcheck.cli.asked import Asked
    from driftcheck.core.model import Hole

_EXIT_INCOMPLETE = 3


@click.command()
@click.argument("wikis", nargs=-1, metavar="[WIKI ...]", callback=split, shell_complete=completion.wikis)
@tree_options
@format_option("table", "json")
@output_option
@asking
def coverage(asked: Asked, wikis: tuple[str, ...], format_name: str, output: str | None) -> None:
    """List what production, or a WIKI of it, does and no beta wiki does, and which wikis in beta would cover it.

    \b
    Examples:
      driftcheck coverage                                 the work tree in this directory
      driftcheck coverage frwiki --rev HEAD               how much of one wiki beta covers
      driftcheck coverage --format json --output coverage.json
      driftcheck coverage --extension GrowthExperiments   its settings' values that no beta wiki has

    A behaviour is a model that is on, or a level of its thresholds in one form: off, a number, or a formula by its
    statistics; from the configuration's own lines or the extension's default.
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.engine import check
    from driftcheck.layers.extension.cover import measure
    from driftcheck.report import coverage as covering

    with reading(asked, everywhere=True) as read:
        run = read.extension()
        read.expect(wikis)
        holes = check(run).incomplete
        if asked.extension is not None and not run.options.profile.schema:
            from driftcheck.layers.extension.untried import untried
            from driftcheck.report import untried as telling

            found = untried(run.comparison, wikis)
            told = found, asked.extension
            as_table, as_json = telling.table(*told, holes), telling.render_json(*told, run.snapshot.revision, holes)
        else:
            held = measure(run.comparison, wikis)
            as_table, as_json = (
                covering.table(held, holes),
                covering.render_json(held, run.snapshot.revision, holes),
            )
    write(as_table if format_name == "table" else as_json, output)
    _end(holes)


def _end(holes: Sequence[Hole]) -> None:
    """End with the code of an incomplete run where there is anything that is not known."""
    if holes:
        tell("driftcheck: incomplete: unknown values are not counted; driftcheck check lists them")
        sys.exit(_EXIT_INCOMPLETE)
