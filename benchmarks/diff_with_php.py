"""Hold driftcheck diff against the difference of what PHP gave at two revisions: which settings of which wikis change.

python benchmarks/diff_with_php.py --repo REPO OLD.json.gz NEW.json.gz

The files are as driftcheck verify takes them, of one realm, for all wikis or for some, and name their revisions. Closures
are equal where they stand in one file: PHP says of one only where its line is, and driftcheck looks at its code. Those
with other code, and values that driftcheck does not know, and says so, are counted apart. Prints the counts and what
differs; exits with 1 where something does.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

_CLOSURE = re.compile(r"@closure:([^:@]*):\d+@")
_OUR_CLOSURE = re.compile(r"closure:([^:\"]*):\d+(?: \(other code\))?")


def _read(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    text = (gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content).decode()
    document: dict[str, Any] = json.loads(_CLOSURE.sub(r"@closure:\1@", text))
    return document


def _values(document: dict[str, Any]) -> dict[tuple[str, str], str]:
    """The value of each setting on each wiki, as JSON; null is absent."""
    return {
        (name, wiki): json.dumps(group["value"])
        for name, groups in document["settings"].items()
        for group in groups
        if group["value"] is not None
        for wiki in group["wikis"]
    }


def _only_code(row: dict[str, Any]) -> bool:
    """Whether two values differ in nothing but the code of closures."""
    sides = [json.dumps(row.get(side)) for side in ("before", "after")]
    return _OUR_CLOSURE.search(sides[1]) is not None and len({_OUR_CLOSURE.sub(r"\1", text) for text in sides}) == 1


def main() -> int:
    """Compare, and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repo", required=True)
    parser.add_argument("--without", default="wgAuthManagerAutoConfig", help="settings to leave out, with commas")
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    asked = parser.parse_args()
    old, new = _read(asked.old), _read(asked.new)
    realm = "beta" if new["meta"]["realm"] == "labs" else "production"
    before, after = _values(old), _values(new)
    left_out = set(asked.without.split(","))
    php = {key for key in {*before, *after} if before.get(key) != after.get(key) and key[0] not in left_out}
    revisions = [document["meta"]["tree"].split()[0] for document in (old, new)]
    command = [sys.executable, "-m", "driftcheck", "diff", "--repo", asked.repo, *revisions, "--format", "json"]
    done = subprocess.run([*command, "--realm", realm], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        print(done.stderr)
        return done.returncode
    known, wikis = ({key[part] for key in {*before, *after}} for part in (0, 1))
    ours: set[tuple[str, str]] = set()
    untold: set[tuple[str, str]] = set()
    code: set[tuple[str, str]] = set()
    for row in json.loads(done.stdout)["changes"]:
        unknown = any('"unknown"' in json.dumps(row.get(side)) for side in ("before", "after"))
        told = untold if unknown else code if _only_code(row) else ours
        if row["setting"] in known - left_out:
            told.update((row["setting"], wiki) for wiki in row["wikis"] if wiki in wikis)
    untold -= ours
    code -= ours
    missing, wrong = php - ours - untold - code, ours - php
    print(f"{revisions[0][:10]} {revisions[1][:10]} {realm}, {len(wikis)} wikis: {len(php & ours)} equal, "
          f"{len(missing)} missing, {len(wrong)} wrong, {len(untold)} not known, {len(code)} with a closure's other code")  # fmt: skip
    for words, keys in (("missing", missing), ("wrong", wrong)):
        for name, wiki in sorted(keys)[:5]:
            values = [(side.get((name, wiki)) or "absent")[:200] for side in (before, after)]
            print(f"  {words}: {name} on {wiki}: {' -> '.join(values)}")
    return int(bool(missing or wrong))


if __name__ == "__main__":
    sys.exit(main())
