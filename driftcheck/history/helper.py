"""A second process that follows stretches of commits, where a walk is long and there is a second processor.

It is started afresh (docs/adr/0016), is told the repository, the commits and what is asked, and answers stretch by stretch. It ends
when the process that started it does.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import signal
from typing import TYPE_CHECKING

from driftcheck.history.states import Follower

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection

    from driftcheck.history.states import Followed
    from driftcheck.layers.base import Options

    Stretch = tuple[int, int]


class Helper:
    """The process; it follows one stretch at a time."""

    def __init__(self, root: str, ids: Sequence[str], options: Options) -> None:
        """Raises OSError where no process can be started."""
        fresh = multiprocessing.get_context("spawn")
        self._ours, theirs = fresh.Pipe()
        given = options._replace(inputs=dict(options.inputs))
        self._process = fresh.Process(target=_serve, args=(theirs, root, ids, given), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, stretch: Stretch) -> None:
        """Begin with a stretch. One that cannot be asked for any more has no answer."""
        with contextlib.suppress(OSError):
            self._ours.send(stretch)

    def ready(self) -> bool:
        """Whether the answer is there, or none will come."""
        return self._ours.poll()

    def answer(self) -> list[Followed] | None:
        """What each commit of the stretch changed; None where the process could not say it, or has ended."""
        try:
            found: list[Followed] | None = self._ours.recv()
        except (EOFError, OSError):
            return None
        return found

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self._ours.close()


def _serve(connection: Connection, root: str, ids: Sequence[str], options: Options) -> None:
    """Answer stretches until nobody asks any more. An error ends the process: the one that asks meets it by itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started this one ends it
    gc.set_threshold(1_000_000, 10, 5)
    follower = Follower(root, ids, options)
    with contextlib.suppress(Exception):
        while True:
            start, end = connection.recv()
            connection.send(list(follower.stretch(start, end)))
