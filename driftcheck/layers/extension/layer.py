"""The layer of extensions' settings: wmf-config of mediawiki-config, and what the extension's registration adds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Realm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftcheck.core.finding import Rule
    from driftcheck.layers.base import Opened, Options, Reading
    from driftcheck.layers.beside import Beside
    from driftcheck.layers.extension.read import Run
    from driftcheck.snapshot import Snapshot

_FILES = ("wmf-config/InitialiseSettings.php", "wmf-config/CommonSettings.php")


class Extension:
    """Both realms are one tree, beta with the overlay."""

    name = "extension"
    noun = "wiki"
    root = ""
    beside: tuple[Beside, ...] = ()

    def rules(self) -> tuple[Rule, ...]:
        """Drift first, then what is wrong in one realm."""
        from driftcheck.layers.extension.pages import RULES

        return RULES

    def recognises(self, tree: Snapshot) -> bool:
        """Whether a tree has the settings arrays, or the file that assigns."""
        return any(tree.blob_id(path) is not None for path in _FILES)

    def read(self, sides: Mapping[Realm, Opened], options: Options, like: Reading | None = None) -> Run:
        """A run over the tree: nothing is parsed before it is asked for."""
        from driftcheck.layers.extension.read import Run

        side = sides[Realm.PRODUCTION]
        return Run(side.tree, options, like if isinstance(like, Run) else None, side.path)

    def told(self, coverage: Mapping[str, int]) -> str:
        """The wikis that were compared, and how many have the extension where not all have."""
        if "wikis_compared" not in coverage:
            return ""
        on = coverage["extension_on_production"]
        both = f" ({on} in production, {coverage['extension_on_beta']} in beta)"
        return f"{coverage['wikis_compared']} wikis compared{'' if on == coverage['wikis_production'] else both}"

    def compares(self, coverage: Mapping[str, int]) -> bool:
        """Whether a wiki was compared."""
        return bool(coverage.get("wikis_compared"))
