"""Progress of a run: a line in a terminal after one second of waiting, and the time of each stage for -v."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from driftcheck.cli.streams import tell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from threading import Timer

_PATIENCE = 1.0
_ERASE = "\r\x1b[K"


class Stages:
    """Called with a stage's name, it is a context manager around that stage. Everything goes to standard error."""

    def __init__(self, *, quiet: bool = False, verbose: bool = False) -> None:
        self._watched = not quiet and _somebody_watches()
        self._verbose = verbose
        self._began = time.perf_counter()
        self._shown = False

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Around one stage. However it ends, what was shown is erased."""
        began = time.perf_counter()
        timer = self._announced(name) if self._watched else None
        try:
            yield
        finally:
            if timer is not None:
                timer.cancel()
                timer.join()  # after this nothing is drawn any more
            if self._shown:
                tell(_ERASE, end="")
                self._shown = False
        if self._verbose:
            tell(f"driftcheck: {time.perf_counter() - began:7.3f} s  {name}")

    def _announced(self, name: str) -> Timer:
        """A thread draws, so that one long stage is announced too."""
        from threading import Timer

        timer = Timer(max(0.0, _PATIENCE - (time.perf_counter() - self._began)), self._draw, [name])
        timer.daemon = True
        timer.start()
        return timer

    def _draw(self, name: str) -> None:
        self._shown = True
        tell(f"{_ERASE}driftcheck: {name} ...", end="")


def _somebody_watches() -> bool:
    """Whether standard error is a terminal that can erase a line, and no CI job's."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("CI")
