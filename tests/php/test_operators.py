"""Laws of PHP's keys, arrays and comparison, on anything that hypothesis thinks of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcheck.core.model import Value
from driftcheck.php import operators, values
from driftcheck.php.functions import FUNCTIONS

pytestmark = pytest.mark.unmeasured

scalars = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5) | st.floats(allow_nan=False)
)
arrays = st.dictionaries(st.integers(-5, 5) | st.text(max_size=2), st.integers().map(Value), max_size=5).map(
    lambda data: {values.array_key(key): item for key, item in data.items()}
)
lists = st.lists(st.integers().map(Value), max_size=5).map(lambda items: dict(enumerate(items)))


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_text_that_is_an_integer_is_that_key(number):
    assert values.array_key(str(number)) == number


@given(st.integers(0, 999))
def test_a_leading_zero_makes_a_text(number):
    assert values.array_key(f"0{number}") == f"0{number}"


@given(arrays, arrays)
def test_union_keeps_the_left_side_and_adds_what_is_missing(left, right):
    both = operators.union(left, right)
    assert {key: both[key] for key in left} == left
    assert set(both) == {*left, *right}
    assert list(both)[: len(left)] == list(left)


@given(arrays)
def test_union_with_nothing_or_with_itself_changes_nothing(array):
    assert operators.union(array, {}) == operators.union({}, array) == operators.union(array, array) == array


@given(st.lists(lists, max_size=4))
def test_merging_lists_is_putting_them_behind_one_another(several):
    merged = FUNCTIONS["array_merge"](*several)
    assert list(merged) == list(range(sum(map(len, several))))
    assert list(merged.values()) == [item for one in several for item in one.values()]


@given(arrays, arrays)
def test_merging_keeps_every_text_key_and_the_right_side_wins(left, right):
    merged = FUNCTIONS["array_merge"](left, right)
    texts = {key: item for side in (left, right) for key, item in side.items() if isinstance(key, str)}
    assert {key: item for key, item in merged.items() if isinstance(key, str)} == texts


@given(scalars, scalars)
def test_the_spaceship_turns_round_with_its_sides(left, right):
    assert values.compare(left, right) == -values.compare(right, left)


@given(scalars)
def test_everything_is_identical_to_itself_and_equal_to_it(data):
    assert values.identical(data, data)
    assert values.compare(data, data) == 0


@given(scalars)
def test_a_value_is_true_exactly_when_it_compares_as_true(data):
    assert (values.compare(data, True) == 0) == values.to_bool(data)


@given(st.integers())
def test_what_does_not_fit_into_64_bits_becomes_a_float(number):
    held = operators.fit(number)
    assert isinstance(held, int) == (-(2**63) <= number <= 2**63 - 1)


@given(lists)
def test_the_next_index_follows_the_last(array):
    assert values.next_index(array) == len(array)
