"""What the functions and methods that are answered from outside ask their surroundings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftcheck.core.model import Realm, Value
    from driftcheck.mediawiki.inputs import Inputs
    from driftcheck.mediawiki.settings import RealmConfig
    from driftcheck.mediawiki.tree import Tree
    from driftcheck.php.run.library import Call
    from driftcheck.php.run.machine import Machine
    from driftcheck.php.run.worlds import Facets


class Around(Protocol):
    """The surroundings of a page view: the tree, the realm, and the settings as the arrays have them."""

    tree: Tree
    realm: Realm
    config: RealmConfig
    inputs: Inputs
    columns: Mapping[str, Facets]
    globals: Value
    """What stands for the variables of a wiki that the arrays make."""
    settings: Value
    """What stands for the arrays themselves."""

    def normalised(self, path: str) -> str:
        """A path without ``.`` and ``..`` in it."""

    def relative(self, path: str) -> str:
        """A path of the tree as the snapshot has it; any other stays."""

    def note(self, machine: Machine, event: str, held: Value) -> None:
        """Remember that something happens in the world of this turn."""

    def list_of(self, call: Call, name: str) -> Value:
        """The wikis of a dblist."""


def around(call: Call) -> Around:
    """The surroundings that a call is made in."""
    return call.frame.machine.host  # type: ignore[return-value] # the functions that ask are theirs alone
