"""This project's answers for programs, in the form in which PHP's come, and how the two are held against each other."""

from __future__ import annotations

import base64
import contextlib
import math
import signal
import struct
from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Source, Unknown, Value
from driftcheck.php.file import PhpFile
from driftcheck.php.run.host import Host
from driftcheck.php.run.machine import Machine
from driftcheck.php.run.objects import Closure, Instance
from driftcheck.php.run.program import Program
from driftcheck.php.run.worlds import Slot, Turn, first

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

UNKNOWN = {"?": True}
"""What stands for a part of a value that is not known."""


class Folder(Host):
    """Files that are given, in a folder; nothing else is there."""

    def __init__(self, files: dict[str, str], folder: str) -> None:
        super().__init__()
        self._files = {f"{folder}/{name}": text for name, text in files.items()}

    def file(self, path: str) -> PhpFile | None:
        text = self._files.get(path)
        return None if text is None else PhpFile(Source(path, text.encode("utf-8", "surrogateescape")))

    def has_function(self, name: str) -> bool:
        return name in ("random_int", "php_uname")

    def has_class(self, name: str) -> bool:
        return name.lower() == "closure"


def run(files: dict[str, str], folder: str, worlds: Sequence[dict[str, Any]] = ({},)) -> list[dict[str, Any]]:
    """The global variables after ``main.php``, in each of the worlds, which begin with these variables."""
    host = Folder(files, folder)
    machine = Machine(host, len(worlds), work=200_000)
    host.attach(machine)
    for name in sorted({name for world in worlds for name in world}):
        rows = [(1 << n, Value(world[name])) for n, world in enumerate(worlds) if name in world]
        machine.variable(name).put(rows)
    with _in_time(files["main.php"]):
        Program(machine).run(f"{folder}/main.php")
    return [_globals(machine, 1 << n) for n in range(len(worlds))]


def world(variables: dict[str, Any]) -> dict[str, Any]:
    """What a world begins with, arrays as this project holds them."""
    return {name: _held(item) for name, item in variables.items()}


def _held(item: Any) -> Any:
    return {key: Value(_held(inner)) for key, inner in item.items()} if isinstance(item, dict) else item


@contextlib.contextmanager
def _in_time(program: str, seconds: int = 10) -> Iterator[None]:
    """A program that takes long is a fault of its own."""

    def late(*_: object) -> None:
        raise AssertionError(f"it takes longer than {seconds} seconds: {program}")

    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _globals(machine: Machine, mask: int) -> dict[str, Any]:
    turn = machine.turn = Turn(first(mask), mask)
    held = {name: turn.plain(slot) for name, slot in machine.globals.items()}
    out = {name: plain(turn, content) for name, content in held.items() if content is not MISSING}
    if turn.read(machine.lost) is not MISSING:
        out["?"] = UNKNOWN
    return out


def plain(turn: Turn, content: Any, depth: int = 0) -> Any:
    """A content as the server writes it."""
    content = turn.plain(content)
    if isinstance(content, Unknown):
        return UNKNOWN
    assert isinstance(content, Value), content
    data: Any = content.data
    if isinstance(data, float):
        return {"f": struct.pack(">d", data).hex()}
    if isinstance(data, str):
        raw = data.encode("utf-8", "surrogateescape")
        return data if raw.decode("utf-8", "replace") == data else {"b": base64.b64encode(raw).decode()}
    if isinstance(data, dict):
        rows = [] if depth > 30 else data.items()
        return {"a": [[key, plain(turn, item, depth + 1)] for key, item in rows]}
    if isinstance(data, (Closure, Instance)):
        return {"o": "Closure" if isinstance(data, Closure) else data.name}
    assert not isinstance(data, Slot)
    return data


AGREED, PARTLY, WRONG = "agreed", "unknown", "wrong"


def held_against(ours: Any, php: Any) -> str:
    """Whether a value is PHP's, is not known (a part of it, and the rest is PHP's), or is wrong."""
    if ours == UNKNOWN:
        return PARTLY
    if not (isinstance(ours, dict) and isinstance(php, dict)) or "a" not in ours or "a" not in php:
        return AGREED if ours.__class__ is php.__class__ and _bare(ours) == _bare(php) else WRONG
    if [row[0] for row in ours["a"]] != [row[0] for row in php["a"]]:
        return WRONG
    if any(a.__class__ is not b.__class__ for (a, _), (b, _) in zip(ours["a"], php["a"], strict=True)):
        return WRONG
    return worst(held_against(a, b) for (_, a), (_, b) in zip(ours["a"], php["a"], strict=True))


def _bare(answer: Any) -> Any:
    """An answer without the sign of what is no number, which the processor gives it."""
    if isinstance(answer, dict) and "f" in answer and math.isnan(struct.unpack(">d", bytes.fromhex(answer["f"]))[0]):
        return math.nan.hex()
    return answer


def worst(answers: Any) -> str:
    """The worst of several answers."""
    return max(answers, key=(AGREED, PARTLY, WRONG).index, default=AGREED)


def compare(ours: dict[str, Any], php: dict[str, Any]) -> dict[str, str]:
    """The answer by the name of the variable. One that the program has unset, or never set, is there on neither side."""
    out = {}
    anything = "?" in ours
    for name in sorted({*ours, *php} - {"?"}):
        if name in ours and name in php:
            out[name] = held_against(ours[name], php[name])
        elif name in ours:
            out[name] = PARTLY if ours[name] == UNKNOWN else WRONG
        else:
            out[name] = PARTLY if anything else WRONG
    return out
