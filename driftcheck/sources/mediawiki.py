"""mediawiki-config by era: which files hold settings, which tags select them, what beta's overlay does.

Everything is read out of the PHP that holds it (the require chain, the list of dblists, beta's replacements), so
that a file added tomorrow is seen; the eras are told apart by content, never by date. Sources: mediawiki-config's
wmf-config/CommonSettings.php (2012 to 2019), multiversion/MWConfigCacheGenerator.php (2019 to 2025) and
src/WmfConfig.php (since 2025-05-03).
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from driftcheck.model import Hole, IncompleteError, InputError, Realm, Source, Value
from driftcheck.resolve import Resolver, Rules
from driftcheck.sources import phpops
from driftcheck.sources.constants import Constants
from driftcheck.sources.environment import COMMON, CONFIG, MENTIONED, Environment
from driftcheck.sources.phpexec import Program
from driftcheck.sources.settings import LazySetting, RealmConfig
from driftcheck.sources.syntax import PhpFile, children, field, text
from driftcheck.sources.wikis import GENERATORS, WikiLists

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from driftcheck.model import Data, Key, Result
    from driftcheck.snapshot import Snapshot
    from driftcheck.sources.php import Lazy

_OVERLAYS = (f"{CONFIG}/InitialiseSettings-labs.php", f"{CONFIG}/InitialiseSettings-wmflabs.php")
_OVERLAY_FUNCTIONS = ("wmfGetOverrideSettings", "wmfGetLabsOverrideSettings", "wmfLabsSettings")
_SITE_CONFIGURATIONS = (
    "tests/data/SiteConfiguration.php",
    "src/StaticSiteConfiguration.php",
    "tests/SiteConfiguration.php",
)
# From 2018-05 to 2019 getAll() was worked around for settings whose null counts (T192855).
_KEPT_NULL = re.compile(rb"\$globals\['(\w+)'\] = \$wgConf->get\(")


class MediaWikiConfig:
    """A mediawiki-config tree: parses each file once, and makes the two realms out of it."""

    def __init__(self, snapshot: Snapshot, mentions: re.Pattern[bytes] | None = None) -> None:
        """``mentions`` finds the settings in scope in a file's text; a file without any is not parsed."""
        self.snapshot = snapshot
        self._mentions = mentions
        self.holes: list[Hole] = []
        self._files: dict[str, PhpFile | None] = {}
        self._programs: dict[str, Program] = {}
        self._scoped: dict[str, bool] = {}
        self._nothing = Program(PhpFile(Source("", b"<?php return [];")), lambda name: None)
        self._overlay: tuple[Program, dict[str, Lazy | Result]] | None = None
        self._environments: dict[Realm, Environment] = {}
        self._realms: dict[Realm, RealmConfig] = {}
        self._rules = self._cascade_rules()
        self.constants = Constants(self.optional)

    # -- files ---------------------------------------------------------------------------------------------------

    def optional(self, path: str) -> PhpFile | None:
        """A parsed file, or None where there is none. What is not PHP in it becomes a hole."""
        if path not in self._files:
            source = self.snapshot.read(path)
            file = self._files[path] = None if source is None else PhpFile(source)
            where = next(file.errors(), None) if file is not None else None
            if source is not None and where is not None:
                self.holes.append(Hole("syntax error: this is not PHP that can be read", source.span(where)))
        return self._files[path]

    def required(self, path: str) -> PhpFile:
        """A parsed file that the chain needs."""
        file = self.optional(path)
        if file is None:
            message = f"{path}: missing, and the configuration needs it; restore the file or correct what requires it"
            raise IncompleteError(message)
        return file

    def program(self, path: str, realm: Realm) -> Program:
        """A file with the variables in scope that CommonSettings.php would have set before loading it."""
        key = f"{realm.value}:{path}" if self._by_realm(path) else path
        if key not in self._programs:
            scope = self.environment(realm).variables if self._by_realm(path) else {}
            self._programs[key] = Program(self.required(path), self.constants, self._loader(realm), scope)
        return self._programs[key]

    def _loader(self, realm: Realm) -> Callable[[Data], Program | None]:
        def load(path: Data) -> Program | None:
            name = posixpath.normpath(phpops.to_str(path))
            return self.program(name, realm) if self._in_scope(name) else self._nothing

        return load

    def _in_scope(self, path: str) -> bool:
        """Whether a file of the chain can hold a setting in scope: a name that it does not spell is not in it."""
        if self._mentions is None:
            return True
        if path not in self._scoped:
            source = self.snapshot.read(path)
            self._scoped[path] = source is None or self._mentions.search(source.text) is not None
        return self._scoped[path]

    def widen(self, names: set[str]) -> bool:
        """Bring more settings into scope by name; whether a file that was left out spells one of them."""
        spelled = [re.compile(rf"""['"][-+]?{re.escape(name)}['"]""".encode()) for name in sorted(names)]
        found = False
        for path, scoped in self._scoped.items():
            source = None if scoped else self.snapshot.read(path)
            if source is not None and any(pattern.search(source.text) for pattern in spelled):
                self._scoped[path] = found = True
        if found:
            self._realms.clear()
            self._programs.clear()
        return found

    def _by_realm(self, path: str) -> bool:
        """Whether a file mentions a variable that the realm sets."""
        source = self.snapshot.read(path)
        return source is not None and MENTIONED.search(source.text) is not None

    def environment(self, realm: Realm) -> Environment:
        """The variables that the realm itself sets."""
        if realm not in self._environments:
            self._environments[realm] = Environment(realm, self.snapshot, self.optional, self.constants)
        return self._environments[realm]

    # -- settings ------------------------------------------------------------------------------------------------

    def realm(self, realm: Realm) -> RealmConfig:
        """A realm's settings and wikis. Raises InputError where this is not such a tree, or cannot be evaluated."""
        if realm not in self._realms:
            self._realms[realm] = self._realm(realm)
        return self._realms[realm]

    def _realm(self, realm: Realm) -> RealmConfig:
        settings = {str(name): LazySetting(str(name), value) for name, value in self._table(realm).items()}
        if realm is Realm.BETA:
            self._overlay_on(settings)
        wikis = WikiLists(self, self._rules).wikis(realm, settings)
        return RealmConfig(realm, Resolver(wikis, self._rules), settings)

    def _table(self, realm: Realm) -> dict[Key, Lazy | Result]:
        try:
            return self._find_table(realm)
        except phpops.NotEvaluated as error:
            message = f"{CONFIG}: the table of settings cannot be evaluated: {error}; mend that line, then run again"
            raise IncompleteError(message) from None

    def _find_table(self, realm: Realm) -> dict[Key, Lazy | Result]:
        for path in GENERATORS:
            file = self.optional(path)
            method = None if file is None else _method(file, "getStaticConfig")
            if method is not None:
                program = self.program(path, realm)
                # Production's table in both realms: the overlay is applied below, with provenance.
                ev, returned = program.body(method, {"realm": Value(Realm.PRODUCTION.in_code)})
                return program.table(returned, ev)
        for path in (f"{CONFIG}/VariantSettings.php", f"{CONFIG}/InitialiseSettings.php"):
            file = self.optional(path)
            function = None if file is None else file.function("wmfGetVariantSettings")
            if function is not None:
                program = self.program(path, realm)
                program.returned()
                ev, returned = program.body(function, {})
                return program.table(returned, ev)
        path = f"{CONFIG}/InitialiseSettings.php"
        if self.optional(path) is None and self.snapshot.read(COMMON) is None:
            message = f"no {path} here; this is not a mediawiki-config tree: name its root with --repo"
            raise InputError(message)
        program = self.program(path, realm)
        program.returned()
        for statement in program.file.find("expression_statement", "if_statement"):
            for node in children(statement):
                if node.type == "assignment_expression" and text(field(node, "left")) == "$wgConf->settings":
                    return program.table(field(node, "right"))
        return program.table(program.returned())

    def _overlay_on(self, settings: dict[str, LazySetting]) -> None:
        overlay = self.overlay()
        if overlay is None:
            self.holes.append(Hole("no overlay for beta was found; beta is taken to be as production", None))
            return
        for key, value in overlay[1].items():
            name = str(key)
            if name.startswith("-"):
                settings[name[1:]] = LazySetting(name[1:], Value({}), value)
            elif name in settings:
                settings[name] = settings[name].overlaid(value)
            else:
                settings[name] = LazySetting(name, Value({}), value)

    def overlay(self) -> tuple[Program, dict[str, Lazy | Result]] | None:
        """Beta's overlay as the program that holds it and its rows, if there is one."""
        if self._overlay is None:
            path = next((path for path in _OVERLAYS if self.snapshot.read(path) is not None), None)
            if path is None:
                return None
            program = self.program(path, Realm.BETA)
            program.returned()
            function = next(filter(None, (program.file.function(name) for name in _OVERLAY_FUNCTIONS)), None)
            if function is None:
                return None
            try:
                ev, returned = program.body(function, {})
                rows = program.table(returned, ev)
            except phpops.NotEvaluated as error:
                message = f"{path}: beta's overlay cannot be evaluated: {error}; mend that line, then run again"
                raise IncompleteError(message) from None
            self._overlay = program, {str(key): value for key, value in rows.items()}
        return self._overlay

    def _cascade_rules(self) -> Rules:
        """By the copy of SiteConfiguration that the tree carries; before 2020-03-04, and without one, the old rules."""
        common = self.snapshot.read(COMMON)
        kept = frozenset(name.decode() for name in _KEPT_NULL.findall(common.text)) if common is not None else frozenset()
        for path in _SITE_CONFIGURATIONS:
            source = self.snapshot.read(path)
            if source is not None:
                new = b"$out[$key] === false" in source.text
                return Rules(falsy=not new, deep=b"strtr" not in source.text, kept_null=kept)
        modern = self.snapshot.read("src/WmfConfig.php") is not None
        return Rules(falsy=not modern, deep=not modern, kept_null=kept)


def _method(file: PhpFile, name: str) -> Node | None:
    return next((node for node in file.find("method_declaration", "class_declaration")
                 if text(field(node, "name")) == name), None)  # fmt: skip
