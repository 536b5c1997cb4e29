"""ORES service folders: yamlconf, which ORES used, decides what they mean; on top come places, and names looked up.

Set DRIFTCHECK_ORES_DEPLOY and DRIFTCHECK_ORES_WMFLABS_DEPLOY to clones of the two deployment repositories to hold
every revision of theirs against yamlconf.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import closing

import pytest
import yaml
import yamlconf
from hypothesis import given
from hypothesis import strategies as st
from support import FIXTURES
from support.git import write
from support.trees import MemoryTree

from driftcheck.core.model import IncompleteError, InputError, Op
from driftcheck.layers.service import read as ores
from driftcheck.snapshot import open_snapshot
from driftcheck.yaml.values import as_yaml

CORPUS = FIXTURES / "ores"
MINIATURES = sorted(path.name for path in CORPUS.iterdir() if path.is_dir())
CLONES = {name: os.environ.get(name, "") for name in ("DRIFTCHECK_ORES_DEPLOY", "DRIFTCHECK_ORES_WMFLABS_DEPLOY")}
MAIN = "config/00-main.yaml"


def load(files, overlay=None):
    return ores.load(MemoryTree(files), overlay=None if overlay is None else MemoryTree(overlay))


def as_words(data):
    """What YAML holds, with keys that are words as JSON has them."""
    if isinstance(data, dict):
        return {
            key if isinstance(key, str) else yaml.safe_dump(key).split("\n")[0]: as_words(v) for key, v in data.items()
        }
    return [as_words(item) for item in data] if isinstance(data, list) else data


def agree(texts, config):
    expected = yamlconf.loads(*texts)
    assert repr(as_words(expected)) == repr(as_yaml(config.document)), "the same values and types in the same order"


def miniature(name):
    with closing(open_snapshot(str(CORPUS / name))) as snapshot:
        return ores.load(snapshot)


@pytest.mark.parametrize("name", MINIATURES)
def test_yamlconf_has_the_same_of_the_miniatures(name):
    config = miniature(name)
    assert len(config.contexts) == 7
    agree([(CORPUS / name / path).read_text("utf-8") for path in config.files], config)


MERGES = {
    "maps merge and the later word counts": ("a: {b: 1, c: {d: 2}}\n", "a: {c: {e: 3}, b: 4}\n"),
    "a list replaces a list": ("a: {b: [1, 2]}\n", "a: {b: [3]}\n"),
    "null replaces a map": ("a: {b: {c: 1}}\n", "a: {b: null}\n"),
    "a map replaces null": ("a: {b: null}\n", "a: {b: {c: 1}}\n"),
    "a list replaces an empty map": ("a: {b: {}}\n", "a: {b: [enwiki]}\n"),
    "defaults go under every map of the group": ("a: {defaults: {x: 1, y: {z: 2}}, b: {y: {w: 3}}, c: {}, d: 4, e: [5]}\n",),
    "defaults of one file go under items of another": ("a: {b: {c: 1}}\n", "a: {defaults: {c: 2, d: 3}}\n"),
    "defaults that are replaced": ("a: {defaults: {x: 1}, b: {}}\n", "a: {defaults: {x: 2}}\n"),
    "defaults are of the first level only": ("a: {b: {defaults: {x: 1}, c: {}}}\n",),
    "defaults without items": ("a: {defaults: [1], b: 2}\nc: 3\n",),
    "groups that are no maps": ("a: 1\n", "b: [2]\n"),
    "keys that are no words": ("a: {on: 1, 2: {}, null: 3, defaults: {true: x}}\n",),
}  # fmt: skip


@pytest.mark.parametrize("texts", MERGES.values(), ids=MERGES)
def test_yamlconf_has_the_same_of_merges(texts):
    agree(texts, load({f"config/{number:02}.yaml": text for number, text in enumerate(texts)}))


NAMES = st.sampled_from(["a", "b", "c", "defaults"])
LEAVES = st.none() | st.integers(0, 3) | st.lists(st.integers(0, 3), max_size=2)
ITEMS = st.dictionaries(NAMES, LEAVES | st.dictionaries(NAMES, LEAVES, max_size=3), max_size=3)
GROUPS = st.fixed_dictionaries({}, optional={"defaults": ITEMS, "a": ITEMS, "b": LEAVES | ITEMS})
DOCUMENTS = st.dictionaries(st.sampled_from(["g", "h"]), GROUPS, min_size=1, max_size=2)


@given(st.lists(DOCUMENTS, min_size=1, max_size=4))
def test_yamlconf_has_the_same_of_any_files(documents):
    texts = [yaml.safe_dump(document, sort_keys=False) for document in documents]
    agree(texts, load({f"config/{number:02}.yaml": text for number, text in enumerate(texts)}))


# -- order ---------------------------------------------------------------------------------------------------------------


def test_files_are_loaded_in_the_order_of_their_names_and_only_those_that_a_shell_would_find():
    files = {
        "config/10-b.yaml": "a: {x: 10}\n",
        "config/9-a.yaml": "a: {x: 9}\n",
        "config/local/99-local.yaml": "a: {x: 99}\n",
        "config/.hidden.yaml": "a: {x: 0}\n",
        "config/00.yml": "a: {x: 1}\n",
        "99-other.yaml": "a: {x: 2}\n",
    }
    config = load(files)
    assert config.files == ("config/10-b.yaml", "config/9-a.yaml")
    assert as_yaml(config.document) == {"a": {"x": 9}}


def test_an_overlay_is_sorted_in_and_loses_to_a_file_of_its_name():
    own = {"config/00-main.yaml": "a: {x: own, y: own}\n", "config/99-main.yaml": "a: {x: last}\n"}
    config = load(
        own, {"99-main.yaml": "a: {x: over, y: over}\n", "50.yaml": "a: {z: 1}\n", "sub/60.yaml": "a: {z: 2}\n"}
    )
    assert config.files == ("config/00-main.yaml", "50.yaml", "99-main.yaml", "config/99-main.yaml")
    assert as_yaml(config.document) == {"a": {"x": "last", "y": "over", "z": 1}}


def test_the_overlay_may_be_a_folder_anywhere():
    tree = MemoryTree({MAIN: "a: {x: 1}\n", "etc/ores/99.yaml": "a: {x: 2}\n"})
    config = ores.load(tree, overlay=tree, overlay_folder="etc/ores")
    assert as_yaml(config.document) == {"a": {"x": 2}}


def test_a_folder_on_disk_is_an_overlay(tmp_path):
    write({"99.yaml": "a: {x: 2}\n", "sub/98.yaml": "a: {x: 3}\n"}, tmp_path)
    with closing(open_snapshot(str(tmp_path))) as overlay:
        config = ores.load(MemoryTree({MAIN: "a: {x: 1}\n"}), overlay=overlay)
    assert as_yaml(config.document) == {"a": {"x": 2}}


# -- places --------------------------------------------------------------------------------------------------------------


def told(value):
    return [(step.op, step.via, str(step.span)) for step in value.provenance]


def test_every_value_knows_its_line_and_what_it_replaced():
    config = load({
        MAIN: "a:\n  defaults:\n    x: 1\n    y: 2\n  b:\n    x: 3\n  c: {}\n",
        "config/99.yaml": "a:\n  b:\n    x: 4\n",
    })  # fmt: skip
    items = config.group("a")
    assert told(items["b"].data["x"]) == [
        (Op.LITERAL, "", "config/99.yaml:3"), (Op.OVERRIDE, "x", "config/00-main.yaml:6")
    ]  # fmt: skip
    assert told(items["c"].data["x"]) == [
        (Op.LITERAL, "", "config/00-main.yaml:3"), (Op.MERGE, "a.defaults", "config/00-main.yaml:3")
    ]  # fmt: skip
    assert items["b"].data["y"].span.line == 4


def test_saying_the_same_again_replaces_nothing():
    config = load({MAIN: "a: {x: [1]}\n", "config/99.yaml": "a: {x: [1]}\n"})
    assert told(config.group("a")["x"]) == [(Op.LITERAL, "", "config/99.yaml:1")]


def test_doubts_of_yaml_come_with_kind_words_and_place():
    ((kind, message, place),) = load({MAIN: "a:\n  x: 1\n  x: 2\n"}).doubts
    assert (kind, str(place)) == ("duplicate-key", "config/00-main.yaml:3")
    assert "x" in message


# -- contexts ------------------------------------------------------------------------------------------------------------

SYSTEM = "scoring_systems:\n  defaults:\n    scoring_contexts: {}\n  q: {{class: Q}}\nores: {{scoring_system: q}}\n"
REST = """
scoring_contexts:
  enwiki: {extractor: e, scorer_models: {damaging: en_damaging, wp10: gone}, precache: {damaging: {"on": [edit]}}}
  frwiki: {extractor: nobody, scorer_models: {}}
extractors: {defaults: {timeout: 5}, e: {host: "https://en.wikipedia.org"}}
scorer_models: {defaults: {class: M}, en_damaging: {model_file: enwiki.damaging.model, version: 1}}
"""
SPELLINGS = {
    "a list": SYSTEM.format("[enwiki, frwiki, dewiki]"),
    "the keys of a map": SYSTEM.format("{enwiki: , frwiki: {}, dewiki: 1}"),
    "a list of the system in use": "scoring_systems: {q: {scoring_contexts: [enwiki, frwiki, dewiki]}}\nores: {scoring_system: q}\n",
    "a list without a system": "scoring_systems: {defaults: {scoring_contexts: [enwiki, frwiki, dewiki]}}\n",
    "score processors, until 2016": "score_processors: {defaults: {scoring_contexts: [enwiki, frwiki, dewiki]}}\nores: {score_processor: p}\n",
    "scorers, in 2015": "ores: {scorers: [enwiki, frwiki, dewiki]}\n",
}


@pytest.mark.parametrize("text", SPELLINGS.values(), ids=[f"enabled by {name}" for name in SPELLINGS])
def test_names_are_looked_up_and_what_has_no_definition_is_told(text):
    config = load({MAIN: text + REST})
    assert list(config.contexts) == ["enwiki", "frwiki"]
    assert as_yaml(config.contexts["enwiki"]) == {
        "models": {"damaging": {"class": "M", "model_file": "enwiki.damaging.model", "version": 1}},
        "extractor": {"timeout": 5, "host": "https://en.wikipedia.org"},
        "precache": {"damaging": {"on": ["edit"]}},
    }
    assert (config.models("enwiki"), config.models("dewiki")) == ({"damaging"}, set())
    assert [(d.wiki, d.path, d.group, d.name.data) for d in config.dangling] == [
        ("enwiki", "models.wp10", "scorer_models", "gone"),
        ("frwiki", "extractor", "extractors", "nobody"),
        ("dewiki", "", "scoring_contexts", "dewiki"),
    ]
    assert config.holes == ()


def test_a_looked_up_model_tells_the_way_to_it():
    model = load({MAIN: SPELLINGS["a list"] + REST}).contexts["enwiki"].data["models"].data["damaging"]
    assert [(step.op, step.via) for step in model.provenance] == [
        (Op.LITERAL, ""), (Op.REFERENCE, "scorer_models.en_damaging")
    ]  # fmt: skip


@pytest.mark.parametrize("enabled", ["{}", "[]", "null", "5"])
def test_without_an_enabled_context_there_is_nothing_to_compare_and_that_is_said(enabled):
    (hole,) = load({MAIN: SYSTEM.format(enabled).replace("{}", enabled) + REST}).holes
    assert "nothing to compare" in hole.reason


def test_a_tree_of_2015_has_one_file_in_its_root():
    config = load({"ores.wmflabs.org.yaml": SPELLINGS["scorers, in 2015"] + REST, "logging_config.yaml": "a: 1\n"})
    assert config.files == ("ores.wmflabs.org.yaml",)


RECOGNISED = {
    "one file": ({MAIN: "ores: {}\nscoring_contexts:\n  enwiki: {}\n"}, True),
    "several files": ({MAIN: "ores: {}\n", "config/01-contexts.yaml": "scoring_contexts: {}\n"}, True),
    "the file of 2015": ({"ores.wmflabs.org.yaml": "scorers:\n"}, True),
    "another project's config": ({"config/app.yaml": "database: {}\n"}, False),
    "settings of MediaWiki": ({"wmf-config/InitialiseSettings.php": "<?php"}, False),
    "a folder below": ({"config/local/99.yaml": "scoring_contexts: {}\n"}, False),
}


@pytest.mark.parametrize(("files", "expected"), RECOGNISED.values(), ids=RECOGNISED)
def test_a_service_is_known_by_its_contexts(files, expected):
    assert ores.is_service(MemoryTree(files)) is expected


# -- what cannot be loaded -----------------------------------------------------------------------------------------------

MANY = ", ".join(f"k{n}: 1" for n in range(2_000))
HOSTILE = {
    "an empty file": ("", r"^config/00-main.yaml:1: not a map"),
    "a list": ("- a\n", r"^config/00-main.yaml:1: not a map"),
    "defaults that are a list": ("a:\n  b: {}\n  defaults: [1]\n", r"^config/00-main.yaml:3: the defaults of a are no map"),
    "defaults that are null": ("a:\n  b: {}\n  defaults:\n", r"^config/00-main.yaml:3: the defaults of a are no map"),
    "defaults that multiply": (
        f"a:\n  defaults: {{{MANY}}}\n" + "".join(f"  i{n}: {{}}\n" for n in range(2_000)),
        r"^config/00-main.yaml:2: the copies of defaults are more than",
    ),
    "groups that multiply": (
        f"x: &x {{{MANY}}}\n" + "".join(f"g{n}: {{defaults: *x, a: {{}}, b: {{}}, c: {{}}}}\n" for n in range(200)),
        r"^config/00-main.yaml:\d+: the copies of defaults are more than",
    ),
    "contexts that multiply": (
        f"x: &x {{scorer_models: {{{MANY}}}}}\nores: {{scorers: [{', '.join(f'w{n}' for n in range(50))}]}}\nscorers:\n"
        + "".join(f"  w{n}: *x\n" for n in range(50)),
        r"^config/00-main.yaml:2: the enabled contexts name more than",
    ),
    "brackets": ("[" * 100_000, r"^config/00-main.yaml:1: nested more than"),
    "a tag": ("a: !!python/object/apply:os.system [id]\n", r"^config/00-main.yaml:1: the tag"),
    "NUL": ("a: b\n\0", r"^config/00-main.yaml:2: this is a binary file"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(*case, id=name, marks=[pytest.mark.unmeasured] * (len(case[0]) >= len(MANY)))
        for name, case in HOSTILE.items()
    ],
)
def test_what_ores_could_not_load_is_refused_with_its_place(text, said):
    with pytest.raises(IncompleteError, match=said) as refused:
        load({MAIN: text})
    assert "\n" not in str(refused.value)


def test_a_folder_without_files_is_no_service():
    with pytest.raises(InputError, match=r"config: no \*\.yaml files of ORES"):
        load({"README": ""})


def test_a_symbolic_link_is_refused(tmp_path):
    write({"main.yaml": "scoring_contexts: {}\n", "config/x": ""}, tmp_path)
    (tmp_path / MAIN).symlink_to("../main.yaml")
    with closing(open_snapshot(str(tmp_path))) as snapshot:
        assert not ores.is_service(snapshot)
        with pytest.raises(IncompleteError, match="symbolic link"):
            ores.load(snapshot)


@pytest.mark.parametrize(
    "wrong", ["5", "[1]", "{enwiki: 5}", "{enwiki: {scorer_models: [1], extractor: [2], precache: 3}}"]
)
def test_contexts_of_a_wrong_kind_do_no_harm(wrong):
    config = load({MAIN: f"{SPELLINGS['a list']}scoring_contexts: {wrong}\nextractors: 1\nscorer_models: [2]\n"})
    assert all(config.models(wiki) == set() for wiki in config.contexts)
    assert config.dangling


# -- every revision ------------------------------------------------------------------------------------------------------


def _git(clone, *arguments):
    return subprocess.run(["git", "-C", clone, *arguments], capture_output=True, check=True).stdout.decode()


@pytest.mark.parametrize("variable", CLONES)
def test_yamlconf_has_the_same_of_every_revision(variable):
    clone = CLONES[variable]
    if not clone:
        pytest.skip(f"{variable} names no clone")
    trees = {}
    for revision in _git(clone, "rev-list", "--first-parent", "HEAD").split():
        listing = _git(clone, "ls-tree", "-r", revision, "config/", "ores.wmflabs.org.yaml")
        trees.setdefault("".join(line for line in listing.splitlines() if line.endswith(".yaml")), revision)
    assert len(trees) > 50
    for revision in trees.values():
        with closing(open_snapshot(clone, revision=revision)) as snapshot:
            config = ores.load(snapshot)
            assert config.holes == ()
            agree([snapshot.read(path).text.decode() for path in config.files], config)
