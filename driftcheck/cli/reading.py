"""What a command reads: the tree that --repo names, and the repositories of the services beside it."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from driftcheck.cli import completion
from driftcheck.cli.common import moment, options, options_of, settings_exist, tree_of, usage
from driftcheck.cli.stages import Stages

if TYPE_CHECKING:
    from driftcheck.core.finding import Report
    from driftcheck.core.model import Realm, Source
    from driftcheck.engine import Options, Run, Stage
    from driftcheck.judging.waivers import Written
    from driftcheck.layers.others import Layers
    from driftcheck.snapshot import Snapshot
    from driftcheck.statistics.solve import Statistics

_EXTENSION = ("wmf-config/InitialiseSettings.php", "wmf-config/CommonSettings.php")
_REPOSITORY = "a repository, or PATH@REV for one of its revisions"

layer_options = options(
    click.option(
        "--production-service",
        metavar="PATH",
        help=f"The ORES configuration that production runs: {_REPOSITORY}.",
        shell_complete=completion.folders,
    ),
    click.option(
        "--beta-service",
        metavar="PATH",
        help="The ORES configuration that beta runs, given in the same way.",
        shell_complete=completion.folders,
    ),
    click.option(
        "--liftwing",
        metavar="PATH",
        help="The deployment-charts of Lift Wing in both realms, given in the same way.",
        shell_complete=completion.folders,
    ),
    click.option(
        "--at", metavar="DATE", help="Read every repository as it was at the end of this day, or at this time."
    ),
)


@dataclass
class Beside:
    """The repositories beside the one that --repo names, each with its layer and the files that were read of it."""

    layers: Layers | None = None
    read: list[tuple[str, Snapshot, tuple[str, ...]]] = field(default_factory=list)


@dataclass
class Reading:
    """One tree and the services beside it. ``run`` is None where the tree is itself a service's."""

    snapshot: Snapshot
    options: Options
    stage: Stage
    beside: Beside
    run: Run | None = None
    layers: Layers | None = None
    files: tuple[str, ...] = ()
    """What was read of a service's tree."""

    def extension(self) -> Run:
        """The run over the extension's configuration, which the command is about.

        Raises a usage error where the tree is a service's.
        """
        if self.run is None:
            raise usage(
                f"{self.options.path}: the configuration of a service; name a checkout of mediawiki-config with --repo"
            )
        return self.run

    @property
    def layer(self) -> str:
        """The layer of the tree that --repo names."""
        if self.run is not None:
            return "extension"
        return "liftwing" if self.layers is not None and self.layers.charts is not None else "service"

    def sources(self, report: Report) -> list[Written]:
        """Every file of configuration that was read: waivers are looked for in them."""
        from driftcheck.judging.waivers import Written

        read = [(self.layer, self.snapshot, report.files), *self.beside.read]
        return [
            Written(layer, source)
            for layer, tree, paths in read
            for path in paths
            if (source := tree.read(path)) is not None
        ]

    def contexts(self) -> dict[Realm, dict[str, list[str]]]:
        """The models that the services have, by realm and wiki."""
        services = self.layers.services if self.layers is not None else {}
        return {realm: {wiki: sorted(held.models(wiki)) for wiki in held.contexts} for realm, held in services.items()}

    def wikis(self) -> set[str]:
        """The wikis that the services know."""
        from driftcheck.layers.others import records

        if self.layers is None:
            return set()
        return {name for side in records(self.layers) for name in side.wikis}

    def text_of(self, name: str, revision: str) -> bytes | None:
        """A file that a place of the report names."""
        for tree in (self.snapshot, *(tree for _, tree, _ in self.beside.read)):
            if tree.revision == revision and (source := tree.read(name)) is not None and source.path == name:
                return source.text
        return None


class Named:
    """A snapshot whose files are called by the repository that they are in, as the user named it."""

    def __init__(self, snapshot: Snapshot, prefix: str) -> None:
        self._snapshot, self._prefix = snapshot, prefix.rstrip("/")
        self.revision = snapshot.revision
        self._read: dict[str, Source | None] = {}

    def read(self, path: str) -> Source | None:
        """A file's bytes, by its path in the repository or by the name that it has here."""
        from driftcheck.core.model import Source

        path = path.removeprefix(f"{self._prefix}/")
        if path not in self._read:
            held = self._snapshot.read(path)
            self._read[path] = held and Source(f"{self._prefix}/{path}", held.text, held.revision)
        return self._read[path]

    def blob_id(self, path: str) -> str | None:
        """A file's id."""
        return self._snapshot.blob_id(path)

    def names(self, folder: str) -> list[str]:
        """The files below a folder, as :meth:`read` takes them."""
        return self._snapshot.names(folder)

    def date(self) -> str | None:
        """The day of the commit."""
        return self._snapshot.date()

    def close(self) -> None:
        """Close what is open."""
        self._snapshot.close()


class reading:  # noqa: N801 - reads as a verb in a with statement
    """What the options name, read; everything is closed at the end."""

    def __init__(
        self,
        arguments: dict[str, Any],
        *,
        stage: Stages | None = None,
        must_exist: bool = True,
        statistics: Statistics | None = None,
    ) -> None:
        self._given, self._stage, self._stack = arguments, stage or Stages(), ExitStack()
        self._must_exist, self._statistics = must_exist, statistics

    def __enter__(self) -> Reading:
        given = self._given
        chosen = options_of(given, self._statistics)
        try:
            with self._stage("snapshot"):
                tree = self._stack.enter_context(closing(tree_of(given)))
            held = read_tree(tree, chosen, self._stage, given, _beside(self._stack, given))
            if held.run is not None and self._must_exist:
                settings_exist(held.run, given["settings"])
            if held.run is None and self._must_exist:
                _not_for_services(given)
        except BaseException:
            self._stack.close()
            raise
        return held

    def __exit__(self, *_: object) -> None:
        self._stack.close()


def _not_for_services(given: dict[str, Any]) -> None:
    """Refuse options that apply to mediawiki-config only: a service's run would ignore them."""
    for name, option in (
        ("settings", "--setting"),
        ("statistics", "--statistics"),
        ("extension_dir", "--extension-dir"),
    ):
        if given.get(name):
            raise usage(
                f"{given['repo']} is the configuration of a service; leave out {option}, which is for mediawiki-config"
            )


def read_tree(
    tree: Snapshot, chosen: Options, stage: Stage, given: dict[str, Any], beside: Beside, like: Run | None = None
) -> Reading:
    """A tree as what it is: the extension's configuration, or a service's."""
    if any(tree.blob_id(path) is not None for path in _EXTENSION) or not _is_service(tree):
        from driftcheck.engine import Run

        run = Run(tree, chosen, like, stage)
        return Reading(run.snapshot, chosen, stage, beside, run, beside.layers)
    from driftcheck.core.model import Realm
    from driftcheck.layers.liftwing import read as liftwing
    from driftcheck.layers.others import Layers
    from driftcheck.layers.service import read as ores

    layers = beside.layers or Layers()
    if liftwing.is_charts(tree):
        charts = liftwing.load(tree)
        layers = layers.with_charts(charts, given["repo"])
        return Reading(tree, chosen, stage, beside, None, layers, charts.files)
    config = ores.load(tree)
    realm = Realm.BETA if given.get("production_service") and not given.get("beta_service") else Realm.PRODUCTION
    return Reading(tree, chosen, stage, beside, None, layers.with_service(realm, config, given["repo"]), config.files)


def _is_service(tree: Snapshot) -> bool:
    from driftcheck.layers.liftwing import read as liftwing
    from driftcheck.layers.service import read as ores

    return ores.is_service(tree) or liftwing.is_charts(tree)


def _beside(stack: ExitStack, given: dict[str, Any]) -> Beside:
    named = {name: given[name] for name in ("production_service", "beta_service", "liftwing") if given.get(name)}
    beside = Beside()
    if not named:
        return beside
    from driftcheck.core.model import Realm
    from driftcheck.layers.liftwing import read as liftwing
    from driftcheck.layers.others import Layers
    from driftcheck.layers.service import read as ores

    layers = Layers()
    for name, path in named.items():
        tree = stack.enter_context(closing(_opened(path, moment(given["at"]))))
        if name == "liftwing":
            charts = liftwing.load(tree)
            layers = layers.with_charts(charts, path)
            beside.read.append(("liftwing", tree, charts.files))
        else:
            config = ores.load(tree)
            layers = layers.with_service(Realm(name.removesuffix("_service")), config, path)
            beside.read.append(("service", tree, config.files))
    beside.layers = layers
    return beside


def _opened(named: str, at_moment: str | None) -> Snapshot:
    """PATH or PATH@REV, or PATH as it stood at a moment."""
    from pathlib import Path

    from driftcheck.snapshot import open_snapshot, revision_at

    path, at, revision = named.rpartition("@")
    if not at or Path(named).is_dir():
        path, revision = named, ""
    if revision and at_moment is not None:
        raise usage(f"{named}: use either a revision or --at")
    if at_moment is not None:
        revision = revision_at(path, at_moment)
    bare = (Path(path) / "HEAD").is_file() and (Path(path) / "objects").is_dir()
    return Named(open_snapshot(path, revision=revision or ("HEAD" if bare else None)), path)
