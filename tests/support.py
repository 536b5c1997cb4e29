"""What the tests stand on: trees of mediawiki-config in memory, on disk and in git, and values in short."""

from __future__ import annotations

import gc
import hashlib
import io
import json
import os
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from driftcheck.core.model import MISSING, Realm, Source, Unknown, Value
from driftcheck.engine import Options, Run, check
from driftcheck.layers.extension import profiles
from driftcheck.report import jsonreport

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftcheck.core.finding import Example, Finding, Report
    from driftcheck.core.model import Missing, Result

FIXTURES = Path(__file__).parent.parent / "fixtures"
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


def example_tree(example: Example) -> dict[str, bytes]:
    """The tree that an example of a rule describes."""
    return tree(
        example.production,
        example.beta,
        example.common or None,
        example.common_labs or None,
        wikis=example.wikis,
        beta_wikis=example.beta_wikis,
    )


def example_report(example: Example) -> Report:
    """The report on an example, of all the layers that it has files for."""
    extension = judged(example_tree(example), date=example.date, statistics=example.statistics)
    if not (example.files or example.files_beta):
        return extension
    if not example.production:
        extension = replace(extension, findings=(), incomplete=())
    return replace(extension, findings=(*extension.findings, *service_findings(example), *liftwing_findings(example)))


OVERLAY_FOLDER = "etc/ores"


def service_findings(example: Example) -> list[Finding]:
    """What an ORES service has to hear: alone, between the realms, and against an extension that is on."""
    from driftcheck.core.causes import join
    from driftcheck.layers.service import read as ores
    from driftcheck.layers.service import rules as service

    sides = {}
    for realm, files in zip(Realm, (example.files, example.files_beta), strict=True):
        snapshot = MemoryTree(dict(files))
        if ores.is_service(snapshot):
            sides[realm] = ores.load(snapshot, overlay=snapshot, overlay_folder=OVERLAY_FOLDER)
    drafts = [draft for realm, config in sides.items() for draft in service.single(config, realm)]
    if len(sides) == 2:
        drafts += service.between(*sides.values())
    if example.production:
        comparison = run_on(example_tree(example), date=example.date).comparison
        drafts += [draft for realm, config in sides.items() for draft in service.missing(comparison, realm, config)]
    return join(drafts)


def liftwing_findings(example: Example) -> list[Finding]:
    """What Lift Wing's values have to hear."""
    return findings_on(dict(example.files))


def findings_on(files: Mapping[str, str]) -> list[Finding]:
    """The findings on a tree of deployment-charts."""
    from driftcheck.core.causes import join
    from driftcheck.layers.liftwing import read as liftwing
    from driftcheck.layers.liftwing import rules

    charts = liftwing.load(MemoryTree(files))
    assert not charts.holes
    return join(rules.drafts(charts))


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


def run_on(
    files: Mapping[str, str | bytes],
    *,
    date: str = DATE,
    profile: str = "ores",
    settings: Sequence[str] = (),
    extension_dir: str | None = None,
    statistics: str | None = None,
) -> Run:
    """A run over a tree in memory; ``statistics`` names a folder of fixtures."""
    from driftcheck.statistics.tables import Folder

    source = None if statistics is None else Folder.at(str(FIXTURES / statistics))
    return Run(
        MemoryTree(files, date),
        Options(profiles.load(profile, settings), None, extension_dir, statistics=source),
    )


def report_on(files: Mapping[str, str | bytes], **options: Any) -> Report:
    """The report on a tree in memory."""
    return check(run_on(files, **options))


def judged(files: Mapping[str, str | bytes], today: str = "2020-01-01", **options: Any) -> Report:
    """The report on a tree in memory, with the waivers of its comments applied on a day."""
    from driftcheck.judging import waivers
    from driftcheck.layers.registry import RULES

    report = report_on(files, **options)
    snapshot = MemoryTree(files)
    sources = [source for path in report.files if (source := snapshot.read(path)) is not None]
    return replace(report, findings=waivers.apply(report.findings, waivers.read(None, sources, RULES), today))


def findings_of(report: Report, rule: str) -> list[Finding]:
    """The findings of one rule."""
    return [finding for finding in report.findings if finding.rule.id == rule]


def effective(
    files: Mapping[str, str | bytes],
    setting: str,
    realm: Realm = Realm.PRODUCTION,
    until: str = "arrays",
    **options: Any,
) -> dict[str, Result | Missing]:
    """A setting on each wiki of a realm after a stage."""
    side = run_on(files, settings=[setting], **options).realm(realm, until)
    return {wiki.dbname: side.value(setting, number, until) for number, wiki in enumerate(side.wikis)}


# -- values ----------------------------------------------------------------------------------------------------------


def value(data: Any) -> Result:
    """Plain Python as a value: a dict keeps its keys, a list gets 0..n-1. An Unknown stays itself."""
    if isinstance(data, (Value, Unknown)):
        return data
    if isinstance(data, dict):
        return Value({key: value(item) for key, item in data.items()})
    if isinstance(data, list):
        return Value({index: value(item) for index, item in enumerate(data)})
    return Value(data)


def bare(result: Result | Missing) -> Any:
    """The way back from :func:`value`, integer keys kept: arrays are dicts."""
    if isinstance(result, Unknown) or result is MISSING:
        return result
    if isinstance(result.data, dict):
        return {key: bare(item) for key, item in result.data.items()}
    return result.data


def typed(data: Any) -> Any:
    """A form in which True is not 1, 1 is not 1.0, and the order of an array's keys counts."""
    if isinstance(data, dict):
        return [(type(key).__name__, key, typed(item)) for key, item in data.items()]
    return (type(data).__name__, data)


def php(data: Any) -> str:
    """Plain Python as a PHP literal."""
    if data is None:
        return "null"
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, str):
        return "'" + data.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if isinstance(data, dict):
        return "[ " + ", ".join(f"{php(key)} => {php(item)}" for key, item in data.items()) + " ]"
    if isinstance(data, list):
        return "[ " + ", ".join(map(php, data)) + " ]"
    return repr(data)


def document(report: Report) -> dict[str, Any]:
    """The report as a reader of its JSON has it."""
    return json.loads(jsonreport.render(report))


# -- disk, git, processes --------------------------------------------------------------------------------------------


def write(files: Mapping[str, str | bytes], folder: Path) -> Path:
    """The files on disk."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


@dataclass
class Repo:
    """A real repository with an identity of its own and nobody's configuration."""

    root: Path
    bare: bool = False
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        self.environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("GIT_")},
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A",
            "GIT_AUTHOR_EMAIL": "a@example.org",
            "GIT_COMMITTER_NAME": "C",
            "GIT_COMMITTER_EMAIL": "c@example.org",
        }
        if not (self.root / ".git").exists() and not (self.root / "HEAD").exists():
            self.git("init", "-q", "-b", "master", *(["--bare"] if self.bare else []))

    def git(self, *arguments: str, text: bytes | None = None, check: bool = True, **environment: str) -> str:
        """What git says."""
        done = subprocess.run(
            ["git", "-C", str(self.root), *arguments],
            env=self.environment | environment,
            input=text,
            capture_output=True,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr.decode("utf-8", "replace")
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def commit(self, files: Mapping[str, str | bytes] | None = None, date: str = f"{DATE}T12:00:00Z") -> str:
        """Write files, commit everything, and answer with the commit's id."""
        write(files or {}, self.root)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "m", GIT_AUTHOR_DATE=date, GIT_COMMITTER_DATE=date)
        return self.git("rev-parse", "HEAD")

    def state(self) -> tuple[object, ...]:
        """Everything that a reader must leave as it was: status, index bytes, stash, refs, and each file's bytes."""
        files = {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in self.root.rglob("*")
            if path.is_file() and not path.is_symlink() and ".git" not in path.relative_to(self.root).parts
        }
        index = self.root / ".git" / "index"
        before = index.read_bytes() if index.exists() else b""
        return (
            before,
            self.git("--no-optional-locks", "status", "--porcelain=v2", "--untracked-files=all"),
            self.git("stash", "list"),
            self.git("for-each-ref"),
            files,
        )


@dataclass(frozen=True)
class Outcome:
    """What a process left behind."""

    code: int
    out: str
    err: str


def driftcheck(*arguments: str, cwd: Path | None = None, **environment: str) -> Outcome:
    """The entry point in this process: its exit code, and what it writes to streams that are no terminal."""
    from driftcheck.cli import main

    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2)]
    before = Path.cwd()
    code: object = 0
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, environment))
        for name, new in (("argv", ["driftcheck", *arguments]), ("stdout", streams[0]), ("stderr", streams[1])):
            stack.enter_context(mock.patch.object(sys, name, new))
        stack.callback(os.chdir, before)
        stack.callback(gc.enable)
        os.chdir(cwd or before)
        try:
            main()
        except SystemExit as error:
            code = error.code or 0
    out, err = (stream.buffer.getvalue().decode() for stream in streams)
    assert isinstance(code, int), f"an exit code, not {code!r}"
    return Outcome(code, out, err)


def process(
    *arguments: str, before: str = "", timeout: float = 60, stdout: Any = subprocess.PIPE, **environment: str
) -> Outcome:
    """The command in a process of its own, where signals, crashes and real streams matter; ``before`` runs first."""
    done = subprocess.run(
        [sys.executable, "-c", f"{before}\nfrom driftcheck.cli import main; main()", *arguments],
        env=process_environment() | environment,
        stdout=stdout,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=timeout,
    )
    return Outcome(done.returncode, (done.stdout or b"").decode("utf-8"), done.stderr.decode("utf-8"))


def process_environment() -> dict[str, str]:
    """The environment in which a process finds this checkout."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}


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
