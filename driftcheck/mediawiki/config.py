"""mediawiki-config by era: which files hold settings, which tags select them, what beta's overlay does.

Everything is read out of the PHP that holds it (the require chain, the list of dblists, beta's replacements), so
that a file added tomorrow is seen. Where that PHP stands is in :mod:`driftcheck.mediawiki.eras`.
"""

from __future__ import annotations

import functools
import posixpath
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from driftcheck.core.model import Hole, IncompleteError, Realm, Value
from driftcheck.mediawiki.assumed import check_globals, check_table
from driftcheck.mediawiki.cascade import CascadeRules, Resolver
from driftcheck.mediawiki.settings import NOTHING, LazySetting, Overlay, RealmConfig
from driftcheck.mediawiki.tree import SYNTAX_ERROR, Tree
from driftcheck.mediawiki.wikis import WikiLists
from driftcheck.php.syntax import children, field, text
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

    from driftcheck.core.model import Key, Result, Source, Wiki
    from driftcheck.mediawiki.wikis import Named
    from driftcheck.php.evaluator import Lazy
    from driftcheck.php.file import PhpFile
    from driftcheck.php.program import Program
    from driftcheck.snapshot import Snapshot

# From 2018-05 to 2019 getAll() was worked around for settings whose null counts (T192855).
_KEPT_NULL = re.compile(rb"\$globals\['(\w+)'\] = \$wgConf->get\(")
_VARIABLE = re.compile(rb"\$((?:wg|wm[fg])[A-Z]\w*)")


class MediaWikiConfig:
    """A mediawiki-config tree: parses each file once, and makes the two realms out of it."""

    def __init__(
        self,
        snapshot: Snapshot,
        mentions: re.Pattern[bytes] | None = None,
        parses: dict[Source, PhpFile] | None = None,
        inputs: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """``mentions``, ``parses`` and ``inputs`` as for :class:`Tree`."""
        self.tree = Tree(snapshot, mentions, parses, inputs)
        self._overlay: tuple[Program, dict[str, Lazy | Result]] | None = None
        self._realms: dict[Realm, RealmConfig] = {}
        self._named: dict[Realm, Named] = {}

    @functools.cached_property
    def entire(self) -> MediaWikiConfig:
        """The same tree with every setting in scope: the files that were parsed, and the holes in them, are shared."""
        if self.tree.entire:
            return self
        whole = MediaWikiConfig(self.tree.snapshot, None)
        whole.tree = self.tree.widened()
        return whole

    def release(self) -> None:
        """Let go of the programs: see :meth:`Program.release`."""
        for config in {self, self.__dict__.get("entire", self)}:
            config.tree.release()

    def variables(self) -> set[str]:
        """The settings that the tree's files spell as variables: CommonSettings.php or what it includes may assign them."""
        folder = posixpath.dirname(self.tree.layout.common)
        paths = (path for path in self.tree.snapshot.names(folder) if path.endswith(".php"))
        sources = (source for path in paths if (source := self.tree.snapshot.read(path)) is not None)
        return {match.decode() for source in sources for match in _VARIABLE.findall(source.text)}

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
        beneath = dict(settings)
        if realm is Realm.BETA:
            self._overlay_on(settings)
        overlay = self.overlay() if realm is Realm.BETA else None
        rows = (
            {}
            if overlay is None
            else {key: LazySetting(key.removeprefix("-"), NOTHING, row) for key, row in overlay[1].items()}
        )
        resolver = Resolver(self.wikis(realm, settings), self.rules)
        return RealmConfig(realm, resolver, settings, Overlay(rows, beneath) if overlay else None)

    def named(self, realm: Realm) -> Named:
        """What the tree's lists and code say of the wikis of a realm.

        Raises IncompleteError where the code that makes them is none that driftcheck knows.
        """
        if realm not in self._named:
            generator = self.tree.required(self.tree.layout.generator)
            if (method := _method(generator, "getConfigGlobals")) is not None:
                check_globals(generator, method)
            self._named[realm] = self._lists(realm).named(realm)
        return self._named[realm]

    def wikis(self, realm: Realm, settings: Mapping[str, LazySetting]) -> list[Wiki]:
        """The wikis of a realm that has these settings, which may be those of another tree with the same files of settings.

        Raises as :meth:`named` does.
        """
        return self._lists(realm).wikis(self.named(realm), settings)

    def _lists(self, realm: Realm) -> WikiLists:
        overlay = self.overlay() if realm is Realm.BETA else None
        return WikiLists(self.tree, self.rules, overlay[0] if overlay else None)

    def table_code(self) -> list[bytes | None]:
        """The method that makes the table of settings, as it is written; none where files of settings make it."""
        generator = self.tree.required(self.tree.layout.generator)
        method = _method(generator, "getStaticConfig")
        return [] if method is None else [method.text]

    def _table(self, realm: Realm) -> dict[Key, Lazy | Result]:
        try:
            return self._find_table(realm)
        except NotEvaluated as error:
            raise self._unreadable(self._settings, "the table of settings", error) from None

    def _unreadable(self, path: str, what: str, error: Exception) -> IncompleteError:
        """What to say of a file whose settings cannot be reached: its first syntax error, if it has one."""
        own = (hole for hole in self.tree.holes if hole.span is not None and hole.span.path == path)
        broken = (hole for hole in self.tree.holes if hole.reason == SYNTAX_ERROR)  # in a file that it includes
        for hole in (*own, *broken):
            return IncompleteError(f"{hole.span}: {hole.reason}; fix it, then run again")
        return IncompleteError(f"{path}: {what} cannot be evaluated: {error}; fix it, then run again")

    @property
    def _settings(self) -> str:
        return self.tree.layout.path("InitialiseSettings.php")

    def _find_table(self, realm: Realm) -> dict[Key, Lazy | Result]:
        """The table of settings by the first of the layout's ways that the tree has."""
        found: dict[Key, Lazy | Result] | None = None
        for way in self.tree.layout.tables:
            if way == "method":
                found = self._returned_by_method(realm)
            elif way == "function":
                found = self._returned_by_function(realm)
            else:
                found = self._in_file(realm)
            if found is not None:
                return found
        raise self._unreadable(
            self.tree.layout.generator, "the list of settings files", NotEvaluated("it has no getStaticConfig")
        )

    def _returned_by_method(self, realm: Realm) -> dict[Key, Lazy | Result] | None:
        layout = self.tree.layout
        method = _method(self.tree.required(layout.generator), "getStaticConfig")
        if method is None:
            return None
        if realm is Realm.BETA:
            check_table(self.tree.required(layout.generator), method)
        program = self.tree.program(layout.generator, realm)
        # Production's table in both realms: the overlay is applied below, with provenance.
        ev, returned = program.body(method, {"realm": Value(layout.realms[Realm.PRODUCTION].in_code)})
        return program.table(returned, ev)

    def _returned_by_function(self, realm: Realm) -> dict[Key, Lazy | Result] | None:
        for path in (self.tree.layout.path("VariantSettings.php"), self._settings):
            file = self.tree.optional(path)
            function = None if file is None else file.function("wmfGetVariantSettings")
            if function is not None:
                program = self.tree.program(path, realm)
                program.returned()
                ev, returned = program.body(function, {})
                return program.table(returned, ev)
        return None

    def _in_file(self, realm: Realm) -> dict[Key, Lazy | Result]:
        program = self.tree.program(self._settings, realm)
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
                self.tree.required(self.tree.layout.path(self.tree.layout.overlays[0]))
            self.tree.holes.append(Hole(self._no_overlay(), None))
            return
        for key, value in overlay[1].items():
            name = str(key)
            if name.startswith("-"):
                settings[name[1:]] = LazySetting(name[1:], NOTHING, value)
            elif name in settings:
                settings[name] = settings[name].overlaid(value)
            else:
                settings[name] = LazySetting(name, NOTHING, value)

    def _no_overlay(self) -> str:
        """What to say where nothing lays beta's settings over production's; the file that should, if there is one."""
        layout = self.tree.layout
        path = next(filter(self.tree.snapshot.read, map(layout.path, layout.overlays)), None)
        found = "found no overlay for beta" if path is None else f"{path}: found no function with the overlay for beta"
        return f"{found}; driftcheck assumes that beta equals production"

    def overlay(self) -> tuple[Program, dict[str, Lazy | Result]] | None:
        """Beta's overlay as the program that holds it and its rows, if there is one.

        Raises IncompleteError where its rows cannot be evaluated.
        """
        if self._overlay is None:
            layout = self.tree.layout
            path = next(filter(self.tree.snapshot.read, map(layout.path, layout.overlays)), None)
            if path is None:
                return None
            program = self.tree.program(path, Realm.BETA)
            program.returned()
            function = next(filter(None, (program.file.function(name) for name in layout.overlay_functions)), None)
            if function is None:
                return None
            try:
                ev, returned = program.body(function, {})
                rows = program.table(returned, ev)
            except NotEvaluated as error:
                raise self._unreadable(path, "beta's overlay", error) from None
            self._overlay = program, {str(key): value for key, value in rows.items()}
        return self._overlay

    @functools.cached_property
    def rules(self) -> CascadeRules:
        """By the copy of SiteConfiguration that the tree carries; before 2020-03-04, and without one, the old rules."""
        layout = self.tree.layout
        common = self.tree.snapshot.read(layout.common)
        kept = (
            frozenset(name.decode() for name in _KEPT_NULL.findall(common.text)) if common is not None else frozenset()
        )
        for path in layout.site_configurations:
            file = self.tree.optional(path)  # parsed: a broken one decides nothing
            if file is not None:
                held = file.source.text
                new = b"$out[$key] === false" in held
                return CascadeRules(falsy=not new, deep=b"strtr" not in held, kept_null=kept)
        return CascadeRules(falsy=layout.old_merges, deep=layout.old_merges, kept_null=kept)


def _method(file: PhpFile, name: str) -> Node | None:
    return next((node for node in file.find("method_declaration", "class_declaration")
                 if text(field(node, "name")) == name), None)  # fmt: skip
