"""What ``driftcheck fix --format json`` prints: the patch, what it removes, what it changes, and what is left."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from driftcheck import __version__
from driftcheck.core.finding import json_value
from driftcheck.core.model import MISSING, freeze

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftcheck.core.finding import Finding
    from driftcheck.repair.fixing import Fixed
    from driftcheck.repair.values import Leaf


def render(fixed: Fixed, *, applied: bool) -> str:
    """The JSON of fix, version 1 (schemas/fix-v1.schema.json)."""
    document = {
        "version": 1,
        "tool": {"name": "driftcheck", "version": __version__},
        "patch": fixed.patch.decode("utf-8", "replace"),
        "applied": applied,
        "files": sorted(fixed.files),
        "fixed": [{**_finding(finding), "how": how} for finding, how in fixed.removed],
        "refused": [{**_finding(finding), "reason": reason} for finding, reason in fixed.refused],
        "changes": _changes(fixed.leaves),
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule.id,
        "severity": finding.severity.label,
        "layer": finding.layer,
        "setting": finding.setting,
        "path": finding.path,
        "wikis": list(finding.wikis),
        "fingerprint": finding.fingerprint,
    }


def _changes(leaves: Iterable[Leaf]) -> list[dict[str, Any]]:
    """The values that change, with the wikis on which they change alike."""
    groups: dict[object, tuple[Leaf, list[str]]] = {}
    for leaf in leaves:
        key = leaf.realm, leaf.setting, leaf.path, freeze(leaf.before), freeze(leaf.after)
        groups.setdefault(key, (leaf, []))[1].append(leaf.wiki)
    return [_change(leaf, wikis) for leaf, wikis in groups.values()]


def _change(leaf: Leaf, wikis: list[str]) -> dict[str, Any]:
    """One change; a side on which there is no value is left out."""
    sides = {"before": leaf.before, "after": leaf.after}
    return {
        "setting": leaf.setting,
        "path": ".".join(map(str, leaf.path)),
        "realm": leaf.realm.value,
        "wikis": sorted(wikis),
        **{name: json_value(value) for name, value in sides.items() if value is not MISSING},
    }
