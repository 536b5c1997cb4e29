"""Write what the documentation takes from the code: the rule pages and the README's console examples.

python docs/generate.py          write
python docs/generate.py --check  exit 1 if anything would change
"""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

from click.testing import CliRunner

from driftcheck.cli import cli
from driftcheck.report import rulepage
from driftcheck.rules import RULES

ROOT = Path(__file__).parent.parent
_EXAMPLE = re.compile(r"(```console\n\$ driftcheck (?P<arguments>[^\n]*)\n)(?P<output>(?!\$).*?)(```\n)", re.DOTALL)


def pages() -> dict[Path, str]:
    """Every generated file with its text."""
    folder = ROOT / "docs/rules"
    listed = "\n".join(
        f"| [{rule.id}]({rule.id}.md) | {rule.severity.label} | {rule.summary} |" for rule in RULES.values()
    )
    out = {folder / "README.md": f"# Rules\n\n| rule | severity | fires when |\n|---|---|---|\n{listed}\n"}
    out |= {folder / f"{rule.id}.md": rulepage.page(rule) for rule in RULES.values()}
    readme = ROOT / "README.md"
    out[readme] = _EXAMPLE.sub(_example, readme.read_text("utf-8"))
    return out


def _example(match: re.Match[str]) -> str:
    arguments = shlex.split(match["arguments"], comments=True)
    result = CliRunner(env={"COLUMNS": "100"}).invoke(cli, arguments)
    output = result.output if result.output.endswith("\n") else f"{result.output}\n"
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
