"""CommonSettings.php run whole, for every wiki of a realm at once: what MediaWiki and the cluster give it."""

from __future__ import annotations

import functools
import json
import posixpath
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from driftcheck.core.model import MISSING, Hole, Input, Realm, Source, Unknown, Value
from driftcheck.mediawiki.dblists import DbLists
from driftcheck.php.file import PhpFile
from driftcheck.php.run.arrays import PhpArray
from driftcheck.php.run.host import Host
from driftcheck.php.run.machine import Machine
from driftcheck.php.run.objects import Closure, Instance, new
from driftcheck.php.run.program import Program, hoist
from driftcheck.php.run.worlds import Facets, Slot, members
from driftcheck.php.syntax import children
from driftcheck.php.values import NotEvaluated, to_str

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tree_sitter import Node

    from driftcheck.core.model import Missing, Result
    from driftcheck.mediawiki.settings import RealmConfig
    from driftcheck.mediawiki.tree import Tree
    from driftcheck.php.run.library import Call
    from driftcheck.php.run.worlds import Content

    Column = list[Result | Missing]

ROOT = "/srv/mediawiki"
_COMMON = f"{ROOT}/wmf-config/CommonSettings.php"
_MULTIVERSION = f"{ROOT}/multiversion/MWMultiVersion.php"
_SITE_CONFIGURATIONS = (
    "tests/data/SiteConfiguration.php",
    "src/StaticSiteConfiguration.php",
    "tests/SiteConfiguration.php",
)
_ETCD = {"common/WMFMasterDatacenter": "eqiad"}
_DBCONFIG = ("readOnlyBySection", "hostsByName", "sectionLoads", "externalLoads", "groupLoadsBySection")
_ARRAYS = ("wgFileExtensions", "wgProhibitedFileExtensions", "wgCSPFalsePositiveUrls", "wgLogRestrictions",
           "wgMimeTypeExclusions", "wgImplicitGroups", "wgExtraNamespaces", "wgNamespacesWithSubpages",
           "wgMimeTypeBlacklist", "wgFileBlacklist", "wgSoftwareTags", "wgCirrusSearchWeights",
           "wgCirrusSearchNamespaceWeights", "wgFlaggedRevsAutopromote", "wgSquidServersNoPurge",
           "wgWBClientSettings", "wgWBRepoSettings")  # fmt: skip
_CONSTANTS: dict[str, Any] = {
    "PHP_SAPI": "fpm-fcgi", "PATH_SEPARATOR": ":", "PHP_VERSION": "8.2.0", "PHP_VERSION_ID": 80200, "PHP_OS": "Linux",
    "PHP_OS_FAMILY": "Linux", "MEDIAWIKI": True, "MW_ENTRY_POINT": "index", "LC_ALL": 6, "FILE_IGNORE_NEW_LINES": 2,
    "FILE_SKIP_EMPTY_LINES": 4, "LOCK_EX": 2, "PREG_SPLIT_NO_EMPTY": 1, "PREG_SPLIT_DELIM_CAPTURE": 2,
    "LOG_USER": 8, "LOG_DEBUG": 7, "LOG_INFO": 6, "LOG_ERR": 3, "LOG_WARNING": 4, "LOG_LOCAL0": 128, "LOG_UDP": 17,
    "DBO_DEBUG": 1, "DBO_NOBUFFER": 2, "DBO_IGNORE": 4, "DBO_TRX": 8, "DBO_DEFAULT": 16, "DBO_PERSISTENT": 32,
    "CUDCOND_AFTER": "registered-after", "CUDCOND_ANON": "anonymous-user", "CUDCOND_NAMED": "named-user",
    "CUDCOND_USERGROUP": "usergroup", "ARRAY_FILTER_USE_KEY": 2, "ARRAY_FILTER_USE_BOTH": 1, "E_USER_ERROR": 256,
    "E_USER_WARNING": 512, "E_USER_NOTICE": 1024, "JSON_THROW_ON_ERROR": 4194304, "JSON_PRETTY_PRINT": 128, "JSON_UNESCAPED_SLASHES": 64, "JSON_UNESCAPED_UNICODE": 256, "M_E": 2.718281828459045,
    "FR_INCLUDES_CURRENT": 0, "FR_INCLUDES_FREEZE": 1, "FR_INCLUDES_STABLE": 2, "SORT_REGULAR": 0, "SORT_STRING": 2,
    "MIGRATION_OLD": 0, "MIGRATION_WRITE_BOTH": 1, "MIGRATION_WRITE_NEW": 2, "MIGRATION_NEW": 3,
    "Wikibase\\Search\\Elastic\\Hooks::LANGUAGE_SELECTOR_PREFIX": "language_selector_prefix",
    "Wikibase\\Search\\Elastic\\EntitySearchElastic::CONTEXT_WIKIBASE_PREFIX": "wikibase_prefix_search",
}  # fmt: skip
_UNDEFINED = ("MW_API", "MW_REST_API", "MW_NO_EXTENSION_MESSAGES", "HHVM_VERSION", "MW_PHPUNIT_TEST", "TESTWIKI")
_EXTRA_SECRETS = ("wgDBuser", "wgDBpassword", "wgSecretKey", "wmgCaptchaSecret", "wmgCaptchaPassword", "wmgRedisPassword",
                  "wmgElectronSecret", "wmgContentTranslationCXServerAuthKey")  # fmt: skip


class Surroundings(Host):
    """MediaWiki, the request and the cluster, as far as CommonSettings.php sees them."""

    def __init__(self, tree: Tree, realm: Realm, config: RealmConfig, columns: Arrays) -> None:
        super().__init__()
        self.tree, self.realm, self.config, self.columns = tree, realm, config, columns
        self._lists: dict[str, Value] = {}
        self._globals = Instance("@globals", None)
        self._settings = Instance("@settings", None)
        self._nothing: dict[str, Any] = {}

    # -- files -----------------------------------------------------------------------------------------------------

    def _relative(self, path: str) -> str:
        return posixpath.relpath(path, ROOT) if path.startswith(ROOT + "/") else path

    def file(self, path: str) -> PhpFile | None:
        """A file of the tree, but for those whose outcome is worked out otherwise."""
        name = self._relative(path)
        if name.startswith("/") or self._answered(name):
            return None
        return self.tree.optional(name)

    def _answered(self, name: str) -> bool:
        return name.endswith(
            ("/InitialiseSettings.php", "/InitialiseSettings-labs.php", "/PrivateSettings.php", "vendor/autoload.php")
        ) or name.startswith("php-")

    def included(self, path: str, machine: Machine) -> Any:  # noqa: ANN401 - as Host.included
        """Secrets, and the old form of loading an extension."""
        name = self._relative(path)
        if name.endswith("private/PrivateSettings.php"):
            self._secrets(machine)
            return True
        if (
            name.endswith(("/InitialiseSettings.php", "/InitialiseSettings-labs.php", "vendor/autoload.php"))
            or name.startswith("php-")
            or "ExtensionMessages" in name
        ):
            self._loaded_by_path(name, machine)
            return True
        return None

    def _loaded_by_path(self, name: str, machine: Machine) -> None:
        """``require "$IP/extensions/X/X.php"``: the last folder of extensions or skins in the path has it by name.

        ``Wikidata.credits.php`` loads nothing: it says what a build was made of.
        """
        if name.endswith(".credits.php"):
            return
        parts = name.split("/")
        at = max((n for n, part in enumerate(parts[:-2], 1) if part in ("extensions", "skins")), default=0)
        if at:
            self._note(machine, f"{parts[at - 1][:-1]}:{parts[at]}", Value(True))

    def _secrets(self, machine: Machine) -> None:
        file = next(
            filter(
                None,
                map(
                    self.tree.optional,
                    ("private/readme.php", "private/PrivateSettings.php.example", "tests/data/PrivateSettings.php"),
                ),
            ),
            None,
        )
        shapes: dict[str, Content] = {}
        if file is not None:
            inner = Machine(Host(), 1)
            inner.host.attach(inner)
            from driftcheck.php.run.frames import Code

            program = Program(inner)
            program._file(Code(inner, file, ROOT + "/private/readme.php"), 1)
            shapes = {name: inner.frame.get(name) for name in inner.frame.names()}
        for name in (*_EXTRA_SECRETS, "wmgSwiftConfig", "wmfSwiftConfig"):
            if self._mentioned(name):
                shape = _SWIFT if name.endswith("SwiftConfig") else Value(None)
                shapes[name] = _filled(shape, shapes.get(name, MISSING))
        for name, shape in shapes.items():
            if isinstance(shape, Value):
                machine.frame.set(name, _secret(shape, name))

    def _mentioned(self, name: str) -> bool:
        wanted = f"${name}".encode()
        return any(
            (source := self.tree.snapshot.read(path)) is not None and wanted in source.text
            for path in self.tree.snapshot.names("wmf-config")
            if path.endswith(".php") and path.count("/") == 1
        )

    def returned(self, path: str) -> Result | None:
        """The compiled list of versions."""
        name = self._relative(path)
        if name.startswith("wikiversions") and name.endswith(".php"):
            source = self.tree.snapshot.read(name[:-4] + ".json")
            if source is not None and name not in self._nothing:
                rows = json.loads(source.text)
                self._nothing[name] = Value({key: Value(text, source, 0) for key, text in rows.items()})
            return self._nothing.get(name)
        return None

    # -- variables and constants -----------------------------------------------------------------------------------

    def absent(self, name: str) -> Content:
        """Core's own content, of which it is only known that there is one."""
        if name == "wgGroupPermissions" and (self.tree.snapshot.date() or "9") < "2019" and self._old_flagged_revs:
            return Value(PhpArray({"reviewer": Value({})}, 0, name))
        return Value(PhpArray(None, 0, name)) if name in _ARRAYS else MISSING

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
        if name in _UNDEFINED:
            return None
        found = self.tree.outside.constants(name)
        if found is None and name in _CONSTANTS:
            return Value(_CONSTANTS[name])
        if found is None:
            from driftcheck.php.literals import BUILT_IN

            return Value(BUILT_IN[name]) if name in BUILT_IN else None
        return found

    def has_class(self, name: str) -> bool:
        """Whether a class exists: MediaWiki's own are not loaded when configuration asks."""
        return name in ("SiteConfiguration", "EtcdConfig")

    def opaque(self, name: str, given: list[Result]) -> bool:
        """Objects of MediaWiki's classes are made, and nothing of them is known but their class."""
        return True

    def static(self, machine: Machine, class_name: str, name: str) -> Slot:
        """A static property of a class of an extension, which only is written."""
        return machine.events.setdefault(f"{class_name}::${name}", Slot(machine.everyone))

    # -- functions -------------------------------------------------------------------------------------------------

    def function(self, name: str) -> Callable[[Call], Result] | None:
        """MediaWiki's functions, and PHP's that look outside."""
        return _FUNCTIONS.get(name)

    def noted(self, name: str, node: Node) -> set[str] | None:
        """What a call may load."""
        if name.startswith("wfload"):
            return {"@*"}
        return set() if name in _FUNCTIONS else None

    def method(self, class_name: str, name: str) -> Callable[[Call], Result] | None:
        """Methods that are answered from outside."""
        return _METHODS.get((class_name.rpartition("\\")[2], name.lower())) or _METHODS.get(("*", name.lower()))

    def stands_for(self, data: Any) -> bool:  # noqa: ANN401 - data of PHP
        """``$globals`` and ``$wgConf->settings``: what is written into them is in the columns already."""
        return data is self._globals or data is self._settings

    def extracted(self, call: Call, found: Instance) -> Result:
        """``extract( $globals )``: the settings of every wiki, after the arrays."""
        if found is not self._globals:
            raise NotEvaluated("what is extracted is not known")
        machine = call.frame.machine
        everywhere = machine.turn.mask == machine.everyone
        for name in self.columns:
            if everywhere and name not in machine.globals:
                machine.late[name] = functools.partial(self.columns.of, name)
            else:
                machine.turn.writes[machine.variable(name)] = self.columns.of(name)
        return call.result(0)

    def _note(self, machine: Machine, event: str, held: Value) -> None:
        """Note what happens; the first time counts, and ``held`` has its place."""
        slot = machine.events.setdefault(event, Slot(machine.everyone))
        if machine.turn.read(slot) is MISSING:
            machine.turn.writes[slot] = held

    def list_of(self, call: Call, name: str) -> Value:
        """The lines of a dblist."""
        if name not in self._lists:
            folder = "dblists" if self.tree.snapshot.read("dblists/all.dblist") is not None else "."
            names = DbLists(self.tree.snapshot, folder).read(name)
            self._lists[name] = call.result(dict(enumerate(map(Value, names))))
        return self._lists[name]


_SWIFT = Value(
    {dc: Value({key: Value(None) for key in ("user", "key", "tempUrlKey", "thumborUser")}) for dc in ("eqiad", "codfw")}
)


def _filled(shape: Value, declared: Content) -> Value:
    """A shape with what is declared of it put in its place."""
    if not isinstance(declared, Value) or declared.data is None:
        return shape
    if not isinstance(shape.data, dict) or not isinstance(declared.data, dict):
        return declared
    out = dict(shape.data)
    for key, item in declared.data.items():
        out[key] = _filled(out[key], item) if key in out else item  # type: ignore[arg-type]
    return Value(out)


def _secret(shape: Value, path: str) -> Value:
    """What stands for a secret of a shape: its name in every place that holds a text or nothing."""
    data = shape.data
    if isinstance(data, dict):
        if not data:
            return Value({0: Value(Input(f"private:{path}"))})
        return shape.with_data({key: _secret(item, f"{path}.{key}") for key, item in data.items()})  # type: ignore[arg-type]
    return shape.with_data(Input(f"private:{path}")) if data is None or isinstance(data, str) else shape


# -- functions of the surroundings -------------------------------------------------------------------------------------


def _load(kind: str) -> Callable[[Call], Result]:
    def run(call: Call) -> Result:
        host: Any = call.frame.machine.host
        names = call.array(0).values() if call.name.endswith("s") else [call.values[0]]
        for name in names:
            host._note(call.frame.machine, f"{kind}:{to_str(name.data)}", call.result(True))
        return call.result(None)

    return run


def _getenv(call: Call) -> Result:
    name = call.text(0)
    host: Any = call.frame.machine.host
    if name == "WMF_DATACENTER":
        return call.result("labs" if host.realm is Realm.BETA else "eqiad")
    return call.result(False)


def _uname(call: Call) -> Result:
    return call.result(Input("env:hostname"))


def _extension_loaded(call: Call) -> Result:
    return call.result(call.text(0) in ("wikidiff2", "apcu", "mbstring", "luasandbox"))


def _snapshot(call: Call, number: int = 0) -> Source | None:
    host: Any = call.frame.machine.host
    path = host.normalised(call.text(number))
    return host.tree.snapshot.read(host._relative(path)) if path.startswith(ROOT + "/") else None  # type: ignore[no-any-return]


def _exists(call: Call) -> Result:
    return call.result(_snapshot(call) is not None)


def _contents(call: Call) -> Result:
    source = _snapshot(call)
    if source is None:
        name = call.text(0)
        if name.startswith("/etc/wikimedia-cluster"):
            host: Any = call.frame.machine.host
            return call.result("labs\n" if host.realm is Realm.BETA else "eqiad\n")
        return call.result(False)
    return call.result(source.text.decode("utf-8"))


def _lines(call: Call) -> Result:
    source = _snapshot(call)
    if source is None:
        return call.result(False)
    flags = call.data(1, 0)
    lines = source.text.decode("utf-8").split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    rows = [line + ("" if flags & 2 else "\n") for line in lines]
    return call.result({n: Value(row, source, 0) for n, row in enumerate(row for row in rows if row or not flags & 4)})


def _append_query(call: Call) -> Result:
    from urllib.parse import quote_plus

    url = call.text(0)
    query = call.data(1)
    if isinstance(query, dict):
        rows = [(key, item.data) for key, item in query.items()]
        if any(isinstance(item, dict) for _, item in rows):
            raise NotEvaluated("a query with an array in it")
        query = "&".join(
            f"{quote_plus(str(key))}={quote_plus(to_str(item))}"
            for key, item in rows
            if item is not None and item is not False
        )
    if query == "":
        return call.result(url)
    url, hash_, fragment = url.partition("#")
    return call.result(url + ("&" if "?" in url else "?") + to_str(query) + hash_ + fragment)


def _clock(call: Call) -> Result:
    return call.code.unknown(call.node, "the clock is not known")


_FUNCTIONS: dict[str, Callable[[Call], Result]] = {
    "wmfgetvariantsettings": lambda call: _static_config(call),
    "wmfapplylabsoverridesettings": lambda call: _static_config(call),
    "ini_get": lambda call: call.result(False),
    **dict.fromkeys(
        (
            "timezone_offset_get",
            "timezone_open",
            "date_create",
            "strtotime",
            "time",
            "getdate",
            "microtime",
            "date",
            "mktime",
            "rand",
            "mt_rand",
            "getmypid",
            "uniqid",
        ),
        _clock,
    ),
    "wfloadextension": _load("extension"),
    "wfloadextensions": _load("extension"),
    "wfloadskin": _load("skin"),
    "wfloadskins": _load("skin"),
    "getenv": _getenv,
    "php_uname": _uname,
    "gethostname": _uname,
    "wfhostname": _uname,
    "extension_loaded": _extension_loaded,
    "is_readable": _exists,
    "file_exists": _exists,
    "is_file": _exists,
    "is_dir": _exists,
    "file_get_contents": _contents,
    "file": _lines,
    "filemtime": lambda call: call.result(False if _snapshot(call) is None else Input("env:filemtime")),
    "wfappendquery": _append_query,
    "apcu_fetch": lambda call: call.result(False),
    "mkdir": lambda call: call.result(True),
    "tempnam": lambda call: call.result(False),
    "htmlspecialchars": lambda call: call.result(
        call.text(0)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        .replace("'", "&#039;")
    ),
}


def _globals(call: Call) -> Result:
    host: Any = call.frame.machine.host
    return host._nothing.setdefault("globals", Value(host._globals))


def _static_config(call: Call) -> Result:
    host: Any = call.frame.machine.host
    return host._nothing.setdefault("settings", Value(host._settings))


def _read_list(call: Call) -> Result:
    host: Any = call.frame.machine.host
    name = call.text(0)
    return host.list_of(call, posixpath.basename(name).removesuffix(".dblist"))  # type: ignore[no-any-return]


def _databases(call: Call) -> Result:
    assert call.this is not None
    slot = call.this.properties.get("wikis")
    return Value({}) if slot is None else call.frame.machine.turn.through(slot)  # type: ignore[return-value]


def _etcd_get(call: Call) -> Result:
    name = call.text(0)
    if name in _ETCD:
        return call.result(_ETCD[name])
    if name.endswith("/ReadOnly"):
        return call.result(False)
    if name.endswith("/dbconfig"):
        return call.result({key: Value({}) for key in _DBCONFIG})
    return call.result(None)


def _setting_of(call: Call) -> Result:
    """``$wgConf->get( 'wgX', wiki )``: only asked for the language of the wiki itself, by the arrays' own code."""
    host: Any = call.frame.machine.host
    machine = call.frame.machine
    if call.text(0) not in host.columns:
        return call.result(None)
    facets = host.columns.of(call.text(0))
    wiki = to_str(call.values[1].data)  # type: ignore[union-attr]
    number = next((n for n, one in enumerate(host.config.wikis) if one.dbname == wiki), None)
    if number is None:
        raise NotEvaluated("a setting of a wiki that is not there")
    held = facets.at(number)[1]
    return call.result(None) if held is MISSING else held


def _site_from_db(call: Call) -> Result:
    """The family and the language of a wiki, as the wiki's own settings have them."""
    host: Any = call.frame.machine.host
    name = call.text(0)
    wiki = next((one for one in host.config.wikis if one.dbname == name), None)
    if wiki is None:
        raise NotEvaluated("siteFromDB() of a wiki that is not there")
    by_name = dict(wiki.replacements)
    return call.result({0: Value(by_name.get("$site")), 1: Value(by_name.get("$lang"))})


def _disabled(call: Call) -> Result:
    return call.result(Input(f'closure:core:DisabledSpecialPage::getCallback("{call.text(0)}")'))


_METHODS: dict[tuple[str, str], Callable[[Call], Result]] = {
    ("WmfConfig", "getconfigglobals"): _globals,
    ("MWConfigCacheGenerator", "getconfigglobals"): _globals,
    ("MWConfigCacheGenerator", "getcachableconfig"): _globals,
    ("MWConfigCacheGenerator", "getmwconfigforcacheing"): _globals,
    ("MWConfigCacheGenerator", "readfromstaticcache"): lambda call: call.result(None),
    ("MWConfigCacheGenerator", "writetostaticcache"): lambda call: call.result(None),
    ("WmfConfig", "getstaticconfig"): _static_config,
    ("MWConfigCacheGenerator", "getstaticconfig"): _static_config,
    ("WmfConfig", "readdblistfile"): _read_list,
    ("MWWikiversions", "readdblistfile"): _read_list,
    ("SiteConfiguration", "getlocaldatabases"): _databases,
    ("SiteConfiguration", "getall"): _globals,
    ("SiteConfiguration", "sitefromdb"): _site_from_db,
    ("StaticSiteConfiguration", "sitefromdb"): _site_from_db,
    ("StaticSiteConfiguration", "getlocaldatabases"): _databases,
    ("StaticSiteConfiguration", "getall"): _globals,
    ("StaticSiteConfiguration", "get"): _setting_of,
    ("SiteConfiguration", "get"): _setting_of,
    ("EtcdConfig", "get"): _etcd_get,
    ("EtcdConfig", "has"): lambda call: call.result(True),
    ("EtcdConfig", "getmodifiedindex"): lambda call: call.result(Input("etcd:modifiedIndex")),
    ("DisabledSpecialPage", "getcallback"): _disabled,
}


# -- the run -----------------------------------------------------------------------------------------------------------


class Arrays(Mapping[str, Facets]):
    """The settings after the arrays, by the worlds that have each value; each is worked out when it is asked for."""

    def __init__(self, config: RealmConfig, everyone: int) -> None:
        self._config, self._everyone = config, everyone
        self._rows: dict[str, list[str]] = {}
        for name in config.settings:
            self._rows.setdefault(name.removeprefix("+"), []).append(name)
        self._made: dict[str, Facets] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, name: str) -> Facets:
        made = self._made.get(name)
        if made is None:
            facets: list[tuple[int, Content]] = []
            # A row without a value on a wiki takes nothing from an earlier row of that name (`wgX` and `+wgX`).
            for row in self._rows[name]:
                new = self._facets(row)
                taken = 0
                for mask, _ in new:
                    taken |= mask
                facets = [*((mask & ~taken, content) for mask, content in facets if mask & ~taken), *new]
            made = self._made[name] = Facets(tuple(facets))
        return made

    of = __getitem__

    def _facets(self, row: str) -> list[tuple[int, Content]]:
        setting = self._config.settings[row].get()
        if isinstance(setting, Unknown):
            return [(self._everyone, setting)]
        count = len(self._config.wikis)
        return [
            (self._everyone if len(numbers) == count else _mask(numbers), resolved.value)
            for resolved, numbers in self._config.resolver.groups(setting)
            if resolved.value is not MISSING
        ]


def _mask(numbers: Iterable[int]) -> int:
    digits = bytearray()
    for number in numbers:
        place = number >> 3
        if place >= len(digits):
            digits.extend(bytes(place + 1 - len(digits)))
        digits[place] |= 1 << (number & 7)
    return int.from_bytes(digits, "little")


def run(tree: Tree, realm: Realm, config: RealmConfig) -> Machine:
    """CommonSettings.php for every wiki of a realm; the machine as it stands at its end."""
    wikis = config.wikis
    everyone = (1 << len(wikis)) - 1
    host = Surroundings(tree, realm, config, Arrays(config, everyone))
    machine = Machine(host, len(wikis))
    host.attach(machine)
    _request(machine, host)
    program = Program(machine)
    _begin(machine, host, program)
    program.run(_COMMON)
    return machine


def _each(machine: Machine, values: list[Any]) -> Slot:
    slot = Slot(machine.everyone)
    slot.put([(1 << number, Value(data)) for number, data in enumerate(values)])
    slot.bound = 2
    return slot


def _request(machine: Machine, host: Surroundings) -> None:
    """The request: an anonymous GET of the main page over HTTPS."""
    hosts = []
    servers = host.columns.get("wgCanonicalServer")
    for number, wiki in enumerate(host.config.wikis):
        held = servers.at(number)[1] if servers is not None else MISSING
        text = held.data if isinstance(held, Value) and isinstance(held.data, str) else f"//{wiki.dbname}.invalid"
        hosts.append(text.partition("//")[2])
    name = _each(machine, hosts)
    rows: dict[str, Any] = {
        "REQUEST_URI": "/wiki/Main_Page", "SCRIPT_NAME": "/w/index.php", "QUERY_STRING": "", "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_PORT": "443", "HTTPS": "on", "HTTP_X_FORWARDED_PROTO": "https", "REQUEST_METHOD": "GET",
        "REMOTE_ADDR": "127.0.0.1", "DOCUMENT_ROOT": ROOT + "/docroot/DOCROOT",
        "SERVERGROUP": "misc" if host.realm is Realm.BETA else "kube-mw-web",
    }  # fmt: skip
    server: dict[Any, Any] = {key: Value(text) for key, text in rows.items()}
    server["SERVER_NAME"] = server["HTTP_HOST"] = name
    if host.realm is Realm.PRODUCTION:
        server["STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST"] = Value(Input("env:STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST"))
    machine.variable("_SERVER").put([(machine.everyone, Value(PhpArray(server)))])
    for empty in ("_GET", "_POST", "_COOKIE", "_REQUEST", "_FILES", "_ENV"):
        machine.variable(empty).put([(machine.everyone, Value({}))])


def _begin(machine: Machine, host: Surroundings, program: Program) -> None:
    """What an entry point has done before: MWMultiVersion knows the wiki, and core has its classes."""
    tree = host.tree
    for path in _SITE_CONFIGURATIONS:
        if tree.optional(path) is not None:
            code = machine.code(f"{ROOT}/{path}")
            assert code is not None
            machine.each(machine.everyone, lambda: hoist(machine, code, children(code.file.root)), lambda _, __: None)
            break
    if machine.code(_MULTIVERSION) is not None:
        program.run(_MULTIVERSION)
    _instance(machine, host)


def _instance(machine: Machine, host: Surroundings) -> None:
    def make() -> None:
        declaration = machine.classes.find("MWMultiVersion")
        if declaration is None:
            return
        instance = new(machine, "MWMultiVersion", declaration)
        instance.properties["db"] = _each(machine, [wiki.dbname for wiki in host.config.wikis])
        slot = declaration.static("instance")
        if slot is not None:
            machine.turn.writes[slot] = Value(instance)

    machine.each(machine.everyone, make, lambda _, why: print("MV", why))

    def path() -> None:
        held = machine.classes.find("MWMultiVersion")
        version: Result = Value("php-unknown")
        if held is not None:
            from driftcheck.php.run.calls import invoke

            method = held.method("getVersion") or held.method("getVersionNumber")
            slot = held.static("instance")
            found = machine.turn.through(slot) if slot is not None else MISSING
            if method is not None and isinstance(found, Value):
                version = invoke(machine.frame, method, [], found.data, held)  # type: ignore[arg-type]
        text = version.data if isinstance(version, Value) and isinstance(version.data, str) else "php-unknown"
        machine.frame.set("IP", Value(f"{ROOT}/{text if text.startswith('php-') else 'php-' + text}"))

    machine.each(machine.everyone, path, lambda _, why: print("IP", why))


class Outcome(NamedTuple):
    """What CommonSettings.php leaves behind: for each variable, and for each extension or skin that it loads, a column.

    A column has a result for each wiki of the realm, in its order. ``extension:ORES`` is true where ORES is loaded.
    ``lost`` says of each wiki why anything may have been written or loaded there; MISSING where everything is followed.
    """

    settings: dict[str, Column]
    loaded: dict[str, Column]
    lost: Column
    holes: list[Hole]


def assigned(tree: Tree, realm: Realm, config: RealmConfig, wanted: Callable[[str], bool]) -> Outcome:
    """Run CommonSettings.php for the wikis of a realm; the variables that are wanted."""
    machine = run(tree, realm, config)
    reader = _Reader(machine, len(config.wikis))
    names = [name for name in (*machine.globals, *machine.late) if wanted(name)]
    settings = {name: reader.column(machine.variable(name), name) for name in names}
    loaded = {
        name: reader.column(slot, "") for name, slot in machine.events.items() if ":" in name and "::" not in name
    }
    lost = [content for _, content in machine.lost.facets if isinstance(content, Unknown)]
    holes = [Hole(f"any setting may be written here: {hole.words}", hole.span) for hole in lost]
    return Outcome(settings, loaded, reader.column(machine.lost, ""), holes)


class _Reader:
    """Makes columns of what a machine holds, each distinct value once."""

    def __init__(self, machine: Machine, count: int) -> None:
        self._machine, self._count = machine, count
        self._memo: dict[int, Any] = {}

    def column(self, slot: Slot, name: str) -> Column:
        """The content of a slot in each world. Null is absence, and so is what nothing was put onto."""
        column: Column = [MISSING] * self._count
        for mask, content in self._facets(slot, self._machine.everyone):
            value = MISSING if untouched(name, content) else exported(content, self._memo)
            if value is MISSING or (isinstance(value, Value) and value.data is None):
                continue
            if mask == self._machine.everyone:
                return [value] * self._count
            for number in members(mask):
                column[number] = value
        return column

    def _facets(self, slot: Slot, mask: int) -> Iterator[tuple[int, Content]]:
        for some, content in slot.facets:
            if content.__class__ is Slot:
                yield from self._facets(content, mask & some)
            elif mask & some:
                yield mask & some, content


def untouched(name: str, held: Content) -> bool:
    """Whether a setting is what it was before the configuration ran: nothing was put onto it."""
    return isinstance(held, Value) and isinstance(held.data, PhpArray) and held.data.base == name and not held.data


def exported(held: Content, memo: dict[int, Any]) -> Result | Missing:
    """A content as a value for reports: objects and closures by their names, arrays plain."""
    if not isinstance(held, Value):
        return held  # type: ignore[return-value]
    data: Any = held.data
    if isinstance(data, dict):
        found = memo.get(id(data))
        if found is None:
            found = memo[id(data)] = (data, _exported_array(data, memo))
        return held if found[1] is data else held.with_data(found[1])
    if isinstance(data, Closure):
        assert data.function is not None
        code = data.function.code
        path = posixpath.relpath(code.path, ROOT)
        line = code.source.span(data.function.node.start_byte << 32 | data.function.node.end_byte).line
        return held.with_data(Input(f"closure:{path}:{line}"))
    if isinstance(data, Instance):
        return held.with_data(Input(f"object:{data.name}"))
    return held


def _exported_array(data: dict[Any, Any], memo: dict[int, Any]) -> dict[Any, Any]:
    changed = {key: new for key, item in data.items() if (new := exported(item, memo)) is not item}
    return {**data, **changed} if changed else data
