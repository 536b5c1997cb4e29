"""What goes from a file of PHP goes with its comma, line and comments, and the rest stays as it is, byte for byte."""

from __future__ import annotations

import pytest

from driftcheck.core.model import Source
from driftcheck.php.file import PhpFile
from driftcheck.php.syntax import search
from driftcheck.repair import elements, removing
from driftcheck.repair.edits import Change, ConflictError, Removal, applied, line_before, merged

# name, the rest of the file behind "<?php\n", the keys (or statements) that go, the rest of the file afterwards
CASES = [
    ("a row of several lines", "return [\n\t'a' => [\n\t\t'x' => 1,\n\t],\n\t'b' => 2,\n];\n", "a", "return [\n\t'b' => 2,\n];\n"),
    ("the last of a list on one line", "return [ 'a' => 1, 'b' => 2 ];\n", "b", "return [ 'a' => 1 ];\n"),
    ("the last, with a comma", "return [ 'a' => 1, 'b' => 2, ];\n", "b", "return [ 'a' => 1, ];\n"),
    ("the first of a list on one line", "return [ 'a' => 1, 'b' => 2 ];\n", "a", "return [ 'b' => 2 ];\n"),
    ("one in the middle", "return [ 'a' => 1, 'b' => 2, 'c' => 3 ];\n", "b", "return [ 'a' => 1, 'c' => 3 ];\n"),
    ("all of a list on one line", "return [ 'a' => 1, 'b' => 2 ];\n", "a b", "return [];\n"),
    ("the last two lines without a comma", "return [\n\t'a' => 1,\n\t'b' => 2,\n\t'c' => 3\n];\n", "b c", "return [\n\t'a' => 1\n];\n"),
    ("the last line without a comma", "return [\n\t'a' => 1,\n\t'b' => 2\n];\n", "b", "return [\n\t'a' => 1\n];\n"),
    ("a comment behind it", "return [\n\t'a' => 1, // T1\n\t'b' => 2, // T2\n];\n", "a", "return [\n\t'b' => 2, // T2\n];\n"),
    ("a comment above, alone", "return [\n\t// T1\n\t// more\n\t'a' => 1,\n\n\t'b' => 2,\n];\n", "a", "return [\n\t'b' => 2,\n];\n"),
    ("a comment above two rows", "return [\n\t// both\n\t'a' => 1,\n\t'b' => 2,\n];\n", "a", "return [\n\t// both\n\t'b' => 2,\n];\n"),
    ("comments that alternate", "return [\n\t// A\n\t'a' => 1,\n\t# B\n\t'b' => 2,\n];\n", "a", "return [\n\t# B\n\t'b' => 2,\n];\n"),
    ("a comment behind the row above", "return [\n\t'a' => 1, // of a\n\t'b' => 2,\n];\n", "b", "return [\n\t'a' => 1, // of a\n];\n"),
    ("a comment before the comma", "return [\n\t'a' => 1 /* x */,\n\t'b' => 2,\n];\n", "a", "return [\n\t'b' => 2,\n];\n"),
    ("blank lines on both sides", "return [\n\t'a' => 1,\n\n\t'b' => 2,\n\n\t'c' => 3,\n];\n", "b", "return [\n\t'a' => 1,\n\n\t'c' => 3,\n];\n"),
    ("the last, behind a blank line", "return [\n\t'a' => 1,\n\n\t'b' => 2,\n];\n", "b", "return [\n\t'a' => 1,\n];\n"),
    ("two with a blank line between", "return [\n\t'a' => 1,\n\n\t'b' => 2,\n\n\t'c' => 3,\n];\n", "a b", "return [\n\t'c' => 3,\n];\n"),
    ("lines that end as on Windows", "return [\r\n\t'a' => 1,\r\n\t'b' => 2\r\n];\r\n", "a", "return [\r\n\t'b' => 2\r\n];\r\n"),
    ("Windows, the last", "return [\r\n\t'a' => 1,\r\n\t'b' => 2\r\n];\r\n", "b", "return [\r\n\t'a' => 1\r\n];\r\n"),
    ("spaces, and long arrays", "return array(\n    'a' => 1,\n    'b' => array( 'x' => 2 ),\n);\n", "b", "return array(\n    'a' => 1,\n);\n"),
    ("a heredoc", "return [\n\t'a' => <<<EOT\n],\n\t'b' => 2\nEOT,\n\t'b' => 3,\n];\n", "a", "return [\n\t'b' => 3,\n];\n"),
    ("prefixes", "return [\n\t'-a' => [ 1 ],\n\t'+b' => [ 2 ],\n];\n", "-a", "return [\n\t'+b' => [ 2 ],\n];\n"),
    ("equal keys: the last counts", "return [\n\t'a' => 1,\n\t'b' => 2,\n\t'a' => 3,\n];\n", "a", "return [\n\t'a' => 1,\n\t'b' => 2,\n];\n"),
    ("a row that shares its first line", "return [ 'a' => 1,\n\t'b' => 2 ];\n", "a", "return [\n\t'b' => 2 ];\n"),
    ("a row that shares its last line", "return [ 'a' => 1,\n\t'b' => 2 ];\n", "b", "return [ 'a' => 1 ];\n"),
    ("letters of several bytes", "return [\n\t'é' => '→',\n\t'a' => 'ü', // ß\n];\n", "a", "return [\n\t'é' => '→',\n];\n"),
    ("no line end at the end", "return [\n\t'a' => 1,\n\t'b' => 2 ];", "a", "return [\n\t'b' => 2 ];"),
]  # fmt: skip


def _file(rest: str) -> PhpFile:
    return PhpFile(Source("x.php", b"<?php\n" + rest.encode()))


def _without(rest: str, keys: str) -> str:
    file = _file(rest)
    array = search("(array_creation_expression) @found", file.root)["found"][0]
    nodes = [elements.element(array, key) for key in keys.split()]
    removals = [Removal("x.php", node.start_byte, node.end_byte) for node in nodes if node is not None]
    assert len(removals) == len(nodes)
    text = applied(file.source.text, merged(removing.changes("x.php", file.source.text, file.root, removals)))
    return text.decode().removeprefix("<?php\n")


def test_elements_go_in_the_files_own_style():
    wrong = {name: text for name, rest, keys, after in CASES if (text := _without(rest, keys)) != after}
    assert wrong == {}


STATEMENTS = [
    ("a line", "$a = 1;\n$b = 2;\n$c = 3;\n", "$b", "$a = 1;\n$c = 3;\n"),
    ("its comment", "$a = 1;\n\n// T1\n$b = 2;\n\n$c = 3;\n", "$b", "$a = 1;\n\n$c = 3;\n"),
    ("one of a block", "if ( $x ) {\n\t$b = 2;\n\t$c = 3;\n}\n", "$b", "if ( $x ) {\n\t$c = 3;\n}\n"),
    ("the only one of a block", "$a = 1;\nif ( $x ) {\n\t$b = 2;\n}\n", "$b", "$a = 1;\n"),
    ("the only one, beside an else", "if ( $x ) {\n\t$b = 2;\n} else {\n\t$c = 3;\n}\n", "$b", "if ( $x ) {\n} else {\n\t$c = 3;\n}\n"),
    ("a condition that does something", "if ( f() ) {\n\t$b = 2;\n}\n", "$b", "if ( f() ) {\n}\n"),
    ("a block in a block", "if ( $x ) {\n\tif ( $y ) {\n\t\t$b = 2;\n\t}\n}\n", "$b", ""),
    ("two on a line", "$a = 1; $b = 2;\n", "$b", "$a = 1;\n"),
    ("several lines", "$a = 1;\n$b = [\n\t1,\n\t2,\n];\n", "$b", "$a = 1;\n"),
]  # fmt: skip


def test_statements_go_with_the_block_that_they_leave_empty():
    for name, rest, variable, after in STATEMENTS:
        file = _file(rest)
        at = file.source.text.index(variable.encode())
        statement = elements.statement(elements.node_at(file.root, at, at + 2))
        removal = Removal("x.php", statement.start_byte, statement.end_byte, around=True)
        text = applied(file.source.text, removing.changes("x.php", file.source.text, file.root, [removal]))
        assert text.decode().removeprefix("<?php\n") == after, name


def test_an_array_that_is_empty_goes_with_what_it_is_the_value_of_where_that_was_asked_for():
    rest = "return [\n\t'a' => [ 'x' => 1, 'y' => 2 ],\n\t'b' => 3,\n];\n"
    file = _file(rest)
    inner = search("(array_creation_expression) @found", file.root)["found"][1]
    for around, after in ((True, "return [\n\t'b' => 3,\n];\n"), (False, "return [\n\t'a' => [],\n\t'b' => 3,\n];\n")):
        removals = [Removal("x.php", node.start_byte, node.end_byte, around) for node in elements.elements(inner)]
        text = applied(file.source.text, removing.changes("x.php", file.source.text, file.root, removals))
        assert text.decode().removeprefix("<?php\n") == after


def test_edits_that_overlap_are_one_or_a_conflict():
    gone, inside = Change("x", 2, 8), Change("x", 4, 6)
    assert merged([inside, gone]) == [gone]
    assert merged([gone, Change("x", 6, 9)]) == [Change("x", 2, 9)]
    assert merged([gone, Change("x", 4, 5, b"new")]) == [gone], "what is put into what goes, goes"
    with pytest.raises(ConflictError):
        merged([Change("x", 2, 8, b"one"), Change("x", 2, 8, b"two")])
    assert merged([Change("x", 3, 3, b"one"), Change("x", 3, 3, b"two")]) == [
        Change("x", 3, 3, b"one"),
        Change("x", 3, 3, b"two"),
    ]


def test_lines_are_told_by_where_they_were():
    text = b"1\n2\n3\n4\n5\n"
    changes = [Change("x", 2, 6), Change("x", 8, 8, b"new\n")]
    after = applied(text, changes).split(b"\n")
    assert [line_before(text, changes, number) for number, line in enumerate(after, 1) if line.isdigit()] == [1, 4, 5]
