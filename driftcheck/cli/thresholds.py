"""driftcheck thresholds."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from driftcheck.cli import completion
from driftcheck.cli.asked import asking
from driftcheck.cli.common import usage
from driftcheck.cli.options import (
    cache_options,
    format_option,
    output_option,
    realm_option,
    statistics_options,
    tree_options,
    wiki_option,
)
from driftcheck.cli.reading import reading
from driftcheck.cli.statistics import source
from driftcheck.cli.streams import tell, write

if TYPE_CHECKING:
    from driftcheck.cli.asked import Asked
    from driftcheck.statistics.solve import Statistics

_EXIT_FINDINGS, _EXIT_INCOMPLETE = 1, 3


@click.command()
@tree_options
@statistics_options
@realm_option
@wiki_option()
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
@format_option("table", "json")
@output_option
@cache_options
@asking
def thresholds(
    asked: Asked,
    realm: str,
    wikis: tuple[str, ...],
    near: int,
    margin: float,
    against: str | None,
    save: str | None,
    format_name: str,
    output: str | None,
) -> None:
    """Solve every configured threshold formula with the statistics of the models in use.

    \b
    Examples:
      driftcheck thresholds --statistics tables/
      driftcheck thresholds --statistics https://ores.wikimedia.org/ --save today/
      driftcheck thresholds --statistics tomorrow/ --against today/ --wiki 'fr*'

    Exit codes: 0 every formula with statistics has a solution, 1 a formula is infeasible, 2 usage or input, 3 incomplete.
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    if asked.statistics is None:
        raise usage("--statistics is required: a folder, or the service's address")
    from driftcheck.core.model import Realm
    from driftcheck.layers.extension import survey as surveys
    from driftcheck.report import thresholds as report
    from driftcheck.report.escape import visible
    from driftcheck.statistics.solve import Infeasible

    with reading(asked) as read:
        run = read.extension()
        read.expect(wikis)
        configured = surveys.asked(run, Realm(realm), wikis)
        questions = [formula.question for formula in configured]
        statistics = source(asked.statistics, asked)
        answers = statistics.answer(questions)
        before = source(against, asked).answer(questions) if against is not None else None
        survey = surveys.Survey(
            realm,
            run.snapshot.revision,
            asked.statistics,
            surveys.solved(configured, answers, before, near, margin),
            [*answers.missing(questions), *(before.missing(questions) if before is not None else ())],
            against,
        )
    if save is not None:
        _save(statistics, save)
    write(report.render(survey) if format_name == "table" else report.render_json(survey), output)
    for hole in survey.holes:
        tell(f"driftcheck: incomplete: {visible(hole.reason)}")
    sys.exit(_EXIT_INCOMPLETE if survey.holes else _EXIT_FINDINGS if survey.of(Infeasible) else 0)


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
