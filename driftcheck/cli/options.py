"""The options that several commands have, each written once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from driftcheck.cli import completion
from driftcheck.cli.asked import BESIDE

if TYPE_CHECKING:
    from collections.abc import Callable

    Option = Callable[..., Any]

REALMS = ("production", "beta")


def options(*options: Option) -> Option:
    """Several click options as one decorator, in the order given."""

    def decorate(command: Option) -> Option:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def split(_: click.Context, __: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    """Names that stand in several arguments, or in one with commas."""
    return tuple(part for name in names for part in name.split(",") if part)


def repo_option(told: str) -> Option:
    """--repo; ``told`` says what it names."""
    return click.option(
        "--repo",
        default=".",
        is_eager=True,  # the configuration file is looked for from here
        show_default=True,
        metavar="PATH",
        help=told,
        shell_complete=completion.folders,
    )


def wiki_option(told: str = "Only wikis that match; repeatable.") -> Option:
    """--wiki; ``told`` says what the globs narrow."""
    return click.option(
        "--wiki", "wikis", multiple=True, metavar="GLOB", callback=split, help=told, shell_complete=completion.wikis
    )


def rule_option(name: str, told: str) -> Option:
    """An option that names rules."""
    return click.option(name, multiple=True, metavar="RULE", callback=split, help=told, shell_complete=completion.rules)


def format_option(*names: str) -> Option:
    """--format of a command that prints one thing; the first is the default."""
    return click.option("--format", "format_name", type=click.Choice(names), default=names[0], show_default=True)


output_option = click.option(
    "--output", metavar="FILE", help="Write to a file instead of standard output.", shell_complete=completion.files
)
realm_option = click.option("--realm", type=click.Choice(REALMS), default="production", show_default=True)
setting_option = click.option(
    "--setting",
    "settings",
    multiple=True,
    metavar="GLOB",
    callback=split,
    help="Only settings that match; repeatable.",
    shell_complete=completion.settings,
)
input_option = click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="NAME=VALUE",
    help="Take this for an input from outside the tree, in both realms or as NAME@REALM=VALUE; repeatable.",
    shell_complete=completion.inputs,
)
revision_options = options(
    click.option("--rev", metavar="REV", help="Read this git revision instead of the work tree."),
    click.option("--staged", is_flag=True, help="Read the git index instead of the work tree."),
)
profile_options = options(
    click.option(
        "--profile",
        default="ores",
        show_default=True,
        metavar="NAME",
        help="ores, all, or a profile's file.",
        shell_complete=completion.profiles,
    ),
    click.option(
        "--extension",
        metavar="NAME",
        help="The settings of this extension, without a profile: its configuration, its switch, its defaults.",
        shell_complete=completion.extensions,
    ),
    setting_option,
)
tree_options = options(
    repo_option(
        "A checkout of mediawiki-config, of an ORES configuration or of deployment-charts, or a bare repository."
    ),
    revision_options,
    profile_options,
    input_option,
    click.option(
        "--extension-dir",
        metavar="PATH",
        help="A checkout of the extension, whose extension.json has the defaults.",
        shell_complete=completion.folders,
    ),
    click.option(
        "--extension-date",
        metavar="DATE",
        help="Use the bundled extension defaults of this day [default: the day of the commit].",
    ),
)
at_option = click.option(
    "--at", metavar="DATE", help="Read every repository as it was at the end of this day, or at this time."
)
layer_options = options(
    *(
        click.option(f"--{beside.option}", metavar="PATH", help=beside.help, shell_complete=completion.folders)
        for _, beside in BESIDE.values()
    ),
    at_option,
)
statistics_options = options(
    click.option(
        "--statistics",
        metavar="PATH|URL",
        help="Model statistics: a folder, or the ORES service's address.",
        shell_complete=completion.folders,
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(0.1, 600),
        default=10.0,
        show_default=True,
        metavar="SECONDS",
        help="How long to wait for one answer of the service; for all answers six times as long.",
    ),
)
cache_options = options(
    click.option(
        "--cache-dir",
        metavar="PATH",
        help="Where reports of unchanged trees, and answers of services, are kept [default: the user's cache].",
        shell_complete=completion.folders,
    ),
    click.option("--no-cache", is_flag=True, help="Do not use the cache."),
)
judging_options = options(
    click.option(
        "--since",
        multiple=True,
        metavar="REV|A...B|DATE",
        help="Count only findings that this revision, the merge base of two, or the last commit before this day or "
        "time does not have; repeatable.",
    ),
    click.option(
        "--baseline",
        metavar="FILE",
        help="Do not count the findings of this baseline.",
        shell_complete=completion.files,
    ),
    click.option(
        "--waivers",
        metavar="FILE",
        help="File of waivers [default: .driftcheck/waivers.yaml, if it exists].",
        shell_complete=completion.files,
    ),
    click.option(
        "--today", metavar="DATE", help="The day for which waivers are judged expired or not [default: today]."
    ),
    cache_options,
)
