"""What CommonSettings.php takes from outside the tree, and what is assumed of it: ``data/inputs.json``.

An input is named ``KIND:NAME``: ``server:HTTPS`` is an element of ``$_SERVER``, ``request:_GET`` another of PHP's own
variables, ``env:`` a variable of the environment, ``constant:`` a constant, ``extension:`` an extension of PHP,
``file:`` a file of the server, ``etcd:`` a key of etcd, ``ini:`` a directive of php.ini, ``function:`` the answer of a function of PHP that
works outside the tree, ``process:`` something that differs between servers or
requests, ``base:`` a setting as core or an extension gives it before, and ``private:`` a secret.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from driftcheck.core.globs import among, matches
from driftcheck.core.model import Input, InputError, Realm, Unknown, Value
from driftcheck.core.nearest import nearest
from driftcheck.core.resources import table
from driftcheck.php.values import NotEvaluated, array_key, parsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from driftcheck.core.model import Array, Result
    from driftcheck.php.run.machine import Machine
    from driftcheck.php.run.worlds import Content

CANONICAL_HOST = Input("wiki:canonical-host")
"""Stands for the host of each wiki's wgCanonicalServer."""


_DATACENTER = "env:WMF_DATACENTER"
_CLUSTER = "file:/etc/wikimedia-cluster"
"""Where trees until 2022 have the data centre from: whoever gives the one gives the other."""
_TEXTS = ("env", "server", "file", "ini")
"""What PHP has of these is a text, whatever is in it."""


class Declared(NamedTuple):
    """An input as the table declares it: its value in each realm as JSON has it, null where there is none."""

    name: str
    production: Any
    beta: Any
    why: str
    source: str


@functools.cache
def declared() -> dict[str, Declared]:
    """Every input by its name, in the order of the table."""
    return {row["name"]: Declared(**row) for row in table("inputs")["inputs"]}


def overrides(texts: Iterable[str]) -> dict[str, Any]:
    """The values that ``NAME=VALUE`` and ``NAME@REALM=VALUE`` give to inputs, by what stands before the ``=``.

    A value is JSON, or else a text as it stands; of the kinds that only have texts, a number is a text too. Raises InputError for a name that no input has.
    """
    found: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        _exists(name, bool(equals))
        data = _decoded(value)
        texts_alone = name.partition(":")[0] in _TEXTS
        found[name] = value if texts_alone and data is not None and not isinstance(data, str) else data
    return found


def _decoded(value: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(value, parse_int=parsed, parse_constant=_refused)
    except (ValueError, RecursionError, NotEvaluated):
        return value


def listed(globs: Sequence[str], overrides: Mapping[str, Any]) -> list[Declared]:
    """The inputs that match a glob, or all, with their values as the overrides leave them.

    Raises InputError for a glob that matches none.
    """
    for glob in globs:
        if not any(matches(name, glob) for name in declared()):
            raise InputError(f"{glob}: no such input{nearest(glob, declared()) or '; driftcheck inputs lists them'}")
    realms = [Inputs.of(realm, overrides).rows for realm in (Realm.PRODUCTION, Realm.BETA)]
    chosen = [row for row in declared().values() if not globs or among(row.name, globs)]
    return [row._replace(production=realms[0][row.name], beta=realms[1][row.name]) for row in chosen]


def _refused(name: str) -> None:
    raise ValueError(name)


def _exists(name: str, whole: bool) -> None:
    bare, at, realm = name.partition("@")
    if not whole:
        raise InputError(f"{name}: an input is given as NAME=VALUE")
    if at and realm not in [one.value for one in Realm]:
        raise InputError(f"{name}: no such realm; write {bare}@production or {bare}@beta")
    if bare not in declared():
        raise InputError(f"{name}: no such input{nearest(bare, declared()) or '; driftcheck inputs lists them'}")


class Inputs:
    """The inputs of one realm."""

    def __init__(self, rows: Mapping[str, Any], given: frozenset[str] = frozenset()) -> None:
        """``rows`` are values as JSON has them; ``given`` names those that somebody gave in place of what is assumed."""
        self.rows, self.named = rows, given
        self._names: dict[str, list[str]] = {}
        for row in rows:
            kind, _, name = row.partition(":")
            self._names.setdefault(kind, []).append(name)

    @classmethod
    def of(cls, realm: Realm, overrides: Mapping[str, Any]) -> Inputs:
        """Those that are declared, with the overrides for this realm, as :func:`overrides` makes them, in their place."""
        rows = {name: row.beta if realm is Realm.BETA else row.production for name, row in declared().items()}
        own: dict[str, Any] = {}
        for name, value in sorted(overrides.items(), key=lambda item: "@" in item[0]):
            bare, _, only = name.partition("@")
            if only in ("", realm.value):
                own[bare] = value
        if isinstance(own.get(_DATACENTER), str):
            own.setdefault(_CLUSTER, f"{own[_DATACENTER]}\n")
        elif isinstance(own.get(_CLUSTER), str):
            own.setdefault(_DATACENTER, own[_CLUSTER].strip())
        return cls({**rows, **own}, frozenset(own))

    def names(self, kind: str) -> list[str]:
        """The inputs of a kind."""
        return self._names.get(kind, [])

    def knows(self, kind: str, name: str) -> bool:
        """Whether an input is declared, be it as absent."""
        return f"{kind}:{name}" in self.rows

    def given(self, kind: str, name: str) -> bool:
        """Whether somebody gave the value of an input."""
        return f"{kind}:{name}" in self.named

    copies = 1
    """How often the wikis are run, each time with other inputs."""

    def attach(self, machine: Machine) -> None:
        """A machine will ask for them."""

    def content(self, kind: str, name: str, held: Content) -> Content:  # noqa: ARG002 - they are the same in every world
        """What an element of a variable of PHP is that an input gives."""
        return held

    def get(self, kind: str, name: str) -> Result | None:
        """The value of an input; None for one that is absent or not declared."""
        data = self.rows.get(f"{kind}:{name}")
        return None if data is None else as_result(data)


def as_result(data: Any) -> Result:  # noqa: ANN401 - JSON
    """A value of the table as the configuration reads it."""
    if isinstance(data, dict) and len(data) == 1:
        (key, inner), *_ = data.items()
        if key == "input":
            return Value(Input(inner))
        if key == "unknown":
            return Unknown(inner)
    if isinstance(data, (dict, list)):
        return Value(_array(data))
    return Value(data)


def _array(data: dict[str, Any] | list[Any]) -> Array:
    if isinstance(data, list):
        return {number: as_result(item) for number, item in enumerate(data)}
    return {array_key(key): as_result(item) for key, item in data.items()}
