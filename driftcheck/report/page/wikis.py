"""Lists of wikis on the HTML page: each one whole where it first appears, and compact for the script."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from driftcheck.report.escape import visible
from driftcheck.report.page.text import MAX_LINE, cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftcheck.core.finding import Finding
    from driftcheck.report.page.matrix import Matrix

MAX_NAMES, FEW_NAMES = 8_000, 12  # names on the whole page; a list too short to be told by reference


class WikiNames:
    """The lists of wikis: each one whole where it first appears, and compact for the script."""

    def __init__(self, findings: Sequence[Finding], matrix: Matrix) -> None:
        names = sorted({name for finding in findings for name in finding.wikis} | {name for name, _ in matrix.rows})
        self._number = {name: number for number, name in enumerate(names)}
        self._sets: dict[tuple[str, ...], tuple[int, int, str]] = {}
        self._of: list[int] = []
        self._left = MAX_NAMES

    def of(self, wikis: tuple[str, ...], number: int, anchor: str) -> dict[str, Any]:
        """How the wikis of a finding are told."""
        first = (len(self._sets), number, anchor)
        index, number, anchor = self._sets.setdefault(wikis, first)
        self._of.append(index)
        if index != first[0] and len(wikis) > FEW_NAMES:
            return {"count": len(wikis), "same": (number, anchor), "names": (), "more": 0}
        names = wikis if len(wikis) <= max(self._left, FEW_NAMES) else wikis[:FEW_NAMES]
        self._left -= len(names)
        return {"count": len(wikis), "same": None, "names": names, "more": len(wikis) - len(names)}

    def data(self) -> str:
        """What the script needs: names, sets as numbers or bits, and the set of each finding. No markup can be in it."""
        names = [visible(cut(name, MAX_LINE)) for name in self._number]
        text = json.dumps(
            {"wikis": names, "sets": [self._packed(wikis) for wikis in self._sets], "of": self._of},
            separators=(",", ":"),
        )
        return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")

    def _packed(self, wikis: tuple[str, ...]) -> list[int] | str:
        numbers = [self._number[name] for name in wikis]
        if len(numbers) <= len(self._number) // 24:
            return numbers
        bits = bytearray(len(self._number) // 8 + 1)
        for number in numbers:
            bits[number >> 3] |= 1 << (number & 7)
        return base64.b64encode(bits).decode("ascii")
