"""Which setting the code beside a comment is about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from driftcheck.core.model import Source

_ROW = re.compile(r"\s*(?:['\"][-+]?(w[gm]\w+)['\"]\s*=>|\$(w[gm]\w+))")
_REACH = 200
"""How far above its value the name of a setting stands at most."""


def setting(source: Source, line: int) -> str:
    """The setting whose row, or assignment, holds a line; the glob for all where none is near."""
    for number in range(line, max(0, line - _REACH), -1):
        match = _ROW.match(source.line_text(number))
        if match is not None:
            return match[1] or match[2]
    return "*"
