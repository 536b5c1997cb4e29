"""PHP's answers decide: each file of fixtures/php is evaluated without PHP and held against what PHP made of it."""

from __future__ import annotations

import json
import time

import pytest
from support import FIXTURES

from driftcheck.core.model import IncompleteError, InputError, Op, Source, Unknown, Value, has_unknown, plain
from driftcheck.php.file import PhpFile
from driftcheck.php.program import Program
from driftcheck.php.surroundings import Surroundings

CORPUS = sorted((FIXTURES / "php").rglob("*.php"))
OPEN = "may-be-unknown-"


ALONE = Surroundings(unset=lambda name: True)
"""No other file sets variables for one of these."""


def evaluate(text, name="x.php"):
    return Program(PhpFile(Source(name, text if isinstance(text, bytes) else text.encode())), ALONE).result()


def typed(data):
    """JSON with its types told apart: 1 is neither 1.0 nor true; PHP's one empty array is [] wherever it stands."""
    if isinstance(data, dict):
        return {key: typed(item) for key, item in data.items()}
    return [typed(item) for item in data] if isinstance(data, list) else (type(data).__name__, data)


def test_the_value_is_php_s_or_unknown_where_that_may_be():
    wrong = []
    for path in CORPUS:
        held = evaluate(path.read_bytes(), path.name)
        if has_unknown(held):
            right = path.name.startswith(OPEN)
        else:
            right = typed(plain(held)) == typed(json.loads(path.with_suffix(".out").read_text("utf-8")))
        if not right:
            wrong.append((path.name, held))
    assert not wrong


def test_most_of_the_corpus_must_be_known():
    assert sum(not path.name.startswith(OPEN) for path in CORPUS) > 100


HOSTILE = {
    "100,000 nested brackets": "<?php return " + "[" * 100_000 + "]" * 100_000 + ";",
    "100,000 nested parentheses": "<?php return " + "(" * 100_000 + "1" + ")" * 100_000 + ";",
    "100,000 brackets that nothing closes": "<?php return " + "[" * 100_000,
    "20,000 operators": "<?php return 1" + " - 1" * 20_000 + ";",
    "a number of 10,000 digits": "<?php return " + "9" * 10_000 + ";",
    "a power without end": "<?php return 10 ** 100000;",
    "a power of powers": "<?php return 9 ** 9 ** 9 ** 9;",
    "a shift out of range": "<?php return 1 << 100;",
    "a range without end": "<?php return range( 0, PHP_INT_MAX );",
    "a repetition without end": "<?php return str_repeat( 'x', PHP_INT_MAX );",
    "an array without end": "<?php return array_fill( 0, PHP_INT_MAX, 0 );",
    "doubling": "<?php $a = 'xxxxxxxxxx'; " + "$a = $a . $a; " * 60 + "return $a;",
    "arrays that double": "<?php $a = [ 1 ]; " + "$a = [ $a, $a ]; " * 60 + "return $a;",
    "a function that calls itself": "<?php function f() { return [ f() ]; } return f();",
    "functions that call each other twice": "<?php function f( $n ) { return [ f( $n ), f( $n ) ]; } return f( 1 );",
    "a variable made of itself": "<?php $a = [ $a ]; return $a;",
    "a constant made of itself": "<?php const A = [ A ]; return A;",
    "class constants that double": "<?php class A { "
    + "".join(f"const A{i} = [ self::A{i + 1}, self::A{i + 1} ]; " for i in range(60))
    + "const A60 = 1; } return A::A0;",
    "constants that double": "<?php const A0 = 1; "
    + "".join(f"const A{i + 1} = [ A{i}, A{i} ]; " for i in range(60))
    + "return A60;",
    "unions": "<?php $a = [ 1 ]; " + "$a += range( 0, 90000 ); " * 300 + "return $a;",
    "small unions with a large array": "<?php $a = range( 0, 9000 ); " + "$b = $a + [ 1 ]; " * 1000 + "return $b;",
    "merges that double inside": "<?php $a = [ 'a' => [ 'a' => [ 1 ] ] ]; "
    + "$a = array_merge_recursive( $a, $a ); " * 40
    + "return $a;",
    "comparisons of deep arrays": "<?php $a = [ 1 ]; "
    + "$a = [ $a, $a ]; " * 17
    + "$b = [ 1 ]; "
    + "$b = [ $b, $b ]; " * 17
    + "$c = $a == $b; " * 1000
    + "return $c;",
    "searches in a large array": "<?php $a = range( 0, 90000 ); " + "$b = in_array( 'x', $a ); " * 1000 + "return $b;",
    "replacing many strings in a long one": "<?php $s = str_repeat( 'ab', 5000000 ); "
    + "$b = str_replace( range( 0, 90000 ), 'x', $s ); " * 5
    + "return $b;",
    "putting in many strings at once": "<?php $s = str_repeat( 'ab', 5000000 ); "
    + "$b = strtr( $s, array_flip( range( 1, 90000 ) ) ); " * 5
    + "return $b;",
    "the folder above, a million times": "<?php return dirname( str_repeat( 'a/', 4000000 ), 4000000 );",
    "tables that double": "<?php $t0 = [ 'a' => 1 ]; "
    + "".join(f"$t{i + 1} = $t{i} + $t{i} + [ 'x' => '{'y' * 1000}' ]; " for i in range(40))
    + "return $t40;",
    "functions of tables that double": "<?php "
    + "".join(f"function f{i}() {{ return f{i + 1}() + f{i + 1}(); }} " for i in range(40))
    + "function f40() { return []; } return f0();",
    "a function that imports a variable 4,000 times": "<?php function f() { "
    + "global $x; " * 4000
    + "$x = 1; } $x = 2; f(); return $x;",
    "4,000 closures under a condition": "<?php if ( getenv( 'X' ) ) { "
    + "$f = function () { return 1; }; " * 4000
    + "} return 1;",
    "a string of 100,000 variables": '<?php $a = 1; return "' + "$a" * 100_000 + '";',
    "160,000 arrow functions in each other": "<?php return " + "fn()=>" * 160_000 + "1;",
    "200,000 variables in a string that nothing closes": '<?php return "' + "${" * 200_000,
    "50,000 powers": "<?php return " + "1 ** " * 50_000 + "1;",
    "50,000 defaults": "<?php return " + "$a ?? " * 50_000 + "1;",
    "20,000 elseifs": "<?php if ( 0 ) {} " + "elseif ( 0 ) {} " * 20_000 + "else $a = 1; return $a;",
    "100,000 conditions in each other": "<?php " + "if(1)" * 100_000 + "$a = 1; return 1;",
    "lists of 270,000 elements": "<?php return [" + ("[" + "1," * 90_000 + "],") * 3 + "];",
    "a file of 5 MB": "<?php return 1;" + " " * 5_000_000,
    "nothing": "",
    "no PHP": "just words",
    "an opening tag": "<?php",
    "half a string": "<?php return 'abc",
    "half an array": "<?php return [ 'a' => 1, 'b' =>",
    "a heredoc without end": "<?php return <<<X\nabc\n",
}


LONG = 5_000  # from here on it is the volume that is tested, and not a line


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(text, id=name, marks=[pytest.mark.unmeasured] * (len(text) > LONG))
        for name, text in HOSTILE.items()
    ],
)
def test_hostile_input_is_unknown_or_refused_and_soon(text):
    started = time.process_time()
    try:
        held = evaluate(text)
    except InputError:
        return
    assert isinstance(held, (Value, Unknown))
    if isinstance(held, Unknown):
        assert held.reason
    # Not a measurement: what hangs takes minutes.
    assert time.process_time() - started < 10


def test_a_binary_file_is_refused_with_its_line():
    with pytest.raises(InputError, match=r"x\.php:1: "):
        evaluate(b"<?php return \0;")


def test_bytes_that_are_not_utf8_are_unknown_in_a_string_and_nothing_elsewhere():
    raw = b"# \xe9t\xe9\nreturn [ 'a' => 'x\xd9?', 'b' => \"\xff\", 'c' => <<<'X'\n\xff\nX\n, 'd' => 1 ]; // \xff"
    held = evaluate(b"<?php " + raw)
    assert [type(item) for item in held.data.values()] == [Unknown, Unknown, Unknown, Value]
    assert {item.reason for item in list(held.data.values())[:3]} == {"a string that is not UTF-8"}
    assert plain(evaluate(b"\xff\xfe<?php return 1;")) == 1


REFUSED = [
    "1 == 1 == 1",
    "1 <=> 2 < 1 <> 1",
    "1 < 2 < 3",
    "1 ? 2 : 3 ? 4 : 5",
    "0 ?: 0 ? 3 : 4",
    "1 ? 2 : 3 ?: 4",
    "[ , ]",
    "array( /* nothing */ , )",
    "[ 1, , 2 ]",
    "isset()",
    "array_replace()",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_php_refuses_is_unknown(text):
    assert has_unknown(evaluate(f"<?php return {text};"))


def test_a_constant_is_not_there_before_its_statement():
    assert has_unknown(evaluate("<?php $a = B; const B = 1; return $a;"))
    assert has_unknown(evaluate("<?php const A = B; const B = 1; return A;"))


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff<?php namespace A; return 1;",
        "<?php\n\ufeff$a = 1; return $a;",
        "<?php return [ 1,\ufeff 2 ];",
        "<?php return 1;\ufeff",
    ],
)
def test_a_byte_order_mark_that_php_refuses_is_refused_with_its_line(text):
    with pytest.raises(InputError, match=r"x\.php:\d: PHP does not take a byte order mark here"):
        evaluate(text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("\ufeff<?php return 1;", 1),
        ("<?php return 'a\ufeffb';", "a\ufeffb"),
        ("<?php return '\ufeff';", "\ufeff"),
        ('<?php return "\ufeff";', "\ufeff"),
        ("<?php return <<<X\n\ufeff\nX;", "\ufeff"),
        ("<?php // \ufeff\nreturn 1;", 1),
    ],
)
def test_a_byte_order_mark_in_a_text_is_text(text, wanted):
    assert plain(evaluate(text)) == wanted


PLACES = """<?php
$shared = [
\t'a' => 1,
];
return [
\t'own' => 'ä', 'next' => true,
\t'used' => $shared,
] + [ 'merged' => 2 ];
"""


def test_a_literal_knows_its_line_and_column_in_characters():
    held = evaluate(PLACES)
    span = held.data["next"].span
    assert (span.path, span.line, span.column, span.end_line, span.end_column) == ("x.php", 6, 26, 6, 30)


def test_a_value_through_a_variable_keeps_where_it_was_written_and_where_it_was_used():
    held = evaluate(PLACES)
    assert held.data["used"].data["a"].span.line == 3
    (reference,) = [step for step in held.data["used"].provenance if step.op is Op.REFERENCE]
    assert (reference.via, reference.span.line) == ("$shared", 7)


def test_an_element_merged_by_plus_keeps_its_place():
    assert evaluate(PLACES).data["merged"].span.line == 8


def test_an_unknown_says_why_and_where():
    hole = evaluate("<?php\nreturn [\n\t'a' => getenv( 'X' ),\n];\n").data["a"]
    assert isinstance(hole, Unknown)
    assert "getenv" in hole.reason
    assert hole.span.line == 3


def settings_of(text, extra=None):
    from support.reports import effective
    from support.trees import tree

    files = tree(text)
    files |= {f"wmf-config/{name}": body.encode() for name, body in (extra or {}).items()}
    return effective(files, "wgX")["enwiki"]


def test_a_file_that_is_included_as_a_value_is_what_it_returns():
    other = {"other.php": "<?php\n$a = 1;\nreturn [ 'b' => $a + 1 ];\n"}
    for word in ("include", "require"):
        held = settings_of(f"'wgX' => [ 'default' => {word} __DIR__ . '/other.php' ],", other)
        assert plain(held) == {"b": 2}
        assert held.data["b"].span.path == "wmf-config/other.php"


@pytest.mark.parametrize(
    "text",
    [
        "'wgX' => [ 'default' => include __DIR__ . '/nowhere.php' ],",
        "'wgX' => [ 'default' => include getenv( 'X' ) ],",
        "'wgX' => [ 'default' => include __DIR__ . '/InitialiseSettings.php' ],",
        "'wgX' => [ 'default' => $GLOBALS['wgNobody'] ],",
        "'wgX' => [ 'default' => $GLOBALS[getenv( 'X' )] ],",
    ],
    ids=[
        "a file that is not there",
        "a path that is not known",
        "itself",
        "a global of nobody",
        "a global by an unknown name",
    ],
)
def test_what_cannot_be_included_or_looked_up_is_unknown_or_refused(text):
    try:
        held = settings_of(text)
    except InputError:
        return
    assert isinstance(held, Unknown)


def test_a_global_of_the_environment_is_known_as_an_element_of_globals_only():
    """A function requires the file: a variable in it is that function's own."""
    assert plain(settings_of("'wgX' => [ 'default' => $GLOBALS['wmgDatacenter'] ],")) == "eqiad"
    for text in ("$wmgDatacenter", "$wmgRealm ?? 'undefined'"):
        assert isinstance(settings_of(f"'wgX' => [ 'default' => {text} ],"), Unknown)


@pytest.mark.parametrize(
    "text", ["$GLOBALS['x']", "$GLOBALS['x'] ?? 'none'", "f()"], ids=["a global", "a global that may be", "an import"]
)
def test_a_variable_of_a_settings_file_is_no_global(text):
    from support.reports import effective
    from support.trees import tree

    before = "$x = 5;\nfunction f() { global $x; return $x; }\n"
    held = effective(tree(f"'wgX' => [ 'default' => {text} ],", before=before), "wgX")["enwiki"]
    assert isinstance(held, Unknown)


SAYINGS = {
    "a file that another file's functions write to": "<?php function f() { global $a; $a = 2; } $a = 1; f(); return $a;",
    "a string by its character": "<?php $a = 'abc'; return [ $a[0], $a[-1], $a[9] ?? 'none' ];",
    "an element of a number": "<?php $a = 5; return $a['x'] ?? 'none';",
    "casts": "<?php return [ (int)'12abc', (float)'1.5', (string)false, (bool)'0', (array)'a', (int)1e30 ];",
    "bits": "<?php return [ 6 & 3, 6 | 3, 6 ^ 3, ~6, 1 << 3, -8 >> 1 ];",
    "a method call": "<?php return $x->y();",
    "a new object": "<?php return new Foo();",
    "a list with gaps": "<?php [ , $b, [ 'k' => $c ] ] = [ 1, 2, [ 'k' => 3 ] ]; return [ $b, $c ];",
    "a string without a number in a sum": "<?php return 'abc' + 1;",
    "an array in a string": "<?php return 'a' . [ 1 ];",
    "division by nothing": "<?php return 1 / 0;",
    "a remainder by nothing": "<?php return 1 % 0;",
    "array functions of something else": "<?php return array_merge( 'a', [ 1 ] );",
    "a merge of nulls and scalars": "<?php return array_merge_recursive( [ 'a' => null, 'b' => 1, 3 ], [ 'a' => 2, 'b' => [ 4 ], 5 ] );",
    "arrays combined that do not fit": "<?php return array_combine( [ 1, 2 ], [ 3 ] );",
    "keys that are floats and booleans": "<?php return [ array_fill_keys( [ 1.5, true, null ], 0 ), array_combine( [ 1, 'x' ], [ 2, 3 ] ) ];",
    "a flip of what cannot be a key": "<?php return array_flip( [ 1.5, [ 2 ] ] );",
    "keys that hold a value": "<?php return [ array_keys( [ 'a' => 1, 'b' => '1', 'c' => 2 ], 1 ), in_array( '1', [ 1 ], true ) ];",
    "counts": "<?php return [ count( [ 1, [ 2, 3 ] ] ), count( [ 1, [ 2, 3 ] ], COUNT_RECURSIVE ) ];",
    "ranges": "<?php return [ range( 5, 1, 2 ), range( 'a', 'e', 2 ), range( 0, 1, 0.25 ), range( 3, 3 ) ];",
    "a range by nothing": "<?php return range( 1, 3, 0 );",
    "implode and its sides": "<?php return [ implode( [ 'a', 'b' ] ), implode( ', ', [ 1, null, 2.5, true ] ) ];",
    "replacing in lists": "<?php return [ str_replace( [ 'a', 'b' ], [ 'b' ], 'aabb' ), str_replace( 'a', 'x', [ 'k' => 'aa' ] ), str_replace( '', 'x', 'a' ) ];",
    "names of folders": "<?php return [ dirname( '/a/b/c', 2 ), dirname( 'a' ), dirname( '/' ), dirname( '/a' ), basename( 'a/b.php' ) ];",
    "whole division": "<?php return [ intdiv( -7, 2 ), intdiv( 7, -2 ) ];",
    "whole division by nothing": "<?php return intdiv( 1, 0 );",
    "repeating": "<?php return [ str_repeat( 'ab', 3 ), array_fill( 5, 2, 'x' ) ];",
    "repeating less than never": "<?php return str_repeat( 'a', -1 );",
    "cases of letters": "<?php return [ ucfirst( 'éa' ), lcfirst( 'AB' ), strtoupper( 'äb' ), strtolower( 'ÄB' ) ];",
    "sets": "<?php return [ array_unique( [ 1, '1', 2.0, 2 ] ), array_diff( [ 1, 2 ], [ '1' ] ), array_diff_key( [ 'a' => 1, 'b' => 2 ], [ 'a' => 0 ] ), array_intersect_key( [ 'a' => 1 ], [ 'a' => 0 ] ) ];",
    "comparing kinds": "<?php return [ null <=> 'a', [ 1 ] <=> [ 1, 2 ], [ 1, 2 ] == [ 2 => 1 ], 'abc' <=> 'abd', 1.5 <=> '1.50', [ 'a' => 1 ] == [ 'a' => '1' ], INF <=> 1 ];",
    "powers": "<?php return [ 2 ** 63, 2 ** -1, (-2) ** 3, 2.5 ** 2, 0 ** 0 ];",
    "a negative number to a broken power": "<?php return ( -8 ) ** 0.5 === NAN;",
    "overflow": "<?php return [ PHP_INT_MAX + 1, PHP_INT_MIN - 1, PHP_INT_MAX * 2, -PHP_INT_MIN ];",
    "bits of texts": "<?php return '12' | 'ab';",
    "texts as numbers": "<?php return [ ' 12' + 1, '1e3' * 1, '0x1A' == 26, '1.' + 1 ];",
    "casts of odd things": "<?php return [ (int)'1e3', (int)null, (float)true, (string)1e25, (array)null, (bool)[], (bool)0.0, (int)-1.9, (int)NAN ];",
    "escapes of every kind": "<?php return [ \"\\x41\\101\\u{e9}\\q\\e\\0\", 'a\\'b\\\\c\\n' ];",
    "a constant that nobody has": "<?php return NOBODY_HAS_THIS;",
    "a class constant of a class that is not here": "<?php return Foo::BAR;",
    "static properties": "<?php class A { public static $x = 1; } return A::$x;",
    "a heredoc in a list": "<?php $n = 'w'; return [ <<<X\n  a $n\n    b {$n}s\n  X, 1 ];",
    "a match without an arm": "<?php return match( 5 ) { 1 => 'a' };",
    "isset of many": "<?php $a = [ 'x' => null, 'y' => [ 'z' => 1 ] ]; return [ isset( $a['x'] ), isset( $a['y']['z'], $a ), isset( $a['q'] ), empty( $a['x'] ) ];",
    "unset of an element that is not there": "<?php $a = [ 1 ]; unset( $a[5], $a[0] ); return $a;",
    "assigning by a list of lists": "<?php [ 'a' => [ $x ], 'b' => $y ] = [ 'a' => [ 1 ], 'b' => 2 ]; return [ $x, $y ];",
    "assigning operators": "<?php $a = 5; $a **= 2; $a -= 1; $a /= 2; $a %= 5; $a .= 'x'; $b = null; $b ??= 3; $c = [ 1 ]; $c += [ 7, 8 ]; return [ $a, $b, $c ];",
    "an operator that cannot be": "<?php $a = 'x'; $a -= [ 1 ]; return $a;",
    "a switch": "<?php $a = 1; switch ( $a ) { case 1: $b = 2; break; default: $b = 3; } return $b;",
    "a loop": "<?php $a = []; foreach ( [ 1, 2 ] as $x ) { $a[] = $x; } return $a;",
    "a condition that is not known": "<?php $a = 1; if ( getenv( 'NOBODY' ) ) { $a = 2; } else { unset( $a ); } return $a ?? 5;",
    "a namespace of its own": "<?php namespace A\\B; const C = 1; return [ C, \\A\\B\\C, D::class, namespace\\E::class ];",
}


@pytest.mark.parametrize("text", SAYINGS.values(), ids=SAYINGS)
def test_php_and_the_evaluator_agree_or_it_does_not_know(text):
    """Run by PHP too where it is installed; without it the evaluator must still answer."""
    import shutil
    import subprocess

    held = evaluate(text)
    if shutil.which("php") and not has_unknown(held):
        flags = "JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION"
        code = f"$f = tempnam('/tmp', 'd'); file_put_contents($f, stream_get_contents(STDIN)); echo json_encode(require $f, {flags}); unlink($f);"
        said = subprocess.run(
            ["php", "-d", "error_reporting=0", "-d", "serialize_precision=-1", "-r", code],
            input=text,
            text=True,
            capture_output=True,
            check=True,
        )
        assert typed(plain(held)) == typed(json.loads(said.stdout))


def test_a_long_row_of_words_that_are_no_php_is_refused():
    for words, refused in (("[" * 20_000, True), ("[", False)):
        source = Source("a.php", f"<?php\n$a = {words};\n".encode())
        if refused:
            with pytest.raises(IncompleteError, match=r"a\.php:\d+: syntax error: this is not PHP"):
                PhpFile(source)
        else:
            assert PhpFile(source).root.has_error
