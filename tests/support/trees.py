"""Trees of mediawiki-config, of an ORES service and of deployment-charts, in memory."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from driftcheck.core.model import Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DATE = "2017-11-20"
WIKIS = ("enwiki", "frwiki")
LOAD = "if ( $wmgUseORES ) {\n\twfLoadExtension( 'ORES' );\n\t$wgOresBaseUrl = 'https://ores.wikimedia.org/';\n}\n"
BETA_URL = "if ( $wmgUseORES ) {\n\t$wgOresBaseUrl = 'https://ores-beta.wmflabs.org/';\n}\n"
ON = "'wmgUseORES' => [ 'default' => true ],\n"

INITIALISE = "wmf-config/InitialiseSettings.php"
OVERLAY = "wmf-config/InitialiseSettings-labs.php"
EXT_ORES = "wmf-config/ext-ORES.php"
LOGOS = "wmf-config/logos.php"
COMMON = "wmf-config/CommonSettings.php"
COMMON_LABS = "wmf-config/CommonSettings-labs.php"

# The parts of src/WmfConfig.php (mediawiki-config, 2026) that say where things are.
_WMF_CONFIG = """<?php

namespace Wikimedia\\MWConfig;

class WmfConfig {{

\tpublic const SUFFIXES = [
\t\t'wikipedia' => 'wiki',
\t\t'wiktionary',
\t\t'wikiquote',
\t\t'wikibooks',
\t\t'wikinews',
\t\t'wikisource',
\t\t'wikiversity',
\t\t'wikimedia',
\t\t'wikivoyage',
\t];

\tpublic const DB_LISTS = [
{lists}\t];

\tprivate const DB_LISTS_LABS = [
{labs}\t];

\tpublic static function getTagsForWiki( string $dbName, string $realm = 'production' ): array {{
\t\t$dblistsIndex = require __DIR__ . '/../dblists-index.php';
\t\t$wikiTags = $dblistsIndex[$dbName] ?? [];
\t\treturn $wikiTags;
\t}}

\tpublic static function getConfigGlobals( string $dbName, $siteConfiguration, string $realm = 'production' ): array {{
\t\t[ $site, $lang ] = $siteConfiguration->siteFromDB( $dbName );
\t\t$dbSuffix = ( $site === 'wikipedia' ) ? 'wiki' : $site;
\t\t$confParams = [
\t\t\t'lang' => $lang,
\t\t\t'site' => $site,
\t\t];
\t\t$wikiTags = self::getTagsForWiki( $dbName, $realm );
\t\t$wikiTags[] = $siteConfiguration->get( 'wgLanguageCode', $dbName, $dbSuffix, $confParams, $wikiTags );
\t\treturn $siteConfiguration->getAll( $dbName, $dbSuffix, $confParams, $wikiTags );
\t}}

\tpublic static function getStaticConfig( string $realm = 'production' ): array {{
\t\t$configDir = __DIR__ . '/../wmf-config';
\t\t$settings =
{chain};

\t\tif ( $realm !== 'production' ) {{
\t\t\trequire_once $configDir . "/InitialiseSettings-$realm.php";
\t\t\t$settings = self::applyOverrides( $settings );
\t\t}}

\t\treturn $settings;
\t}}

}}
"""
_COMMON = """<?php
$wgConf->settings = [];
{body}
if ( $wmgRealm === 'labs' ) {{
\trequire __DIR__ . '/CommonSettings-labs.php';
}}
"""


def tree(
    production: str = "",
    beta: str = "",
    common: str | None = None,
    common_labs: str | None = None,
    *,
    wikis: Sequence[str] = WIKIS,
    beta_wikis: Sequence[str] | None = None,
    tags: Mapping[str, Sequence[str]] | None = None,
    labs_tags: Mapping[str, Sequence[str]] | None = None,
    ores: str | None = None,
    before: str = "",
    files: Mapping[str, str | bytes | None] | None = None,
) -> dict[str, bytes]:
    """A minimal tree in the layout of 2026, from the rows of its settings.

    ``production`` and ``beta`` are rows of the settings arrays, ``common`` and ``common_labs`` statements, ``ores``
    the whole of ext-ORES.php, which is in the chain only if it is given, ``before`` statements before production's
    array. ``tags`` are dblists with their wikis in the order of the tags, ``labs_tags`` those that beta replaces.
    ``files`` are put in, or with None left out, at the end.
    """
    tags, labs_tags = dict(tags or {}), dict(labs_tags or {})
    beta_wikis = wikis if beta_wikis is None else beta_wikis
    chain = [
        f"\t\t\t( require $configDir . '/{Path(path).name}' )"
        for path in (LOGOS, INITIALISE, EXT_ORES)[: 2 + (ores is not None)]
    ]
    index = {
        name: [tag for tag, members in tags.items() if name in members] for name in dict.fromkeys([*wikis, *beta_wikis])
    }
    rows = [f"'{name}' => [ {', '.join(map(repr, held))} ],\n" for name, held in sorted(index.items())]
    texts: dict[str, str | bytes | None] = {
        "src/WmfConfig.php": _WMF_CONFIG.format(
            lists="".join(f"\t\t'{tag}',\n" for tag in tags),
            labs="".join(f"\t\t'{tag}' => '{tag}-labs',\n" for tag in labs_tags),
            chain=" +\n".join(chain),
        ),
        LOGOS: "<?php\nreturn [\n];\n",
        INITIALISE: f"<?php\n{before}return [\n{production}\n];\n",
        OVERLAY: f"<?php\nfunction wmfGetOverrideSettings() {{\n\treturn [\n{beta}\n\t];\n}}\n",
        COMMON: _COMMON.format(body=LOAD if common is None else common),
        COMMON_LABS: f"<?php\n{BETA_URL if common_labs is None else common_labs}",
        "dblists/all.dblist": "".join(f"{name}\n" for name in wikis),
        "dblists/all-labs.dblist": "".join(f"{name}\n" for name in beta_wikis),
        "dblists-index.php": f"<?php\n// NOTE: generated\nreturn [\n{''.join(rows)}];\n",
        **({EXT_ORES: ores} if ores is not None else {}),
        **{f"dblists/{tag}.dblist": "".join(f"{name}\n" for name in held) for tag, held in tags.items()},
        **{f"dblists/{tag}-labs.dblist": "".join(f"{name}\n" for name in held) for tag, held in labs_tags.items()},
        **(files or {}),
    }
    return {
        path: text.encode("utf-8") if isinstance(text, str) else text
        for path, text in texts.items()
        if text is not None
    }


class MemoryTree:
    """A snapshot over a dict."""

    def __init__(self, files: Mapping[str, str | bytes], date: str | None = DATE, revision: str = "") -> None:
        self.files = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
        self.revision = revision
        self.closed = False
        self._date = date
        self._sources: dict[str, Source] = {}

    def read(self, path: str) -> Source | None:
        if path not in self.files:
            return None
        return self._sources.setdefault(path, Source(path, self.files[path], self.revision))

    def blob_id(self, path: str) -> str | None:
        text = self.files.get(path)
        return None if text is None else hashlib.sha1(b"blob %d\0%b" % (len(text), text)).hexdigest()

    def names(self, folder: str) -> list[str]:
        return sorted(path for path in self.files if folder == "." or path.startswith(f"{folder}/"))

    def date(self) -> str | None:
        return self._date

    def close(self) -> None:
        self.closed = True


MODELS_AND_DRIFT = (
    f"""{ON}
'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => true, 'reverted' => false, 'wp10' => false ] ],
'wgOresX' => [ 'default' => [ 'a' => 1, 'b' => null, 'c' => [ 1.5, 'é' ] ] ],
""",
    """
'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => false, 'reverted' => false, 'wp10' => false ] ],
'wgOresX' => [ 'frwiki' => [ 7 => true ] ],
""",
)
"""Rows of production and beta with one error and one warning."""


CONTEXT = """\
  {wiki}:
    scorer_models: {{{models}}}
    extractor: {wiki}_api
"""
MODEL = """\
  {wiki}_{model}: {{class: revscoring.Model, model_file: "models/{wiki}.{model}.model"}}
"""


def service(**contexts):
    """config/00-main.yaml of an ORES service: model names by wiki, as ``damaging=file`` where the file is another."""
    models, bound, extractors = "", "", ""
    for wiki, names in contexts.items():
        pairs = [(name.partition("=")[0], name.rpartition("=")[2]) for name in names]
        inner = ", ".join(f"{name}: {wiki}_{file}" for name, file in pairs)
        bound += CONTEXT.format(wiki=wiki, models=inner)
        models += "".join(MODEL.format(wiki=wiki, model=file) for _, file in pairs)
        extractors += f"  {wiki}_api: {{class: x, host: https://{wiki.removesuffix('wiki')}.wikipedia.org}}\n"
    text = (
        "ores:\n  scoring_system: local\nscoring_systems:\n  defaults:\n    scoring_contexts:\n"
        + "".join(f"    - {wiki}\n" for wiki in contexts)
        + f"  local: {{class: x}}\nscoring_contexts:\n{bound}extractors:\n{extractors}scorer_models:\n{models}"
    )
    return {"config/00-main.yaml": text}


OLD, NEW = "202105140814", "20220214192144"


def charts(production=NEW, staging=NEW, version='    version: "{}"\n'):
    above = "helmfile.d/ml-services/revscoring-editquality-goodfaith"
    shared = 'inference:\n  s3_storage_base_uri: "s3://wmf-ml-models"\n'
    row = (
        'revscoring_inference_services:\n  - wiki: "en"\n    model: "goodfaith"\n    host: "en.wikipedia.org"\n'
        + version
    )
    return {
        f"{above}/helmfile.yaml": "environments:\n  ml-serve-eqiad:\n  ml-serve-codfw:\n  ml-staging-codfw:\n",
        f"{above}/values.yaml": shared + row.format(production),
        f"{above}/values-ml-staging-codfw.yaml": row.format(staging),
    }
