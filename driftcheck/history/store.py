"""What earlier runs found out about commits, kept in the cache's folder: a run goes on where another one stopped.

One file a question: the profile, the inputs, and driftcheck itself. It is JSON, and nothing in one is ever run. A file
that is damaged, or not the user's own, is none; the folder and the files are bounded (:mod:`driftcheck.core.kept`).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftcheck.core.kept import Kind
from driftcheck.history.facts import Change, State
from driftcheck.layers.extension.cache import code_stamp
from driftcheck.layers.registry import RULES
from driftcheck.snapshot.commits import Commit
from driftcheck.snapshot.git import is_id

if TYPE_CHECKING:
    from driftcheck.core.kept import Kept
    from driftcheck.history.facts import Fact
    from driftcheck.layers.base import Options

FORMAT = 1
HISTORIES = Kind("driftcheck-history", r"[0-9a-f]{24}\.json", newest=32, most=64 * 1024 * 1024)
_SIDES = ("", "production", "beta", "both", "extension")


@dataclass
class Ledger:
    """What is known of commits, by id.

    ``parents`` has the commit before each that was looked at; one without an entry in ``changes`` changed nothing against
    it. ``states`` are of commits at which a walk began.
    """

    parents: dict[str, str] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)
    changes: dict[str, Change] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)


def name_of(options: Options) -> str:
    """The name of the file for a question."""
    profile = options.profile.identity()
    question = [
        FORMAT,
        code_stamp(),
        profile,
        options.date,
        options.extension_dir,
        options.until,
        *sorted(options.inputs.items()),
    ]
    text = json.dumps(question, sort_keys=True, default=str)
    return f"{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}.json"


def load(kept: Kept | None, name: str) -> Ledger:
    """What is known; nothing where no sound file is there."""
    if kept is None:
        return Ledger()
    try:
        return _ledger(json.loads(kept.read(name) or b""))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError):
        return Ledger()


def save(kept: Kept | None, name: str, ledger: Ledger) -> None:
    """Keep what is known."""
    if kept is not None:
        kept.write(name, json.dumps(_packed(ledger), separators=(",", ":")).encode())


def _packed(ledger: Ledger) -> dict[str, Any]:
    return {
        "runs": _runs(ledger.parents),
        "states": {
            name: [_rows(dict.fromkeys(state.facts, "")), sorted(state.unknown), state.lost]
            for name, state in ledger.states.items()
        },
        "changes": {
            name: [
                _rows(change.began),
                _rows(change.ended),
                change.lost,
                None if change.whole is None else _rows(dict.fromkeys(change.whole, "")),
            ]
            for name, change in ledger.changes.items()
        },
        "commits": ledger.commits,
    }


def _runs(parents: dict[str, str]) -> list[str]:
    """The ids in rows of neighbours, the oldest first."""
    runs: list[list[str]] = []
    for child, parent in parents.items():
        if not runs or runs[-1][-1] != parent:
            runs.append([parent])
        runs[-1].append(child)
    return [" ".join(run) for run in runs]


def _rows(facts: dict[Fact, str] | Any) -> list[Any]:  # noqa: ANN401 - any mapping
    """Facts by rule, setting, path and side, each with its wikis."""
    rows: dict[tuple[str, str, str, str], list[str]] = {}
    for (rule, setting, path, wiki), side in sorted(facts.items()):
        rows.setdefault((rule, setting, path, side), []).append(wiki)
    return [[*key, wikis] for key, wikis in rows.items()]


def _facts(rows: list[Any]) -> dict[Fact, str]:
    return {
        (_text(rule), _text(setting), _text(path), _text(wiki)): _SIDES[_SIDES.index(side)]
        for rule, setting, path, side, wikis in rows
        if rule in RULES
        for wiki in wikis
    }


def _text(held: Any) -> str:  # noqa: ANN401 - JSON
    if not isinstance(held, str):
        raise TypeError("a text was expected")
    return held


def _ledger(packed: dict[str, Any]) -> Ledger:
    """What a file says. Raises ValueError, TypeError and their like for what is none."""
    ledger = Ledger()
    for run in packed["runs"]:
        ids = run.split(" ")
        if not all(map(is_id, ids)):
            raise ValueError("not an id")
        ledger.parents.update(zip(ids[1:], ids, strict=False))
    for name, (rows, unknown, lost) in packed["states"].items():
        ledger.states[name] = State(
            frozenset(_facts(rows)), frozenset((_text(s), _text(w)) for s, w in unknown), _text(lost)
        )
    for name, (began, ended, lost, whole) in packed["changes"].items():
        ledger.changes[name] = Change(
            _facts(began), _facts(ended), _text(lost), None if whole is None else frozenset(_facts(whole))
        )
    for name, (held, moment, subject, tasks) in packed["commits"].items():
        ledger.commits[name] = Commit(_text(held), _text(moment), _text(subject), tuple(map(_text, tasks)))
    return ledger
