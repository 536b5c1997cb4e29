"""The files that come with driftcheck: JSON schemas, and where to find them installed or in a checkout."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

from driftcheck.core.model import InputError

_PACKAGE = Path(__file__).parent.parent
# In a wheel the schemas are inside the package; in a checkout they are beside it.
_SCHEMAS = next((p for p in (_PACKAGE / "schemas", _PACKAGE.parent / "schemas") if p.is_dir()), _PACKAGE / "schemas")
_SUFFIX = ".schema.json"


def schema_names() -> list[str]:
    """The published schemas: the report's, and one for each profile that normalises."""
    return sorted(path.name.removesuffix(_SUFFIX) for path in _SCHEMAS.glob(f"*{_SUFFIX}"))


def schema_text(name: str) -> str:
    """A published schema as text. Raises InputError for a name that no schema has."""
    if name not in schema_names():
        raise InputError(f"{name}: no such schema; there are {', '.join(schema_names())}")
    return (_SCHEMAS / f"{name}{_SUFFIX}").read_text("utf-8")


@functools.cache
def table(name: str) -> dict[str, Any]:
    """A bundled table of facts (``driftcheck/data``), decoded once; nobody changes it."""
    loaded: dict[str, Any] = json.loads((_PACKAGE / "data" / f"{name}.json").read_text("utf-8"))
    return loaded


def row(name: str, key: str) -> Any:  # noqa: ANN401 - JSON
    """One entry of a bundled table that has an entry a line; None where it has none. The others are not decoded."""
    text = (_PACKAGE / "data" / f"{name}.json").read_bytes()
    start = text.find(b"\n%s: " % json.dumps(key).encode())
    if start < 0:
        return None
    line = text[start + 1 : text.index(b"\n", start + 1)]
    return json.loads(b"{%s}" % line.rstrip(b","))[key]


def row_names(name: str) -> list[str]:
    """The keys of a bundled table that has an entry a line."""
    text = (_PACKAGE / "data" / f"{name}.json").read_text("utf-8")
    return re.findall(r'^"([^"]+)": ', text, re.MULTILINE)


def recipe(name: str) -> str:
    """A bundled piece of YAML that runs driftcheck somewhere (``driftcheck/data/recipes``)."""
    return (_PACKAGE / "data" / "recipes" / f"{name}.yaml").read_text("utf-8")


@functools.cache
def schema(name: str) -> dict[str, Any]:
    """A published schema, decoded."""
    loaded: dict[str, Any] = json.loads(schema_text(name))
    return loaded
