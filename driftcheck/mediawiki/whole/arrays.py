"""The settings as the arrays leave them, for many wikis at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from driftcheck.core.model import MISSING, Unknown
from driftcheck.php.run.worlds import Facets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftcheck.mediawiki.settings import RealmConfig
    from driftcheck.php.run.worlds import Content


class Arrays(Mapping[str, Facets]):
    """The settings after the arrays, by the worlds that have each value; each is worked out when it is asked for."""

    def __init__(self, config: RealmConfig, copies: int = 1) -> None:
        """``copies`` is how often the wikis stand beside each other among the worlds."""
        count = len(config.wikis)
        self._config, self._everyone = config, (1 << count * copies) - 1
        self._copies = sum(1 << count * number for number in range(copies))
        self._rows: dict[str, list[str]] = {}
        for name in config.settings:
            self._rows.setdefault(name.removeprefix("+"), []).append(name)
        self._made: dict[str, Facets] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, name: str) -> Facets:
        made = self._made.get(name)
        if made is None:
            facets: list[tuple[int, Content]] = []
            # A row without a value on a wiki takes nothing from an earlier row of that name (`wgX` and `+wgX`).
            for row in self._rows[name]:
                new = self._facets(row)
                taken = 0
                for mask, _ in new:
                    taken |= mask
                facets = [*((mask & ~taken, content) for mask, content in facets if mask & ~taken), *new]
            made = self._made[name] = Facets(tuple(facets))
        return made

    def _facets(self, row: str) -> list[tuple[int, Content]]:
        setting = self._config.settings[row].get()
        if isinstance(setting, Unknown):
            return [(self._everyone, setting)]
        count = len(self._config.wikis)
        return [
            (self._everyone if len(numbers) == count else _mask(numbers) * self._copies, resolved.value)
            for resolved, numbers in self._config.resolver.groups(setting)
            if resolved.value is not MISSING
        ]


def _mask(numbers: Iterable[int]) -> int:
    """A mask of these worlds."""
    digits = bytearray()
    for number in numbers:
        place = number >> 3
        if place >= len(digits):
            digits.extend(bytes(place + 1 - len(digits)))
        digits[place] |= 1 << (number & 7)
    return int.from_bytes(digits, "little")
