"""Writing a waiver: one more row at the end of a file that keeps its comments and its order."""

from __future__ import annotations

import glob
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from driftcheck.core.characters import yaml_string
from driftcheck.core.finding import json_value
from driftcheck.core.model import MISSING, InputError
from driftcheck.yaml import own

if TYPE_CHECKING:
    from driftcheck.core.finding import Finding

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


def appended(name: str, existing: bytes | None, finding: Finding, terms: Terms) -> str:
    """The text of a file of waivers with one more at its end; what is there stays as it is, comments included.

    Raises InputError where the list of waivers is not the last key of the file.
    """
    text = _HEADER
    indent = "  "
    if existing is not None:
        document = own.load(name, existing)
        keys = list(document) if isinstance(document, dict) else []
        if keys[-1:] != ["waivers"] or not isinstance(document["waivers"], (list, type(None))):
            raise InputError(f"{name}: the list of waivers must be the file's last key; move it to the end")
        text = existing.decode()
        text += "" if text.endswith("\n") else "\n"
        shown = re.findall(r"^( *)- ", text[text.rindex("waivers:") :], re.MULTILINE)
        indent = shown[-1] if shown else indent
    row: dict[str, Any] = {"rule": finding.rule.id} | {
        key: glob.escape(name) for key, name in (("setting", finding.setting), ("path", finding.path))
    }
    if terms.wikis:
        row["wikis"] = list(terms.wikis)
    values = {
        side: "(absent)" if held is MISSING else json_value(held)
        for side, held in (("production", finding.production.value), ("beta", finding.beta.value))
    }
    # Either way the waiver ends when a value moves on; maps are too long to be read here.
    short = not any(isinstance(value, (dict, list)) or value != _writable(value) for value in values.values())
    row |= values if short else {"fingerprint": finding.fingerprint}
    row |= {"reason": terms.reason, "owner": terms.owner, "until": terms.until}
    row |= {"task": terms.task} if terms.task else {}
    lines = [f"{key}: {value if key == 'until' else _yaml(value)}" for key, value in row.items()]
    return text + f"{indent}- {lines[0]}\n" + "".join(f"{indent}  {line}\n" for line in lines[1:])


def _yaml(value: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return f"[{', '.join(map(_yaml, value))}]"
    return yaml_string(_writable(value)) if isinstance(value, str) else json.dumps(value)


def _writable(value: Any) -> Any:  # noqa: ANN401 - JSON
    """YAML has no lone surrogates; the question mark in their place matches them where a name is a glob."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
