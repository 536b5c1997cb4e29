"""The commands that print what driftcheck itself knows: rules and schema."""

from __future__ import annotations

import click

from driftcheck.cli import completion
from driftcheck.cli.common import rules_exist
from driftcheck.cli.streams import write


@click.command()
@click.argument("rule_id", required=False, metavar="[RULE]", shell_complete=completion.rules)
def rules(rule_id: str | None) -> None:
    """List the rules, or print the page of one.

    \b
    Examples:
      driftcheck rules                                    every rule, one line each
      driftcheck rules model-off-in-beta                  why it exists, bad and good, what to do
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.layers.registry import RULES
    from driftcheck.report import rulepage

    if rule_id is None:
        write(rulepage.index(RULES.values()), None)
        return
    rules_exist([rule_id])
    write(rulepage.page(RULES[rule_id]), None)


@click.command()
@click.argument("name", required=False, metavar="[NAME]", shell_complete=completion.schemas)
def schema(name: str | None) -> None:
    """List the published JSON schemas, or print one.

    \b
    Examples:
      driftcheck schema                                   their names
      driftcheck schema report-v1                         what check --format json prints
    """  # noqa: D301 - click takes the \\b for "do not wrap"
    from driftcheck.core import resources

    write("\n".join(resources.schema_names()) + "\n" if name is None else resources.schema_text(name), None)
