"""PHP's arrays as they are written to: the next index, elements that are references, and what may be changed in place."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias

from driftcheck.core.model import MISSING, Unknown, Value
from driftcheck.core.sizes import MAX_NESTING, TOO_LARGE
from driftcheck.php.run.worlds import PART, Slot
from driftcheck.php.state import MAX_ELEMENTS
from driftcheck.php.values import INT_MAX, NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftcheck.core.model import Key, Step
    from driftcheck.php.run.machine import Machine
    from driftcheck.php.run.worlds import Turn

Held: TypeAlias = Any
"""What a slot or an element holds (worlds.Content), distinguished by its class."""


class PhpArray(dict):  # type: ignore[type-arg]
    """An array that remembers the index which ``[]`` gets (Zend/zend_hash.c, nNextFreeElement), and what it was put onto.

    ``base`` names the variable whose earlier content, from outside the program, the elements were added to. ``born``
    is the number, which grows with time, of the first write to an array that one place alone holds since; ``made`` that
    of the copy. Both are 0 for any other.
    """

    __slots__ = ("base", "born", "following", "made")

    def __init__(self, items: Mapping[Key, Any] | None = None, following: int | None = None, base: str = "") -> None:
        super().__init__(items or {})
        self.following = next_index(items) if following is None and items else following or 0
        self.base = base
        self.born = self.made = 0


UNSURE = 1 << 70
"""The next index of an array of which that is not known: nothing can be appended to it."""
FRESH = ("array_filter", "array_values")
"""Functions of PHP whose arrays are new ones; others may hand on what an array remembers."""


def is_gapped(data: Mapping[Key, Any]) -> bool:
    """Whether an array's next index is not what its keys say."""
    return (
        isinstance(data, PhpArray)
        and data.following != max((key for key in data if key.__class__ is int), default=-1) + 1
    )


def next_index(data: Mapping[Key, Any]) -> int:
    """The index that ``[]`` gets. Raises NotEvaluated where the keys are negative and their history is not known."""
    if isinstance(data, PhpArray):
        return data.following
    numbers = [key for key in data if key.__class__ is int]
    if not numbers:
        return 0
    highest = max(numbers)
    if highest < 0:
        raise NotEvaluated("an element appended after negative keys")
    return highest + 1


def weight(data: Mapping[Key, Any]) -> int:
    """How many elements an array has with those of the arrays in it, each as often as it stands there.

    Raises NotEvaluated where they are too many, or nested too deep: sixty lines that put an array into itself twice make
    2 to the 60th.
    """
    known: dict[int, tuple[int, int]] = {}

    def weighed(array: Mapping[Key, Any], around: int) -> tuple[int, int]:
        if around > MAX_NESTING:
            raise NotEvaluated(TOO_LARGE)
        elements, nesting = len(array), 0
        for item in array.values():
            if item.__class__ is Value and isinstance(item.data, dict):
                inner, depth = known.get(id(item.data)) or weighed(item.data, around + 1)
                elements, nesting = elements + inner, max(nesting, depth)
        known[id(array)] = elements, nesting + 1
        return elements, nesting + 1

    total, deep = weighed(data, 1)
    if total > MAX_ELEMENTS or deep > MAX_NESTING:
        raise NotEvaluated(TOO_LARGE)
    return total


def copied(machine: Machine, data: Mapping[Key, Any], *, alone: bool = False) -> PhpArray:
    """A copy of an array that may be changed; ``alone``: it takes the place of the array, which nothing else holds.

    In another copy a reference that nothing else has any more becomes a plain element.
    """
    machine.spend(len(data))
    copy = PhpArray.__new__(PhpArray)
    dict.__init__(copy, data)
    copy.following = data.following if isinstance(data, PhpArray) else next_index(data)
    copy.base = data.base if isinstance(data, PhpArray) else ""
    copy.born = copy.made = 0
    if machine.references and not alone:
        held = [(key, item) for key, item in data.items() if item.__class__ is Slot]
        again = {item for item, times in Counter(item for _, item in held).items() if times > 1}
        for key, item in held:
            if not machine.turn.keeps(item, again=item in again):
                dict.__setitem__(copy, key, machine.turn.read(item))
    return copy


def set_in(
    machine: Machine,
    content: Held,
    keys: list[Key | None],
    value: Held,
    step: Step,
    *,
    epoch: int = 0,
    base: str = "",
) -> Held:
    """What a variable holds after ``$variable[key][key] = value``; a key of None appends. Raises NotEvaluated where PHP refuses the write."""
    if content.__class__ is Slot:
        if not keys and value.__class__ is Slot:  # the element becomes a name of another slot
            machine.turn.hold(content, parts=-1)
            return value
        machine.put(content, set_in(machine, machine.turn.read(content), keys, value, step))
        return content
    if not keys:
        return value
    if isinstance(content, Unknown):
        machine.turn.hole = True
        if value.__class__ is Slot:
            raise NotEvaluated(content.reason)
        return content
    if content is not MISSING and machine.host.stands_for(content.data):
        return content
    data = writable(machine, content, epoch, base)
    key = _index(data, keys[0])
    item = data.get(key, MISSING)
    new = set_in(machine, item, keys[1:], value, step, epoch=data.born)
    place(data, key, new)
    return renewed(content, data, step)


def _index(data: PhpArray, key: Key | None) -> Key:
    """The key that is written, None for the next. Raises NotEvaluated where PHP refuses it, or the next one would not be known."""
    if key is None:
        key = data.following
    if key.__class__ is int and key > INT_MAX:
        raise NotEvaluated("an element after the largest index")
    if key.__class__ is int and key < 0 and data.following == 0:
        raise NotEvaluated("a negative key in an array that may never have had another number as a key")
    return key


def place(data: PhpArray, key: Key, item: object) -> None:
    """Set an element."""
    dict.__setitem__(data, key, item)
    if key.__class__ is int and key >= data.following:
        data.following = key + 1


def writable(machine: Machine, content: Held, epoch: int, base: str) -> PhpArray:
    """An array that may be changed in place; ``epoch`` tells since when the array that it is in is held by one place alone. Raises NotEvaluated for what is no array."""
    if content is MISSING or content.data is None or content.data is False:
        return machine.own(PhpArray(base=base if content is MISSING else ""))
    data = content.data
    if not isinstance(data, dict):
        raise NotEvaluated("an element of something that is not an array is written")
    if not isinstance(data, PhpArray) or data.born <= epoch:
        return machine.own(copied(machine, data))
    if data.made > machine.begun:
        return data
    return machine.own(copied(machine, data, alone=True), data.born)


def renewed(content: Held, data: PhpArray, step: Step) -> Held:
    """The array in place of what was there, with the step that changed it."""
    if content is MISSING:
        return Value(data, None, 0, (step,))
    steps = content.steps
    if content.data is data and steps and steps[-1] is step:
        return content
    return Value(data, content.source, content.where, (*steps[-30:], step))


def unset_in(machine: Machine, content: Held, keys: list[Key], step: Step, *, epoch: int = 0) -> Held:
    """What a variable holds after ``unset( $variable[key][key] )``. Raises NotEvaluated for what is no array."""
    if content.__class__ is Slot:
        machine.put(content, unset_in(machine, machine.turn.read(content), keys, step))
        return content
    if isinstance(content, Unknown):
        machine.turn.hole = True
    if content is MISSING or isinstance(content, Unknown) or content.data is None:
        return content
    if not isinstance(content.data, dict):
        raise NotEvaluated("an element of something that is not an array is unset")
    if keys[0] not in content.data:
        return content
    data = writable(machine, content, epoch, "")
    if len(keys) == 1:
        gone = data.pop(keys[0])
        if gone.__class__ is Slot:
            machine.turn.hold(gone, parts=-1)
    else:
        dict.__setitem__(data, keys[0], unset_in(machine, data[keys[0]], keys[1:], step, epoch=data.born))
    return renewed(content, data, step)


def slot_in(machine: Machine, content: Held, keys: list[Key | None], step: Step, epoch: int = 0) -> tuple[Held, Slot]:
    """A reference to ``$variable[key][key]``, with what the variable holds from then on. Raises NotEvaluated where that is not known."""
    if content.__class__ is Slot:
        if not keys:
            return content, content
        inner, slot = slot_in(machine, machine.turn.read(content), keys, step)
        machine.put(content, inner)
        return content, slot
    if not keys:
        slot = Slot(machine.everyone, first=PART)
        machine.turn.writes[slot] = Value(None) if content is MISSING else content
        machine.references = True
        return slot, slot
    if isinstance(content, Unknown):
        raise NotEvaluated(content.reason)
    data = writable(machine, content, epoch, "")
    key = _index(data, keys[0])
    inner, slot = slot_in(machine, data.get(key, MISSING), keys[1:], step, data.born)
    place(data, key, inner)
    return renewed(content, data, step), slot


def plain_array(machine: Machine, data: dict[Key, Any]) -> dict[Key, Any]:
    """An array without references, for what looks at values alone. Raises NotEvaluated for one that contains itself, or is too deep."""
    return _Plain(machine.turn).array(data, ()) if machine.references else data


def plain(machine: Machine, item: Any) -> Any:  # noqa: ANN401 - a result
    """A content without references, as :func:`plain_array`."""
    return _Plain(machine.turn).content(item, ())


class _Plain:
    """Takes references out of contents; an array that stands in many places is looked at once."""

    def __init__(self, turn: Turn) -> None:
        self._turn, self._made, self._depth = turn, dict[int, "dict[Key, Any]"](), 0

    def array(self, data: dict[Key, Any], within: tuple[Slot, ...]) -> dict[Key, Any]:
        """The array; ``within`` are the references that lead to it."""
        if id(data) not in self._made:
            self._depth += 1
            if self._depth > MAX_NESTING:
                raise NotEvaluated(TOO_LARGE)
            changed = {key: new for key, item in data.items() if (new := self.content(item, within)) is not item}
            self._made[id(data)] = {**data, **changed} if changed else data
            self._depth -= 1
        return self._made[id(data)]

    def content(self, item: Any, within: tuple[Slot, ...]) -> Any:  # noqa: ANN401 - a result
        """The content, of a reference what it refers to."""
        while item.__class__ is Slot:
            if item in within:
                raise NotEvaluated("an array that contains itself")
            within = (*within, item)
            item = self._turn.read(item)
        if item.__class__ is Value and isinstance(item.data, dict):
            inner = self.array(item.data, within)
            return item if inner is item.data else item.with_data(inner)
        return item


def shares(turn: Turn, data: Mapping[Key, Any]) -> bool:
    """Whether an array has an element that is a reference which something else has too."""
    pending, seen = [data], {id(data)}
    while pending:
        for item in pending.pop().values():
            if item.__class__ is Slot:
                if turn.holders(item).shared:
                    return True
            elif item.__class__ is Value and isinstance(item.data, dict) and id(item.data) not in seen:
                seen.add(id(item.data))
                pending.append(item.data)
    return False
