"""Values of a realm held against those that PHP gave, setting by setting and wiki by wiki.

A file of PHP's values is ``{"meta": {"realm": ..., "tree": ...}, "settings": {name: [{"value": V, "wikis": [..]}, ..]}}``. A wiki
in no group does not have the setting, and null is absent. ``other`` beside ``settings`` has variables of the same form
that are no settings: they are compared where both sides have them.
"""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from driftcheck.core.model import MISSING, Input, InputError, Parts, Realm, Unknown, Value, is_list, unknowns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from driftcheck.core.model import Missing, Result

KINDS = ("equal", "order", "wrong", "unknown", "missing", "extra")
"""What a value can be: ``order`` has PHP's items in another order, ``extra`` is absent in PHP, ``missing`` is absent here."""
BAD = ("order", "wrong", "missing", "extra")
_CAPITALS = {"private", "env", "etcd"}
_CONSTANT = re.compile(r"@UNDEFINED-CONST:(\w+)@")
_HOW = "driftcheck verify --help shows the form"


class Theirs(NamedTuple):
    """A file of PHP's values: each setting's value by wiki; ``other`` are the names that are no settings."""

    realm: Realm
    revision: str
    stage: str
    blocks: bool
    """Whether PHP ran only the blocks of CommonSettings.php that load ORES: the file has the settings of ORES alone."""
    settings: Mapping[str, Mapping[str, Any]]
    other: frozenset[str]


@dataclass
class Told:
    """A setting of which values are of one kind: how many, and the first of them."""

    wiki: str
    ours: Result | Missing
    theirs: Any
    count: int = 0


@dataclass
class Verdict:
    """How many values are of each kind, and the settings of those that are not equal."""

    counts: Counter[str] = field(default_factory=Counter)
    told: dict[str, dict[str, Told]] = field(default_factory=lambda: {kind: {} for kind in KINDS})

    @property
    def wrong(self) -> bool:
        """Whether any value is not what PHP has."""
        return any(self.counts[kind] for kind in BAD)


def read(path: str, content: bytes) -> Theirs:
    """A file of PHP's values, packed by gzip or not. Raises InputError where it is none."""
    import gzip
    import zlib

    try:
        document = json.loads(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)
        meta = document["meta"]
        realm = {"production": Realm.PRODUCTION, "labs": Realm.BETA, "beta": Realm.BETA}[meta["realm"]]
        named = {section: document.get(section, {}) for section in ("settings", "other")}
        settings = {
            name: {
                dbname: group["value"] for group in groups for dbname in group["wikis"] if group["value"] is not None
            }
            for section in named.values()
            for name, groups in section.items()
        }
        whole = "sapi" in meta or "ores_blocks" in meta
        return Theirs(
            realm,
            (str(meta.get("tree", "")).split() or [""])[0],
            "assignments" if whole else "arrays",
            "ores_blocks" in meta,
            settings,
            frozenset(named["other"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError, EOFError, zlib.error) as error:
        said = f"{type(error).__name__}: {error}"
        raise InputError(f"{path}: not a file of values that PHP gave ({said}); {_HOW}") from None


def compare(
    theirs: Theirs,
    dbnames: Sequence[str],
    ours: Mapping[str, Sequence[Result | Missing]],
    constant: Callable[[str], Result | None],
    wanted: Callable[[str], bool],
) -> Verdict:
    """Hold the columns of a realm against PHP's values, those settings that are wanted."""
    verdict = Verdict()
    absent: Sequence[Result | Missing] = [MISSING] * len(dbnames)
    for name in sorted({*theirs.settings, *ours}):
        if not wanted(name) or (theirs.blocks and name not in theirs.settings):
            continue
        if name in theirs.other and name not in ours:
            continue
        held = dict(zip(dbnames, ours.get(name, absent), strict=True))
        _setting(verdict, name, held, theirs.settings.get(name, {}), constant)
    return verdict


def _setting(
    verdict: Verdict,
    name: str,
    ours: Mapping[str, Result | Missing],
    theirs: Mapping[str, Any],
    constant: Callable[[str], Result | None],
) -> None:
    memo: dict[tuple[int, int], str] = {}
    for dbname in (*ours, *(theirs.keys() - ours.keys())):
        held, want = ours.get(dbname, MISSING), theirs.get(dbname, MISSING)
        if isinstance(held, Value) and held.data is None:
            held = MISSING
        if held is MISSING and want is MISSING:
            continue
        key = (id(held), id(want))
        kind = memo.get(key)
        if kind is None:
            kind = memo[key] = _kind(held, want, constant)
        verdict.counts[kind] += 1
        if kind != "equal":
            verdict.told[kind].setdefault(name, Told(dbname, held, want)).count += 1


def _kind(held: Result | Missing, want: Any, constant: Callable[[str], Result | None]) -> str:  # noqa: ANN401 - JSON
    if isinstance(held, Unknown):
        return "unknown"
    if held is MISSING or want is MISSING:
        return "missing" if held is MISSING else "extra"
    text = written(held)
    if _agree(text, want, constant, in_order=True):
        return "unknown" if any(unknowns(held)) else "equal"
    return "order" if _agree(text, want, constant, in_order=False) else "wrong"


def written(held: Result) -> Any:  # noqa: ANN401 - JSON
    """A value as a file of PHP's values has it: secrets, closures and the like as ``@KIND:NAME@``; Unknown stays."""
    if isinstance(held, Unknown):
        return held
    data = held.data
    if isinstance(data, dict):
        if is_list(data):
            return [written(item) for item in data.values()]
        return {str(key): written(item) for key, item in data.items()}
    if isinstance(data, Parts):
        return "".join(part if isinstance(part, str) else _marked(part) for part in data.parts)
    if isinstance(data, Input):
        return _marked(data)
    return _text(data) if isinstance(data, str) else data


def _marked(held: Input) -> str:
    kind, _, name = held.name.partition(":")
    return f"@{kind.upper() if kind in _CAPITALS else kind}:{name}@"


def _text(text: str) -> str:
    """A string; one that is no UTF-8 by its bytes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return f"@bytes:{base64.b64encode(text.encode('utf-8', 'surrogateescape')).decode()}@"
    return text


def _agree(held: Any, want: Any, constant: Callable[[str], Result | None], *, in_order: bool) -> bool:  # noqa: ANN401 - JSON
    """Equal JSON, type by type: 1 is neither 1.0 nor true. What is unknown agrees with everything."""
    if isinstance(held, Unknown):
        return True
    if isinstance(want, str) and (match := _CONSTANT.fullmatch(want)):
        known = constant(match[1])
        return isinstance(known, Value) and written(known) == held
    if isinstance(want, dict) and isinstance(held, dict):
        if list(held) != list(want) and (in_order or held.keys() != want.keys()):
            return False
        return all(_agree(held[key], want[key], constant, in_order=in_order) for key in want)
    if isinstance(want, list) and isinstance(held, list):
        return len(want) == len(held) and all(
            _agree(a, b, constant, in_order=in_order) for a, b in zip(held, want, strict=True)
        )
    return type(want) is type(held) and bool(want == held)
