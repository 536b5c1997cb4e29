"""The command line: the only place that prints, exits, or reads the clock and the environment."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import NoReturn

import click

from driftcheck import __version__
from driftcheck.cli.streams import open_streams, tell

EXIT_USAGE, EXIT_INCOMPLETE, EXIT_INTERRUPTED = 2, 3, 130


_MODULES = {
    "check": "check",
    "show": "ask",
    "explain": "ask",
    "diff": "diff",
    "extensions": "extensions",
    "thresholds": "thresholds",
    "coverage": "coverage",
    "inputs": "inputs",
    "waive": "sign",
    "baseline": "sign",
    "fix": "fix",
    "trend": "trend",
    "blame": "blame",
    "history": "history",
    "verify": "verify",
    "rules": "reference",
    "schema": "reference",
    "init": "init",
}
"""The commands, each with the module of this package that has it."""


class _Commands(click.Group):
    """The commands by their names; a run needs one of them, and imports no other."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return sorted(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _MODULES:
            return None
        command: click.Command = getattr(import_module(f"driftcheck.cli.{_MODULES[cmd_name]}"), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """A word that begins with a sign is no command: before 8.2, click takes it for an option, and does nothing."""
        if not args[0][:1].isalnum():
            ctx.fail(f"No such command {args[0]!r}.")
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 clean, 1 findings, 2 usage or input, 3 incomplete, 130 interrupted.",
)
@click.version_option(__version__, prog_name="driftcheck")
def cli() -> None:
    """Compare the configuration of production and beta, and report what differs or is wrong.

    \b
    Examples:
      driftcheck check                              the work tree of the checkout in this directory
      driftcheck check --repo mw.git --rev HEAD     a revision, bare repositories too
      driftcheck explain frwiki wgOresModels.goodfaith
      driftcheck show enwiki --realm beta
      driftcheck rules model-off-in-beta
    """  # noqa: D301 - click takes the \\b for "do not wrap"


def main() -> None:
    """The entry point: every failure is one line on standard error, with the exit code that says its kind."""
    # A run makes a million objects, keeps nearly all of them and ends: looking for cycles among them is time lost.
    gc.disable()
    open_streams()
    try:
        cli.main(standalone_mode=False, prog_name="driftcheck")
    except click.exceptions.Abort:
        sys.exit(EXIT_INTERRUPTED)
    except click.ClickException as error:
        _refuse(error)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - the last line of defence
        _fail(error)
    finally:
        gc.freeze()  # nor is there anything to be found at the end, where Python looks once more: a tenth of the time


def _refuse(error: click.ClickException) -> NoReturn:
    """What click refuses, with the user's own words made visible."""
    from driftcheck.report.escape import visible

    context = getattr(error, "ctx", None)
    if context is not None:
        tell(f"{context.get_usage()}\nTry '{context.command_path} --help' for help.\n")
    tell(f"Error: {visible(error.format_message())}")
    sys.exit(EXIT_USAGE)


def _advice(error: OSError) -> str:
    if isinstance(error, (FileExistsError, NotADirectoryError, IsADirectoryError)):
        return "move away what stands in its place"
    return "free space or give permission"


def _fail(error: Exception) -> NoReturn:
    from driftcheck.core.model import InputError
    from driftcheck.report.escape import visible

    if isinstance(error, InputError):
        tell(f"driftcheck: {visible(str(error))}")
        sys.exit(error.exit_code)
    if isinstance(error, RecursionError):
        tell("driftcheck: the configuration is nested too deeply to be read; flatten it")
        sys.exit(EXIT_INCOMPLETE)
    if os.environ.get("DRIFTCHECK_DEBUG"):
        raise error
    if isinstance(error, OSError) and error.strerror:
        where = visible(str(error.filename)) if error.filename else "output"
        tell(f"driftcheck: {where}: {error.strerror}; {_advice(error)}, then run again")
        sys.exit(EXIT_USAGE)
    said = visible(f"{type(error).__name__}: {error}")[:300]
    tell(f"driftcheck: internal error: {said}; please report it with the output of DRIFTCHECK_DEBUG=1")
    sys.exit(EXIT_USAGE)
