"""check --hook: the options that a hook of pre-commit stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.cli.common import usage
from driftcheck.cli.streams import tell

if TYPE_CHECKING:
    from driftcheck.cli.asked import Asked


def hooked(asked: Asked) -> Asked:
    """What a hook asks: the tree of the change, since the commits before it. An own --since stays. Raises a usage error."""
    from driftcheck.snapshot.hook import change

    if asked.rev or asked.staged or asked.at:
        raise usage("--hook finds out itself what to read; leave out --rev, --staged and --at")
    found = change(asked.repo)
    since = asked.since or found.before
    if found.revision == "HEAD" and not since:
        tell("driftcheck: the index equals HEAD, so everything in HEAD counts; --from-ref and --to-ref name a range")
    return asked._replace(rev=found.revision, staged=found.revision is None, since=since)
