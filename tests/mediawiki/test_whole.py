"""The whole of CommonSettings.php: secrets, functions and classes of MediaWiki, inclusions, and what stays unknown."""

from __future__ import annotations

import pytest
from support.trees import COMMON, MemoryTree, tree

from driftcheck.core.model import MISSING, Input, Realm, Unknown, has_unknown, plain
from driftcheck.layers.base import Options
from driftcheck.layers.extension import profiles
from driftcheck.layers.extension.read import Run
from driftcheck.mediawiki.whole import versions
from driftcheck.php.run import machine
from driftcheck.php.values import NotEvaluated

_START = """<?php
use Wikimedia\\MWConfig\\WmfConfig;
use Wikimedia\\MWConfig\\MWConfigCacheGenerator;
$wgConf->settings = WmfConfig::getStaticConfig( $wmgRealm );
$globals = WmfConfig::getConfigGlobals( $wgDBname, $wgConf, $wmgRealm );
extract( $globals );
require "$wmfConfigDir/PrivateSettings.php";
"""
_END = "\nif ( $wmgRealm === 'labs' ) { require __DIR__ . '/CommonSettings-labs.php'; }\n"
_SECRETS = """<?php
$wmgText = 'not the secret';
$wmgTexts = [ 'user' => '', 'ports' => [ 80 ], 'inner' => [ 'pass' => null ], 'none' => [] ];
$wmgNumber = 7;
"""


SAID = {
    "a secret is its name": ("$wgA = $wmgText;", "<private:wmgText>"),
    "a part of a secret": ("$wgA = $wmgTexts['user'];", "<private:wmgTexts.user>"),
    "what is no text is no secret": ("$wgA = [ $wmgTexts['ports'], $wmgNumber ];", [[80], 7]),
    "a secret within a secret": ("$wgA = $wmgTexts['inner']['pass'];", "<private:wmgTexts.inner.pass>"),
    "a list of secrets": ("$wgA = $wmgTexts['none'][0];", "<private:wmgTexts.none>"),
    "a secret that nothing declares": (
        "$wgA = [ $wmgNew, $GLOBALS['wmgNew'], $GLOBALS[ 'wmgOld' ] ];",
        [f"<private:{name}>" for name in ("wmgNew", "wmgNew", "wmgOld")],
    ),
    "a secret that nothing declares, in a function": (
        "function told() { global $wmgNew; return $wmgNew; } $wgA = told();",
        "<private:wmgNew>",
    ),
    "what the tree sets later is no secret": (
        "$wgA = [ $wmgLate, $wmgKey ]; $wmgLate = 1; $wmgKey['x'][] = 2;",
        [None, None],
    ),
    "what the tree sets by name is no secret": ("$wgA = [ $wmgLate ]; $name = 'wmgLate'; $$name = 1;", [None]),
    "what the tree names with a sign is no secret": (
        "$wgA = [ $wmgSigned ?? 1 ]; $rows = [ '-wmgSigned' => [] ];",
        [1],
    ),
    "what the arrays may set is no secret": ("$wgA = [ $wmgNowhere ];", [None]),
    "another private file": ('require "$wmfConfigDir/../private/PrivateSettings.php"; $wgA = $wmgNumber;', 7),
    "a setting of the arrays": ('$wgA = "$wgInArray!"; unset( $wgInArray );', "a!"),
    "a query is appended": (
        "$wgA = [ wfAppendQuery( '/w?a=1#x', [ 'b' => 'c d', 'n' => null ] ), wfAppendQuery( '/w', 'q=1' ) ];",
        ["/w?a=1&b=c+d#x", "/w?q=1"],
    ),
    "a file of the tree": ("$wgA = file_get_contents( __DIR__ . '/some.txt.php' );", "one\n\ntwo\n"),
    "its lines": (
        "$wgA = file( __DIR__ . '/some.txt.php', FILE_IGNORE_NEW_LINES | FILE_SKIP_EMPTY_LINES ); $wgB = 1;",
        ["one", "two"],
    ),
    "its lines as they are": ("$wgA = file( __DIR__ . '/some.txt.php' );", ["one\n", "\n", "two\n"]),
    "whether it is there": (
        "$wgA = [ file_exists( __DIR__ . '/some.txt.php' ), is_readable( __DIR__ . '/none.php' ) ];",
        [True, False],
    ),
    "a directive of HHVM": ("$wgA = ini_get( 'hhvm.xenon.period' );", False),
    "what functions answer that work outside": (
        "$wgA = [ apcu_fetch( 'x' ), mkdir( '/tmp/x' ), tempnam( '/tmp', 'x' ), set_time_limit( 5 ), setlocale( LC_ALL, 'x' ) ];",
        [False, True, False, True, "en_US.UTF-8"],
    ),
    "calls for what they do": ("$wgA = 1; ini_set( 'memory_limit', 5 ); umask( 2 ); set_include_path( '.' );", 1),
    "a page that is switched off": (
        "$wgA = DisabledSpecialPage::getCallback( 'Upload' );",
        '<closure:core:DisabledSpecialPage::getCallback("Upload")>',
    ),
    "the family and the language": ("$wgA = $wgConf->siteFromDB( $wgDBname );", ["wikipedia", "en"]),
    "a setting of a wiki, asked for": ("$wgA = $wgConf->get( 'wgInArray', 'frwiki' );", "b"),
    "a dblist": ("$wgA = WmfConfig::readDbListFile( 'all' );", ["enwiki", "frwiki"]),
    "a file that returns": ("$wgA = require __DIR__ . '/returns.php'; $wgB = 1;", {"k": ["a"]}),
    "a file in a function": (
        "function wmfTold() { $local = 3; require __DIR__ . '/inside.php'; return $made; } $wgA = wmfTold();",
        4,
    ),
    "a file that is read once": (
        "$wgA = 0; require_once __DIR__ . '/counts.php'; require_once __DIR__ . '/counts.php';",
        1,
    ),
    "rights, added to": ("$wgGroups['y'] = false; $wgA = $wgGroups;", {"x": True, "y": False}),
    "a closure has a name": ("$wgA = isset( $wgHooks ) ? 1 : 2;", 2),
    "what a class of the tree says": (
        (
            "class Said { const A = [ 1 ]; public static function all( $b ) { return [ ...self::A, $b ]; } }\n"
            "$wgA = Said::all( 2 );"
        ),
        [1, 2],
    ),
    "a method of an object": (
        (
            "class Keeps { private $v = []; public function add( string $v ) { $this->v[] = $v; return $this; } "
            "public function all() { return $this->v; } }\n$wgA = ( new Keeps )->add( 'a' )->add( 'b' )->all();"
        ),
        ["a", "b"],
    ),
    "what etcd has": (
        "$e = new EtcdConfig( [] ); $wgA = [ $e->has( 'a' ), $e->get( 'nothing/of/it' ) ];",
        [True, None],
    ),
    "what a MultiConfig has": (
        (
            "$e = new MultiConfig( [ new EtcdConfig( [] ) ] ); "
            "$wgA = [ $e->get( 'ReadOnly' ), $e->get( 'WMFMasterDatacenter' ), $e->get( 'Nothing' ) ];"
        ),
        [False, "eqiad", None],
    ),
    "the compiled table of versions": (
        (
            "$d = dba_open( 'wikiversions.cdb', 'r', 'cdb' ); "
            "$wgA = [ dba_fetch( 'ver:enwiki', $d ), dba_fetch( 'ver:nowiki', $d ), dba_close( $d ) ];"
        ),
        ["php-1.46", False, None],
    ),
    "the same by its class": (
        "$d = CdbReader::open( 'x' ); $wgA = [ $d->get( 'ver:frwiki' ) ]; $d->close();",
        ["php-1.46"],
    ),
    "measuring and logging": (
        "wfProfileIn( 'a' ); wfDebug( 'b' ); ignore_user_abort( true ); $wgA = [ php_sapi_name() ];",
        ["fpm-fcgi"],
    ),
    "a cache that cannot be written": ("$wgA = fopen( '/tmp/x', 'w' );", False),
    "the wikis that were put in": ("$wgConf->wikis = [ 'a' ]; $wgA = $wgConf->getLocalDatabases();", ["a"]),
    "the old form of loading": ('$wgA = 1; require_once "$IP/extensions/Cite/Cite.php"; $wgA = 2;', 2),
    "messages of extensions": ('$wgA = 1; require_once "$wmfConfigDir/ExtensionMessages-1.php";', 1),
    "the versions of the wikis": ("$wgA = ( include __DIR__ . '/../wikiversions.php' )['enwiki'];", "php-1.46"),
    "constants of MediaWiki": ("$wgA = [ NS_MAIN, defined( 'NS_FILE' ), constant( 'NS_FILE' ) ];", [0, True, 6]),
    "a property of a class of an extension": ("SomeExtension::$x = 1; $wgA = 1;", 1),
    "nothing is in the cache": ("$wgA = [ MWConfigCacheGenerator::readFromStaticCache( 'x' ) ];", [None]),
    "classes that are there": ("$wgA = [ class_exists( 'EtcdConfig' ), class_exists( 'OutputPage' ) ];", [True, False]),
    "loaded extensions": ("wfLoadExtensions( [ 'A', 'B' ] ); wfLoadSkin( 'C' ); $wgA = 1;", 1),
    "callbacks by name": (
        (
            "class By { public static function two( $v ) { return $v * 2; } public function up( $v ) { return $v + 1; } }\n"
            "$wgA = [ ...array_map( 'By::two', [ 1 ] ), ...array_map( [ 'By', 'two' ], [ 2 ] ), "
            "...array_map( [ new By, 'up' ], [ 5 ] ) ];"
        ),
        [2, 4, 6],
    ),
    "a reference in an array": ("$wgA = [ &$wgB, [ &$wgB ] ]; $wgB = 1; $wgB = [ 2 ];", [[2], [[2]]]),
    "what is known of the request": (
        "$s = $_SERVER; $wgA = [ count( $s ) > 5, in_array( 'GET', $s ), $s['HTTP_HOST'] ];",
        [True, True, "enwiki.invalid"],
    ),
    "for some wikis only": ("$wgA = 1; if ( $wgDBname === 'frwiki' ) { $wgA = 2; }", 1),
}
"""What $wgA is on enwiki in production; an input is its name in angle brackets."""
UNKNOWN = {
    "what was set before an exception that nothing catches": "$wgA = 1; throw new Exception( 'x' ); $wgA = 2;",
    "an array that becomes an element of itself": "$wgA = [ 'x' => [] ]; $b = &$wgA['x'][1]; $b[2] = $wgA;",
    "two names of one variable that a try may have parted": "$wgA = 0; $b = &$wgA; try { $wgA = [ fmod( 1, [] ) ]; } catch ( Error $e ) { $c = 1; } $wgA = 1; $b = 2;",
    "the clock": "$wgA = time() > 5 ? date( 'Y' ) : microtime( true );",
    "a directive": "$wgA = ini_get( 'memory_limit' );",
    "a directive as it was": "$wgA = ini_set( 'memory_limit', 5 );",
    "the mask as it was": "$wgA = umask( 2 );",
    "the path as it was": "$wgA = set_include_path( '.' );",
    "which errors are reported": "$wgA = error_reporting() & 1;",
    "a choice by what is not known": "$wgA = 1; if ( some_function_of_nobody() ) { $wgA = 2; }",
    "an element by what is not known": "$wgA = [ 1 ]; $wgA[some_function_of_nobody()] = 2;",
    "a file with a syntax error": "$wgA = 1; include __DIR__ . '/broken.php';",
    "a query with an array": "$wgA = wfAppendQuery( '/w', [ 'a' => [ 1 ] ] );",
    "an order by what is not known": "$wgA = [ 2, 1 ]; usort( $wgA, some_function_of_nobody() );",
    "an extension by a name that is not known": "$wgA = 1; wfLoadExtension( some_function_of_nobody() );",
    "a dblist that is not there": "$wgA = WmfConfig::readDbListFile( 'nowhere' );",
    "a setting of a wiki that is not there": "$wgA = $wgConf->get( 'wgInArray', 'nowiki' );",
    "a family of a wiki that is not there": "$wgA = $wgConf->siteFromDB( 'nowiki' );",
    "an array that contains itself": "$wgB = [ &$wgA ]; $wgA = $wgB;",
    "what is counted in an array that contains itself": "$wgB = [ &$wgC, [ &$wgC ] ]; $wgC = [ $wgB ]; $wgA = json_encode( $wgC );",
    "an array that contains itself through an object": "$o = new stdClass; $o->a = [ &$wgA ]; $wgA = [ $o->a ];",
    "whether a secret is there that nothing declares": "$wgA = isset( $wmgNew );",
    "another for a secret that nothing declares": "$wgA = $wmgNew ?? 1;",
    "whether a secret that nothing declares is empty": "$wgA = empty( $wmgNew );",
    "the truth of a secret that nothing declares": "$wgA = 1; if ( $wmgNew ) { $wgA = 2; }",
    "a choice by a secret that nothing declares": "$wgA = $wmgNew ? 1 : 2;",
    "a secret that nothing declares, and null": "$wgA = $wmgNew === null || is_null( $wmgNew );",
    "the kind of a secret that nothing declares": "$wgA = is_string( $wmgNew );",
    "a clone": "class Alone { public $v = 1; } $o = new Alone; $p = clone $o; $wgA = $p->v;",
    "what PHP calls by itself": "class Magic { public function __get( $n ) { return 1; } } $m = new Magic; $wgA = $m->x;",
    "a reference that a function returns": "function &of( &$a ) { return $a; } $v = 1; $w = &of( $v ); $w = 2; $wgA = $v + $w;",
}
"""Where $wgA is not known, with its statement; it is never a value."""
FILES = {
    "wmf-config__some.txt": "one\n\ntwo\n",
    "wmf-config__returns": "<?php return [ 'k' => [ 'a' ] ];",
    "wmf-config__inside": "<?php $made = $local + 1;",
    "wmf-config__counts": "<?php $wgA++;",
    "wmf-config__broken": "<?php $wgA = ;",
}


def _left(common: str, name: str, realm: Realm = Realm.PRODUCTION, wiki: str = "enwiki", **files: str):
    """What a setting is after CommonSettings.php."""
    held = tree(
        "'wgInArray' => [ 'default' => 'a', 'frwiki' => 'b' ],\n'wmgNowhere' => [ 'frwiki' => 1 ],\n'wgGroups' => [ 'default' => [ 'x' => true ] ],\n"
    )
    held |= {COMMON: f"{_START}{common}{_END}".encode(), "private/readme.php": _SECRETS.encode()}
    held |= {"wikiversions.json": b'{"enwiki": "php-1.46", "frwiki": "php-1.46"}'}
    held |= {path.replace("__", "/") + ".php": text.encode() for path, text in files.items()}
    run = Run(MemoryTree(held, date="2026-01-01"), Options(profiles.load("all"))).realm(realm, "assignments")
    column = run.stage("assignments", profiles.load("all")).get(name)
    if column is None:
        return MISSING
    number = [one.dbname for one in run.config.wikis].index(wiki)
    return column[number]


def _said(held):
    if isinstance(held, Unknown):
        return held
    data = held.data
    if isinstance(data, Input):
        return f"<{data.name}>"
    if isinstance(data, dict):
        said = {key: _said(item) for key, item in data.items()}
        return list(said.values()) if list(said) == list(range(len(said))) else said
    return plain(held)


@pytest.mark.parametrize("name", SAID)
def test_what_is_left_behind(name):
    code, wanted = SAID[name]
    got = _said(_left(code, "wgA", **FILES))
    assert got == wanted or (isinstance(wanted, list) and got == dict(enumerate(wanted))), got


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_known_is_never_a_value(name):
    held = _left(UNKNOWN[name], "wgA", **FILES)
    assert has_unknown(held), held


def test_wikis_and_realms_differ():
    code = "$wgA = $wgDBname === 'frwiki' ? [ 'fr', $wgInArray ] : $wmgRealm;"
    assert _left(code, "wgA", wiki="enwiki").data == "production"
    assert _left(code, "wgA", Realm.BETA).data == "labs"
    assert [item.data for item in _left(code, "wgA", wiki="frwiki").data.values()] == ["fr", "b"]
    code = "$wgA = [ &$wgB ]; $wgB = $wgDBname === 'frwiki' ? 1 : 2;"
    assert [plain(_left(code, "wgA", wiki=wiki)) for wiki in ("enwiki", "frwiki")] == [[2], [1]]


def test_after_a_function_that_nobody_knows_nothing_is_known():
    assert isinstance(_left("some_function_of_nobody();", "wgInArray"), Unknown)


_DOUBLED = "$a = [ 1 ];\n" + "$a = [ $a, $a ];\n" * 60
_LONG = "$wgA = 0; $a = range( 0, 9000 ); $c = range( 0, 9000 );\n"
COSTLY = {
    "an array in itself": (_DOUBLED + "$wgA = $a;", "an array that is too large"),
    "a comparison of such arrays": (_DOUBLED + "$wgA = $a == [ $a ];", "an array that is too large"),
    "JSON of such an array": (_DOUBLED + "$wgA = json_encode( $a );", "an array that is too large"),
    "an array that refers to itself twice": (
        "$a0 = [ 1 ];\n" + "".join(f"$a{n + 1} = [ &$a{n}, &$a{n} ];\n" for n in range(40)) + "$wgA = $a40;",
        "an array that is too large",
    ),
    "a deep array by reference": (
        "$a0 = [ 1 ];\n" + "".join(f"$a{n + 1} = [ &$a{n} ];\n" for n in range(300)) + "$wgA = $a300;",
        "an array that is too large",
    ),
    "an array of 131,000 elements": ("$wgA = [ 1 ];\n" + "$wgA = [ $wgA, $wgA ];\n" * 16, "an array that is too large"),
    "a long text in many places": (
        "$a = str_repeat( 'x', 1000000 );\n" + "$wgA = [ $a, $a, $a, $a, $a, $a, $a, $a ];",
        "an array that is too large",
    ),
    "a deep array": ("$a = 1;\n" + "$a = [ $a ];\n" * 300 + "$wgA = $a;", "an array that is too large"),
    "a loop without an end": ("while ( true ) { $wgA = 1; }", "too much work"),
    "long comparisons": (_LONG + "$wgA = $a == $c;\n" * 40, "too much work"),
    "long sorts": (_LONG + "sort( $a ); $wgA = $a;\n" * 3, "too much work"),
    "long maps": (_LONG + "$wgA = array_map( 'strval', $a );\n" * 3, "too much work"),
    "long spreads": (_LONG + "$wgA = [ ...$a, ...$a ];\n" * 20, "too much work"),
}
"""Code that would take PHP, or driftcheck, very long; and why $wgA is not known then."""


@pytest.mark.parametrize("name", COSTLY)
def test_what_would_take_too_long_is_not_known(name, monkeypatch):
    code, reason = COSTLY[name]
    for limit in ("_WORK", "_WORK_A_WORLD"):  # a hundredth: the time is in proportion
        monkeypatch.setattr(machine, limit, getattr(machine, limit) // 100)
    held = _left(code, "wgA")
    assert isinstance(held, Unknown)
    assert reason in held.reason


def test_versions_in_rows_of_a_text_and_beta_s_own():
    rows = versions.rows(b"enwiki php-1.22wmf7 *\nfrwiki php-master\n\nbroken\n", ".dat")
    assert rows == {"ver:enwiki": "php-1.22wmf7", "ext:enwiki": "*", "ver:frwiki": "php-master", "ext:frwiki": ""}
    for raw in (b"{", b"[]", b"[" * 100_000):
        with pytest.raises(NotEvaluated):
            versions.rows(raw, ".json")
