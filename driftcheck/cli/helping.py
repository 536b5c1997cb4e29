"""Help in sections, so that a reader of many options finds the one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Sectioned(click.Command):
    """A command whose help lists its options under headings; those under none come last."""

    def __init__(self, *arguments: Any, sections: Mapping[str, Sequence[str]], **keywords: Any) -> None:  # noqa: ANN401
        """``sections``: the names of options (as the function has them) by heading."""
        super().__init__(*arguments, **keywords)
        self.sections = sections

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, section by section."""
        rows = {str(option.name): row for option in self.get_params(ctx) if (row := option.get_help_record(ctx))}
        for heading, names in self.sections.items():
            with formatter.section(heading):
                formatter.write_dl([rows.pop(name) for name in names])
        with formatter.section("Other"):
            formatter.write_dl(list(rows.values()))
