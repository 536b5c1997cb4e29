"""What became of each finding: waived, in a revision or a baseline of before, or none of these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.finding import most_severe_first
from driftcheck.judging import waivers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from driftcheck.core.finding import Rule
    from driftcheck.core.report import Report


def signed(
    report: Report,
    file: waivers.Written | None,
    sources: Iterable[waivers.Written],
    rules: Mapping[str, Rule],
    today: str,
    would_find: Callable[[Rule, str], bool],
) -> Report:
    """The report with the waivers of a file, and of comments in the configuration, on a day (YYYY-MM-DD).

    ``rules`` are all that exist, by id. ``would_find`` tells whether the run looked at all that a rule can say about a
    setting: a waiver that matches nothing there is unused.
    """
    entries = waivers.read(file, sources, rules)

    def asked(entry: waivers.Signature) -> bool:
        return any(would_find(rules[entry.waiver.rule], name) for name in {entry.setting, entry.near or entry.setting})

    findings = waivers.apply(report.findings, entries, today, asked=asked)
    return report._replace(findings=tuple(most_severe_first(findings)))
