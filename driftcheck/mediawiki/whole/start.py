"""How a page view begins: the request, MWMultiVersion, core's classes; then CommonSettings.php runs."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Value
from driftcheck.mediawiki.eras import ROOT
from driftcheck.mediawiki.inputs import CANONICAL_HOST, Inputs
from driftcheck.mediawiki.whole.arrays import Arrays
from driftcheck.mediawiki.whole.surroundings import Surroundings
from driftcheck.php.evaluator import Lazy
from driftcheck.php.run.arrays import PhpArray
from driftcheck.php.run.classes import new
from driftcheck.php.run.functions import invoke
from driftcheck.php.run.inclusions import hoist
from driftcheck.php.run.machine import Machine
from driftcheck.php.run.objects import Closure, Instance
from driftcheck.php.run.program import Program
from driftcheck.php.run.worlds import SEVERAL, Slot
from driftcheck.php.syntax import children

if TYPE_CHECKING:
    from driftcheck.core.model import Realm, Result
    from driftcheck.mediawiki.settings import RealmConfig
    from driftcheck.mediawiki.tree import Tree
    from driftcheck.php.run.machine import Watch

_COMMON = f"{ROOT}/wmf-config/CommonSettings.php"
_MULTIVERSION = f"{ROOT}/multiversion/MWMultiVersion.php"
_HOST = Value(CANONICAL_HOST)
_NO_VERSION = "php-unknown"
_EXTRACT = re.compile(rb"\bextract\s*\(")
_SITE_CONFIGURATIONS = (
    "tests/data/SiteConfiguration.php",
    "src/StaticSiteConfiguration.php",
    "tests/SiteConfiguration.php",
)


def run(
    tree: Tree, realm: Realm, config: RealmConfig, inputs: Inputs | None = None, watch: Watch | None = None
) -> Machine:
    """CommonSettings.php for every wiki of a realm, while something watches; the machine as it stands at its end.

    ``inputs`` are those of the tree if none are given; the wikis are run as often as they have copies.
    """
    inputs = inputs or Inputs.of(realm, tree.inputs)
    host = Surroundings(tree, realm, config, Arrays(config, inputs.copies), inputs)
    machine = Machine(host, len(config.wikis) * inputs.copies)
    machine.watch = watch
    host.attach(machine)
    _request(machine, host)
    program = Program(machine)
    _begin(machine, host, program)
    program.run(_COMMON)
    return machine


def code_value(data: Any) -> Value:  # noqa: ANN401 - whatever a value may hold
    """A value that no code made."""
    return Value(data)


def _each(machine: Machine, host: Surroundings, values: list[Any]) -> Slot:
    """A slot that has another value for each wiki."""
    slot = Slot(machine.everyone, first=SEVERAL)
    slot.put([(1 << number, Value(data)) for number, data in enumerate(values * host.inputs.copies)])
    machine.references = True
    return slot


def _request(machine: Machine, host: Surroundings) -> None:
    """The request: an anonymous GET of the main page over HTTPS."""
    hosts = []
    servers = host.columns.get("wgCanonicalServer")
    for number, wiki in enumerate(host.config.wikis):
        held = servers.at(number)[1] if servers is not None else MISSING
        text = held.data if isinstance(held, Value) and isinstance(held.data, str) else f"//{wiki.dbname}.invalid"
        hosts.append(text.partition("//")[2])
    name = _each(machine, host, hosts)
    server: dict[Any, Any] = {}
    for key in host.inputs.names("server"):
        value = host.inputs.get("server", key)
        held = host.inputs.content("server", key, MISSING if value is None else name if value == _HOST else value)
        if held is not MISSING:
            server[key] = held
    machine.variable("_SERVER").put([(machine.everyone, Value(PhpArray(server)))])
    for variable in host.inputs.names("request"):
        value = host.inputs.get("request", variable)
        held = host.inputs.content("request", variable, Value({}) if value is None else value)
        machine.variable(variable).put(held.facets if isinstance(held, Slot) else [(machine.everyone, held)])


def _begin(machine: Machine, host: Surroundings, program: Program) -> None:
    """What an entry point has done before: MWMultiVersion knows the wiki, and core has its classes."""
    path = next((path for path in _SITE_CONFIGURATIONS if host.tree.optional(path) is not None), None)
    code = None if path is None else machine.code(f"{ROOT}/{path}")
    if code is not None:
        nodes = children(code.file.root)
        machine.each(machine.everyone, lambda: hoist(machine, code, nodes), _given_up)
    machine.variable("wgConf").put([(machine.everyone, code_value(Instance("SiteConfiguration", None)))])
    if machine.code(_MULTIVERSION) is not None:
        program.run(_MULTIVERSION)
    else:
        _as_it_would_be(machine, host)
    common = host.tree.snapshot.read(host.tree.layout.common)
    if common is not None and not _EXTRACT.search(common.text):
        machine.late.update({name: functools.partial(host.columns.__getitem__, name) for name in host.columns})
    _instance(machine, host)


def _as_it_would_be(machine: Machine, host: Surroundings) -> None:
    """What MWMultiVersion.php leaves behind, for a tree that does not have it."""
    for name, held in host.tree.environment(host.realm).variables.items():
        value = held.force() if isinstance(held, Lazy) else held
        if isinstance(value, Value):
            machine.variable(name).put([(machine.everyone, value)])
    wikis = host.config.wikis * host.inputs.copies
    machine.variable("wgDBname").put([(1 << number, Value(wiki.dbname)) for number, wiki in enumerate(wikis)])
    for number, wiki in enumerate(wikis):
        for name, text in wiki.replacements:
            machine.variable(name[1:]).put([(1 << number, Value(text))])


def _given_up(_mask: int, _reason: str) -> None:
    """What could not be set up here is missed, and told, where CommonSettings.php asks for it."""


def _instance(machine: Machine, host: Surroundings) -> None:
    def make() -> None:
        declaration = machine.classes.find("MWMultiVersion")
        if declaration is None:
            return
        instance = new(machine, "MWMultiVersion", declaration)
        instance.properties[declaration.key("db")] = _each(machine, host, [wiki.dbname for wiki in host.config.wikis])
        slot = declaration.static("instance")
        if slot is not None:
            machine.turn.writes[slot] = code_value(instance)

    machine.each(machine.everyone, make, _given_up)
    machine.variable("IP").put([(machine.everyone, Value(f"{ROOT}/{_NO_VERSION}"))])

    def path() -> None:
        held = machine.classes.find("MWMultiVersion")
        version: Result = Value(_NO_VERSION)
        if held is not None:
            method = held.method("getVersion") or held.method("getVersionNumber")
            slot = held.static("instance")
            found = machine.turn.through(slot) if slot is not None else MISSING
            if method is not None and isinstance(found, Value):
                called = Closure(method, this=found.data, within=held)  # type: ignore[arg-type]
                version = invoke(machine.frame, called, [])
        text = version.data if isinstance(version, Value) and isinstance(version.data, str) else _NO_VERSION
        machine.frame.set("IP", Value(f"{ROOT}/{text if text.startswith('php-') else 'php-' + text}"))

    machine.each(machine.everyone, path, _given_up)
