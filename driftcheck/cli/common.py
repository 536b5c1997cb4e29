"""What the commands share: the names that options give, where output goes, and refusals."""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from driftcheck.layers.extension.read import Run


def settings_exist(run: Run, globs: Sequence[str]) -> None:
    """Refuse a name that no setting has: a report of "no drift" for a misspelling would be wrong. Raises InputError."""
    from driftcheck.core.nearest import nearest

    for glob in globs:
        if not run.knows(glob):
            near = nearest(glob, run.setting_names()) or "; driftcheck show --profile all lists them"
            raise usage(f"{glob}: no setting of that name{near}")


def day(text: str | None) -> str | None:
    """A day that an option names, as YYYY-MM-DD; None for none. Raises a usage error for any other text."""
    if text is None:
        return None
    try:
        return _date(text).isoformat()
    except ValueError:
        raise usage(f"{text}: not a date; write it as YYYY-MM-DD") from None


def _date(text: str) -> dt.date:
    """A day as YYYY-MM-DD. Raises ValueError for the other ways of ISO 8601 too, such as 2027-W01-1."""
    import datetime as dt

    if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is None:
        raise ValueError(text)
    return dt.date.fromisoformat(text)


def moment(text: str | None) -> str | None:
    """A moment that an option names: the end of a day (YYYY-MM-DD), or a time of it; UTC if it does not say. None for none.

    Raises a usage error for any other text.
    """
    if text is None:
        return None
    import datetime as dt

    try:
        if len(text) == len("YYYY-MM-DD"):
            held = dt.datetime.combine(_date(text), dt.time(23, 59, 59))
        else:
            held = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise usage(f"{text}: not a date or time; write YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ") from None
    return (held if held.tzinfo is not None else held.replace(tzinfo=dt.timezone.utc)).isoformat()


def usage(message: str) -> Exception:
    """A refusal: one line, exit code 2."""
    from driftcheck.core.model import InputError

    return InputError(message)


@contextmanager
def output(path: str | None) -> Iterator[IO[str]]:
    """Where data goes: standard output, or a file that is named. Raises InputError where it cannot be written."""
    stream = _opened(path)
    try:
        yield stream
        stream.flush()
    except BrokenPipeError:
        # The reader has had enough, which is no error; nothing must be left to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
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


def rules_exist(names: Sequence[str]) -> None:
    """Refuse a rule id that nothing has. Raises a usage error."""
    from driftcheck.core.nearest import nearest
    from driftcheck.layers.registry import RULES

    for name in names:
        if name not in RULES:
            raise usage(f"{name}: no such rule{nearest(name, RULES)}; driftcheck rules lists them")


def content(path: str) -> bytes:
    """The bytes of a file that an option names. Raises InputError where there are none."""
    from driftcheck.core import files

    return files.content(Path(path), "name a file that exists")
