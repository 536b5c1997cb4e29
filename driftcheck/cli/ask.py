"""The commands that answer a question about the configuration: show and explain."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from driftcheck.cli import completion
from driftcheck.cli.common import nearest, opened, output, tree_options, usage, write

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_INCOMPLETE = 3
_LIST = "; driftcheck show --realm {} has them all"
_REALMS = ("production", "beta")
_STAGES = ("arrays", "assignments", "defaults", "normalized")


@click.command()
@click.argument("wikis", nargs=-1, metavar="[WIKI ...]", shell_complete=completion.wikis)
@tree_options
@click.option("--realm", "realm_name", type=click.Choice(_REALMS), default="production", show_default=True)
@click.option(
    "--until", type=click.Choice(_STAGES), default="normalized", show_default=True, help="Stop the pipeline there."
)
@click.option("--format", "format_name", type=click.Choice(["json"]), default="json", show_default=True)
@click.option(
    "--output", metavar="FILE", help="Write to a file instead of standard output.", shell_complete=completion.files
)
def show(**arguments: Any) -> None:  # noqa: ANN401 - click gives each by its name
    """Print what settings are on each wiki, as JSON {wiki: {setting: value}}.

    \b
    Examples:
      driftcheck show frwiki ruwiki                       the normalised settings of two wikis
      driftcheck show enwiki --realm beta                 the same of beta
      driftcheck show --setting 'wgOres*' --until arrays  as PHP's arrays have them, every wiki

    Values at --until arrays and assignments are as PHP's json_encode writes them.
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.model import Realm
    from driftcheck.report import phpjson
    from driftcheck.report.escape import visible

    until = arguments["until"]
    with opened(arguments) as run:
        if until == "normalized" and run.normalizer is None:
            until = "defaults"
        with run.stage("evaluate"):
            effective = run.realm(Realm(arguments["realm_name"]), until)
        dbnames = [wiki.dbname for wiki in effective.wikis]
        numbers = _numbers(arguments["wikis"], dbnames, arguments["realm_name"])
        with output(arguments["output"]) as out:
            if until == "normalized":
                holes = phpjson.write_normalized(out, {dbnames[n]: effective.documents[dbnames[n]] for n in numbers})
            else:
                holes = phpjson.write_columns(out, dbnames, effective.stage(until, run.options.profile), numbers)
    if holes:
        first = visible(f"{holes[0].span}: {holes[0].reason}" if holes[0].span else holes[0].reason)
        click.echo(f"driftcheck: incomplete: {first}; what is unknown says so in the output", err=True)
        sys.exit(EXIT_INCOMPLETE)


def _numbers(wanted: Sequence[str], dbnames: list[str], where: str) -> list[int]:
    if not wanted:
        return list(range(len(dbnames)))
    by_name = {dbname: number for number, dbname in enumerate(dbnames)}
    for name in wanted:
        if name not in by_name:
            raise usage(f"{name}: no such wiki in {where}{nearest(name, by_name) or _LIST.format(where)}")
    return [by_name[name] for name in dict.fromkeys(wanted)]


@click.command()
@click.argument("wiki", shell_complete=completion.wikis)
@click.argument("setting", shell_complete=completion.settings)
@tree_options
def explain(wiki: str, setting: str, **arguments: Any) -> None:  # noqa: ANN401 - click gives each by its name
    """Tell why SETTING (or a part of it, wgOresModels.goodfaith) is what it is on WIKI, in both realms.

    \b
    Examples:
      driftcheck explain frwiki wgOresModels.goodfaith
      driftcheck explain enwiki wgLanguageCode            any setting, whatever the profile
      driftcheck explain ruwiki wgOresFiltersThresholds --rev HEAD
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck import explain as explaining
    from driftcheck.model import Realm

    arguments["settings"] = arguments["settings"] or explaining.scope(setting, arguments["profile_name"])
    with opened(arguments, must_exist=False) as run:
        with run.stage("evaluate"):
            realms = [run.realm(realm, "defaults") for realm in Realm]
        known = {name for side in realms for name in (*side.columns, *side.config.settings)}
        asked = explaining.question(wiki, setting, sorted(known))
        if asked.setting not in known:
            more = f"; driftcheck show {wiki} --until arrays --profile all has them all"
            raise usage(f"{asked.setting}: no such setting{nearest(asked.setting, known) or more}")
        everywhere = {w.dbname for side in realms for w in side.wikis}
        if wiki not in everywhere:
            raise usage(
                f"{wiki}: no such wiki in either realm{nearest(wiki, everywhere) or _LIST.format('production')}"
            )
        answer = explaining.explain(asked, realms, run.snapshot)
    write(answer, None)
