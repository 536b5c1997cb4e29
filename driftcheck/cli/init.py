"""driftcheck init."""

from __future__ import annotations

from pathlib import Path

import click

from driftcheck import __version__
from driftcheck.cli.common import usage, write
from driftcheck.cli.configuration import FILE

_CONFIGURATION = """\
# yaml-language-server: $schema=.driftcheck/configuration-v1.schema.json
# Defaults for driftcheck check; an option on the command line wins.
version: 1

# Which settings are looked at: ores, or all.
profile: ores

# The least severity that fails a run: error, warning, note or never.
fail-on: error

# Divergences that somebody signed for.
waivers: .driftcheck/waivers.yaml

# Another severity for a rule; driftcheck rules lists them.
# severity:
#   wiki-not-in-beta: warning
"""
_WAIVERS = """\
# yaml-language-server: $schema=waivers-v1.schema.json
# Divergences of beta from production that somebody signed for.
version: 1
waivers:
"""
_NEXT = f"""\
The hook, for .pre-commit-config.yaml:

  - repo: URL of the driftcheck repository
    rev: v{__version__}
    hooks:
      - id: driftcheck

The nightly job:

  driftcheck check --format json --output report.json
"""


@click.command()
@click.option("--repo", default=".", show_default=True, metavar="PATH", help="The repository to write into.")
def init(repo: str) -> None:
    """Write a commented driftcheck.yaml, an empty file of waivers and their schemas; say how to go on."""
    from driftcheck.resources import schema_text

    root = Path(repo)
    if not (root / "wmf-config").is_dir():
        raise usage(f"{repo}: no wmf-config here; name the root of a mediawiki-config checkout with --repo")
    if (root / FILE).exists():
        raise usage(f"{root / FILE}: there already; edit it, or delete it first")
    folder = root / ".driftcheck"
    folder.mkdir(exist_ok=True)
    write(_CONFIGURATION, str(root / FILE))
    for name in ("configuration-v1", "waivers-v1"):
        write(schema_text(name), str(folder / f"{name}.schema.json"))
    if not (folder / "waivers.yaml").exists():
        write(_WAIVERS, str(folder / "waivers.yaml"))
    write(_NEXT, None)
