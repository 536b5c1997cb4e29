"""The difference of two values: its properties, and the same verdicts as deepdiff."""

from __future__ import annotations

from typing import Any

import pytest
from deepdiff import DeepDiff
from hypothesis import given
from hypothesis import strategies as st
from support.values import bare, typed, value

from driftcheck.core.diff import Kind, diff, identical
from driftcheck.core.model import MISSING, Op, Source, Step, Unknown, Value, freeze, has_unknown, pack, same

pytestmark = pytest.mark.unmeasured

# deepdiff ignores keys that begin with two underscores: no such key here.
names = st.text("abcxyz019_", min_size=1, max_size=3).filter(lambda name: not name.startswith("__"))
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(-2, 2, allow_nan=False),
    st.sampled_from(["", "0", "1", "a", "A"]),
)
maps = st.recursive(
    st.dictionaries(names, scalars, max_size=4),
    lambda inner: st.dictionaries(names, st.one_of(scalars, inner), max_size=4),
    max_leaves=12,
)
lists = st.lists(scalars, max_size=4)
anything = st.recursive(
    st.one_of(scalars, lists),
    lambda inner: st.one_of(
        st.dictionaries(st.one_of(st.integers(0, 4), names), inner, max_size=4), st.lists(inner, max_size=3)
    ),
    max_leaves=12,
)
holes = st.builds(lambda: Unknown("why"))
holed = st.recursive(
    st.one_of(scalars.map(value), holes),
    lambda inner: st.dictionaries(names, inner, max_size=4).map(Value),
    max_leaves=10,
)
SWAPPED = {
    Kind.ONLY_IN_BETA: Kind.ONLY_IN_PRODUCTION,
    Kind.ONLY_IN_PRODUCTION: Kind.ONLY_IN_BETA,
    Kind.CHANGED: Kind.CHANGED,
    Kind.UNDECIDED: Kind.UNDECIDED,
}


def at(held: Any, path: tuple) -> Any:
    for key in path:
        if not isinstance(held, Value) or not isinstance(held.data, dict) or key not in held.data:
            return MISSING
        held = held.data[key]
    return held


@st.composite
def pairs(draw):
    """Two values that share much: the second is the first with some parts replaced."""
    left = draw(maps)

    def changed(part: Any) -> Any:
        if isinstance(part, dict):
            out = {key: changed(item) for key, item in part.items() if draw(st.integers(0, 5))}
            if not draw(st.integers(0, 4)):
                out[draw(names)] = draw(scalars)
            return out
        return part if draw(st.integers(0, 3)) else draw(scalars)

    return left, changed(left)


@given(anything)
def test_a_value_does_not_differ_from_itself(data):
    assert diff(value(data), value(data)) == ()
    held = value(data)
    assert diff(held, held) == ()


@given(st.one_of(pairs(), st.tuples(anything, anything)))
def test_swapping_the_sides_swaps_the_kinds(pair):
    there = diff(value(pair[0]), value(pair[1]))
    back = diff(value(pair[1]), value(pair[0]))
    assert {(d.path, d.kind) for d in there} == {(d.path, SWAPPED[d.kind]) for d in back}
    assert {(d.path, freeze(d.production), freeze(d.beta)) for d in there} == {
        (d.path, freeze(d.beta), freeze(d.production)) for d in back
    }


@given(pairs())
def test_every_path_leads_to_values_that_differ(pair):
    left, right = value(pair[0]), value(pair[1])
    for drift in diff(left, right):
        one, other = at(left, drift.path), at(right, drift.path)
        assert not same(one, other)
        assert freeze(one) == freeze(drift.production)
        assert freeze(other) == freeze(drift.beta)
        assert (one is MISSING) == (drift.kind is Kind.ONLY_IN_BETA)
        assert (other is MISSING) == (drift.kind is Kind.ONLY_IN_PRODUCTION)


@given(pairs())
def test_no_path_is_told_twice_and_none_lies_inside_another(pair):
    paths = [drift.path for drift in diff(value(pair[0]), value(pair[1]))]
    assert len(paths) == len(set(paths))
    assert not any(one != other and other[: len(one)] == one for one in paths for other in paths)


@given(pairs())
def test_applying_the_drifts_to_one_side_gives_the_other(pair):
    left, right = value(pair[0]), value(pair[1])
    out = left
    for drift in diff(left, right):
        out = _put(out, drift.path, drift.beta)
    assert same(out, right)


def _put(held: Any, path: tuple, new: Any) -> Any:
    if not path:
        return new
    data = {key: item for key, item in held.data.items() if key != path[0]}
    inner = _put(held.data.get(path[0], MISSING), path[1:], new)
    return Value(data if inner is MISSING else {**data, path[0]: inner})


@given(st.one_of(pairs(), st.tuples(maps, maps)))
def test_the_own_walk_and_deepdiff_agree_on_whether_there_is_a_difference(pair):
    theirs = DeepDiff(*pair, ignore_order=False, threshold_to_diff_deeper=0)
    assert bool(diff(value(pair[0]), value(pair[1]))) == bool(theirs)


@given(st.one_of(pairs(), st.tuples(maps, maps)))
def test_the_own_walk_and_deepdiff_agree_on_the_places(pair):
    theirs = DeepDiff(*pair, ignore_order=False, threshold_to_diff_deeper=0, view="tree")
    places = {
        (
            {"dictionary_item_added": Kind.ONLY_IN_BETA, "dictionary_item_removed": Kind.ONLY_IN_PRODUCTION}.get(
                report, Kind.CHANGED
            ),
            tuple(level.path(output_format="list")),
        )
        for report, levels in theirs.items()
        for level in levels
    }
    ours = {(drift.kind, drift.path) for drift in diff(value(pair[0]), value(pair[1]))}

    def entered(path: tuple) -> bool:
        # An empty map, like a list, is compared whole by our walk: deepdiff enters it.
        sides = [at(value(side), path) for side in pair]
        return all(isinstance(side, Value) and isinstance(side.data, dict) and side.data for side in sides)

    theirs_whole = {
        (kind, path) if all(entered(path[:cut]) for cut in range(len(path))) else None for kind, path in places
    } - {None}
    assert theirs_whole <= ours
    assert all(kind is Kind.CHANGED and not entered(path) for kind, path in ours - theirs_whole)


@given(holed, holed)
def test_a_hole_is_never_agreement(left, right):
    drifts = diff(left, right)
    if has_unknown(left) or has_unknown(right):
        assert drifts
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        assert [drift.kind for drift in drifts] == [Kind.UNDECIDED]


@given(holed)
def test_a_hole_is_not_equal_to_itself(held):
    drifts = diff(held, held)
    assert bool(drifts) == has_unknown(held)
    assert {drift.kind for drift in drifts} <= {Kind.UNDECIDED}


DIFFERENT = [
    ("one is not 1.0", 1, 1.0),
    ("one is not true", 1, True),
    ("zero is not false", 0, False),
    ("a number is not its text", 1, "1"),
    ("null is not false", None, False),
    ("null is not the empty string", None, ""),
    ("an empty array is not null", {}, None),
    ("the order of a list counts", [1, 2], [2, 1]),
    ("a repeated element counts", [1, 1], [1]),
    ("integer keys count", {0: "a", 2: "b"}, {0: "a", 1: "b"}),
    ("a null inside an array is not absence", {"a": None}, {"b": None}),
]


@pytest.mark.parametrize(("left", "right"), [case[1:] for case in DIFFERENT], ids=[case[0] for case in DIFFERENT])
def test_what_differs(left, right):
    assert diff(value(left), value(right))
    assert not same(value(left), value(right))


def test_the_order_of_a_map_s_keys_does_not_matter():
    assert diff(value({"a": 1, "b": 2}), value({"b": 2, "a": 1})) == ()


def test_not_a_number_is_not_drift_against_itself():
    assert diff(value({"a": float("nan")}), value({"a": float("nan")})) == ()


def test_a_list_is_one_place():
    (drift,) = diff(value({"a": [1, 2, 3]}), value({"a": [1, 3]}))
    assert drift.path == ("a",)


def test_absent_against_null_is_told_as_one_sided():
    (drift,) = diff(value({"a": None}), value({"b": None, "a": None}))
    assert (drift.path, drift.kind, drift.production) == (("b",), Kind.ONLY_IN_BETA, MISSING)
    assert diff(MISSING, MISSING) == ()


def test_depth_says_how_far_arrays_are_entered():
    left, right = value({"a": {"b": {"c": 1}}}), value({"a": {"b": {"c": 2}}})
    assert [[drift.path for drift in diff(left, right, depth)] for depth in (0, 1, 2, 3, -1)] == [
        [()],
        [("a",)],
        [("a", "b")],
        [("a", "b", "c")],
        [("a", "b", "c")],
    ]


def test_an_absent_side_has_the_value_around_it():
    source = Source("f.php", b"[ 'a' => 1 ]")
    around = Value({"a": Value(1, source, pack(9, 10))}, source, pack(0, 12))
    (drift,) = diff(Value({**around.data, "b": Value(2)}), around)
    assert drift.beta_around is around
    assert drift.beta is MISSING


def test_an_element_takes_the_steps_of_the_array_around_it():
    step = Step(Op.SELECT, "wgX[default]", None)
    (drift,) = diff(Value({"a": Value(1)}, steps=(step,)), value({"a": 2}))
    assert drift.production.provenance == (step,)


@given(anything, anything)
def test_freezing_tells_apart_exactly_what_is_not_the_same(left, right):
    assert (freeze(value(left)) == freeze(value(right))) == same(value(left), value(right))
    assert (value(left) == value(right)) == same(value(left), value(right))
    assert hash(value(left)) == hash(value(left))


@given(anything)
def test_plain_python_and_back(data):
    def as_php(part: Any) -> Any:
        if isinstance(part, list):
            return {index: as_php(item) for index, item in enumerate(part)}
        return {key: as_php(item) for key, item in part.items()} if isinstance(part, dict) else part

    assert typed(bare(value(data))) == typed(as_php(data))


def test_a_pair_that_stands_in_many_places_is_compared_once_and_what_is_too_deep_is_told_apart():
    def made(times: int, width: int) -> Value:
        held = value([1])
        for _ in range(times):
            held = Value(dict.fromkeys(range(width), held))
        return held

    assert identical(made(60, 2), made(60, 2))
    assert not identical(made(60, 2), made(59, 2))
    assert not identical(made(3_000, 1), made(3_000, 1))
