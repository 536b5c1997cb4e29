"""The commands that answer a question about the configuration: show and explain."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from driftcheck.cli import completion
from driftcheck.cli.common import nearest, output, tree_options, usage, write
from driftcheck.cli.reading import layer_options, reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftcheck.cli.reading import Reading
    from driftcheck.core.model import Unknown
    from driftcheck.engine import Run

EXIT_INCOMPLETE = 3
_LIST = "; driftcheck show --realm {} lists them all"
_REALMS = ("production", "beta")
_STAGES = ("arrays", "assignments", "defaults", "normalized")


@click.command()
@click.argument("wikis", nargs=-1, metavar="[WIKI ...]", shell_complete=completion.wikis)
@tree_options
@layer_options
@click.option(
    "--layer",
    type=click.Choice(["extension", "service", "liftwing"]),
    help="The layer to show, where several are read.",
)
@click.option("--realm", "realm_name", type=click.Choice(_REALMS), default="production", show_default=True)
@click.option(
    "--until",
    type=click.Choice(_STAGES),
    default="normalized",
    show_default=True,
    help="The stage after which values are shown.",
)
@click.option("--format", "format_name", type=click.Choice(["json"]), default="json", show_default=True)
@click.option(
    "--output", metavar="FILE", help="Write to a file instead of standard output.", shell_complete=completion.files
)
def show(**arguments: Any) -> None:  # noqa: ANN401 - click gives each by its name
    """Print the settings of each wiki as JSON {wiki: {setting: value}}.

    \b
    Examples:
      driftcheck show frwiki ruwiki                       the normalised settings of two wikis
      driftcheck show enwiki --realm beta                 the same of beta
      driftcheck show --setting 'wgOres*' --until arrays  as PHP's arrays have them, every wiki

    Values at --until arrays and assignments are as PHP's json_encode writes them. A service's repository gives
    the contexts of ORES by wiki, or the services of Lift Wing by environment.
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.report.escape import visible

    with reading(arguments) as read:
        holes = (
            _show(read.run, arguments)
            if read.run is not None and arguments["layer"] in (None, "extension")
            else _show_services(read, arguments)
        )
    if holes:
        first = visible(f"{holes[0].span}: {holes[0].reason}" if holes[0].span else holes[0].reason)
        click.echo(f"driftcheck: incomplete: {first}; the output marks unknown values", err=True)
        sys.exit(EXIT_INCOMPLETE)


def _show(run: Run, given: dict[str, Any]) -> list[Unknown]:
    """The settings of the extension's configuration; answers with what is not known of them."""
    from driftcheck.core import reach
    from driftcheck.core.model import Realm
    from driftcheck.report import phpjson

    until = given["until"]
    if until == "normalized" and run.normalizer is None:
        until = "defaults"
    with run.stage("evaluate"):
        effective = run.realm(Realm(given["realm_name"]), until)
    dbnames = [wiki.dbname for wiki in effective.wikis]
    numbers = _numbers(given["wikis"], dbnames, given["realm_name"])
    with output(given["output"]) as out:
        if until == "normalized":
            return phpjson.write_normalized(
                out, {dbnames[n]: reach.array(effective.documents[dbnames[n]]) for n in numbers}
            )
        return phpjson.write_columns(out, dbnames, effective.stage(until, run.options.profile), numbers)


def _show_services(read: Reading, given: dict[str, Any]) -> list[Unknown]:
    """The contexts of a service, or Lift Wing's services; answers with what is not known of them."""
    from driftcheck.layers import others
    from driftcheck.report import phpjson

    sides = others.records(read.layers) if read.layers is not None else []
    wanted = given["layer"] or (others.LIFTWING if read.layers is not None and read.layers.charts else others.SERVICE)
    sides = [side for side in sides if side.layer == wanted and side.realm.value == given["realm_name"]]
    if not sides:
        raise usage(f"no {wanted} layer of {given['realm_name']} was read; name its repository: driftcheck show --help")
    for name in given["wikis"]:
        known = {held for side in sides for held in side.held}
        if name not in known:
            raise usage(f"{name}: nothing of that name in {given['realm_name']}{nearest(name, known)}")
    shown = [
        {name: held for name, held in side.held.items() if name in (given["wikis"] or side.held)} for side in sides
    ]
    document: Any = {side.label: held for side, held in zip(sides, shown, strict=True)}
    if wanted == others.SERVICE:
        (document,) = document.values()
    with output(given["output"]) as out:
        return phpjson.write_normalized(out, document)


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
@layer_options
def explain(wiki: str, setting: str, **arguments: Any) -> None:  # noqa: ANN401 - click gives each by its name
    """Explain why SETTING, or a part of it like wgOresModels.goodfaith, has its value on WIKI, in both realms.

    \b
    Examples:
      driftcheck explain frwiki wgOresModels.goodfaith
      driftcheck explain enwiki wgLanguageCode            any setting, also outside the profile
      driftcheck explain ruwiki wgOresFiltersThresholds --rev HEAD
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.report import explain as explaining

    arguments["settings"] = arguments["settings"] or explaining.scope(setting, arguments["profile_name"])
    with reading(arguments, must_exist=False) as read:
        of_service = setting.partition(".")[0] in ("contexts", "inference_services")
        if read.run is None or of_service:
            answer = _explained_of_service(read, wiki, setting)
        else:
            answer = _explained(read.run, wiki, setting)
    write(answer, None)


def _explained(run: Run, wiki: str, setting: str) -> str:
    from driftcheck.core.model import Realm
    from driftcheck.report import explain as explaining

    with run.stage("evaluate"):
        realms = [run.realm(realm, "defaults") for realm in Realm]
    known = {name for side in realms for name in (*side.columns, *side.config.settings)}
    asked = explaining.question(wiki, setting, sorted(known))
    if asked.setting not in known:
        more = f"; driftcheck show {wiki} --until arrays --profile all lists them all"
        raise usage(f"{asked.setting}: no such setting{nearest(asked.setting, known) or more}")
    everywhere = {w.dbname for side in realms for w in side.wikis}
    if wiki not in everywhere:
        raise usage(f"{wiki}: no such wiki in either realm{nearest(wiki, everywhere) or _LIST.format('production')}")
    return explaining.explain(asked, realms, run.snapshot)


def _explained_of_service(read: Reading, name: str, setting: str) -> str:
    from driftcheck.layers import others
    from driftcheck.report import explain_services

    sides = others.records(read.layers) if read.layers is not None else []
    wanted = {"contexts": others.SERVICE, "inference_services": others.LIFTWING}.get(setting.partition(".")[0])
    sides = [side for side in sides if wanted is None or side.layer == wanted]
    known = {held for side in sides for held in side.held}
    if name not in known:
        more = nearest(name, known) or "; driftcheck show --layer service or liftwing lists them"
        raise usage(f"{name}: no such wiki or service in what was read{more}")
    return explain_services.explain(name, explain_services.question(setting), sides, read.text_of)
