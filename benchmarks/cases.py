"""Hold the rules against real cases: what is found at a case's bad revision, and whether it is gone at the fixed one.

    python benchmarks/cases.py CASES.jsonl --repo mediawiki-config=PATH --repo ores-deploy=PATH ...  [--only ID ...]

A line of the file is a case: repo, bad and fixed revision, setting (a name, a glob, or a list of them), wikis, kind,
detectable. The verdicts:

    found      a finding of a rule of the case's kind, on its setting and wikis, stands at bad and no longer at fixed
    noisy      such a finding stands at bad, and at fixed one of the same rule on that setting
    other      only rules of other kinds have a finding at bad that is gone at fixed
    inverted   nothing at bad, a finding at fixed
    missed     nothing at bad, nothing at fixed
    error      a revision could not be checked

Exit code 0: at least the share of --least is found and none is inverted; 1 otherwise.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tabulate import tabulate

from driftcheck.core.globs import among

RULES = {
    "production-key-beats-beta-default": ("override-shadowed",),
    "beta-inherits-production": ("override-shadowed", "shared-endpoint", "selector-unknown"),
    "misspelt-name": ("override-unread", "override-defeated"),
    "dead-override": ("override-unread", "override-redundant", "override-defeated", "extension-only-in-beta"),
    "redundant-override": ("override-redundant",),
    "override-defeated": ("override-defeated", "override-unread"),
    "override-too-late": ("override-defeated", "override-unread"),
    "wrong-shape": (
        "setting-drift",
        "selector-unknown",
        "schema-violation",
        "undetermined-value",
        "override-shadowed",
    ),
    "wrong-type": ("setting-drift",),
    "stale-override": ("setting-drift",),
    "misspelt-key": ("setting-drift",),
    "misspelt-placeholder": ("setting-drift",),
    "missing-key": ("setting-drift",),
    "wrong-host": ("shared-endpoint", "setting-drift"),
    "dead-host": ("shared-endpoint", "setting-drift"),
    "extension-off-in-beta": ("extension-off-in-beta",),
    "extension-only-in-beta": ("extension-only-in-beta",),
    "set-in-production-only": ("setting-drift", "override-shadowed"),
    "undefined-guard": ("undetermined-value", "setting-drift"),
    "null-default": ("undetermined-value", "setting-drift"),
    "wrong-tag": ("selector-unknown", "setting-drift"),
    "config-without-extension": ("dead-config", "extension-off-in-beta", "override-unread"),
    "illegal-name": ("illegal-model-name",),
}
"""The rules that name a case of a kind as what it is."""

_SERVICES = ("service", "liftwing")
"""The layers whose cases any rule names that names the place."""

Finding = dict[str, Any]


def main() -> int:
    """Run the cases, print the table, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--repo", action="append", required=True, metavar="NAME=PATH")
    parser.add_argument("--only", action="append", metavar="ID", help="only this case; repeatable")
    parser.add_argument("--jobs", type=int, default=1, help="how many runs at a time")
    parser.add_argument("--least", type=float, default=0.85, help="the share that must be found")
    parser.add_argument("-v", "--verbose", action="store_true", help="print every finding on the case's setting")
    asked = parser.parse_args()
    repos = dict(entry.split("=", 1) for entry in asked.repo)
    cases = [json.loads(line) for line in asked.cases.read_text("utf-8").splitlines() if line.strip()]
    cases = [case for case in cases if case["repo"] in repos and (not asked.only or case["id"] in asked.only)]
    with ThreadPoolExecutor(asked.jobs) as pool:
        rows = list(pool.map(lambda case: judged(case, repos[case["repo"]], verbose=asked.verbose), cases))
    print(tabulate(rows, headers=["case", "kind", "setting", "verdict", "at bad", "at fixed"], maxcolwidths=44))
    seen = [row[3] for row, case in zip(rows, cases, strict=True) if case["detectable"]]
    verdicts = Counter(seen)
    print(f"\n{len(seen)} detectable: " + ", ".join(f"{verdicts[name]} {name}" for name in sorted(verdicts)))
    return int(bool(verdicts["inverted"]) or verdicts["found"] < asked.least * len(seen))


def judged(case: dict[str, Any], repo: str, *, verbose: bool) -> list[str]:
    """A row of the table."""
    setting = ", ".join([case["setting"]] if isinstance(case["setting"], str) else case["setting"])
    try:
        bad, fixed = (about(case, findings(case, repo, case[key])) for key in ("bad", "fixed"))
    except ValueError as error:
        return [case["id"], case["kind"], setting, "error", str(error), ""]
    if verbose:
        for when, held in (("bad", bad), ("fixed", fixed)):
            for finding in held:
                print(f"{case['id']} {when:5} {finding['severity']:7} {told(finding)}", file=sys.stderr)
    return [case["id"], case["kind"], setting, verdict(case, bad, fixed), summed(bad), summed(fixed)]


def verdict(case: dict[str, Any], bad: list[Finding], fixed: list[Finding]) -> str:
    """What the findings on a case's setting at both revisions say."""
    rules = None if case["layer"] in _SERVICES else RULES.get(case["kind"])
    left = {finding["fingerprint"] for finding in fixed}
    gone = [finding for finding in bad if finding["fingerprint"] not in left]
    named = [finding for finding in gone if rules is None or finding["rule"] in rules]
    if named:
        places = {(finding["rule"], finding["setting"], finding["path"]) for finding in fixed}
        silent = [one for one in named if (one["rule"], one["setting"], one["path"]) not in places]
        return "found" if silent else "noisy"
    if gone:
        return "other"
    before = {finding["fingerprint"] for finding in bad}
    return "inverted" if any(finding["fingerprint"] not in before for finding in fixed) else "missed"


def findings(case: dict[str, Any], repo: str, revision: str) -> list[Finding]:
    """Every finding at a revision; of a case of ORES those of both profiles. Raises ValueError where it cannot be checked."""
    names = ["all", "ores"] if case["layer"] == "ores-extension" else ["all"]
    found: dict[str, Finding] = {}
    for profile in names:
        command = [sys.executable, "-m", "driftcheck", "check", "--repo", repo, "--rev", revision]
        command += ["--profile", profile, "--format", "json", "--exit-zero"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if not ran.stdout:
            raise ValueError(f"{revision}: {ran.stderr.strip()}")
        found |= {finding["fingerprint"]: finding for finding in json.loads(ran.stdout)["findings"]}
    return list(found.values())


def about(case: dict[str, Any], found: list[Finding]) -> list[Finding]:
    """The findings on the setting of a case and one of its wikis."""
    settings = [case["setting"]] if isinstance(case["setting"], str) else case["setting"]
    if case["layer"] in _SERVICES:
        words = {word for setting in settings for word in re.findall(r"[\w-]{4,}", setting)} | set(case["wikis"])
        return [one for one in found if any(word in told(one) for word in words)]
    return [
        one
        for one in found
        if (among(one["setting"], settings) or _named(one, settings))
        and (not case["wikis"] or not one["wikis"] or not {*case["wikis"]}.isdisjoint(one["wikis"]))
    ]


def _named(finding: Finding, settings: list[str]) -> bool:
    """Whether a finding is about an element of a setting, or about the loading of an extension, that a case names."""
    name, _, path = settings[0].partition(".")
    if " " in name:
        return name.split()[-1] in finding["setting"]
    return bool(path) and finding["setting"] == name and path in f"{finding['path']} {finding['message']}"


def told(finding: Finding) -> str:
    """A finding on one line."""
    path = f".{finding['path']}" if finding["path"] else ""
    at = "".join(f" {place['path']}:{place['line']}" for place in finding["locations"][:1])
    return f"{finding['rule']} {finding['setting']}{path}: {finding['message']} [{len(finding['wikis'])} wikis]{at}"


def summed(found: list[Finding]) -> str:
    """The rules of some findings, with how many of each."""
    return ", ".join(f"{rule} {count}" for rule, count in Counter(one["rule"] for one in found).most_common())


if __name__ == "__main__":
    sys.exit(main())
