"""mediawiki-config by era: which files hold settings, which tags select them, what beta's overlay does.

Everything is read out of the PHP that holds it (the require chain, the list of dblists, beta's replacements), so
that a file added tomorrow is seen; the eras are told apart by content, never by date. Sources: mediawiki-config's
wmf-config/CommonSettings.php (2012 to 2019), multiversion/MWConfigCacheGenerator.php (2019 to 2025) and
src/WmfConfig.php (since 2025-05-03).
"""

from __future__ import annotations

import functools
import posixpath
import re
from typing import TYPE_CHECKING

from driftcheck.model import Hole, IncompleteError, InputError, Op, Realm, Setting, Source, Step, Unknown, Value, Wiki
from driftcheck.resolve import Resolver, Rules
from driftcheck.sources import phpops
from driftcheck.sources.constants import Constants
from driftcheck.sources.dblists import DbLists
from driftcheck.sources.php import Lazy
from driftcheck.sources.phpexec import Program, class_constant
from driftcheck.sources.syntax import PhpFile, ancestors, children, field, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from driftcheck.model import Data, Key, Result
    from driftcheck.snapshot import Snapshot

CONFIG = "wmf-config"
COMMON, COMMON_LABS = f"{CONFIG}/CommonSettings.php", f"{CONFIG}/CommonSettings-labs.php"
_GENERATORS = ("src/WmfConfig.php", "multiversion/MWConfigCacheGenerator.php", "src/MWConfigCacheGenerator.php")
_OVERLAYS = (f"{CONFIG}/InitialiseSettings-labs.php", f"{CONFIG}/InitialiseSettings-wmflabs.php")
_OVERLAY_FUNCTIONS = ("wmfGetOverrideSettings", "wmfGetLabsOverrideSettings", "wmfLabsSettings")
_SITE_CONFIGURATIONS = (
    "tests/data/SiteConfiguration.php",
    "src/StaticSiteConfiguration.php",
    "tests/SiteConfiguration.php",
)
_DATACENTER = "eqiad"
_SERVICES = ("AllServices", "LocalServices", "MasterServices", "Udp2logDest")
_REALM_VARIABLE = re.compile(rb"\$wm[fg](?:\w*Services|Udp2logDest|Realm|\w*Datacenter|ConfigDir|Cluster)\b")
_LANGUAGE_TAG = re.compile(rb"\$wikiTags\[\] = \$\w+->get\(\s*'wgLanguageCode'")
_SUFFIXES = {"wikipedia": "wiki"} | {
    name: name
    for name in (
        "wiktionary", "wikiquote", "wikibooks", "wikinews", "wikisource", "wikiversity", "wikimedia", "wikivoyage",
    )
}  # fmt: skip


class _Service(Lazy):
    """One of the variables that the services file sets: the file is read when somebody asks."""

    __slots__ = ("_config", "_name", "_realm")

    def __init__(self, config: MediaWikiConfig, realm: Realm, name: str) -> None:
        self._config, self._realm, self._name = config, realm, name

    def force(self) -> Result:
        """The variable's value."""
        found = self._config.services(self._realm).get(self._name)
        return found if found is not None else Unknown(f"the services files do not say {self._name}")


class LazySetting:
    """A setting whose selectors are evaluated when they are first asked for, with a realm's overlay on top."""

    __slots__ = ("_layers", "_setting", "name")

    def __init__(self, name: str, *layers: Lazy | Result) -> None:
        self.name = name
        self._layers = layers
        self._setting: Setting | Unknown | None = None

    def overlaid(self, value: Lazy | Result) -> LazySetting:
        """This setting with another layer's selectors on top of its own."""
        return LazySetting(self.name, *self._layers, value)

    def get(self) -> Setting | Unknown:
        """The setting, or why it is not known."""
        if self._setting is None:
            self._setting = self._evaluate()
        return self._setting

    def _evaluate(self) -> Setting | Unknown:
        by_selector: dict[Key, Result] = {}
        replaced: list[tuple[str, Result]] = []
        for number, layer in enumerate(self._layers):
            value = layer.force() if isinstance(layer, Lazy) else layer
            if isinstance(value, Unknown):
                return value
            if not isinstance(value.data, dict):
                return Unknown("a setting that is not an array of selectors", value.source, value.where)
            # array_merge: a selector that is an integer would be renumbered; no dbname or tag is one.
            for selector, item in value.data.items():
                marked = item.after(*value.steps) if value.steps else item
                if number:
                    if selector in by_selector:
                        replaced.append((str(selector), by_selector[selector]))
                    marked = marked.after(Step(Op.OVERRIDE, f"{self.name}[{selector}]", marked.span))
                by_selector[selector] = marked
        return Setting(self.name, by_selector, tuple(replaced))


class RealmConfig:
    """One realm's wikis and settings, before resolution."""

    def __init__(self, realm: Realm, resolver: Resolver, settings: dict[str, LazySetting]) -> None:
        self.realm, self.resolver, self.settings = realm, resolver, settings

    @property
    def wikis(self) -> tuple[Wiki, ...]:
        """The realm's wikis in the order of its list."""
        return tuple(self.resolver.wikis)


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
        self._realms: dict[Realm, RealmConfig] = {}
        self._rules = self._cascade_rules()
        self.constants = Constants(self.optional)

    # -- files ---------------------------------------------------------------------------------------------------

    def optional(self, path: str) -> PhpFile | None:
        """A parsed file, or None where there is none. What is not PHP in it becomes a hole."""
        if path not in self._files:
            source = self.snapshot.read(path)
            self._files[path] = None if source is None else PhpFile(source)
            file = self._files[path]
            for where in file.errors() if file is not None else ():
                self.holes.append(Hole("syntax error: this is not PHP that can be read", source and source.span(where)))
                break
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
            scope = self.environment(realm) if self._by_realm(path) else {}
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

    def _by_realm(self, path: str) -> bool:
        """Whether a file mentions a variable that the realm sets."""
        source = self.snapshot.read(path)
        return source is not None and _REALM_VARIABLE.search(source.text) is not None

    def environment(self, realm: Realm) -> dict[str, Result | Lazy]:
        """The variables that the realm itself sets: its name, its datacenter, its services."""
        names = {"Realm": realm.in_code, "Datacenter": _DATACENTER, "MasterDatacenter": _DATACENTER,
                 "ConfigDir": CONFIG, "Cluster": "labs" if realm is Realm.BETA else _DATACENTER}  # fmt: skip
        scope: dict[str, Result | Lazy] = {}
        for prefix in ("wmf", "wmg"):
            for name, value in names.items():
                scope[f"{prefix}{name}"] = Value(value)
            for name in _SERVICES:
                scope[f"{prefix}{name}"] = _Service(self, realm, name)
        return scope

    @functools.cache  # noqa: B019 - one tree is one run
    def services(self, realm: Realm) -> dict[str, Result]:
        """What ProductionServices.php or LabsServices.php gives: ``$wmfLocalServices`` and its like."""
        path = f"{CONFIG}/{'LabsServices' if realm is Realm.BETA else 'ProductionServices'}.php"
        file = self.optional(path)
        found: dict[str, Result] = {}
        if file is not None:
            program = Program(file, self.constants, scope={"wmfDatacenter": Value(_DATACENTER)})
            returned = program.returned()
            held = program.ev.variable("wmfAllServices") if returned is None else program.result()
            if isinstance(held, Value) and isinstance(held.data, dict):
                local = held.data.get(_DATACENTER, Value({}))
                found = {"AllServices": held, "LocalServices": local, "MasterServices": local}
                if isinstance(local, Value) and isinstance(local.data, dict) and "udp2log" in local.data:
                    found["Udp2logDest"] = local.data["udp2log"]
        if "Udp2logDest" not in found:
            common = self.snapshot.read(COMMON)
            match = re.search(rb"\$wmfUdp2logDest = '([^'\n]+)'", common.text) if common else None
            if match:
                found["Udp2logDest"] = Value(match[1].decode("utf-8", "replace"))
        return found

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
        wikis = self._wikis(realm, settings)
        return RealmConfig(realm, Resolver(wikis, self._rules), settings)

    def _table(self, realm: Realm) -> dict[Key, Lazy | Result]:
        try:
            return self._find_table(realm)
        except phpops.NotEvaluated as error:
            message = f"{CONFIG}: the table of settings cannot be evaluated: {error}; mend that line, then run again"
            raise IncompleteError(message) from None

    def _find_table(self, realm: Realm) -> dict[Key, Lazy | Result]:
        for path in _GENERATORS:
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
        overlay = self._overlay_table()
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

    def _overlay_table(self) -> tuple[Program, dict[str, Lazy | Result]] | None:
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
        for path in _SITE_CONFIGURATIONS:
            source = self.snapshot.read(path)
            if source is not None:
                new = b"$out[$key] === false" in source.text
                return Rules(falsy=not new, deep=b"strtr" not in source.text)
        modern = self.snapshot.read("src/WmfConfig.php") is not None
        return Rules(falsy=not modern, deep=not modern)

    # -- wikis and tags ------------------------------------------------------------------------------------------

    def _wikis(self, realm: Realm, settings: dict[str, LazySetting]) -> list[Wiki]:
        lists = self._lists(realm)
        labs_name = "all-labs" if realm is Realm.BETA and lists.exists("all-labs") else "all"
        dbnames = lists.read(labs_name)
        tags_of = self._tagger(realm, lists, dbnames)
        first, parameters = self._callback() if realm is Realm.BETA else ((), ())
        suffixes = self._suffixes()
        only_first = frozenset(first)
        wikis: list[Wiki] = []
        for dbname in dict.fromkeys(dbnames):
            site, lang, suffix = _site_of(dbname, suffixes)
            tags = [tag for tag in first if tag == first[0] or dbname in lists.read(tag)] if only_first else []
            tags += [tag for tag in tags_of(dbname) if tag not in only_first]
            replacements = (*parameters, *self._parameters(lang, site))
            wikis.append(Wiki(dbname, (*dict.fromkeys([*tags, suffix]),), replacements))
        if not self._has_language_tag():
            return wikis
        return _with_language_tags(wikis, settings.get("wgLanguageCode"), self._rules, suffixes)

    def _lists(self, realm: Realm) -> DbLists:
        if self.snapshot.read("dblists/all.dblist") is not None:
            return DbLists(self.snapshot, "dblists")
        names = (realm.in_code, _DATACENTER)
        return DbLists(self.snapshot, "", (f"-{names[0]}-{names[1]}", f"-{names[0]}", f"-{names[1]}", ""))

    def _tagger(self, realm: Realm, lists: DbLists, dbnames: tuple[str, ...]) -> Callable[[str], list[str]]:
        """How a wiki gets its dblist tags: from dblists-index.php, or from the lists that a literal names."""
        for path in (*_GENERATORS, "multiversion/MWMultiVersion.php"):
            source = self.snapshot.read(path)
            if source is None or b"function getTagsForWiki" not in source.text:
                continue
            labs = _strings(self._class_constant(path, "DB_LISTS_LABS")) if realm is Realm.BETA else {}
            held = {tag: frozenset(lists.read(name)) for tag, name in labs.items()}
            if b"dblists-index.php" in source.text:
                index = self._dblist_index()
            else:
                names = _strings(self._class_constant(path, "DB_LISTS"))
                index = _indexed(lists, list(names.values()))
            return lambda dbname: (
                [tag for tag in index.get(dbname, ()) if tag not in held]
                + [str(tag) for tag, members in held.items() if dbname in members]
            )
        for path in _GENERATORS:
            if self.snapshot.read(path) is None:
                continue
            names = {name: name for name in _strings(self._class_constant(path, "dbLists")).values()}
            if realm is Realm.BETA:
                # A list of names is appended (2019 to 2020), a map replaces the file that stands behind a tag.
                for tag, name in _strings(self._class_constant(path, "labsDbLists")).items():
                    names[name if isinstance(tag, int) else tag] = name
            index = _indexed(lists, list(names), names)
            return lambda dbname: index.get(dbname, [])
        index = _indexed(lists, self._listed_tags())
        return lambda dbname: index.get(dbname, [])

    def _dblist_index(self) -> dict[str, list[str]]:
        """dblists-index.php, a generated file: one line a wiki; anything else in it is read as PHP."""
        path = "dblists-index.php"
        source = self.snapshot.read(path)
        if source is None:
            self.required(path)
        assert source is not None
        index: dict[str, list[str]] = {}
        for line in source.text.decode("utf-8", "replace").split("\n"):
            match = _INDEX_LINE.match(line)
            if match:
                index[match[1]] = match[2].strip(" ',").split("', '") if match[2].strip() else []
            elif line not in _INDEX_FRAME and not line.startswith("//"):
                break
        else:
            return index
        rows = self.program(path, Realm.PRODUCTION).result()
        if isinstance(rows, Unknown) or not isinstance(rows.data, dict):
            message = f"{path}: cannot be evaluated; run composer manage-dblist update"
            raise IncompleteError(message)
        return {str(dbname): [str(tag) for tag in _strings(item).values()] for dbname, item in rows.data.items()}

    def _class_constant(self, path: str, name: str) -> Result | None:
        return class_constant(self.program(path, Realm.PRODUCTION), name)

    def _listed_tags(self) -> list[str]:
        """The literal list of tags in CommonSettings.php (2012 to 2019)."""
        file = self.required(COMMON)
        match = re.search(rb"\$wikiTags = (?:array\(\)|\[\]);", file.source.text)
        node = None if match is None else file.node_at(match.end(), match.end())
        start = match.end() if match else 0
        for array in re.finditer(rb"foreach\s*\(\s*(?=array|\[)", file.source.text[start : start + 4000]):
            at = start + array.end()
            node = file.node_at(at, at + 1)
            while node is not None and node.type != "array_creation_expression":
                node = node.parent
            break
        else:
            node = None
        if node is None:
            message = f"{COMMON}: the list of dblist tags was not found; driftcheck knows no such layout"
            raise IncompleteError(message)
        held = Program(file, self.constants).ev.eval(node)
        return list(_strings(held).values())

    def _has_language_tag(self) -> bool:
        paths = (*_GENERATORS, COMMON)
        sources = (self.snapshot.read(path) for path in paths)
        return any(source is not None and _LANGUAGE_TAG.search(source.text) for source in sources)

    def _callback(self) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
        """What beta's siteParamsCallback (2015-05-11 to 2019-09-12) puts first: tags, and ``$variant``."""
        overlay = self._overlay_table()
        if overlay is None or b"siteParamsCallback" not in overlay[0].file.source.text:
            return (), ()
        source = overlay[0].file.source.text
        start = source.index(b"siteParamsCallback")
        body = source[start : source.find(b"};", start)]
        extra = re.search(rb"\$betaDblistTags = \[([^]]*)\]", body)
        names = re.findall(rb"'([\w-]+)'", extra[1]) if extra else []
        tags = (b"beta", *names) if re.search(rb"[(\[] ?'beta' ?[)\]]", body) else tuple(names)
        return tuple(tag.decode() for tag in tags), (("$variant", "beta"),)

    def _suffixes(self) -> dict[str, str]:
        for path in ("src/WmfConfig.php", "multiversion/MWMultiVersion.php"):
            if self.snapshot.read(path) is not None:
                held = self._class_constant(path, "SUFFIXES")
                if held is not None:
                    return {suffix if isinstance(k, int) else k: suffix for k, suffix in _strings(held).items()}
        file = self.optional(f"{CONFIG}/wgConf.php")
        for statement in file.find("expression_statement") if file is not None else ():
            for node in children(statement):
                if text(field(node, "left")) == "$wgConf->suffixes" and file is not None:
                    right = field(node, "right")
                    held = Program(file, self.constants).ev.eval(right) if right is not None else None
                    return {suffix if isinstance(k, int) else k: suffix for k, suffix in _strings(held).items()}
        return _SUFFIXES

    def _parameters(self, lang: str, site: str) -> list[tuple[str, str]]:
        known = {"lang": lang, "site": site}
        return [(f"${name}", _filled(value, known)) for name, value in self._parameter_template().items()]

    @functools.cache  # noqa: B019 - one tree is one run
    def _parameter_template(self) -> dict[str, str]:
        """The parameters of the tree's getAll() call in their order, as strings over {lang} and {site}."""
        for path in (*_GENERATORS, COMMON):
            file = self.optional(path)
            match = re.search(rb"'lang'\s*=>\s*\$lang", file.source.text) if file is not None else None
            if file is None or match is None:
                continue
            node = file.node_at(match.start(), match.end())
            array = next((n for n in ([node, *ancestors(node)] if node else []) if n.type.startswith("array_c")), None)
            document_root = Value({"DOCUMENT_ROOT": Value("/srv/mediawiki/docroot/DOCROOT")})
            scope: dict[str, Result | Lazy] = {"lang": Value("{lang}"), "site": Value("{site}"), "_SERVER": document_root}
            held = None if array is None else Program(file, self.constants, scope=scope).ev.eval(array)
            found = {str(key): value for key, value in _strings(held).items()}
            if found:
                return found
        return {"lang": "{lang}", "site": "{site}"}


_INDEX_LINE = re.compile(r"'([A-Za-z0-9_-]+)' => \[((?: '[\w-]+',?)* ?)\],$")
_INDEX_FRAME = {"", "<?php", "return [", "];"}


def _filled(template: str, known: dict[str, str]) -> str:
    return template.replace("{lang}", known["lang"]).replace("{site}", known["site"])


def _method(file: PhpFile, name: str) -> Node | None:
    return next((node for node in file.find("method_declaration", "class_declaration")
                 if text(field(node, "name")) == name), None)  # fmt: skip


def _strings(held: Result | None) -> dict[Key, str]:
    """The strings of a PHP array; nothing for anything else."""
    if not isinstance(held, Value) or not isinstance(held.data, dict):
        return {}
    return {key: item.data for key, item in held.data.items() if isinstance(item, Value) and isinstance(item.data, str)}


def _indexed(lists: DbLists, tags: list[str], files: dict[str, str] | None = None) -> dict[str, list[str]]:
    """The tags of each wiki, in the order of the tags."""
    index: dict[str, list[str]] = {}
    for tag in tags:
        for dbname in dict.fromkeys(lists.read(str((files or {}).get(tag, tag)))):
            index.setdefault(dbname, []).append(str(tag))
    return index


def _site_of(dbname: str, suffixes: dict[str, str]) -> tuple[str, str, str]:
    """(family, language, suffix) as SiteConfiguration::siteFromDB splits a dbname."""
    for site, suffix in suffixes.items():
        if dbname.endswith(suffix):
            lang = dbname[: len(dbname) - len(suffix)].replace("_", "-")
            return site, lang, "wiki" if site == "wikipedia" else site
    return "", "", ""


def _with_language_tags(
    wikis: list[Wiki], setting: LazySetting | None, rules: Rules, suffixes: dict[str, str]
) -> list[Wiki]:
    """A tag of each wiki's wgLanguageCode, before the family's suffix (since 2016-12-06)."""
    known = setting.get() if setting is not None else None
    if not isinstance(known, Setting):
        return wikis
    out = list(wikis)
    for resolved, numbers in Resolver(wikis, rules).groups(known):
        if not isinstance(resolved.value, Value) or not isinstance(resolved.value.data, str):
            continue
        for number in numbers:
            wiki = wikis[number]
            suffix = _site_of(wiki.dbname, suffixes)[2]
            own = [tag for tag in wiki.tags if tag != suffix] if wiki.tags[-1:] == (suffix,) else list(wiki.tags)
            tags = dict.fromkeys([*own, resolved.value.data, suffix])
            out[number] = Wiki(wiki.dbname, tuple(tags), wiki.replacements)
    return out
