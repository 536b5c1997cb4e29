"""driftcheck fix."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driftcheck.cli import completion
from driftcheck.cli.asked import asking
from driftcheck.cli.common import rules_exist, usage
from driftcheck.cli.judging import judged, warn_incomplete
from driftcheck.cli.options import (
    format_option,
    judging_options,
    layer_options,
    output_option,
    rule_option,
    tree_options,
    wiki_option,
)
from driftcheck.cli.reading import read_tree, reading
from driftcheck.cli.streams import tell, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftcheck.cli.asked import Asked
    from driftcheck.core.finding import Finding
    from driftcheck.core.report import Report
    from driftcheck.layers.base import Reading
    from driftcheck.repair.fixing import Fixed
    from driftcheck.snapshot import Snapshot

EXIT_LEFT, EXIT_INCOMPLETE = 1, 3


@click.command()
@click.argument("named", nargs=-1, metavar="[FINGERPRINT|RULE[:SETTING] ...]", shell_complete=completion.rules)
@tree_options
@layer_options
@judging_options
@wiki_option("Only findings on wikis that match; repeatable.")
@rule_option("--select", "Only rules that match; repeatable.")
@rule_option("--ignore", "Leave out rules that match; repeatable.")
@click.option(
    "--production", is_flag=True, help="Also offer edits that change production, for findings about production."
)
@click.option(
    "--apply", "applies", is_flag=True, help="Write the work tree; the files must have no uncommitted changes."
)
@format_option("diff", "json")
@output_option
@asking
def fix(
    asked: Asked,
    named: tuple[str, ...],
    *,
    wikis: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    production: bool,
    applies: bool,
    format_name: str,
    output: str | None,
) -> None:
    """Print a patch that removes findings, proved: nothing of production changes, and beta only where it should.

    \b
    Examples:
      driftcheck fix --output fix.patch                 all that can be fixed; git apply takes it
      driftcheck fix model-off-in-beta:wgOresModels     the findings of a rule, of a setting
      driftcheck fix 015a4b9b2b --apply                 one finding, written to the work tree
      driftcheck fix --select override-redundant --profile all

    The patch is evaluated before it is shown: its findings are gone and no other came. What cannot be proved is not
    offered; standard error says why.
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.core.report import narrowed
    from driftcheck.repair.fixing import fixed

    rules_exist([*select, *ignore])
    if applies and (asked.rev is not None or asked.staged or asked.at is not None):
        raise usage("--apply writes the work tree; leave out --rev, --staged and --at")
    asked = asked._replace(no_cache=True)
    with reading(asked) as read:
        read.expect(wikis)
        report = judged(read, asked)
        wanted = _wanted(narrowed(report, wikis, select, ignore), named)

        def again(tree: Snapshot, same_production: bool) -> tuple[Report, Reading]:
            edited = read_tree(tree, asked, read.options, read.beside, read.readings)
            if same_production:
                edited.extension().known = read.extension().production
            return judged(edited, asked), edited.main

        with read.options.stage("prove"):
            held = fixed(read.tree, read.main, report, wanted, again, production=production)
        if applies and held.files:
            from driftcheck.repair import writing

            writing.write(Path(asked.repo), read.tree, held.files)
    write(_rendered(held, format_name, applied=applies and bool(held.files)), output)
    _tell(held)
    if report.incomplete:
        warn_incomplete(report)
    sys.exit(EXIT_INCOMPLETE if report.incomplete else EXIT_LEFT if held.refused else 0)


def _wanted(report: Report, named: Sequence[str]) -> list[Finding]:
    """The findings that count and are asked for. Raises a usage error for a name that none has."""
    from driftcheck.judging import signing
    from driftcheck.layers.registry import RULES

    found: list[Finding] = []
    for name in named:
        meant = [finding for finding in signing.meant(report.findings, name, RULES) if finding.active]
        if not meant:
            raise usage(f"{name}: no finding; driftcheck check lists them")
        found += [finding for finding in meant if finding not in found]
    return found if named else list(report.active)


def _rendered(held: Fixed, format_name: str, *, applied: bool) -> str:
    """The patch, which is of no use once it is applied; or everything as JSON."""
    if format_name == "json":
        from driftcheck.report import fix as reporting

        return reporting.render(held, applied=applied)
    return "" if applied else held.patch.decode("utf-8", "surrogateescape")


def _tell(held: Fixed) -> None:
    from driftcheck.report.escape import title, visible

    for finding, told in held.removed:
        tell(f"driftcheck: fixed {finding.rule.id} {title(finding)} {finding.fingerprint[:10]}: {visible(told)}")
    for finding, reason in held.refused:
        tell(f"driftcheck: not fixed: {finding.rule.id} {title(finding)} {finding.fingerprint[:10]}: {visible(reason)}")
