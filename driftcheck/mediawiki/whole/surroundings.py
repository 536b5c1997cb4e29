"""MediaWiki, the request and the cluster, as far as CommonSettings.php sees them."""

from __future__ import annotations

import functools
import json
import posixpath
import re
from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, InputError, Unknown, Value
from driftcheck.mediawiki.dblists import DbLists
from driftcheck.mediawiki.eras import ROOT
from driftcheck.mediawiki.whole.functions import FUNCTIONS, answered
from driftcheck.mediawiki.whole.methods import METHODS
from driftcheck.mediawiki.whole.secrets import declare, written
from driftcheck.php.literals import BUILT_IN
from driftcheck.php.run.arrays import PhpArray
from driftcheck.php.run.host import Host
from driftcheck.php.run.objects import Instance, Perhaps
from driftcheck.php.run.worlds import Slot
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from driftcheck.core.model import Realm, Result
    from driftcheck.mediawiki.inputs import Inputs
    from driftcheck.mediawiki.settings import RealmConfig
    from driftcheck.mediawiki.tree import Tree
    from driftcheck.mediawiki.whole.arrays import Arrays
    from driftcheck.php.file import PhpFile
    from driftcheck.php.run.library import Call
    from driftcheck.php.run.machine import Machine
    from driftcheck.php.run.worlds import Content


_PRIVATE = "PrivateSettings"
"""Notes that private/PrivateSettings.php was read."""
_SECRET = re.compile("wm[fg][A-Z]")


class Surroundings(Host):
    """MediaWiki, the request and the cluster, as far as CommonSettings.php sees them."""

    def __init__(self, tree: Tree, realm: Realm, config: RealmConfig, columns: Arrays, inputs: Inputs) -> None:
        super().__init__()
        self.tree, self.realm, self.config, self.columns = tree, realm, config, columns
        self.inputs = inputs
        self._lists: dict[str, Value] = {}
        self.globals = standing_for("@globals")
        self.settings = standing_for("@settings")
        self._versions: dict[str, Value] = {}
        self._secrets: dict[str, Content] = {}

    def attach(self, machine: Machine) -> None:
        """A machine will run in these surroundings."""
        super().attach(machine)
        self._machine = machine
        self.inputs.attach(machine)

    # -- files -----------------------------------------------------------------------------------------------------

    def relative(self, path: str) -> str:
        """A path of the tree as the snapshot has it; any other stays."""
        return posixpath.relpath(path, ROOT) if path.startswith(ROOT + "/") else path

    def file(self, path: str) -> PhpFile | None:
        """A file of the tree, but for those whose outcome is worked out otherwise."""
        name = self.relative(path)
        if name.startswith("/") or self._answered(name):
            return None
        return self.tree.optional(name)

    def _answered(self, name: str) -> bool:
        return name.endswith(
            ("/InitialiseSettings.php", "/InitialiseSettings-labs.php", "/PrivateSettings.php", "vendor/autoload.php")
        ) or name.startswith("php-")

    def included(self, path: str, machine: Machine, held: Value) -> Any:  # noqa: ANN401 - as Host.included
        """Secrets, and the old form of loading an extension."""
        name = self.relative(path)
        if name.endswith("/PrivateSettings.php"):
            declare(self.tree, machine, self.inputs)
            self.note(machine, _PRIVATE, held)
            return True
        if (
            name.endswith(("/InitialiseSettings.php", "/InitialiseSettings-labs.php", "vendor/autoload.php"))
            or name.startswith("php-")
            or name == "wmf-config/checkers.php"  # until 2013: private, and of functions alone
            or "ExtensionMessages" in name
        ):
            self._loaded_by_path(name, machine, held)
            return True
        return None

    def _loaded_by_path(self, name: str, machine: Machine, held: Value) -> None:
        """``require "$IP/extensions/X/X.php"``: the last folder of extensions or skins in the path has it by name.

        ``Wikidata.credits.php`` loads nothing: it says what a build was made of.
        """
        if name.endswith(".credits.php"):
            return
        parts = name.split("/")
        at = max((n for n, part in enumerate(parts[:-2], 1) if part in ("extensions", "skins")), default=0)
        if at:
            self.note(machine, f"{parts[at - 1][:-1]}:{parts[at]}", held)

    def returned(self, path: str) -> Result | None:
        """The compiled list of versions."""
        name = self.relative(path)
        if name.startswith("wikiversions") and name.endswith(".php"):
            source = self.tree.snapshot.read(name[:-4] + ".json")
            if source is not None and name not in self._versions:
                rows = json.loads(source.text)
                self._versions[name] = Value({key: Value(text, source, 0) for key, text in rows.items()})
            return self._versions.get(name)
        return None

    # -- variables and constants -----------------------------------------------------------------------------------

    def absent(self, name: str) -> Content:
        """Core's own content, of which it is only known that there is one; or a secret that nothing declares."""
        if name == "wgGroupPermissions" and (self.tree.snapshot.date() or "9") < "2019" and self._old_flagged_revs:
            return Value(PhpArray({"reviewer": Value({})}, 0, name))
        held = self.inputs.get("base", name)
        if held is None:
            return self._undeclared(name)
        if isinstance(held, Unknown) or not isinstance(held.data, dict):
            return held
        return Value(PhpArray(held.data, None, "" if self.inputs.given("base", name) else name))

    def _undeclared(self, name: str) -> Content:
        """A secret that only private/PrivateSettings.php can set, where that file was read before."""
        read = self._machine.events.get(_PRIVATE)
        if not _SECRET.match(name) or read is None or self._machine.turn.read(read) is MISSING:
            return MISSING
        if name not in self._secrets:
            told = name in self.columns or self.inputs.knows("base", name) or written(self.tree, name)
            self._secrets[name] = MISSING if told else Value(Perhaps(f"private:{name}"))
        return self._secrets[name]

    @functools.cached_property
    def _old_flagged_revs(self) -> bool:
        """Whether FlaggedRevs is loaded by its PHP file, which gives its groups before the configuration goes on."""
        return any(
            (source := self.tree.snapshot.read(f"wmf-config/{name}.php")) is not None
            and b"FlaggedRevs/FlaggedRevs.php" in source.text
            for name in ("flaggedrevs", "CommonSettings")
        )

    def based(self, name: str) -> bool:
        """A setting of MediaWiki may have a content before the configuration runs."""
        return name.startswith("wg")

    def constant(self, name: str) -> Result | None:
        """PHP's and MediaWiki's constants."""
        held = self.inputs.get("constant", name)
        if self.inputs.given("constant", name) or (held is None and self.inputs.knows("constant", name)):
            return held
        found = self.tree.outside.constants(name) or held
        return Value(BUILT_IN[name]) if found is None and name in BUILT_IN else found

    def has_function(self, name: str) -> bool:
        """Whether a function exists; those of a web server's module do not in php-fpm. Raises Undecided where that is not known."""
        return self.function(name) is not None or (not name.startswith("apache_") and super().has_function(name))

    def has_class(self, name: str) -> bool:
        """Whether a class exists: MediaWiki's own are not loaded when configuration asks."""
        return name in ("SiteConfiguration", "EtcdConfig")

    def opaque(self, name: str, given: list[Result]) -> bool:  # noqa: ARG002 - whatever it is made of
        """Objects of MediaWiki's classes are made, and nothing of them is known but their class."""
        return True

    def static(self, machine: Machine, class_name: str, name: str) -> Slot:
        """A static property of a class of an extension, which only is written."""
        return machine.events.setdefault(f"{class_name}::${name}", Slot(machine.everyone))

    # -- functions -------------------------------------------------------------------------------------------------

    def function(self, name: str) -> Callable[[Call], Result] | None:
        """MediaWiki's functions, and PHP's that look outside."""
        return FUNCTIONS.get(name)

    def answer(self, call: Call) -> Result:
        """What a function of PHP answers whose effect is outside the program."""
        return answered(call)

    def noted(self, name: str, node: Node) -> set[str] | None:  # noqa: ARG002 - any name may be loaded
        """What a call may load."""
        if name.startswith("wfload"):
            return {"@*"}
        return set() if name in FUNCTIONS else None

    def method(self, class_name: str, name: str) -> Callable[[Call], Result] | None:
        """Methods that are answered from outside."""
        return METHODS.get((class_name.rpartition("\\")[2], name.lower())) or METHODS.get(("*", name.lower()))

    def stands_for(self, data: Any) -> bool:  # noqa: ANN401 - data of PHP
        """``$globals`` and ``$wgConf->settings``: what is written into them is in the columns already."""
        return data is self.globals.data or data is self.settings.data

    def extracted(self, call: Call, found: Instance) -> Result:
        """``extract( $globals )``: the settings of every wiki, after the arrays.

        Raises NotEvaluated where something else is extracted.
        """
        if found.name != "@globals":
            raise NotEvaluated("what is extracted is not known")
        machine = call.frame.machine
        everywhere = machine.turn.mask == machine.everyone
        for name in self.columns:
            if everywhere and name not in machine.globals:
                machine.late[name] = functools.partial(self.columns.__getitem__, name)
            else:
                machine.turn.writes[machine.variable(name)] = self.columns[name]
        return call.result(0)

    def note(self, machine: Machine, event: str, held: Value) -> None:
        """Remember that something happens in the world of this turn: that an extension is loaded, ``held`` says where.

        The first time counts.
        """
        slot = machine.events.setdefault(event, Slot(machine.everyone))
        if machine.turn.read(slot) is MISSING:
            machine.turn.writes[slot] = held

    def list_of(self, call: Call, name: str) -> Value:
        """The wikis of a dblist. Raises NotEvaluated where there is no such list."""
        if name not in self._lists:
            folder = "dblists" if self.tree.snapshot.read("dblists/all.dblist") is not None else "."
            try:
                names = DbLists(self.tree.snapshot, folder).read(name)
            except InputError as error:
                raise NotEvaluated(str(error)) from None
            self._lists[name] = call.result(dict(enumerate(map(Value, names))))
        return self._lists[name]


def standing_for(name: str) -> Value:
    """A value that stands for variables which the surroundings work out."""
    data: Any = Instance(name, None)
    return Value(data)
