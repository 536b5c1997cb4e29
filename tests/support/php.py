"""PHP's own answers for calls of its functions, where PHP is installed."""

from __future__ import annotations

import base64
import json
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

SCRIPT = """
set_error_handler( static function ( $level, $message ) {
    if ( $level & ( E_DEPRECATED | E_USER_DEPRECATED ) ) { return true; }
    throw new Exception( $message );
} );
function told( $v ) {
    if ( is_int( $v ) ) { return [ 'i', (string)$v ]; }
    if ( is_float( $v ) && is_nan( $v ) ) { return [ 'f', 'NAN' ]; }
    if ( is_float( $v ) ) { return [ 'f', bin2hex( pack( 'E', $v ) ) ]; }
    if ( is_string( $v ) ) { return [ 's', base64_encode( $v ) ]; }
    if ( !is_array( $v ) ) { return is_object( $v ) ? [ 'o' ] : $v; }
    $rows = [];
    foreach ( $v as $key => $item ) { $rows[] = [ told( $key ), told( $item ) ]; }
    return [ 'a', $rows ];
}
function matched( $pattern, $text ) {
    return preg_match( $pattern, $text, $groups ) === false ? throw new Exception( 'no pattern' ) : $groups;
}
function call( $name, ...$given ) {
    try {
        $answer = told( $held = $name( ...$given ) );
    } catch ( Throwable $e ) { $answer = [ 'x' ]; }
    try {
        if ( is_array( $held ?? null ) ) { $held[] = 1; $answer[] = array_key_last( $held ); }
    } catch ( Throwable $e ) { $answer[] = null; }
    echo json_encode( $answer ), "\\n";
}
"""


def literal(data):
    if data is None or isinstance(data, bool):
        return json.dumps(data)
    if isinstance(data, int):
        return str(data) if data > -(2**63) else "PHP_INT_MIN"
    if isinstance(data, float):
        return f"unpack( 'E', hex2bin( '{struct.pack('>d', data).hex()}' ) )[1]"
    if isinstance(data, str):
        return f"base64_decode( '{base64.b64encode(data.encode()).decode()}' )"
    return "[ " + ", ".join(f"{literal(key)} => {literal(item)}" for key, item in data.items()) + " ]"


def told(data):
    """A value as the script tells it."""
    if data is None or isinstance(data, bool):
        return data
    if isinstance(data, int):
        return ["i", str(data)]
    if isinstance(data, float):
        return ["f", struct.pack(">d", data).hex()] if data == data else ["f", "NAN"]
    if isinstance(data, str):
        return ["s", base64.b64encode(data.encode()).decode()]
    return ["a", [[told(key), told(getattr(item, "data", item))] for key, item in data.items()]]


def answers(calls):
    """What PHP gives for each call of a function by its name; None where PHP is not installed.

    As ``told()`` has it; an array with the index that a further element gets; ``["x"]`` where PHP throws or warns.
    """
    php = shutil.which("php")
    if php is None:
        return None
    rows = "\n".join(f"call( '{name}'{''.join(', ' + literal(item) for item in given)} );" for name, given in calls)
    options = ["precision=14", "serialize_precision=-1", "memory_limit=2G", "error_reporting=-1"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls.php"
        path.write_text("<?php" + SCRIPT + rows, "utf-8")
        command = [php, *(word for option in options for word in ("-d", option)), path]
        run = subprocess.run(command, capture_output=True, check=True, timeout=120)
    return [json.loads(line) for line in run.stdout.splitlines()]
