"""Reports of trees that were checked before, by the ids of everything that was read.

An entry holds a report and its trace: each path that the evaluation asked for, with its blob id or its absence. It
answers only for a tree in which all of these are the same, for the same options, by the same version of driftcheck;
so it needs no expiry. The format is JSON behind a checksum: a torn or foreign file is no entry, and nothing in one
is ever run. The folder keeps the newest entries only.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import driftcheck
from driftcheck import __version__
from driftcheck.core.finding import Finding, Location, Report, Severity, Side, SnapshotInfo
from driftcheck.core.model import MISSING, Hole, InputError, Op, Realm, Span, Step, Unknown, Value
from driftcheck.layers.registry import RULES

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Missing, Result
    from driftcheck.layers.extension.read import Run
    from driftcheck.snapshot import Snapshot
    from driftcheck.snapshot.trace import Traced

FORMAT = 3
MAX_ENTRIES = 64
MAX_BYTES = 8 * 1024 * 1024


class ReportCache:
    """Reports in a folder. ``question`` is everything besides the tree that the answer depends on."""

    def __init__(self, folder: Path, question: object) -> None:
        """Raises InputError where the folder cannot be made or written."""
        self._folder = folder
        text = json.dumps([FORMAT, __version__, _code_stamp(), question], sort_keys=True)
        self._key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(folder, error) from None
        if not os.access(folder, os.W_OK | os.X_OK):
            raise _unwritable(folder, PermissionError(13, "Permission denied"))

    def load(self, snapshot: Snapshot) -> Report | None:
        """The report of a tree in which everything that was read then is as it was."""
        for path in self._folder.glob(f"{self._key}-*.json"):
            entry = _read(path)
            if entry is None:
                continue
            try:
                if all(snapshot.blob_id(name) == object_id for name, object_id in entry["trace"].items()):
                    report = _report(entry["report"])
                    os.utime(path)
                    return report
            except (InputError, OSError, KeyError, TypeError, ValueError, AttributeError, IndexError):
                continue
        return None

    def store(self, traced: Traced, report: Report) -> None:
        """Keep a report. Written beside and moved into place, so that no reader sees half of it.

        Raises InputError where the folder cannot be written.
        """
        asked = traced.asked()
        body = json.dumps({"trace": asked, "report": _pack(report)}, separators=(",", ":")).encode()
        if len(body) > MAX_BYTES:
            return
        stamp = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:24]
        digest = hashlib.sha256(body).hexdigest().encode()
        try:
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
            with os.fdopen(handle, "wb") as out:
                out.write(digest + b"\n" + body)
            Path(name).replace(self._folder / f"{self._key}-{stamp}.json")
        except OSError as error:
            raise _unwritable(self._folder, error) from None
        self._prune()

    def _prune(self) -> None:
        try:
            found = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
            for path in found[MAX_ENTRIES:]:
                path.unlink(missing_ok=True)
        except OSError:
            # Another run prunes the same folder: whoever comes last has less to do.
            return


def remembered(folder: Path | None, run: Run, check: Callable[[Run], Report]) -> Report:
    """The report of a run: from a folder where it is kept for the same question and files, else made and kept there.

    Without a folder, or where the statistics may change from one run to the next, it is always made.
    """
    statistics = run.options.statistics
    if folder is None or (statistics is not None and statistics.identity() is None):
        return check(run)
    cache = ReportCache(folder, run.question())
    with run.stage("cache"):
        report = cache.load(run.snapshot.untraced)
    if report is None:
        report = check(run)
        cache.store(run.snapshot, report)
    return report


def _unwritable(folder: Path, error: OSError) -> InputError:
    return InputError(
        f"{folder}: the cache cannot be written ({error.strerror}); name another with --cache-dir, or use --no-cache"
    )


def _code_stamp() -> str:
    """What tells two states of a checkout apart that carry one version: the newest change of the package's files."""
    package = Path(driftcheck.__file__).parent
    files = [*package.rglob("*.py"), *package.rglob("*.json"), *(package.parent / "schemas").glob("*.json")]
    return str(max(path.stat().st_mtime_ns for path in files))


def _read(path: Path) -> dict[str, Any] | None:
    try:
        if path.stat().st_size > MAX_BYTES + 100:
            return None
        digest, _, body = path.read_bytes().partition(b"\n")
        if hashlib.sha256(body).hexdigest().encode() != digest:
            return None
        entry = json.loads(body)
    except (OSError, ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) and isinstance(entry.get("trace"), dict) else None


def _pack(report: Report) -> dict[str, Any]:
    return {
        "findings": [
            [f.rule.id, f.severity.value, f.rule.fix, f.layer, f.setting, f.path, f.wikis, f.message, _pack_side(f.production), _pack_side(f.beta),
             [[place.role, place.span] for place in f.related], f.primary_realm, f.differences]
            for f in report.findings
        ],
        "incomplete": report.incomplete,
        "coverage": report.coverage,
        "counted": report.counted,
        "files": report.files,
        "snapshots": [[s.layer, s.realm, s.path, s.revision] for s in report.snapshots],
    }  # fmt: skip


def _report(packed: dict[str, Any]) -> Report:
    findings = [
        Finding(
            replace(RULES[rule], severity=Severity(severity), fix=fix), layer, setting, path, tuple(wikis), message, _side(production), _side(beta),
            tuple(Location(role, Span(*span)) for role, span in related), Realm(realm) if realm else None, differences,
        )
        for rule, severity, fix, layer, setting, path, wikis, message, production, beta, related, realm, differences
        in packed["findings"]
    ]  # fmt: skip
    holes = tuple(Hole(reason, Span(*span) if span else None) for reason, span in packed["incomplete"])
    snapshots = tuple(SnapshotInfo(*info) for info in packed["snapshots"])
    return Report(
        tuple(findings),
        holes,
        snapshots,
        dict(packed["coverage"]),
        tuple(packed["files"]),
        {name: tuple(names) for name, names in packed["counted"].items()},
    )


def _pack_side(side: Side) -> list[Any]:
    return [_pack_value(side.value), side.span, side.steps]


def _side(packed: list[Any]) -> Side:
    value, span, steps = packed
    return Side(
        _value(value),
        Span(*span) if span else None,
        tuple(Step(Op(op), via, Span(*at) if at else None) for op, via, at in steps),
    )


def _pack_value(held: Result | Missing) -> list[Any]:
    """[] is absent, [reason] unknown, [0, scalar] a scalar, [1, pairs] an array."""
    if held is MISSING:
        return []
    if isinstance(held, Unknown):
        return [held.reason]
    if isinstance(held.data, dict):
        return [1, [[key, _pack_value(item)] for key, item in held.data.items()]]
    return [0, held.data]


def _value(packed: list[Any]) -> Result | Missing:
    if not packed:
        return MISSING
    if len(packed) == 1:
        return Unknown(str(packed[0]))
    kind, data = packed
    if kind == 1:
        array: dict[int | str, Result] = {}
        for key, item in data:
            held = _value(item)
            if held is not MISSING:
                array[key] = held
        return Value(array)
    return Value(data)
