"""What is meant to differ is data: rows that explain differences, and what is left of a difference."""

from __future__ import annotations

import itertools

import pytest

from driftcheck.core.globs import meets
from driftcheck.core.leaves import leaves
from driftcheck.core.model import MISSING, InputError, Value
from driftcheck.layers.extension import profiles
from driftcheck.layers.extension.expected import Expectations, rows


def value(data):
    if isinstance(data, dict):
        return Value({key: value(item) for key, item in data.items()})
    if isinstance(data, list):
        return Value({number: value(item) for number, item in enumerate(data)})
    return Value(data)


HOSTS = {"equivalences": [{"production": ".org", "beta": ".beta.wmcloud.org", "reason": "hosts"}]}
MESH = {
    "expected": [{"settings": ["wg*"], "production": "*localhost:6*", "beta": "*.wmcloud.org*", "reason": "services"}]
}
LEFT = [
    ("a host mapped", HOSTS, "https://en.wikipedia.org/w", "https://en.wikipedia.beta.wmcloud.org/w", []),
    ("a host in a list", HOSTS, ["*.wikipedia.org"], ["*.wikipedia.beta.wmcloud.org"], []),
    ("a host as a key", HOSTS, {"//a.org": True}, {"//a.beta.wmcloud.org": True}, []),
    ("dots escaped", HOSTS, r"wikipedia\.org", r"wikipedia\.beta\.wmcloud\.org", []),
    ("another host", HOSTS, "https://en.wikipedia.org", "https://de.wikipedia.beta.wmcloud.org", [()]),
    ("a type is no text", HOSTS, "1", 1, [()]),
    ("one key of a map", {}, {"a": 1, "b": {"c": 2, "d": 3}}, {"a": 1, "b": {"c": 2, "d": 4}}, [("b", "d")]),
    ("an element more", {}, ["a", "b"], ["a"], [()]),
    ("another order", {}, ["a", "b"], ["b", "a"], [()]),
    ("twice", {}, ["a", "a"], ["a"], [()]),
    ("a service", MESH, "http://localhost:6010", "https://x.wmcloud.org", []),
    ("a part of it", MESH, {"u": "http://localhost:6010", "t": 1}, {"u": "https://x.wmcloud.org", "t": 2}, [("t",)]),
    ("a switch by a glob", {"expected": [{"settings": ["wg*"], "reason": "x"}]}, True, False, [()]),
    ("a text that is turned off, by a glob", {"expected": [{"settings": ["wg*"], "reason": "x"}]}, "a", False, [()]),
    ("a null by a glob", {"expected": [{"settings": ["wg*"], "reason": "x"}]}, "a", None, [()]),
    ("an empty text by a glob", {"expected": [{"settings": ["wg*"], "reason": "x"}]}, "a", "", [()]),
    ("nothing by a glob", {"expected": [{"settings": ["wg*"], "reason": "x"}]}, {"a": "b", "c": 1}, {"c": 1}, [("a",)]),
    ("a switch by its name", {"expected": [{"settings": ["wgX"], "reason": "x"}]}, True, False, []),
    (
        "no value among others",
        {"expected": [{"settings": ["wgX"], "production": "x | absent", "reason": "x"}]},
        None,
        1,
        [],
    ),
    ("no value", {"expected": [{"settings": ["wgX"], "production": "absent", "reason": "x"}]}, None, 1, []),
]


def test_what_is_left_of_a_difference():
    for told, data, production, beta, paths in LEFT:
        held = Expectations(rows(data, "profile.yaml"))
        ours = MISSING if told.startswith("no value") else value(production)
        found = held.left("wgX", ours, value(beta))
        assert [leaf.path for leaf in found] == paths, told
        assert bool(held.explained()) is (data != {} and (not paths or told in ("another host", "a part of it"))), told


def test_a_glob_may_not_cover_switches():
    for glob in ("*", "wmg*", "wmgUse*", "*Use*", "wmgEnable?low", "wm[g]UseX*", "w*"):
        with pytest.raises(InputError, match="a glob may not hide a switch"):
            rows({"expected": [{"settings": [glob], "reason": "x"}]}, "profile.yaml")
    for side, accepted in itertools.product(
        ("production", "beta"), ("absent", "x | false", "null", "true | x", "x | ")
    ):
        with pytest.raises(InputError, match=r"the glob wg\*Proxy expects .*, and a glob may not hide a switch"):
            rows({"expected": [{"settings": ["wgX", "wg*Proxy"], side: accepted, "reason": "x"}]}, "profile.yaml")
        assert rows({"expected": [{"settings": ["wgX", "wgXProxy"], side: accepted, "reason": "x"}]}, "profile.yaml")
    for glob in ("wmgUseFlow", "wg*", "wmgSiteLogo*"):
        assert rows({"expected": [{"settings": [glob], "reason": "x"}]}, "profile.yaml")


SWITCHED = [MISSING, *map(Value, (True, False, None, ""))]


def test_no_row_of_a_profile_hides_by_glob_what_may_be_a_switch():
    """Every row of the bundled profiles, at a name that its glob alone covers, against each value that a switch may have."""
    globs = 0
    for row in (row for name in profiles.BUNDLED for row in profiles.load(name).expected if not row.counts_as):
        fitting = [value(glob.partition(" | ")[0].replace("*", "x") or "x") for glob in (row.production, row.beta)]
        at = row.path.partition(" | ")[0].replace("*", "x")
        for glob in (glob for glob in row.settings if "*" in glob):
            globs += 1
            pairs = [*((one, fitting[1]) for one in SWITCHED), *((fitting[0], one) for one in SWITCHED)]
            pairs += itertools.permutations(SWITCHED, 2)
            for pair in pairs:
                sides = [Value({} if side is MISSING else {at: side}) if at else side for side in pair]
                assert Expectations((row,)).left(glob.replace("*", "Xy"), *sides), (str(row), pair)
    assert globs


def test_globs_that_meet():
    for one, other, meeting in (
        ("wg*", "wmgUse*", False),
        ("*", "", True),
        ("a*c", "ab*", True),
        ("a*c", "b*", False),
        ("?b", "a?", True),
        ("abc", "abc", True),
        ("abc", "abcd", False),
        ("*x", "*y", False),
    ):
        assert meets(one, other) is meeting, (one, other)
        assert meets(other, one) is meeting, (other, one)


def test_equal_values_have_no_leaves():
    for data in (1, "a", [1, [2]], {"a": {"b": [1, 2]}}, float("nan")):
        assert leaves(value(data), value(data)) == [], data
