"""driftcheck against the repository's own PHP job, on one tree, in one run: a table of ratios and of peak memory.

    python benchmarks/bench.py MEDIAWIKI_CONFIG [--runs N]

MEDIAWIKI_CONFIG is a checkout whose tests/buildConfigCache.php runs (Debian's php-cli and php-mbstring; where
vendor/autoload.php is missing an empty one is made, the folder for the job's output too, both removed again).
The PHP job evaluates every setting of every wiki in both realms. It prints ratios; it never fails on a time.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tabulate import tabulate

_DRIFTCHECK = [sys.executable, "-c", "from driftcheck.cli import main; main()"]


def main() -> None:
    """Measure each command in turns, so that a slow minute of the machine hits all of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--runs", type=int, default=7)
    arguments = parser.parse_args()
    tree = arguments.tree.resolve()
    with tempfile.TemporaryDirectory() as folder:
        repo = ["--repo", str(tree)]
        cache = ["--cache-dir", f"{folder}/cache"]
        everything = ["show", *repo, "--profile", "all", "--until", "arrays", "--output", "/dev/null"]
        commands = {
            "PHP: buildConfigCache.php": [["php", "-e", "tests/buildConfigCache.php"]],
            "check, cold": [[*_DRIFTCHECK, "check", *repo, "--no-cache", "--exit-zero"]],
            "check, warm": [[*_DRIFTCHECK, "check", *repo, *cache, "--exit-zero"]],
            "show, every setting, both realms": [
                [*_DRIFTCHECK, *everything, "--realm", r] for r in ("production", "beta")
            ],
            "--help": [[*_DRIFTCHECK, "--help"]],
        }
        with php_ready(tree):
            measured = measure(commands, arguments.runs, tree)
    base = statistics.median(seconds for seconds, _ in measured["PHP: buildConfigCache.php"])
    rows = []
    for name, runs in measured.items():
        median = statistics.median(seconds for seconds, _ in runs)
        memory = max(kilobytes for _, kilobytes in runs) / 1024
        rows.append([name, f"{median:.3f}", f"{base / median:.1f}x", f"{memory:.0f}"])
    headers = ["command", "median s", "PHP time / this", "peak MB"]
    print(tabulate(rows, headers, disable_numparse=True, colalign=("left", "right", "right", "right")))


def measure(commands: dict[str, list[list[str]]], runs: int, tree: Path) -> dict[str, list[tuple[float, int]]]:
    """(seconds, peak kilobytes) of each run; the first round warms disks and the cache and is not counted."""
    measured: dict[str, list[tuple[float, int]]] = {name: [] for name in commands}
    for number in range(runs + 1):
        for name, steps in commands.items():
            seconds, memory = 0.0, 0
            for step in steps:
                took, peak = timed(step, tree)
                seconds, memory = seconds + took, max(memory, peak)
            if number:
                measured[name].append((seconds, memory))
    return measured


def timed(command: list[str], tree: Path) -> tuple[float, int]:
    """Run one command; its wall time and its own peak memory."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=tree, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    took = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command[-6:])} exited {process.returncode}")
    return took, usage.ru_maxrss


class php_ready:  # noqa: N801 - reads as a state in a with statement
    """What the PHP job needs beside the checkout, taken away again at the end."""

    def __init__(self, tree: Path) -> None:
        self._autoload, self._output = tree / "vendor/autoload.php", tree / "tests/data/config-cache"
        self._made: list[Path] = []

    def __enter__(self) -> None:
        if not self._autoload.exists():
            if not self._autoload.parent.exists():
                self._made.append(self._autoload.parent)
            self._autoload.parent.mkdir(exist_ok=True)
            self._autoload.write_text("<?php\n")
        if not self._output.exists():
            self._made.append(self._output)
            self._output.mkdir(parents=True)

    def __exit__(self, *_: object) -> None:
        for path in self._made:
            shutil.rmtree(path)


if __name__ == "__main__":
    main()
