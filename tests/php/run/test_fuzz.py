"""A short run of the fuzzer: programs at random are answered as PHP answers them, or not at all."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from support.fuzz import ours
from support.fuzz.campaign import Campaign
from support.fuzz.grammar import WORLDS, Grammar, Node
from support.fuzz.php import Php, there
from support.fuzz.shrink import shrink


@pytest.mark.skipif(not there(), reason="PHP 8.2 with pcntl is not installed")
@pytest.mark.parametrize(("level", "count"), [(1, 5), (2, 60), (3, 30)])
def test_no_answer_is_wrong(level: int, count: int):
    with Php() as php:
        campaign = Campaign(php, level)
        for number in range(77_000_000, 77_000_000 + count, 5):
            campaign.some(range(number, number + 5))
    assert campaign.faults == []
    assert campaign.tally["agreed"] > 0


def _full(found: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """Every name of these: one that is not there is unset, or unknown where anything may have been written."""
    return {name: found.get(name, ours.UNKNOWN if "?" in found else "unset") for name in names}


def _alone(text: str, worlds: list[dict[str, Any]]) -> None:
    files = {"main.php": f"<?php\n{text}"}
    together = ours.run(files, "/somewhere", worlds)
    for world, one in zip(worlds, together, strict=True):
        other = ours.run(files, "/somewhere", [world])[0]
        names = {*one, *other}
        assert _full(one, names) == _full(other, names), files


def test_many_worlds_at_once_are_each_world_alone():
    worlds = [ours.world(world) for world in WORLDS]
    for seed in range(100):
        _alone(f"{Grammar(Random(seed), worlds=True).program(5)}done:\n", worlds)


_REFERENCES = (
    "if ( $db === 'a' ) { unset( $x ); }",
    "if ( $db === 'a' ) { unset( $x ); } elseif ( $db === 'b' ) { unset( $x ); }",
    "if ( $db === 'a' ) { unset( $x ); $c = $a; $c[0] = 7; } else { $y = &$x; }",
    "if ( $db !== 'c' ) { $y = &$x; } unset( $x );",
)


def test_what_is_a_reference_still_is_so_in_each_world():
    worlds = [ours.world({"db": name}) for name in "abc"]
    for text in _REFERENCES:
        _alone(f"$x = 1; $a = [ &$x ]; {text} $c = $a; $c[0] = 5;", worlds)


_DEFAULTS = """define( "K", $db );
class A { public static $x = K; public static $y = [ K => 1 ]; public static int $n = 3; public $p = K; const C = [ K => 1 ];
	const D = self::C; }
class B extends A { public static $z = self::C; }
$a = A::$x; if ( $db === 'b' ) { B::$x .= 'x'; A::$y[] = 2; } $b = A::$x; $c = B::$y; $d = B::$z; $e = ( new A )->p;
$f = &B::$x; $f .= 'r'; $g = A::$x; $h = ++A::$n; $i = [ $db => A::D[ $db ] ?? 'none' ];
"""


def test_a_default_is_that_of_each_world():
    worlds = [ours.world({"db": name}) for name in "abc"]
    _alone(_DEFAULTS, worlds)
    assert [found["g"] for found in ours.run({"main.php": f"<?php\n{_DEFAULTS}"}, "/somewhere", worlds)] == ["ar", "bxr", "cr"]  # fmt: skip


def test_a_fault_is_made_small():
    program = Node("block", tuple(Node("stmt", (f"$x{n} = ", Node("expr", ("f( ", Node("expr", (str(n),)), " )")), ";\n")) for n in range(5)))  # fmt: skip
    assert str(shrink(program, lambda less: "3" in str(less))) == "$x3 = 3;\n"
