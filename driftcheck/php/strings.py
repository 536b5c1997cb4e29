"""String literals of PHP: escapes, interpolation, heredoc and nowdoc.

The text between two interpolated parts is taken from the source bytes and not from the tree, whose string nodes
leave out line ends. Rules: https://www.php.net/manual/en/language.types.string.php and ``fixtures/php``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core.model import MISSING, Unknown, Value
from driftcheck.php.syntax import children, field, text
from driftcheck.php.values import NOT_UTF8, NotEvaluated, array_key, decoded, encoded, to_str

if TYPE_CHECKING:
    from tree_sitter import Node

    from driftcheck.core.model import Data, Key, Result, Source
    from driftcheck.php.evaluator import Evaluator

_ESCAPE = re.compile(
    r"\\(?:([0-7]{1,3})|[xX]([0-9A-Fa-f]{1,2})|u\{([^}]*)\}?|(.))|(\{\$|\$(?:[A-Za-z_{]|[^\x00-\x7f]))", re.DOTALL
)
_MOST_PARTS = 10_000
_QUOTE = ord("'")
_SIMPLE_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "v": "\v", "e": "\x1b", "f": "\f", "\\": "\\", "$": "$"}
_SURROGATES = range(0xD800, 0xE000)
_NOT_ALONE = re.compile(rb"\[|\??->[A-Za-z_\x80-\xff]")
_TEXT = {"string_content", "escape_sequence", '"'}


class _Body(NamedTuple):
    """Where the text of a string stands in the source, and how it is written."""

    start: int
    end: int
    quote: str
    indent: bytes = b""


def single_quoted(ev: Evaluator, node: Node) -> Result:
    r"""``'...'``: only ``\\`` and ``\'`` are escapes."""
    start, end = node.start_byte, node.end_byte
    body = ev.source.text[start + 1 : end - 1]
    if body[:1] == b"'" and ev.source.text[start] != _QUOTE:
        body = body[1:]
    if b"\\" in body:
        # No file has NUL bytes in it: one stands in for a backslash that is not an escape of the quote.
        body = body.replace(b"\\\\", b"\0").replace(b"\\'", b"'").replace(b"\0", b"\\")
    try:
        return Value(body.decode(), ev.source, start << 32 | end)
    except UnicodeDecodeError:
        return ev.unknown(node, NOT_UTF8)


def double_quoted(ev: Evaluator, node: Node) -> Result:
    """``"..."`` with its escapes and variables."""
    start = node.start_byte + (1 if ev.source.text[node.start_byte] == ord('"') else 2)
    return _interpolated(ev, node, node.children, _Body(start, node.end_byte - 1, '"'))


def heredoc(ev: Evaluator, node: Node) -> Result:
    """``<<<NAME``: as in double quotes, without the indentation of the end marker."""
    value = field(node, "value")
    return _interpolated(ev, node, [] if value is None else value.children, _marked(ev, node))


def nowdoc(ev: Evaluator, node: Node) -> Result:
    """``<<<'NAME'``: only the indentation of the end marker goes."""
    body = _marked(ev, node)
    return ev.literal(decoded(_dedented(ev.source.text[body.start : body.end], body.indent, first=True)), node)


def unescape(raw: str, *, quote: str = '"') -> str:
    """The characters of a double-quoted string or heredoc body; an unknown escape stands for itself."""

    def one(match: re.Match[str]) -> str:
        octal, hexadecimal, point, other, missed = match.groups()
        if missed:
            raise NotEvaluated("a variable in a string that was not recognised")
        if octal or hexadecimal:
            code = int(octal, 8) & 0xFF if octal else int(hexadecimal, 16)
            return chr(code) if code < 0x80 else bytes([code]).decode("utf-8", "surrogateescape")
        if point is not None:
            return _code_point(point)
        if other == quote:
            return quote
        return _SIMPLE_ESCAPES.get(other, match[0])

    return _ESCAPE.sub(one, raw)


def _code_point(digits: str) -> str:
    if not re.fullmatch("[0-9A-Fa-f]{1,8}", digits) or int(digits, 16) > 0x10FFFF:
        raise NotEvaluated(r"a \u{} escape that is no character")
    if int(digits, 16) in _SURROGATES:
        raise NotEvaluated(NOT_UTF8)
    return chr(int(digits, 16))


def _interpolated(ev: Evaluator, node: Node, parts: list[Node], body: _Body) -> Result:
    if len(parts) > _MOST_PARTS:
        raise NotEvaluated(f"a string of more than {_MOST_PARTS} parts")
    out: list[str] = []
    at, braced = body.start, False
    for part in parts:
        kind = part.type
        if kind in _TEXT or part.start_byte < body.start:
            continue
        if kind == "{":
            out.append(_literal(ev, at, part.start_byte, body))
            braced = True
        elif kind == "}":
            braced = False
        else:
            if not braced:
                out.append(_literal(ev, at, part.start_byte, body))
            held = _part(ev, part, braced=braced)
            if isinstance(held, Unknown):
                return held
            out.append(to_str(held.data))
        at = part.end_byte
    out.append(_literal(ev, at, body.end, body))
    # Escapes in a row may be the bytes of one character.
    return ev.literal(decoded(encoded(ev.state.joined(out))), node)


def _literal(ev: Evaluator, start: int, end: int, body: _Body) -> str:
    raw = _dedented(ev.source.text[start:end], body.indent, first=start == body.start)
    return unescape(raw.decode("utf-8", "surrogateescape"), quote=body.quote)


def _part(ev: Evaluator, part: Node, *, braced: bool) -> Result:
    if braced:
        return ev.eval(part)
    if part.type == "dynamic_variable_name":
        return _dollar_brace(ev, part)
    if part.type == "subscript_expression":
        return _plain_subscript(ev, part)
    if part.type == "variable_name" and _NOT_ALONE.match(ev.source.text, part.end_byte):
        return ev.unknown(part, "a variable in a string that was not recognised")
    return ev.eval(part)


class Piece(NamedTuple):
    """A part of a string that is worked out: an expression, a variable, or an element of one by its plain spelling."""

    kind: str
    whole: Node
    node: Node | None = None
    name: str = ""
    key: Key = ""


def pieces(source: Source, node: Node) -> list[str | Piece]:
    """The texts and the parts of ``"..."`` or a heredoc, in their order. Raises NotEvaluated for what is not modelled."""
    ev = _Bare(source)
    if node.type == "heredoc":
        value = field(node, "value")
        parts, body = [] if value is None else value.children, _marked(ev, node)  # type: ignore[arg-type]
    else:
        start = node.start_byte + (1 if source.text[node.start_byte] == ord('"') else 2)
        parts, body = node.children, _Body(start, node.end_byte - 1, '"')
    out: list[str | Piece] = []
    at, braced = body.start, False
    for part in parts:
        kind = part.type
        if kind in _TEXT or part.start_byte < body.start:
            continue
        if kind == "{":
            out.append(_literal(ev, at, part.start_byte, body))  # type: ignore[arg-type]
            braced = True
        elif kind == "}":
            braced = False
        else:
            if not braced:
                out.append(_literal(ev, at, part.start_byte, body))  # type: ignore[arg-type]
            out.append(Piece("expression", part, part) if braced else _piece(source, part))
        at = part.end_byte
    out.append(_literal(ev, at, body.end, body))  # type: ignore[arg-type]
    return [piece for piece in out if piece != ""]


class _Bare(NamedTuple):
    """What the texts of a string need to know."""

    source: Source


def _piece(source: Source, part: Node) -> Piece:
    """What stands in a string without braces around it."""
    if part.type == "dynamic_variable_name":
        inner = children(part)[0]
        if inner.type == "name":
            return Piece("name", part, name=text(inner))
        parts = children(inner)
        if inner.type != "subscript_expression" or parts[0].type != "name" or len(parts) != 2:
            raise NotEvaluated(f"{text(part)} is not known")
        return Piece("element", part, parts[1], text(parts[0]))
    if part.type == "subscript_expression":
        base, index = children(part)
        if base.type != "variable_name":
            raise NotEvaluated(f"{text(part)} is not known")
        if index.type == "variable_name":
            return Piece("element", part, index, text(base)[1:])
        return Piece("element", part, None, text(base)[1:], array_key(text(index)))
    if part.type == "variable_name" and _NOT_ALONE.match(source.text, part.end_byte):
        raise NotEvaluated("a variable in a string that was not recognised")
    return Piece("expression", part, part)


def _dollar_brace(ev: Evaluator, part: Node) -> Result:
    """``${name}`` and ``${name[expression]}``; any other expression would be the name of a variable."""
    inner = children(part)[0]
    if inner.type == "name":
        held = ev.variable(text(inner))
        return ev.unknown(part, f"{text(part)} is not known") if held is MISSING else held
    parts = children(inner)
    if inner.type != "subscript_expression" or parts[0].type != "name" or len(parts) != 2:
        return ev.unknown(part, f"{text(part)} is not known")
    key = ev.eval(parts[1])
    return key if isinstance(key, Unknown) else _element(ev, part, text(parts[0]), key.data)


def _plain_subscript(ev: Evaluator, part: Node) -> Result:
    """``$name[key]`` outside braces: a bare word is a string, a whole number in its plain spelling is an integer."""
    base, index = children(part)
    key: Data
    if index.type == "variable_name":
        held = ev.eval(index)
        if isinstance(held, Unknown):
            return held
        key = held.data
    else:
        key = array_key(text(index))
    if base.type != "variable_name":
        return ev.unknown(part, f"{text(part)} is not known")
    return _element(ev, part, text(base)[1:], key)


def _element(ev: Evaluator, part: Node, name: str, key: Data) -> Result:
    held = ev.variable(name)
    if isinstance(held, Unknown):
        return held
    item = MISSING if held is MISSING else ev.element(held, key, part)
    return ev.unknown(part, f"{text(part)} is not known") if item is MISSING else item


def _marked(ev: Evaluator, node: Node) -> _Body:
    """The text between the line of the opening marker and the line of the closing one."""
    raw = ev.source.text
    label, end = field(node, "identifier"), field(node, "end_tag")
    if label is None or end is None:
        raise NotEvaluated("a heredoc without an end")
    marker = end.end_byte - (label.end_byte - label.start_byte)
    line = raw.rfind(b"\n", 0, marker) + 1
    start = raw.find(b"\n", label.end_byte) + 1
    indent = raw[line:marker]
    stray = raw[start:line].replace(b"\r\n", b"\n")
    if indent.strip(b" \t") or len(set(indent)) > 1 or b"\r" in stray or not label.end_byte < start <= line:
        raise NotEvaluated("a heredoc that is laid out in a way that is not modelled")
    # The first line that begins with the marker ends the text; older grammars go on to a later one.
    name = re.escape(raw[label.start_byte : label.end_byte])
    if re.search(rb"^[ \t]*" + name + rb"(?![0-9A-Za-z_\x80-\xff])", raw[start:line], re.MULTILINE):
        raise NotEvaluated("a heredoc whose end was not recognised")
    last = line - (2 if raw[line - 2 : line] == b"\r\n" else 1)
    return _Body(start, max(start, last), "", indent)


def _dedented(raw: bytes, indent: bytes, *, first: bool) -> bytes:
    """Without the indentation of each line that begins here."""
    if not indent:
        return raw
    lines = raw.split(b"\n")
    for number in range(0 if first else 1, len(lines)):
        line = lines[number]
        if line.startswith(indent):
            lines[number] = line[len(indent) :]
        elif line.strip(b" \t\r"):
            raise NotEvaluated("a line of a heredoc that is less indented than its end")
        else:
            lines[number] = line.lstrip(b" \t")
    return b"\n".join(lines)
