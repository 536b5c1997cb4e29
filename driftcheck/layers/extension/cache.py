"""Reports of trees that were checked before, by the ids of everything that was read.

An entry holds a report and its trace: each path that the evaluation asked for, with its blob id or its absence. It
answers only for a tree in which all of these are the same, for the same options, by the same version of driftcheck;
so it needs no expiry. An entry is JSON, and nothing in one is ever run. The folder is the user's own, and keeps the
newest entries only (:mod:`driftcheck.core.kept`).
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import driftcheck
from driftcheck import __version__
from driftcheck.core.finding import Finding, Held, Location, Side
from driftcheck.core.kept import Kind
from driftcheck.core.model import MISSING, Hole, Input, InputError, Op, Parts, Realm, Span, Step, Unknown, Value
from driftcheck.core.report import Expected, Report, SnapshotInfo
from driftcheck.core.severity import Severity
from driftcheck.layers.registry import RULES
from driftcheck.snapshot.trace import state

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.kept import Kept
    from driftcheck.core.model import Missing, Result
    from driftcheck.layers.extension.read import Run
    from driftcheck.snapshot import Snapshot
    from driftcheck.snapshot.trace import Traced

FORMAT = 5
REPORTS = Kind("driftcheck-reports", r"[0-9a-f]{24}-[0-9a-f]{24}\.json", newest=64, most=16 * 1024 * 1024)


class ReportCache:
    """Reports in a folder. ``question`` is everything besides the tree that the answer depends on."""

    def __init__(self, kept: Kept, question: object) -> None:
        self._kept = kept
        text = json.dumps([FORMAT, __version__, code_stamp(), question], sort_keys=True)
        self._key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]

    def load(self, snapshot: Snapshot) -> Report | None:
        """The report of a tree in which everything that was read then is as it was."""
        for name in self._kept.names(f"{self._key}-"):
            report = self._answer(name, snapshot)
            if report is not None:
                self._kept.used(name)
                return report
        return None

    def _answer(self, name: str, snapshot: Snapshot) -> Report | None:
        """The report in an entry, where the entry is of this tree and sound."""
        try:
            entry = _entry(self._kept.read(name))
            if all(state(snapshot, path) == known for path, known in entry["trace"].items()):
                return _report(entry["report"])
        except (InputError, KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError):
            return None
        return None

    def store(self, traced: Traced, report: Report) -> None:
        """Keep a report."""
        asked = traced.asked()
        body = json.dumps({"trace": asked, "report": _pack(report)}, separators=(",", ":")).encode()
        stamp = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:24]
        self._kept.write(f"{self._key}-{stamp}.json", body)


def remembered(kept: Kept | None, run: Run, check: Callable[[Run], Report]) -> Report:
    """The report of a run: from a folder where it is kept for the same question and files, else made and kept there.

    Without a folder, or where the statistics may change from one run to the next, it is always made.
    """
    statistics = run.options.statistics
    if kept is None or (statistics is not None and statistics.identity() is None):
        return check(run)
    cache = ReportCache(kept, run.question())
    with run.stage("cache"):
        report = cache.load(run.snapshot.untraced)
    if report is None:
        report = check(run)
        cache.store(run.snapshot, report)
    return report


@functools.cache
def code_stamp() -> str:
    """What tells two programs apart that carry one version: their files, and the libraries that they run with.

    Not by the files' times: some ways of installing give every file the same. A process runs one program: it looks once.
    """
    package = Path(driftcheck.__file__).parent
    paths = [*package.rglob("*.py"), *package.rglob("*.json"), *(package.parent / "schemas").glob("*.json")]
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted(paths):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(package.parent)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest() + _libraries()


def _libraries() -> str:
    """The packages, with their versions, that are installed beside the grammar of PHP, which decides what a file says."""
    grammar = importlib.util.find_spec("tree_sitter_php")
    beside = Path(grammar.origin).parent.parent if grammar is not None and grammar.origin else None
    names = sorted(path.name for path in beside.glob("*.dist-info")) if beside is not None else []
    return hashlib.sha256("\0".join(names).encode("utf-8", "surrogateescape")).hexdigest()


def _entry(body: bytes | None) -> dict[str, Any]:
    """An entry, decoded. Raises ValueError or TypeError for what is none."""
    entry = json.loads(body or b"")
    if not isinstance(entry, dict) or not isinstance(entry.get("trace"), dict):
        raise TypeError("not an entry")
    return entry


def _pack(report: Report) -> dict[str, Any]:
    return {
        "findings": [
            [f.rule.id, f.severity.value, f.rule.fix, f.layer, f.setting, f.path, f.wikis, f.message, _pack_side(f.production), _pack_side(f.beta),
             [[place.role, place.span] for place in f.related], f.primary_realm, f.differences,
             [[held.wikis, _pack_value(held.production), _pack_value(held.beta)] for held in f.values], f.extension]
            for f in report.findings
        ],
        "incomplete": report.incomplete,
        "coverage": report.coverage,
        "counted": report.counted,
        "files": report.files,
        "expected": report.expected,
        "snapshots": [[s.layer, s.realm, s.path, s.revision] for s in report.snapshots],
    }  # fmt: skip


def _report(packed: dict[str, Any]) -> Report:
    findings = [
        Finding(
            RULES[rule]._replace(severity=Severity(severity), fix=fix), layer, setting, path, tuple(wikis), message, _side(production), _side(beta),
            tuple(Location(role, Span(*span)) for role, span in related), Realm(realm) if realm else None, differences,
            values=tuple(Held(tuple(names), _value(ours), _value(theirs)) for names, ours, theirs in values), extension=extension,
        )
        for rule, severity, fix, layer, setting, path, wikis, message, production, beta, related, realm, differences, values, extension
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
        expected=tuple(Expected(row, reason, tuple(names), count) for row, reason, names, count in packed["expected"]),
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
    """[] is absent, [reason] unknown, [0, scalar] a scalar, [1, pairs] an array, [2, name] an input, [3, parts] a text with inputs."""
    if held is MISSING:
        return []
    if isinstance(held, Unknown):
        return [held.reason]
    if isinstance(held.data, dict):
        return [1, [[key, _pack_value(item)] for key, item in held.data.items()]]
    if isinstance(held.data, Input):
        return [2, held.data.name]
    if isinstance(held.data, Parts):
        return [3, [part if isinstance(part, str) else [part.name] for part in held.data.parts]]
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
    if kind == 2:
        return Value(Input(data))
    if kind == 3:
        return Value(Parts(tuple(part if isinstance(part, str) else Input(part[0]) for part in data)))
    return Value(data)
