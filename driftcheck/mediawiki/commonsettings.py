"""The assignments of CommonSettings.php and CommonSettings-labs.php that reach the settings in scope.

The files are thousands of statements of which a handful matter: those that assign a setting in scope, and those
that assign what these and their guards use. Only they run, once for each group of wikis that is alike in every
variable they read. Guards have three values; an unknown guard makes the value unknown.
"""

from __future__ import annotations

import functools
import posixpath
import re
from typing import TYPE_CHECKING, Any

from driftcheck.core import reach
from driftcheck.core.model import LOADED, MISSING, Realm, Unknown, Value
from driftcheck.core.sizes import Sizes
from driftcheck.mediawiki.eras import loads_beta
from driftcheck.mediawiki.loading import EFFECTS, reach_of_statement
from driftcheck.php.evaluator import Evaluator
from driftcheck.php.slices import Slice, reads_only
from driftcheck.php.state import WORK, FileState
from driftcheck.php.statements import Executor
from driftcheck.php.surroundings import Surroundings
from driftcheck.php.writes import reach_of_builtin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tree_sitter import Node

    from driftcheck.core.model import Missing, Result, Source, Wiki
    from driftcheck.mediawiki.tree import Tree
    from driftcheck.php.evaluator import Lazy

_MAX_ROUNDS = 6
_RUNS = 2
"""So many times the work of a file is left for the runs of all groups of wikis together."""
_PER_WIKI = ("wgDBname", "lang", "site")
_SECRETS = "PrivateSettings.php"
SECRETS_LIST = "private/readme.php"
_VARIABLE = re.compile(rb"\$([A-Za-z_]\w*)")


class Scope(dict[str, "Result | Lazy"]):
    """Variables that remember which of them were looked at, and which were written."""

    def __init__(self, start: Mapping[str, Result | Lazy]) -> None:
        super().__init__(start)
        self.read: set[str] = set()
        self.written: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - as dict.get
        """A variable, noting that it was looked at."""
        self.read.add(name)
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self.read.add(str(name))
        return super().__contains__(name)

    def __setitem__(self, name: str, value: Result | Lazy) -> None:
        self.written.add(name)
        super().__setitem__(name, value)


class Assignments:
    """Runs the slice for every wiki of one realm.

    ``wanted`` tells which variables are settings in scope, ``elements`` are array elements in scope as
    (variable, key), ``extension`` the one whose loading is of interest, ``columns`` the settings that the arrays
    have in scope, ``more`` answers with the column of another setting of the arrays.
    """

    def __init__(
        self,
        tree: Tree,
        realm: Realm,
        wikis: Sequence[Wiki],
        *,
        wanted: Callable[[str], bool],
        elements: Sequence[tuple[str, str]],
        extension: str,
    ) -> None:
        self._tree, self._realm, self._wikis = tree, realm, wikis
        self._wanted, self._elements, self._extension = wanted, elements, extension
        self._loads = False
        self._mentioned: set[str] = set()
        self._left = _RUNS * WORK
        # What the realm, the wiki or MediaWiki itself sets: no statement and no setting is looked for that gives it.
        self.known = {*tree.environment(realm).variables, *_PER_WIKI, *(variable for variable, _ in elements)}
        self._slices = self._make_slices()

    def _make_slices(self) -> list[Slice]:
        layout = self._tree.layout
        paths = [layout.common, layout.common_beta] if self._realm is Realm.BETA else [layout.common]
        slices = [Slice(file) for file in map(self._tree.optional, paths) if file is not None]
        for part in slices:
            mentioned = part.mentioned(self._wanted)
            self._mentioned |= mentioned
            for name in mentioned:
                part.take(name)
            self._loads |= part.take_text(f"wfLoadExtension( '{self._extension}'".encode())
            for _, key in self._elements:
                part.take_text(f"'{key}'".encode())
        known = set(self.known)
        for _ in range(_MAX_ROUNDS):
            names = set().union(*(part.names for part in slices)) - known
            before = sum(len(part.starts) for part in slices)
            for part in slices:
                for name in names:
                    part.take(name)
            known |= names
            if sum(len(part.starts) for part in slices) == before:
                break
        return slices

    @functools.cached_property
    def followed(self) -> bool:
        """Whether the slice is all that could write what is in scope, or what decides it.

        Otherwise only a run of the whole file tells the values.
        """
        if self._tree.optional(self._tree.layout.common) is None:
            return True
        if self._extension and not self._loads:
            return not self._is_named()
        names = (self.reads - self.known) | self._mentioned
        if not all(part.follows(names) for part in self._slices):
            return False
        secrets = self._tree.snapshot.read(SECRETS_LIST)
        if secrets is not None and self._spells(secrets):
            return False
        return not any(self._writes(source, names) for source in self._others())

    def _is_named(self) -> bool:
        """Whether any file of the configuration spells the extension, so that code which is not followed may load it."""
        name = self._extension.encode()
        return any(name in source.text for source in (*(part.file.source for part in self._slices), *self._others()))

    def read_elsewhere(self) -> bool:
        """Whether a file that the slice leaves out spells a variable that is wanted: what it assigns may follow from that."""
        return any(map(self._spells, self._others()))

    def _others(self) -> Iterator[Source]:
        """The files of the configuration's folder that the slice leaves out."""
        layout = self._tree.layout
        ours = {layout.common, layout.common_beta, *map(layout.path, layout.overlays)}
        folder = posixpath.dirname(layout.common)
        for path in self._tree.snapshot.names(folder):
            name = path.removeprefix(f"{folder}/")
            # The secrets were for years a symbolic link to a file that no tree has.
            if name.endswith(".php") and "/" not in name and name != _SECRETS and path not in ours:
                source = self._tree.snapshot.read(path)
                if source is not None:
                    yield source

    def _writes(self, source: Source, names: set[str]) -> bool:
        """Whether a file that the slice leaves out may write a variable that is wanted, or one of these names."""
        if not self._spells(source) and names.isdisjoint(_spelled(source)):
            return False
        return not reads_only(self._tree.glimpse(source), lambda name: name in names or self._wanted(name))

    @property
    def overridden(self) -> bool:
        """Whether beta's own file assigns what is wanted: only a run of the whole tells what each statement changes."""
        own = self._tree.layout.common_beta
        return any(part.writes(self._wanted) for part in self._slices if part.file.source.path == own)

    def _spells(self, source: Source) -> bool:
        """Whether a file spells a variable that is wanted."""
        return self._tree.may_mention(source) and any(map(self._wanted, _spelled(source)))

    @property
    def reads(self) -> set[str]:
        """The variables that the statements mention: settings of the arrays among them must be resolved first."""
        return set().union(*(part.names for part in self._slices)) if self._slices else set()

    def apply(self, columns: Mapping[str, list[Result | Missing]]) -> dict[str, list[Result | Missing]]:
        """The columns after the assignments, with the extension's loading and the elements as columns of their own."""
        out = {name: list(column) for name, column in columns.items()}
        loaded = LOADED.format(self._extension)
        for name in [loaded, *(f"{variable}.{key}" for variable, key in self._elements)]:
            out[name] = [MISSING] * len(self._wikis)
        read = sorted(name for name in self.reads if name in columns)
        sizes = Sizes()
        memo: dict[tuple[str, ...], dict[tuple[object, ...], dict[str, Result | Missing]]] = {}
        for number, wiki in enumerate(self._wikis):
            outcome = self._remembered(memo, wiki, number, columns)
            if outcome is None:
                scope = self._run(wiki, number, columns, read)
                outcome = {name: sizes.bounded(held) for name, held in self._outcome(scope, loaded).items()}
                names = tuple(sorted(scope.read))
                memo.setdefault(names, {})[self._key(names, wiki, number, columns)] = outcome
            for name, value in outcome.items():
                out.setdefault(name, [MISSING] * len(self._wikis))[number] = value
        if not self._loads:
            del out[loaded]
            return out
        for number in range(len(self._wikis)):
            if out[loaded][number] is MISSING:
                out[loaded][number] = _NOT_LOADED
        return out

    def _key(
        self, names: tuple[str, ...], wiki: Wiki, number: int, columns: Mapping[str, list[Result | Missing]]
    ) -> tuple[object, ...]:
        """What a run that looked at these variables would see on a wiki."""
        replacements = dict(wiki.replacements)
        return tuple(
            id(columns[name][number])
            if name in columns
            else wiki.dbname
            if name == "wgDBname"
            else replacements.get(f"${name}")
            for name in names
        )

    def _remembered(
        self,
        memo: Mapping[tuple[str, ...], Mapping[tuple[object, ...], dict[str, Result | Missing]]],
        wiki: Wiki,
        number: int,
        columns: Mapping[str, list[Result | Missing]],
    ) -> dict[str, Result | Missing] | None:
        """The outcome of an earlier run that looked at the same values and nothing else."""
        for names, outcomes in memo.items():
            outcome = outcomes.get(self._key(names, wiki, number, columns))
            if outcome is not None:
                return outcome
        return None

    def _run(
        self, wiki: Wiki, number: int, columns: Mapping[str, list[Result | Missing]], read: Iterable[str]
    ) -> Scope:
        scope = Scope(self._tree.environment(self._realm).variables)
        scope["wgDBname"] = Value(wiki.dbname)
        scope.update({name[1:]: Value(text) for name, text in wiki.replacements})
        for name in read:
            value = columns[name][number] if name in columns else MISSING
            if value is not MISSING:
                scope[name] = value
        scope.written.clear()
        if not self._slices:
            return scope
        around = self._around(columns)
        for part, nodes in self._order:
            state = FileState(min(WORK, self._left))
            Executor(Evaluator(part.file, scope, around, state), only=part.starts, trace=True).run(nodes)
            self._left -= min(WORK, self._left) - state.left
        return scope

    @functools.cached_property
    def _order(self) -> list[tuple[Slice, list[Node]]]:
        """The statements that run, file by file: the labs file where CommonSettings.php loads it."""
        first, rest = self._slices[0], self._slices[1:]
        split = self._loads_beta(first.file.source.text)
        before = [node for node in first.statements if node.end_byte <= split]
        after = [node for node in first.statements if node.end_byte > split]
        return [(first, before), *((part, part.statements) for part in rest), (first, after)]

    def _loads_beta(self, code: bytes) -> int:
        """Where CommonSettings.php loads beta's file; the end where it does not say so."""
        layout = self._tree.layout
        stem = posixpath.basename(layout.common).removesuffix(".php")
        at = loads_beta(code, stem, layout.realms[Realm.BETA].in_code)
        return len(code) if at is None else at

    def _around(self, columns: Mapping[str, list[Result | Missing]]) -> Surroundings:
        """What the statements find around them: only those that matter run, and the others are taken to be harmless."""
        return Surroundings(
            constants=self._tree.outside.constants,
            unset=lambda name: name in columns or self._wanted(name),
            reach=reach_of_builtin,
            reach_of_statement=reach_of_statement,
            effects=EFFECTS,
            strict=False,
        )

    def _outcome(self, scope: Scope, loaded: str) -> dict[str, Result | Missing]:
        """What the run wrote that is in scope."""
        out: dict[str, Result | Missing] = {}
        for name in scope.written:
            value = dict.get(scope, name)
            if isinstance(value, (Value, Unknown)) and (self._wanted(name) or name == loaded):
                out[name] = MISSING if isinstance(value, Value) and value.data is None else value
        for variable, key in self._elements:
            array = dict.get(scope, variable)
            if isinstance(array, (Value, Unknown)) and (element := reach.get(array, key)) is not MISSING:
                out[f"{variable}.{key}"] = element
        return out


@functools.lru_cache(maxsize=64)
def _spelled(source: Source) -> frozenset[str]:
    """The variables that a file spells."""
    return frozenset(name.decode() for name in _VARIABLE.findall(source.text))


_NOT_LOADED = Value(False)
