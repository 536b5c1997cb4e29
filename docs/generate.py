"""Write what the documentation takes from the code: rule pages, the reference, console examples, the YAML of the recipes.

python docs/generate.py          write
python docs/generate.py --check  exit 1 if anything would change
"""

from __future__ import annotations

import contextlib
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from click.testing import CliRunner

from driftcheck.cli import cli
from driftcheck.core import resources
from driftcheck.layers.registry import RULES
from driftcheck.report import rulepage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parent.parent
RECIPES = ROOT / "docs/recipes"
_EXAMPLE = re.compile(r"(```console\n\$ driftcheck (?P<arguments>[^\n]*)\n)(?P<output>(?!\$).*?)(```\n)", re.DOTALL)
_RECIPE = re.compile(r"(<!-- recipe: (?P<name>[a-z-]+) -->\n```yaml\n).*?(```\n)", re.DOTALL)


def pages() -> dict[Path, str]:
    """Every generated file with its text."""
    folder = ROOT / "docs/rules"
    listed = "\n".join(
        f"| [{rule.id}]({rule.id}.md) | {rule.severity.label} | {rule.summary} |" for rule in RULES.values()
    )
    out = {folder / "README.md": f"# Rules\n\n| rule | severity | reports |\n|---|---|---|\n{listed}\n"}
    out |= {folder / f"{rule.id}.md": rulepage.page(rule) for rule in RULES.values()}
    out[ROOT / "docs/reference.md"] = runpy.run_path(str(ROOT / "docs/reference.py"))["page"]()
    out |= _filled([ROOT / "README.md", ROOT / "docs/incident.md"], ROOT)
    with checkout() as folder:
        out |= _filled(sorted(RECIPES.glob("*.md")), folder)
    return out


def _filled(texts: Iterable[Path], folder: Path) -> dict[Path, str]:
    """Texts with their recipes and examples, which are run where the reader stands."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        return {path: _EXAMPLE.sub(_example, _RECIPE.sub(_recipe, path.read_text("utf-8"))) for path in texts}
    finally:
        os.chdir(before)


@contextlib.contextmanager
def checkout() -> Iterator[Path]:
    """A checkout in which recipes are tried: its last commit turned goodfaith off in beta, its first is origin/master."""
    day = "2017-11-20T12:00:00Z"
    git = {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_DATE": day,
        "GIT_COMMITTER_DATE": day,
    }
    for role in ("AUTHOR", "COMMITTER"):
        git |= {f"GIT_{role}_NAME": "A", f"GIT_{role}_EMAIL": "a@example.org"}
    steps = ["init -q -b master", "add -A", "commit -q -m {}", "update-ref refs/remotes/origin/master HEAD"]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "mediawiki-config"
        for tree, commands in (("fixed", steps), ("incident", steps[1:3])):
            shutil.copytree(ROOT / "fixtures/mediawiki" / tree, root, dirs_exist_ok=True)
            for command in commands:
                arguments = [word.format(tree) for word in command.split()]
                subprocess.run(["git", *arguments], cwd=root, check=True, env=os.environ | git)  # noqa: S603, S607
        yield root


def _recipe(match: re.Match[str]) -> str:
    return f"{match[1]}{resources.recipe(match['name'])}{match[3]}"


def _example(match: re.Match[str]) -> str:
    arguments = shlex.split(match["arguments"], comments=True)
    result = CliRunner(env={"COLUMNS": "100"}).invoke(cli, arguments)
    output = result.output if result.output.endswith("\n") or not result.output else f"{result.output}\n"
    return f"{match[1]}{output}{match[4]}"


def main() -> int:
    """Write or compare."""
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text("utf-8") != text]
    if "--check" in sys.argv:
        for path in stale:
            sys.stderr.write(f"{path.relative_to(ROOT)} is stale: run python docs/generate.py\n")
        return int(bool(stale))
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
