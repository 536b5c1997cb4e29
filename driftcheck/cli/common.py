"""What the commands share: the options that name a tree, the run over it, where output goes, and refusals."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from driftcheck.cli import completion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from driftcheck.engine import Options, Run
    from driftcheck.snapshot import Snapshot
    from driftcheck.statistics.solve import Statistics


def options(*options: Callable[..., Any]) -> Callable[..., Any]:
    """Several click options as one decorator, in the order given."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


tree_options = options(
    click.option(
        "--repo",
        default=".",
        is_eager=True,  # the configuration file is looked for from here
        show_default=True,
        metavar="PATH",
        help="A checkout of mediawiki-config, of an ORES configuration or of deployment-charts, or a bare repository.",
        shell_complete=completion.folders,
    ),
    click.option("--rev", metavar="REV", help="Read this git revision instead of the work tree."),
    click.option("--staged", is_flag=True, help="Read the git index instead of the work tree."),
    click.option(
        "--profile",
        "profile_name",
        default="ores",
        show_default=True,
        metavar="NAME",
        help="ores, all, or a profile's file.",
        shell_complete=completion.profiles,
    ),
    click.option(
        "--setting",
        "settings",
        multiple=True,
        metavar="GLOB",
        help="Only settings that match; repeatable.",
        shell_complete=completion.settings,
    ),
    click.option(
        "--extension-dir",
        metavar="PATH",
        help="A checkout of the extension, whose extension.json has the defaults.",
        shell_complete=completion.folders,
    ),
    click.option(
        "--extension-date",
        metavar="DATE",
        help="Use the bundled extension defaults of this day [default: the day of the commit].",
    ),
)


def options_of(given: dict[str, Any], statistics: Statistics | None = None) -> Options:
    """What the options ask to be evaluated."""
    from driftcheck.engine import Options
    from driftcheck.layers.extension.profiles import load

    profile = load(given["profile_name"], given["settings"])
    rules_exist(profile.rules)
    return Options(profile, day(given["extension_date"]), given["extension_dir"], given["repo"], statistics)


def tree_of(given: dict[str, Any]) -> Snapshot:
    """The tree that the options name. Raises a usage error where they exclude each other."""
    from driftcheck.snapshot import open_snapshot, revision_at

    revision, at = given["rev"], moment(given.get("at"))
    if (revision is not None) + given["staged"] + (at is not None) > 1:
        raise usage("use only one of --rev, --staged and --at")
    if at is not None:
        revision = revision_at(given["repo"], at)
    return open_snapshot(given["repo"], revision=revision, staged=given["staged"])


def settings_exist(run: Run, globs: Sequence[str]) -> None:
    """Refuse a name that no setting has: a report of "no drift" for a misspelling would be wrong.

    Raises a usage error for such a name.
    """
    for glob in globs:
        if not run.knows(glob):
            near = nearest(glob, run.setting_names()) or "; driftcheck show --profile all lists them"
            raise usage(f"{glob}: no setting of that name{near}")


def day(text: str | None) -> str | None:
    """A day that an option names, as YYYY-MM-DD; None for none. Raises a usage error for what is no day."""
    if text is None:
        return None
    import datetime as dt

    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise usage(f"{text}: not a date; write it as YYYY-MM-DD") from None


def moment(text: str | None) -> str | None:
    """A moment that an option names: the end of a day (YYYY-MM-DD), or a time of it; UTC if it does not say. None for none.

    Raises a usage error for what is neither.
    """
    if text is None:
        return None
    import datetime as dt

    try:
        if len(text) == len("YYYY-MM-DD"):
            held = dt.datetime.combine(dt.date.fromisoformat(text), dt.time(23, 59, 59))
        else:
            held = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise usage(f"{text}: not a date or time; write YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ") from None
    return (held if held.tzinfo is not None else held.replace(tzinfo=dt.timezone.utc)).isoformat()


def nearest(name: str, names: Any) -> str:  # noqa: ANN401 - any collection of names
    """Words that name what may have been meant; nothing where nothing is near."""
    import difflib

    close = difflib.get_close_matches(name, list(names), 3, 0.6)
    return f"; did you mean {' or '.join(close)}?" if close else ""


def usage(message: str) -> Exception:
    """A refusal: one line, exit code 2."""
    from driftcheck.core.model import InputError

    return InputError(message)


class output:  # noqa: N801 - reads as a noun in a with statement
    """Where data goes: standard output, or a file that is named."""

    def __init__(self, path: str | None) -> None:
        self._path = path

    def __enter__(self) -> Any:  # noqa: ANN401 - a text stream
        if self._path is None:
            sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
            self._stream: Any = sys.stdout
        else:
            try:
                self._stream = open(self._path, "w", encoding="utf-8", errors="backslashreplace")  # noqa: PTH123
            except OSError as error:
                raise usage(f"{self._path}: {error.strerror}; name a file that can be written with --output") from None
        return self._stream

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if self._path is None:
                self._stream.flush()
            else:
                self._stream.close()
        except BrokenPipeError:
            kind = BrokenPipeError
        if kind is BrokenPipeError:
            # The reader has had enough, which is no error; nothing must be left to flush at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)


def write(text: str, path: str | None) -> None:
    """Print a text, or write it to a file that is named."""
    with output(path) as out:
        out.write(text)


def rules_exist(names: Sequence[str]) -> None:
    """Check the ids of rules. Raises a usage error for an id that no rule has."""
    from driftcheck.layers.registry import RULES

    for name in names:
        if name not in RULES:
            raise usage(f"{name}: no such rule{nearest(name, RULES)}; driftcheck rules lists them")


def wikis_exist(run: Run | None, globs: Sequence[str], others: Iterable[str] = ()) -> None:
    """Check the names and globs of wikis.

    Raises a usage error for one that neither realm has, and none of the ``others`` is.
    """
    from fnmatch import fnmatchcase

    from driftcheck.core.model import Realm

    if not globs:
        return
    names = set(others)
    if run is not None:
        names |= {wiki.dbname for realm in Realm for wiki in run.config.realm(realm).wikis}
    for glob in globs:
        if not any(fnmatchcase(name, glob) for name in names):
            near = nearest(glob, names) or "; driftcheck show lists production's"
            raise usage(f"{glob}: no such wiki in either realm{near}")
