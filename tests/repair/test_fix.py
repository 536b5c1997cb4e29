"""Fixes: each rule's own bad example, what is refused and why, and what a patch does to the files."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator
from support.cli import driftcheck
from support.examples import example_tree
from support.fixing import fix
from support.git import Repo, write
from support.trees import MODELS_AND_DRIFT, OLD, ON, OVERLAY, charts, tree

from driftcheck.core.model import Realm, Source, Unknown, Value
from driftcheck.core.resources import schema
from driftcheck.layers.registry import RULES
from driftcheck.repair import settings, values, yamlfiles

TREE = tree(*MODELS_AND_DRIFT)
MODELS = "'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => true, 'reverted' => false, 'wp10' => false ] ],\n"


def _fixed(files, *rules, **how):
    """The text of each file that a patch edits."""
    return {path: text.decode() for path, text in fix(files, *rules, **how).files.items()}


# What is done about each rule's bad example; of those that are about production, only with --production.
BETA = {
    "model-off-in-beta": "delete beta's selector",
    "model-only-in-beta": "delete beta's selector",
    "model-option-drift": "delete beta's selector",
    "extension-off-in-beta": "delete beta's",
    "extension-only-in-beta": "delete beta's",
    "threshold-drift": "delete beta's selector",
    "setting-drift": "delete beta's selector enwiki of wgOresExcludeBots",
    "override-defeated": "delete what has no effect",
    "override-redundant": "delete what is redundant",
    "selector-unknown": "delete the selector frwikii, which selects nothing",
}
PRODUCTION = {
    "unknown-option": "rename the option cleanupParent to cleanParent",
    "threshold-orientation": "put the formula of goodfaith.likelybad on max",
    "threshold-missing-bound": "add the min of goodfaith.likelybad",
    "threshold-for-disabled-model": "delete the thresholds of goodfaith",
    "extension-default-leak": "add wp10 => false to the array",
    "dead-config": "delete what is configured where the extension is not loaded",
}
REFUSED = {
    "illegal-model-name": "model-classes-missing would come",
    "override-shadowed": "setting-drift would come",
}


def test_the_bad_example_of_each_rule():
    for name, how in (BETA | PRODUCTION).items():
        example = RULES[name].bad
        for production in (False, True):
            held = fix(example_tree(example), name, production=production, date=example.date)
            if name in PRODUCTION and not production:
                assert held.patch == b"", name
                assert all("in production would change; --production allows" in reason for _, reason in held.refused), (
                    name
                )
                continue
            assert [told[: len(how)] for _, told in held.removed][:1] == [how], (name, held)
            assert held.refused == [], name
            realms = {leaf.realm for leaf in held.leaves}
            assert realms <= ({Realm.BETA} if name in BETA else set(Realm)), name


def test_what_would_bring_another_finding_is_refused():
    for name, reason in REFUSED.items():
        example = RULES[name].bad
        held = fix(example_tree(example), name, production=True, date=example.date)
        assert held.patch == b"", name
        assert [told[: len(reason)] for _, told in held.refused] == [reason], name


def test_a_rule_without_a_mechanical_remedy_says_what_to_do():
    held = fix(example_tree(RULES["wiki-not-in-beta"].bad), "wiki-not-in-beta")
    assert [reason for _, reason in held.refused] == [f"no mechanical remedy: {RULES['wiki-not-in-beta'].fix}"]


def test_every_rule_that_is_fixed_exists_here_or_is_still_to_come():
    still_to_come = {"override-unread", "liftwing-environment-drift"}
    assert {*settings.MAKERS, *yamlfiles.MAKERS} - {*RULES} <= still_to_come


ROWS = """\t\t// Trial of goodfaith, T1
\t\t'wgOresModels' => [
\t\t\t'default' => [ 'damaging' => true, 'goodfaith' => false, 'reverted' => false, 'wp10' => false ],
\t\t],

\t\t'wgOther' => [ 'default' => 1 ],"""


def test_a_row_goes_with_its_comment_and_nothing_else_changes():
    assert _fixed(tree(ON + MODELS, ROWS), "model-off-in-beta") == {
        OVERLAY: "<?php\nfunction wmfGetOverrideSettings() {\n\treturn [\n\t\t'wgOther' => [ 'default' => 1 ],\n\t];\n}\n"
    }


def test_line_ends_stay_as_they_are():
    files = {path: text.replace(b"\n", b"\r\n") for path, text in tree(ON + MODELS, ROWS).items() if path == OVERLAY}
    text = _fixed(tree(ON + MODELS, ROWS, files=files), "model-off-in-beta")[OVERLAY]
    assert text.count("\r\n") == text.count("\n") == 6


def test_other_drift_of_the_selector_keeps_it_and_production_is_copied_instead():
    """The selector has something else that somebody may want: only the finding's own part may change."""
    beta = "'wgOresModels' => [ 'default' => [ 'damaging' => false, 'goodfaith' => false, 'reverted' => true, 'wp10' => false ] ],\n"
    held = fix(tree(ON + MODELS, beta), "model-off-in-beta")
    assert "'damaging' => true, 'goodfaith' => true, 'reverted' => true" in held.files[OVERLAY].decode()
    assert {leaf.dotted for leaf in held.leaves} == {"wgOresModels.damaging", "wgOresModels.goodfaith"}


def test_what_another_setting_is_made_of_is_refused():
    common = "$wgFrom = $wmgOresThing . 'x';\nif ( $wmgUseORES ) {\n\twfLoadExtension( 'ORES' );\n}\n"
    production, beta = ON + MODELS + "'wgOresX' => [ 'default' => 1 ],\n", "'wgOresX' => [ 'default' => 2 ],\n"
    read = common.replace("$wmgOresThing", "$wgOresX * $wgOresX")
    held = fix(tree(production, beta, read), "setting-drift", profile="all")
    assert held.patch, "what follows becomes production's, too"
    other = read + "if ( $wmgRealm === 'labs' ) {\n\t$wgTwice = $wgOresX . 'beta';\n}\n"
    held = fix(tree(production, beta, other), "setting-drift", profile="all")
    reasons = {finding.setting: reason for finding, reason in held.refused}
    assert "wgTwice" in reasons["wgOresX"]


def test_what_cannot_be_told_is_refused():
    """A value that nobody knows is not taken for one that stays, where any code reads what changes."""
    common = "if ( $wmgUseORES ) {{\n\twfLoadExtension( 'ORES' );\n}}\n{}\n"
    for code, refused in (
        ("$wgOdd = time();", False),
        ("$wgOdd = time() + count( $wmgUseORES ? [ 1 ] : [] );", False),
        ("$wgOdd = time() + count( $wgOresModels );", True),
        ("if ( time() > 1 ) {{ $wgOdd = $wgOresModels['goodfaith']; }}", True),
        ("$x = count( $wgOresModels ); $wgOdd = time() + $x;", True),
        ("$wgOdd = time() + $GLOBALS['wgOresModels']['wp10'];", True),
        (
            "if ( isset( $wgOresModels['a'] ) ) {{ $wgOresModels['b'] = 1; }} else {{ unset( $wgOresModels['c'] ); }} $wgOdd = time();",
            False,
        ),
        ("if ( isset( $wgOresModels['a'] ) ) {{ $wgOresModels['b'] = f(); }} $wgOdd = time();", True),
        ("if ( isset( $wgOresModels['a'] ) ) {{ $wgMore = 1; }} $wgOdd = time();", True),
        ("$wgOresModels['a'] = $wgMore = $wgOresModels['b']; $wgOdd = time();", True),
        ("foreach ( $wgOresModels as $name => $_ ) {{ $wgMore = 1; }} $wgOdd = time();", True),
    ):
        held = fix(
            tree(ON + MODELS, ROWS, common.format(code.replace("{{", "{").replace("}}", "}"))), "model-off-in-beta"
        )
        told = [reason[:40] for _, reason in held.refused]
        assert told == ["it cannot be told whether wgOdd on enwiki"[:40]] * refused, (code, told)


def test_holes_are_the_same_only_where_the_same_code_makes_them():
    def table(text):
        return {"wgX": {"w": Unknown("odd", Source("x.php", text), len(text))}}

    def differs(one, other, *, reads):
        return [leaf.dotted for leaf in values.changed(Realm.BETA, one, other, lambda _, line: line, lambda _: reads)]

    assert differs(table(b"f()"), table(b"f()"), reads=set()) == []
    assert differs(table(b"f()"), table(b"f()"), reads=None) == ["wgX"]
    assert differs(table(b"f()"), table(b"f()"), reads={"wgX"}) == ["wgX"], "its own statement reads it"
    assert differs(table(b"f()"), table(b"g()"), reads=set()) == ["wgX"]
    assert differs(table(b""), table(b""), reads=set()) == ["wgX"], "nobody knows what it is about"
    assert differs(table(b"f()"), {"wgX": {"w": Value(1)}}, reads=set()) == ["wgX"]


def test_findings_of_one_setting_are_fixed_together():
    beta = """'wgOresModels' => [
\t'default' => [ 'damaging' => true, 'goodfaith' => false, 'reverted' => false, 'wp10' => false ],
\t'enwiki' => [ 'damaging' => true, 'goodfaith' => true, 'reverted' => true, 'wp10' => false ],
],
"""
    held = fix(tree(ON + MODELS, beta, wikis=("enwiki", "frwiki", "ruwiki")), "model-o*")
    assert len(held.removed) == 2
    assert "wgOresModels" not in held.files[OVERLAY].decode()


def test_of_two_findings_of_a_row_the_one_that_changes_nothing_is_fixed_alone():
    common = "if ( $wmgUseORES ) { wfLoadExtension( 'ORES' ); }\n$wgOther = $wgOresExcludeBots;\n"

    def both(production, beta):
        rows = (f"'wgOresExcludeBots' => {held},\n" for held in (production, beta))
        files = tree(ON + next(rows), next(rows), common, wikis=("enwiki", "frwiki", "ruwiki"))
        held = fix(files, "override-*")
        return {finding.rule.id: how for finding, how in [*held.removed, *held.refused]}, held.files[OVERLAY].decode()

    how, text = both("[ 'default' => true, 'enwiki' => true ]", "[ 'default' => false, 'frwiki' => false ]")
    refused = "setting-drift would come: wgOresExcludeBots differs"
    assert how == {"override-redundant": "delete what is redundant", "override-shadowed": refused}
    assert "[ 'default' => false ]" in text
    how, text = both("[ 'default' => false, 'enwiki' => true ]", "[ 'default' => false ]")
    assert how == {"override-redundant": "delete what is redundant", "override-shadowed": "goes with the others"}
    assert "wgOresExcludeBots" not in text


def test_what_is_made_of_a_row_changes_with_it_where_the_row_comes_into_effect():
    """Then a selector of it that is redundant today is not, and stays."""
    production = (
        "'wmgSiteLogo1x' => [ 'default' => '/wiki.png', 'enwiki' => '/en.png', 'enwiktionary' => '/dict.png' ],\n"
    )
    beta = "'wmgSiteLogo1x' => [ 'default' => '/beta.png', 'wiktionary' => '/words.png' ],\n"
    for code, made in (
        ("$wgHasLogo = (bool)$wmgSiteLogo1x;\n", ()),
        ("$wgLogos = [ '1x' => $wmgSiteLogo1x ];\n", ("wgLogos.1x",)),
    ):
        files = tree(production, beta, code, wikis=("enwiki", "frwiki", "enwiktionary"))
        held = fix(files, "override-redundant", "override-shadowed", profile="all")
        assert {finding.rule.id: how for finding, how in held.removed} == {
            "override-shadowed": "make beta's row -wmgSiteLogo1x, which replaces production's",
            "override-redundant": "goes with the others",
        }
        text = held.files[OVERLAY].decode()
        assert "'-wmgSiteLogo1x' => [ 'default' => '/beta.png', 'wiktionary' => '/words.png' ]" in text
        assert {(leaf.dotted, leaf.wiki) for leaf in held.leaves} == {
            (name, wiki) for name in ("wmgSiteLogo1x", *made) for wiki in ("enwiki", "enwiktionary")
        }


LIFTWING = {
    "liftwing-model-drift": charts(staging=OLD),
    "liftwing-null-override": {
        "helmfile.d/ml-services/a/values.yaml": "main_app:\n  name: a\n  config:\n    x: 1\n",
        "helmfile.d/ml-services/a/values-ml-staging-codfw.yaml": "main_app:\n  config:\n  name: a\n",
    },
}


def test_values_of_lift_wing():
    for rule, files in LIFTWING.items():
        ((path, text),) = _fixed(files, rule).items()
        assert path.endswith("values-ml-staging-codfw.yaml")
        assert (
            text
            == {
                "liftwing-model-drift": charts()[path] if rule == "liftwing-model-drift" else "",
                "liftwing-null-override": "main_app:\n  name: a\n",
            }[rule]
        ), rule


def test_a_word_of_a_service_becomes_the_one_that_is_named():
    for rule in ("service-value-unknown", "service-model-foreign"):
        example = RULES[rule].bad
        refused = fix(dict(example.files), rule).refused
        assert [reason.rpartition(" in ")[2] for _, reason in refused] == [
            "production would change; --production allows what the finding is about"
        ], refused
        held = fix(dict(example.files), rule, production=True)
        assert [how.split(" ")[0] for _, how in held.removed] == ["write"], rule
        assert not held.refused, rule


def test_a_host_of_a_service_gets_the_scheme_that_it_lacks_or_loses_the_one_too_many():
    ((path, text),) = RULES["service-host-malformed"].bad.files
    for bad, good in (
        ("host: 'en.wikipedia.org'", "host: 'https://en.wikipedia.org'"),
        ("host: http://localhost:6500\n    headers: {Host: https://en.wikipedia.org}",) * 2,
    ):
        files = {path: text.replace("host: https://en.wikipedia.org/", bad)}
        wanted = good.replace("Host: https://", "Host: ")
        held = fix(files, "service-host-malformed", production=True)
        assert held.files[path].decode() == text.replace("host: https://en.wikipedia.org/", wanted), held.refused
    assert not fix({path: text}, "service-host-malformed", production=True).patch, "a path has no mechanical remedy"


def test_a_finding_of_both_realms_needs_production_and_holds_up_no_other():
    model = "'damaging' => [ 'enabled' => true, 'cleanupParent' => true{} ], 'goodfaith' => [ 'enabled' => true{} ]"
    rest = ", 'reverted' => [ 'enabled' => false ], 'wp10' => [ 'enabled' => false ]"
    production, beta = (
        f"'wgOresModels' => [ 'default' => [ {model.format(bots, more)}{rest} ] ],\n"
        for bots, more in (("", ", 'cleanParent' => true"), (", 'excludeBots' => true", ", 'cleanupParent' => true"))
    )
    for allowed, left in ((False, 1), (True, 0)):
        held = fix(tree(ON + production, beta), "unknown-option", production=allowed, date="2018-08-01")
        told = {(finding.path, how) for finding, how in held.removed}
        assert ("goodfaith.cleanupParent", "rename the option cleanupParent to cleanParent") in told, (
            held.refused,
            told,
        )
        assert [reason.partition("; ")[2] for _, reason in held.refused] == [
            "--production allows what the finding is about"
        ] * left
        assert len(held.removed) == 2 - left


def test_a_row_that_no_wiki_has_goes():
    held = fix(tree(ON, "'wgMaxCredits' => 'x',\n"), "selector-unknown", profile="all")
    assert "wgMaxCredits" not in held.files[OVERLAY].decode()


def test_yaml_that_reads_in_two_ways():
    files = charts()
    path = next(path for path in files if path.endswith("/values.yaml"))
    doubled = files | {path: files[path] + "a:\n  b: 1\n  # first\n  b: 2\nc: on\n"}
    assert _fixed(doubled, "yaml-*")[path] == files[path] + "a:\n  # first\n  b: 2\nc: true\n"


WAIVERS = """version: 1
waivers:
  # stays
  - rule: setting-drift
    setting: wgOresX
    reason: x
    owner: o
    until: 2030-01-01
  - rule: setting-drift
    setting: wgNothing
    reason: x
    owner: o
    until: 2030-01-01
"""


def test_waivers_that_do_nothing():
    comment = "// driftcheck: allow model-only-in-beta until 2030-01-01 (o): x"
    overlay = MODELS_AND_DRIFT[1] + f"'wgOther' => [ 'default' => 1 ], {comment}\n{comment}\n"
    files = tree(MODELS_AND_DRIFT[0], overlay, files={".driftcheck/waivers.yaml": WAIVERS})
    after = _fixed(files, "waiver-unused")
    assert after[".driftcheck/waivers.yaml"] == WAIVERS[: WAIVERS.rindex("  - rule")]
    assert after[OVERLAY].encode() == files[OVERLAY].replace(f" {comment}\n{comment}\n".encode(), b"\n")


# -- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture(name="repo")
def _repo(tmp_path):
    repo = Repo(tmp_path / "repo")
    repo.commit(TREE)
    return repo


def test_git_applies_what_is_printed_and_the_finding_is_gone(repo):
    told = driftcheck("fix", "model-off-in-beta", "--repo", str(repo.root))
    assert told.code == 0, told.err
    repo.git("apply", "-", text=told.out.encode())
    assert driftcheck("check", "--repo", str(repo.root), "--no-cache", "-q").code == 0
    assert driftcheck("fix", "model-off-in-beta", "--repo", str(repo.root)).code == 2, (
        "there is no such finding any more"
    )


def test_what_is_left_is_told_and_is_exit_code_1(repo):
    told = driftcheck("fix", "--repo", str(repo.root), "--format", "json")
    document = json.loads(told.out)
    Draft202012Validator(schema("fix-v1")).validate(document)
    assert {row["rule"] for row in document["fixed"]} >= {"model-off-in-beta", "setting-drift"}
    assert told.code == (1 if document["refused"] else 0)
    assert told.err.count("not fixed: ") == len(document["refused"])
    assert all(change["realm"] == "beta" for change in document["changes"])
    assert not document["applied"]


def test_apply_keeps_modes_and_links(repo):
    path = repo.root / OVERLAY
    path.chmod(0o640)
    told = driftcheck("fix", "model-off-in-beta", "--repo", str(repo.root), "--apply")
    assert (told.code, told.out) == (0, ""), told.err
    assert path.stat().st_mode & 0o777 == 0o640
    assert repo.git("diff", "--name-only") == OVERLAY
    assert [file.name for file in path.parent.iterdir() if file.name.startswith(".")] == []


def test_apply_refuses_what_could_be_lost(repo, tmp_path):
    root, path = str(repo.root), repo.root / OVERLAY
    clean = path.read_bytes()
    for arguments in (("--rev", "HEAD"), ("--staged",), ("--at", "2030-01-01")):
        told = driftcheck("fix", "--repo", root, "--apply", *arguments)
        assert told.code == 2
        assert "--apply writes the work tree" in told.err
    path.write_bytes(clean + b"// mine\n")
    for stage in (False, True):
        if stage:
            repo.git("add", OVERLAY)
            path.write_bytes(clean)
        told = driftcheck("fix", "model-off-in-beta", "--repo", root, "--apply")
        assert told.code == 2
        assert "has changes that are not committed" in told.err
    assert path.read_bytes() == clean
    bare = write(TREE, tmp_path / "plain")
    told = driftcheck("fix", "model-off-in-beta", "--repo", str(bare), "--apply", "--extension-date", "2017-11-20")
    assert told.code == 2
    assert "no git work tree" in told.err


def test_a_folder_that_becomes_a_link_is_not_followed(repo):
    from driftcheck.core.model import InputError
    from driftcheck.repair import writing
    from driftcheck.snapshot import open_snapshot

    snapshot = open_snapshot(str(repo.root))
    snapshot.read(OVERLAY)
    snapshot.close()
    (repo.root / "wmf-config").rename(repo.root / "elsewhere")
    (repo.root / "wmf-config").symlink_to("elsewhere")
    for path, said in (
        (OVERLAY, "symbolic link"),
        ("../x", "leaves the repository"),
        ("/etc/x", "leaves the repository"),
    ):
        with pytest.raises(InputError, match=said):
            writing.write(repo.root, snapshot, {path: b"x"})
