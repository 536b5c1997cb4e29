"""Where model statistics come from: the options, and the source that they name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from driftcheck.cli import completion
from driftcheck.cli.common import options

if TYPE_CHECKING:
    from driftcheck.statistics.solve import Statistics

TIMEOUT = 10.0

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
        default=TIMEOUT,
        show_default=True,
        metavar="SECONDS",
        help="How long to wait for one answer of the service; for all answers six times as long.",
    ),
)


def source(named: str, given: dict[str, Any]) -> Statistics:
    """The statistics that an option names."""
    if re.match(r"[a-z][a-z0-9+.-]*://", named, re.IGNORECASE) is None:
        from driftcheck.statistics.tables import Folder

        return Folder.at(named)
    from driftcheck.cli.judging import cache_folder
    from driftcheck.statistics.api import StatisticsService
    from driftcheck.statistics.http import Client

    folder = None if given["no_cache"] else cache_folder(given["cache_dir"])
    client = Client(given["timeout"], folder / "statistics" if folder is not None else None)
    return StatisticsService(named, client)
