"""What the tree's own methods do besides what is taken for granted: it is followed, or the tree is refused."""

from __future__ import annotations

import pytest
from support.trees import LOGOS, MemoryTree, tree

from driftcheck.core.model import IncompleteError, Realm, Unknown, plain
from driftcheck.layers.base import Options
from driftcheck.layers.extension import profiles
from driftcheck.layers.extension.read import Run

_CLASS = "src/WmfConfig.php"
_END, _GLOBALS = "\t\treturn $settings;\n", "\t\treturn $siteConfiguration->getAll("
_LAST = f"{_GLOBALS} $dbName, $dbSuffix, $confParams, $wikiTags );\n"
_OVERLAY, _PARAMETERS = "\t\t\t$settings = self::applyOverrides( $settings );\n", "\t\t\t'lang' => $lang,\n"
_NINE = "$settings['wgXa'] = [ 'default' => 9 ];\n"


def values(files, realm=Realm.PRODUCTION, name="wgXa"):
    side = Run(MemoryTree(files), Options(profiles.load("all"))).realm(realm, "arrays")
    held = side.stage("arrays", profiles.load("all"))[name]
    return ["unknown" if isinstance(item, Unknown) else plain(item) for item in held]


def with_class(old, new, production="'wgXa' => [ 'default' => 1 ],"):
    held = tree(production, "'wgXa' => [ 'default' => 5 ],")
    text = held[_CLASS].decode()
    assert old in text
    return {**held, _CLASS: text.replace(old, new).encode()}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (_END, f"\t\tif ( $realm === 'labs' ) {{ {_NINE} }}\n{_END}"),
        (_OVERLAY, f"{_OVERLAY}\t\t\t{_NINE}"),
        (_END, f"\t\tunset( $settings['wgXa'] );\n{_END}"),
        ("\t\tif ( $realm !== 'production' ) {", f"\t\tif ( $realm === 'labs' ) {{ {_NINE} }}\n\t\tif ( $realm !== 'production' ) {{"),
    ],
)  # fmt: skip
def test_a_table_that_changes_with_the_realm_is_refused_in_beta(old, new):
    held = with_class(old, new)
    with pytest.raises(IncompleteError, match=r"src/WmfConfig\.php:\d+: driftcheck does not follow"):
        values(held, Realm.BETA)


def test_what_comes_before_the_overlay_is_followed():
    before = "\t\tif ( $realm !== 'production' ) {"
    held = with_class(before, f"\t\t{_NINE}{before}")
    assert [values(held, realm) for realm in Realm] == [[9, 9], [5, 5]]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (_GLOBALS, f"\t\t$wikiTags[] = 'mine';\n{_GLOBALS}"),
        (_GLOBALS, f"\t\t$confParams['wiki'] = 'x';\n{_GLOBALS}"),
        (_LAST, _LAST.replace("return", "$all =") + "\t\t$all['wgXa'] = 3;\n\t\treturn $all;\n"),
        (_PARAMETERS, "\t\t\t'lang' => strtoupper( $lang ),\n"),
        (_PARAMETERS, f"{_PARAMETERS}\t\t\t'wiki' => self::name( $dbName ),\n"),
    ],
)
def test_other_tags_and_parameters_are_refused(old, new):
    held = with_class(old, new)
    with pytest.raises(IncompleteError, match=r"driftcheck (does not follow|knows no such layout)"):
        values(held)


def test_the_name_of_the_wiki_may_be_a_parameter():
    held = with_class(
        _PARAMETERS, f"{_PARAMETERS}\t\t\t'wiki' => $dbName,\n", "'wgXa' => [ 'default' => '$wiki-$lang' ],"
    )
    assert values(held) == ["enwiki-en", "frwiki-fr"]


def test_a_variable_of_a_file_before_is_not_taken_for_unset():
    logos = {LOGOS: "<?php\n$leak = [ 7 ];\nreturn [];\n"}
    for before in ("$leak[] = 8;\n", "$leak['k'] = 8;\n"):
        assert values(tree("'wgXa' => [ 'default' => $leak ],", before=before, files=logos)) == ["unknown"] * 2


def test_the_folder_of_a_file_is_that_of_the_servers():
    held = tree("'wgXa' => [ 'default' => [ __DIR__, dirname( __DIR__ ), strlen( __DIR__ ), __FILE__ ] ],")
    folder = "/srv/mediawiki/wmf-config"
    assert values(held)[0] == [folder, "/srv/mediawiki", len(folder), f"{folder}/InitialiseSettings.php"]


def test_an_array_remembers_its_next_index_in_the_cascade():
    before = "$d = [ 'a', 'b', 'c' ]; unset( $d[2] );\n"
    rows = "'wgXa' => [ 'default' => [ 1 => 'q' ], '+enwiki' => $d ],"
    assert values(tree(rows, before=before))[0] == {"0": "a", "1": "b", "3": "q"}
