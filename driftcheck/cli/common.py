"""What the commands share: the names that options give, and refusals."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from driftcheck.layers.extension.read import Run


def settings_exist(run: Run, globs: Sequence[str]) -> None:
    """Refuse a name that no setting has: a report of "no drift" for a misspelling would be wrong. Raises InputError."""
    from driftcheck.core.nearest import nearest

    for glob in globs:
        if not run.knows(glob):
            known = {name for names in run.setting_names() for name in names}
            near = nearest(glob, known) or "; driftcheck show --profile all lists them"
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


def moment(text: str | None, *, end: bool = True) -> str | None:
    """A moment that an option names: the end of a day (YYYY-MM-DD) or its beginning, or a time; UTC if it does not say.

    None for none.

    Raises a usage error for any other text.
    """
    if text is None:
        return None
    import datetime as dt

    try:
        if len(text) == len("YYYY-MM-DD"):
            held = dt.datetime.combine(_date(text), dt.time(23, 59, 59) if end else dt.time())
        else:
            held = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise usage(f"{text}: not a date or time; write YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ") from None
    return (held if held.tzinfo is not None else held.replace(tzinfo=dt.timezone.utc)).isoformat()


def usage(message: str) -> Exception:
    """A refusal: one line, exit code 2."""
    from driftcheck.core.model import InputError

    return InputError(message)


def rules_exist(names: Sequence[str]) -> None:
    """Refuse a rule id, or a glob of them, that nothing has. Raises a usage error."""
    from driftcheck.core.globs import matches
    from driftcheck.core.nearest import nearest
    from driftcheck.layers.registry import RULES

    for name in names:
        if not any(matches(rule, name) for rule in RULES):
            raise usage(f"{name}: no such rule{nearest(name, RULES)}; driftcheck rules lists them")


def content(path: str) -> bytes:
    """The bytes of a file that an option names. Raises InputError where there are none."""
    from driftcheck.core import files

    return files.content(Path(path), "name a file that exists")
