"""mediawiki-config by era: which files hold settings, which tags select them, what beta's overlay does.

Everything is read out of the PHP that holds it (the require chain, the list of dblists, beta's replacements), so
that a file added tomorrow is seen; the eras are told apart by content, never by date. Sources: mediawiki-config's
wmf-config/CommonSettings.php (2012 to 2019), multiversion/MWConfigCacheGenerator.php (2019 to 2025) and
src/WmfConfig.php (since 2025-05-03).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.core.model import Hole, IncompleteError, InputError, Realm, Value
from driftcheck.mediawiki.cascade import CascadeRules, Resolver
from driftcheck.mediawiki.environment import COMMON, CONFIG
from driftcheck.mediawiki.settings import LazySetting, RealmConfig
from driftcheck.mediawiki.tree import Tree
from driftcheck.mediawiki.wikis import GENERATORS, WikiLists
from driftcheck.php.syntax import children, field, text
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from tree_sitter import Node

    from driftcheck.core.model import Key, Result, Source
    from driftcheck.php.evaluator import Lazy
    from driftcheck.php.file import PhpFile
    from driftcheck.php.program import Program
    from driftcheck.snapshot import Snapshot

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

    def __init__(
        self,
        snapshot: Snapshot,
        mentions: re.Pattern[bytes] | None = None,
        parses: dict[Source, Node] | None = None,
    ) -> None:
        """``mentions`` and ``parses`` as for :class:`Tree`."""
        self.tree = Tree(snapshot, mentions, parses)
        self._overlay: tuple[Program, dict[str, Lazy | Result]] | None = None
        self._realms: dict[Realm, RealmConfig] = {}
        self._rules = self._cascade_rules()

    def widen(self, names: set[str]) -> bool:
        """Bring more settings into scope by name; whether that changes anything."""
        found = self.tree.widen(names)
        if found:
            self._realms.clear()
        return found

    def realm(self, realm: Realm) -> RealmConfig:
        """A realm's settings and wikis. Raises InputError where this is not such a tree, or cannot be evaluated."""
        if realm not in self._realms:
            self._realms[realm] = self._realm(realm)
        return self._realms[realm]

    def _realm(self, realm: Realm) -> RealmConfig:
        settings = {str(name): LazySetting(str(name), value) for name, value in self._table(realm).items()}
        if realm is Realm.BETA:
            self._overlay_on(settings)
        overlay = self.overlay() if realm is Realm.BETA else None
        wikis = WikiLists(self.tree, self._rules, overlay[0] if overlay else None).wikis(realm, settings)
        return RealmConfig(realm, Resolver(wikis, self._rules), settings)

    def _table(self, realm: Realm) -> dict[Key, Lazy | Result]:
        try:
            return self._find_table(realm)
        except NotEvaluated as error:
            raise self._unreadable(f"{CONFIG}/InitialiseSettings.php", "the table of settings", error) from None

    def _unreadable(self, path: str, what: str, error: Exception) -> IncompleteError:
        """What to say of a file whose settings cannot be reached: its first syntax error, if it has one."""
        for hole in self.tree.holes:
            if hole.span is not None and hole.span.path == path:
                return IncompleteError(f"{hole.span}: {hole.reason}; mend it, then run again")
        return IncompleteError(f"{path}: {what} cannot be evaluated: {error}; mend it, then run again")

    def _find_table(self, realm: Realm) -> dict[Key, Lazy | Result]:
        for path in GENERATORS:
            file = self.tree.optional(path)
            method = None if file is None else _method(file, "getStaticConfig")
            if file is not None and method is None and path == GENERATORS[0]:
                message = "it has no getStaticConfig"
                raise self._unreadable(path, "the list of settings files", NotEvaluated(message))
            if method is not None:
                program = self.tree.program(path, realm)
                # Production's table in both realms: the overlay is applied below, with provenance.
                ev, returned = program.body(method, {"realm": Value(Realm.PRODUCTION.in_code)})
                return program.table(returned, ev)
        for path in (f"{CONFIG}/VariantSettings.php", f"{CONFIG}/InitialiseSettings.php"):
            file = self.tree.optional(path)
            function = None if file is None else file.function("wmfGetVariantSettings")
            if function is not None:
                program = self.tree.program(path, realm)
                program.returned()
                ev, returned = program.body(function, {})
                return program.table(returned, ev)
        path = f"{CONFIG}/InitialiseSettings.php"
        if self.tree.optional(path) is None and self.tree.snapshot.read(COMMON) is None:
            raise InputError(f"no {path} here; this is not a mediawiki-config tree: name its root with --repo")
        program = self.tree.program(path, realm)
        program.returned()
        for statement in program.file.find("expression_statement", "if_statement"):
            for node in children(statement):
                if node.type == "assignment_expression" and text(field(node, "left")) == "$wgConf->settings":
                    return program.table(field(node, "right"))
        return program.table(program.returned())

    def _overlay_on(self, settings: dict[str, LazySetting]) -> None:
        overlay = self.overlay()
        if overlay is None:
            if self.tree.snapshot.read("dblists/all-labs.dblist") is not None:
                self.tree.required(_OVERLAYS[0])
            self.tree.holes.append(Hole("no overlay for beta was found; beta is taken to be as production", None))
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
        """Beta's overlay as the program that holds it and its rows, if there is one.

        Raises IncompleteError where its rows cannot be evaluated.
        """
        if self._overlay is None:
            path = next((path for path in _OVERLAYS if self.tree.snapshot.read(path) is not None), None)
            if path is None:
                return None
            program = self.tree.program(path, Realm.BETA)
            program.returned()
            function = next(filter(None, (program.file.function(name) for name in _OVERLAY_FUNCTIONS)), None)
            if function is None:
                return None
            try:
                ev, returned = program.body(function, {})
                rows = program.table(returned, ev)
            except NotEvaluated as error:
                raise self._unreadable(path, "beta's overlay", error) from None
            self._overlay = program, {str(key): value for key, value in rows.items()}
        return self._overlay

    def _cascade_rules(self) -> CascadeRules:
        """By the copy of SiteConfiguration that the tree carries; before 2020-03-04, and without one, the old rules."""
        common = self.tree.snapshot.read(COMMON)
        kept = (
            frozenset(name.decode() for name in _KEPT_NULL.findall(common.text)) if common is not None else frozenset()
        )
        for path in _SITE_CONFIGURATIONS:
            source = self.tree.snapshot.read(path)
            if source is not None:
                new = b"$out[$key] === false" in source.text
                return CascadeRules(falsy=not new, deep=b"strtr" not in source.text, kept_null=kept)
        modern = self.tree.snapshot.read("src/WmfConfig.php") is not None
        return CascadeRules(falsy=not modern, deep=not modern, kept_null=kept)


def _method(file: PhpFile, name: str) -> Node | None:
    return next((node for node in file.find("method_declaration", "class_declaration")
                 if text(field(node, "name")) == name), None)  # fmt: skip
