"""How large values are when they are written out: what shares its parts many times over is not known."""

from __future__ import annotations

import pytest
from support.values import value

from driftcheck.core.model import MISSING, Unknown, Value
from driftcheck.core.sizes import TOO_LARGE, TOO_LONG, Sizes


def _doubled(times: int) -> Value:
    held = value([1, 2])
    for _ in range(times):
        held = Value({0: held, 1: held})
    return held


def _nested(levels: int) -> Value:
    held = value([])
    for _ in range(levels - 1):
        held = Value({0: held})
    return held


TEXT = Value("x" * 6_400)
REFUSED = {
    "an array in itself, twice each time": (_doubled(16), TOO_LARGE),
    "the same, which no walk would ever end": (_doubled(90), TOO_LARGE),
    "an array that is too deep": (_nested(101), TOO_LARGE),
    "one that no recursion would reach the end of": (_nested(2_000), TOO_LARGE),
    "a long text in many places": (Value(dict.fromkeys(range(1_000), TEXT)), TOO_LARGE),
}
KEPT = {
    "nothing": MISSING,
    "a hole": Unknown("why"),
    "a large array without a part that stands twice": value(list(range(60_000))),
    "the deepest that is allowed": _nested(100),
    "one that is doubled now and then": _doubled(10),
    "a text": TEXT,
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_much_larger_than_its_parts_is_not_known(name):
    held, reason = REFUSED[name]
    answer = Sizes().bounded(held)
    assert isinstance(answer, Unknown)
    assert answer.reason == reason


def test_everything_else_stays_the_same_object():
    for name, held in KEPT.items():
        assert Sizes().bounded(held) is held, name


def test_values_are_held_to_one_limit_together():
    for held, reason in ((_doubled(12), TOO_LARGE), (Value("x" * 1_000_000), TOO_LONG)):
        sizes = Sizes()
        answers = [sizes.bounded(Value(held.data)) for _ in range(20)]
        assert isinstance(answers[0], Value)
        assert isinstance(answers[-1], Unknown)
        assert answers[-1].reason == reason


def test_a_shared_array_is_as_deep_as_where_it_stands():
    sizes, inner = Sizes(), _nested(60)
    assert sizes.bounded(inner) is inner
    for _ in range(40):
        inner = Value({0: inner})
    assert sizes.bounded(inner) is inner
    assert isinstance(sizes.bounded(Value({0: inner})), Unknown)
