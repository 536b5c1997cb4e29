"""driftcheck diff."""

from __future__ import annotations

import sys
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, NamedTuple

import click

from driftcheck.cli.asked import asking
from driftcheck.cli.common import settings_exist, usage
from driftcheck.cli.options import format_option, input_option, output_option, repo_option, setting_option, wiki_option
from driftcheck.cli.reading import options_of, read_tree
from driftcheck.cli.stages import Stages
from driftcheck.cli.streams import tell, write
from driftcheck.core.globs import among
from driftcheck.core.model import Realm
from driftcheck.core.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftcheck.cli.asked import Asked
    from driftcheck.core.finding import Finding
    from driftcheck.history.changes import Difference, Drifts, Leaf
    from driftcheck.layers.extension.read import Run

_EXIT_CHANGES, _EXIT_INCOMPLETE = 1, 3
_REALMS = tuple(realm.value for realm in Realm)


class _Side(NamedTuple):
    """A tree: a revision, the index, or the work tree."""

    revision: str | None = None
    staged: bool = False

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self.revision or ("the index" if self.staged else "the work tree")


@click.command()
@click.argument("revisions", nargs=-1, metavar="[REV [REV] | A..B | A...B]")
@repo_option("A checkout of mediawiki-config, or a bare repository.")
@click.option("--staged", is_flag=True, help="Compare HEAD with the git index.")
@click.option(
    "--wikis",
    "pair",
    nargs=2,
    metavar="WIKI WIKI",
    help="Compare two wikis of one tree, in the realm of --realm or in production.",
)
@click.option("--realms", "across", metavar="WIKI", help="Compare production and beta on this wiki of one tree.")
@click.option(
    "--realm", "realms", multiple=True, type=click.Choice(_REALMS), help="Only this realm [default: both]; repeatable."
)
@wiki_option()
@setting_option
@input_option
@format_option("table", "json", "markdown", "remarkup", "html")
@output_option
@click.option("--exit-code", is_flag=True, help="Exit with 1 if something changes.")
@click.option("-v", "--verbose", is_flag=True, help="Name every wiki, and list every change.")
@asking
def diff(
    asked: Asked,
    *,
    revisions: tuple[str, ...],
    pair: tuple[str, str] | None,
    across: str | None,
    realms: tuple[str, ...],
    wikis: tuple[str, ...],
    format_name: str,
    output: str | None,
    exit_code: bool,
    verbose: bool,
) -> None:
    """Show what a change does: the settings that get other values, on which wikis, in both realms, and the drift it brings.

    \b
    Examples:
      driftcheck diff                          the work tree against HEAD
      driftcheck diff --staged                 what the next commit changes
      driftcheck diff HEAD~1 HEAD              one commit
      driftcheck diff origin/master...         what this branch changes since it left master
      driftcheck diff --wikis enwiki frwiki    two wikis of the work tree
      driftcheck diff --realms enwiki          production and beta of one wiki
      driftcheck diff HEAD~1 HEAD --format markdown --output comment.md

    Nothing in the repository is changed. The exit code is 0 whether or not something changes, except with --exit-code.
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.report.diff import FORMATS, table

    if pair and across:
        raise usage("use only one of --wikis and --realms")
    wanted = tuple(Realm(realm) for realm in realms) or tuple(Realm)
    asked = asked._replace(profile="all")
    if pair or across:
        held = _within(asked, revisions, pair, across, wanted)
    else:
        held = _between(asked, _sides(asked, revisions), wanted, wikis)
    write(table(held, verbose=True) if verbose and format_name == "table" else FORMATS[format_name](held), output)
    if held.holes or any(not leaf.known for leaf in held.leaves):
        tell("driftcheck: incomplete: the output lists what could not be read or evaluated")
        sys.exit(_EXIT_INCOMPLETE)
    sys.exit(_EXIT_CHANGES if exit_code and held.leaves else 0)


def _sides(asked: Asked, revisions: Sequence[str]) -> tuple[_Side, _Side]:
    """The two trees that the arguments mean, as git diff has them. Raises a usage error."""
    from driftcheck.snapshot import merge_base

    if asked.staged:
        if len(revisions) > 1:
            raise usage("--staged compares the index with one revision")
        return _Side(revisions[0] if revisions else "HEAD"), _Side(staged=True)
    if len(revisions) > 2:
        raise usage("name at most two revisions")
    if len(revisions) == 2:
        return _Side(revisions[0]), _Side(revisions[1])
    named = revisions[0] if revisions else "HEAD"
    if "..." in named:
        one, _, other = named.partition("...")
        return _Side(merge_base(asked.repo, one or "HEAD", other or "HEAD")), _Side(other or "HEAD")
    if ".." in named:
        one, _, other = named.partition("..")
        return _Side(one or "HEAD"), _Side(other or "HEAD")
    return _Side(named), _Side()


def _between(asked: Asked, sides: tuple[_Side, _Side], realms: Sequence[Realm], wikis: Sequence[str]) -> Difference:
    """What differs between two trees."""
    from driftcheck.history import changes as changing
    from driftcheck.history.compare import compare

    with ExitStack() as stack:
        # What a setting is hangs on others: every one is in scope, and those that were asked for are picked at the end.
        everything = asked._replace(settings=())
        old = _run(stack, everything, sides[0], None)
        new = _run(stack, everything, sides[1], old)
        _known((old, new), asked.settings, wikis)
        compared = compare(old, new, realms)
        changes = [change for change in compared.changes if not asked.settings or among(change.setting, asked.settings)]
        leaves = _narrowed(changing.leaves(changes), wikis)
        drifts = _drifts(asked, old, new, {leaf.setting for leaf in leaves}) if leaves else changing.Drifts()
        names = tuple(run.snapshot.revision or side.name for run, side in zip((old, new), sides, strict=True))
        return changing.Difference((names[0], names[1]), leaves, drifts, compared.holes, _tags(new), _wikis(old, new))


def _known(runs: Sequence[Run], settings: Sequence[str], wikis: Sequence[str]) -> None:
    """Refuse a setting or a wiki that neither tree has. Raises a usage error."""
    unknown = [glob for glob in settings if not any(run.knows(glob) for run in runs)]
    settings_exist(runs[-1], unknown)
    if wikis:
        dbnames = {dbname for run in runs for dbname in run.wikis()}
        for glob in wikis:
            if not any(among(dbname, (glob,)) for dbname in dbnames):
                raise usage(f"{glob}: no such wiki{nearest(glob, dbnames) or ''}")


def _drifts(asked: Asked, old: Run, new: Run, settings: set[str]) -> Drifts:
    """The findings about the settings that change, before and after: by the profile that has rules of their own for them.

    Both are of the day of the newer tree: what an extension changed in the meantime is not what the change brings.
    """
    from driftcheck import engine
    from driftcheck.history.changes import drifts
    from driftcheck.history.compare import narrowed
    from driftcheck.layers.extension.profiles import load

    reports: list[list[Finding]] = [[], []]
    scoped = {name for name in settings if load("ores").covers(name)}
    for profile, wanted in (("ores", scoped), ("all", settings - scoped)):
        if not wanted:
            continue
        options = options_of(asked._replace(settings=tuple(sorted(wanted)), profile=profile), Stages(), None)
        before = narrowed(old, options._replace(date=options.date or new.date))
        reports[0] += engine.check(before).findings
        reports[1] += engine.check(narrowed(new, options, before)).findings
    return drifts(*reports)


def _run(stack: ExitStack, asked: Asked, side: _Side, like: Run | None) -> Run:
    """A tree, ready to be evaluated; ``like`` is a run over a tree that is nearly the same."""
    from driftcheck.snapshot import open_snapshot

    tree = stack.enter_context(closing(open_snapshot(asked.repo, revision=side.revision, staged=side.staged)))
    options = options_of(asked, Stages(), None)
    return read_tree(tree, asked, options, {}, {"extension": like} if like is not None else None).extension()


def _narrowed(leaves: Sequence[Leaf], wikis: Sequence[str]) -> tuple[Leaf, ...]:
    """What changes on the wikis that were asked for."""
    from dataclasses import replace

    if not wikis:
        return tuple(leaves)
    found = []
    for leaf in leaves:
        held = tuple(wiki for wiki in leaf.wikis if among(wiki, wikis))
        if held:
            found.append(replace(leaf, wikis=held))
    return tuple(found)


def _tags(run: Run) -> dict[Realm, dict[str, frozenset[str]]]:
    """The wikis of each dblist that selects settings; all wikis under the empty name."""
    found: dict[Realm, dict[str, frozenset[str]]] = {}
    for realm in Realm:
        held: dict[str, set[str]] = {}
        for wiki in run.config.realm(realm).wikis:
            for tag in ("", *wiki.tags):
                held.setdefault(tag, set()).add(wiki.dbname)
        found[realm] = {tag: frozenset(wikis) for tag, wikis in held.items()}
    return found


def _wikis(old: Run, new: Run) -> dict[Realm, tuple[frozenset[str], frozenset[str]]]:
    """The wikis of both trees, by realm."""

    def names(run: Run, realm: Realm) -> frozenset[str]:
        return frozenset(wiki.dbname for wiki in run.config.realm(realm).wikis)

    return {realm: (names(old, realm), names(new, realm)) for realm in Realm}


def _within(
    asked: Asked, revisions: Sequence[str], pair: tuple[str, str] | None, across: str | None, realms: Sequence[Realm]
) -> Difference:
    """Two wikis of one realm, or one wiki in both realms, of one tree."""
    from driftcheck.history import changes as changing
    from driftcheck.history.compare import between

    if len(revisions) > 1:
        raise usage("--wikis and --realms compare within one tree; name at most one revision")
    side = _Side(revisions[0] if revisions else None, asked.staged)
    sides = [(realms[0], name) for name in pair] if pair else [(realm, across or "") for realm in Realm]
    with ExitStack() as stack:
        run = _run(stack, asked, side, None)
        changes = between(run, sides[0], sides[1])
        changes = [change for change in changes if run.options.profile.shows(change.setting)]
        names = [f"{realm.value} {name}" for realm, name in sides]
        holes = tuple(dict.fromkeys(run.config.tree.holes))
        return changing.Difference((names[0], names[1]), changing.leaves(changes), changing.Drifts(), holes, {})
