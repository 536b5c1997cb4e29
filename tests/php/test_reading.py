"""Places that only read a variable, and those that may write it."""

from __future__ import annotations

from driftcheck.core.model import Source
from driftcheck.php.file import PhpFile
from driftcheck.php.slices import reads_only

READ = """
$y = $x;  $y = $x['a']['b'];  $y .= $x;  $y['k'] = [ 'a' => $x, $x => 1, 'b' => [ $x ] ];  $y = ( $x );  $y = @$x['a'];
$y = "a $x b {$x['c']}";  $y = $x + 1;  $y = !$x;  $y = $x ? 1 : 2;  $y = (array)$x;  $y = $x ?: 2;  $y = in_array( 1, $x );
if ( $x ) { $y = 1; } elseif ( $x['a'] ) { $y = 2; }
foreach ( $x as $k => $v ) { $y = 1; }
foreach ( $x['a'] as $v ) { $y = 1; }
// $x = 1
# what $x is
/* $x[] = 1; */
echo $x;
$y = <<<T
a $x b
T;
"""
WRITTEN = (
    "$x = 1;", "$x['a'] = 1;", "$x[] = 1;", "$x .= 'a';", "$x++;", "unset( $x['a'] );", "$y = &$x;", "$y = [ &$x ];",
    "foreach ( $x as &$v ) { $v = 1; }", "foreach ( $x as $k => &$v ) { $v = 1; }", "foreach ( $a as $x ) { $y = 1; }",
    "foreach ( $a as $x => $v ) { $y = 1; }", "[ $x, $y ] = $z;", "list( $x ) = $z;", "sort( $x );", "f( $x );", "$y = $x->f();",
    "$y = f( $x );", "global $x;", "array_map( $x, [] );", "$GLOBALS['x'] = 1;", "$y = ( $x = 1 );", "$y = [ $x = 1 ];",
    "$y = 1 + ( $x['a'] = 2 );", "( function () use ( &$x ) { $x = 1; } )();", "static fn () => $x['a'] = 1;",
    "preg_match( '/a/', 'a', $x );", "$x ??= 1;", "$y = $x = 1;", "foreach ( [ &$x ] as $v ) { $v = 1; }",
)  # fmt: skip


def only_reads(code):
    return reads_only(PhpFile(Source("a.php", f"<?php\n{code}\n".encode())), lambda name: name == "x")


def test_what_is_copied_or_asked_is_only_read():
    for line in [READ, *READ.strip().split("\n")[:8]]:
        assert only_reads(line), line


def test_what_may_be_written_is_not():
    for line in WRITTEN:
        assert not only_reads(line), line
        assert not only_reads(READ + line), line
