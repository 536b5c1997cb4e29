"""Where output goes. A reader who leaves first, a closed stream and a full disk behind standard error do not change the exit code."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from driftcheck.cli.common import usage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.report.phpjson import Out


class _Patient:
    """A stream whose reader may leave: what is written afterwards goes nowhere, and the verdict still comes."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text."""
        with self._leaving():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Hand on what is written."""
        with self._leaving():
            self._stream.flush()

    @contextmanager
    def _leaving(self) -> Iterator[None]:
        """Whatever failed, nothing must be left to flush at exit."""
        try:
            yield
        except OSError as error:
            _nowhere(self._stream)
            if not isinstance(error, BrokenPipeError):
                raise


def _nowhere(stream: IO[str]) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def tell(text: str, *, end: str = "\n") -> None:
    """Write a line to standard error; where that is impossible, the exit code alone says what happened."""
    try:
        print(text, file=sys.stderr, end=end, flush=True)  # noqa: T201 - click's would raise again at exit
    except OSError:
        _nowhere(sys.stderr)


def open_streams() -> None:
    """Give a process whose standard streams are closed ones that lead nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115


@contextmanager
def output(path: str | None) -> Iterator[Out]:
    """Where data goes: standard output, or a file that is named. Raises InputError where it cannot be written."""
    stream = _opened(path)
    patient = _Patient(stream)
    try:
        yield patient
        patient.flush()
    finally:
        if path is not None:
            stream.close()


def _opened(path: str | None) -> IO[str]:
    if path is None:
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
        return sys.stdout
    try:
        return open(path, "w", encoding="utf-8", errors="backslashreplace")  # noqa: PTH123
    except OSError as error:
        raise usage(f"{path}: {error.strerror}; name a file that can be written with --output") from None


def write(text: str, path: str | None) -> None:
    """Print a text, or write it to a file that is named."""
    with output(path) as out:
        out.write(text)
