"""Writing waivers: more rows at the end of a file that keeps its comments and its order."""

from __future__ import annotations

import glob
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from driftcheck.core.characters import yaml_string
from driftcheck.core.finding import json_value
from driftcheck.core.globs import among, is_too_long
from driftcheck.core.model import MISSING, InputError
from driftcheck.core.nearest import nearest
from driftcheck.yaml import own

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from driftcheck.core.finding import Finding

SHORTEST = 4
"""How many characters of a fingerprint are enough to ask by it; git has as many."""
_HEADER = """\
# Approved differences between production and beta. driftcheck check reads this file;
# driftcheck waive FINGERPRINT --reason ... --owner ... --until ... appends to it.
version: 1
waivers:
"""


class Terms(NamedTuple):
    """Reason, owner and last day (YYYY-MM-DD) of a waiver; ``wikis`` are globs, empty for all."""

    reason: str
    owner: str
    until: str
    task: str = ""
    wikis: tuple[str, ...] = ()

    def row(self) -> dict[str, str]:
        """What the file of waivers has of it."""
        return {"reason": self.reason, "owner": self.owner, "until": self.until} | (
            {"task": self.task} if self.task else {}
        )


_EMPTY = re.compile(r"^waivers:[ \t]*\[[ \t]*\]([ \t]*(?:#.*)?\r?)$", re.MULTILINE)
"""A list of waivers that is there, and empty."""


def meant(findings: Iterable[Finding], text: str, rules: Collection[str]) -> list[Finding]:
    """The findings that a text means: the beginning of a fingerprint, RULE, or RULE:SETTING, a path as far as it goes (globs).

    Raises InputError for a text that is neither, and for a beginning that several findings have.
    """
    rule, _, setting = text.partition(":")
    if rule in rules:
        return [f for f in findings if f.rule.id == rule and _is_below(_dotted(f), setting or "*")]
    if re.fullmatch(r"[0-9a-f]{1,32}", text) is None:
        raise InputError(
            f"{text}: neither a fingerprint nor a rule{nearest(rule, list(rules))}; driftcheck check shows both"
        )
    if len(text) < SHORTEST:
        raise InputError(f"{text}: too short for a fingerprint; give at least {SHORTEST} of its characters")
    found = [finding for finding in findings if finding.fingerprint.startswith(text)]
    if len({finding.fingerprint for finding in found}) > 1:
        raise InputError(f"{text}: several findings have this fingerprint; give more of its characters")
    return found


def _is_below(dotted: str, glob: str) -> bool:
    """Whether a setting with its path is what a glob names, or a part of it."""
    return among(dotted, (glob, f"{glob}.*"))


def _dotted(finding: Finding) -> str:
    return f"{finding.setting}.{finding.path}" if finding.path else finding.setting


def appended(name: str, existing: bytes | None, findings: Iterable[Finding], terms: Terms) -> str:
    """The text of a file of waivers with a waiver of each finding at its end; what is there stays as it is, comments included.

    Raises InputError where the list of waivers is not the last key of the file, or nothing can be put at its end.
    """
    text, indent, there = _HEADER, "  ", []
    if existing is not None:
        there = _waivers(name, existing)
        text = _EMPTY.sub(r"waivers:\1", existing.decode())
        text += "" if text.endswith("\n") else "\n"
        begun = re.search(r"^waivers:(?:.*\n)+?( *)- ", text, re.MULTILINE)
        indent = begun[1] if begun else indent
    rows = [_row(finding, terms, indent) for finding in findings]
    text += "".join(rows)
    try:
        held = _waivers(name, text.encode())
    except InputError:
        held = []
    if held[: len(there)] != there or len(held) != len(there) + len(rows):
        raise InputError(
            f"{name}: no waiver can be added to the list as it is written; write each of it on lines that begin with a dash"
        )
    return text


def _waivers(name: str, content: bytes) -> list[object]:
    """The list of waivers in a file. Raises InputError where it is not the file's last key."""
    document = own.load(name, content)
    keys = list(document) if isinstance(document, dict) else []
    if keys[-1:] != ["waivers"] or not isinstance(document["waivers"], (list, type(None))):
        raise InputError(f"{name}: the list of waivers must be the file's last key; move it to the end")
    return list(document["waivers"] or ())


def _row(finding: Finding, terms: Terms, indent: str) -> str:
    """One waiver as lines of YAML."""
    names = {key: glob.escape(name) for key, name in (("setting", finding.setting), ("path", finding.path))}
    written = {key: name for key, name in names.items() if not is_too_long(name)}  # the fingerprint says the rest
    row: dict[str, Any] = {"rule": finding.rule.id} | written
    if terms.wikis:
        row["wikis"] = list(terms.wikis)
    values = {
        side: "(absent)" if held is MISSING else json_value(held)
        for side, held in (("production", finding.production.value), ("beta", finding.beta.value))
    }
    # Either way the waiver ends when a value moves on; maps are too long to be read here.
    short = not any(isinstance(value, (dict, list)) or value != _writable(value) for value in values.values())
    row |= values if short and written == names else {"fingerprint": finding.fingerprint}
    row |= terms.row()
    lines = [f"{key}: {value if key == 'until' else _yaml(value)}" for key, value in row.items()]
    return f"{indent}- {lines[0]}\n" + "".join(f"{indent}  {line}\n" for line in lines[1:])


def _yaml(value: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return f"[{', '.join(map(_yaml, value))}]"
    return yaml_string(_writable(value)) if isinstance(value, str) else json.dumps(value)


def _writable(value: Any) -> Any:  # noqa: ANN401 - JSON
    """YAML has no lone surrogates; the question mark in their place matches them where a name is a glob."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
