"""Where model statistics come from: the source that an option names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.cli.judging import cache

if TYPE_CHECKING:
    from driftcheck.cli.asked import Asked
    from driftcheck.statistics.solve import Statistics


def source(named: str, asked: Asked) -> Statistics:
    """The statistics that an option names. Raises InputError where there are none."""
    if re.match(r"[a-z][a-z0-9+.-]*://", named, re.IGNORECASE) is None:
        from driftcheck.statistics.tables import Folder

        return Folder.at(named)
    from driftcheck.statistics.api import StatisticsService
    from driftcheck.statistics.http import ANSWERS, Client

    return StatisticsService(named, Client(asked.timeout, cache(asked, ANSWERS)))
