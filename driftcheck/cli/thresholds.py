"""driftcheck thresholds."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from driftcheck.cli import completion
from driftcheck.cli.common import tree_options, usage, wikis_exist, write
from driftcheck.cli.reading import reading
from driftcheck.cli.statistics import source, statistics_options
from driftcheck.core.model import Realm

if TYPE_CHECKING:
    from driftcheck.engine import Run
    from driftcheck.layers.extension.rules.feasibility import Configured
    from driftcheck.report.thresholds import Survey
    from driftcheck.statistics.solve import Statistics

_EXIT_FINDINGS, _EXIT_INCOMPLETE = 1, 3


@click.command()
@tree_options
@statistics_options
@click.option("--realm", type=click.Choice([realm.value for realm in Realm]), default="production", show_default=True)
@click.option(
    "--wiki",
    "wikis",
    multiple=True,
    metavar="GLOB",
    help="Only wikis that match; repeatable.",
    shell_complete=completion.wikis,
)
@click.option(
    "--near",
    type=click.IntRange(0),
    default=5,
    show_default=True,
    metavar="N",
    help="Mark formulas whose condition holds at fewer than N operating points.",
)
@click.option(
    "--margin",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    metavar="X",
    help="Mark formulas whose number is closer than X to the best that the model can do.",
)
@click.option(
    "--against",
    metavar="DIR",
    help="Older statistics to compare with: list the formulas whose answer changes.",
    shell_complete=completion.folders,
)
@click.option(
    "--save",
    metavar="DIR",
    help="Save the service's answers in this folder, for later runs without the service.",
    shell_complete=completion.folders,
)
@click.option("--format", "format_name", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option(
    "--output", metavar="FILE", help="Write to a file instead of standard output.", shell_complete=completion.files
)
@click.option(
    "--cache-dir",
    metavar="PATH",
    help="Folder of the cache of answers [default: the user's cache].",
    shell_complete=completion.folders,
)
@click.option("--no-cache", is_flag=True, help="Do not use the cache.")
def thresholds(**given: Any) -> None:  # noqa: ANN401 - click gives each by its name
    """Solve every configured threshold formula with the statistics of the models in use.

    \b
    Examples:
      driftcheck thresholds --statistics tables/
      driftcheck thresholds --statistics https://ores.wikimedia.org/ --save today/
      driftcheck thresholds --statistics tomorrow/ --against today/ --wiki 'fr*'

    Exit codes: 0 every formula with statistics has a solution, 1 a formula is infeasible, 2 usage or input, 3 incomplete.
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    if given["statistics"] is None:
        raise usage("--statistics is required: a folder, or the service's address")
    with reading(given) as read:
        run = read.extension()
        wikis_exist(run, given["wikis"])
        survey = _survey(run, given)
    from driftcheck.report import thresholds as report
    from driftcheck.report.escape import visible
    from driftcheck.statistics.solve import Infeasible

    write(report.render(survey) if given["format_name"] == "table" else report.render_json(survey), given["output"])
    for hole in survey.holes:
        click.echo(f"driftcheck: incomplete: {visible(hole.reason)}", err=True)
    sys.exit(_EXIT_INCOMPLETE if survey.holes else _EXIT_FINDINGS if survey.of(Infeasible) else 0)


def _survey(run: Run, given: dict[str, Any]) -> Survey:
    from driftcheck.report import thresholds as report

    asked = _asked(run, Realm(given["realm"]), given["wikis"])
    questions = [held.question for held in asked]
    statistics = source(given["statistics"], given)
    answers = statistics.answer(questions)
    before = source(given["against"], given).answer(questions) if given["against"] is not None else None
    if given["save"] is not None:
        _save(statistics, given["save"])
    return report.Survey(
        given["realm"],
        run.snapshot.revision,
        given["statistics"],
        [
            report.Solution(
                held,
                answer := answers.to(held.question),
                report.is_near(answer, given["near"], given["margin"]),
                before.to(held.question) if before is not None else None,
            )
            for held in asked
        ],
        [*answers.missing(questions), *(before.missing(questions) if before is not None else ())],
        given["against"],
    )


def _asked(run: Run, realm: Realm, globs: tuple[str, ...]) -> list[Configured]:
    from fnmatch import fnmatchcase

    from driftcheck.layers.extension.comparison import switches
    from driftcheck.layers.extension.rules.feasibility import configured

    side = run.relevant(realm)
    on = [name for name, held in switches(side, run.options.profile).items() if held is True]
    wanted = [name for name in on if not globs or any(fnmatchcase(name, glob) for glob in globs)]
    return list(configured(side, wanted, run.date))


def _save(statistics: Statistics, folder: str) -> None:
    """Write what the service answered, a file a wiki."""
    from pathlib import Path

    from driftcheck.statistics.api import StatisticsService

    if not isinstance(statistics, StatisticsService):
        raise usage("--save needs a service; name its address with --statistics")
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        for wiki, text in statistics.snapshots().items():
            (Path(folder) / f"{wiki}.json").write_text(text, "utf-8")
    except OSError as error:
        raise usage(f"{folder}: {error.strerror}; name a folder that can be written with --save") from None
