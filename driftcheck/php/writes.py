"""What running a stretch of PHP could write, without running it.

Everything that assigns, takes a reference or hands a variable to code that may do so is found in the tree; whoever
runs the stretch forgets those variables. Bodies of functions and classes do not run where they stand.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.php.functions import FUNCTIONS
from driftcheck.php.syntax import children, field, places, search, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    from driftcheck.core.model import Source

ANY = ""
"""The name of a write that may be to any variable."""

_NONE = 1 << 30
_QUERY = """
[(assignment_expression) (augmented_assignment_expression)] @assignment
[(reference_assignment_expression) (by_ref)] @reference
[(update_expression) (unset_statement)] @operand
(foreach_statement) @loop
(catch_clause name: (variable_name) @plain)
[(global_declaration) (function_static_declaration)] @declaration
(arguments) @arguments
(object_creation_expression) @creation
[(include_expression) (include_once_expression) (require_expression) (require_once_expression)] @inclusion
(ERROR) @error
[(function_definition) (anonymous_function) (arrow_function) (declaration_list) (enum_declaration_list)] @closed
"""
_CLOSED = {"function_definition", "anonymous_function", "arrow_function", "declaration_list", "enum_declaration_list"}
# A sign that could assign or call; `array(` is most of what a table of settings has of them.
_SIGN = re.compile(rb"=(?![=>])|\+\+|--|&(?!&)|\((?<![\s(,\[]array\()(?<!=>array\()")
_WORDS = (b"include", b"require", b"new", b"foreach", b"unset", b"global", b"static", b"catch")
_QUIET = {"comment", "string_content", "nowdoc_string", "escape_sequence", "text", "heredoc_body", "name", "string"}
_THROUGH = {"subscript_expression", "member_access_expression", "nullsafe_member_access_expression",
            "parenthesized_expression", "by_ref", "variadic_unpacking", "pair", "argument"}  # fmt: skip

BY_REFERENCE = {
    **dict.fromkeys(
        ("array_multisort", "array_pop", "array_push", "array_shift", "array_splice", "array_unshift", "array_walk",
         "array_walk_recursive", "arsort", "asort", "end", "headers_sent", "krsort", "ksort", "mb_convert_variables",
         "natcasesort", "natsort", "next", "prev", "reset", "rsort", "settype", "shuffle", "sort", "stream_select",
         "uasort", "uksort", "usort"), 0),
    **dict.fromkeys(("exec", "getmxrr", "passthru", "system"), 1),
    **dict.fromkeys(("fscanf", "fsockopen", "getopt", "is_callable", "mb_ereg", "preg_match", "preg_match_all",
                     "proc_open", "similar_text", "sscanf"), 2),
    **dict.fromkeys(("preg_replace_callback_array", "str_ireplace", "str_replace"), 3),
    **dict.fromkeys(("preg_filter", "preg_replace", "preg_replace_callback"), 4),
}  # fmt: skip
"""PHP's functions that write to their arguments, and the first argument that they may write to."""

CALLBACKS = {
    "array_filter", "array_map", "array_reduce", "array_walk", "array_walk_recursive", "class_exists",
    "preg_replace_callback", "preg_replace_callback_array", "trigger_error", "uasort", "uksort", "usort",
}  # fmt: skip
"""Those of PHP's functions below that run code of the file."""

BY_VALUE = {
    *FUNCTIONS, "abs", "array", "array_chunk", "array_column", "array_filter", "array_is_list", "array_key_first",
    "array_key_last", "array_map", "array_pad", "array_product", "array_reduce", "array_replace_recursive",
    "array_reverse", "array_search", "array_slice", "array_sum", "basename", "bin2hex", "ceil", "chr", "class_exists",
    "compact", "constant", "crc32", "ctype_digit", "date", "date_default_timezone_set", "define", "defined", "die",
    "dechex", "empty", "error_reporting", "exit", "explode", "file", "file_exists", "file_get_contents", "floatval",
    "floor", "function_exists", "getenv", "gethostname", "hash", "hexdec", "htmlspecialchars", "in_array", "ini_get",
    "ini_set", "interface_exists", "is_callable", "is_dir", "is_file", "is_float", "is_numeric", "is_object",
    "is_readable", "is_scalar", "isset", "json_decode", "json_encode", "key", "lcfirst", "ltrim", "max", "mb_strlen",
    "mb_strtolower", "mb_strtoupper", "mb_substr", "md5", "microtime", "min", "mt_rand", "number_format", "ord",
    "php_sapi_name", "php_uname", "phpversion", "preg_quote", "preg_split", "print_r", "rand", "random_int",
    "rawurlencode", "realpath", "round", "rtrim", "serialize", "set_time_limit", "sha1", "sprintf", "str_contains",
    "str_ends_with", "str_pad", "str_split", "str_starts_with", "strcmp", "strncmp", "strpos", "strrev", "strrpos",
    "strstr", "strtotime", "strtr", "strval", "substr", "substr_count", "sys_get_temp_dir", "time", "trigger_error",
    "ucwords", "unserialize", "urlencode", "usleep", "var_export", "version_compare", "vsprintf",
}  # fmt: skip
"""PHP's functions, and what looks like one, that only read their arguments; callbacks are looked at by their bodies."""


_UNNAMED = {"creation": "<new>", "inclusion": "<include>", "error": "<error>"}
SCOPE_CALLS = {"<include>", "<error>", "eval", "extract", "mb_parse_str", "parse_str"}
"""What can write to any variable of the scope that it stands in."""


class Reach(NamedTuple):
    """What a call can write: its arguments from ``first`` on, now or (``keeps``) later, or any variable in scope."""

    first: int = _NONE
    keeps: bool = False
    anything: bool = False


class Write(NamedTuple):
    """A variable that may be written, where, and whether it can change by another name from then on."""

    name: str
    node: Node
    shared: bool = False


NOTHING = Reach()


def reach_of_builtin(name: str) -> Reach:
    """A call in a file of which only a part is read: PHP's own functions are known, others are taken to be harmless."""
    return Reach(BY_REFERENCE.get(name.lower().lstrip("\\"), _NONE))


def reach_of_unread(name: str) -> Reach:
    """A call of code that is not in the file, where nothing may be taken for granted, in the global scope."""
    key = name.lower().lstrip("\\")
    if key in SCOPE_CALLS:
        return Reach(0, anything=True)
    if key in BY_REFERENCE:
        return Reach(BY_REFERENCE[key])
    return NOTHING if key in BY_VALUE else Reach(0, keeps=True, anything=True)


def reach_in_function(reach: Reach, name: str) -> Reach:
    """The same call inside a function: other code does not see the variables that are local to it."""
    return reach._replace(anything=name.lower().lstrip("\\") in SCOPE_CALLS)


def writes(
    node: Node, source: Source, reach: Callable[[str], Reach], quiet: set[tuple[int, int]] | None = None
) -> list[Write]:
    """Every write in a stretch of code; ``quiet`` remembers the stretches of the file that are known to have none."""
    place = node.start_byte, node.end_byte
    if quiet is not None and place in quiet:
        return []
    if not _suspicious(node, source.text):
        if quiet is not None:
            quiet.add(place)
        return []
    found = search(_QUERY, node)
    inside = _inside(found.pop("closed", []))
    out: list[Write] = []
    for kind, nodes in found.items():
        for match in nodes:
            # What a closure takes by reference stands inside it, and is taken where the closure is made.
            by_ref = kind == "reference" and match.type == "by_ref"
            if by_ref or not inside(match.start_byte):
                out.extend(_writes_of(kind, match, reach))
    return out


def leaves(node: Node) -> bool:
    """Whether a stretch of code could end the function or file that it stands in, or jump."""
    return any(_has(node, word, f"{word}_statement") for word in ("return", "goto"))


def yields(body: Node) -> bool:
    """Whether a function's body makes it a generator."""
    return _has(body, "yield", "yield_expression")


def _has(node: Node, word: str, kind: str) -> bool:
    """Whether a stretch of code has a node of a kind, which begins with a word, outside of functions and classes in it."""
    start, spelled = node.start_byte, word.encode()
    return any(_begins(node, start + at, kind) for at in places((node.text or b"").lower(), spelled))


def _begins(node: Node, at: int, kind: str) -> bool:
    """Whether a node of a kind begins at a byte, and stands in no function or class in ``node``."""
    inner, found = node.descendant_for_byte_range(at, at + 1), False
    while inner is not None and inner.type not in _CLOSED:
        found = found or (inner.type == kind and inner.start_byte == at)
        if inner.id == node.id:
            return found
        inner = inner.parent
    return False


def _inside(bodies: list[Node]) -> Callable[[int], bool]:
    """Whether a byte stands inside one of these nodes, behind its first."""
    ends: dict[int, int] = {}
    last = 0
    for body in sorted(bodies, key=lambda node: node.start_byte):
        last = ends[body.start_byte] = max(last, body.end_byte)
    starts = list(ends)

    def inside(at: int) -> bool:
        before = bisect_left(starts, at) - 1
        return before >= 0 and at < ends[starts[before]]

    return inside


def _suspicious(node: Node, source: bytes) -> bool:
    """Whether it is worth looking: a large table has many strings with signs in them, and no code."""
    start = node.start_byte
    code = source[start : node.end_byte].lower()
    signs = [match.start() for match in _SIGN.finditer(code) if not _compares(code, match.start())]
    for place in (*signs, *places(code, *_WORDS)):
        found = node.descendant_for_byte_range(start + place, start + place + 1)
        if found is None or found.type not in _QUIET:
            return True
    return False


def _compares(code: bytes, at: int) -> bool:
    """Whether a ``=`` is the end of a comparison."""
    before = code[max(at - 2, 0) : at]
    return code[at] == ord("=") and before[-1:] in (b"=", b"!", b"<", b">") and before not in (b"<<", b">>")


def _writes_of(kind: str, node: Node, reach: Callable[[str], Reach]) -> Iterator[Write]:
    if kind == "assignment":
        left, right = field(node, "left"), field(node, "right")
        yield from roots(left)
        if left is not None and left.type == "list_literal" and b"&" in (left.text or b""):
            yield from roots(right, shared=True)
    elif kind == "reference":
        for child in children(node):
            yield from roots(child, shared=True)
    elif kind in ("operand", "plain"):
        for child in [node] if kind == "plain" else children(node):
            yield from roots(child)
    elif kind == "loop":
        yield from _loop(node)
    elif kind == "declaration":
        for child in children(node):
            yield from roots(field(child, "name") or child, shared=True)
    elif kind == "arguments":
        yield from _arguments(node, reach)
    elif kind in _UNNAMED and reach(_UNNAMED[kind]).anything:
        yield Write(ANY, node)


def _loop(node: Node) -> Iterator[Write]:
    header = [child for child in children(node) if child.id != (field(node, "body") or node).id]
    by_reference = any(b"&" in (target.text or b"") for target in header[1:])
    for target in header[1:]:
        yield from roots(target, shared=by_reference)
    if by_reference:
        yield from roots(header[0], shared=True)


def _arguments(node: Node, reach: Callable[[str], Reach]) -> Iterator[Write]:
    call = node.parent
    if call is None or call.type == "attribute":
        return
    function = field(call, "function")
    named = function is not None and function.type in ("name", "qualified_name", "relative_name")
    extent = reach(text(function) if named else ANY)
    arguments = children(node)
    if extent.first < len(arguments):
        plain = all(len(children(argument)) == 1 for argument in arguments)
        spread = any(child.type == "variadic_unpacking" for argument in arguments for child in children(argument))
        for argument in arguments[extent.first :] if plain and not spread else arguments:
            yield from roots(children(argument)[-1] if children(argument) else None, shared=extent.keeps)
    if extent.anything:
        yield Write(ANY, node)


def roots(target: Node | None, *, shared: bool = False) -> Iterator[Write]:
    """The variables at the bottom of what is written: ``$a`` of ``$a['x'][]``, all of those in a list()."""
    pending = [target]
    while pending:
        node, inner = pending.pop(), None
        while node is not None and node.type in _THROUGH:
            parts = children(node)
            if node.type == "pair":
                pending.append(parts[-1])
            inner, node = node, (parts[-1] if node.type == "argument" else parts[0]) if parts else None
        if node is None:
            continue
        if node.type == "list_literal":
            pending.extend(reversed(children(node)))
        elif node.type == "dynamic_variable_name":
            yield Write(ANY, node)
        elif node.type == "variable_name":
            name = text(node)[1:]
            yield Write(element_of_globals(inner) if name == "GLOBALS" else name, node, shared)


def element_of_globals(element: Node | None) -> str:
    """The variable that ``$GLOBALS['name']`` is; any where it is not said plainly."""
    parts = children(element) if element is not None and element.type == "subscript_expression" else []
    if len(parts) == 2 and parts[1].type in ("string", "encapsed_string"):
        if not re.search(rb"[\\$]", parts[1].text or b""):
            return text(parts[1])[1:-1]
    return ANY
