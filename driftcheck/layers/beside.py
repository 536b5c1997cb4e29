"""The options by which a layer is read beside the repository that --repo names. It is loaded at every start."""

from __future__ import annotations

from typing import NamedTuple

from driftcheck.core.model import Realm


class Beside(NamedTuple):
    """An option that names a repository of a layer beside the one that --repo names, and the realms that it serves."""

    option: str
    help: str
    realms: tuple[Realm, ...] = tuple(Realm)

    @property
    def parameter(self) -> str:
        """The option's name as a function has it."""
        return self.option.replace("-", "_")
