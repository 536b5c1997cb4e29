"""One program after the other, each held against PHP, with the counts of what came out."""

from __future__ import annotations

import collections
from random import Random
from typing import TYPE_CHECKING, Any

from support.fuzz import ours
from support.fuzz.grammar import WORLDS, Grammar, Node
from support.fuzz.shapes import FILES
from support.fuzz.shrink import shrink

if TYPE_CHECKING:
    from support.fuzz.php import Php

_EXPRESSIONS = 40
_BEFORE = "$a = 1; $b = 'x'; $c = [ 'x' => 1, 2 ]; $d = [ 3, 'y' => [ 'z' => null ] ]; $m = [ 'x' => [ 'y' => 1 ], 5 => 'q' ]; $n = 0; $s = 'abc';\n"
_FIRST = ours.world({
    "a": 1, "b": "x", "c": {"x": 1, 0: 2}, "d": {0: 3, "y": {"z": None}}, "m": {"x": {"y": 1}, 5: "q"}, "n": 0, "s": "abc",
})  # fmt: skip
"""What ``_BEFORE`` assigns."""


class Campaign:
    """Programs of one level: 1 expressions, 2 statements, 3 files that run for several worlds at once."""

    def __init__(self, php: Php, level: int) -> None:
        self.php, self.level = php, level
        self.tally: collections.Counter[str] = collections.Counter()
        self.faults: list[str] = []
        self._wrong: list[tuple[int, Node]] = []

    def counts(self) -> str:
        """How many programs came out how."""
        return ", ".join(f"{count} {what}" for what, count in sorted(self.tally.items()))

    def some(self, seeds: range) -> None:
        """Try one program for each seed; what is wrong is made small, and noted in ``faults``."""
        if self.level == 1:
            for seed in seeds:
                self._expressions(Grammar(Random(seed)))
            return
        programs = [Grammar(Random(seed), worlds=self.level == 3).program(6) for seed in seeds]
        for program in programs:
            self._ask(program)
        found = [self._ours_of(program) for program in programs]
        for seed, program, mine in zip(seeds, programs, found, strict=True):
            rows = self._held_against(mine, [self.php.receive() for _ in mine])
            answers = {answer for _, _, row in rows for answer in row.values()}
            self.tally.update([_kind(answers)])
            if ours.WRONG in answers:
                self._wrong.append((seed, program))
        self._shrink()

    def _shrink(self) -> None:
        """Make the programs small that were answered wrongly: PHP is asked again, when nothing waits for an answer."""
        for seed, program in self._wrong:
            small = shrink(program, lambda less: ours.WRONG in self._answers(less))
            self._fault(seed, f"{self._text(small)}\n{self._difference(small)}")
        self._wrong.clear()

    def _fault(self, seed: int, text: str) -> None:
        self.faults.append(f"-- seed {seed}\n{text}")

    def _text(self, program: Node) -> str:
        text = str(program)
        tail = "done:\n" if "goto done" in text else ""
        return f"<?php\n{_BEFORE}{text}{tail}"

    def _answers(self, program: Node) -> set[str]:
        return {answer for _, _, rows in self._compared(program) for answer in rows.values()}

    def _compared(self, program: Node) -> list[tuple[dict[str, Any], dict[str, Any], dict[str, str]]]:
        self._ask(program)
        mine = self._ours_of(program)
        return self._held_against(mine, [self.php.receive() for _ in mine])

    @property
    def _worlds(self) -> tuple[dict[str, Any], ...]:
        return WORLDS if self.level == 3 else ({},)

    def _ask(self, program: Node) -> None:
        for world in self._worlds:
            self.php.send({**FILES, **_in_world(self._text(program), world)})

    def _ours_of(self, program: Node) -> list[dict[str, Any]]:
        files = {**FILES, "main.php": self._text(program)}
        return ours.run(files, self.php.folder, [ours.world(world) for world in self._worlds])

    def _held_against(
        self, found: list[Any], php: list[Any]
    ) -> list[tuple[dict[str, Any], dict[str, Any], dict[str, str]]]:
        if any(answer is None for answer in php):
            return []  # PHP refuses it: there is nothing to hold against
        return [(mine, his, ours.compare(mine, his)) for mine, his in zip(found, php, strict=True)]

    def _difference(self, program: Node) -> str:
        lines = []
        for number, (mine, his, rows) in enumerate(self._compared(program)):
            lines += [
                f"   world {number} ${name}: PHP {his.get(name, 'unset')} here {mine.get(name, 'unset')}"
                for name, answer in rows.items()
                if answer == ours.WRONG
            ]
        return "\n".join(lines[:6])

    # -- expressions, many at once ---------------------------------------------------------------------------------

    def _expressions(self, grammar: Grammar) -> None:
        trees = [grammar.expression(4) for _ in range(_EXPRESSIONS)]
        for tree, mine, his in zip(trees, self._ours(trees), self._theirs(trees), strict=True):
            answer = "refused" if his is None else ours.held_against(mine, his)
            if his is None and mine != ours.UNKNOWN:
                answer = "refused, but answered"
            if answer == ours.WRONG and not self._is_wrong(tree):
                answer = ours.AGREED  # an expression before it, in the same process, changed what this one read
            self.tally.update([answer])
            if answer == ours.WRONG:
                small = shrink(tree, self._is_wrong)
                self._fault(0, f"{small}\n   PHP {self._theirs([small])[0]} here {self._ours([small])[0]}")

    def _is_wrong(self, tree: Node) -> bool:
        his = self._theirs([tree])[0]
        return his is not None and ours.held_against(self._ours([tree])[0], his) == ours.WRONG

    def _ours(self, trees: list[Node]) -> list[Any]:
        out = []
        for tree in trees:
            found = ours.run({"main.php": f"<?php\n$answer = ( {tree} );"}, self.php.folder, [_FIRST])[0]
            out.append(ours.UNKNOWN if found.get("?") else found.get("answer", ours.UNKNOWN))
        return out

    def _theirs(self, trees: list[Node]) -> list[Any]:
        """PHP's values, each in a function of its own; None for what PHP refuses."""
        rows = "".join(
            f"$GLOBALS['r{n}'] = ( static function () {{ try {{ return [ eval( {_quoted(_own(tree))} ) ]; }}"
            " catch ( \\Throwable $e ) { return null; } } )();\n"
            for n, tree in enumerate(trees)
        )
        found = self.php.run({"main.php": f"<?php\n{rows}"})
        if found is None:
            return [None] if len(trees) == 1 else [self._theirs([tree])[0] for tree in trees]
        return [None if (row := found[f"r{n}"]) is None else row["a"][0][1] for n in range(len(trees))]


def _own(tree: Node) -> str:
    names = " ".join(f"global ${name};" for name in ("a", "b", "c", "d", "m", "n", "s"))
    return f"{names} {_BEFORE} return ( {tree} );"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _in_world(text: str, world: dict[str, Any]) -> dict[str, str]:
    before = "".join(f"${name} = {_literal(value)}; " for name, value in world.items())
    return {"main.php": text.replace("<?php\n", f"<?php\n{before}", 1)}


def _literal(value: Any) -> str:
    if isinstance(value, dict):
        return "[ " + ", ".join(f"{_literal(key)} => {_literal(item)}" for key, item in value.items()) + " ]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _quoted(value) if isinstance(value, str) else str(value)


def _kind(answers: set[str]) -> str:
    return ours.worst(answers) if answers else "refused"
