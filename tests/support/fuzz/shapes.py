"""Whole statements and expressions as configuration writes them, with holes that are filled at random.

In braces: ``{e}`` any expression, ``{a}`` an array, ``{t}`` a text, ``{n}`` a number, ``{c}`` an array of scalars, ``{s}`` a scalar,
``{k}`` a key, ``{r}`` a regular expression, ``{p}`` a place, ``{v}`` a variable, ``{A}`` a place that holds an array, ``{B}`` statements,
``{L}`` statements of a loop, ``{#}`` a number of its own, ``{x|y}`` one of the words.
"""

from __future__ import annotations

STATEMENTS = (
    # references and copies
    "$q = {a}; $w = &$q[{k}]; {p} = $q; $w = {e}; {p} = $q; unset( $w, $q );\n",
    "$q = [ {e}, {e} ]; foreach ( $q as &$w ) { $w = {e}; } unset( $w ); {p} = $q; unset( $q );\n",
    "foreach ( {A} as $i => &$w ) { {L} } unset( $w );\n",
    "foreach ( [ 'x' => {e}, 'y' => {e} ] as $i => $w ) { {A}[$i] = $w; } unset( $w );\n",
    "foreach ( {a} as $i => $w ) { if ( $w == {s} ) { continue; } {p} = $i; } unset( $w );\n",
    "foreach ( {a} as [ $i, $w ] ) { {p} = [ $w, $i ]; } unset( $w );\n",
    "foreach ( [ [ 'k' => {e}, 1 ], [ 'k' => {e}, 2 ] ] as [ 'k' => $i, 0 => $w ] ) { {p} = [ $w, $i ]; } unset( $w );\n",
    "$q = {e}; $w = &$q; $i = [ $q, &$w ]; $w = {e}; {p} = $i; unset( $w, $q );\n",
    "$q = [ 'x' => [ 'y' => {e} ] ]; $w = &$q['x']['y']; $i = $q; $w = {e}; {p} = [ $i, $q ]; unset( $w, $q, $i );\n",
    "function sw{#}( &$x, &$y ) { [ $x, $y ] = [ $y, $x ]; } sw{#}( {p}, {p} );\n",
    "function by{#}( array &$l, $k = {k} ) { $l[$k] = {e}; return count( $l ); } $q = {a}; {p} = by{#}( $q ); {p} = $q; unset( $q );\n",
    "[ {v}, {v} ] = [ {e}, {e} ];\n",
    "[ 'x' => {v}, 'y' => [ {v} ] ] = [ 'x' => {e}, 'y' => [ {e} ] ];\n",
    "list( {k} => {v}, {k} => {v} ) = {a};\n",
    "list( , {v}, , {v} ) = [ {e}, {e}, {e}, {e} ];\n",
    # functions, static and global
    "function st{#}( $x ) { static $n = 0, $l = [ {s} ]; $n++; $l[] = $x; return [ $n, $l ]; } st{#}( {e} ); {p} = st{#}( {e} );\n",
    "function gl{#}() { global {v}; {v} = {e}; return {v}; } {p} = gl{#}();\n",
    "function gs{#}( $x ) { $GLOBALS[{'m'|'n'|'s'}] = $x; return $GLOBALS[{'a'|'b'|'c'}] ?? {e}; } {p} = gs{#}( {e} );\n",
    "function ty{#}( {int|string|float|bool|array|?int|?string|int|string} $x ) { return $x; } try { {p} = ty{#}( {s} ); } catch ( TypeError $e ) { {p} = 'no'; } unset( $e );\n",
    "function re{#}( $x ): {int|string|float|bool|?int|?string} { return $x; } try { {p} = re{#}( {s} ); } catch ( TypeError $e ) { {p} = 'no'; } unset( $e );\n",
    "function va{#}( $x, ...$l ) { return [ $x, $l, func_num_args() ]; } {p} = va{#}( {e}, {e}, ...[ {e}, {e} ] );\n",
    "function vi{#}( int ...$l ) { return array_sum( $l ); } try { {p} = vi{#}( {s}, {n} ); } catch ( TypeError $e ) { {p} = 'no'; } unset( $e );\n",
    "function de{#}( $x = {s}, $y = [ {s}, 'k' => {s} ] ) { return [ $x, $y ]; } {p} = de{#}(); {p} = de{#}( {e} );\n",
    "function na{#}( $x, $y = 2, $z = 3 ) { return [ $x, $y, $z ]; } {p} = na{#}( {e}, z: {e} );\n",
    "function rc{#}( $x ) { return $x > 0 ? $x + rc{#}( $x - 1 ) : 0; } {p} = rc{#}( {0|1|2|5} );\n",
    "function ear{#}( $x ) { if ( {e} ) { return {e}; } foreach ( [ 1, 2 ] as $i ) { if ( $i == $x ) { return $i; } } return {e}; } {p} = ear{#}( {e} );\n",
    "if ( !function_exists( 'ex{#}' ) ) { function ex{#}() { return {e}; } } {p} = ex{#}();\n",
    "$f = function ( $x ) use ( &$a, $b ) { $a = $x; return [ $a, $b, {e} ]; }; {p} = $f( {e} ); unset( $f );\n",
    "$f = fn ( $x ) => [ $x, $a, {e} ]; $a = {e}; {p} = $f( {e} ); unset( $f );\n",
    "$f = static function () { static $n = 0; return ++$n; }; $f(); {p} = $f(); unset( $f );\n",
    "$f = [ 'x' => fn ( $x ) => {e}, 'y' => function () { return {e}; } ]; {p} = $f['{x|y}']( {e} ); unset( $f );\n",
    "$f = '{strtoupper|count|is_array|strlen|ucfirst}'; try { {p} = $f( {e} ); } catch ( TypeError $e ) { {p} = 'no'; } unset( $f, $e );\n",
    "{p} = call_user_func( function ( $x ) { return [ $x, {e} ]; }, {e} );\n",
    "{p} = call_user_func_array( fn ( $x, $y ) => [ $y, $x ], [ {e}, {e} ] );\n",
    "{p} = array_map( fn ( $x ) => {e}, {c} );\n",
    "{p} = array_map( fn ( $x, $y ) => [ $x, $y ], {c}, {c} );\n",
    "{p} = array_filter( {a}, fn ( $x ) => {e} );\n",
    "{p} = array_filter( {c}, fn ( $k ) => $k != {k}, ARRAY_FILTER_USE_KEY );\n",
    "{p} = array_reduce( {c}, fn ( $x, $y ) => $x . '-' . $y, {t} );\n",
    "{p} = usort( {A}, fn ( $x, $y ) => $x <=> $y );\n",
    "$q = {c}; {usort|uasort}( $q, fn ( $x, $y ) => strlen( $x ) - strlen( $y ) ); {p} = $q; unset( $q );\n",
    "$q = {c}; {sort|rsort|asort|arsort|ksort|krsort}( $q ); {p} = $q; unset( $q );\n",
    "$q = [ {s}, {s}, {s}, {s}, {s}, {s}, {s} ]; {sort|rsort|asort|arsort}( $q ); {p} = $q; unset( $q );\n",
    "$q = [ {k} => 1, {k} => 2, {k} => 3, {k} => 4, {k} => 5 ]; {ksort|krsort}( $q ); {p} = $q; unset( $q );\n",
    "uksort( {A}, fn ( $x, $y ) => strcmp( $x, $y ) );\n",
    "array_walk( {A}, function ( &$x, $k, $y ) { $x = [ $k, $y ]; }, {s} );\n",
    # the next index of an array
    "$q = {c}; unset( $q[{k}] ); $q[] = {e}; {p} = $q; unset( $q );\n",
    "$q = [ {-5|-1|3|7} => {e} ]; $q[] = {e}; {p} = $q; unset( $q );\n",
    "$q = {c}; array_pop( $q ); $q[] = {e}; {p} = $q; unset( $q );\n",
    "$q = {c}; {array_shift|array_pop}( $q ); array_unshift( $q, {e} ); $q += {a}; {p} = $q; unset( $q );\n",
    "$q = []; $q[{k}] = {e}; $q[{k}][] = {e}; $q[] = {e}; {p} = $q; unset( $q );\n",
    "$q = {c}; {p} = array_splice( $q, {0|1|-1}, {0|1|2}, {c} ); {p} = $q; unset( $q );\n",
    "$q = {a} + {a}; $q[] = {e}; {p} = $q; unset( $q );\n",
    "$q = array_merge( {a}, {a} ); $q[] = {e}; {p} = $q; unset( $q );\n",
    "$q = {array_values|array_unique|array_filter|array_keys|array_reverse|array_flip}( {c} ); $q[] = {e}; {p} = $q; unset( $q );\n",
    # exceptions
    "try { {B} throw new Exception( {t} ); } catch ( Exception $e ) { {B} } finally { {p} = {e}; } unset( $e );\n",
    "try { {p} = {e}; } catch ( Throwable $e ) { {p} = 'no'; } unset( $e );\n",
    "try { try { {p} = {e}; throw new RuntimeException( 'r' ); } finally { {p} = {e}; } } catch ( {Exception|LogicException|RuntimeException|Throwable} $e ) { {p} = {e}; } unset( $e );\n",
    "try { {p} = {intdiv|fmod|max|min}( {n}, {n} ); } catch ( Error $e ) { {p} = 'no'; } unset( $e );\n",
    "try { {p} = {n} % {n}; } catch ( DivisionByZeroError $e ) { {p} = 'zero'; } unset( $e );\n",
    "function fi{#}() { try { return {e}; } finally { {v} = {e}; } } {p} = fi{#}();\n",
    "function fj{#}() { foreach ( [ 1, 2 ] as $i ) { try { if ( $i == {1|2|3} ) { continue; } return $i; } finally { $GLOBALS['n'] = $i; } } return 'e'; } {p} = fj{#}();\n",
    "class Ex{#} extends Exception {} try { throw new Ex{#}( {t} ); } catch ( Ex{#} $e ) { {p} = {e}; } catch ( Exception $e ) { {p} = 'x'; } unset( $e );\n",
    # what a class has, where each wiki may have another
    ("define( 'K{#}', {e} ); class KC{#} { const C = [ K{#}, {k} => K{#} ]; const D = self::C; public static $x = K{#}; public $p = self::D; } "
    "{p} = [ {e}, KC{#}::D[{k}] ?? {s} ]; KC{#}::$x = [ KC{#}::$x, {e} ]; {p} = [ KC{#}::$x, ( new KC{#} )->p ];\n"),
    ("if ( {e} ) { class KD{#} { const C = {s}; static $x = 1; static function f( $q = self::C ) { return [ $q, ++self::$x ]; } } } "
    "else { class KD{#} { const C = {k}; static $x = {s}; static function f() { static $n = 5; return [ $n++, self::$x ]; } } } "
    "KD{#}::f(); {p} = [ {e}, KD{#}::f(), KD{#}::C ];\n"),
    # choices
    "switch ( {s} ) { case {s}: {p} = 1; case {s}: {p} = {e}; break; default: {p} = 3; case {s}: {B} }\n",
    "switch ( true ) { case {e}: {p} = 'x'; break; case {e}: {p} = 'y'; }\n",
    "try { {p} = match ( {s} ) { {s}, {s} => {e}, {s} => {e} }; } catch ( \\UnhandledMatchError $e ) { {p} = 'none'; } unset( $e );\n",
    "{p} = match ( true ) { {e} === {e} => 1, {n} > {n} => {e}, default => {e} };\n",
    "for ( $i = 0, $j = {1|3}; $i < $j; $i++ ) { if ( $i == {0|1|2} ) { {continue|break}; } {p} = $i; } \n",
    "$i = {2|3}; while ( $i-- ) { {L} } \n",
    "$i = 0; do { $i++; {L} if ( $i > 2 ) { break; } } while ( true );\n",
    "if ( {e} ): {B} elseif ( {e} ): {B} else: {B} endif;\n",
    "foreach ( {a} as $w ): {p} = $w; endforeach; unset( $w );\n",
    "if ( ( $q = {e} ) && {e} ) { {p} = $q; } unset( $q );\n",
    # classes
    ("class K{#} { const C = {s}; public $v = {s}; public array $l = [ {s} ]; private static $n = 0; private $h = {s}; protected $g;"
    " public static function make( $x = {s} ) { $o = new self; $o->v = $x; return $o; } public function get( $k ) { return $this->l[$k] ?? $this->v; }"
    " public function set( $k, $x ) { $this->l[$k] = $x; return $this; } public static function next() { return ++self::$n; } public function h() { return [ $this->h, $this->g ]; } }\n"
    "{p} = K{#}::make( {e} )->set( {k}, {e} )->get( {k} ); K{#}::next(); {p} = [ K{#}::next(), K{#}::C ]; $o = new K{#}; {p} = [ $o->h(), $o->l, isset( $o->h ), $o->v ]; unset( $o );\n"),
    ("class B{#} { protected $v = {s}; public function name() { return static::class . self::class; } public function get() { return $this->v; } public static function new() { return new static; } }"
    " class D{#} extends B{#} { protected $v = {s}; public function get() { return [ 'd', parent::get() ]; } } {p} = [ D{#}::new()->get(), B{#}::new()->get(), ( new D{#} )->name() ];\n"),
    ("class I{#} { private static $one; private $l = []; public static function one() { return self::$one ??= new self; } public function put( $k, $x ) { $this->l[$k] ??= $x; return $this->l; } }"
    " I{#}::one()->put( {k}, {e} ); {p} = I{#}::one()->put( {k}, {e} );\n"),
    ("class T{#} { public function __construct( public int $i, private ?string $s = null, public readonly array $l = [] ) {} public function s() { return $this->s; } }"
    " try { $o = new T{#}( {s}, {s} ); {p} = [ $o->i, $o->s(), $o->l ]; $o->i = {s}; {p} = $o->i; } catch ( TypeError $e ) { {p} = 'no'; } unset( $o, $e );\n"),
    ("class P{#} { private function m() { return 'p'; } public function call() { return $this->m(); } private $v = 'pv'; public function v() { return $this->v; } } class Q{#} extends P{#} { private function m() { return 'q'; } public $v = {s}; }"
    " $o = new Q{#}; {p} = [ $o->call(), $o->v(), $o->v ]; unset( $o );\n"),
    "class N{#} { public ?N{#} $n = null; public $v; } $o = new N{#}; $o->v = {e}; {p} = [ $o?->n?->v, $o->n?->v ?? {e}, $o?->v ]; $o->n = new N{#}; $o->n->v = {e}; {p} = $o->n?->v; unset( $o );\n",
    "class S{#} { public static $l = [ {s} ]; public static $m = []; public static function add( $x ) { static::$l[] = $x; self::$m[$x ?? ''] = count( self::$l ); } } S{#}::add( {k} ); S{#}::$l['k'] = {e}; {p} = [ S{#}::$l, S{#}::$m ];\n",
    "class H{#} { public $l = []; } $o = new H{#}; $q = $o; $q->l[] = {e}; $o->l['x'] = {e}; $w = &$o->l['x']; $w = {e}; {p} = $q->l; unset( $o, $q, $w );\n",
    ("class C{#} { private $v = {s}; public function f() { return function ( $x ) { return [ $this->v, $x ]; }; } public function g() { return array_map( [ $this, 'one' ], [ {s} ] ); } private function one( $x ) { return [ $x ]; } }"
    " {p} = [ ( new C{#} )->f()( {e} ), ( new C{#} )->g() ];\n"),
    "$o = new stdClass; $o->x = {e}; $o->y['z'] = {e}; {p} = [ $o->x, $o->y, isset( $o->z ) ]; unset( $o );\n",
    # inclusions
    "{p} = include __DIR__ . '/one.php';\n",
    "require_once 'two.php'; {p} = $two ?? {e};\n",
    "{p} = ( require 'list.php' )[{k}] ?? {e};\n",
    "function in{#}() { $n = {s}; include 'one.php'; return $one ?? 0; } {p} = in{#}();\n",
    # what is not set
    "$n = null; $n++; {p} = $n; $n--; $s .= {t};\n",
    "$q['x']['y'] ??= {e}; $q['z'][] = {e}; {p} = $q; unset( $q );\n",
    "unset( {A}[{k}], {A}[{k}][{k}] );\n",
    "{p} = isset( {A}[{k}][{k}], {v} ) ? {e} : {e};\n",
    "$s = {t}; {p} = isset( $s[{0|1|-1|9}] ) ? $s[{0|-1}] : 'none';\n",
    "$s = {'a'|'z'|'Zz'|'a9'|'Az'|'9z'|'zZ9'|''|'-'|'a-z'}; $s++; {p} = $s;\n",
    "const CO{#} = {s}; define( 'DE{#}', [ {s} ] ); {p} = [ CO{#}, DE{#}, defined( 'CO{#}' ), constant( 'DE{#}' ) ];\n",
    "$$b = {e}; ${'q' . 'w'} = {e}; {p} = $qw; unset( $qw );\n",
    "extract( [ 'n' => {e}, 's' => {e} ] ); {p} = compact( 'n', 's' );\n",
    "{p} = preg_match( {r}, {t}, $w ) ? $w : []; unset( $w );\n",
    "{p} = preg_match( '/^(?<x>\\w)(\\d)?(b)?/', {t}, $w ) ? $w : 0; unset( $w );\n",
    "goto l{#}; {p} = 1; l{#}: {p} = 2;\n",
    "function ge{#}() { yield {e}; } foreach ( ge{#}() as $w ) { {p} = $w; } unset( $w );\n",
)  # fmt: skip
"""Statements; each leaves behind only the usual variables."""

EXPRESSIONS = {
    "array": (
        "array_slice( {a}, {-2|-1|0|1|2}, {-1|1|2|null} )", "array_slice( {a}, {0|1|-2}, null, true )", "explode( ',', {t}, {-1|0|1|2} )", "array_fill_keys( {c}, {e} )",
        "[ ...{c}, ...[ 'x' => {e} ] ]", "array_merge( ...[ {c}, {c} ] )", "array_combine( [ 'x', 'y' ], [ {e}, {e} ] )", "preg_split( '/[,-]/', {t} )",
        "preg_split( '/(,)|-/', {t}, {-1|2}, {0|PREG_SPLIT_NO_EMPTY|PREG_SPLIT_DELIM_CAPTURE} )", "str_split( {t}, {1|2} )", "array_pad( {c}, {-4|0|3}, {e} )", "array_map( 'strval', {c} )",
        "array_map( null, {c}, {c} )", "range( {0|3|'a'|-1}, {5|0|'e'|1}, {1|2|-1} )", "range( 'a', 'e', 2 )", "range( 0, 1, 0.25 )", "array_flip( [ 'x', {k} ] )", "array_column( [ [ 'x' => {s}, 'y' => {k} ], [ 'x' => {s} ] ], 'x', 'y' )",
        "array_unique( [ {s}, {s}, {s} ] )", "array_count_values( [ 'x', {k}, 'x' ] )", "array_diff_key( {a}, [ {k} => 1 ] )", "array_intersect_key( {a}, array_flip( [ 'x', 'y', {k} ] ) )",
        "array_diff( [ {s}, {s} ], [ {s} ] )", "array_replace( {a}, [ {k} => {e} ] )", "array_search( {s}, [ 'x' => {s}, {s} ] ) ?: []", "array_chunk( {c}, {1|2}, {true|false} )",
        "(array){s}", "json_decode( {'[1,{\"a\":null}]'|'{\"x\":[]}'|'nope'|'{\"0\":1}'}, true ) ?? []", "array_walk( {A}, fn ( $x ) => $x ) ? {A} : []", "array_merge_recursive( {a}, {a} )", "array_replace_recursive( {a}, {a} )",
        "parse_url( {'https://a.b/c?d=e#f'|'//x/y'|'/z'|t} ) ?: []", "array_keys( {a}, {s} )", "array_fill( {0|3|-2}, {0|2}, {e} )", "array_udiff( {c}, {c}, fn ( $x, $y ) => $x <=> $y )", "array_filter( {c} )", "array_reverse( {a}, true )",
        "str_word_count( {t}, 1 )", "array_rand( [ 'x' => 1 ] ) === 'x' ? [ 1 ] : []", "array_change_key_case( {a}, {CASE_UPPER|CASE_LOWER} )", 'array_map( fn ( $k, $x ) => "$k=$x", array_keys( {c} ), {c} )',
    ),
    "text": (
        "sprintf( {'%s-%d'|'%05d|%5s|%-5s'|'%x %X %o %b'|'%.2f %e'|'%u'|'%c%%'|'%\\'*8s'|'%+d'|'%2$s %1$s'|'%05.1f'|'%G'}, {s}, {s} )", "sprintf( '%s', {s} )", "vsprintf( '%s/%s', [ {s}, {s} ] )",
        "number_format( {n}, {0|1|2} )", "number_format( {n}, {1|2}, ',', {'.'|''|' '} )", "implode( {','|''|', '}, {c} )", "substr( {t}, {-3|-1|0|1|9}, {-1|0|1|5|null} )", "ucwords( {t}, '-' )", "trim( {t}, {'a..c'|' x'|'-,'|''} )",
        "str_pad( {t}, {0|5|8}, {'-'|'ab'}, {STR_PAD_LEFT|STR_PAD_RIGHT|STR_PAD_BOTH} )", "wordwrap( {t}, 3, '|', true )", "nl2br( {t} )", "strtr( {t}, {'ab'|''}, {'xy'|'x'} )", "strtr( {t}, [ 'a' => 'b', 'ab' => {t}, 'x' => '' ] )",
        "str_replace( [ 'a', 'b' ], [ 'b' ], {t} )", "str_ireplace( {'A'|'x'}, {t}, {t} )", "preg_replace( {r}, {'<$0>'|'\\\\1-'|'${1}x'|''}, {t} )", "preg_replace( [ '/a/', '/b/i' ], [ 'b', 'c' ], {t} )", "preg_replace( '/\\s+/', ' ', {t}, {1|-1} )",
        "preg_replace_callback( {r}, fn ( $x ) => strtoupper( $x[0] ), {t} )", "date( {'Y-m-d'|'D, d M Y H:i:s'|'N jS z t L'|'U'}, {0|86400|1511136000|951782400} )", "gmdate( {'c'|'YmdHis'|'l F y'}, {0|1511136000} )", "ucfirst( strtolower( {t} ) )",
        "strrev( {t} )", "substr_replace( {t}, {t}, {0|1|-1}, {0|1} )", "strstr( {t}, {'a'|','|'.'}, {true|false} ) ?: 'f'", "strrchr( {t}, {'a'|'/'|'.'} ) ?: 'f'", "dirname( {'/a/b/c.php'|'a/b'|'a'|'/'|''}, {1|2} )", "basename( {'/a/b.php'|'a/'|'/'}, {'.php'|''} )",
        "chr( {65|0|-1|300} )", "bin2hex( {t} )", "dechex( {n} )", "base64_encode( {t} )", "md5( {t} )", "sha1( {t} )", "crc32( {t} ) . ''", "http_build_query( {a} )", "htmlspecialchars( {'<a href=\"x\">\\'&'|t} )", "addslashes( {t} )", "strip_tags( '<b>' . {t} )",
        "gettype( {e} )", "get_debug_type( {e} )", "var_export( {s}, true )", "json_encode( {e} )", "json_encode( {a}, {JSON_PRETTY_PRINT|JSON_UNESCAPED_SLASHES|JSON_FORCE_OBJECT} )", "serialize( {s} )", "strval( {n} )", "(string){n}", "\"{$a}{$m['x']['y']}\"",
        "\"$b[0] $m[x] {$c['x']}\"", "<<<T\n x $s\n  y {$c['x']}\n T", "<<<'T'\n$s\nT", "mb_substr( {t}, {0|1|-1}, {1|2} )", "mb_strtoupper( {t} )", "lcfirst( {t} )", "implode( '|', array_map( fn ( $x ) => \"[$x]\", {c} ) )", "str_repeat( {t}, {0|1|3} )",
        "uniqid() === '' ? 'x' : 'y'", "rtrim( {n}, '0' )", "chunk_split( {t}, 2, '-' )", "money( {n} ) ?? ''", "nowhere{#} ?? 'x'", "ltrim( {t}, '0' )", "rawurlencode( {t} )", "strtolower( {s} )", "sprintf( '%08.3f', {n} )", "similar_text( {t}, {t} ) . ''", "soundex( {t} )",
    ),
    "number": (
        "round( {n}, {-1|0|1|2} )", "round( {1.005|2.5|-2.5|1234.5678|0.285|5.055|1.45|-0.5} , {0|1|2|-2} )", "ceil( {n} )", "floor( {n} )", "strcmp( {t}, {t} )", "strcasecmp( {t}, {t} )", "strncmp( {t}, {t}, {1|2} )", "strnatcmp( {t}, {t} )",
        "version_compare( {'1.2'|'1.2.0'|'1.10'|'2.0rc1'|'1.46.0-wmf.3'|'5'}, {'1.2'|'1.9'|'2.0'|'1.46.0-alpha'} )", "(int){s}", "(float){s}", "intval( {s}, {0|8|16|2} )", "intval( {'0x1A'|'012'|'0b11'|'1e3'|' 7 '|'-9'|'9223372036854775808'|'1.9'} )", "(int){1e19|-1.5|'1e1000'|NAN|INF|9.99e18}",
        "PHP_INT_MAX + {0|1|-1}", "PHP_INT_MIN - {0|1}", "-PHP_INT_MAX - {1|2}", "{n} <=> {n}", "{s} <=> {s}", "{a} <=> {a}", "array_sum( [ {s}, {n} ] )", "array_product( [ {n}, {n} ] )", "max( {s}, {s} )", "min( {s}, {s}, {s} )", "max( [ {s}, {s} ] )", "count( {a}, COUNT_RECURSIVE )", "substr_count( {t}, {'a'|'ab'} )",
        "strlen( {s} )", "mb_strlen( {t} )", "ord( {t} )", "abs( {n} )", "fmod( {n}, 3 )", "{n} ** {0|1|2|-1|0.5}", "{n} % {1|2|-3|7}", "intdiv( {n}, {1|2|-3} )", "{s} + {s}", "{n} << {0|1|63|64}", "{n} >> {0|1|63|64}", "~{n}", "{n} | {n}", "{s} & {s}", "{s} ^ {n}", "preg_match_all( {r}, {t} )", "hexdec( {'ff'|'zz1'|t} )", "octdec( '17' )",
        "bindec( '101' )", "base_convert( 'ff', 16, 2 ) + 0", "mktime( 0, 0, 0, 1, 1, 2020 )", "strtotime( '2017-11-20 00:00:00 UTC' )", "(int)checkdate( {2|13}, {29|30}, 2020 )", "is_numeric( {s} ) + 1", "levenshtein( {t}, {t} )", "ip2long( {'10.0.0.1'|'x'} ) + 0", "time() > 0 ? 1 : 2", "sqrt( {4|2|-1} )", "pi() > 3 ? {n} : 0", "array_key_last( {a} ) ?? -1",
        "0.1 + 0.2", "1e100 * {n}", "0x7f + 0b11 + 0o17 + 017 + 1_000", "-{n} ** 2", "+{s}", "{t} . {n} + 0", "number_format( {n} ) + 0",
    ),
    "any": (
        "{s} == {s}", "{s} < {s}", "{s} >= {s}", "{a} == {a}", "{a} === {a}", "{s} === {s}", "in_array( {s}, [ {s}, {s} ] )", "in_array( {s}, [ {s}, {s} ], true )", "array_search( {s}, [ {s}, 'x' => {s} ] )", "array_key_exists( {k}, {a} )", "isset( {A}[{k}] )", "empty( {A}[{k}][{k}] )",
        "version_compare( {'1.2'|'1.46'|'5.0-dev'}, {'1.2'|'1.9'|'5.0'}, '{<|>=|eq|lt|ne}' )", "ctype_digit( {t} )", "ctype_alpha( {t} )", "filter_var( {s}, {FILTER_VALIDATE_INT|FILTER_VALIDATE_BOOLEAN} )", "array_is_list( {a} )", "is_callable( {s} )", "is_iterable( {e} )", "is_countable( {e} )", "is_numeric( {s} )",
        "array_shift( {A} )", "array_pop( {A} )", "end( {A} )", "reset( {A} )", "current( {a} )", "key( {a} )", "array_key_first( {a} )", "str_contains( {t}, {t} )", "str_starts_with( {t}, {t} )", "( {s} ?: {e} ) ?? {e}", "( {A}[{k}] ?? null ) ?: {e}", "!{e} && {e} || {e}", "{e} xor {e}", "( {e} and {e} )", "null ?? {e}",
        "{v}[{k}] ?? {e}", "$m['x']['y']['z'] ?? {e}", "$d['y']['z'] ?? $d['q'] ?? {e}", "( function () { return func_get_args(); } )( {e}, {e} )", "( fn ( ...$l ) => $l )( ...{c} )", "is_a( {e}, 'stdClass' )", "{e} instanceof stdClass", "(bool){s}", "(object){a} == {e}", "settype( {v}, '{int|string|bool|array}' )", "print {t}",
        "array_reduce( {c}, fn ( $x, $y ) => $x . $y )", "str_word_count( {t} )", "strpos( {t}, {t}, {0|1|-1} )", "substr( {t}, {0|1|-1} )", "{t}[{0|-1|1}]", "[ {e}, {e} ][{0|1|2}] ?? null", "[ 'x' => {e} ]['x']", "preg_match( {r}, {t} )", "preg_grep( {r}, {c} )", "is_string( {s} ) ? {t} : {n}", "mb_strpos( {t}, 'a' )",
        "( {v} = {e} )", "( {v} ??= {e} )", "{v}++", "--{v}", "({v} .= {t})", "max( {a}, {s} )", "min( {a}, {a} )", "array_walk( {A}, fn () => 1 )", "list( {v} ) = {c}", "( $q{#} ?? {e} )", "constant( 'PHP_{EOL|INT_SIZE|VERSION_ID|OS_FAMILY|INT_MAX}' ) === {e}", "PHP_{EOL|INT_SIZE|INT_MAX|FLOAT_EPSILON|FLOAT_DIG}", "M_PI", "E_ALL", "__FUNCTION__", "__NAMESPACE__",
        "json_decode( {'1'|'\"x\"'|'true'|'null'|'1.0'|'[1,2]'|'{'} )", "json_decode( {t}, true )", "unserialize( serialize( {s} ) )", "ctype_upper( {t} )", "array_diff_assoc( {c}, {c} )", "sprintf( '%d', {e} )", "strncasecmp( {t}, {t}, 2 )", "call_user_func( '{strtoupper|trim|strlen}', {t} )", "func{#}( {e} )", "( new ArrayObject( {a} ) )[{k}] ?? 1", "iterator_to_array( new ArrayIterator( {c} ) )",
    ),
}  # fmt: skip
"""Expressions, by what they most likely give."""
FILES = {
    "one.php": "<?php\n$one = ( $n ?? 0 ) . 'one';\nreturn [ $one, __LINE__, basename( __FILE__ ) ];\n",
    "two.php": "<?php\n$two = ( $two ?? 0 ) + 1;\nif ( $two > 1 ) {\n\treturn;\n}\n$c['two'] = true;\n",
    "list.php": "<?php\nreturn [ 'x' => 1, 'y' => [ 'z' => null ], 5 => 'q' ];\n",
}
"""Files that programs include."""
