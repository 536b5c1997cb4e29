"""driftcheck blame, and check --blame."""

from __future__ import annotations

from contextlib import closing, nullcontext
from typing import TYPE_CHECKING

import click

from driftcheck.cli.asked import asking
from driftcheck.cli.common import usage
from driftcheck.cli.options import cache_options, format_option, output_option, tree_options
from driftcheck.cli.streams import write

if TYPE_CHECKING:
    from driftcheck.cli.asked import Asked
    from driftcheck.cli.reading import Read
    from driftcheck.core.finding import Finding
    from driftcheck.core.report import Report


@click.command()
@click.argument("named", nargs=-1, required=True, metavar="FINGERPRINT|RULE|RULE:SETTING ...")
@tree_options
@cache_options
@format_option("table", "json", "markdown")
@output_option
@asking
def blame(asked: Asked, named: tuple[str, ...], format_name: str, output: str | None) -> None:
    """Name the commit that brought a finding, the realm that moved, and the task.

    \b
    Examples:
      driftcheck blame 015a4b9b2b
      driftcheck blame model-off-in-beta:wgOresModels --rev HEAD
      driftcheck blame model-off-in-beta --format json
      driftcheck check --blame                            the same for every finding

    Values decide, not lines: the finding stands after that first-parent commit and not before it, whatever was moved,
    renamed or formatted since. Where driftcheck history has been over the commits, its answers are used, which know each
    commit. Elsewhere the lines of the finding are followed back and commits are tried as git bisect does: a time between, in
    which the finding did not stand, may be missed.
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.cli.judging import evaluated
    from driftcheck.cli.reading import reading
    from driftcheck.judging import signing
    from driftcheck.layers.registry import RULES
    from driftcheck.report import FORMATS, Medium

    with reading(asked) as read:
        report = evaluated(read, asked)
        found = {f.fingerprint: f for name in named for f in _meant(report, name, signing.meant, RULES)}
        held = with_blame(report._replace(findings=tuple(found.values())), read, asked)
    text = table(held) if format_name == "table" else FORMATS[format_name](held, Medium())
    write(text, output)


def _meant(report: Report, name: str, meant: object, rules: object) -> list[Finding]:
    found: list[Finding] = meant(report.findings, name, rules)  # type: ignore[operator]
    if not found:
        raise usage(f"{name}: no finding; driftcheck check lists them")
    return found


def with_blame(report: Report, read: Read, asked: Asked) -> Report:
    """The report, each finding with the commit that brought it. Raises InputError."""
    from driftcheck.cli.judging import cache
    from driftcheck.history.blame import Blame, blamed
    from driftcheck.history.store import HISTORIES

    run = read.extension()  # refuses the configuration of a service
    tip = read.tree.revision if read.tree.revision not in ("", ":staged") else "HEAD"
    options = read.options._replace(stage=nullcontext, statistics=None)
    with read.options.stage("blame"), closing(Blame(asked.repo, tip, options, cache(asked, HISTORIES), run)) as held:
        return report._replace(findings=blamed(report.findings, held))


def with_ages(report: Report, read: Read, asked: Asked) -> Report:
    """The report with its findings' ages where driftcheck history has been over the commits; nothing is evaluated for it."""
    if read.main.root or asked.no_cache:
        return report
    from driftcheck.cli.judging import cache
    from driftcheck.history.store import HISTORIES, name_of

    if (kept := cache(asked, HISTORIES)) is None or name_of(read.options) not in kept.names():
        return report
    from driftcheck.history.ages import aged

    return aged(report, read.options, kept, read.tree.date() or "")


def table(report: Report) -> str:
    """A few lines a finding."""
    from driftcheck.report.escape import listed, short, title

    lines = []
    for finding in report.findings:
        wikis = f"  {listed(finding.wikis, 4)}" if finding.wikis else ""
        lines.append(f"{finding.rule.id}  {title(finding)}{wikis}  {finding.fingerprint[:10]}")
        lines.append(f"  since {short(finding.brought.words, 300)}" if finding.brought else "  not in a commit yet")
    return "\n".join(lines) + "\n"
