"""What stands after each commit of a walk: the drift of both realms, evaluated where a commit can have changed it.

A commit that changes nothing of what the last evaluation asked for has the same drift. What cannot be evaluated is
not known, which is neither the end nor the beginning of anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import InputError
from driftcheck.history import code, services
from driftcheck.history.facts import NONE, NOTHING, Change, State, fact_of
from driftcheck.history.moved import mover
from driftcheck.history.narrow import Narrow, Narrowed
from driftcheck.layers.extension.days import beginning
from driftcheck.layers.extension.pages.shape import UNDETERMINED
from driftcheck.layers.extension.read import Run
from driftcheck.mediawiki.tree import SYNTAX_ERROR
from driftcheck.snapshot.commits import Commits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from driftcheck.core.model import Hole
    from driftcheck.history.facts import Fact
    from driftcheck.layers.base import Options
    from driftcheck.snapshot.commits import Changed, Commit, CommitTree

    Followed = tuple[Commit, "State | None", "Change | None"]

_MOST_ROUNDS = 8


class Walker:
    """Evaluates commits one after the other, with what it knows of the one before."""

    def __init__(self, options: Options) -> None:
        self._options = options
        profile = options.profile
        spellings = profile.spellings() if passes_over(options) else None
        names = filter(None, (profile.extension, profile.switch))
        self._narrow = None if spellings is None else Narrow(spellings, names, profile.elements)
        self._run: Run | None = None
        self._asked: dict[str, str | None] = {}
        self._listed: dict[str, list[str]] = {}
        self.evaluated, self.only_day = 0, False
        """How many were evaluated, and whether in the last one nothing differs but the day."""

    def learn(self, run: Run) -> None:
        """Take from a run over a whole tree what an evaluation uses."""
        self._learn(_Drafted(run))

    def stands(self, tree: CommitTree, changed: Changed | None) -> tuple[State, Run | None] | None:
        """What stands in a tree, with the run that found it; None where it is what stood in the last one."""
        date = self._options.date or self._day(tree)
        self.only_day = False
        if self._run is not None and changed is not None:
            differing = set(self._differing(self._seen(tree), changed))
            self.only_day = not differing and self._run.date != date
            if self._run.date == date and (not differing or self._makes_the_same(tree, self._run, differing)):
                return None
        options = self._options._replace(date=date)
        self.evaluated += 1
        try:
            drafted, seen = self._evaluated(tree, options)
            run, state = drafted.run, _state(drafted)
        except InputError as error:
            self._run, self._asked = None, {}
            return State(frozenset(), lost=str(error)), None
        self._remember(run, seen)
        return state, run

    def _day(self, tree: CommitTree) -> str:
        """The day of a tree; with the bundled defaults the first one that has the same defaults."""
        if self._options.extension_dir is not None:
            return tree.date()
        return beginning(self._options.profile.extension, tree.date())

    def state(self, tree: CommitTree) -> tuple[State, Run | None]:
        """What stands in a tree, which may be any."""
        found = self.stands(tree, None)
        assert found is not None
        return found

    def _differing(self, seen: Narrowed, changed: Changed) -> Iterator[str]:
        """The files, and the folders, of which the last evaluation asked and that are not the same now."""
        yield from (path for path in changed.paths & self._asked.keys() if seen.blob_id(path) != self._asked[path])
        for folder, names in self._listed.items():
            own = [path for path in changed.paths if path.startswith(f"{folder}/")]
            # A file that is not new may be listed now: it spells what it did not spell before.
            if any(path in changed.names or seen.lists(path) != (path in names) for path in own) and (
                seen.names(folder) != names
            ):
                yield folder

    def _makes_the_same(self, tree: CommitTree, old: Run, differing: set[str]) -> bool:
        """Whether what differs makes the same wikis, rows and services as for the last evaluation."""
        narrow, seen = self._narrow, self._seen(tree)
        if narrow is None or narrow.whole or not code.may_make_the_same(old, seen, narrow, differing):
            return False
        listed = services.lists(old)
        new = Run(seen, self._options._replace(date=old.date), old)
        try:
            if listed & differing and not services.gives_the_same(old, new, narrow.texts(tree, without=listed)):
                return False
            if not (differing <= listed or code.makes_the_same(old, new, narrow.words(tree))):
                return False
            if not code.reads_the_same(old, new, differing):
                return False
        except InputError:
            return False
        finally:
            new.config.release()
        known = {path: blob for path, blob in self._asked.items() if path not in differing}
        self._asked = {**known, **{path: seen.blob_id(path) for path in differing & self._asked.keys()}}
        self._asked |= new.snapshot.asked(self._asked)
        self._listed |= {folder: seen.names(folder) for folder in differing & self._listed.keys()}
        return True

    def _seen(self, tree: CommitTree) -> Narrowed:
        return Narrowed(tree, self._narrow)

    def _evaluated(self, tree: CommitTree, options: Options) -> tuple[_Drafted, Narrowed]:
        """A run over what matters of a tree. Raises InputError where the tree cannot be evaluated."""
        narrow = self._narrow
        if narrow is not None and not narrow.parsed:
            self._learned(tree, options)
        for _ in range(_MOST_ROUNDS):
            seen = self._seen(tree)
            try:
                drafted = _Drafted(Run(seen, options, self._run))
                learned, broken = self._learn(drafted), _broken(drafted.run)
                if not learned and not broken:
                    return drafted, seen
                drafted.run.release(self._run)
                if not learned:
                    break
            except InputError:
                if narrow is None or not self._learned(tree, options):
                    break
            self._run = None
        whole = Narrowed(tree, None)
        return _Drafted(Run(whole, options)), whole

    def _learned(self, tree: CommitTree, options: Options) -> bool:
        """Learn from a run over a whole tree, which is used for nothing else; as :meth:`_learn`."""
        drafted = _Drafted(Run(Narrowed(tree, None), options))
        try:
            return self._learn(drafted)
        finally:
            drafted.run.release()

    def _learn(self, drafted: _Drafted) -> bool:
        """Whether a run used something of which it may not have seen all."""
        if self._narrow is None:
            return False
        run = drafted.run
        used = [side.used for side in run.comparison.sides]
        names = set().union(*(names for names in used if names is not None))
        return self._narrow.learn(names, run.files, whole=None in used)

    def _remember(self, run: Run, seen: Narrowed) -> None:
        self._run, self._asked = run, run.snapshot.asked()
        self._listed = {folder: seen.names(folder) for folder in seen.listed}
        run.like = None
        kept = {id(source) for path in self._asked if (source := run.snapshot.read(path)) is not None}
        for source in [source for source in run.parses if id(source) not in kept]:
            del run.parses[source]


def passes_over(options: Options) -> bool:
    """Whether a walk looks at what matters of each commit alone, so that it evaluates few of them."""
    return options.until != "arrays" and options.profile.spellings() is not None


class _Drafted:
    """A run with what its rules say: they may read files that the evaluation did not."""

    def __init__(self, run: Run) -> None:
        self.run, self.drafts = run, list(run.drafts({run.layer: run}))


def _broken(run: Run) -> Hole | None:
    """The first place that is not PHP in the files that were parsed."""
    holes = (*run.production.holes, *run.config.tree.holes)
    return next((hole for hole in holes if hole.reason == SYNTAX_ERROR), None)


def _state(drafted: _Drafted) -> State:
    """What stands, by drafts: a difference of one wiki each."""
    drafts = drafted.drafts
    broken = _broken(drafted.run)
    if broken is not None:
        return State(frozenset(), lost=f"{broken.span}: {broken.reason}")
    unknown = frozenset((draft.setting, draft.dbname) for draft in drafts if draft.rule.id == UNDETERMINED.id)
    return State(frozenset(map(fact_of, drafts)), unknown)


def state_of(run: Run) -> State:
    """What stands, as a run has it."""
    return _state(_Drafted(run))


class Follower:
    """Follows first-parent commits in stretches; what it learned on one serves the next."""

    def __init__(self, root: str, ids: Sequence[str], options: Options, known: Mapping[str, State] = NONE) -> None:
        """``known`` is what stands at some commits."""
        self._ids, self._walker, self._commits, self._known = ids, Walker(options), Commits(root), dict(known)
        self._at, self._state = -1, NOTHING
        self._last: Run | None = None

    def stretch(self, start: int, end: int) -> Iterator[Followed]:
        """The state at the first commit, then what each one changed against the one before it; None for nothing.

        Where not all is known at the first commit, the stretch begins at one before it: what stood earlier stands on.
        """
        if self._at != start:
            self._begin(start)
        for commit, tree, changed in self._commits.trees(self._ids[self._at : end]):
            yield self._next(commit, tree, changed) if changed is not None else (commit, self._state, None)

    @property
    def standing(self) -> dict[str, State]:
        """What stands at the last commit that was followed, by its id."""
        return {self._ids[self._at]: self._state} if self._at >= 0 else {}

    def _begin(self, number: int) -> None:
        """Evaluate the commit at which a stretch begins: the next one back of which all is known, or the very first.

        What a walk before this one took to stand at a commit, though it was not known there, counts as known.
        """
        back = 1
        while True:
            name = self._ids[number]
            self._state, run = self._walker.state(self._commits.tree(name)[1])
            self._hold(run)
            if not self._state.lost and name in self._known:
                self._state = self._known[name]
                break
            if not number or not (self._state.lost or self._state.unknown):
                break
            number, back = max(0, number - back), back * 2
        self._at = number

    def close(self) -> None:
        """End the reader of the repository, and let go of the last run."""
        self._commits.close()
        self._hold(None)

    def _next(self, commit: Commit, tree: CommitTree, changed: Changed) -> Followed:
        self._at += 1
        found = self._walker.stands(tree, changed)
        if found is None:
            return commit, None, None
        side = mover(self._last, found[1], only_day=self._walker.only_day)
        change, self._state = _changed(self._state, found[0], side)
        if found[1] is not None:
            self._hold(found[1])
        return commit, None, change

    def _hold(self, run: Run | None) -> None:
        """Compare the next run with this one, if there is one; the one before it is let go of."""
        if self._last is not None:
            self._last.release(run)
        self._last = run


def _changed(old: State, new: State, side: Callable[[Fact], str]) -> tuple[Change | None, State]:
    """What began and ended, and what is known to stand since: what is not known any more is taken to stand on."""
    if new.lost:
        return Change({}, {}, new.lost), old
    if old.lost:
        return Change({}, {}, whole=new.facts), new
    gone = frozenset(fact for fact in old.facts - new.facts if (fact[1], fact[3]) not in new.unknown)
    came = new.facts - old.facts
    facts = (old.facts - gone) | came
    if not gone and not came:
        return None, State(facts, new.unknown)
    return Change({fact: side(fact) for fact in came}, {fact: side(fact) for fact in gone}), State(facts, new.unknown)
