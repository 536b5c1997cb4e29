"""A walk over commits finds what evaluating each of them by itself finds: what it passes over, shares, and resumes."""

from __future__ import annotations

import collections
import gc
import random
from itertools import pairwise

import pytest
from support.git import Repo
from support.trees import DATE, LOAD, MemoryTree, tree

from driftcheck.core.kept import Kept
from driftcheck.history import follow as following
from driftcheck.history import store
from driftcheck.history.states import Walker
from driftcheck.layers.base import Options
from driftcheck.layers.extension.comparison import Comparison
from driftcheck.layers.extension.profiles import load
from driftcheck.mediawiki.tree import Tree
from driftcheck.php.program import Program
from driftcheck.snapshot.commits import Changed

WIKIS = ("dewiki", "enwiki", "frwiki")
OPTIONS = Options(load("ores"), DATE)
MODELS = "[ 'damaging' => [ 'enabled' => %s ], 'goodfaith' => [ 'enabled' => %s ] ]"
LEFT = (Comparison, Program, Tree)
LONG = "".join(f"\t'x{number}wiki' => [ 'bot' => [ 'right{number}' => true ] ],\n" for number in range(90))
ROWS = {  # every part of a tree, with what it may be
    "use": ("'wmgUseORES' => [ 'default' => true ],\n", "'wmgUseORES' => [ 'default' => false, 'some' => true ],\n"),
    "models": tuple(
        f"// {note}\n'wgOresModels' => [ 'default' => {MODELS % state}, '{tag}' => {MODELS % ('true', 'true')} ],\n"
        for note, tag, *state in (
            ("a", "some", "true", "true"), ("b", "some", "true", "true"), ("a", "frwiki", "true", "false"),
            ("a", "other", "false", "true"),
        )
        for state in [tuple(state)]
    ),
    "log": ("'wmgLog' => [ 'default' => [ 'ORES' => 'info' ] ],\n", "'wmgLog' => [ 'default' => [ 'ORES' => 'warn' ] ],\n"),
    "reader": ("'wgOther' => [ 'default' => 1 ],\n", "'wgOther' => [ 'default' => $wgOresModels ],\n"),
    "rights": tuple(f"'groupOverrides' => [\n{LONG}{more}],\n" for more in ("", "\t'enwiki' => [ 'a' => [] ],\n")),
    "scope": ("", "'wgOresExtra' => [ 'default' => 1, 'enwiki' => 2 ],\n"),
    "beta": ("", f"'wgOresModels' => [ 'default' => {MODELS % ('true', 'false')} ],\n", "'wgOther' => [ 'default' => 3 ],\n",
             "'wgOresExtra' => [ 'some' => 5, 'eswiki' => 6 ],\n", "'wgBroken' => [\n"),
    "common": (LOAD, f"/* a note */{LOAD}", LOAD + "$wgThird = 1;\n", LOAD + "$wgOresExtra = 7;\n",
               LOAD.replace("if (", "if ( $wgOther &&") + "$wgThird = 1;\n", LOAD + "$wgOresExtra = thing::class;\n",
               LOAD + "Extract( $wgMore );\n"),
    "more": ((), ("eswiki",), ("eswiki", "arwiktionary"), ("enwiktionary",)),
    "some": (("enwiki",), ("enwiki", "frwiki"), ()),
    "other": (("dewiki",), ()),
    "import": ("", "use A\\Other;\n", "use A\\ORES as Unused;\n", "use A\\Thing;\n"),
    "code": (("", ""), ("class", "// a note\nclass"), ("];\n\n\tpublic static", "];\n\tconst X = 1;\n\n\tpublic static"),
             ("'wiktionary'", "'frwiktionary'"), ("'wgLanguageCode'", "'wgOresExtra'"), ("'wikipedia' => 'wiki'", "'wiki'"),
             ("];\n\n\tprivate", "\t'unknown',\n];\n\n\tprivate"), ("$dblistsIndex[$dbName]", "$dblistsIndex"),
             ("return $settings;", "return [];"), ("class", "class {")),
    "new": (None, "<?php\n$wgFourth = 1;\n", "<?php\n$wgOresExtra = 1;\n"),
}  # fmt: skip


def made(state):
    """A tree of the parts that are named by their numbers."""
    part = {name: kinds[state[name]] for name, kinds in ROWS.items()}
    files = tree(
        "".join(part[name] for name in ("use", "models", "log", "reader", "rights", "scope")),
        part["beta"],
        common=part["import"] + part["common"],
        wikis=(*WIKIS, "itwiki", *part["more"]),
        beta_wikis=WIKIS,
        tags={"some": part["some"], "other": part["other"]},
        files={"wmf-config/new.php": part["new"]},
    )
    code = files["src/WmfConfig.php"].decode()
    assert part["code"][0] in code
    return {**files, "src/WmfConfig.php": code.replace(*part["code"], 1).encode()}


def walked(states):
    """The trees, and what changed in each against the one before it."""
    trees = [MemoryTree(made(state), revision=str(number)) for number, state in enumerate(states)]
    changes = [None]
    for one, other in pairwise(trees):
        both = one.files.keys() | other.files.keys()
        paths = frozenset(path for path in both if one.files.get(path) != other.files.get(path))
        changes.append(Changed(paths, frozenset(one.files.keys() ^ other.files.keys())))
    return zip(trees, changes, strict=True)


def drawn(seed, count):
    """States that follow one another, each another one in one part."""
    draw = random.Random(seed)
    state = {name: draw.randrange(len(kinds)) for name, kinds in ROWS.items()}
    for _ in range(count):
        yield state
        name = draw.choice(list(ROWS))
        state = state | {name: draw.randrange(len(ROWS[name]))}


@pytest.mark.unmeasured
def test_what_a_walk_passes_over_has_the_drift_of_the_commit_before_it():
    passed, first = 0, dict.fromkeys(ROWS, 0)
    broken_for_a_while = [first | {"code": kind} for kind in (0, 9, 1, 0, 8, 2, 9, 9, 0)]
    in_other_case = [first | {"common": 5, "import": kind} for kind in (0, 3, 1)] + [
        first,
        first | {"common": 6},
        first,
    ]
    for seed, states in enumerate([*(list(drawn(seed, 14)) for seed in range(4)), broken_for_a_while, in_other_case]):
        walker, found = Walker(OPTIONS), None
        for number, (files, changed) in enumerate(walked(states)):
            told = walker.stands(files, changed)
            passed += told is None
            found = found if told is None else told[0]
            whole = Walker(OPTIONS)
            whole._narrow = None
            assert found == whole.state(files)[0], (seed, number, states[max(0, number - 1)], states[number])
    assert passed > 13, "a walk that evaluates everything is of no use"


@pytest.fixture(scope="module")
def repo(tmp_path_factory):
    repo = Repo(tmp_path_factory.mktemp("r"))
    ids = []
    state = dict.fromkeys(ROWS, 0)
    for number, (name, kind) in enumerate([("log", 0), ("beta", 1), ("log", 1), ("beta", 4), ("beta", 0), ("scope", 1),
                                           ("reader", 1), ("beta", 3), ("scope", 0), ("models", 2), ("use", 1)]):  # fmt: skip
        state = state | {name: kind}
        ids.append(repo.commit({**made(state), "n": str(number)}, date=f"2017-11-{number + 1:02}T12:00:00Z"))
    return str(repo.root), ids


def followed(repo, kept=None, told=lambda done, total: None):
    root, ids = repo
    return following.follow(root, ids, OPTIONS, kept, told)


@pytest.fixture(scope="module")
def alone(repo):
    """What one process finds that keeps nothing."""
    return followed(repo)


def test_a_second_process_finds_the_same(repo, alone, monkeypatch):
    monkeypatch.setattr(following, "_MANY", 1)
    monkeypatch.setattr(following, "_PART", 2)
    monkeypatch.setattr(following.os, "cpu_count", lambda: 2)
    shared = followed(repo)
    assert (shared.parents, shared.changes) == (alone.parents, alone.changes)


def test_a_second_process_that_ends_leaves_its_work_to_the_first(repo, alone, monkeypatch):
    from driftcheck.history import helper

    monkeypatch.setattr(following, "_MANY", 1)
    monkeypatch.setattr(following, "_PART", 2)
    monkeypatch.setattr(following.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(helper.Helper, "ask", lambda self, stretch: self._process.kill())
    assert followed(repo).changes == alone.changes


def test_what_a_walk_evaluated_goes_without_a_garbage_collection(repo):
    """Thousands of evaluations leave nothing behind that only a collection finds, which took a tenth of a walk."""
    gc.collect()
    gc.disable()
    try:
        before = {id(one) for one in gc.get_objects() if isinstance(one, LEFT)}
        followed(repo)
        after = [one for one in gc.get_objects() if isinstance(one, LEFT) and id(one) not in before]
        assert not after, collections.Counter(type(one).__name__ for one in after)
    finally:
        gc.enable()


class KilledError(Exception):
    """The end of a run at any moment."""


@pytest.mark.unmeasured
def test_a_run_that_was_killed_goes_on_where_it_was_and_says_the_same(repo, alone, tmp_path, monkeypatch):
    real, counted = store.save, []
    stands = Walker.stands
    monkeypatch.setattr(following, "_SAVE_EVERY", 0)
    monkeypatch.setattr(Walker, "stands", lambda *a: counted.append(1) or stands(*a))
    for stop in range(1, len(repo[1]), 3):
        kept = Kept(tmp_path / str(stop), store.HISTORIES)

        def killed(done, _, stop=stop):
            if done == stop:
                monkeypatch.setattr(store, "save", lambda *_: None)  # a killed run saves nothing more
                raise KilledError

        with pytest.raises(KilledError):
            followed(repo, kept, killed)
        monkeypatch.setattr(store, "save", real)
        counted.clear()
        resumed = followed(repo, kept)
        assert resumed.parents == alone.parents
        assert {k: (v, alone.changes.get(k)) for k, v in resumed.changes.items() if alone.changes.get(k) != v} == {}, (
            stop
        )
        assert len(counted) < len(repo[1]) - stop + 8, (stop, "what was known is not walked again")


@pytest.mark.unmeasured
def test_files_that_are_damaged_or_foreign_are_none(repo, tmp_path):
    root, ids = repo[0], repo[1][:5]
    kept = Kept(tmp_path, store.HISTORIES)
    alone = followed((root, ids), kept)
    (file,) = tmp_path.rglob(store.name_of(OPTIONS))
    sound = file.read_text()
    assert alone.changes
    first = ids[1]
    for damaged in (
        "", sound[:-9], "[]", "null", '{"runs": 1}', "[" * 100_000, sound.replace('"runs"', '"run"'), sound.replace(first, "x"),
        sound.replace('["model-off-in-beta"', '[["model-off-in-beta"]'), sound.replace('"beta"', '"nobody"'),
        sound.replace('"states":{', '"states":{"x":[],'), "\udcff".join(sound[:200]),
    ):  # fmt: skip
        file.write_text(damaged, errors="surrogateescape")
        (file.parent / "foreign.json").write_text("{}")
        held = followed((root, ids), kept)
        assert (held.parents, held.changes) == (alone.parents, alone.changes), damaged[:80]
        assert (file.parent / "foreign.json").exists(), "what is not its own stays"
