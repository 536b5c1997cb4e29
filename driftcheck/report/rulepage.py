"""The page of a rule, made from the rule itself: why, bad, good, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftcheck.core.finding import Example, Rule

_PARTS = (
    ("production", "InitialiseSettings.php"),
    ("beta", "InitialiseSettings-labs.php"),
    ("common", "CommonSettings.php"),
    ("common_labs", "CommonSettings-labs.php"),
)


def index(rules: Iterable[Rule]) -> str:
    """One line a rule: severity, id, summary."""
    rules = list(rules)
    width = max(len(rule.id) for rule in rules)
    return "".join(f"{rule.severity.label:8} {rule.id:{width}}  {rule.summary}\n" for rule in rules)


def page(rule: Rule) -> str:
    """A rule's page in Markdown."""
    return (
        f"# {rule.id}\n\n"
        f"Severity: {rule.severity.label}. Reports {rule.summary}.\n\n"
        f"## Why\n\n{rule.why}\n\n"
        f"## Bad\n\n{_example(rule.bad)}\n"
        f"## Good\n\n{_example(rule.good)}\n"
        f"## What to do\n\n{rule.fix}\n"
    )


def _example(example: Example) -> str:
    out = [f"Wikis in beta: {', '.join(example.beta_wikis)}.\n"] if example.beta_wikis != example.wikis else []
    for name, file in _PARTS:
        body = getattr(example, name)
        if body:
            out.append(f"{file}:\n\n```php\n{body.rstrip()}\n```\n")
    out += [f"dblists/{name}.dblist: {', '.join(wikis) or 'no wiki'}.\n" for name, wikis in example.lists]
    for realm, files in (("", example.files), (" in beta", example.files_beta)):
        out += [f"{path}{realm}:\n\n```yaml\n{text.rstrip()}\n```\n" for path, text in files]
    if example.profile:
        out.append(f"The profile:\n\n```yaml\n{example.profile.rstrip()}\n```\n")
    if example.statistics is not None:
        out.append(f"Checked with --statistics fixtures/{example.statistics}.\n")
    return "\n".join(out)
