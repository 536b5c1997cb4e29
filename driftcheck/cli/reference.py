"""The commands that print what driftcheck itself knows: rules and schema."""

from __future__ import annotations

import click

from driftcheck.cli.common import rules_exist, write


@click.command()
@click.argument("rule_id", required=False, metavar="[RULE]")
def rules(rule_id: str | None) -> None:
    """List the rules, or print the page of one."""
    from driftcheck.report import rulepage
    from driftcheck.rules import RULES

    if rule_id is None:
        write(rulepage.index(RULES.values()), None)
        return
    rules_exist([rule_id])
    write(rulepage.page(RULES[rule_id]), None)


@click.command()
@click.argument("name", required=False, metavar="[NAME]")
def schema(name: str | None) -> None:
    """List the published JSON schemas, or print one."""
    from driftcheck import resources

    write("\n".join(resources.schema_names()) + "\n" if name is None else resources.schema_text(name), None)
