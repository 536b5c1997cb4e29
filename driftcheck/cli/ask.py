"""The commands that answer a question about the configuration: show and explain."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from driftcheck.cli import completion
from driftcheck.cli.asked import asking
from driftcheck.cli.common import output as to
from driftcheck.cli.common import usage, write
from driftcheck.cli.options import format_option, layer_options, output_option, realm_option, tree_options
from driftcheck.cli.reading import reading
from driftcheck.layers import BY_NAME, LAYERS

if TYPE_CHECKING:
    from driftcheck.cli.asked import Asked
    from driftcheck.cli.reading import Read
    from driftcheck.layers.base import Reading
    from driftcheck.layers.records import Records

EXIT_INCOMPLETE = 3
_STAGES = ("arrays", "assignments", "defaults", "normalized")


@click.command()
@click.argument("wikis", nargs=-1, metavar="[WIKI ...]", shell_complete=completion.wikis)
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
@format_option("json")
@output_option
@asking
def show(
    asked: Asked,
    wikis: tuple[str, ...],
    layer: str | None,
    realm: str,
    until: str,
    format_name: str,  # noqa: ARG001 - there is one
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
    from driftcheck.report.escape import visible

    with reading(asked) as read:
        records = _of_layer(read, layer or read.main.layer).records(Realm(realm), until, wikis)
        if not records:
            raise usage(f"no {layer} layer of {realm} was read; name its repository: driftcheck show --help")
        _exist(wikis, records, BY_NAME[layer or read.main.layer].noun, realm)
        with to(output) as out:
            holes = showing.write(out, records, wikis)
    if holes:
        first = visible(f"{holes[0].span}: {holes[0].reason}" if holes[0].span else holes[0].reason)
        click.echo(f"driftcheck: incomplete: {first}; the output marks unknown values", err=True)
        sys.exit(EXIT_INCOMPLETE)


def _of_layer(read: Read, layer: str) -> Reading:
    if layer not in read.readings:
        raise usage(f"no {layer} layer was read; name its repository: driftcheck show --help")
    return read.readings[layer]


def _exist(names: tuple[str, ...], records: list[Records], noun: str, realm: str) -> None:
    """Refuse a name that nothing has."""
    from driftcheck.core.nearest import nearest

    known = {name for record in records for name in record.names} if names else set()
    for name in names:
        if name not in known:
            more = nearest(name, known) or f"; driftcheck show --realm {realm} lists them all"
            raise usage(f"{name}: no such {noun} in {realm}{more}")


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

    asked = asked._replace(settings=asked.settings or scope(setting, asked.profile))
    root = setting.partition(".")[0]
    with reading(asked, must_exist=False) as read:
        named = next((layer.name for layer in LAYERS if layer.root and layer.root == root), read.main.layer)
        answer = explaining.explain(_of_layer(read, named).explain(wiki, setting), read.text_of)
    write(answer, None)
