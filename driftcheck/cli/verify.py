"""driftcheck verify."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from driftcheck.cli import completion
from driftcheck.cli.asked import Asked
from driftcheck.cli.common import content
from driftcheck.cli.options import format_option, input_option, output_option, repo_option, setting_option
from driftcheck.cli.reading import reading
from driftcheck.cli.streams import write

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from driftcheck.layers.extension.verified import Theirs
    from driftcheck.report.verify import Verified

_EXIT_FINDINGS, _EXIT_INCOMPLETE = 1, 3


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="VALUES.json[.gz] ...", shell_complete=completion.files)
@repo_option("A checkout of mediawiki-config, or a bare repository.")
@click.option(
    "--rev",
    metavar="REV",
    help="The revision that PHP ran [default: the one that a file names, or else the work tree].",
)
@click.option(
    "--until",
    type=click.Choice(("arrays", "assignments")),
    help="The stage whose values PHP gave [default: assignments where the file says that CommonSettings.php ran].",
)
@setting_option
@click.option(
    "--except",
    "left_out",
    multiple=True,
    metavar="GLOB",
    help="Leave out settings that match; repeatable.",
    shell_complete=completion.settings,
)
@input_option
@format_option("table", "json")
@output_option
def verify(
    files: tuple[str, ...],
    repo: str,
    rev: str | None,
    until: str | None,
    settings: tuple[str, ...],
    left_out: tuple[str, ...],
    inputs: tuple[str, ...],
    format_name: str,
    output: str | None,
) -> None:
    """Compare the values of every setting on every wiki with those that PHP itself gave.

    \b
    Examples:
      driftcheck verify --repo mw.git production.json.gz beta.json.gz
      driftcheck verify values.json --until arrays --setting 'wgOres*'
      driftcheck verify values.json --format json --output verified.json

    \b
    A file of values, packed by gzip or not:
      {"meta": {"realm": "production" or "labs", "tree": REVISION},
       "settings": {NAME: [{"value": VALUE, "wikis": [WIKI, ...]}, ...]}}

    A wiki in no group of a setting does not have it; null is absent, and values are as PHP's json_encode writes them. A
    file is of the stage assignments if its meta has "sapi". What is no plain data is "@PRIVATE:wgX@" for a secret,
    "@closure:FILE:LINE@" or "@object:CLASS@".

    Exit codes: 0 every value is equal, 1 a value is wrong, missing, extra or in another order, 2 usage or input,
    3 a value is unknown.
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.layers.extension import verified
    from driftcheck.report import verify as report

    wanted = _wanted(settings, left_out)
    held = []
    for path in files:
        theirs = verified.read(path, content(path))
        asked = Asked(repo=repo, rev=rev or theirs.revision or None, profile="all", inputs=inputs)
        held.append(_verified(path, theirs._replace(stage=until or theirs.stage), asked, wanted))
    write(report.table(held) if format_name == "table" else report.render_json(held), output)
    verdicts = [file.verdict for file in held]
    unknown = any(verdict.counts["unknown"] for verdict in verdicts)
    sys.exit(_EXIT_FINDINGS if any(one.wrong for one in verdicts) else _EXIT_INCOMPLETE if unknown else 0)


def _wanted(only: Sequence[str], left_out: Sequence[str]) -> Callable[[str], bool]:
    """Whether a setting is compared."""
    from driftcheck.core.globs import among

    return lambda name: not among(name, left_out) and (not only or among(name, only))


def _verified(path: str, theirs: Theirs, asked: Asked, wanted: Callable[[str], bool]) -> Verified:
    """One file, held against what driftcheck has for its realm and its stage."""
    from driftcheck.layers.extension import verified
    from driftcheck.report.verify import Verified

    if theirs.blocks:
        asked = asked._replace(profile="ores", settings=tuple(theirs.settings))
    with reading(asked, must_exist=False) as read:
        run = read.extension()
        side = run.realm(theirs.realm, theirs.stage)
        dbnames = [wiki.dbname for wiki in side.wikis]
        columns = side.stage(theirs.stage, run.options.profile)
        constant = run.config.tree.outside.constants
        verdict = verified.compare(theirs, dbnames, columns, constant, wanted)
        return Verified(path, run.snapshot.revision, theirs.realm.value, theirs.stage, verdict)
