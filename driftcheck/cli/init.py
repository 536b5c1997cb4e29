"""driftcheck init."""

from __future__ import annotations

from pathlib import Path

import click

from driftcheck.cli import completion
from driftcheck.cli.common import usage
from driftcheck.cli.configuration import FILE
from driftcheck.cli.options import repo_option
from driftcheck.cli.streams import write

_CONFIG = "wmf-config"
_CONFIGURATION = """\
# yaml-language-server: $schema=.driftcheck/configuration-v1.schema.json
# Defaults for driftcheck check; options on the command line override them.
version: 1

# Which settings to check: ores, all, or the file of a profile; or those of an extension, by its name.
{scope}

# The lowest severity that makes a run fail: error, warning, note or never.
fail-on: error

# Approved differences; the file is read from the tree that is checked.
waivers: .driftcheck/waivers.yaml

# Findings that do not count; driftcheck baseline --output .driftcheck/baseline.json writes the file.
# baseline: .driftcheck/baseline.json

# To check less: globs of settings and wikis, ids of rules.
# setting: ["wgOres*"]
# wiki: ["enwiki", "fr*"]
# ignore: [dead-config]

# Repositories of the services, relative to this file.
# production-service: ../ores-deploy
# beta-service: ../ores-wmflabs-deploy
# liftwing: ../deployment-charts

# Whose finding it is, by extension or setting; driftcheck check --owner TEAM selects.
# owners:
#   - team: Growth
#     contact: "#growth"
#     extensions: [GrowthExperiments]

# Another severity for a rule; driftcheck rules lists them.
# severity:
#   wiki-not-in-beta: warning
"""
_WAIVERS = """\
# yaml-language-server: $schema=waivers-v1.schema.json
# Approved differences between production and beta.
version: 1
waivers:
"""
_CI = {
    "github-actions": (".github", "GitHub Actions, for .github/workflows/driftcheck.yml"),
    "gitlab-ci": (".gitlab-ci.yml", "GitLab CI, for .gitlab-ci.yml"),
}
"""Recipes by what a repository has that uses them, with the place that they are for."""
_NIGHTLY = "The nightly job, for Jenkins Job Builder"


@click.command()
@repo_option("The checkout to write into.")
@click.option(
    "--extension", metavar="NAME", help="Check the settings of this extension.", shell_complete=completion.extensions
)
def init(repo: str, extension: str | None) -> None:
    """Write a commented driftcheck.yaml, an empty file of waivers and their schemas; print the hook and a CI job.

    \b
    Examples:
      driftcheck init                                     in the root of a mediawiki-config checkout
      driftcheck init --repo mediawiki-config
      driftcheck init --extension GrowthExperiments       for the owners of one extension
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.core.resources import schema_text

    root = Path(repo)
    if not (root / _CONFIG).is_dir():
        raise usage(_elsewhere(root))
    if (root / FILE).exists():
        raise usage(f"{root / FILE}: already exists; edit it, or delete it first")
    if extension is not None:
        _known(extension, root)
    folder = root / ".driftcheck"
    folder.mkdir(exist_ok=True)
    write(
        _CONFIGURATION.format(scope=f"extension: {extension}" if extension else f"profile: {_profile(root)}"),
        str(root / FILE),
    )
    for name in ("configuration-v1", "waivers-v1"):
        write(schema_text(name), str(folder / f"{name}.schema.json"))
    if not (folder / "waivers.yaml").exists():
        write(_WAIVERS, str(folder / "waivers.yaml"))
    write(_next(root), None)


def _known(extension: str, root: Path) -> None:
    """Refuse an extension that the tree does not have. Raises InputError."""
    from contextlib import closing

    from driftcheck.layers.extension.about import profile_of
    from driftcheck.snapshot import WorkTree

    with closing(WorkTree(root)) as tree:
        profile_of(extension, tree, "9999-12-31")


def _elsewhere(root: Path) -> str:
    """Why the folder is no place for a configuration file, and which folder is."""
    if not root.is_dir():
        return f"{root}: no such directory; name a checkout of mediawiki-config with --repo"
    above = next((folder for folder in root.resolve().parents if (folder / _CONFIG).is_dir()), None)
    if above is not None:
        return f"{root}: inside a mediawiki-config checkout; name its root: driftcheck init --repo {above}"
    if (root / "HEAD").is_file() and (root / "objects").is_dir():
        return f"{root}: a bare repository has no work tree to write into; name a checkout with --repo"
    return f"{root}: no {_CONFIG} here; name the root of a mediawiki-config checkout with --repo"


def _profile(root: Path) -> str:
    """The profile of the extension that the configuration speaks of, or every setting."""
    from driftcheck.core import files

    texts = sorted(path for path in (root / _CONFIG).glob("*.php") if path.is_file())
    loads = (path for path in texts if b"ORES" in files.content(path, "make it readable"))
    return "all" if next(loads, None) is None else "ores"


def _next(root: Path) -> str:
    """How to go on: the recipes for the places in which this repository is checked."""
    from driftcheck.core.resources import recipe

    told = [("The hook, for .pre-commit-config.yaml", recipe("pre-commit"))]
    told += [(place, recipe(name)) for name, (sign, place) in _CI.items() if (root / sign).exists()]
    if len(told) == 1:
        told.append((_NIGHTLY, recipe("nightly")))
    blocks = [f"{place}:\n\n{_indented(text)}" for place, text in told]
    return "\n".join([*blocks, "Next: driftcheck check\n"])


def _indented(text: str) -> str:
    return "".join(f"  {line}" if line.strip() else line for line in text.splitlines(keepends=True))
