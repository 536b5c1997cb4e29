"""The reference of commands and options, taken from the command line itself."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import click

from driftcheck.cli import cli
from driftcheck.cli.helping import Sectioned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TOP = """# Reference

Every command with its options, as `driftcheck COMMAND --help` prints them. `GLOB` is a name with `*` and `?`; an option that
is repeatable may stand several times. [driftcheck.yaml](../schemas/configuration-v1.schema.json) sets defaults for `check`.

| command | |
|---|---|
"""


def page() -> str:
    """The page, in the order of ``driftcheck --help``."""
    # With its settings: a command keeps its option for help as it was first asked for, and every later call has that one.
    context = click.Context(cli, info_name="driftcheck", **cli.context_settings)
    commands = [(name, command) for name in cli.list_commands(context) if (command := cli.get_command(context, name))]
    index = "".join(f"| [{name}](#{name}) | {command.get_short_help_str(200)} |\n" for name, command in commands)
    return _TOP + index + "".join(_command(name, command, context) for name, command in commands)


def _command(name: str, command: click.Command, parent: click.Context) -> str:
    context = click.Context(command, info_name=name, parent=parent)
    usage = " ".join(command.collect_usage_pieces(context))
    parts = [f"\n## {name}\n", f"    driftcheck {name} {usage}\n", *_help(command.help or "")]
    for heading, options in _sections(command, context):
        title = f"{heading}:\n\n" if heading else ""
        rows = "".join(f"| `{_cell(option)}` | {_cell(text)} |\n" for option, text in options)
        parts.append(f"{title}| option | meaning |\n|---|---|\n{rows}")
    return "\n".join(parts)


def _help(text: str) -> Iterator[str]:
    """The paragraphs; one that is not to be wrapped is a heading with indented lines below it."""
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        if not paragraph.startswith("\b"):
            yield " ".join(paragraph.split("\n")) + "\n"
            continue
        _, title, *lines = paragraph.split("\n")
        yield f"{title}\n"
        yield "".join(f"    {line.strip()}\n" for line in lines)


def _sections(command: click.Command, context: click.Context) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    # The usage shows the arguments; whether they have records hangs on the version of click.
    records = {
        str(option.name): record
        for option in command.get_params(context)
        if isinstance(option, click.Option) and (record := option.get_help_record(context))
    }
    for heading, names in (command.sections if isinstance(command, Sectioned) else {}).items():
        yield heading, [records.pop(name) for name in names]
    yield "Other" if isinstance(command, Sectioned) else "", _without_help(records.values())


def _without_help(records: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [record for record in records if "--help" not in record[0]]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
