"""What a command reads: the tree that --repo names, and the repositories of other layers beside it."""

from __future__ import annotations

from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.cli.asked import BESIDE
from driftcheck.cli.common import day, moment, rules_exist, settings_exist, usage
from driftcheck.cli.stages import Stages
from driftcheck.core.model import InputError, Realm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from driftcheck.cli.asked import Asked
    from driftcheck.core.report import Report
    from driftcheck.judging.waivers import Written
    from driftcheck.layers.base import Layer, Opened, Options, Reading
    from driftcheck.layers.extension.read import Run
    from driftcheck.snapshot import Snapshot
    from driftcheck.statistics.solve import Statistics

    Repositories = Mapping[str, Mapping[Realm, Opened]]
    """The repositories of each layer, by realm."""


class Read(NamedTuple):
    """What was read: each layer by name, and which of them ``tree``, which --repo names, is of."""

    tree: Snapshot
    main: Reading
    readings: Mapping[str, Reading]
    options: Options
    beside: Repositories

    def extension(self) -> Run:
        """The run over the extension's configuration, which the command is about. Raises InputError for other trees."""
        if self.main.root:
            path = next(side.path for side in self.main.sides.values() if side.tree is self.tree)
            raise usage(f"{path}: the configuration of a service; name a checkout of mediawiki-config with --repo")
        from driftcheck.layers.extension.read import Run

        assert isinstance(self.main, Run)
        return self.main

    def sources(self, report: Report) -> list[Written]:
        """Every file of configuration that was read: waivers are looked for in them."""
        from driftcheck.judging.waivers import Written

        return [Written(name, source) for name, reading in self.readings.items() for source in reading.sources(report)]

    def wikis(self) -> set[str]:
        """The wikis that any layer knows."""
        return {name for reading in self.readings.values() for name in reading.wikis()}

    def expect(self, wikis: Sequence[str]) -> None:
        """Refuse a wiki, or a glob of wikis, that no layer knows. Raises a usage error."""
        from driftcheck.core.globs import matches
        from driftcheck.core.nearest import nearest

        names = self.wikis() if wikis else set()
        for glob in wikis:
            if not any(matches(name, glob) for name in names):
                near = nearest(glob, names) or "; driftcheck show lists production's"
                raise usage(f"{glob}: no such wiki in either realm{near}")

    def text_of(self, name: str, revision: str) -> bytes | None:
        """A file that a place of the report names."""
        for tree in (side.tree for reading in self.readings.values() for side in reading.sides.values()):
            try:
                source = tree.read(name) if tree.revision == revision else None
            except InputError:
                continue  # a name that leaves this repository is one of another's
            if source is not None and source.path == name:
                return source.text
        return None


@contextmanager
def reading(
    asked: Asked,
    *,
    stage: Stages | None = None,
    must_exist: bool = True,
    statistics: Statistics | None = None,
    everywhere: bool = False,
) -> Iterator[Read]:
    """What the options name, read; everything is closed at the end.

    Without ``must_exist``, names of settings that nothing has are not refused; ``everywhere`` is as for
    :class:`~driftcheck.layers.base.Options`. Raises InputError.
    """
    options = options_of(asked, stage or Stages(), statistics)._replace(everywhere=everywhere)
    with ExitStack() as stack:
        with options.stage("snapshot"):
            tree = stack.enter_context(closing(_tree(asked)))
        options = _of_extension(asked, options, tree)
        read = read_tree(tree, asked, options, _beside(stack, asked))
        if must_exist:
            _fits(read, asked)
        yield read


def options_of(asked: Asked, stage: Stages, statistics: Statistics | None) -> Options:
    """What layers are asked, as the options have it. Raises InputError for a profile or an input that cannot be used."""
    from driftcheck.layers.base import Options
    from driftcheck.layers.extension.profiles import load

    profile = load(asked.profile, asked.settings)
    rules_exist(profile.rules)
    inputs = {}
    if asked.inputs:
        from driftcheck.mediawiki.inputs import overrides

        inputs = overrides(asked.inputs)
    return Options(profile, day(asked.extension_date), asked.extension_dir, statistics, stage, inputs)


def _of_extension(asked: Asked, options: Options, tree: Snapshot) -> Options:
    """The options with the profile of the extension that --extension names. Raises InputError."""
    if asked.extension is None:
        return options
    if asked.settings:
        raise usage("use only one of --extension and --setting")
    from driftcheck.core.model import IncompleteError
    from driftcheck.layers.extension.about import profile_of

    try:
        date = options.date or tree.date()
    except IncompleteError:
        date = None
    return options._replace(profile=profile_of(asked.extension, tree, date or "9999-12-31"))


def _tree(asked: Asked) -> Snapshot:
    """The tree that --repo names."""
    from driftcheck.snapshot import open_snapshot, revision_at

    revision, at = asked.rev, moment(asked.at)
    if (revision is not None) + asked.staged + (at is not None) > 1:
        raise usage("use only one of --rev, --staged and --at")
    if at is not None:
        revision = revision_at(asked.repo, at)
    return open_snapshot(asked.repo, revision=revision, staged=asked.staged)


def _fits(read: Read, asked: Asked) -> None:
    """Refuse names that nothing has, and options that would be silently left out: those about the extension alone."""
    if not read.main.root:
        settings_exist(read.extension(), asked.settings)
        return
    for given, option in (
        (asked.settings, "--setting"),
        (asked.inputs, "--input"),
        (asked.statistics, "--statistics"),
        (asked.extension_dir, "--extension-dir"),
    ):
        if given:
            raise usage(
                f"{asked.repo} is the configuration of a service; leave out {option}, which is for mediawiki-config"
            )


def read_tree(
    tree: Snapshot, asked: Asked, options: Options, beside: Repositories, like: Mapping[str, Reading] | None = None
) -> Read:
    """A tree as what it is, with the repositories beside it; ``like`` is what was read beside another tree."""
    from driftcheck import engine
    from driftcheck.layers.base import Opened

    layer = engine.recognised(tree)
    named = beside.get(layer.name, {})
    own = dict.fromkeys(_own_realms(layer, named), Opened(tree, asked.repo))
    readings = engine.read({**beside, layer.name: {**named, **own}}, options, like or {})
    return Read(tree, readings[layer.name], readings, options, beside)


def _own_realms(layer: Layer, named: Mapping[Realm, Opened]) -> list[Realm]:
    """The realms that a tree is of: both where a layer has one tree for both, else the one that no option names."""
    if all(len(beside.realms) > 1 for beside in layer.beside):
        return list(Realm)
    return [realm for realm in Realm if realm not in named][:1] or [Realm.PRODUCTION]


def _beside(stack: ExitStack, asked: Asked) -> Repositories:
    """The repositories that options name, opened."""
    from driftcheck.layers.base import Opened

    found: dict[str, dict[Realm, Opened]] = {}
    for parameter, path in asked.beside.items():
        layer, beside = BESIDE[parameter]
        tree = stack.enter_context(closing(_opened(path, moment(asked.at))))
        if not layer.recognises(tree):
            raise usage(
                f"{path}: nothing of the {layer.name} layer in it; name another repository with --{beside.option}"
            )
        found.setdefault(layer.name, {}).update(dict.fromkeys(beside.realms, Opened(tree, path)))
    return found


def _opened(named: str, at_moment: str | None) -> Snapshot:
    """PATH or PATH@REV, or PATH as it stood at a moment."""
    from pathlib import Path

    from driftcheck.snapshot import open_snapshot, revision_at
    from driftcheck.snapshot.named import Named

    path, at, revision = named.rpartition("@")
    if not at or Path(named).is_dir():
        path, revision = named, ""
    if revision and at_moment is not None:
        raise usage(f"{named}: use either a revision or --at")
    if at_moment is not None:
        revision = revision_at(path, at_moment)
    bare = (Path(path) / "HEAD").is_file() and (Path(path) / "objects").is_dir()
    return Named(open_snapshot(path, revision=revision or ("HEAD" if bare else None)), path)
