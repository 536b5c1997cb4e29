"""What a layer is: the face that every layer shows to the engine, to the command line and to the reports.

A layer is a configuration that both realms have, with rules of its own. Layers share this face and no stages
(docs/adr/0008). To add one, write a package beside the others and name it in :data:`driftcheck.layers.LAYERS`.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from driftcheck.core.finding import Draft, Finding, Rule
    from driftcheck.core.model import Hole, Realm, Source
    from driftcheck.core.report import Expected, Report
    from driftcheck.layers.beside import Beside
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.extension.profiles import Profile
    from driftcheck.layers.records import Explanation, Records
    from driftcheck.snapshot import Snapshot
    from driftcheck.statistics.solve import Statistics

    Stage: TypeAlias = Callable[[str], AbstractContextManager[object]]
    """Called with the name of a stage, it is entered before that stage and left after it: a person can be told."""


class Options(NamedTuple):
    """What to evaluate: the profile, the day whose extension is meant, or a checkout of it; statistics of models."""

    profile: Profile
    date: str | None = None
    extension_dir: str | None = None
    statistics: Statistics | None = None
    stage: Stage = nullcontext
    inputs: Mapping[str, Any] = MappingProxyType({})
    """Values of inputs, in place of those that are assumed."""
    until: str = "normalized"
    """The last stage that is evaluated; after ``arrays`` the rules look at what the arrays of settings have."""
    everywhere: bool = False
    """Whether the wikis that one realm alone has are of interest too; a profile with a schema always looks at them."""


class Opened(NamedTuple):
    """A repository: its files, and how the user named it."""

    tree: Snapshot
    path: str


class Reading(Protocol):
    """What was read of one layer. ``sides`` are its repositories by realm, in the order in which they were named."""

    layer: str
    root: str = ""
    """As in :class:`Layer`."""
    sides: Mapping[Realm, Opened]
    stage: Stage = nullcontext
    inputs: Mapping[str, Any] = MappingProxyType({})
    """Values of inputs, in place of those that are assumed."""
    files: tuple[str, ...] = ()
    """The files that decided, where they are known only after the rules ran."""
    read_as: str | None = None
    """The revision whose name the places carry, where the files of another tree were taken over from a run over it."""

    day: str = ""
    """The day whose defaults of the extension hold, where the profile is about one."""

    @property
    def comparison(self) -> Comparison | None:
        """Both realms of the extension's settings, where this is the layer that has them."""
        return None

    def drafts(self, beside: Mapping[str, Reading]) -> Iterator[Draft]:
        """What every rule says. ``beside`` is what was read of each layer in this run, by the layer's name."""

    def incomplete(self, findings: Sequence[Finding]) -> Iterable[Hole]:
        """What could not be read or evaluated; ``findings`` are those of this layer."""

    def counted(self) -> dict[str, tuple[str, ...]]:
        """The wikis, or services, that were looked at, by the name of their number."""

    def coverage(self) -> dict[str, int]:
        """How much was looked at, by name."""
        return {name: len(names) for name, names in self.counted().items()}

    def expected(self) -> tuple[Expected, ...]:
        """What was meant to differ between the realms, as far as the rules that ran met it."""
        return ()

    def belongs(self, setting: str) -> str:  # noqa: ARG002 - the face
        """The extension, or core, that a setting belongs to; empty where that is not known."""
        return ""

    def unread(self) -> Iterable[Hole]:
        """What could not be read, whatever is asked of it."""
        return ()

    def sources(self, report: Report) -> Iterator[Source]:
        """Every file of configuration that was read: comments in it may be waivers."""

    def would_find(self, rule: Rule, setting: str, beside: Mapping[str, Reading]) -> bool:  # noqa: ARG002 - the face
        """Whether the run finds all that a rule can say about a setting, or a glob: what rules need, an extension has."""
        return not rule.needs or compared(beside) is not None

    def wikis(self) -> set[str]:
        """The wikis that the layer knows, in either realm."""

    def records(self, realm: Realm, until: str, names: Sequence[str] = ()) -> list[Records]:
        """What the realm has, for show: a record each environment. Where names are given, others may be left out."""

    def explain(self, name: str, setting: str) -> Explanation:
        """Why a setting of a wiki, or of a service, is what it is. Raises InputError for a name that nothing has."""
        from driftcheck.layers.records import explained

        records = [record for realm in self.sides for record in self.records(realm, "")]
        return explained(self.layer, records, name, setting.removeprefix(f"{self.root}."))

    def served(self) -> dict[Realm, set[str]]:
        """The wikis that a service of the layer answers for, by realm: a column of the matrix. Empty, there is none."""
        return {}


def compared(beside: Mapping[str, Reading]) -> Comparison | None:
    """The extension's settings, which other layers are held against; None where they were not read."""
    return next((held for reading in beside.values() if (held := reading.comparison) is not None), None)


class Layer(Protocol):
    """A configuration that both realms have. ``noun`` is what its records are about: a wiki, a service."""

    name: str
    noun: str
    root: str
    """The first part of what explain is asked about a record of the layer; empty for settings, which need none."""
    beside: tuple[Beside, ...]

    def rules(self) -> tuple[Rule, ...]:
        """The rules that the layer adds, in the order in which findings of equal severity are told."""

    def recognises(self, tree: Snapshot) -> bool:
        """Whether a tree is this layer's configuration."""

    def read(self, sides: Mapping[Realm, Opened], options: Options, like: Reading | None = None) -> Reading:
        """What is there. ``like`` is what was read of a tree that is nearly the same. Raises InputError."""

    def told(self, coverage: Mapping[str, int]) -> str:
        """How much was looked at, in words; empty where the layer was not read."""

    def compares(self, coverage: Mapping[str, int]) -> bool:
        """Whether anything of the layer was looked at."""
