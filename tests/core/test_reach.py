"""The laws of reaching into a value: what was put is got, what is not known stays so, and each step is told once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.values import bare, value

from driftcheck.core import reach
from driftcheck.core.model import MISSING, Input, Items, Op, Step, Unknown, Value, same

pytestmark = pytest.mark.unmeasured

keys = st.one_of(st.sampled_from("abc"), st.integers(0, 2))
steps = st.lists(st.builds(Step, st.sampled_from(Op), st.sampled_from("xyz"), st.none()), max_size=3).map(tuple)


@st.composite
def trees(draw, depth: int = 3) -> Any:
    """A value with steps at every level, and holes here and there."""
    if depth and draw(st.booleans()):
        return Value(draw(st.dictionaries(keys, trees(depth=depth - 1), max_size=3)), steps=draw(steps))
    if not draw(st.integers(0, 4)):
        return Unknown("why", steps=draw(steps))
    return Value(draw(st.sampled_from([None, True, False, 1, 0.5, "", "text"])), steps=draw(steps))


arrays = st.builds(lambda data, told: Value(data, steps=told), st.dictionaries(keys, trees(), max_size=3), steps)
paths = st.lists(keys, max_size=4)
anything = st.one_of(trees(), st.just(MISSING))


def alike(one: Any, other: Any) -> bool:
    """Equal data, or the same hole."""
    return repr(one) == repr(other)


@given(arrays, keys, trees())
def test_what_was_put_is_got(around, key, item):
    written = reach.put(around, key, item)
    assert alike(reach.get(written, key), item)
    assert written.steps == around.steps


@given(arrays, keys, keys, trees())
def test_putting_leaves_every_other_element_and_the_array_itself(around, key, other, item):
    before = dict(around.data)
    written = reach.put(around, key, item)
    assert around.data == before or repr(around.data) == repr(before)
    if other != key:
        assert alike(reach.get(written, other), reach.get(around, other))


@given(trees(), keys)
def test_putting_what_is_there_changes_nothing(around, key):
    item = reach.get(around, key)
    if isinstance(around, Value) and item is not MISSING:
        assert alike(reach.put(around, key, item), around)


@given(anything, paths, paths)
def test_a_path_is_walked_key_by_key(around, first, rest):
    whole, halves = reach.at(around, *first, *rest), reach.at(reach.at(around, *first), *rest)
    assert alike(whole, halves)
    assert whole is MISSING or whole.steps == halves.steps


@given(anything)
def test_an_empty_path_leads_to_the_value_itself(around):
    assert reach.at(around) is around


@given(anything, paths)
def test_what_is_not_known_on_the_way_is_never_taken_for_absent(around, path):
    part: Any = around
    for key in path:
        if isinstance(part, Unknown):
            break
        part = part.data.get(key, MISSING) if part is not MISSING and isinstance(part.data, dict) else MISSING
    found = reach.at(around, *path)
    assert (found is MISSING) == (part is MISSING)
    assert isinstance(found, Unknown) == isinstance(part, Unknown)
    if isinstance(part, Unknown):
        assert found.reason == part.reason


@given(trees(), paths)
def test_steps_come_from_inside_out_in_their_order_and_once(around, path):
    told = around.steps
    part: Any = around
    walked = []
    for key in path:
        if not isinstance(part, Value) or not isinstance(part.data, dict) or key not in part.data:
            break
        part = part.data[key]
        told = (*part.steps, *(step for step in told if step not in part.steps))
        walked.append(key)
    found = reach.at(around, *walked)
    assert found is not MISSING
    assert found.steps == told


@given(trees(), keys)
def test_reaching_twice_through_the_same_array_adds_nothing(around, key):
    item = reach.get(around, key)
    if isinstance(around, Value) and item is not MISSING:
        assert reach.get(reach.put(around, key, item), key) is item


@given(anything)
def test_walking_meets_each_element_as_get_has_it(around):
    for key, item in reach.items(around).items():
        found = reach.get(around, key)
        assert alike(found, item)
        assert found is not MISSING
        assert found.steps == item.steps
    assert list(reach.items(around)) == list(reach.array(around))


@given(anything, keys)
def test_get_finds_exactly_what_array_has(around, key):
    assert isinstance(around, Unknown) or (key in reach.array(around)) == (reach.get(around, key) is not MISSING)


@given(st.one_of(anything, st.none()))
def test_what_has_no_elements_is_walked_without_any(around):
    if not reach.is_array(around):
        assert not reach.array(around)
        assert not reach.items(around)
        assert not reach.fields(around)
        assert not reach.strings(around)


LISTED = Value(Items({0: Value("a"), 1: Value("b")}))


def test_a_list_of_yaml_is_an_array_and_no_map():
    assert reach.is_array(LISTED)
    assert not reach.is_map(LISTED)
    assert reach.fields(LISTED) == {}
    assert bare(reach.get(LISTED, 1)) == "b"
    assert reach.is_map(value(["a", "b"])), "PHP has one kind of array"


def test_nothing_but_an_array_takes_an_element():
    assert same(reach.put(Value("text"), "a", Value(1)), Value("text"))


@pytest.mark.parametrize(
    ("held", "answer"),
    [(value(True), True), (value(False), False), (value(1), False), (value("true"), False), (value({}), False),
     (MISSING, False), (None, False)],
    ids=["true", "false", "one", "the word", "an array", "absent", "what a dict does not have"],
)  # fmt: skip
def test_only_true_is_true(held, answer):
    assert reach.is_true(held) is answer


def test_whether_an_unknown_value_is_true_is_not_known():
    hole = Unknown("why")
    assert reach.is_true(hole) is hole


def test_texts():
    assert reach.string(value("a")) == "a"
    assert [reach.string(held) for held in (value(1), value({}), Unknown("why"), MISSING, None)] == [None] * 5
    assert [reach.text(value(held)) for held in ("a", 1, 0.5, True)] == ["a", "1", "0.5", "True"]
    assert [reach.text(held) for held in (value({}), Unknown("why"), MISSING, None)] == [""] * 4
    assert reach.strings(value({"a": "x", "b": 1, 3: "y", "c": Unknown("why")})) == {"a": "x", 3: "y"}


def test_whether_an_input_is_true_is_not_known_either():
    answer = reach.is_true(Value(Input("private:wmgSwitch")))
    assert isinstance(answer, Unknown)
    assert answer.reason == "<private wmgSwitch> stands outside the tree"
