"""The files of one tree, each read and parsed once, as programs with what they need in scope."""

from __future__ import annotations

import functools
import posixpath
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Hole, IncompleteError, Realm, Source
from driftcheck.mediawiki.constants import Constants
from driftcheck.mediawiki.environment import MENTIONED, RealmVariables
from driftcheck.mediawiki.eras import ROOT, detect
from driftcheck.mediawiki.loading import reach
from driftcheck.php.evaluator import Lazy
from driftcheck.php.file import PhpFile
from driftcheck.php.program import Program
from driftcheck.php.surroundings import NOTHING_KNOWN, Surroundings
from driftcheck.php.values import to_str

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from driftcheck.core.model import Data, Missing, Result
    from driftcheck.mediawiki.eras import Layout
    from driftcheck.snapshot import Snapshot

SYNTAX_ERROR = "syntax error: this is not PHP that can be read"
"""Why a file is a hole that PHP itself would not load."""


class Tree:
    """Parsed files of a snapshot.

    What cannot be read of them is kept in ``holes``; ``outside`` is what their code finds around it.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        mentions: re.Pattern[bytes] | None = None,
        parses: dict[Source, PhpFile] | None = None,
        inputs: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """``mentions`` finds the settings in scope in a file's text; a required file without any is not parsed.

        ``parses`` are files that were parsed before, and takes those of this tree; ``inputs`` are given in place of what is assumed, as
        :func:`driftcheck.mediawiki.inputs.overrides` makes them.
        """
        self.snapshot, self.inputs = snapshot, inputs
        self.holes: list[Hole] = []
        constants = Constants(self.optional, lambda: self.layout.defines)
        self.outside = Surroundings(constants=constants, reach=reach, root=ROOT)
        self._mentions, self._parses = mentions, {} if parses is None else parses
        # What is no pattern, and each pattern by itself, is found much sooner. A bar that is no choice is escaped.
        parts = re.split(rb"(?<!\\)\|", mentions.pattern) if mentions is not None else []
        self._plain = [part for part in parts if part.isalnum()]
        self._patterns = [re.compile(part) for part in parts if not part.isalnum()]
        self._files: dict[str, PhpFile | None] = {}
        self._programs: dict[str, Program] = {}
        self._scoped: dict[str, bool] = {}
        self._spelling: dict[Source, bool] = {}
        self._realm_bound: dict[str, bool] = {}
        self._requirer: bool | None = None
        self._environments: dict[Realm, RealmVariables] = {}
        self._nothing = Program(PhpFile(Source("", b"<?php return [];")))

    @functools.cached_property
    def layout(self) -> Layout:
        """Where things are in the tree. Raises InputError where it is not a tree that driftcheck knows."""
        return detect(self.snapshot)

    def optional(self, path: str) -> PhpFile | None:
        """A parsed file, or None where there is none. What is not PHP in it becomes a hole."""
        if path not in self._files:
            source = self.snapshot.read(path)
            file = self._files[path] = None if source is None else self._parsed(source)
            where = next(file.errors(), None) if file is not None else None
            if source is not None and where is not None:
                self.holes.append(Hole(SYNTAX_ERROR, source.span(where)))
        return self._files[path]

    def _parsed(self, source: Source) -> PhpFile:
        if source not in self._parses:
            self._parses[source] = PhpFile(source)
        return self._parses[source]

    def glimpse(self, source: Source) -> PhpFile:
        """A parsed file that decides nothing: it is not one of ``paths``, and what is not PHP in it is no hole."""
        return self._files.get(source.path) or self._parsed(source)

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that were parsed."""
        return tuple(sorted(path for path, file in self._files.items() if file is not None))

    def required(self, path: str) -> PhpFile:
        """A parsed file that the chain needs. Raises IncompleteError where there is none."""
        file = self.optional(path)
        if file is None:
            raise IncompleteError(
                f"{path}: missing, and the configuration needs it; restore the file or correct what requires it"
            )
        return file

    def program(self, path: str, realm: Realm) -> Program:
        """A file with the variables in scope that CommonSettings.php would have set before loading it."""
        key = f"{realm.value}:{path}" if self._by_realm(path) else path
        if key not in self._programs:
            scope = self.environment(realm).variables if self._by_realm(path) else {}
            outside = self.outside
            if self._in_function(path):
                outside, scope = outside._replace(imported=_globals(scope)), {}
            load, whole = self._loader(realm), self._loader(realm, whole=True)
            self._programs[key] = Program(self.required(path), outside, scope, load=load, load_value=whole)
        return self._programs[key]

    def _in_function(self, path: str) -> bool:
        """Whether a function requires the file, since 2022: its variables are those of that function, and not global."""
        if self._requirer is None:
            source = self.snapshot.read(self.layout.generator)
            self._requirer = source is not None and b"function getStaticConfig" in source.text
        return self._requirer and posixpath.dirname(path) == self.layout.folder

    def _loader(self, realm: Realm, *, whole: bool = False) -> Callable[[Data], Program | None]:
        """Answers a path with its program; unless ``whole``, a table without a setting in scope is an empty one."""

        def load(path: Data) -> Program | None:
            name = posixpath.normpath(to_str(path)).removeprefix(f"{ROOT}/")
            return self.program(name, realm) if whole or self._in_scope(name) else self._nothing

        return load

    def may_mention(self, source: Source) -> bool:
        """Whether a file spells the name of a setting in scope."""
        if self._mentions is None:
            return True
        if source not in self._spelling:
            plain = any(part in source.text for part in self._plain)
            self._spelling[source] = plain or any(part.search(source.text) for part in self._patterns)
        return self._spelling[source]

    def _in_scope(self, path: str) -> bool:
        """Whether a file of the chain can hold a setting in scope: a name that it does not spell is not in it.

        A file that does not end as a table of settings ends is parsed whatever it spells: it may be cut off.
        """
        if self._mentions is None:
            return True
        if path not in self._scoped:
            source = self.snapshot.read(path)
            whole = source is not None and source.text.startswith(b"<?php") and source.text.rstrip().endswith(b"];")
            self._scoped[path] = source is None or not whole or self.may_mention(source)
        return self._scoped[path]

    @property
    def entire(self) -> bool:
        """Whether every setting is in scope."""
        return self._mentions is None

    def widened(self) -> Tree:
        """The same tree with every setting in scope; what is parsed and what cannot be read is kept together."""
        other = Tree(self.snapshot, None, self._parses, self.inputs)
        other.holes, other._files = self.holes, self._files
        return other

    def widen(self, names: set[str]) -> bool:
        """Bring more settings into scope by name; whether a file that was left out spells one of them."""
        spelled = [re.compile(rf"""['"][-+]?{re.escape(name)}['"]""".encode()) for name in sorted(names)]
        found = False
        for path, scoped in self._scoped.items():
            source = None if scoped else self.snapshot.read(path)
            if source is not None and any(pattern.search(source.text) for pattern in spelled):
                self._scoped[path] = found = True
        if found:
            self._programs.clear()
        return found

    def _by_realm(self, path: str) -> bool:
        """Whether a file mentions a variable that the realm sets."""
        if path not in self._realm_bound:
            source = self.snapshot.read(path)
            self._realm_bound[path] = source is not None and MENTIONED.search(source.text) is not None
        return self._realm_bound[path]

    def release(self) -> None:
        """Let go of the programs, of which nothing is asked any more: see :meth:`Program.release`."""
        for program in (*self._programs.values(), self._nothing):
            program.release()
        for environment in self._environments.values():
            environment.release()
        self._programs, self._environments, self._files = {}, {}, {}
        self.outside = NOTHING_KNOWN

    def environment(self, realm: Realm) -> RealmVariables:
        """The variables that the realm itself sets."""
        if realm not in self._environments:
            from driftcheck.mediawiki.inputs import Inputs

            given = Inputs.of(realm, self.inputs) if self.inputs else None
            self._environments[realm] = RealmVariables(
                realm, self.layout, self.snapshot, self.optional, self.outside, given
            )
        return self._environments[realm]


def _globals(variables: Mapping[str, Result | Lazy]) -> Callable[[str], Result | Missing]:
    """What a function finds of the variables that the realm sets."""

    def imported(name: str) -> Result | Missing:
        held = variables.get(name, MISSING)
        return held.force() if isinstance(held, Lazy) else held

    return imported
