"""The commands that write approvals: waive and baseline."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driftcheck.cli import completion
from driftcheck.cli.asked import asking
from driftcheck.cli.common import content, day, usage
from driftcheck.cli.judging import evaluated, judged, today
from driftcheck.cli.options import judging_options, layer_options, output_option, tree_options, wiki_option
from driftcheck.cli.reading import reading
from driftcheck.cli.streams import tell, write

if TYPE_CHECKING:
    from driftcheck.cli.asked import Asked
    from driftcheck.core.finding import Finding
    from driftcheck.core.report import Report
    from driftcheck.judging.signing import Terms


@click.command()
@click.argument("named", metavar="FINGERPRINT|RULE[:SETTING]", required=False)
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
    named: str | None,
    reason: str | None,
    owner: str | None,
    until: str | None,
    task: str | None,
    wikis: tuple[str, ...],
    *,
    migrate: bool,
) -> None:
    """Approve a finding by its FINGERPRINT or the beginning of it, or findings by RULE or RULE:SETTING.

    \b
    Examples:
      driftcheck waive 015a4b9b2b --until 2027-03-31 --owner ores-team --reason 'trial of a model'
      driftcheck waive model-off-in-beta:wgOresModels --until 2027-03-31 --owner me --reason x

    Each finding of today gets a waiver of its own in the file of waivers; later findings count. The file keeps its comments and its order. After an update that changes
    fingerprints, --migrate rewrites those in the file.
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.judging.waivers import DEFAULT_FILE

    path = Path(asked.waivers or Path(asked.repo) / DEFAULT_FILE)
    if migrate:
        _migrate(asked, path)
        return
    _sign(asked, path, _given("FINGERPRINT", named), _terms(asked, reason, owner, until, task, wikis))


def _terms(
    asked: Asked, reason: str | None, owner: str | None, until: str | None, task: str | None, wikis: tuple[str, ...]
) -> Terms:
    """Reason, owner and day, as check accepts them. Raises a usage error for others."""
    from driftcheck.judging import signing, waivers

    last = day(_given("--until", until)) or ""
    terms = signing.Terms(_given("--reason", reason), _given("--owner", owner), last, task or "", wikis)
    if wrong := waivers.fault_of_terms(terms.row()):
        raise usage(f"{wrong}; driftcheck waive --help has an example")
    if last < today(asked.today):
        raise usage(f"--until {last}: this day has passed; name a later one")
    return terms


def _given(name: str, value: str | None) -> str:
    if value is None:
        raise usage(f"{name} is missing; driftcheck waive --help has an example")
    return value


def _sign(asked: Asked, path: Path, named: str, terms: Terms) -> None:
    """Append waivers to the file at a path."""
    from driftcheck.judging import signing
    from driftcheck.report.escape import title, visible

    existing = content(str(path)) if os.path.lexists(path) else None
    with reading(asked) as read:
        report = judged(read, asked if existing is not None else asked._replace(waivers=None))
    found = _on_wikis(_meant(report, named), terms.wikis)
    text = signing.appended(str(path), existing, found, terms)
    path.parent.mkdir(parents=True, exist_ok=True)
    write(text, str(path))
    for finding in found:
        tell(f"driftcheck: {visible(str(path))}: a waiver of {finding.rule.id} {title(finding)} until {terms.until}")


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
    tell(f"driftcheck: {visible(str(path))}: {count} fingerprints rewritten")


def _meant(report: Report, named: str) -> list[Finding]:
    """The findings that count and that a text means, one a fingerprint. Raises a usage error where there is none."""
    from driftcheck.judging import signing
    from driftcheck.layers.registry import RULES
    from driftcheck.report.escape import standing

    found = signing.meant(report.findings, named, RULES)
    if active := list({finding.fingerprint: finding for finding in found if finding.active}.values()):
        return active
    if found:
        raise usage(f"{named}: already {standing(found[0].disposition).removeprefix('already ')}")
    raise usage(f"{named}: no finding; driftcheck check lists them")


def _on_wikis(findings: list[Finding], globs: tuple[str, ...]) -> list[Finding]:
    """The findings on wikis that match. Raises a usage error for a glob that matches no wiki of them."""
    from driftcheck.core.globs import among

    for glob in globs:
        if not any(among(wiki, [glob]) for finding in findings for wiki in finding.wikis):
            raise usage(f"{glob}: no wiki of the finding matches; driftcheck check lists its wikis")
    return [finding for finding in findings if not globs or any(among(name, globs) for name in finding.wikis)]


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
