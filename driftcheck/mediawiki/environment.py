"""The variables that CommonSettings.php sets before the settings are read: realm, datacenter, services, host names.

Until 2019 settings took values from them. The services are those of wmf-config/ProductionServices.php and
LabsServices.php, the host names those of the tree's own CommonSettings.php.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.model import Realm, Unknown, Value
from driftcheck.mediawiki.eras import DATACENTER, ROOT
from driftcheck.php.evaluator import Lazy
from driftcheck.php.program import Program

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Result
    from driftcheck.mediawiki.eras import Layout
    from driftcheck.mediawiki.inputs import Inputs
    from driftcheck.php.file import PhpFile
    from driftcheck.php.surroundings import Surroundings
    from driftcheck.snapshot import Snapshot

_LATE = ("AllServices", "LocalServices", "MasterServices", "Udp2logDest", "Hostnames")
MENTIONED = re.compile(
    rb"\$(?:GLOBALS\[')?wm[fg](?:\w*Services|Udp2logDest|Realm|\w*Datacenter|ConfigDir|Cluster|Hostnames)\b"
)
"""Finds a variable of the environment in a file's text."""
_HOSTNAME = re.compile(rb"\$wm[fg]Hostnames\['(\w+)'\]\s*=\s*'([\w.-]+)'")


class _Late(Lazy):
    """A variable that another file sets: the file is read when somebody asks."""

    __slots__ = ("_environment", "_name")

    def __init__(self, environment: RealmVariables, name: str) -> None:
        self._environment, self._name = environment, name

    def force(self) -> Result:
        """The variable's value."""
        found = self._environment.late.get(self._name)
        return found if found is not None else Unknown(f"the tree does not say ${{wmf{self._name}}}")


class RealmVariables:
    """The variables of one realm. ``optional`` answers a path with a parsed file, or None."""

    def __init__(
        self,
        realm: Realm,
        layout: Layout,
        snapshot: Snapshot,
        optional: Callable[[str], PhpFile | None],
        outside: Surroundings,
        inputs: Inputs | None = None,
    ) -> None:
        """``inputs`` are those of the realm, where somebody gave any."""
        self._layout, self._names, self._snapshot, self._inputs = layout, layout.realms[realm], snapshot, inputs
        self._beta, self._optional, self._outside = realm is Realm.BETA, optional, outside

    def _given(self, kind: str, name: str) -> str | None:
        """The text that somebody gave for an input."""
        held = self._inputs.get(kind, name) if self._inputs is not None and self._inputs.given(kind, name) else None
        return held.data if isinstance(held, Value) and isinstance(held.data, str) else None

    @functools.cached_property
    def datacenter(self) -> str:
        """The data centre: until 2022 the cluster that beta calls labs has the name of one too."""
        given = self._given("env", "WMF_DATACENTER")
        return DATACENTER if given in (None, "labs") else given

    @functools.cached_property
    def _master(self) -> str:
        return self._given("etcd", "common/WMFMasterDatacenter") or DATACENTER

    @functools.cached_property
    def variables(self) -> dict[str, Result | Lazy]:
        """Every variable, under its name before 2021 (wmf) and since (wmg)."""
        names = {"Realm": self._names.in_code, "Datacenter": self.datacenter, "MasterDatacenter": self._master,
                 "ConfigDir": f"{ROOT}/{self._layout.folder}", "Cluster": self._given("env", "WMF_DATACENTER") or self._names.cluster}  # fmt: skip
        scope: dict[str, Result | Lazy] = {}
        for prefix in ("wmf", "wmg"):
            scope |= {f"{prefix}{name}": Value(value) for name, value in names.items()}
            scope |= {f"{prefix}{name}": _Late(self, name) for name in _LATE}
        return scope

    @functools.cached_property
    def late(self) -> dict[str, Result]:
        """The variables that take reading other files."""
        return {"Hostnames": self._hostnames(), **self._services()}

    def release(self) -> None:
        """Let go of the variables, which refer to this."""
        self.__dict__.pop("variables", None)

    def _services(self) -> dict[str, Result]:
        file = self._optional(self._layout.path(self._names.services))
        found: dict[str, Result] = {}
        if file is not None:
            program = Program(file, self._outside, {"wmfDatacenter": Value(self.datacenter)})
            returned = program.returned()
            services = program.ev.variable("wmfAllServices") if returned is None else program.result()
            if reach.is_array(services):
                local, master = (reach.array(services).get(name, Value({})) for name in (self.datacenter, self._master))
                found = {"AllServices": services, "LocalServices": local, "MasterServices": master}
                found |= {"Udp2logDest": reach.array(local)["udp2log"]} if "udp2log" in reach.array(local) else {}
            program.release()
        if "Udp2logDest" not in found:
            match = re.search(rb"\$wmfUdp2logDest = '([^'\n]+)'", self._common())
            if match:
                found["Udp2logDest"] = Value(match[1].decode("utf-8", "replace"))
        return found

    def _hostnames(self) -> Result:
        """CommonSettings.php assigns both realms' names one after the other: beta's have beta in them."""
        pairs = [(name.decode(), host.decode()) for name, host in _HOSTNAME.findall(self._common())]
        return Value({name: Value(host) for name, host in pairs if ("beta" in host) == self._beta})

    def _common(self) -> bytes:
        source = self._snapshot.read(self._layout.common)
        return source.text if source is not None else b""
