"""The wikis of a realm and the tags that select settings for each: dblists, beta's replacements, language, family.

The order of the tags decides which selector wins. It is that of the list of dblists, wherever the layout has it, after
which come the language (since 2016-12-06) and the family.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core import reach
from driftcheck.core.model import MISSING, Hole, IncompleteError, Realm, Setting, Unknown, Value, Wiki
from driftcheck.mediawiki.cascade import UNKNOWN_TAG, CascadeRules, Resolver, put_in
from driftcheck.mediawiki.dblists import DbLists, index_of
from driftcheck.php.program import class_constant, value_of
from driftcheck.php.syntax import ancestors, children, field, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from driftcheck.core.model import Key, Missing, Result, Span
    from driftcheck.mediawiki.settings import LazySetting
    from driftcheck.mediawiki.tree import Tree
    from driftcheck.php.evaluator import Lazy
    from driftcheck.php.file import PhpFile
    from driftcheck.php.program import Program

_LANGUAGE_TAG = re.compile(rb"\$wikiTags\[\] = \$\w+->get\(\s*'wgLanguageCode'")
_LIST_READERS, _READER = ("multiversion/MWWikiversions.php", "src/WmfConfig.php"), b"function readDbListFile"
_SUFFIXES = {"wikipedia": "wiki"} | {
    name: name
    for name in (
        "wiktionary", "wikiquote", "wikibooks", "wikinews", "wikisource", "wikiversity", "wikimedia", "wikivoyage",
    )
}  # fmt: skip


_WIKIS = 4096
"""Four times as many as there are."""


class Named(NamedTuple):
    """What lists and code say of wikis: dbname, tags, the family's suffix, what is put in; and whether the language is a tag."""

    own: list[tuple[str, list[str], str, tuple[tuple[str, str], ...]]]
    by_language: bool


class WikiLists:
    """Reads the wikis of a tree; ``overlay`` is the program of beta's overlay, where the realm has one."""

    def __init__(self, tree: Tree, rules: CascadeRules, overlay: Program | None = None) -> None:
        self._tree, self._rules, self._overlay, self._layout = tree, rules, overlay, tree.layout

    def named(self, realm: Realm) -> Named:
        """What lists and code say of the wikis of a realm, in the order of its list."""
        lists = self._lists(realm)
        names = self._layout.realms[realm].lists
        dbnames = lists.read(next(filter(lists.exists, names), names[-1]))
        tags_of = self._tagger(realm, lists)
        first, parameters = self._callback() if realm is Realm.BETA else ((), ())
        suffixes, template = tuple(self._suffixes().items()), tuple(self._parameter_template(realm).items())
        named = Named([], self._has_language_tag())
        for dbname in dict.fromkeys(dbnames):
            site, lang, suffix = _site_of(dbname, suffixes)
            tags = [tag for tag in first if tag == "beta" or dbname in lists.read(tag)]
            filled = _filled(template, lang, site, dbname)
            put_in = (*parameters, *filled) if parameters else filled
            named.own.append((dbname, [*tags, *tags_of(dbname)], suffix, put_in))
        return named

    def wikis(self, named: Named, settings: Mapping[str, LazySetting]) -> list[Wiki]:
        """The wikis, with their tags."""
        wikis = [Wiki(dbname, self._tags(tags, suffix), put_in) for dbname, tags, suffix, put_in in named.own]
        if named.by_language:
            self._add_languages(wikis, named, settings.get("wgLanguageCode"))
        return wikis

    def _add_languages(self, wikis: list[Wiki], named: Named, setting: LazySetting | None) -> None:
        """A tag of each wiki's wgLanguageCode, between its own and the family's suffix (since 2016-12-06)."""
        known = setting.get() if setting is not None else Setting("wgLanguageCode", {})
        groups: list[tuple[Result | Missing, Iterable[int]]]
        if isinstance(known, Unknown):
            groups = [(known, range(len(wikis)))]
        else:
            groups = [(resolved.value, numbers) for resolved, numbers in Resolver(wikis, self._rules).selected(known)]
        for held, numbers in groups:
            tag = _language_tag(held)
            if tag == UNKNOWN_TAG:
                reason, span = _not_a_tag(held)
                self._tree.holes.append(Hole(f"the language tag of some wikis: {reason}", span))
            for number in numbers:
                wiki, (_, tags, suffix, _) = wikis[number], named.own[number]
                language = put_in(tag, wiki.replacements, deep=self._rules.deep) if "$" in tag else tag
                wikis[number] = Wiki(wiki.dbname, self._tags([*tags, language], suffix), wiki.replacements)

    def _tags(self, own: list[str], suffix: str) -> tuple[str, ...]:
        """A wiki's tags and its family's suffix, each once.

        Until 2020-03-04 SiteConfiguration asked for the suffix in a step of its own: where a list has that name too,
        ``+suffix`` is merged twice.
        """
        return (*dict.fromkeys(own), suffix) if self._rules.falsy else tuple(dict.fromkeys([*own, suffix]))

    def _lists(self, realm: Realm) -> DbLists:
        if self._layout.dblists:
            trims = self._reader_has(b"trim(")
            computes = trims or self._reader_has(b"evalDbListExpression")
            return DbLists(self._tree.snapshot, self._layout.dblists, trimmed=trims, computed=computes)
        # Realm files of 2012 to 2015.
        endings = self._layout.realms[realm].endings
        center = self._tree.environment(realm).datacenter
        realms = [f"-{name}{place}" for name in endings for place in (f"-{center}", "")]
        return DbLists(self._tree.snapshot, "", (*realms, f"-{center}", ""))

    def _reader_has(self, code: bytes) -> bool:
        """Whether the tree's own reader of lists has this code, or there is no such reader.

        Until 2020-03 it drops blanks and comments behind a name, and for nine days more it evaluates expressions.
        """
        files = map(self._tree.optional, _LIST_READERS)  # parsed: in a broken one PHP would read no list
        bodies = [f.source.text.partition(_READER)[2][:1000] for f in files if f and _READER in f.source.text]
        return not bodies or any(code in body for body in bodies)

    def _tagger(self, realm: Realm, lists: DbLists) -> Callable[[str], list[str]]:
        """How a wiki gets its dblist tags, by its dbname."""
        if self._layout.tags == "function":
            return self._tags_of_function(realm, lists)
        if self._layout.tags == "property":
            index = self._tags_of_property(realm, lists)
        else:
            index = lists.tags(self._listed_tags())
        return lambda dbname: index.get(dbname, [])

    def _tags_of_function(self, realm: Realm, lists: DbLists) -> Callable[[str], list[str]]:
        """As getTagsForWiki(): from dblists-index.php (since 2022-07-31) or the lists of a constant, then beta's own."""
        labs = reach.strings(self._class_constant("DB_LISTS_LABS")) if realm is Realm.BETA else {}
        in_beta = {tag: frozenset(lists.read(name)) for tag, name in labs.items()}
        if b"dblists-index.php" in self._tree.required(self._layout.tagged).source.text:
            index = self._dblist_index()
        else:
            index = lists.tags(list(reach.strings(self._class_constant("DB_LISTS")).values()))
        if not in_beta:
            return lambda dbname: index.get(dbname, [])
        return lambda dbname: (
            [tag for tag in index.get(dbname, ()) if tag not in in_beta]
            + [str(tag) for tag, members in in_beta.items() if dbname in members]
        )

    def _tags_of_property(self, realm: Realm, lists: DbLists) -> dict[str, list[str]]:
        """The lists of ``$dbLists`` (2019 to 2022), and beta's."""
        files = {name: name for name in reach.strings(self._class_constant("dbLists")).values()}
        if realm is Realm.BETA:
            # A list of names is appended (2019 to 2020), a map replaces the file that stands behind a tag.
            for tag, name in reach.strings(self._class_constant("labsDbLists")).items():
                files[name if isinstance(tag, int) else tag] = name
        return lists.tags(list(files), files)

    def _dblist_index(self) -> Mapping[str, list[str]]:
        """dblists-index.php, a generated file: one line a wiki; anything else in it is read as PHP."""
        path = "dblists-index.php"
        source = self._tree.snapshot.read(path)
        if source is None:
            self._tree.required(path)
        assert source is not None
        if (index := index_of(source.text)) is not None:
            return index
        rows = self._tree.program(path, Realm.PRODUCTION).result()
        if not reach.is_array(rows):
            raise IncompleteError(f"{path}: cannot be evaluated; run composer manage-dblist update")
        return {str(dbname): list(reach.strings(item).values()) for dbname, item in reach.array(rows).items()}

    def _class_constant(self, name: str) -> Result | None:
        return class_constant(self._tree.program(self._layout.tagged, Realm.PRODUCTION), name)

    def _listed_tags(self) -> list[str]:
        """The literal list of tags in CommonSettings.php (2012 to 2019)."""
        file = self._tree.required(self._layout.tagged)
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
            raise IncompleteError(
                f"{self._layout.tagged}: the list of dblist tags was not found; driftcheck knows no such layout"
            )
        tags = value_of(node, file, self._tree.outside)
        return list(reach.strings(tags).values())

    def _has_language_tag(self) -> bool:
        source = self._tree.snapshot.read(self._layout.generator)
        return source is not None and _LANGUAGE_TAG.search(source.text) is not None

    def _callback(self) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
        """What beta's siteParamsCallback (2015-05-11 to 2019-09-12) puts first: tags, and ``$variant``."""
        source = self._overlay.file.source.text if self._overlay is not None else b""
        if b"siteParamsCallback" not in source:
            return (), ()
        start = source.index(b"siteParamsCallback")
        body = source[start : source.find(b"};", start)]
        extra = re.search(rb"\$betaDblistTags = \[([^]]*)\]", body)
        names = re.findall(rb"'([\w-]+)'", extra[1]) if extra else []
        tags = (b"beta", *names) if re.search(rb"[(\[] ?'beta' ?[)\]]", body) else tuple(names)
        return tuple(tag.decode() for tag in tags), (("$variant", "beta"),)

    def _suffixes(self) -> dict[str, str]:
        for path in self._layout.suffixes:
            file = self._tree.optional(path)
            held = None if file is None else self._suffixes_in(path, file)
            if held is not None:
                return {_family(k, suffix): suffix for k, suffix in reach.strings(held).items()}
        return _SUFFIXES

    def _suffixes_in(self, path: str, file: PhpFile) -> Result | None:
        """What a file says of the suffixes: a class constant (since 2020), or ``$wgConf->suffixes``."""
        held = class_constant(self._tree.program(path, Realm.PRODUCTION), "SUFFIXES")
        if held is not None:
            return held
        for statement in file.find("expression_statement"):
            for node in children(statement):
                right = field(node, "right")
                if text(field(node, "left")) == "$wgConf->suffixes" and right is not None:
                    return value_of(right, file, self._tree.outside)
        return None

    def _parameter_template(self, realm: Realm) -> dict[str, str]:
        """The parameters of the tree's getAll() call in their order, as strings over {lang} and {site}."""
        file = self._tree.required(self._layout.generator)
        match = re.search(rb"'lang'\s*=>", file.source.text)
        node = None if match is None else file.node_at(match.start(), match.end())
        array = next((n for n in ([node, *ancestors(node)] if node else []) if n.type.startswith("array_c")), None)
        document_root = Value({"DOCUMENT_ROOT": Value("/srv/mediawiki/docroot/DOCROOT")})
        scope: dict[str, Result | Lazy] = {
            **self._tree.environment(realm).variables,
            "lang": Value("{lang}"),
            "site": Value("{site}"),
            **dict.fromkeys(("dbName", "dbname", "wgDBname"), Value("{dbname}")),
            "_SERVER": document_root,
        }
        held = None if array is None else value_of(array, file, self._tree.outside, scope)
        for key, item in reach.array(held).items() if reach.is_array(held) else ():
            if isinstance(item, Unknown) or _OPEN.search(str(item.data)):
                what = f"the parameter '{key}' of getAll() is not followed"
                raise IncompleteError(f"{file.source.path}: {what}; driftcheck knows no such layout")
        found = {str(key): value for key, value in reach.strings(held).items()}
        return found or {"lang": "{lang}", "site": "{site}"}


_OPEN = re.compile(r"\{(?!(?:lang|site|dbname)\})")


def _family(key: Key, suffix: str) -> str:
    """The family of a suffix. Until 2013-08-11 SiteConfiguration itself knew that ``wiki`` means Wikipedia."""
    if isinstance(key, str):
        return key
    return "wikipedia" if suffix == "wiki" else suffix


def _language_tag(held: Result | Missing) -> str:
    """The tag that a wiki's wgLanguageCode makes: PHP takes null for the empty word, and a number for a word."""
    if held is MISSING or (isinstance(held, Value) and held.data is None):
        return ""
    if isinstance(held, Value) and isinstance(held.data, (str, int)) and not isinstance(held.data, bool):
        return str(held.data)
    return UNKNOWN_TAG


def _not_a_tag(held: Result | Missing) -> tuple[str, Span | None]:
    assert held is not MISSING
    return (held.reason, held.span) if isinstance(held, Unknown) else ("a language is a word", held.span)


@functools.lru_cache(maxsize=_WIKIS)
def _filled(template: tuple[tuple[str, str], ...], lang: str, site: str, dbname: str) -> tuple[tuple[str, str], ...]:
    """What a wiki's parameters are by their names; both realms ask, and trees that follow one another."""
    return tuple(
        (f"${name}", text.replace("{lang}", lang).replace("{site}", site).replace("{dbname}", dbname))
        for name, text in template
    )


@functools.lru_cache(maxsize=_WIKIS)
def _site_of(dbname: str, suffixes: tuple[tuple[str, str], ...]) -> tuple[str, str, str]:
    """(family, language, suffix) as SiteConfiguration::siteFromDB splits a dbname."""
    for site, suffix in suffixes:
        if dbname.endswith(suffix):
            lang = dbname[: len(dbname) - len(suffix)].replace("_", "-")
            return site, lang, "wiki" if site == "wikipedia" else site
    return "", "", ""
