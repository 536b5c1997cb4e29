"""Every format on a large report: a table of seconds and sizes.

    python benchmarks/formats.py [--findings N]

Each finding has 1 to 1,000 wikis, both sides with a place and six steps of provenance; a tenth is waived. It never fails
on a time.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from tabulate import tabulate

from driftcheck.core.disposition import Active, Waived, Waiver
from driftcheck.core.finding import Finding, Side
from driftcheck.core.model import Op, Span, Step, Value
from driftcheck.core.report import Report, SnapshotInfo
from driftcheck.layers.registry import RULES
from driftcheck.report import github, gitlab, html, jsonreport, junit, markdown, sarif, table
from driftcheck.report.page.matrix import Matrix

if TYPE_CHECKING:
    from collections.abc import Callable

_WIKIS = tuple(f"w{number}wiki" for number in range(1000))
_SETTINGS = tuple(f"wgOres{number}" for number in range(40))
_COVERAGE = {
    "wikis_production": 1000,
    "wikis_beta": 1000,
    "extension_on_production": 1000,
    "extension_on_beta": 1000,
    "wikis_compared": 1000,
}


def main() -> None:
    """Render the same report in each format, the table and the step summary included."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--findings", type=int, default=5000)
    report = large(parser.parse_args().findings)
    matrix = Matrix(_SETTINGS, tuple((name, "=" * len(_SETTINGS)) for name in _WIKIS), "")
    formats: dict[str, Callable[[], str]] = {
        "table": lambda: table.render(report),
        "json": lambda: jsonreport.render(report),
        "sarif": lambda: sarif.render(report),
        "junit": lambda: junit.render(report),
        "github": lambda: github.render(report),
        "step summary": lambda: github.summary(report),
        "gitlab": lambda: gitlab.render(report),
        "markdown": lambda: markdown.render(report),
        "html": lambda: html.render(report, matrix, lambda _path, _revision: None),
    }
    rows = []
    for name, render in formats.items():
        started = time.process_time()
        text = render()
        rows.append([name, f"{time.process_time() - started:.2f}", f"{len(text.encode('utf-8')) / 1e6:.2f}"])
    print(f"{len(report.findings)} findings")
    print(tabulate(rows, ["format", "CPU seconds", "MB"], disable_numparse=True, colalign=("left", "right", "right")))


def large(number: int) -> Report:
    """A report with that many findings, each unlike the others."""
    waiver = Waiver("setting-drift", "a trial", "ores", "2027-03-31", Span(".driftcheck/waivers.yaml", "", 3, 1, 3, 9))
    rules = [RULES[name] for name in ("model-off-in-beta", "setting-drift", "wiki-not-in-beta")]
    findings = []
    for index in range(number):
        count = 1 + index * 37 % len(_WIKIS)
        finding = Finding(
            rules[index % 3],
            "extension",
            _SETTINGS[index % len(_SETTINGS)],
            f"model{index}.thresholds",
            _WIKIS[-count:],
            "beta has another value than production",
            _side("wmf-config/InitialiseSettings.php", index, {"a": Value(index), "b": Value("x" * 80)}),
            _side("wmf-config/InitialiseSettings-labs.php", index, {"a": Value(-index)}),
            disposition=Waived(waiver) if index % 10 == 0 else Active(),
        )
        findings.append(finding)
    read = tuple(SnapshotInfo("extension", realm, ".", "") for realm in ("production", "beta"))
    return Report(tuple(findings), (), read, _COVERAGE)


def _side(path: str, index: int, data: dict[int | str, Value]) -> Side:
    spans = [Span(path, "", 1 + index * 3 + step, 3, 1 + index * 3 + step, 40) for step in range(6)]
    ops = (Op.LITERAL, Op.REFERENCE, Op.OVERRIDE, Op.SELECT, Op.MERGE, Op.COERCE)
    steps = tuple(Step(op, f"step {op.value}", span) for op, span in zip(ops, spans, strict=True))
    return Side(Value(dict(data)), spans[0], steps)


if __name__ == "__main__":
    main()
