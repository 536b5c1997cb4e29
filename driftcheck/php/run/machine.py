"""The machine that runs PHP files for many worlds at once: its state, and how statements are run in turns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Unknown
from driftcheck.php.run.frames import Code, GlobalFrame, Undecided
from driftcheck.php.run.objects import Classes
from driftcheck.php.run.worlds import Slot, Turn, commit, first, referred
from driftcheck.php.syntax import place
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tree_sitter import Node

    from driftcheck.php.file import PhpFile
    from driftcheck.php.run.host import Host
    from driftcheck.php.run.worlds import Content, Facets

_WORK = 30_000_000
_MAX_DEPTH = 60


class Ended(Exception):  # noqa: N818 - as PHP's exit, it is no error
    """``exit``: the program ends."""


class Machine:
    """The state of the program in every world, and the turn that is being run.

    ``host`` answers for everything outside the program: files, constants, inputs, classes and functions of the
    surroundings. ``worlds`` is how many there are, ``work`` what they may do before
    the rest is not known.
    """

    def __init__(self, host: Host, worlds: int, work: int = _WORK) -> None:
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
        self.typed: dict[Slot, Node] = {}
        """The types of the properties that declare one."""
        self.classes = Classes(self)
        self.turn = Turn(0, self.everyone)
        self.frame = GlobalFrame(self)
        self.owned: dict[int, tuple[int, Any]] = {}
        self.references = False
        self._epoch = 0
        self._work = work
        self._depth = 0
        self._codes: dict[str, Code | None] = {}

    # -- cost ------------------------------------------------------------------------------------------------------

    def spend(self, work: int) -> None:
        """Take note of work. Raises NotEvaluated where there was too much."""
        self._work -= work
        if self._work < 0:
            raise NotEvaluated("too much work")

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

    def own(self, data: Any) -> int:  # noqa: ANN401 - an array
        """Note that nothing else holds an array, so that this turn may change it; the number grows with time."""
        self._epoch += 1
        self.owned[id(data)] = self._epoch, data
        return self._epoch

    def owner(self, data: Any) -> int:  # noqa: ANN401 - an array
        """When this turn made an array that nothing else holds; 0 for any other."""
        found = self.owned.get(id(data))
        return 0 if found is None else found[0]

    def escape(self, data: Any) -> None:  # noqa: ANN401 - whatever a value holds
        """An array is used as a value: from now on it may be held elsewhere."""
        if self.owned:
            self.owned.pop(id(data), None)

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

    def absent(self, name: str) -> Content:
        """What a global variable is that nothing assigned."""
        held = self.turn.read(self.lost)
        return self.host.absent(name) if held is MISSING else held

    def write(self, slot: Slot, content: Content) -> None:
        """Assign to the variable of a slot, which may be a reference to another."""
        turn = self.turn
        while slot.links:
            held = turn.read(slot)
            if held.__class__ is not Slot:
                break
            slot = held
        turn.writes[slot] = content

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
        return self._codes[path]

    @property
    def files(self) -> list[PhpFile]:
        """The files that were read, by their paths."""
        codes = [code for code in self._codes.values() if code is not None]
        return [code.file for code in sorted(codes, key=lambda code: code.path)]

    # -- turns -----------------------------------------------------------------------------------------------------

    def each(self, mask: int, run: Callable[[], Any], lost: Callable[[int, str], None]) -> list[tuple[int, Any]]:
        """Run something once for all worlds that are alike in what it reads; the answers with their worlds.

        Where it cannot be run, ``lost`` is told for which worlds and why. What is written is written at the end.
        """
        outcomes: list[tuple[int, dict[Slot, Content]]] = []
        answers: list[tuple[int, Any]] = []
        failed: list[tuple[int, str]] = []
        ended = 0
        while mask:
            turn = self.turn = Turn(first(mask), mask)
            self.owned.clear()
            try:
                answer = run()
                answers.append((turn.mask, answer))
                outcomes.append((turn.mask, turn.writes))
            except Ended:
                ended |= turn.mask
                outcomes.append((turn.mask, turn.writes))
            except (NotEvaluated, Undecided) as error:
                failed.append((turn.mask, str(error)))
            except RecursionError:
                failed.append((turn.mask, "nested too deep"))
            mask &= ~turn.mask
        commit(outcomes)
        self.ended |= ended
        for some, reason in failed:
            lost(some, reason)
        return answers

    def forget(self, names: Iterable[str] | None, mask: int, reason: str, code: Code, node: Node) -> None:
        """Make variables unknown in some worlds; without names, every one."""
        hole = Unknown(reason, code.source, place(node))
        if names is None:
            names = [*self.globals, *self.late]
            self.lost.put([(mask, hole)])
            for table in (self.functions, self.constants, self.events):
                for slot in table.values():
                    slot.put([(mask, hole)])
            self.classes.forget(mask, hole)
        for name in names:
            if name.startswith("@"):
                self.events.setdefault(name[1:], Slot(self.everyone)).put([(mask, hole)])
            else:
                self._forget(name, mask, hole)

    def _forget(self, name: str, mask: int, hole: Unknown) -> None:
        """Make a variable unknown, and all that it refers to, in elements of it too."""
        slot = self.variable(name)
        for other in referred(slot, mask):
            other.put([(mask, hole)])
