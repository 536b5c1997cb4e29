"""The commands that go with signing: configuration, init, waive, baseline, --since, and reports in several formats."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from support.git import Repo, write
from support.trees import BETA_URL, ON, OVERLAY, charts, service, tree

from driftcheck.cli import cli
from driftcheck.core import resources
from driftcheck.core.model import InputError
from driftcheck.report import FORMATS

MODELS = "'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => true, 'reverted' => false, 'wp10' => false ] ],\n"
OFF = "'wgOresModels' => [\n\t'default' => [ 'damaging' => true, 'goodfaith' => false, 'reverted' => false, 'wp10' => false ],\n],\n"
DAY = ("--extension-date", "2017-11-20")


@pytest.fixture
def at(tmp_path, monkeypatch):
    write(tree(ON + MODELS, OFF, common_labs=BETA_URL), tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments, code=0):
    """What a command prints; a refusal is raised as it is, for main() to turn into one line."""
    done = CliRunner().invoke(cli, [*arguments])
    if isinstance(done.exception, InputError):
        raise done.exception
    assert done.exit_code == code, (done.output, done.exception)
    return done.stdout


def findings(*arguments, code=0):
    return json.loads(run("check", *DAY, "--format", "json", *arguments, code=code))["findings"]


# -- configuration ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["driftcheck.yaml", "pyproject.toml"])
def test_a_configuration_file_gives_defaults_and_an_option_wins(at, name):
    if name.endswith("toml") and sys.version_info < (3, 11):
        pytest.importorskip("tomli")
    text = (
        "fail-on: never\nignore: [dead-config]\n" if name.endswith("yaml") else '[tool.driftcheck]\nfail-on = "never"\n'
    )
    (at / name).write_text(text)
    findings()
    findings("--fail-on", "error", code=1)


def test_a_configuration_is_found_from_the_repository_upwards(at, tmp_path_factory, monkeypatch):
    (at.parent / "driftcheck.yaml").write_text("fail-on: never\n")
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    findings("--repo", str(at))
    (at.parent / "driftcheck.yaml").unlink()
    findings("--repo", str(at), code=1)


def test_another_severity_for_a_rule(at):
    (at / "driftcheck.yaml").write_text("severity:\n  model-off-in-beta: note\n")
    assert [f["severity"] for f in findings() if f["rule"] == "model-off-in-beta"] == ["note"]


def test_paths_are_from_where_the_file_is(at, tmp_path_factory, monkeypatch):
    (at / "signed.yaml").write_text(waiver())
    (at / "driftcheck.yaml").write_text("waivers: signed.yaml\n")
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert {f["disposition"]["state"] for f in findings("--repo", str(at)) if f["rule"] == "model-off-in-beta"} == {
        "waived"
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("failon: never\n", "driftcheck.yaml:1: unknown key 'failon'; did you mean fail-on?"),
        ("a: 1\nzzz: 2\n", "unknown key 'a'; the keys are"),
        ("version: 1\nfail-on: maybe\n", "driftcheck.yaml:2: fail-on:"),
        ("- a\n", "expected a map of options"),
        ("a: [\n", "correct the YAML"),
        ("waivers: ''\n", "driftcheck.yaml: waivers: '' is no name of a file"),
        ('statistics: "a\\0b"\n', "is no name of a file"),
    ],
)
def test_a_configuration_that_is_wrong_is_refused_with_its_place(at, text, said):
    (at / "driftcheck.yaml").write_text(text)
    with pytest.raises(InputError) as refused:
        run("check", *DAY)
    assert said in str(refused.value)


def test_an_empty_configuration_changes_nothing_and_one_that_is_not_there_is_refused(at):
    (at / "driftcheck.yaml").write_text("")
    findings(code=1)
    with pytest.raises(InputError, match="name a configuration file that exists"):
        run("check", "--config", "nowhere.yaml")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib came with Python 3.11")
def test_toml_that_is_wrong_is_refused(at):
    (at / "pyproject.toml").write_text("[tool.driftcheck]\nfail-on = \n")
    with pytest.raises(InputError, match="correct the TOML"):
        run("check", *DAY)


def test_init_writes_a_configuration_that_its_schema_accepts_and_that_changes_nothing(at):
    before = findings(code=1)
    run("init")
    assert findings(code=1) == before
    for name, file in (("configuration-v1", "driftcheck.yaml"), ("waivers-v1", ".driftcheck/waivers.yaml")):
        Draft202012Validator(resources.schema(name)).validate(yaml.safe_load((at / file).read_text()))
        assert (at / f".driftcheck/{name}.schema.json").read_text() == resources.schema_text(name)
    with pytest.raises(InputError, match="already exists"):
        run("init")


SERVED = service(enwiki=["damaging", "goodfaith"], frwiki=["damaging", "goodfaith"])


def test_what_init_has_commented_out_is_right_once_it_is_not(at):
    run("init")
    text = (at / "driftcheck.yaml").read_text()
    options = re.findall(r"^# ((?:(?!yaml)[a-z-]+:|  (?:- )?[a-z-]+: \w+$|    [a-z-]+: .+$).*)$", text, re.MULTILINE)
    assert len(options) > 5
    for name, files in (
        ("ores-deploy", SERVED),
        ("ores-wmflabs-deploy", SERVED),
        ("deployment-charts", charts()),
    ):
        write(files, at.parent / name)
    (at / "driftcheck.yaml").write_text("\n".join(options))
    assert run("baseline", *DAY, "--output", ".driftcheck/baseline.json") == ""
    assert {finding["disposition"]["state"] for finding in findings()} == {"baselined"}


def yaml_of(said, title):
    """The piece of YAML that init prints below a line."""
    return yaml.safe_load(re.search(rf"^{re.escape(title)}.*:\n\n((?:  .*\n|\n)+)", said, re.MULTILINE)[1])


@pytest.mark.parametrize(
    ("there", "told"),
    [
        ([], {"nightly": "The nightly job"}),
        ([".github/workflows/x.yml"], {"github-actions": "GitHub Actions"}),
        ([".gitlab-ci.yml"], {"gitlab-ci": "GitLab CI"}),
        (
            [".github/x", ".gitlab-ci.yml"],
            {"github-actions": "GitHub Actions", "gitlab-ci": "GitLab CI"},
        ),
    ],
    ids=["nothing", "GitHub Actions", "GitLab CI", "both"],
)
def test_init_prints_the_hook_and_the_job_for_the_ci_that_is_there(at, there, told):
    write(dict.fromkeys(there, ""), at)
    said = run("init")
    expected = {"pre-commit": "The hook", **told}
    for name, title in expected.items():
        assert yaml_of(said, title) == yaml.safe_load(resources.recipe(name))
    assert len(re.findall(r"^\S.*:$", said, re.MULTILINE)) == len(expected)


@pytest.mark.parametrize(("line", "profile"), [("wfLoadExtension( 'ORES' );", "ores"), ("$wgX = 1;", "all")])
def test_init_takes_the_profile_of_what_the_configuration_speaks_of(tmp_path, line, profile):
    write({"wmf-config/CommonSettings.php": f"<?php\n{line}\n"}, tmp_path)
    run("init", "--repo", str(tmp_path))
    assert yaml.safe_load((tmp_path / "driftcheck.yaml").read_text())["profile"] == profile


def test_init_elsewhere_is_refused_with_the_place_that_is_meant(tmp_path):
    root = tmp_path / "checkout"
    write({"wmf-config/sub/x": "", "../other/x": "", "../bare/HEAD": "", "../bare/objects/x": ""}, root)
    for place, said in (
        ("other", "no wmf-config here"),
        ("nowhere", "no such directory"),
        ("bare", "a bare repository has no work tree"),
        ("checkout/wmf-config/sub", f"driftcheck init --repo {root}"),
    ):
        with pytest.raises(InputError, match=re.escape(said)):
            run("init", "--repo", str(tmp_path / place))
    assert not list(tmp_path.rglob("driftcheck.yaml"))


# -- signing ---------------------------------------------------------------------------------------------------------


def waiver(until="2999-01-01"):
    return f"version: 1\nwaivers:\n  - rule: model-off-in-beta\n    reason: trial\n    owner: me\n    until: {until}\n"


def test_waive_signs_for_one_finding_and_keeps_what_the_file_says(at):
    (finding,) = [f for f in findings(code=1) if f["rule"] == "model-off-in-beta"]
    (at / ".driftcheck").mkdir()
    (at / ".driftcheck/waivers.yaml").write_text("# ours\nwaivers:\n")
    signature = ("--reason", "a trial", "--owner", "ores-team", "--until", "2999-01-01", "--wiki", "en*")
    run("waive", finding["fingerprint"][:12], *DAY, *signature)
    text = (at / ".driftcheck/waivers.yaml").read_text()
    assert text.startswith("# ours\nwaivers:\n  - rule:")
    states = {
        tuple(f["wikis"]): f["disposition"]["state"] for f in findings(code=1) if f["rule"] == "model-off-in-beta"
    }
    assert states == {("enwiki",): "waived", ("frwiki",): "active"}
    Draft202012Validator(resources.schema("waivers-v1")).validate(yaml.load(text, Loader=yaml.BaseLoader) | {})


def test_waive_makes_the_file_where_there_is_none(at):
    (finding,) = [f for f in findings(code=1) if f["rule"] == "model-off-in-beta"]
    run("waive", finding["fingerprint"], *DAY, "--reason", "r", "--owner", "o", "--until", "2999-01-01", "--task", "T1")
    findings()
    assert (at / ".driftcheck/waivers.yaml").read_text().startswith("# ")


def test_waive_of_nothing_or_of_several_is_refused(at):
    extra = "'wgOresExcludeBots' => [ 'default' => false ],\n"
    (at / OVERLAY).write_bytes(tree(ON + MODELS, OFF + extra, common_labs=BETA_URL)[OVERLAY])
    for named, said in (
        ("nope", "neither a fingerprint nor a rule"),
        ("model-off-in-bet", "did you mean model-off-in-beta"),
        ("", "neither a fingerprint nor a rule"),
        ("0", "too short for a fingerprint; give at least 4"),
        ("0" * 32, "no finding; driftcheck check lists them"),
        ("model-off-in-beta:wgOresZ", "no finding"),
    ):
        with pytest.raises(InputError, match=said):
            run("waive", named, *DAY, *TERMS)


TERMS = ("--reason", "r", "--owner", "o", "--until", "2999-01-01")


@pytest.mark.parametrize(
    "named",
    [
        "model-off-in-beta",
        "model-off-in-beta:wgOresModels",
        "model-off-in-beta:wgOresModels.goodfaith",
        "model-off-in-beta:wgOresModels.goodfaith.enabled",
        "model-off-in-beta:wgOres*.goodfaith.*",
    ],
)
def test_waive_takes_a_rule_with_a_setting_and_says_when_it_is_waived_already(at, named):
    run("waive", named, *DAY, *TERMS)
    assert "active" not in {f["disposition"]["state"] for f in findings() if f["rule"] == "model-off-in-beta"}
    with pytest.raises(InputError, match="already waived until 2999-01-01 by o: r"):
        run("waive", named, *DAY, *TERMS)


def test_waive_of_a_rule_waives_each_finding_of_today_and_none_of_tomorrow(at):
    two = OFF.replace("'damaging' => true", "'damaging' => false")
    (at / OVERLAY).write_bytes(tree(ON + MODELS, two, common_labs=BETA_URL)[OVERLAY])
    run("waive", "model-off-in-beta", *DAY, *TERMS)
    rows = yaml.load((at / ".driftcheck/waivers.yaml").read_text(), Loader=yaml.BaseLoader)["waivers"]
    assert [row["path"] for row in rows] == ["damaging.enabled", "goodfaith.enabled"]
    findings()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--until", "2019-03-31", "--today", "2019-04-01"), "this day has passed"),
        (("--until", "soon"), "not a date"),
        (("--reason", ""), "reason is missing"),
        (("--reason", "  "), "reason is missing"),
        (("--owner", ""), "owner is missing"),
        (("--owner", "T130212"), "is a task"),
        (("--wiki", "zz*"), "no wiki of the finding matches"),
        (("--wiki", "en*", "--wiki", "zz*"), "no wiki of the finding matches"),
    ],
)
def test_waive_refuses_what_check_would_refuse_and_writes_nothing(at, wrong, said):
    with pytest.raises(InputError, match=said):
        run("waive", "model-off-in-beta", *DAY, *TERMS, *wrong)
    assert not (at / ".driftcheck").exists()


def test_waive_does_not_touch_a_file_whose_waivers_are_not_its_end(at):
    (finding,) = [f for f in findings(code=1) if f["rule"] == "model-off-in-beta"]
    (at / "w.yaml").write_text("waivers:\nversion: 1\n")
    with pytest.raises(InputError, match="last key"):
        run(
            "waive",
            finding["fingerprint"],
            *DAY,
            "--waivers",
            "w.yaml",
            "--reason",
            "r",
            "--owner",
            "o",
            "--until",
            "2999-01-01",
        )


def test_a_waiver_of_the_file_expires_by_the_day_that_is_given(at):
    (at / "w.yaml").write_text(waiver("2018-01-31"))
    assert {
        f["rule"] for f in findings("--waivers", "w.yaml", "--today", "2018-01-31") if f["severity"] == "error"
    } == {"model-off-in-beta"}
    late = findings("--waivers", "w.yaml", "--today", "2018-02-01", code=1)
    assert {"waiver-expired", "model-off-in-beta"} <= {f["rule"] for f in late if f["disposition"]["state"] == "active"}
    with pytest.raises(InputError, match="not a date"):
        run("check", "--today", "tomorrow")


def test_a_baseline_makes_what_is_there_not_count_and_prune_takes_away_what_is_gone(at):
    run("baseline", *DAY, "--output", "b.json")
    assert {f["disposition"]["state"] for f in findings("--baseline", "b.json")} == {"baselined"}
    (at / OVERLAY).write_bytes(tree(ON + MODELS, "", common_labs=BETA_URL)[OVERLAY])
    kept = {row["rule"] for row in json.loads(run("baseline", *DAY, "--prune", "b.json"))["findings"]}
    assert "model-off-in-beta" not in kept
    with pytest.raises(InputError, match="name a file that exists"):
        run("check", "--baseline", "nowhere.json")


def test_since_counts_only_what_a_revision_does_not_have(tmp_path, monkeypatch):
    repo = Repo(tmp_path / "repo")
    monkeypatch.chdir(repo.root)
    write(tree(ON + MODELS, OFF, common_labs=BETA_URL), repo.root)
    findings("--since", "HEAD", code=1)  # no commit yet: everything is new
    repo.git("add", "-A")
    repo.commit()
    assert {f["disposition"]["state"] for f in findings("--since", "HEAD")} == {"preexisting"}
    extra = "'wgOresExcludeBots' => [ 'default' => false ],\n"
    (repo.root / OVERLAY).write_bytes(tree(ON + MODELS, OFF + extra, common_labs=BETA_URL)[OVERLAY])
    states = {f["rule"]: f["disposition"]["state"] for f in findings("--since", "HEAD", "--fail-on", "warning", code=1)}
    assert (states["model-off-in-beta"], states["setting-drift"]) == ("preexisting", "active")


# -- several formats at once -----------------------------------------------------------------------------------------


def test_each_format_goes_to_its_output_and_the_last_to_the_terminal(at):
    pairs = [word for name in FORMATS for word in ("--format", name, "--output", f"out.{name}")]
    assert "model-off-in-beta" in run("check", *DAY, *pairs, "--format", "table", code=1)
    for name in FORMATS:
        assert "model-off-in-beta" in (at / f"out.{name}").read_text(), name


def test_two_formats_cannot_share_one_output(at):
    with pytest.raises(InputError, match="its own --output"):
        run("check", "--format", "json", "--format", "sarif")


def test_an_internal_error_is_one_line_that_asks_for_a_report(at, monkeypatch, capsys):
    from driftcheck import cli as package

    for error, code, said in (
        (ValueError("odd"), 2, "internal error: ValueError: odd"),
        (RecursionError(), 3, "too deeply"),
    ):
        monkeypatch.setattr(package.cli, "main", lambda error=error, **_: (_ for _ in ()).throw(error))
        with pytest.raises(SystemExit) as ended:
            package.main()
        assert ended.value.code == code
        assert said in capsys.readouterr().err
    monkeypatch.setenv("DRIFTCHECK_DEBUG", "1")
    monkeypatch.setattr(package.cli, "main", lambda **_: (_ for _ in ()).throw(ValueError("odd")))
    with pytest.raises(ValueError, match="odd"):
        package.main()
    assert Path.cwd() == at
