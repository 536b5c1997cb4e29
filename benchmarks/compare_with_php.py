"""Hold driftcheck's effective values against PHP's, setting by setting and wiki by wiki.

    python benchmarks/compare_with_php.py --repo mediawiki-config --rev REV ORACLE.json[.gz] ...

An oracle file is what PHP computed for one realm of that revision:
{"meta": {"realm": "production" or "labs", "ores_blocks": N if CommonSettings*.php ran too, ...},
 "settings": {name: [{"value": value, "wikis": [dbname, ...]}, ...]}}; a wiki in no group does not have the setting.
One line a setting tells what differs first.
A constant that PHP did not know reads @UNDEFINED-CONST:NAME@ there and counts as the constant's value.

Exit code 0: no difference, and nothing unknown; 1 otherwise. Unknown values are told apart from differences.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from driftcheck.core.model import MISSING, Realm, Unknown, Value, has_unknown, plain, unknowns
from driftcheck.layers.base import Options
from driftcheck.layers.extension import profiles
from driftcheck.layers.extension.read import Run
from driftcheck.snapshot import open_snapshot

_SENTINEL = re.compile(r"@UNDEFINED-CONST:(\w+)@")
_SHOWN = 20


def main() -> int:
    """Compare each file; the number of files that differ decides the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repo", required=True)
    parser.add_argument("--rev", help="the revision [default: the one that the file's meta names]")
    parser.add_argument("files", nargs="+", type=Path)
    arguments = parser.parse_args()
    verdicts = [compare(path, arguments.repo, arguments.rev) for path in arguments.files]
    return int(not all(verdicts))


def compare(path: Path, repo: str, revision: str | None) -> bool:
    """Whether one file agrees with driftcheck in every value; prints what does not."""
    content = path.read_bytes()
    oracle = json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)
    meta, settings = oracle["meta"], oracle["settings"]
    realm = Realm.BETA if meta["realm"] == "labs" else Realm.PRODUCTION
    revision = revision or meta["tree"].split()[0]
    started = time.perf_counter()
    got, known_constants = effective(repo, revision, realm, list(settings), meta)
    took = time.perf_counter() - started
    values = differing = unknown = 0
    told: dict[str, str] = {}
    for name, groups in settings.items():
        wanted = {dbname: group["value"] for group in groups for dbname in group["wikis"]}
        ours = got.get(name, {})
        for dbname in sorted({*wanted, *ours}):
            values += 1
            held, want = ours.get(dbname, MISSING), wanted.get(dbname, MISSING)
            if held is not MISSING and has_unknown(held):
                unknown += 1
                told.setdefault(name, f"  unknown  {name} on {dbname}: {next(unknowns(held))[1].reason}")
            elif not agree(want, MISSING if held is MISSING else plain(held), known_constants):
                differing += 1
                told.setdefault(
                    name, f"  differs  {name} on {dbname}: PHP {_short(want)}, driftcheck {_short(plain(held))}"
                )
    print(f"{path.name}: {revision[:10]} {realm.value}: {len(settings)} settings, {values} values, "
          f"{differing} differences, {unknown} unknown, {took:.2f} s")  # fmt: skip
    for line in list(told.values())[:_SHOWN]:
        print(line)
    if len(told) > _SHOWN:
        print(f"  and {len(told) - _SHOWN} more")
    return not told


def effective(
    repo: str, revision: str, realm: Realm, names: list[str], meta: dict[str, Any]
) -> tuple[dict[str, dict[str, Any]], Any]:
    """{setting: {dbname: result}} at the stage that the oracle's file stands for."""
    blocks = "ores_blocks" in meta
    profile = profiles.load("ores", names) if blocks else profiles.load("all")
    with closing(open_snapshot(repo, revision=revision)) as snapshot:
        run = Run(snapshot, Options(profile))
        side = run.realm(realm, "assignments" if blocks else "arrays")
        columns = side.assigned if blocks else side.arrays
        dbnames = [wiki.dbname for wiki in side.wikis]
        got = {
            name: {dbname: held for dbname, held in zip(dbnames, columns[name], strict=True) if held is not MISSING}
            for name in names
            if name in columns
        }
        return got, run.config.tree.outside.constants


def agree(want: Any, held: Any, constants: Any) -> bool:
    """Equal JSON, type by type; 1 is not 1.0 and not true."""
    if isinstance(want, str) and (match := _SENTINEL.fullmatch(want)):
        known = constants(match[1])
        return isinstance(known, Value) and known.data == held
    if isinstance(want, dict) and isinstance(held, dict):
        return list(want) == list(held) and all(agree(want[key], held[key], constants) for key in want)
    if isinstance(want, list) and isinstance(held, list):
        return len(want) == len(held) and all(agree(a, b, constants) for a, b in zip(want, held, strict=True))
    return type(want) is type(held) and want == held


def _short(value: Any) -> str:
    text = (
        "absent"
        if value is MISSING
        else json.dumps(value, default=lambda u: f"?{u.reason}" if isinstance(u, Unknown) else str(u))
    )
    return text if len(text) < 160 else text[:157] + "..."


if __name__ == "__main__":
    sys.exit(main())
