"""The commands that write approvals: waive and baseline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from driftcheck.cli import completion
from driftcheck.cli.asked import asking
from driftcheck.cli.common import content, day, usage, write
from driftcheck.cli.judging import evaluated, judged
from driftcheck.cli.options import judging_options, layer_options, output_option, tree_options, wiki_option
from driftcheck.cli.reading import reading

if TYPE_CHECKING:
    from driftcheck.cli.asked import Asked
    from driftcheck.core.finding import Finding, Report
    from driftcheck.judging.signing import Terms


@click.command()
@click.argument("fingerprint", required=False)
@tree_options
@layer_options
@judging_options
@click.option("--reason", help="Why the difference is approved.")
@click.option("--owner", help="Who is responsible for it.")
@click.option("--until", metavar="DATE", help="The last day of the waiver.")
@click.option("--task", metavar="TASK", help="The task that tracks it.")
@wiki_option("Only for wikis that match; repeatable.")
@click.option("--migrate", is_flag=True, help="Only rewrite the fingerprints in the file that have changed since.")
@asking
def waive(
    asked: Asked,
    fingerprint: str | None,
    reason: str | None,
    owner: str | None,
    until: str | None,
    task: str | None,
    wikis: tuple[str, ...],
    *,
    migrate: bool,
) -> None:
    """Approve the finding with this FINGERPRINT, or the beginning of one: add a waiver to the file of waivers.

    \b
    Example:
      driftcheck waive 015a4b9b2b --until 2027-03-31 --owner ores-team --reason 'trial of a model'

    Fingerprints are in the JSON report. The file keeps its comments and its order. After an update that changes
    fingerprints, --migrate rewrites those in the file.
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.judging.signing import Terms
    from driftcheck.judging.waivers import DEFAULT_FILE

    path = Path(asked.waivers or Path(asked.repo) / DEFAULT_FILE)
    if migrate:
        _migrate(asked, path)
        return
    named = _given("FINGERPRINT", fingerprint)
    last = day(_given("--until", until)) or ""
    terms = Terms(_given("--reason", reason), _given("--owner", owner), last, task or "", wikis)
    _sign(asked, path, named, terms)


def _given(name: str, value: str | None) -> str:
    if value is None:
        raise usage(f"{name} is missing; driftcheck waive --help has an example")
    return value


def _sign(asked: Asked, path: Path, fingerprint: str, terms: Terms) -> None:
    """Append a waiver to the file at a path."""
    from driftcheck.judging import signing
    from driftcheck.report.escape import visible

    existing = content(str(path)) if path.exists() else None
    with reading(asked) as read:
        report = judged(read, asked if existing is not None else asked._replace(waivers=None))
    finding = _named(report, fingerprint)
    text = signing.appended(str(path), existing, finding, terms)
    path.parent.mkdir(parents=True, exist_ok=True)
    write(text, str(path))
    click.echo(f"driftcheck: {visible(str(path))}: a waiver of {finding.rule.id} until {terms.until}", err=True)


def _migrate(asked: Asked, path: Path) -> None:
    """Rewrite the fingerprints of the file at a path."""
    from driftcheck.judging import migrating
    from driftcheck.report.escape import visible

    old = content(str(path))
    with reading(asked) as read:
        changed = migrating.renamed(judged(read, asked).findings)
    text, count = migrating.rewritten(old.decode(), changed)
    if count:
        write(text, str(path))
    click.echo(f"driftcheck: {visible(str(path))}: {count} fingerprints rewritten", err=True)


def _named(report: Report, fingerprint: str) -> Finding:
    """The one active finding whose fingerprint begins so."""
    found = [finding for finding in report.active if finding.fingerprint.startswith(fingerprint)]
    if len({finding.fingerprint for finding in found}) != 1:
        said = "no active finding has" if not found else "several active findings have"
        what = "driftcheck check --format json lists them" if not found else "give more of its characters"
        raise usage(f"{fingerprint}: {said} this fingerprint; {what}")
    return found[0]


@click.command()
@tree_options
@layer_options
@judging_options
@click.option(
    "--prune",
    metavar="FILE",
    help="Remove from this baseline what is gone, and add nothing.",
    shell_complete=completion.files,
)
@click.option(
    "--migrate",
    metavar="FILE",
    help="Only rewrite the fingerprints in this baseline that have changed since; add nothing.",
    shell_complete=completion.files,
)
@output_option
@asking
def baseline(asked: Asked, prune: str | None, migrate: str | None, output: str | None) -> None:
    """Write today's findings to a file, so that check --baseline counts only later ones.

    \b
    Examples:
      driftcheck baseline --output baseline.json
      driftcheck check --baseline baseline.json           counts only later findings
      driftcheck baseline --prune baseline.json --output baseline.json
      driftcheck baseline --migrate baseline.json --output baseline.json
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.judging import ratchet

    if migrate is not None and prune is not None:
        raise usage("use only one of --migrate and --prune; migrate first")
    if migrate is not None:
        write(_migrated(asked, migrate), output)
        return
    previous = None if prune is None else (prune, content(prune))
    with reading(asked) as read:
        report = evaluated(read, asked)
    write(ratchet.write(report, previous), output)


def _migrated(asked: Asked, name: str) -> str:
    """A baseline with the fingerprints that findings have now."""
    from driftcheck.judging import migrating, ratchet

    old = content(name)
    with reading(asked) as read:
        return ratchet.migrated(name, old, migrating.renamed(judged(read, asked).findings))
