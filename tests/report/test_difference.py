"""What a person is told about two nested values: the same verdicts as the own walk, in a few lines, and never slowly."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.values import value

from driftcheck.core.diff import diff
from driftcheck.core.model import MISSING, Unknown, Value, is_list, same
from driftcheck.report.difference import difference, leaves, only_order

names = st.one_of(st.sampled_from(["__a", "_b", "c", "0.5", "x.y", "\ud800"]), st.integers(-1, 3))
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2),
    st.sampled_from([0.0, -0.0, 1.0, 0.5, float("nan"), float("inf")]),
    st.sampled_from(["", "0", "1", "a", "\udcff", "nan"]),
)
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(st.dictionaries(names, inner, max_size=4), st.lists(inner, max_size=4)),
    max_leaves=14,
)


@st.composite
def pairs(draw) -> tuple[Value, Value]:
    """Two values that share much: the second is the first with some parts replaced, and some lists in another order."""
    left = draw(anything)

    def changed(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: changed(item) for key, item in part.items() if draw(st.integers(0, 5))}
        if isinstance(part, list):
            return [changed(item) for item in (draw(st.permutations(part)) if draw(st.booleans()) else part)]
        return part if draw(st.integers(0, 3)) else draw(scalars)

    return value(left), value(changed(left))


some = st.one_of(pairs(), st.tuples(anything.map(value), anything.map(value)))


def at(held: Any, path: tuple) -> Any:
    for key in path:
        if not isinstance(held, Value) or not isinstance(held.data, dict) or key not in held.data:
            return MISSING
        held = held.data[key]
    return held


def unordered(held: Value) -> object:
    """A form that is equal where nothing but the order of lists differs."""
    data = held.data
    if not isinstance(data, dict):
        return type(data).__name__, "nan" if data != data else data
    if is_list(data):
        return "list", frozenset(Counter(map(unordered, data.values())).items())
    return "map", frozenset((key, unordered(item)) for key, item in data.items())


@given(some)
def test_there_are_leaves_exactly_where_the_own_walk_sees_a_difference(pair):
    assert bool(leaves(*pair)) == bool(diff(*pair)) == (not same(*pair))


@given(some)
def test_each_leaf_lies_at_or_below_a_place_of_the_own_walk_and_each_place_has_one(pair):
    places = {drift.path for drift in diff(*pair)}
    found = {leaf.path for leaf in leaves(*pair)}
    assert all(any(path[: len(place)] == place for place in places) for path in found)
    assert all(any(path[: len(place)] == place for path in found) for place in places)


@given(some)
def test_a_leaf_has_what_stands_at_its_path(pair):
    for leaf in leaves(*pair):
        present = [side for side in (leaf.left, leaf.right) if side is not MISSING]
        assert present
        assert leaf.left is (MISSING if leaf.left is MISSING else at(pair[0], leaf.path))
        # A list that lost an element has what follows at other places.
        assert not all(isinstance(key, str) for key in leaf.path) or leaf.right is at(pair[1], leaf.path)
        assert len(present) == 1 or not same(*present)


@given(some)
def test_only_the_order_differs_exactly_where_the_values_have_the_same_elements(pair):
    assert only_order(*pair) == (unordered(pair[0]) == unordered(pair[1]))


@given(some)
def test_swapping_the_sides_swaps_the_words(pair):
    there = difference(*pair, ("one", "two"))
    back = difference(*reversed(pair), ("two", "one"))
    assert len(there) == len(back) or any(isinstance(key, int) for leaf in leaves(*pair) for key in leaf.path)
    assert ("Only the order differs." in there) == ("Only the order differs." in back)
    assert ("Only the type differs." in there) == ("Only the type differs." in back)


CASES = [
    ("a leaf", {"a": {"b": 1, "c": 2}}, {"a": {"b": 3, "c": 2}}, ["a.b: 1 in production, 3 in beta"]),
    ("a key that begins with __", {"__a": 1}, {"__a": 2}, ["__a: 1 in production, 2 in beta"]),
    ("few keys in common", {"a": 1, "b": 2, "c": 3, "d": {"x": 1}}, {"d": {"x": 2}, "e": 1, "f": 1, "g": 1},
     ["a: 1 in production, absent in beta", "b: 2 in production, absent in beta", "c: 3 in production, absent in beta",
      "and 4 more differences"]),
    ("one more", {"a": 1, "b": 1, "c": 1, "d": 1}, {"a": 2, "b": 2, "c": 2, "d": 2},
     ["a: 1 in production, 2 in beta", "b: 1 in production, 2 in beta", "c: 1 in production, 2 in beta", "and 1 more difference"]),
    ("an element that a list lost", ["x", "y", "z"], ["y", "z"], ['0: "x" in production, absent in beta']),
    ("an element that stands twice", {"a": ["x", "x"]}, {"a": ["x"]}, ['a.1: "x" in production, absent in beta']),
    ("the order", {"a": ["x", "y"]}, {"a": ["y", "x"]}, ["Only the order differs."]),
    ("the order of lists in lists", [[1, 2], [3]], [[3], [2, 1]], ["Only the order differs."]),
    ("the type", {"a": 1}, {"a": "1"}, ["Only the type differs.", 'a: 1 (integer) in production, "1" (string) in beta']),
    ("the type in a list", [1, 2], [1.0, 2], ["Only the type differs.", "0: 1 (integer) in production, 1.0 (float) in beta"]),
    ("a boolean and its name", {"a": True}, {"a": "true"},
     ["Only the type differs.", 'a: true (boolean) in production, "true" (string) in beta']),
    ("a boolean and a number", {"a": True}, {"a": 1}, ["a: true in production, 1 in beta"]),
    ("null and absent", {"a": None, "b": 1}, {"b": 1}, ["a: null in production, absent in beta"]),
    ("a list beside a map", {"a": ["x"]}, {"a": {"k": "x"}}, ['a.0: "x" in production, absent in beta', 'a.k: absent in production, "x" in beta']),
    ("not a number", {"a": float("nan"), "b": 1}, {"a": float("nan"), "b": 2}, ["b: 1 in production, 2 in beta"]),
    ("numbers as keys", {120: "a"}, {121: "a"}, ['120: "a" in production, absent in beta', '121: absent in production, "a" in beta']),
    ("nothing", {"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]}, []),
    ("an empty array, which shows it all", {}, {"a": 1}, []),
    ("no array", {"a": 1}, 1, []),
]  # fmt: skip


def test_what_is_said():
    for title, left, right, lines in CASES:
        assert (title, difference(value(left), value(right))) == (title, lines)


def test_nothing_is_said_of_what_is_not_known_or_not_there():
    known = value({"a": 1})
    for other in (value({"a": Unknown("why")}), Unknown("why"), MISSING):
        assert difference(known, other) == difference(other, known) == []


def test_the_sides_are_called_as_the_reader_knows_them():
    assert difference(value({"a": 1}), value({"a": 2}), ("ml-serve-eqiad", "ml-staging-codfw")) == [
        "a: 1 in ml-serve-eqiad, 2 in ml-staging-codfw"
    ]


def test_keys_and_values_take_no_effect_in_a_terminal():
    (line,) = difference(value({"\x1b[2J": "\x1b]0;x\x07"}), value({"\x1b[2J": "a\nb"}))
    assert line.isprintable()


NUMBERS = list(range(2000))
HUGE = {
    "a long list": (NUMBERS, [*NUMBERS[1:], 0]),
    "a long map": ({f"k{n}": n for n in NUMBERS}, {f"k{n}": n + 1 for n in NUMBERS}),
    "a list of few texts": ([f"{n % 3}" for n in NUMBERS[:1400]], [f"{n % 7}" for n in NUMBERS[:1400]]),
    "a list of maps": ([{"a": n, "b": [n]} for n in NUMBERS[:700]], [{"a": n + 1, "b": [2]} for n in NUMBERS[:700]]),
    "a long text": ({"a": "x\n" * 1_000_000}, {"a": "y\n" * 1_000_000}),
}


@pytest.mark.unmeasured
@pytest.mark.parametrize("pair", HUGE.values(), ids=HUGE)
def test_huge_values_take_little_time_and_room(pair):
    left, right = map(value, pair)
    began = time.process_time()
    lines = difference(left, right)
    assert time.process_time() - began < 5
    assert 0 < len(lines) <= 5
    assert max(map(len, lines)) < 400


def test_values_without_end_are_not_entered():
    deep: Any = 1
    for _ in range(200):
        deep = {"a": deep}
    assert difference(value(deep), value({"a": 2})) == ["The values are too large to be compared leaf by leaf here."]


@pytest.mark.parametrize(
    ("beta", "told", "loaded"),
    [
        ("Value({'a': Value(2)})", "a: 1 in production, 2 in beta", True),
        ("Value({'b': Value(2)})", "a: 1 in production, absent in beta", False),
        ("Value(2)", "", False),
    ],
    ids=["a nested pair is shown", "a pair without a common key", "none is shown"],
)
def test_deepdiff_is_loaded_only_where_a_nested_pair_is_compared(beta, told, loaded, tmp_path):
    script = f"""
import sys
from driftcheck.core.finding import Finding, Side
from driftcheck.core.report import Report
from driftcheck.core.model import Value
from driftcheck.layers.registry import RULES
from driftcheck.report import table, html, markdown, explain
sides = Side(Value({{'a': Value(1)}})), Side({beta})
finding = Finding(RULES["setting-drift"], "extension", "wgX", "", (), "m", *sides)
print({told!r} in table.render(Report((finding,), (), (), {{}})), "deepdiff" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.split() == ["True", str(loaded)]


def test_an_item_within_a_long_list_is_one_difference():
    numbers = NUMBERS[:1000]
    longer = [*numbers[:900], "new", *numbers[900:]]
    assert difference(value(numbers), value(longer)) == ['900: absent in production, "new" in beta']
    assert difference(value(longer), value(numbers)) == ['900: "new" in production, absent in beta']
    assert difference(value({"a": numbers}), value({"a": [*numbers[:-1], 5]})) == [
        "a.999: 999 in production, 5 in beta"
    ]
