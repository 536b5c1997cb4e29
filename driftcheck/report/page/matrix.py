"""What the page's matrix shows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Matrix:
    """What became of each setting on each wiki: ``rows`` are a dbname and one letter a setting.

    ``=`` agrees, ``!`` diverges, ``w`` diverges and does not count, ``-`` no such wiki in beta, ``.`` nothing to
    compare. ``day`` is the day of the configuration.
    """

    settings: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    day: str = ""
