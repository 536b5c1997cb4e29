"""The guard over YAML: what it counts, to the last value that is allowed."""

from __future__ import annotations

import pytest

from driftcheck.core.model import InputError
from driftcheck.yaml import guard, own
from driftcheck.yaml.values import LIMITS

pytestmark = pytest.mark.unmeasured

COUNTED = {
    "a list": ("[1, 2]", 3),
    "a map, without its keys": ("{a: 1, b: 2}", 3),
    "lists in lists": ("[[1], [[2]]]", 6),
    "aliases as often as they are named": ("[&x [1, 2], *x, *x]", 10),
    "an alias of a map": ("a: &x {b: 1, c: {d: 2}}\ne: *x\n", 9),
    "the anchor of a key": ("&x a: *x\n", 2),
}
DEEP = {
    "brackets": ("[[[]]]", 3),
    "maps": ("a: {b: {c: 1}}", 3),
    "aliases": ("a: &x [[1]]\nb: [*x]\n", 4),
}


def taken(text, **limits):
    refusal = LIMITS._replace(refusal=InputError, **limits)
    return sum(1 for _ in guard.events("x", text.encode(), refusal))


@pytest.mark.parametrize(("text", "size"), COUNTED.values(), ids=COUNTED)
def test_values_are_counted_to_the_last(text, size):
    assert taken(text, values=size)
    with pytest.raises(InputError, match=f"x:[12]: more than {size - 1} values, aliases counted; write less"):
        taken(text, values=size - 1)


@pytest.mark.parametrize(("text", "depth"), DEEP.values(), ids=DEEP)
def test_levels_are_counted_to_the_last(text, depth):
    assert taken(text, depth=depth)
    with pytest.raises(
        InputError, match=f"x:[12]: nested more than {depth - 1} levels deep, aliases counted; flatten it"
    ):
        taken(text, depth=depth - 1)


def test_a_file_of_our_own_has_no_aliases_to_count():
    for text in ("[" * 5_000, "{a: " * 5_000, "? " * 5_000, "- " * 5_000):
        with pytest.raises(InputError, match="x:1: nested more than 20 levels deep; flatten it"):
            own.load("x", text.encode())
    with pytest.raises(InputError, match="x:1: more than 200000 values; write less"):
        own.load("x", b"[" + b"1," * 200_000 + b"]")
