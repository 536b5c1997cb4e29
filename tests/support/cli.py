"""The command line, in this process and in one of its own."""

from __future__ import annotations

import gc
import io
import os
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import click

from support import ROOT


@dataclass(frozen=True)
class Outcome:
    """What a process left behind."""

    code: int
    out: str
    err: str


def commands() -> dict[str, click.Command]:
    """Every command by its name."""
    from driftcheck.cli import cli

    context = click.Context(cli)
    return {name: command for name in cli.list_commands(context) if (command := cli.get_command(context, name))}


def driftcheck(*arguments: str, cwd: Path | None = None, **environment: str) -> Outcome:
    """The entry point in this process: its exit code, and what it writes to streams that are no terminal."""
    from driftcheck.cli import main

    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2)]
    before = Path.cwd()
    code: object = 0
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, environment))
        for name, new in (("argv", ["driftcheck", *arguments]), ("stdout", streams[0]), ("stderr", streams[1])):
            stack.enter_context(mock.patch.object(sys, name, new))
        stack.callback(os.chdir, before)
        stack.callback(gc.enable)
        os.chdir(cwd or before)
        try:
            main()
        except SystemExit as error:
            code = error.code or 0
    out, err = (stream.buffer.getvalue().decode() for stream in streams)
    assert isinstance(code, int), f"an exit code, not {code!r}"
    return Outcome(code, out, err)


def process(
    *arguments: str, before: str = "", timeout: float = 60, stdout: Any = subprocess.PIPE, **environment: str
) -> Outcome:
    """The command in a process of its own, where signals, crashes and real streams matter; ``before`` runs first."""
    done = subprocess.run(
        [sys.executable, "-c", f"{before}\nfrom driftcheck.cli import main; main()", *arguments],
        env=process_environment() | environment,
        stdout=stdout,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=timeout,
    )
    return Outcome(done.returncode, (done.stdout or b"").decode("utf-8"), done.stderr.decode("utf-8"))


def process_environment() -> dict[str, str]:
    """The environment in which a process finds this checkout."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}
