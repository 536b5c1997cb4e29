<?php
// Answers for snippets, one line of JSON each: [ { "code", "files" } ] in, { "vars" } or { "error" } out. Each snippet has a child of
// its own, and runs at true global scope. A value is JSON's own where that is exact, else { "f": bits }, { "b": base64 }, { "a": pairs }
// or { "o": class }.
final class Server {
	public static $request;
	public static $file;
	private const TOLD = 7;
	private static $told = false;
	private static $error = null;

	public static function value( $v, $depth = 0 ) {
		if ( is_float( $v ) ) {
			return [ 'f' => bin2hex( pack( 'E', $v ) ) ];
		}
		if ( is_string( $v ) ) {
			return preg_match( '//u', $v ) ? $v : [ 'b' => base64_encode( $v ) ];
		}
		if ( is_array( $v ) ) {
			$pairs = [];
			foreach ( $depth > 30 ? [] : $v as $key => $item ) {
				$pairs[] = [ self::value( $key ), self::value( $item, $depth + 1 ) ];
			}
			return [ 'a' => $pairs ];
		}
		return is_object( $v ) ? [ 'o' => get_class( $v ) ] : $v;
	}

	public static function next() {
		while ( ( $line = fgets( STDIN ) ) !== false ) {
			if ( pcntl_fork() === 0 ) {
				self::$request = json_decode( $line, true );
				pcntl_alarm( 2 );
				return;
			}
			pcntl_wait( $status );
			if ( !pcntl_wifexited( $status ) || pcntl_wexitstatus( $status ) !== self::TOLD ) {
				self::say( [ 'error' => "status $status" ] );
			}
		}
		exit;
	}

	private static function say( $answer ) {
		$text = json_encode( $answer, JSON_UNESCAPED_UNICODE | JSON_PARTIAL_OUTPUT_ON_ERROR, 4096 ) . "\n";
		pcntl_alarm( 0 );
		fwrite( STDERR, $text );
	}

	public static function failed( $error ) {
		self::$error = get_class( $error ) . ': ' . $error->getMessage();
	}

	public static function tell() {
		if ( self::$request === null || self::$told ) {
			return;
		}
		self::$told = true;
		while ( ob_get_level() > 0 ) {
			ob_end_clean();
		}
		$last = error_get_last();
		if ( self::$error === null && $last && $last['type'] & ( E_ERROR | E_PARSE | E_COMPILE_ERROR | E_CORE_ERROR ) ) {
			self::$error = $last['message'];
		}
		$vars = [];
		foreach ( $GLOBALS as $name => $v ) {
			if ( $name !== 'argv' && $name !== 'argc' && $name[0] !== '_' ) {
				$vars[$name] = self::value( $v );
			}
		}
		self::say( self::$error === null ? [ 'vars' => (object)$vars ] : [ 'error' => self::$error ] );
		exit( self::TOLD );
	}

	public static function prepare() {
		$folder = self::$request['folder'];
		foreach ( self::$request['files'] as $name => $text ) {
			file_put_contents( "$folder/$name", $text );
		}
		return "$folder/main.php";
	}
}
error_reporting( 0 );
set_error_handler( static fn () => true );
set_exception_handler( [ 'Server', 'failed' ] );
register_shutdown_function( [ 'Server', 'tell' ] );
Server::next();
ob_start();
require Server::prepare();
Server::tell();
