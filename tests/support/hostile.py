"""Hostile texts, and readers that say what a terminal, a runner or a browser would obey of an output."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

import pyte
import pytest

MarkdownIt = pytest.importorskip("markdown_it").MarkdownIt

HOSTILE = {
    "an ANSI colour": "\x1b[31mred\x1b[0m",
    "an OSC title and link": "\x1b]0;pwned\x07\x1b]8;;http://x\x1b\\y\x1b]8;;\x1b\\",
    "C1 controls": "\x9b31m\x90q\x9c",
    "a command on a line of its own": "\n::error file=x::forged",
    "an encoded newline and a command": "%0A::error::forged",
    "a command at the start": "::stop-commands::token",
    "a command after a break": "x" * 150 + " ::warning::forged " + "y" * 99 + "::add-mask::a",
    "a command in another case": "::Set-Output name=a::b",
    "a command of the old runner": "##[error]forged ##[add-mask]x",
    "a command of Azure and TeamCity": "##vso[task.setvariable variable=a]b ##teamcity[buildStop]",
    "properties of a command": "a,title=b:c::d",
    "a section of GitLab": "section_start:1:x\r\x1b[0K",
    "a bar": "a | b || c \\| d",
    "a row": "a |\n|---|\n| x | y |",
    "backticks": "`` ` ```x``` `code`",
    "a way out of a code span": "x` **b** @everyone <b>x</b> [x](http://x) | y `z",
    "a way out of two": "``x` <b>x</b> ``` <b>x</b> `` @everyone",
    "a script": "<script>alert(1)</script>",
    "an attribute": "\"'><img src=x onerror=alert(1)>",
    "the end of CDATA": "]]>",
    "the end of a comment and of details": "--></details></summary></table>",
    "entities": "&lt;script&gt; &#64;everyone &nbsp; &xxe;",
    "a bidi override": "\u202etxt.exe\u202c \u2066x\u2069",
    "zero-width characters": "a\u200bb\u200dc\ufeffd\u2060e",
    "blank letters": "a\u3164b\u115fc",
    "NUL": "a\x00b",
    "lone surrogates": "\ud800 \udcff \udfff",
    "separators": "a\u2028::error::b\u2029c\x85d",
    "carriage returns": "a\r\nb\rc",
    "other controls": "\x08\x08\x7f\x0b\x0c\t",
    "what XML does not allow": "\ufffe\uffff\x01",
    "a very long name": "very_long_" * 500,
    "emoji": "👩‍👩‍👧 🏳️‍🌈 é ÿ 漢",
    "an expression of Actions": "${{ secrets.X }}",
    "mentions": "@everyone @user a@b.com",
    "references": "#1 GH-1 o/r#1 !2 0123456789abcdef0123456789abcdef01234567",
    "an image": "![x](http://x)",
    "links": "[x](http://x) <http://x> http://x www.x.com [x]: http://x",
    "emphasis": "**x** __x__ ~~x~~ _x_ # x",
    "blocks": "- x\n# x\n> x\n\n    x\n---\n1. x\n<!--",
    "braces": "{0} {{x}} {1}",
    "a backslash at the end": "x\\",
    "nothing but spaces": "   ",
    "the empty string": "",
    "an escape already": "\\x1b[31m \\u202e",
    "a traversal": "../../../etc/passwd",
    "another host": "//evil.example/x?y#z",
}

# actions/runner, ActionCommandManager: the names that it obeys, whatever their case.
_NAMES = {
    "add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "internal-set-repo-path",
    "notice", "remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning",
}  # fmt: skip


def workflow_commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """What GitHub's runner would obey in a log: name, properties, message (ActionCommand.cs, TryParseV2 and TryParse)."""
    found = []
    for line in re.split(r"\r\n|\n|\r", text):
        trimmed = line.lstrip()
        if trimmed.startswith("::") and "::" in trimmed[2:]:
            head, _, data = trimmed[2:].partition("::")
            name, _, properties = head.partition(" ")
            if name.lower() in _NAMES:
                pairs = [pair.partition("=") for pair in properties.split(",") if pair]
                found.append((name.lower(), {key: _unescaped(held) for key, _, held in pairs}, _unescaped(data)))
                continue
        old = re.search(r"##\[([^ \]]+)[^\]]*\]", line)
        if old and old[1].lower() in _NAMES:
            found.append((f"##{old[1]}", {}, line))
        if re.search(r"##(vso|teamcity)\[", line, re.IGNORECASE):
            found.append(("##other", {}, line))
    return found


def _unescaped(text: str) -> str:
    for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, char)
    return text


def obeyed(text: str) -> list[str]:
    """Every character that a terminal could obey or that hides others; our own line ends are none."""
    return [char for char in set(text) - {"\n"} if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}]


def assert_shown_as_written(written: str, case: str = "") -> None:
    """A terminal shows each line where it stands, in its usual look and under its own title, and nothing else happens."""
    lines = written.split("\n")
    screen = pyte.Screen(2 * max(map(len, lines)) + 1, len(lines))
    pyte.Stream(screen).feed(written.replace("\n", "\r\n"))
    assert (screen.title, screen.icon_name, screen.cursor.y) == ("", "", len(lines) - 1), case
    looks = {cell._replace(data=" ") for row in screen.buffer.values() for cell in row.values()}
    assert looks <= {screen.default_char}, case
    # A wide letter fills two cells, of which the second is empty.
    got = [
        "".join(screen.buffer[row][column].data for column in range(screen.columns)).rstrip()
        for row in range(len(lines))
    ]
    assert got == [unicodedata.normalize("NFC", line).rstrip() for line in lines], case


def markdown_structure(text: str) -> tuple[Counter, list[str], list[str]]:
    """Tokens by kind, the HTML, and the words outside code, of GitHub's Markdown with bare links made links."""
    parser = MarkdownIt("gfm-like", {"html": True, "linkify": True})
    kinds: Counter = Counter()
    html, words = [], []
    tokens = [part for token in parser.parse(text) for part in (token, *(token.children or ()))]
    for token in tokens:
        if token.type == "text":
            words.append(token.content)
        elif token.type.startswith("html_"):
            html.append(token.content)
        elif token.type != "softbreak":
            kinds[token.type] += 1
    return kinds, html, words


def cells(text: str) -> list[int]:
    """The number of bars that divide cells in each row of a table."""
    return [len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if line.startswith("|")]


def shape(node: object) -> object:
    """A JSON document without its texts."""
    if isinstance(node, dict):
        return {key: shape(item) for key, item in node.items()}
    if isinstance(node, list):
        return [shape(item) for item in node]
    return type(node).__name__
