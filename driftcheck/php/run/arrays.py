"""PHP's arrays as they are written to: the next index, elements that are references, and what may be changed in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from driftcheck.core.model import MISSING, Unknown, Value
from driftcheck.php.run.worlds import Slot
from driftcheck.php.state import MAX_ELEMENTS, MAX_NESTING
from driftcheck.php.values import INT_MAX, NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftcheck.core.model import Key, Step
    from driftcheck.php.run.machine import Machine

Held: TypeAlias = Any
"""What a slot or an element holds (worlds.Content), distinguished by its class."""


class PhpArray(dict):  # type: ignore[type-arg]
    """An array that remembers the index which ``[]`` gets (Zend/zend_hash.c, nNextFreeElement), and what it was put onto.

    ``base`` names the variable whose earlier content, from outside the program, the elements were added to.
    """

    __slots__ = ("base", "following")

    def __init__(self, items: Mapping[Key, Any] | None = None, following: int | None = None, base: str = "") -> None:
        super().__init__(items or {})
        self.following = next_index(items) if following is None and items else following or 0
        self.base = base


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
            raise NotEvaluated("an array that is too large")
        elements, nesting = len(array), 0
        for item in array.values():
            if item.__class__ is Value and isinstance(item.data, dict):
                inner, depth = known.get(id(item.data)) or weighed(item.data, around + 1)
                elements, nesting = elements + inner, max(nesting, depth)
        known[id(array)] = elements, nesting + 1
        return elements, nesting + 1

    total, deep = weighed(data, 1)
    if total > MAX_ELEMENTS or deep > MAX_NESTING:
        raise NotEvaluated("an array that is too large")
    return total


def copied(machine: Machine, data: Mapping[Key, Any]) -> PhpArray:
    """A copy of an array that may be changed. A reference that nothing else has any more becomes a plain element."""
    machine.spend(len(data))
    copy = PhpArray.__new__(PhpArray)
    dict.__init__(copy, data)
    copy.following = data.following if isinstance(data, PhpArray) else next_index(data)
    copy.base = data.base if isinstance(data, PhpArray) else ""
    if machine.references:
        for key, item in copy.items():
            if item.__class__ is Slot and item.bound < 2:
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
            content.bound -= 1
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
    data, epoch = writable(machine, content, epoch, base)
    key = keys[0]
    if key is None:
        key = data.following
        if key > INT_MAX:
            raise NotEvaluated("an element after the largest index")
    if key.__class__ is int and key < 0 and data.following == 0:
        raise NotEvaluated("a negative key in an array that may never have had another number as a key")
    item = data.get(key, MISSING)
    new = set_in(machine, item, keys[1:], value, step, epoch=epoch)
    place(data, key, new)
    return renewed(content, data, step)


def place(data: PhpArray, key: Key, item: object) -> None:
    """Set an element."""
    dict.__setitem__(data, key, item)
    if key.__class__ is int and key >= data.following:
        data.following = key + 1


def writable(machine: Machine, content: Held, epoch: int, base: str) -> tuple[PhpArray, int]:
    """An array that may be changed in place, with the number that tells what in it is newer than it. Raises NotEvaluated for what is no array."""
    if content is MISSING or content.data is None or content.data is False:
        fresh = PhpArray(base=base if content is MISSING else "")
        return fresh, machine.own(fresh)
    data = content.data
    if not isinstance(data, dict):
        raise NotEvaluated("an element of something that is not an array is written")
    owned = machine.owner(data)
    if owned > epoch and isinstance(data, PhpArray):
        return data, owned
    copy = copied(machine, data)
    return copy, machine.own(copy)


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
    data, epoch = writable(machine, content, epoch, "")
    if len(keys) == 1:
        gone = data.pop(keys[0])
        if gone.__class__ is Slot:
            gone.bound -= 1
    else:
        dict.__setitem__(data, keys[0], unset_in(machine, data[keys[0]], keys[1:], step, epoch=epoch))
    return renewed(content, data, step)


def slot_in(machine: Machine, content: Held, keys: list[Key | None], step: Step) -> tuple[Held, Slot]:
    """A reference to ``$variable[key][key]``, with what the variable holds from then on. Raises NotEvaluated where that is not known."""
    if content.__class__ is Slot:
        if not keys:
            return content, content
        inner, slot = slot_in(machine, machine.turn.read(content), keys, step)
        machine.put(content, inner)
        return content, slot
    if not keys:
        slot = Slot(machine.everyone)
        slot.bound = 1
        machine.turn.writes[slot] = Value(None) if content is MISSING else content
        machine.references = True
        return slot, slot
    if isinstance(content, Unknown):
        raise NotEvaluated(content.reason)
    data, _ = writable(machine, content, 1 << 60, "")
    key = data.following if keys[0] is None else keys[0]
    if key.__class__ is int and key > INT_MAX:
        raise NotEvaluated("an element after the largest index")
    inner, slot = slot_in(machine, data.get(key, MISSING), keys[1:], step)
    place(data, key, inner)
    return renewed(content, data, step), slot


def plain_array(machine: Machine, data: dict[Key, Any], within: tuple[Slot, ...] = ()) -> dict[Key, Any]:
    """An array without references, for what looks at values alone; ``within`` are the references that lead to it.

    Raises NotEvaluated for an array that contains itself.
    """
    if not machine.references:
        return data
    changed = {key: new for key, item in data.items() if (new := plain(machine, item, within)) is not item}
    return {**data, **changed} if changed else data


def plain(machine: Machine, item: Any, within: tuple[Slot, ...] = ()) -> Any:  # noqa: ANN401 - a result
    """A content without references, as :func:`plain_array`. Raises NotEvaluated for an array that contains itself."""
    while item.__class__ is Slot:
        if item in within:
            raise NotEvaluated("an array that contains itself")
        within = (*within, item)
        item = machine.turn.read(item)
    if item.__class__ is Value and isinstance(item.data, dict):
        inner = plain_array(machine, item.data, within)
        return item if inner is item.data else item.with_data(inner)
    return item


def shares(data: Mapping[Key, Any]) -> bool:
    """Whether an array has an element that is a reference which something else has too."""
    return any(
        item.bound > 1
        if isinstance(item, Slot)
        else isinstance(item, Value) and isinstance(item.data, dict) and shares(item.data)
        for item in data.values()
    )
