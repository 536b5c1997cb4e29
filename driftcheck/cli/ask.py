"""The commands that answer a question about the configuration: show and explain."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import click

from driftcheck.cli import completion
from driftcheck.cli.asked import asking
from driftcheck.cli.common import usage
from driftcheck.cli.options import layer_options, output_option, realm_option, split, tree_options
from driftcheck.cli.reading import reading
from driftcheck.cli.streams import output as to
from driftcheck.cli.streams import tell, write
from driftcheck.layers import BY_NAME, LAYERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftcheck.cli.asked import Asked
    from driftcheck.cli.reading import Read
    from driftcheck.core.model import Hole, Unknown
    from driftcheck.layers.base import Reading
    from driftcheck.layers.records import Records

EXIT_INCOMPLETE = 3
_STAGES = ("arrays", "assignments", "defaults", "normalized")


@click.command()
@click.argument("wikis", nargs=-1, metavar="[WIKI ...]", callback=split, shell_complete=completion.wikis)
@tree_options
@layer_options
@click.option("--layer", type=click.Choice(list(BY_NAME)), help="The layer to show, where several are read.")
@realm_option
@click.option(
    "--until",
    type=click.Choice(_STAGES),
    default="normalized",
    show_default=True,
    help="The stage after which values are shown.",
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["json", "pretty"]),
    help="json, a line a wiki, or pretty, the same indented [default: pretty on a terminal, else json].",
)
@output_option
@asking
def show(
    asked: Asked,
    wikis: tuple[str, ...],
    layer: str | None,
    realm: str,
    until: str,
    format_name: str | None,
    output: str | None,
) -> None:
    """Print the settings of each wiki as JSON {wiki: {setting: value}}.

    \b
    Examples:
      driftcheck show frwiki ruwiki                       the normalised settings of two wikis
      driftcheck show enwiki --realm beta                 the same of beta
      driftcheck show --setting 'wgOres*' --until arrays  as PHP's arrays have them, every wiki

    Values at --until arrays and assignments are as PHP's json_encode writes them. A service's repository gives
    the contexts of ORES by wiki, or the services of Lift Wing by environment.
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.core.model import Realm
    from driftcheck.report import show as showing

    with reading(asked) as read:
        shown = _of_layer(read, layer or read.main.layer)
        records = shown.records(Realm(realm), until, wikis)
        if not records:
            raise usage(f"no {layer} layer of {realm} was read; name its repository: driftcheck show --help")
        wikis = _named(wikis, records, BY_NAME[layer or read.main.layer].noun, realm)
        with to(output) as out:
            if format_name == "json" or (format_name is None and not (output is None and sys.stdout.isatty())):
                holes = showing.write(out, records, wikis)
            else:
                held = io.StringIO()
                holes = showing.write(held, records, wikis)
                out.write(showing.indented(held.getvalue()))
        unread = tuple(shown.unread())
    _incomplete(unread or holes, "values of it are missing" if unread else "the output marks unknown values")


def _incomplete(holes: Sequence[Hole | Unknown], meaning: str) -> None:
    """End the command if there is anything that is not known: say the first, and what it means for what was printed."""
    from driftcheck.report.escape import visible

    if holes:
        first = visible(f"{holes[0].span}: {holes[0].reason}" if holes[0].span else holes[0].reason)
        tell(f"driftcheck: incomplete: {first}; {meaning}")
        sys.exit(EXIT_INCOMPLETE)


def _of_layer(read: Read, layer: str) -> Reading:
    if layer not in read.readings:
        raise usage(f"no {layer} layer was read; name its repository: driftcheck show --help")
    return read.readings[layer]


def _named(globs: tuple[str, ...], records: list[Records], noun: str, realm: str) -> tuple[str, ...]:
    """The names that globs stand for. Raises a usage error for a glob that stands for none."""
    from driftcheck.core.globs import matches
    from driftcheck.core.nearest import nearest

    known = list(dict.fromkeys(name for record in records for name in record.names)) if globs else []
    names: list[str] = []
    for glob in globs:
        found = [name for name in known if matches(name, glob)]
        if not found:
            more = nearest(glob, known) or f"; driftcheck show --realm {realm} lists them all"
            raise usage(f"{glob}: no such {noun} in {realm}{more}")
        names += found
    return tuple(dict.fromkeys(names))


@click.command()
@click.argument("wiki", shell_complete=completion.wikis)
@click.argument("setting", shell_complete=completion.settings)
@tree_options
@layer_options
@asking
def explain(asked: Asked, wiki: str, setting: str) -> None:
    """Explain why SETTING, or a part of it like wgOresModels.goodfaith, has its value on WIKI, in both realms.

    \b
    Examples:
      driftcheck explain frwiki wgOresModels.goodfaith
      driftcheck explain enwiki wgLanguageCode            any setting, also outside the profile
      driftcheck explain ruwiki wgOresFiltersThresholds --rev HEAD
      driftcheck explain ruwiki extension:ORES            whether it is loaded, and by which line
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.layers.extension.explained import scope
    from driftcheck.report import explain as explaining

    asked = asked._replace(settings=asked.settings or (() if asked.extension else scope(setting, asked.profile)))
    root = setting.partition(".")[0]
    with reading(asked, must_exist=False) as read:
        named = next((layer.name for layer in LAYERS if layer.root and layer.root == root), read.main.layer)
        layer = _of_layer(read, named)
        explanation = layer.explain(wiki, setting)
        unread = tuple(layer.unread())
        answer = explaining.explain(explanation._replace(unread=unread), read.text_of)
    write(answer, None)
    _incomplete(unread, "the answer holds for the rest")
    _incomplete(explanation.holes, "the answer has unknown values")
