"""What a report looks like: the formats of check, and a module for each thing that a command prints."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.report import Report
    from driftcheck.report.page.matrix import Matrix

    Renderer = Callable[["Report", "Medium"], str]


def _no_matrix(_: Report) -> Matrix:
    from driftcheck.report.page.matrix import Matrix

    return Matrix((), ())


class Medium(NamedTuple):
    """What a renderer may use besides the report: most use nothing of it.

    ``width`` and ``colour`` are those of the terminal, ``brief`` asks for the summary alone. ``fails`` is the lowest
    severity that makes the run fail, None where none does. ``sources`` gives the bytes
    of a path at a revision, or None; ``matrix`` gives what became of each setting on each wiki.
    """

    width: int = 100
    colour: bool = False
    brief: bool = False
    fails: Severity | None = Severity.ERROR
    sources: Callable[[str, str], bytes | None] = lambda path, revision: None
    matrix: Callable[[Report], Matrix] = _no_matrix
    verbose: bool = False
    """Whether scores, and what the profile's rows explain, are shown too."""


def _table(report: Report, medium: Medium) -> str:
    from driftcheck.report import table

    if medium.brief:
        return f"{table.summary(report)}\n"
    return table.render(report, width=medium.width, colour=medium.colour, verbose=medium.verbose)


def _junit(report: Report, medium: Medium) -> str:
    from driftcheck.report import junit

    return junit.render(report, medium.fails)


def _html(report: Report, medium: Medium) -> str:
    from driftcheck.report import html

    return html.render(report, medium.matrix(report), medium.sources)


def _of_report(module: str) -> Renderer:
    """The renderer of a module that needs the report alone."""

    def render(report: Report, _: Medium) -> str:
        rendered: str = import_module(f"driftcheck.report.{module}").render(report)
        return rendered

    return render


FORMATS: dict[str, Renderer] = {
    "table": _table,
    "sarif": _of_report("sarif"),
    "junit": _junit,
    "github": _of_report("github"),
    "gitlab": _of_report("gitlab"),
    "markdown": _of_report("markdown"),
    "json": _of_report("jsonreport"),
    "html": _html,
}
"""Every format of check by its name. A module is imported when its format is asked for; the tests take the formats from here."""
