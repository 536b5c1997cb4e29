"""How much a finding matters; a module of its own, because the command line asks for it before anything is read."""

from __future__ import annotations

import enum


class Severity(enum.IntEnum):
    """How much a finding matters, ordered."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        """The lower-case name."""
        return self.name.lower()
