"""Text from outside on its way to a reader: what could take effect is made visible instead."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from driftcheck.core.characters import without_hidden
from driftcheck.core.disposition import Active, Baselined, Preexisting, Waived
from driftcheck.core.model import MISSING, Input, Parts, Unknown, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftcheck.core.disposition import Disposition
    from driftcheck.core.finding import Finding, Side
    from driftcheck.core.model import Missing, Result, Span

# What a CI runner obeys when any of our formats is printed into its log. GitHub's runner takes "::name" after leading
# space, so that a wrapped line is enough, and "##[name]" anywhere in a line (actions/runner, ActionCommand.cs: TryParseV2
# and TryParse); Azure takes "##vso[", TeamCity "##teamcity[". A "::" before anything else stays: PHP is full of them.
_RUNNER = re.compile(
    r"(?<=:):(?=add-|debug|echo|endgroup|error|group|internal-|notice|remove-|save-|set-|stop-|warning)"
    r"|(?<=#)#(?=\[|vso\[|teamcity\[)",
    re.IGNORECASE,
)
_MAX_VALUE = 2000
# The longest path that Linux opens.
_MAX_PATH = 4096


def visible(text: str) -> str:
    """The text with every character that a terminal, or a CI runner that reads its log, could obey written as an escape."""
    text = without_hidden(text, _escape)
    return _RUNNER.sub(lambda match: _escape(match[0]), text) if "::" in text or "##" in text else text


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{{{code:x}}}"


def short(text: str, limit: int) -> str:
    """The visible text, cut to a length. Only what is shown is looked at, so ten megabytes cost nothing."""
    head = visible(text[: limit + 1])
    return head if len(head) <= limit else f"{head[: limit - 3]}..."


def in_words(part: object, limit: int = _MAX_VALUE) -> str:
    """What JSON has no form for: what is not known, and an input by its name."""
    return f"(unknown: {short(part.words, limit)})" if isinstance(part, Unknown) else short(str(part), limit)


def shown(value: Result | Missing, limit: int = _MAX_VALUE) -> str:
    """A value on one line, as JSON; what JSON has no form for in words."""
    if value is MISSING:
        return "(absent)"
    held = plain(value)
    if isinstance(held, (Unknown, Input, Parts)):
        return in_words(held, limit)
    return short(json.dumps(held, ensure_ascii=False, default=in_words), limit)


def title(finding: Finding, limit: int = 200) -> str:
    """The setting with the path below it, as the configuration's owners name it."""
    return short(f"{finding.setting}.{finding.path}" if finding.path else finding.setting, limit) or "(no name)"


def listed(names: Sequence[str], most: int = 20, limit: int = 64) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(short(name, limit) for name in names[:most]) + more


def since(finding: Finding, most: int) -> str:
    """The commit that brought a finding and who moved, where that was asked."""
    return f"since {short(finding.brought.words, most)}" if finding.brought is not None else ""


def reach(finding: Finding) -> str:
    """The wikis of a finding, counted, as the end of a line; empty where it has none."""
    return f"wikis ({len(finding.wikis)}): {listed(finding.wikis)}" if finding.wikis else ""


def told(finding: Finding) -> tuple[tuple[str, Side], ...]:
    """The sides that the finding is about: both where realms are compared, else those with a value or a place."""
    sides = (("production", finding.production), ("beta", finding.beta))
    both = finding.rule.compares
    return tuple((role, side) for role, side in sides if both or side.span is not None or side.value is not MISSING)


def held(finding: Finding, side: Side, limit: int = _MAX_VALUE) -> str:
    """A side's value; empty where a finding about one realm has a place and no value: nothing is absent there."""
    return "" if side.value is MISSING and not finding.rule.compares else shown(side.value, limit)


def place(span: Span, limit: int = 200) -> str:
    """A path and a line; a path that is too long loses its end, never its line."""
    return f"{short(span.path, limit)}:{span.line}"


def relative(path: str) -> str:
    """A path as seen from the repository's root: no empty parts, no ".", no leading slash that names another host."""
    return "/".join(part for part in path[:_MAX_PATH].split("/") if part not in {"", "."}) or "."


def standing(held: Disposition) -> str:
    """Why a finding does not count, in one line; empty if it does."""
    from driftcheck.core.finding import assert_never

    match held:
        case Active():
            text = ""
        case Waived(waiver):
            task = f" ({short(waiver.task, 40)})" if waiver.task else ""
            signed = f"waived until {short(waiver.until, 40)} by {short(waiver.owner, 80)}{task}"
            text = f"{signed}: {short(waiver.reason, 500)}"
        case Baselined(path):
            text = f"in the baseline {short(path, 200)}"
        case Preexisting(revision):
            text = f"already in {short(revision, 80)}"
        case _:
            assert_never(held)
    return text
