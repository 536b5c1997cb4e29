"""What might remove a finding: edits with the values that they may change, to be proved."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.php.file import PhpFile

if TYPE_CHECKING:
    from driftcheck.core.model import Source, Span
    from driftcheck.repair.edits import Edit
    from driftcheck.snapshot import Snapshot


class Proposal(NamedTuple):
    """One way to remove a finding. ``told`` completes "To fix it, ..."."""

    told: str
    edits: tuple[Edit, ...]
    paths: tuple[str, ...] = ()
    """The settings, with the path to a part, whose value may change on the finding's wikis; without any, no value may."""

    written: tuple[Span, ...] = ()
    """Places in YAML whose values may change, wherever they end up."""

    switches: bool = False
    """Whether an extension is turned on or off, so that its settings appear or go on the finding's wikis."""

    carries: bool = False
    """Whether what is made of the setting may change with it, on the finding's wikis."""

    @property
    def quiet(self) -> bool:
        """Whether no value may change at all."""
        return not self.paths


class Files:
    """The files of the tree, each parsed once. ``beta_only`` are those that beta alone reads."""

    def __init__(self, tree: Snapshot, beta_only: frozenset[str] = frozenset()) -> None:
        self.tree, self.beta_only = tree, beta_only
        self.php = functools.cache(self._php)

    def _php(self, path: str) -> PhpFile:
        """A file of PHP. Raises InputError where it cannot be parsed."""
        return PhpFile(self.source(path))

    def source(self, path: str) -> Source:
        """A file that a finding names."""
        source = self.tree.read(path)
        assert source is not None, "a finding names files of its tree"
        return source
