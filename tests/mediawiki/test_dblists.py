"""dblists: names in their order, comments, expressions of 2015 to 2020, realm files of 2012 to 2015, and circles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.trees import MemoryTree

from driftcheck.core.model import IncompleteError
from driftcheck.mediawiki.dblists import DbLists

BASE = {"all": "aawiki\nbbwiki\nccwiki\nddwiki\n", "x": "bbwiki\nddwiki\n", "y": "ddwiki\neewiki\n", "none": ""}


def lists(texts: dict[str, str | bytes], variants: tuple[str, ...] = ("",), folder: str = "dblists") -> DbLists:
    prefix = f"{folder}/" if folder else ""
    return DbLists(MemoryTree({f"{prefix}{name}.dblist": text for name, text in texts.items()}), folder, variants)


TEXTS = [
    ("names stand in the file's order", "b\na\nc\n", ("b", "a", "c")),
    ("a last newline is not needed", "a\nb", ("a", "b")),
    ("empty lines say nothing", "\n\na\n\n", ("a",)),
    ("a hash begins a comment", "# head\na # why\n#b\n", ("a",)),
    ("two slashes began a comment before 2016", "// head\na // why\n", ("a",)),
    ("blanks around a name are not part of it", "  a\t\n", ("a",)),
    ("Windows line ends are line ends", "a\r\nb\r\n", ("a", "b")),
    ("an empty file is an empty list", "", ()),
    ("a dbname may have underscores, dashes and digits", "zh_min_nanwiki\nbe-x-oldwiki\ntest2wiki\n", ("zh_min_nanwiki", "be-x-oldwiki", "test2wiki")),
    ("a name is as often in a list as it is written", "a\na\n", ("a", "a")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), [case[1:] for case in TEXTS], ids=[case[0] for case in TEXTS])
def test_a_list(text, wanted):
    assert lists({"l": text}).read("l") == wanted


@pytest.mark.parametrize("line", [" aawiki", "aawiki ", "aawiki # why", "// why", "%% x.dblist"])
def test_since_2020_a_line_is_a_name_or_a_comment_and_nothing_is_cut_off(line):
    """PHP takes such a line for the name of a wiki that does not exist."""
    held = DbLists(
        MemoryTree({"dblists/l.dblist": f"# head\nbbwiki\n{line}\n"}), "dblists", trimmed=False, computed=False
    )
    with pytest.raises(IncompleteError, match=r"dblists/l\.dblist:3: .* is not a dbname"):
        held.read("l")


def test_since_2020_comments_and_empty_lines_are_still_left_out():
    held = DbLists(MemoryTree({"dblists/l.dblist": "# head\n\nbbwiki\r\n#aawiki\nccwiki"}), "dblists", trimmed=False)
    assert held.read("l") == ("bbwiki", "ccwiki")


def test_for_a_while_expressions_stand_where_nothing_is_cut_off():
    held = DbLists(
        MemoryTree({"dblists/l.dblist": "%% a.dblist", "dblists/a.dblist": "# a\naawiki"}), "dblists", trimmed=False
    )
    assert held.read("l") == ("aawiki",)


def test_hostile_expressions_are_refused():
    with pytest.raises(IncompleteError, match="more than 100 terms"):
        lists({**BASE, "e": "%% all.dblist" + " + x.dblist" * 20_000}).read("e")
    with pytest.raises(IncompleteError, match="more than 50 dblists in one another"):
        lists({f"l{n}": f"%% l{n + 1}.dblist" for n in range(1000)}).read("l0")


EXPRESSIONS = [
    ("one list alone", "%% all.dblist", ("aawiki", "bbwiki", "ccwiki", "ddwiki")),
    ("minus takes away", "%% all.dblist - x.dblist", ("aawiki", "ccwiki")),
    ("plus adds once", "%% x.dblist + y.dblist", ("bbwiki", "ddwiki", "eewiki")),
    ("and keeps what both have", "%% all.dblist & x.dblist", ("bbwiki", "ddwiki")),
    ("terms go from left to right", "%% all.dblist - x.dblist + y.dblist & y.dblist", ("ddwiki", "eewiki")),
    ("the outcome is sorted", "%% y.dblist + all.dblist", ("aawiki", "bbwiki", "ccwiki", "ddwiki", "eewiki")),
    ("an ending may be left out", "%% all - x", ("aawiki", "ccwiki")),
    ("a comment may stand behind it", "%% all.dblist - x.dblist # why\n", ("aawiki", "ccwiki")),
    ("a comment may stand before it", "# why\n%% x.dblist\n", ("bbwiki", "ddwiki")),
    ("an empty list adds nothing", "%% x.dblist + none.dblist", ("bbwiki", "ddwiki")),
    ("a dash inside a name is part of it", "%% all-but.dblist", ("zzwiki",)),
]


@pytest.mark.parametrize(
    ("expression", "wanted"), [case[1:] for case in EXPRESSIONS], ids=[case[0] for case in EXPRESSIONS]
)
def test_an_expression(expression, wanted):
    assert lists({**BASE, "all-but": "zzwiki\n", "e": f"{expression}\n"}).read("e") == wanted


def test_an_expression_may_name_a_list_that_is_an_expression():
    assert lists({**BASE, "e": "%% f.dblist - y.dblist\n", "f": "%% all.dblist & x.dblist\n"}).read("e") == ("bbwiki",)


names = st.lists(st.sampled_from(["aawiki", "bbwiki", "ccwiki", "ddwiki"]), unique=True)


@given(names, st.lists(st.tuples(st.sampled_from("+-&"), names), max_size=4))
def test_expressions_are_sets_from_left_to_right(first, rest):
    texts = {"l0": "".join(f"{name}\n" for name in first)}
    wanted = set(first)
    expression = "%% l0.dblist"
    for number, (sign, more) in enumerate(rest, 1):
        texts[f"l{number}"] = "".join(f"{name}\n" for name in more)
        expression += f" {sign} l{number}.dblist"
        wanted = {"+": wanted | set(more), "-": wanted - set(more), "&": wanted & set(more)}[sign]
    assert lists({**texts, "e": expression}).read("e") == tuple(sorted(wanted))


CIRCLES = [
    ("a list that names itself", {"a": "%% a.dblist"}, "a -> a"),
    ("two lists that name each other", {"a": "%% b.dblist", "b": "%% a.dblist"}, "a -> b -> a"),
    ("a circle behind an innocent term", {"a": "%% x.dblist + b.dblist", "b": "%% y.dblist - a.dblist"}, "a -> b -> a"),
]


@pytest.mark.parametrize(("texts", "circle"), [case[1:] for case in CIRCLES], ids=[case[0] for case in CIRCLES])
def test_a_circle_is_told_with_its_way_round(texts, circle):
    with pytest.raises(IncompleteError) as error:
        lists({**BASE, **texts}).read("a")
    assert circle in str(error.value)
    assert "break the circle" in str(error.value)
    assert error.value.exit_code == 3
    assert len(str(error.value).splitlines()) == 1


def test_after_a_circle_other_lists_can_still_be_read():
    held = lists({**BASE, "a": "%% a.dblist"})
    with pytest.raises(IncompleteError):
        held.read("a")
    assert held.read("x") == ("bbwiki", "ddwiki")
    with pytest.raises(IncompleteError, match="a -> a"):
        held.read("a")


def test_a_list_that_is_missing_is_named_with_its_path():
    with pytest.raises(IncompleteError, match=r"dblists/zz\.dblist: no such dblist; restore"):
        lists({**BASE, "e": "%% all.dblist - zz.dblist"}).read("e")


@pytest.mark.parametrize(
    "text",
    ["a b\n", "ok\n<<<<<<< HEAD\n", "../x\n", "ok\n\x1b[31m\n", "é\n"],
    ids=["two words", "a conflict", "a path", "a terminal's control", "a letter that is not ASCII"],
)
def test_what_is_no_dbname_is_refused_with_its_line(text):
    with pytest.raises(IncompleteError, match=r"dblists/l\.dblist:\d: .* is not a dbname"):
        lists({"l": text}).read("l")


@pytest.mark.parametrize("raw", [b"\xff\xfea\n", b"a\0b\n"], ids=["bytes that are not UTF-8", "a null byte"])
def test_bytes_that_are_no_text_are_refused(raw):
    with pytest.raises(IncompleteError, match=r"l\.dblist:1"):
        lists({"l": raw}).read("l")


def test_the_most_specific_realm_file_that_is_there_is_read():
    variants = ("-labs-eqiad", "-labs", "-eqiad", "")
    texts = {
        "a-labs-eqiad": "one",
        "a-labs": "two",
        "a": "no",
        "b-labs": "two",
        "b": "no",
        "c-eqiad": "three",
        "c": "no",
        "d": "four",
    }
    held = lists(texts, variants, folder="")
    assert [held.read(name) for name in "abcd"] == [("one",), ("two",), ("three",), ("four",)]
    assert held.exists("d")
    assert not held.exists("e")


def test_an_expression_reads_the_variants_of_what_it_names():
    held = lists({"e": "%% all.dblist", "all": "no", "all-labs": "yes"}, ("-labs", ""), folder="")
    assert held.read("e") == ("yes",)
