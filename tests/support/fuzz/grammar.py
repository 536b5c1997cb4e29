"""Programs at random, of what configuration in PHP holds: expressions, statements, and files that differ from world to world.

A program is a tree of nodes, so that one that shows a fault can be made smaller (see ``shrink``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from support.fuzz.shapes import EXPRESSIONS, STATEMENTS

if TYPE_CHECKING:
    from random import Random

Part: TypeAlias = "str | Node"


class Node(NamedTuple):
    """A piece of PHP: an expression, a statement, or a list of statements."""

    kind: str
    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return "".join(map(str, self.parts))


NAMES = ("a", "b", "c", "d", "m", "n", "s")
WORLDS = (
    {"wiki": "enwiki", "realm": "production", "num": 0, "tags": {"x": 1}, "on": True},
    {"wiki": "dewiki", "realm": "production", "num": 1, "tags": {}, "on": False},
    {"wiki": "frwiktionary", "realm": "labs", "num": 2, "tags": {"x": 0, "y": "z"}, "on": True},
    {"wiki": "enwiki", "realm": "labs", "num": -3, "tags": {5: "q"}},
    {"wiki": "loginwiki", "realm": "labs", "num": 1},
)
"""What the worlds begin with, where a program differs from world to world."""
_SCALARS = (
    "0", "1", "2", "-1", "7", "10", "1.5", "0.0", "-0.5", "1e3", "true", "false", "null", "''", "'0'", "'a'", "'b'", "'abc'", "'1'", "'07'",
    "'1.0'", "'x y'", "'10'", "'enwiki'", "'labs'", '"q"', "'-5'", "9007199254740993", "PHP_INT_MAX", "'1e1'", "' 1'", "'é'", "'A'", "[]",
)  # fmt: skip
_HOSTILE = (
    "'1 '", "'1x'", "'x1'", "'0x1A'", "'1e1000'", "'-0'", "-0.0", "'.5'", "'5.'", "1e19", "-1e19", "0.1", "1e-7", "123456789012345678", "1e15", "1e14", "'9223372036854775807'",
    "'9223372036854775808'", "PHP_INT_MIN", "'abc,d-e'", "'a1b2'", "'<b>&\"'", "'2017-11-20'", "'00'", "'-1'", "'é€'", '"\\n"', '"a\\tb"', "'%s'", "'10'", "'9'", "'1E1'", "'0.0'", "' '", "INF", "NAN", "2.5", "-2.5",
)  # fmt: skip
_HOLE = re.compile(r"\{([a-zA-Z#]|[^{}\n]*\|[^{}\n]*)\}")
_DECLARES = re.compile(r"\b(function \w|class |goto|const |\w+:\s*\n)")
_KEYS = ("0", "1", "2", "5", "-3", "'x'", "'y'", "'z'", "'1'", "'07'", "''", "true", "null", "1.7")
_BINARY = (
    "+", "-", "*", "/", "%", ".", ".", "==", "!=", "===", "===", "!==", "<", "<=", ">", ">=", "<=>", "&&", "||", "and", "or", "xor",
    "??", "??", "|", "&", "^", "<<", ">>", "**", "+", "?:",
)  # fmt: skip
_CASTS = ("(int)", "(string)", "(bool)", "(array)", "(float)")
_FUNCTIONS = {
    "array": (
        "array_keys:a", "array_values:a", "array_flip:c", "array_unique:c", "array_reverse:a", "array_filter:a", "array_merge:aa", "array_merge:a",
        "array_diff:cc", "array_diff_key:aa", "array_intersect:cc", "array_intersect_key:aa", "array_combine:cc", "array_fill_keys:ce",
        "array_replace:aa", "array_replace_recursive:aa", "array_merge_recursive:aa", "array_pad:ane",
        "array_chunk:an", "array_column:ak", "explode:tt", "explode:ttn", "range:nn", "array_fill:nne", "array_diff_assoc:cc", "str_split:t",
        "array_change_key_case:a", "array_merge:aaa", "compact:v", "array_unique:a", "array_count_values:c", "array_flip:a",
    ),
    "text": (
        "strtolower:t", "strtoupper:t", "ucfirst:t", "lcfirst:t", "trim:t", "trim:tt", "strval:s", "md5:t", "json_encode:e", "implode:tc", "substr:tn",
        "substr:tnn", "str_replace:ttt", "str_repeat:tn", "rtrim:tt", "ltrim:tt", "dirname:t", "basename:t", "strrev:t", "ucwords:t", "sprintf:tt",
        "preg_replace:rtt", "strtr:ttt", "strtr:ta", "str_pad:tnt", "number_format:n", "preg_quote:t", "gettype:e", "strstr:tt", "implode:c", "substr_replace:ttn",
        "str_replace:cct", "ucwords:tt", "rawurlencode:t", "urlencode:t", "dechex:n", "basename:tt",
    ),
    "number": (
        "count:a", "strlen:t", "intval:s", "abs:n", "array_sum:c", "max:nn", "min:nn", "intdiv:nn", "round:n", "floor:n", "ceil:n",
        "floatval:s", "array_product:c", "crc32:t", "substr_count:tt", "max:c", "min:c", "preg_match:rt", "ord:t", "round:nn",
    ),
    "any": (
        "in_array:ea", "in_array:eab", "array_key_exists:ka", "array_search:ea", "strpos:tt", "strrpos:tt", "stripos:tt", "str_starts_with:tt",
        "str_ends_with:tt", "str_contains:tt", "is_array:e", "is_string:e", "is_int:e", "is_null:e", "is_bool:e", "is_numeric:e", "is_scalar:e", "boolval:e",
        "array_key_first:a", "array_key_last:a", "array_is_list:a", "is_float:e", "max:ee", "current:a", "is_callable:e", "array_search:eab",
        "constant:q", "defined:q", "function_exists:t", "is_object:e",
    ),
}  # fmt: skip
"""PHP's functions by what they give, each with the kinds of its arguments: a array, c array of scalars, t text, n number, s scalar, b bool, k key, r regular
expression, e any, v the name of a variable."""
_KINDS = {"$a": "number", "$n": "number", "$b": "text", "$s": "text", "$c": "array", "$d": "array", "$m": "array"}
_TEXTS = (
    "'a'",
    "'abc'",
    "''",
    "'x y'",
    "'10'",
    "'enwiki'",
    "'labs'",
    '"q"',
    "'é'",
    "'A'",
    "'a,b'",
    "','",
    "'-'",
    "'a.b/c'",
)
_OPERATORS = ("=", "=", "=", "=", "+=", ".=", "-=", "*=", "??=", "??=", "|=", "/=", "%=", "**=", "&=", "<<=")


class Grammar:
    """Makes programs. ``worlds``: they read what differs from world to world. ``depth`` bounds how deep they nest."""

    def __init__(self, random: Random, *, worlds: bool = False) -> None:
        self.random = random
        self.worlds = worlds
        self._functions: list[str] = []
        self._inside = False
        self._loops = 0
        self._names = NAMES
        self._kind = "any"
        self._made = 0

    # -- expressions -----------------------------------------------------------------------------------------------

    def program(self, size: int) -> Node:
        """A file: functions, then statements."""
        out: list[Part] = []
        for number in range(self.random.choice((0, 0, 1, 1, 2))):
            out.append(self._function(f"f{number}"))
        for _ in range(self.random.randint(1, size)):
            one = self._shape(3) if self.random.random() < 0.4 else self.statement(3)
            out.append(one if self.random.random() < 0.15 else self._guarded(one))
        return Node("block", tuple(out))

    def _guarded(self, one: Node) -> Node:
        """A statement whose errors are caught, unless it declares something."""
        if _DECLARES.search(str(one)):
            return one
        return self._s("try {\n", one, "} catch ( Throwable $e ) { $s = 'caught'; unset( $e ); }\n")

    def variable(self) -> str:
        """A variable by its name."""
        if self.worlds and self.random.random() < 0.3:
            return "$" + self.random.choice(("wiki", "realm", "num", "tags", "on"))
        return "$" + self.random.choice(self._names)

    def place(self, depth: int) -> Node:
        """Something that can be assigned to or looked up: a variable, or an element."""
        r = self.random.random()
        name = "$" + self.random.choice(self._names)
        if r < 0.5 or depth < 1:
            return Node("place", (name,))
        if r < 0.55:
            return Node("place", ("$GLOBALS['", name[1:], "']"))
        if r < 0.58:
            return Node("place", ("${'", name[1:], "'}"))
        if r < 0.68:
            return Node("place", (self.random.choice(("$m['x']", "$d['y']")), "[", self._key(depth - 1), "]"))
        parts: list[Part] = [name if self.random.random() < 0.1 else "$" + self.random.choice("cdm")]
        for _ in range(self.random.choice((1, 1, 1, 1, 1, 1, 2, 3))):
            parts.extend(("[", self._key(depth - 1), "]"))
        return Node("place", tuple(parts))

    def _key(self, depth: int) -> Part:
        if depth > 0 and self.random.random() < 0.25:
            return self.typed(self.random.choice(("text", "number")), depth - 1)
        return Node("expr", (self.random.choice(_KEYS),))

    def expression(self, depth: int) -> Node:
        """Any expression."""
        return self.typed(self.random.choice(("array", "text", "number", "any", "any")), depth)

    def typed(self, kind: str, depth: int) -> Node:
        """An expression that most likely gives a value of a kind: array, text, number; or any."""
        if self.random.random() < 0.04:
            kind = "any"
        if depth < 1 or self.random.random() < 0.15:
            return self._e(self._leaf(kind))
        makers = {
            "array": ((10, self._array), (8, self._call), (4, self._read), (3, self._union), (2, self._callback), (1, self._conditional)),
            "text": ((10, self._concatenated), (8, self._call), (6, self._interpolated), (3, self._conditional), (2, self._cast)),
            "number": ((10, self._calculated), (6, self._call), (2, self._update), (1, self._conditional), (1, self._cast)),
            "any": (
                (14, self._binary), (4, self._call), (9, self._read), (5, self._conditional), (5, self._unary), (3, self._cast), (6, self._isset),
                (3, self._match), (2, self._assigned), (2, self._update), (3, self._closure_call), (2, self._own_call), (1, self._suppressed), (2, self._coalesced),
            ),
        }[kind]  # fmt: skip
        if self.random.random() < 0.3:
            return self._e("( ", *self._filled(self.random.choice(EXPRESSIONS[kind]), depth - 1), " )")
        maker = self.random.choices([m for _, m in makers], [w for w, _ in makers])[0]
        self._kind = kind
        return maker(depth - 1)

    # -- shapes ----------------------------------------------------------------------------------------------------

    def _filled(self, shape: str, depth: int) -> list[Part]:
        """A shape with its holes filled."""
        self._made += 1
        number = str(self._made)
        parts: list[Part] = []
        at = 0
        for match in _HOLE.finditer(shape):
            parts += [shape[at : match.start()], number if match[1] == "#" else self._hole(match[1], depth)]
            at = match.end()
        return [*parts, shape[at:]]

    def _hole(self, what: str, depth: int) -> Part:
        if "|" in what:
            what = self.random.choice(what.split("|"))
            return self._hole(what, depth) if what and what in "eatnck" else what
        if what in "eatn":
            kind = {"e": "any", "a": "array", "t": "text", "n": "number"}[what]
            return self.typed(kind, depth - 1) if self.random.random() < 0.5 else self._e(self._leaf(kind))
        if what == "s":
            return self._e(self.random.choice((*_SCALARS[:-1], *_HOSTILE)))
        simple = {
            "p": lambda: self.place(1),
            "v": lambda: Node("place", ("$" + self.random.choice(self._names),)),
            "A": self._array_place,
        }
        if what in simple:
            return simple[what]()
        if what in "BL":
            return self._loop_block(min(depth, 1)) if what == "L" else self._block(min(depth, 1))
        return self._argument(what, depth)

    def _shape(self, depth: int) -> Node:
        """A statement by a shape: at the top of a file alone, where its functions are declared once."""
        return self._s(*self._filled(self.random.choice(STATEMENTS), depth))

    def _leaf(self, kind: str) -> str:
        r = self.random.random()
        if kind == "array":
            return self.random.choice(
                ("$c", "$d", "$m", "[]", "[ 'a', 'b' ]", "[ 'x' => 1, 'y' => 2 ]", "[ 5 => 'q' ]", "[ 1, 2, 3 ]")
            )
        if kind == "text":
            return self.random.choice(("$b", "$s")) if r < 0.4 else self.random.choice(_TEXTS)
        if kind == "number":
            return (
                self.random.choice(("$a", "$n"))
                if r < 0.4
                else self.random.choice(("0", "1", "2", "-1", "7", "1.5", "10", "3", "-3"))
            )
        return self.variable() if r < 0.5 else self.random.choice(_SCALARS)

    def _argument(self, letter: str, depth: int) -> Node:
        if letter in "atn":
            return self.typed({"a": "array", "t": "text", "n": "number"}[letter], depth)
        if letter == "c":
            items = ", ".join(self.random.choice(("", "", f"{self.random.choice(_KEYS)} => ")) + self.random.choice(_SCALARS[:-1]) for _ in range(self.random.randint(0, 3)))  # fmt: skip
            return self._e(self.random.choice(("$c", f"[ {items} ]", f"[ {items} ]")))
        if letter == "s":
            return self.typed(self.random.choice(("text", "number")), depth)
        fixed = {"b": ("true", "false"), "k": _KEYS[:8], "r": ("'/a/'", "'/^(\\w)/i'", "'/\\d+/'", "'/[a-c](.)?/'", "'/x|y$/'"), "v": ("'a'", "'m'", "'zz'"),
                 "q": ("'PHP_EOL'", "'NOPE'", "'<'", "'>='", "'eq'")}  # fmt: skip
        return self._e(self.random.choice(fixed[letter])) if letter in fixed else self.expression(depth)

    def _e(self, *parts: Part) -> Node:
        return Node("expr", parts)

    def _binary(self, depth: int) -> Node:
        left, right = self.expression(depth), self.expression(depth)
        sign = self.random.choice(_BINARY)
        if sign in ("+", "-", "*", "/", "%", "|", "&", "^", "<<", ">>", "**", ".") and self.random.random() < 0.9:
            return self._concatenated(depth) if sign == "." else self._calculated(depth)
        if self.random.random() < 0.15:
            return self._e(left, f" {sign} ", right)
        return self._e("( ", left, f" {sign} ", right, " )")

    def _array(self, depth: int) -> Node:
        parts: list[Part] = ["[ "]
        for _ in range(self.random.randint(0, 4)):
            r = self.random.random()
            if r < 0.5:
                parts.extend((self._key(depth), " => "))
            elif r < 0.56:
                parts.extend(("...", self.typed("array", depth), ", "))
                continue
            elif r < 0.59:
                parts.append("&")
                parts.extend((self.place(depth), ", "))
                continue
            parts.extend((self.expression(depth), ", "))
        return self._e(*parts, "]")

    def _read(self, depth: int) -> Node:
        return self._e(self.place(depth + 1))

    def _call(self, depth: int) -> Node:
        name, _, letters = self.random.choice(_FUNCTIONS[self._kind]).partition(":")
        parts: list[Part] = []
        for number, letter in enumerate(letters):
            parts += [", "] if number else []
            parts.append(self._argument(letter, depth))
        return self._e(name, "( ", *parts, " )")

    def _union(self, depth: int) -> Node:
        return self._e("( ", self.typed("array", depth), " + ", self.typed("array", depth), " )")

    def _concatenated(self, depth: int) -> Node:
        kind = self.random.choice(("text", "text", "number"))
        return self._e("( ", self.typed("text", depth), " . ", self.typed(kind, depth), " )")

    def _calculated(self, depth: int) -> Node:
        sign = self.random.choice(("+", "-", "*", "/", "%", "|", "&", "^", "<<", ">>", "**", "+", "-", "*"))
        right = (
            self._e(self.random.choice(("1", "2", "3", "'4'", "7")))
            if sign in ("/", "%", "<<", ">>", "**")
            else self.typed("number", depth)
        )
        return self._e("( ", self.typed("number", depth), f" {sign} ", right, " )")

    def _coalesced(self, depth: int) -> Node:
        return self._e("( ", self.place(depth + 1), " ?? ", self.expression(depth), " )")

    def _own_call(self, depth: int) -> Node:
        if not self._functions:
            return self.expression(depth)
        return self._e(self.random.choice(self._functions), "( ", self.place(depth), ", ", self.expression(depth), " )")

    def _conditional(self, depth: int) -> Node:
        if self.random.random() < 0.3:
            return self._e("( ", self.expression(depth), " ?: ", self.expression(depth), " )")
        return self._e("( ", self.expression(depth), " ? ", self.expression(depth), " : ", self.expression(depth), " )")

    def _unary(self, depth: int) -> Node:
        return self._e(self.random.choice(("!", "!", "-", "+", "~")), self.expression(depth))

    def _cast(self, depth: int) -> Node:
        return self._e(self.random.choice(_CASTS), self.expression(depth))

    def _suppressed(self, depth: int) -> Node:
        return self._e("@", self.expression(depth))

    def _isset(self, depth: int) -> Node:
        if self.random.random() < 0.5:
            return self._e("isset( ", self.place(depth + 1), " )")
        return self._e(self.random.choice(("empty( ", "!empty( ")), self.place(depth + 1), " )")

    def _interpolated(self, _: int) -> Node:
        name = self.variable()
        return self._e(self.random.choice((f'"x{name}y"', f'"{{{name}}}"', f'"{name}[x]"', f'"{{{name}[\'x\']}}-"', f'"${{{name[1:]}}}"', f'"{name}[0]"')))  # fmt: skip

    def _match(self, depth: int) -> Node:
        arms: list[Part] = []
        for _ in range(self.random.randint(1, 2)):
            arms.extend((self.expression(0), " => ", self.expression(depth), ", "))
        return self._e("match ( ", self.expression(depth), " ) { ", *arms, "default => ", self.expression(depth), " }")

    def _assigned(self, depth: int) -> Node:
        return self._e("( ", self.place(depth), f" {self.random.choice(_OPERATORS)} ", self.expression(depth), " )")

    def _update(self, depth: int) -> Node:
        sign = self.random.choice(("++", "--"))
        place = (
            self.place(depth)
            if self.random.random() < 0.1
            else Node("place", (self.random.choice(("$a", "$n", "$m['n']", "$GLOBALS['a']")),))
        )
        return self._e(sign, place) if self.random.random() < 0.5 else self._e(place, sign)

    def _closure_call(self, depth: int) -> Node:
        r = self.random.random()
        if r < 0.3:
            return self._e("( fn ( $x ) => ", self.expression(depth), " )( ", self.expression(depth), " )")
        uses = ", ".join(
            f"{self.random.choice(('', '&'))}${name}" for name in self.random.sample(NAMES, self.random.randint(0, 2))
        )
        body = self._body(depth)
        return self._e("( ", self._closure(uses, body), " )( ", self.expression(depth), " )")

    def _closure(self, uses: str, body: Node) -> Node:
        return Node("closure", ("function ( $x = 1 )" + (f" use ( {uses} )" if uses else "") + " { ", body, " }"))

    def _callback(self, depth: int) -> Node:
        subject = self.typed("array", depth)
        r = self.random.random()
        function = self._e("fn ( $x ) => ", self.expression(depth)) if r < 0.5 else self._closure("", self._body(depth))
        if self.random.random() < 0.5:
            return self._e("array_map( ", function, ", ", subject, " )")
        return self._e("array_filter( ", subject, ", ", function, " )")

    # -- functions -------------------------------------------------------------------------------------------------

    def _body(self, depth: int) -> Node:
        before = self._inside, self._loops, self._names
        self._inside, self._loops, self._names = True, 0, (*NAMES, "x")
        statements: list[Part] = []
        if self.random.random() < 0.4:
            names = ", ".join(f"${name}" for name in self.random.sample(NAMES, self.random.randint(1, 2)))
            statements.append(Node("stmt", (f"global {names}; ",)))
        if self.random.random() < 0.15:
            statements.append(Node("stmt", ("static $n = 0; $n++; ",)))
        statements.extend(self.statement(min(depth, 2)) for _ in range(self.random.randint(0, 3)))
        if self.random.random() < 0.6:
            statements.append(Node("stmt", ("return ", self.expression(min(depth, 2)), "; ")))
        self._inside, self._loops, self._names = before
        return Node("block", tuple(statements))

    def _function(self, name: str) -> Node:
        amp = self.random.choice(("", "&"))
        node = Node("stmt", (f"function {name}( {amp}$x, $n = null ) {{ ", self._body(2), " }\n"))
        self._functions.append(name)
        return node

    # -- statements ------------------------------------------------------------------------------------------------

    def statement(self, depth: int) -> Node:
        """Any statement."""
        makers: list[tuple[int, object]] = [
            (40, self._assignment), (5, self._append), (4, self._reference), (4, self._unset), (4, self._changed), (4, self._listed),
            (2, self._extracted), (3, self._called), (2, self._loose), (2, self._dynamic),
        ]  # fmt: skip
        if depth > 0:
            makers += [(14, self._guard), (7, self._foreach), (4, self._switch), (3, self._for), (2, self._while), (3, self._try), (2, self._braces)]  # fmt: skip
        if self._loops:
            makers.append((6, self._leap))
        if self._inside:
            makers.append((2, self._return))
        elif self.random.random() < 0.1:
            makers.append((6, self._end))
        maker = self.random.choices([m for _, m in makers], [w for w, _ in makers])[0]
        return maker(depth)  # type: ignore[operator]

    def _s(self, *parts: Part) -> Node:
        return Node("stmt", parts)

    def _assignment(self, depth: int) -> Node:
        place = self.place(2)
        r = self.random.random()
        kind = _KINDS.get(str(place), "any")
        if r < 0.35:
            sign = self.random.choice(
                {"array": ("+=", "??="), "text": (".=", "??=", ".="), "number": ("+=", "-=", "*=", "|=")}.get(
                    kind, ("??=", "??=", *_OPERATORS)
                )
            )
            return self._s(place, f" {sign} ", self.typed(kind, depth), ";\n")
        return self._s(place, " = ", self.typed(kind if r < 0.9 else "any", depth), ";\n")

    def _append(self, depth: int) -> Node:
        return self._s(self._array_place(), "[] = ", self.expression(depth), ";\n")

    def _reference(self, _: int) -> Node:
        return self._s(self.place(2), " = &", self.place(2), ";\n")

    def _unset(self, _: int) -> Node:
        return self._s("unset( ", self.place(2), " );\n")

    def _changed(self, depth: int) -> Node:
        r = self.random.random()
        name = self.random.choice(("sort", "ksort", "asort", "arsort", "rsort", "krsort", "array_pop", "array_shift"))
        if r < 0.5:
            return self._s(name, "( ", self._array_place(), " );\n")
        if r < 0.8:
            return self._s(
                self.random.choice(("array_push", "array_unshift")),
                "( ",
                self._array_place(),
                ", ",
                self.expression(depth),
                " );\n",
            )
        if r < 0.9:
            return self._s("preg_match( '/(a)|(\\d)/', ", self.typed("text", depth), ", ", self.place(1), " );\n")
        return self._s(
            "array_walk( ",
            self._array_place(),
            ", ",
            Node("closure", ("function ( &$x, $n ) { ", self._body(1), " }")),
            " );\n",
        )

    def _array_place(self) -> Part:
        return (
            self.random.choice(("$c", "$d", "$m", "$m['x']", "$d[1]")) if self.random.random() < 0.8 else self.place(1)
        )

    def _listed(self, depth: int) -> Node:
        r = self.random.random()
        if r < 0.4:
            return self._s("[ ", self.place(1), ", ", self.place(1), " ] = ", self.typed("array", depth), ";\n")
        if r < 0.7:
            return self._s("[ ", self._key(0), " => ", self.place(1), " ] = ", self.typed("array", depth), ";\n")
        return self._s(
            "list( , ", self.place(1), " ) = [ ", self.expression(depth), ", ", self.expression(depth), " ];\n"
        )

    def _extracted(self, depth: int) -> Node:
        if self.random.random() < 0.5:
            return self._s(self.place(1), " = compact( 'a', 'm' );\n")
        return self._s(
            f"extract( [ '{self.random.choice(NAMES)}' => ",
            self.expression(depth),
            f", '{self.random.choice(NAMES)}' => 3 ] );\n",
        )

    def _called(self, depth: int) -> Node:
        if self._functions:
            return self._s(
                self.random.choice(self._functions), "( ", self.place(1), ", ", self.expression(depth), " );\n"
            )
        return self._s(self._closure_call(max(depth, 1)), ";\n")

    def _loose(self, depth: int) -> Node:
        return self._s(
            self.expression(depth), self.random.choice((" && ", " || ", " and ", " or ")), self._assigned(depth), ";\n"
        )

    def _dynamic(self, depth: int) -> Node:
        name = self.random.choice(NAMES)
        return self._s(
            f"$s = '{name}'; ",
            self.random.choice(("$$s", "$GLOBALS[$s]", "${$s}")),
            " = ",
            self.expression(depth),
            ";\n",
        )

    def _block(self, depth: int) -> Node:
        return Node("block", tuple(self.statement(depth - 1) for _ in range(self.random.randint(0, 3))))

    def _within(self, depth: int) -> tuple[Part, ...]:
        if self.random.random() < 0.2:
            return (Node("one", (self.statement(depth - 1),)),)
        return ("{\n", self._block(depth), "}\n")

    def _condition(self, depth: int) -> Node:
        if self.worlds and self.random.random() < 0.6:
            return self._e(self.random.choice((
                "$wiki === 'enwiki'", "$realm === 'labs'", "$num > 0", "isset( $tags['x'] )", "$on ?? false", "in_array( $wiki, [ 'dewiki', 'loginwiki' ] )",
                "$tags['x'] ?? false", "empty( $on )", "$realm !== 'labs' && $num", "isset( $on )",
            )))  # fmt: skip
        return self.expression(min(depth, 2))

    def _guard(self, depth: int) -> Node:
        parts: list[Part] = ["if ( ", self._condition(depth), " ) ", *self._within(depth)]
        for _ in range(self.random.choice((0, 0, 0, 1))):
            parts += ["elseif ( ", self._condition(depth), " ) ", *self._within(depth)]
        if self.random.random() < 0.4:
            parts += ["else ", *self._within(depth)]
        return self._s(*parts)

    def _looped(self, depth: int) -> tuple[Part, ...]:
        self._loops += 1
        body = self._within(depth)
        self._loops -= 1
        return body

    def _foreach(self, depth: int) -> Node:
        subject = self.typed("array", 2) if self.random.random() < 0.5 else self.place(1)
        if self.random.random() < 0.2:
            return self._s(
                "foreach ( ",
                self.place(1),
                " as ",
                self.random.choice(("", "$n => ")),
                "&",
                self.place(0),
                " ) ",
                *self._looped(depth),
            )
        return self._s(
            "foreach ( ",
            subject,
            " as ",
            self.random.choice(("", "$n => ")),
            self.place(0),
            " ) ",
            *self._looped(depth),
        )

    def _for(self, depth: int) -> Node:
        return self._s(f"for ( $i = 0; $i < {self.random.randint(0, 3)}; $i++ ) ", *self._looped(depth))

    def _while(self, depth: int) -> Node:
        if self.random.random() < 0.5:
            return self._s("$j = 0; while ( $j++ < 2 ) ", *self._looped(depth))
        return self._s("$j = 0; do {\n", self._loop_block(depth), "} while ( $j++ < 1 );\n")

    def _loop_block(self, depth: int) -> Node:
        self._loops += 1
        body = self._block(depth)
        self._loops -= 1
        return body

    def _switch(self, depth: int) -> Node:
        parts: list[Part] = ["switch ( ", self._condition(1) if not self.worlds else self._e(self.variable()), " ) {\n"]
        self._loops += 1
        for _ in range(self.random.randint(1, 3)):
            parts += ["case ", self.expression(0), ":\n" if self.random.random() < 0.9 else ";\n", self._block(depth)]
            if self.random.random() < 0.6:
                parts.append("break;\n")
        if self.random.random() < 0.5:
            parts += ["default:\n", self._block(depth)]
        self._loops -= 1
        return self._s(*parts, "}\n")

    def _try(self, depth: int) -> Node:
        catches: tuple[Part, ...] = (
            ("catch ( Exception $e ) {\n", self._block(depth), "}\n") if self.random.random() < 0.5 else ()
        )
        last: tuple[Part, ...] = (
            ("finally {\n", self._assignment(1), "}\n") if not catches or self.random.random() < 0.5 else ()
        )
        return self._s("try {\n", self._block(depth), "} ", *catches, *last)

    def _braces(self, depth: int) -> Node:
        return self._s("{\n", self._block(depth), "}\n")

    def _leap(self, _: int) -> Node:
        levels = self.random.randint(1, self._loops)
        return self._s(self.random.choice(("break", "continue")), f" {levels}" if levels > 1 else "", ";\n")

    def _return(self, depth: int) -> Node:
        return self._s("return ", self.expression(min(depth, 1)), ";\n")

    def _end(self, depth: int) -> Node:
        return self._s(
            "if ( ",
            self._condition(depth),
            " ) { ",
            self.random.choice(("return;", "return 5;", "exit;", "goto done;")),
            " }\n",
        )
