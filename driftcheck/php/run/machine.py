"""The machine that runs PHP files for many worlds at once: its state, and how statements are run in turns."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from driftcheck.core.model import MISSING, Unknown
from driftcheck.php.run.arrays import PhpArray, weight
from driftcheck.php.run.classes import Classes
from driftcheck.php.run.frames import Code, GlobalFrame, Undecided
from driftcheck.php.run.worlds import NAMED, Slot, Turn, commit, first, reaches, referred
from driftcheck.php.syntax import place
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tree_sitter import Node

    from driftcheck.php.file import PhpFile
    from driftcheck.php.run.host import Host
    from driftcheck.php.run.objects import Declared, Instance
    from driftcheck.php.run.worlds import Content, Facets

OBJECTS = "@objects"
"""Stands for a write to an object, to a static property or to a static variable of a function."""
BOUND = "@bound"
"""Stands for a reference that is made: the variables may be names of one another from then on."""
DECLARED = "@declared"
"""Stands for a function, class or constant that is declared."""
_STRICT = re.compile(rb"\bstrict_types\s*=\s*1", re.IGNORECASE)
_WORK, _WORK_A_WORLD, _MOST_WORK = 1_000_000, 120_000, 40_000_000
"""A quarter of a second, and more where there are more worlds: the thousand wikis of 2026 take three millions, and each of
the thirty of 2014 reads lists of all wikis for itself."""
_LOOKS = 4
_CHARACTERS = 16
_MAX_DEPTH = 60
_EPOCHS = itertools.count(1)


Outcomes: TypeAlias = "list[tuple[int, dict[Slot, Content]]]"
"""What the turns of a statement wrote: the worlds of each, and the content of each slot."""


class Watch(Protocol):
    """Looks on while a program runs."""

    def ran(self, code: Code, node: Node, outcomes: Outcomes) -> None:
        """A statement has run, and what it writes is about to be written."""

    def lost(self, code: Code, nodes: list[Node]) -> None:
        """What these statements do is not known in some world."""


class Ended(Exception):  # noqa: N818 - as PHP's exit, it is no error
    """``exit``: the program ends."""


class Machine:
    """The state of the program in every world, and the turn that is being run.

    ``host`` answers for everything outside the program: files, constants, inputs, classes and functions of the
    surroundings. ``worlds`` is how many there are, ``work`` what they may do before
    the rest is not known.
    """

    def __init__(self, host: Host, worlds: int, work: int | None = None) -> None:
        self.host = host
        self.everyone = (1 << worlds) - 1
        self.ended = 0
        self.globals: dict[str, Slot] = {}
        self.constants: dict[str, Slot] = {}
        self.functions: dict[str, Slot] = {}
        self.included: dict[str, Slot] = {}
        self.events: dict[str, Slot] = {}
        self.late: dict[str, Callable[[], Facets]] = {}
        self.lost: Slot = Slot(self.everyone)
        self.typed: dict[Slot, Declared] = {}
        """What the properties declare that have a type."""
        self.kept: list[Slot] = []
        """The static variables of functions."""
        self.objects: list[Instance] = []
        self.tainted: dict[Slot, Slot] = {}
        """What may be written by a name that is not known: a hole in the worlds where that is so."""
        self.classes = Classes(self)
        self.turn = Turn(0, self.everyone)
        self.frame = GlobalFrame(self)
        self.references = False
        self.strict = False
        """Whether a file of the program declares strict types: then nothing is taken for converted."""
        self.watch: Watch | None = None
        self.begun = 0
        """When this turn began: what was made later may be changed in place."""
        self._work = min(_WORK + _WORK_A_WORLD * worlds, _MOST_WORK) if work is None else work
        self._depth = 0
        self._codes: dict[str, Code | None] = {}

    # -- cost ------------------------------------------------------------------------------------------------------

    def spend(self, work: int) -> None:
        """Take note of work. Raises NotEvaluated where there was too much."""
        self._work -= work
        if self._work < 0:
            raise NotEvaluated("too much work")

    def look_at(self, data: Any) -> None:  # noqa: ANN401 - data of PHP
        """A function is about to look at all of a value. Raises NotEvaluated as spend does, and for an array that is too large."""
        if isinstance(data, dict):
            self.spend(weight(data) * _LOOKS)
        elif isinstance(data, str):
            self.spend(len(data) // _CHARACTERS)

    def deeper(self) -> None:
        """A call begins. Raises NotEvaluated where too many are open."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self._depth -= 1
            raise NotEvaluated("functions that call each other too deep")
        self.spend(10)

    def shallower(self) -> None:
        """A call ends."""
        self._depth -= 1

    # -- arrays that may be changed in place -----------------------------------------------------------------------

    @staticmethod
    def own(data: PhpArray, born: int = 0) -> PhpArray:
        """Note that one place alone holds an array, so that this turn may change it, and since when."""
        data.made = next(_EPOCHS)
        data.born = born or data.made
        return data

    @staticmethod
    def escape(data: Any) -> None:  # noqa: ANN401 - whatever a value holds
        """An array is used as a value: from now on it may be held elsewhere."""
        if data.__class__ is PhpArray:
            data.born = 0

    # -- variables -------------------------------------------------------------------------------------------------

    def variable(self, name: str) -> Slot:
        """The slot of a global variable, which it gets with its first use."""
        slot = self.globals.get(name)
        if slot is None:
            slot = self.globals[name] = Slot(self.everyone)
            slot.facets = list(self.lost.facets)
            late = self.late.pop(name, None)
            if late is not None:
                slot.put(late().facets)
        return slot

    def kept_slot(self) -> Slot:
        """The slot of a static variable of a function."""
        slot = Slot(self.everyone)
        if OBJECTS[1:] in self.events:
            slot.facets = list(self.events[OBJECTS[1:]].facets)
        self.kept.append(slot)
        return slot

    def doubt(self, event: str) -> None:
        """Raises Undecided where code that is not followed may have done what an event stands for."""
        for slot in (self.events.get(event[1:]), self.lost):
            held = MISSING if slot is None else self.turn.read(slot)
            if isinstance(held, Unknown):
                raise Undecided(held.reason)

    def absent(self, name: str) -> Content:
        """What a global variable is that nothing assigned."""
        held = self.turn.read(self.lost)
        return self.turn.plain(self.host.absent(name) if held is MISSING else held)  # type: ignore[no-any-return]

    def write(self, slot: Slot, content: Content) -> None:
        """Assign to the variable of a slot, which may be a reference to another."""
        turn = self.turn
        while slot.links:
            held = turn.read(slot)
            if held.__class__ is not Slot:
                break
            slot = held
        self.put(slot, content)

    def put(self, slot: Slot, content: Content) -> None:
        """What a slot itself holds from now on. Raises NotEvaluated where it would be an element of its own value."""
        turn = self.turn
        if slot.count is not None or slot.first is not NAMED:
            held = turn.holders(slot)
            if held.doubtful:
                raise NotEvaluated("a reference that something else may have")
            if held.shared and content.__class__ is not Slot and reaches(turn, content, slot):
                raise NotEvaluated("an array that is an element of itself")
        taint = self.tainted.get(slot) if self.tainted else None
        if taint is not None and (hole := turn.read(taint)) is not MISSING:
            content = hole
        turn.writes[slot] = content

    def put_in(self, slot: Slot) -> None:
        """A slot becomes an element of an array."""
        self.references = True
        self.turn.hold(slot, parts=1)

    def link(self, slot: Slot, other: Slot) -> None:
        """Make the variable of a slot a name of another slot."""
        slot.links = self.references = True
        self.turn.writes[slot] = other

    # -- files -----------------------------------------------------------------------------------------------------

    def code(self, path: str) -> Code | None:
        """The code of a file of the tree by its full path; None where there is none."""
        path = self.host.normalised(path)
        if path not in self._codes:
            file: PhpFile | None = self.host.file(path)
            self._codes[path] = None if file is None else Code(self, file, path)
            self.strict = self.strict or (file is not None and _STRICT.search(file.source.text) is not None)
        return self._codes[path]

    @property
    def files(self) -> list[PhpFile]:
        """The files that were read, by their paths."""
        codes = [code for code in self._codes.values() if code is not None]
        return [code.file for code in sorted(codes, key=lambda code: code.path)]

    # -- turns -----------------------------------------------------------------------------------------------------

    def each(
        self,
        mask: int,
        run: Callable[[], Any],
        lost: Callable[[int, str], None],
        written: Callable[[Outcomes], None] | None = None,
    ) -> list[tuple[int, Any]]:
        """Run something once for all worlds that are alike in what it reads; the answers with their worlds.

        Where it cannot be run, ``lost`` is told for which worlds and why. What is written is written at the end, after
        ``written`` is told of it.
        """
        outcomes: Outcomes = []
        answers: list[tuple[int, Any]] = []
        failed: dict[str, int] = {}
        ended = 0
        while mask:
            turn = self.turn = Turn(first(mask), mask)
            self.begun = next(_EPOCHS)
            try:
                answer = run()
                answers.append((turn.mask, answer))
                outcomes.append((turn.mask, turn.writes))
            except Ended:
                ended |= turn.mask
                outcomes.append((turn.mask, turn.writes))
            except (NotEvaluated, Undecided) as error:
                # Where no work is left, no other world can do any.
                failed[str(error)] = failed.get(str(error), 0) | (turn.mask if self._work >= 0 else mask)
                mask = mask if self._work >= 0 else 0
            except RecursionError:
                failed["nested too deep"] = failed.get("nested too deep", 0) | turn.mask
            mask &= ~turn.mask
        if written is not None:
            written(outcomes)
        commit(outcomes)
        self.ended |= ended
        for reason, some in failed.items():
            lost(some, reason)
        return answers

    def forget(self, names: Iterable[str] | None, mask: int, reason: str, code: Code, node: Node) -> None:
        """Make variables unknown in some worlds, and what the events among the names stand for; without names, everything."""
        hole = Unknown(reason, code.source, place(node))
        if names is None:
            self.lost.put([(mask, hole)])
            for table in (self.functions, self.constants, self.events):
                for slot in table.values():
                    slot.put([(mask, hole)])
        slots: list[Slot] = []
        if names is None or OBJECTS in names:
            slots += self._forget_objects(mask, hole)
        for name in [*self.globals, *self.late] if names is None else names:
            if name.startswith("@"):
                self.events.setdefault(name[1:], Slot(self.everyone)).put([(mask, hole)])
            else:
                slots.append(self.variable(name))
        for found in referred(slots, mask):
            # What had two names may still have them, or not any more: what is written by one is not known by the other.
            shared = found.links or found.shared(mask)
            found.put([(mask, hole)])
            if shared or (names is not None and BOUND in names):
                self.tainted.setdefault(found, Slot(self.everyone)).put([(mask, hole)])

    def _forget_objects(self, mask: int, hole: Unknown) -> list[Slot]:
        """The properties of objects and classes, and the static variables of functions; those to come are unknown too."""
        self.events.setdefault(OBJECTS[1:], Slot(self.everyone)).put([(mask, hole)])
        slots = [*self.kept, *self.classes.static_slots()]
        for instance in self.objects:
            instance.rest = instance.rest or Slot(self.everyone)
            slots += [instance.rest, *instance.properties.values()]
        return slots
