"""Merges: the cascade's against its definition, registration's strategies against PHP's words for them."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import FIXTURES
from support.values import bare, typed, value

from driftcheck.core.model import Op, Step, Unknown, Value, has_unknown
from driftcheck.mediawiki.merge import cascade, registered

pytestmark = pytest.mark.unmeasured

STEP = Step(Op.MERGE, "wgX[default]", None)
keys = st.one_of(st.integers(-2, 5), st.sampled_from(["a", "b", "c", "x"]))
scalars = st.one_of(st.none(), st.booleans(), st.integers(-1, 2), st.sampled_from(["", "0", "s", 0.0, 1.5]))
nested = st.recursive(scalars, lambda inner: st.dictionaries(keys, inner, max_size=4), max_leaves=12)
arrays = st.dictionaries(keys, nested, max_size=5)

lists = st.dictionaries(
    st.integers(0, 5),
    st.recursive(scalars, lambda inner: st.dictionaries(st.integers(0, 5), inner, max_size=4), max_leaves=8),
    max_size=5,
)


def from_pairs(data: Any) -> Any:
    """An array that is written as pairs of key and value."""
    return {key: from_pairs(item) for key, item in data} if isinstance(data, list) else data


def leaves(data: dict) -> Counter:
    """What stands in an array that is no array itself; null is nothing."""
    found: Counter = Counter()
    for item in data.values():
        if isinstance(item, dict):
            found += leaves(item)
        elif item is not None:
            found[typed(item)] += 1
    return found


def merged(left: dict, right: dict, *, falsy: bool = False) -> Any:
    return bare(cascade(value(left), value(right), falsy=falsy, step=STEP))


# -- the cascade's merge -------------------------------------------------------------------------------------------------


@given(arrays)
def test_merging_nothing_in_changes_nothing(a):
    assert typed(merged(a, {})) == typed(a)


@given(arrays)
def test_merging_into_nothing_gives_the_other(b):
    assert typed(merged({}, b)) == typed(b)


@given(arrays, arrays, st.booleans())
def test_what_the_stronger_side_says_stays(a, b, falsy):
    out = merged(a, b, falsy=falsy)
    for key, item in a.items():
        gives_way = item is None or item is False or (falsy and item in (0, 0.0, "", "0", {}))
        if not isinstance(item, dict) and not gives_way:
            assert typed(out[key]) == typed(item)
    assert list(out)[: len(a)] == list(a), "the stronger side's keys come first, in their order"


def test_it_merges_as_php_does():
    for rule, *sides in json.loads((FIXTURES / "mediawiki/array-merge.json").read_text("utf-8")):
        left, right, expected = map(from_pairs, sides)
        assert typed(merged(left, right, falsy=rule == "falsy")) == typed(expected), (rule, left, right)


@given(arrays, arrays, st.booleans())
def test_no_key_of_the_weaker_side_is_lost(a, b, falsy):
    assert set(b) <= set(merged(a, b, falsy=falsy))


@given(lists, lists, st.booleans())
def test_no_element_of_a_list_is_lost(a, b, falsy):
    """Where a number is taken the element gets the next one, and may there meet, and join, another array."""
    assert leaves(merged(a, b, falsy=falsy)) == leaves(a) + leaves(b)


@given(arrays, arrays)
def test_inputs_are_left_alone(a, b):
    left, right = value(a), value(b)
    cascade(left, right, falsy=True, step=STEP)
    assert typed(bare(left)) == typed(a)
    assert typed(bare(right)) == typed(b)


@pytest.mark.parametrize("weak", [None, False], ids=["null", "false"])
def test_null_and_false_give_way_in_every_year(weak):
    assert merged({"a": weak}, {"a": 1}) == {"a": 1}


@pytest.mark.parametrize(
    "weak", [0, "", "0", 0.0, {}], ids=["zero", "the empty string", "the string 0", "zero as a float", "an empty array"]
)
def test_false_like_values_gave_way_before_2020_only(weak):
    assert merged({"a": weak}, {"a": 1}, falsy=True) == {"a": 1}
    assert typed(merged({"a": weak}, {"a": 1})) == typed({"a": weak})


def test_a_hole_on_the_stronger_side_stays_a_hole():
    out = cascade(Value({"a": Unknown("why")}), value({"a": 1, "b": 2}), falsy=False, step=STEP)
    assert isinstance(out.data["a"], Unknown)
    assert bare(out.data["b"]) == 2


def test_a_hole_on_the_weaker_side_fills_what_is_absent_and_nothing_else():
    right = Value({"a": Unknown("why"), "b": Unknown("why"), "c": Unknown("why")})
    out = cascade(value({"a": 1, "b": None}), right, falsy=False, step=STEP)
    assert bare(out.data["a"]) == 1
    assert has_unknown(out.data["b"])
    assert has_unknown(out.data["c"])


def test_a_hole_below_an_array_of_the_stronger_side_is_not_taken_for_nothing():
    """The hole may be an array, whose elements would be merged in: the outcome must not claim to be known."""
    out = cascade(value({"a": {"x": 1}}), Value({"a": Unknown("why")}), falsy=False, step=STEP)
    assert has_unknown(out)


def test_an_appended_element_keeps_the_step_that_appended_it():
    out = cascade(value(["y"]), value(["x"]), falsy=False, step=STEP)
    assert bare(out) == {0: "y", 1: "x"}
    assert out.data[1].provenance[-1] == STEP
    assert out.data[0].provenance == ()


# -- registration ----------------------------------------------------------------------------------------------------------


def php_array_merge(default: dict, own: dict) -> dict:
    out: dict = {}
    number = 0
    for side in (default, own):
        for key, item in side.items():
            if isinstance(key, int):
                out[number], number = item, number + 1
            else:
                out[key] = item
    return out


def php_plus(own: dict, default: dict) -> dict:
    return {**own, **{key: item for key, item in default.items() if key not in own}}


def php_plus_2d(own: dict, default: dict) -> dict:
    """wfArrayPlus2d( $global, $default ): the global's keys, then missing second-level keys from the default."""
    out = {}
    for key, item in own.items():
        out[key] = (
            php_plus(item, default[key]) if isinstance(item, dict) and isinstance(default.get(key), dict) else item
        )
    return php_plus(out, default)


def php_replace_recursive(default: dict, own: dict) -> dict:
    out = dict(default)
    for key, item in own.items():
        both = isinstance(item, dict) and isinstance(out.get(key), dict)
        out[key] = php_replace_recursive(out[key], item) if both else item
    return out


STRATEGIES = {
    "array_merge": lambda own, default: php_array_merge(default, own),
    "array_plus": php_plus,
    "array_plus_2d": php_plus_2d,
    "array_replace_recursive": lambda own, default: php_replace_recursive(default, own),
}


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda name: f"{name} does what PHP does")
@given(own=arrays, default=arrays)
def test_strategies(strategy, own, default):
    out = registered(strategy, value(own), value(default))
    assert typed(bare(out)) == typed(STRATEGIES[strategy](own, default))


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda name: f"{name} leaves a global alone that meets no array")
@pytest.mark.parametrize(
    ("own", "default"),
    [(1, {"a": 1}), ({"a": 1}, 1), (False, True), (None, {})],
    ids=["a scalar global", "a scalar default", "two scalars", "a null global"],
)
def test_scalars(strategy, own, default):
    assert typed(bare(registered(strategy, value(own), value(default)))) == typed(own)


@pytest.mark.parametrize(
    "strategy",
    ["array_plus_3d", "", "system"],
    ids=lambda name: f"the strategy {name!r} is not modelled and said so",
)
def test_a_strategy_that_is_not_modelled_is_a_hole(strategy):
    out = registered(strategy, value({"a": 1}), value({"b": 1}))
    assert isinstance(out, Unknown)
    assert strategy in out.reason


def test_integer_keys_are_renumbered_by_array_merge_and_kept_by_array_plus():
    own = value({0: True, 120: True})
    assert list(bare(registered("array_merge", own, value({})))) == [0, 1]
    assert list(bare(registered("array_plus", own, value({})))) == [0, 120]


def test_what_comes_from_the_default_says_so():
    out = registered("array_plus", value({"a": 1}), value({"b": 2}))
    assert [step.op for step in out.data["b"].provenance] == [Op.SCHEMA_DEFAULT]
    assert out.data["a"].provenance == ()


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda name: f"{name} keeps a hole a hole")
def test_a_hole_in_the_global_stays(strategy):
    assert has_unknown(registered(strategy, Value({"a": Unknown("why")}), value({"a": {"b": 1}})))
