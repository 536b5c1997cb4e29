"""The command line: exit codes, streams, refusals of one line, and the answers of show and explain."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from support import ROOT
from support.cli import Outcome, driftcheck, process, process_environment
from support.git import Repo, write
from support.trees import COMMON, COMMON_LABS, INITIALISE, LOAD, MODELS_AND_DRIFT, ON, OVERLAY, tree

from driftcheck.core.resources import schema_names, schema_text
from driftcheck.layers.registry import RULES

PRODUCTION, BETA = MODELS_AND_DRIFT
CLEAN = tree(PRODUCTION)
DRIFTING = tree(PRODUCTION, BETA)
WARNING_ONLY = tree(PRODUCTION, "'wgOresX' => [ 'frwiki' => 1 ],")
OFF_ON_ONE = tree(PRODUCTION, "'wmgUseORES' => [ 'frwiki' => false ],")
NOTE_ONLY = tree(PRODUCTION, beta_wikis=("enwiki",))
HOLED = tree(f"{PRODUCTION}'wgOresY' => [ 'default' => getenv( 'Y' ) ],")
SCHEMA = ROOT / "schemas" / "report-v1.schema.json"


@pytest.fixture
def at(tmp_path, monkeypatch):
    """Put a tree on disk, outside any repository, and stand in it."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    def put(files) -> Path:
        folder = write(files, tmp_path / "tree")
        monkeypatch.chdir(folder)
        return folder

    return put


def check(*arguments: str, **environment: str) -> Outcome:
    return driftcheck("check", "--extension-date", "2017-11-20", *arguments, **environment)


# -- exit codes --------------------------------------------------------------------------------------------------------------

EXITS = [
    ("no finding passes", CLEAN, [], 0),
    ("an error fails", DRIFTING, [], 1),
    ("a warning passes", WARNING_ONLY, [], 0),
    ("a warning fails if warnings are to", WARNING_ONLY, ["--fail-on", "warning"], 1),
    ("a note passes where warnings fail", NOTE_ONLY, ["--fail-on", "warning"], 0),
    ("a note fails if notes are to", NOTE_ONLY, ["--fail-on", "note"], 1),
    ("an error fails where notes do", DRIFTING, ["--fail-on", "note"], 1),
    ("an error passes if nothing is to fail", DRIFTING, ["--fail-on", "never"], 0),
    ("an error passes with --exit-zero", DRIFTING, ["--exit-zero"], 0),
    ("a hole is exit 3", HOLED, [], 3),
    ("a hole is exit 3 with --exit-zero", HOLED, ["--exit-zero"], 3),
    ("a hole is exit 3 even if nothing is to fail", HOLED, ["--fail-on", "never"], 3),
    ("an ignored rule does not fail", DRIFTING, ["--ignore", "model-off-in-beta"], 0),
    ("a rule that was not selected does not fail", DRIFTING, ["--select", "setting-drift"], 0),
    ("a selected rule fails", DRIFTING, ["--select", "model-off-in-beta", "--select", "setting-drift"], 1),
    ("a wiki that was not asked for does not fail", OFF_ON_ONE, ["--wiki", "en*"], 0),
    ("a wiki that was asked for fails", OFF_ON_ONE, ["--wiki", "fr*"], 1),
    ("a setting that was not asked for does not fail", DRIFTING, ["--setting", "wgOresX"], 0),
    ("a hole out of scope is none", HOLED, ["--setting", "wgOresX"], 0),
]


@pytest.mark.unmeasured
@pytest.mark.parametrize(("files", "arguments", "code"), [case[1:] for case in EXITS], ids=[case[0] for case in EXITS])
def test_exit_codes(at, files, arguments, code):
    at(files)
    outcome = check(*arguments)
    assert outcome.code == code
    assert outcome.out
    if code == 3:
        told_incomplete(outcome, INITIALISE)
    else:
        assert outcome.err == ""


def test_selecting_another_rule_does_not_hide_a_hole(at):
    at(HOLED)
    assert check("--select", "model-off-in-beta").code == 3
    assert check("--wiki", "enwiki").code == 3


# -- bad input ----------------------------------------------------------------------------------------------------------------


def refused(outcome: Outcome, code: int, *said: str) -> None:
    """One line on standard error with all of these in it, nothing on standard output, no traceback."""
    assert (outcome.code, outcome.out) == (code, ""), outcome
    (line,) = outcome.err.splitlines()
    assert line.startswith("driftcheck: ")
    assert "Traceback" not in line
    assert "internal error" not in line
    assert len(line) < 500
    for text in said:
        assert text in line


def told_incomplete(outcome: Outcome, *said: str) -> None:
    """What could be evaluated on standard output, and one line on standard error that says what could not."""
    assert outcome.code == 3, outcome.err[-500:]
    (line,) = outcome.err.splitlines()
    assert line.startswith("driftcheck: incomplete: ")
    assert len(line) < 500
    for text in said:
        assert text in line
    assert outcome.out


@pytest.mark.parametrize("option", [["--rev", "HEAD"], ["--staged"]], ids=["a revision of", "the index of"])
def test_what_is_no_repository(at, option):
    folder = at(CLEAN)
    refused(driftcheck("check", "--repo", str(folder), *option), 2, str(folder), "not a git repository")


def test_a_folder_that_is_not_there(at):
    at(CLEAN)
    refused(driftcheck("check", "--repo", "nowhere"), 2, "nowhere: no such directory", "--repo")


@pytest.mark.parametrize(
    "command",
    [["check"], ["show"], ["explain", "enwiki", "wgOresModels"]],
    ids=lambda command: f"no wmf-config for {command[0]}",
)
def test_a_tree_without_wmf_config(at, command):
    at({"README": "x"})
    refused(driftcheck(*command), 2, "wmf-config/InitialiseSettings.php", "--repo")


REVISIONS = [
    ("an unknown revision", "no-such-rev", "unknown revision"),
    ("a revision that begins with a dash", "--upload-pack=x", "dash"),
    ("an empty revision", "", "empty"),
]


@pytest.mark.parametrize(("revision", "said"), [case[1:] for case in REVISIONS], ids=[case[0] for case in REVISIONS])
def test_bad_revisions(tmp_path, revision, said):
    repo = Repo(tmp_path / "repo")
    repo.commit(CLEAN)
    refused(driftcheck("check", f"--rev={revision}", cwd=repo.root), 2, said)


def test_a_revision_and_the_index_at_once(at):
    at(CLEAN)
    refused(driftcheck("check", "--rev", "HEAD", "--staged"), 2, "use only one of --rev, --staged and --at")


MISSING = [
    ("a file that the chain requires", tree(PRODUCTION, ores="<?php return [];", files={"wmf-config/ext-ORES.php": None}), "wmf-config/ext-ORES.php"),
    ("the settings themselves", {k: v for k, v in CLEAN.items() if k != INITIALISE}, INITIALISE),
    ("the list of wikis", {k: v for k, v in CLEAN.items() if k != "dblists/all.dblist"}, "all.dblist"),
    ("the index of the dblists", {k: v for k, v in CLEAN.items() if k != "dblists-index.php"}, "dblists-index.php"),
    ("a list that beta puts in another's place", {k: v for k, v in tree(PRODUCTION, tags={"closed": []}, labs_tags={"closed": []}).items() if k != "dblists/closed-labs.dblist"}, "closed-labs.dblist"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("files", "said"), [case[1:] for case in MISSING], ids=[f"{case[0]} is missing" for case in MISSING]
)
def test_missing_files(at, files, said):
    at(files)
    refused(driftcheck("check"), 3, said, "restore")


@pytest.mark.parametrize("path", [INITIALISE, OVERLAY, COMMON, COMMON_LABS, "src/WmfConfig.php"])
def test_a_binary_file_is_refused_and_one_that_is_not_utf_8_is_read_as_php_reads_it(at, path):
    text = CLEAN[path]
    at({**CLEAN, path: text[:40] + b"\0" + text[40:]})
    refused(driftcheck("check"), 3, f"{path}:", "binary")
    at({**CLEAN, path: text + b"// \xff\n"})
    assert driftcheck("check", "--extension-date", "2017-11-20").code == 0


def test_a_string_that_is_not_utf_8_is_unknown(at):
    at({**CLEAN, COMMON: CLEAN[COMMON] + b"$wgOresUiEnabled = '\xff';\n"})
    told_incomplete(driftcheck("check", "--extension-date", "2017-11-20"), f"{COMMON}:", "UTF-8")


def test_a_syntax_error_in_a_class_that_is_answered_for_is_told(at):
    for path in ("multiversion/MWWikiversions.php", "tests/data/SiteConfiguration.php"):
        at({**DRIFTING, path: b"<?php\nclass X {\n\tstatic function readDbListFile() { return = 1; }\n}\n"})
        outcome = driftcheck("check", "--extension-date", "2017-11-20")
        told_incomplete(outcome, f"{path}:3", "syntax error")
        assert "error  " not in outcome.out
        Path(path).unlink()


@pytest.mark.parametrize("path", [INITIALISE, OVERLAY, COMMON, COMMON_LABS])
def test_a_syntax_error_is_the_first_thing_told_and_the_broken_file_has_no_findings(at, path):
    rotten = b"'wgOresBroken' => [ 'default' => => ],\n" if path in (INITIALISE, OVERLAY) else b"$wgOresBroken = = 1;\n"
    text = DRIFTING[path]
    at_line = text.rindex(b"]") if path in (INITIALISE, OVERLAY) else len(text)
    at({**DRIFTING, path: text[:at_line] + rotten + text[at_line:]})
    outcome = driftcheck("check", "--extension-date", "2017-11-20", "--format", "json")
    told_incomplete(outcome, f"{path}:", "syntax error")
    report = json.loads(outcome.out)
    assert report["incomplete"][0]["path"] == path
    assert "syntax error" in report["incomplete"][0]["reason"]
    assert [finding["rule"] for finding in report["findings"] if finding["beta"]["value"] is not None] == []


@pytest.mark.parametrize("path", [INITIALISE, OVERLAY, COMMON, COMMON_LABS, "src/WmfConfig.php", "dblists-index.php"])
@pytest.mark.parametrize("part", [0, 5, 30, 50, 90], ids=lambda part: f"cut to {part} percent")
def test_a_truncated_file_is_never_a_pass_nor_a_traceback(at, path, part):
    text = DRIFTING[path].rstrip() + b"\n"
    at({**DRIFTING, path: text[: len(text) * part // 100]})
    outcome = driftcheck("check", "--extension-date", "2017-11-20")
    assert "Traceback" not in outcome.err
    assert "internal error" not in outcome.err
    if path in (COMMON, COMMON_LABS):
        # A file of statements that ends between two of them is a file that says less.
        assert outcome.code in (0, 1, 2, 3)
    else:
        assert outcome.code in (2, 3), outcome
    assert len(outcome.err.splitlines()) == (outcome.code in (2, 3))


DEEP = [
    (
        "in a setting in scope",
        tree(PRODUCTION + "'wgOresDeep' => [ 'default' => " + "[" * 100_000 + "]" * 100_000 + " ],"),
    ),
    ("that are never closed", tree(PRODUCTION + "'wgOresDeep' => [ 'default' => " + "[" * 100_000)),
    ("in beta's overlay", tree(PRODUCTION, "'wgOresDeep' => [ 'default' => " + "[" * 100_000 + "]" * 100_000 + " ],")),
    ("in an assignment", tree(PRODUCTION, common_labs="$wgOresDeep = " + "[" * 100_000 + "]" * 100_000 + ";\n")),
    (
        "in a guard",
        tree(PRODUCTION, common_labs="if ( " + "(" * 100_000 + "1" + ")" * 100_000 + " ) { $wgOresDeep = 1; }\n"),
    ),
    ("as statements", tree(PRODUCTION, common_labs="{" * 50_000 + "$wgOresDeep = 1;" + "}" * 50_000)),
    ("as operators", tree(PRODUCTION + "'wgOresDeep' => [ 'default' => " + "!" * 100_000 + "1 ],")),
]


@pytest.mark.parametrize("files", [case[1] for case in DEEP], ids=[f"100,000 brackets {case[0]}" for case in DEEP])
def test_nesting_without_end(at, files):
    at(files)
    outcome = process("check", "--extension-date", "2017-11-20", timeout=20)
    assert "Traceback" not in outcome.err
    assert "internal error" not in outcome.err
    assert outcome.code == 3, outcome.err[-300:]
    (line,) = outcome.err.splitlines()
    assert "wmf-config/" in line
    assert len(line) < 500


@pytest.mark.unmeasured
def test_a_chain_of_30_000_texts_is_one_text(at):
    at(tree(PRODUCTION + "'wgOresDeep' => [ 'default' => 'a'" + " . 'a'" * 30_000 + " ],"))
    assert driftcheck("check", "--extension-date", "2017-11-20").code == 0


def test_a_dblist_that_includes_itself(at):
    at({**CLEAN, "dblists/all.dblist": b"%% all.dblist + all-labs.dblist\n"})
    refused(driftcheck("check"), 3, "dblists/all.dblist", "all -> all", "break the circle")


def test_a_setting_that_statements_alone_make_is_known_by_its_name(at):
    at(tree(PRODUCTION, common=f"{LOAD}$wgXa = 1;\n", common_labs="$wgXa = 2;\n"))
    for glob in ("wgXa", "wgX*"):
        outcome = driftcheck("check", "--setting", glob)
        assert (outcome.code, "wgXa differs" in outcome.out) == (0, True), outcome
    assert '"wgXa":1' in driftcheck("show", "enwiki", "--setting", "wgXa").out.replace(" ", "")


def test_a_settings_file_that_requires_itself(at):
    at(
        tree(
            PRODUCTION,
            ores="<?php\nreturn ( require __DIR__ . '/ext-ORES.php' ) + [ 'wgOresX' => [ 'default' => 1 ] ];\n",
        )
    )
    outcome = driftcheck("check")
    assert outcome.code == 3
    assert "Traceback" not in outcome.err
    assert "internal error" not in outcome.err


NAMES = [
    ("an unknown wiki to show", ["show", "frwki"], "frwki: no such wiki in production", "did you mean frwiki"),
    ("an unknown wiki of beta", ["show", "enwki", "--realm", "beta"], "no such wiki in beta", "enwiki"),
    ("an unknown wiki to explain", ["explain", "frwki", "wgOresModels"], "no such wiki in either realm", "frwiki"),
    ("an unknown setting to explain", ["explain", "frwiki", "wgOresModls"], "wgOresModls: no such setting", "wgOresModels"),
    ("an unknown setting to check", ["check", "--setting", "wgOresModls"], "wgOresModls: no setting of that name", "wgOresModels"),
    ("an unknown setting to show", ["show", "--setting", "wgOresModls"], "wgOresModls", "wgOresModels"),
    ("an unknown rule to select", ["check", "--select", "model-off"], "model-off: no such rule", "model-off-in-beta"),
    ("an unknown rule to ignore", ["check", "--ignore", "setting-drft"], "setting-drft: no such rule", "setting-drift"),
    ("two outputs into one file", ["check", "--format", "json", "--output", "a", "--format", "sarif", "--output", "a"], "a: two outputs into one file", "its own --output"),
    ("an unknown rule to print", ["rules", "setting-drft"], "no such rule", "setting-drift"),
    ("a name that nothing is near", ["rules", "qqqqqq"], "qqqqqq: no such rule", "driftcheck rules lists them"),
    ("an unknown schema", ["schema", "nothing"], "nothing: no such schema", "ores-v1"),
    ("an unknown profile", ["check", "--profile", "nobody"], "nobody: no such profile", "ores and all"),
    ("no day", ["check", "--extension-date", "yesterday"], "yesterday: not a date", "YYYY-MM-DD"),
    *(
        (f"{text} for {option}", ["check", option, text], f"{text}: not a date", "YYYY-MM-DD")
        for option in ("--today", "--extension-date", "--at")
        for text in ("2027-W01-1", "20270101", "2027-1-1", "2027-01-01x", "٢٠٢٧-01-01")
        if (option, text) != ("--at", "20270101")  # a time of ISO 8601 may be written without dashes
    ),
    ("a day that no calendar has", ["check", "--extension-date", "2017-02-30"], "2017-02-30: not a date", ""),
    ("no checkout of the extension", ["check", "--extension-dir", "nowhere"], "nowhere/extension.json: No such file", "--extension-dir"),
    ("an output that cannot be written", ["check", "--output", "nowhere/report.txt"], "nowhere/report.txt", "--output"),
    ("an output over the configuration", ["check", "--output", "wmf-config/CommonSettings.php"], "CommonSettings.php: a file of configuration", "name another file"),
    ("an output of show over a dblist", ["show", "--output", "dblists/all.dblist"], "all.dblist: a file of configuration", "name another file"),
    ("an output that is a folder", ["show", "--output", "."], ".: Is a directory", "--output"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "said", "also"), [case[1:] for case in NAMES], ids=[case[0] for case in NAMES])
def test_names_that_nothing_has(at, arguments, said, also):
    at(CLEAN)
    refused(driftcheck(*arguments), 2, said, also)


def test_a_file_in_the_place_of_a_folder_is_to_be_moved_away(at):
    at(CLEAN)
    Path(".driftcheck").write_text("x")
    refused(driftcheck("init"), 2, ".driftcheck: File exists", "move away what stands in its place")


def test_a_wiki_that_is_on_the_other_side_only_is_refused_with_the_realm(at):
    at(NOTE_ONLY)
    refused(driftcheck("show", "frwiki", "--realm", "beta"), 2, "frwiki: no such wiki in beta")


def test_a_wiki_glob_that_matches_none_is_refused_like_a_setting_that_is_not_there(at):
    at(CLEAN)
    refused(driftcheck("check", "--wiki", "frwki"), 2, "frwki")


USAGE = [
    ("an unknown option", ["check", "--nonsense"]),
    ("an unknown command", ["nonsense"]),
    ("an unknown severity", ["check", "--fail-on", "fatal"]),
    ("an unknown format", ["check", "--format", "xml"]),
    ("a missing argument", ["explain", "enwiki"]),
    ("an option without its value", ["check", "--rev"]),
]


@pytest.mark.parametrize("arguments", [case[1] for case in USAGE], ids=[f"{case[0]} is exit 2" for case in USAGE])
def test_usage(arguments):
    outcome = driftcheck(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert "Usage:" in outcome.err or outcome.err.startswith("Error: ")
    assert "Traceback" not in outcome.err


HOSTILE = "\x1b[31m\n::error::x\r\u202e\u2028"


def test_what_a_name_from_outside_could_do_to_a_terminal_is_made_visible(at):
    at(CLEAN)
    outcome = driftcheck("check", "--repo", HOSTILE)
    assert outcome.code == 2
    assert len(outcome.err.splitlines()) == 1
    assert not set(outcome.err.rstrip("\n")) & set(HOSTILE) - set("[31m::error::x")


def test_what_a_value_could_do_to_a_terminal_is_made_visible(at):
    at(tree(PRODUCTION, "'wgOresX' => [ 'default' => \"\\e[31m\\n::error::\\r\\u{202e}\\u{9b}31m\" ],"))
    for arguments in (["check", "--select", "setting-drift"], ["explain", "frwiki", "wgOresX"]):
        outcome = driftcheck(*arguments)
        assert "error" in outcome.out
        assert not any(line.startswith("::error::") for line in outcome.out.splitlines())
        assert not set(outcome.out) & set("\x1b\r\u202e\x9b")


def test_an_internal_error_is_one_line_with_exit_2_and_a_traceback_only_on_demand(at):
    at(CLEAN)
    broken = "import driftcheck.engine as e\ndef check(run): raise ZeroDivisionError('a\\nb')\ne.check = check"
    quiet = process("check", "--no-cache", before=broken)
    assert (quiet.code, quiet.out) == (2, "")
    (line,) = quiet.err.splitlines()
    assert "internal error: ZeroDivisionError" in line
    assert "DRIFTCHECK_DEBUG=1" in line
    loud = process("check", "--no-cache", before=broken, DRIFTCHECK_DEBUG="1")
    assert loud.code not in (0, 130)
    assert "Traceback" in loud.err


# -- streams, colour, signals ----------------------------------------------------------------------------------------------------


ESC = "\x1b["
COLOURS = [
    ("nothing is coloured that no terminal reads", {}, [], False),
    ("FORCE_COLOR colours", {"FORCE_COLOR": "1"}, [], True),
    ("NO_COLOR beats FORCE_COLOR", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
    ("an empty NO_COLOR says nothing", {"FORCE_COLOR": "1", "NO_COLOR": ""}, [], True),
    ("the flag beats NO_COLOR", {"NO_COLOR": "1"}, ["--color", "always"], True),
    ("the flag beats FORCE_COLOR", {"FORCE_COLOR": "1"}, ["--color", "never"], False),
    ("auto asks the environment", {"FORCE_COLOR": "1"}, ["--color", "auto"], True),
    ("a dumb terminal may still be forced", {"FORCE_COLOR": "1", "TERM": "dumb"}, [], True),
]


@pytest.mark.parametrize(
    ("environment", "arguments", "coloured"), [case[1:] for case in COLOURS], ids=[case[0] for case in COLOURS]
)
def test_colour(at, environment, arguments, coloured):
    at(DRIFTING)
    outcome = driftcheck("check", "--extension-date", "2017-11-20", *arguments, **environment)
    assert (ESC in outcome.out) == coloured
    assert outcome.err == ""


def test_colour_is_only_colour(at):
    at(DRIFTING)
    plain, painted = (check("--color", when).out for when in ("never", "always"))
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == plain


@pytest.mark.parametrize("format_name", ["json", "table"])
def test_a_report_in_a_file_is_the_report_without_colour(at, format_name):
    folder = at(DRIFTING)
    outcome = check("--format", format_name, "--output", "report", FORCE_COLOR="")
    assert (outcome.code, outcome.out, outcome.err) == (1, "", "")
    assert (folder / "report").read_text("utf-8") == check("--format", format_name).out


def test_json_is_never_coloured(at):
    at(DRIFTING)
    assert ESC not in check("--format", "json", "--color", "always").out


@pytest.mark.unmeasured
@pytest.mark.parametrize("width", [50, 80, 110], ids=lambda width: f"a table fits {width} columns")
def test_a_table_fits_the_terminal(at, width):
    at(tree(PRODUCTION, BETA, wikis=[f"x{number}wiki" for number in range(60)] + ["enwiki", "frwiki"]))
    indented = [line for line in check(COLUMNS=str(width)).out.splitlines() if line.startswith(" ")]
    # A path stays whole, to be copied; nothing else is wider than the terminal.
    assert [line for line in indented if len(line) > width and "/" not in line.split()[-1]] == []
    assert len(indented) > 10


def test_a_table_says_the_rule_the_wikis_both_places_and_what_to_do(at):
    at(DRIFTING)
    text = check(COLUMNS="110").out
    block = text[text.index("model-off-in-beta") :].split("\n\n")[0]
    for part in (
        "wgOresModels.goodfaith.enabled",
        "enwiki, frwiki",
        f"{INITIALISE}:",
        f"{OVERLAY}:",
        "Enable the model in beta's overlay",
    ):
        assert part in block
    assert "\n1 error, 1 warning, 0 notes; 2 wikis compared\n" in text


def test_a_full_disk_is_one_line(at):
    at(tree(PRODUCTION, BETA, wikis=[f"x{number}wiki" for number in range(200)]))
    with Path("/dev/full").open("wb") as full:
        outcome = process("show", stdout=full)
    assert outcome.code == 2
    assert "Traceback" not in outcome.err
    assert "No space left" in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_an_interrupt_is_exit_130_and_silent(at):
    at(CLEAN)
    script = (
        # A process that was started in the background may have inherited that it ignores interrupts.
        "import driftcheck.engine as e, signal, time\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def check(run):\n    print('ready', flush=True)\n    time.sleep(60)\n"
        "e.check = check\nfrom driftcheck.cli import main; main()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, "check", "--no-cache"],
        env=process_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout.readline() == "ready\n"
        time.sleep(0.1)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=20)
    assert running.returncode == 130
    assert "Traceback" not in said


def test_output_does_not_depend_on_the_locale(at):
    at(tree(PRODUCTION, "'wgOresX' => [ 'default' => 'é漢' ],"))
    outcomes = [
        process("check", "--extension-date", "2017-11-20", LC_ALL=locale, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
        for locale, encoding in (("C", "ascii"), ("C.UTF-8", "utf-8"))
    ]
    assert outcomes[0] == outcomes[1]
    assert "é漢" in outcomes[0].out


# -- the JSON report ----------------------------------------------------------------------------------------------------------------


REPORTS = [
    ("clean", CLEAN),
    ("drifting", DRIFTING),
    ("with notes", NOTE_ONLY),
    ("with holes", HOLED),
    ("of no wiki with the extension", tree()),
]


@pytest.mark.parametrize(
    "files",
    [case[1] for case in REPORTS],
    ids=[f"the report of a tree that is {case[0]} keeps the schema" for case in REPORTS],
)
def test_the_report_keeps_its_schema(at, files):
    at(files)
    report = json.loads(check("--format", "json").out)
    schema = json.loads(SCHEMA.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(report)] == []


def test_the_report_counts_what_it_lists_and_names_what_it_read(tmp_path):
    repo = Repo(tmp_path / "repo")
    commit = repo.commit(DRIFTING)
    told = json.loads(driftcheck("check", "--format", "json", "--rev", "HEAD", "--repo", str(repo.root)).out)
    for severity in ("error", "warning", "note"):
        assert told["summary"][severity] == sum(finding["severity"] == severity for finding in told["findings"])
    assert {(s["realm"], s["revision"], s["path"]) for s in told["snapshots"]} == {
        (realm, commit, str(repo.root)) for realm in ("production", "beta")
    }
    places = [place for finding in told["findings"] for place in finding["locations"]]
    assert places
    for place in places:
        assert place["revision"] == commit
        assert len(DRIFTING[place["path"]].decode().splitlines()) >= place["line"] >= 1


def test_a_finding_s_chain_goes_from_the_literal_to_the_wiki(at):
    at(DRIFTING)
    (finding,) = [f for f in json.loads(check("--format", "json").out)["findings"] if f["rule"] == "model-off-in-beta"]
    beta = [step["op"] for step in finding["provenance"]["beta"]]
    assert beta[0] == "literal"
    assert {"override", "select"} <= set(beta)
    assert all(step["path"] == OVERLAY for step in finding["provenance"]["beta"] if step["op"] == "literal")
    assert (finding["production"], finding["beta"]) == (True, False)


# -- show ------------------------------------------------------------------------------------------------------------------------------


def test_show_stops_where_it_is_told(at):
    at(tree(PRODUCTION, common="if ( $wmgUseORES ) {\n\twfLoadExtension( 'ORES' );\n\t$wgOresX = 5;\n}\n"))
    told = {
        until: json.loads(driftcheck("show", "enwiki", "--until", until, "--extension-date", "2017-11-20").out)[
            "enwiki"
        ]
        for until in ("arrays", "assignments", "defaults", "normalized")
    }
    assert told["arrays"]["wgOresX"] == {"a": 1, "b": None, "c": [1.5, "é"]}
    assert told["assignments"]["wgOresX"] == 5
    assert "wgOresFiltersThresholds" not in told["assignments"]
    assert "wgOresFiltersThresholds" in told["defaults"]
    assert told["normalized"]["settings"]["wgOresX"] == 5
    assert told["normalized"]["models"]["goodfaith"] == {"enabled": True}
    assert told["normalized"]["enabled"] is True


def test_show_names_the_realm_the_wikis_and_the_settings(at):
    at(DRIFTING)
    both = [
        json.loads(driftcheck("show", "--until", "arrays", "--setting", "wgOresX", "--realm", realm).out)
        for realm in ("production", "beta")
    ]
    assert both[0]["frwiki"] == {"wgOresX": {"a": 1, "b": None, "c": [1.5, "é"]}}
    assert both[1]["frwiki"] == {"wgOresX": {"7": True}}
    assert list(both[0]) == ["enwiki", "frwiki"]
    assert list(json.loads(driftcheck("show", "frwiki", "enwiki", "frwiki", "--until", "arrays").out)) == [
        "frwiki",
        "enwiki",
    ]


def test_show_of_the_profile_all_has_every_setting(at):
    at(tree("'wgSitename' => [ 'default' => '$lang' ],\n'wgLogo' => [ 'frwiki' => 1 ],"))
    for until in ("arrays", "normalized"):
        told = json.loads(driftcheck("show", "--profile", "all", "--until", until).out)
        assert (told["frwiki"]["wgSitename"], told["frwiki"]["wgLogo"], told["enwiki"]["wgSitename"]) == ("fr", 1, "en")
        assert "wgLogo" not in told["enwiki"]


def test_show_writes_a_file(at):
    folder = at(CLEAN)
    assert driftcheck("show", "--output", "out.json").out == ""
    assert json.loads((folder / "out.json").read_text("utf-8")) == json.loads(driftcheck("show").out)


def test_show_tells_a_hole_and_is_incomplete(at):
    at(HOLED)
    outcome = driftcheck("show", "enwiki", "--until", "arrays")
    assert "unknown" in json.loads(outcome.out)["enwiki"]["wgOresY"]
    assert outcome.code == 3


def test_show_is_the_same_for_a_revision_the_index_and_the_work_tree(tmp_path):
    repo = Repo(tmp_path / "repo")
    repo.commit(DRIFTING)
    told = [driftcheck("show", *arguments, cwd=repo.root) for arguments in ([], ["--staged"], ["--rev", "HEAD"])]
    assert told[0] == told[1] == told[2]
    assert told[0].code == 0


# -- explain ------------------------------------------------------------------------------------------------------------------------------


def explained(*arguments: str) -> str:
    outcome = driftcheck("explain", *arguments, "--extension-date", "2017-11-20")
    assert (outcome.code, outcome.err) == (0, "")
    return outcome.out


def line_of(files: dict[str, bytes], path: str, text: str) -> str:
    lines = files[path].decode().splitlines()
    (number,) = [number for number, line in enumerate(lines, 1) if text in line]
    return f"{path}:{number}"


def test_explain_says_what_each_realm_has_and_which_line_decided(at):
    at(DRIFTING)
    text = explained("frwiki", "wgOresModels.goodfaith")
    production, beta = text.split("\nbeta has ")
    assert "production has true" in production
    assert line_of(DRIFTING, INITIALISE, "'goodfaith' => true") in production
    assert beta.startswith("false")
    assert line_of(DRIFTING, OVERLAY, "'goodfaith' => false") in beta
    assert line_of(DRIFTING, INITIALISE, "'goodfaith' => true") in beta, "what the overlay replaced has lost"
    assert "The realms differ." in text


def test_explain_says_that_the_realms_agree(at):
    at(CLEAN)
    text = explained("enwiki", "wgOresX.c")
    assert text.startswith("enwiki: wgOresX.c\n")
    assert text.rstrip().endswith("The realms agree.")
    assert '[1.5, "é"]' in text


def test_explain_names_the_losers(at):
    at(tree(ON + "'wgOresX' => [ 'default' => 1, 'wiki' => 2, 'frwiki' => 3 ],"))
    text = explained("frwiki", "wgOresX")
    assert "through the selector 'frwiki'" in text
    assert "overridden: 'wiki', 2" in text
    assert "overridden: 'default', 1" in text
    assert "lost" not in explained("frwiki", "wmgUseORES")


def test_explain_names_the_assignment_that_came_later(at):
    files = tree(
        ON,
        common="if ( $wmgUseORES ) {\n\twfLoadExtension( 'ORES' );\n\t$wgOresX = 5;\n}\n",
        beta="'wgOresX' => [ 'default' => 1 ],",
    )
    at(files)
    text = explained("enwiki", "wgOresX")
    assert "CommonSettings" in text
    assert line_of(files, COMMON, "$wgOresX = 5") in text


def test_explain_names_the_extension_s_default(at):
    at(tree(ON))
    text = explained("enwiki", "wgOresModels.damaging")
    assert "production has true" in text
    assert "extensions/ORES/extension.json:" in text


def test_explain_of_a_merge_names_every_selector(at):
    at(tree(ON + "'wgOresX' => [ 'default' => [ 'a' => 1 ], '+frwiki' => [ 'b' => 2 ] ],"))
    text = explained("frwiki", "wgOresX")
    assert "through the selector '+frwiki', merged with 'default'" in text


def test_explain_of_what_nothing_sets(at):
    at(tree(ON + "'wgOresX' => [ 'enwiki' => 1 ],"))
    text = explained("frwiki", "wgOresX")
    assert "production has no value" in text
    assert "not set" in text


def test_explain_of_a_wiki_that_one_realm_has(at):
    at(NOTE_ONLY)
    text = explained("frwiki", "wgOresModels.damaging")
    assert "beta does not have frwiki" in text
    assert "The realms" not in text


def test_explain_of_a_hole_does_not_call_it_agreement(at):
    at(HOLED)
    outcome = driftcheck("explain", "enwiki", "wgOresY")
    assert "(unknown: " in outcome.out
    assert "The realms agree" not in outcome.out
    assert "The realms differ." not in outcome.out


def test_explain_of_a_setting_that_only_the_profile_all_has(at):
    at(tree("'wgSitename' => [ 'default' => '$lang' ],"))
    for arguments in ([], ["--profile", "all"]):
        text = explained("frwiki", "wgSitename", *arguments)
        assert 'production has "fr"' in text


# -- rules, schema, help -----------------------------------------------------------------------------------------------------------------------


def test_rules_lists_every_rule_once():
    lines = driftcheck("rules").out.splitlines()
    assert [line.split()[:2] for line in lines] == [[rule.severity.label, rule.id] for rule in RULES.values()]


def test_a_rule_s_page():
    for rule in RULES.values():
        _assert_page(rule)


def _assert_page(rule):
    page = driftcheck("rules", rule.id).out
    assert page.startswith(f"# {rule.id}\n")
    for part in (
        rule.why,
        rule.fix,
        rule.severity.label,
        "## Bad",
        "## Good",
        *filter(None, rule.bad.production.strip().splitlines()),
    ):
        assert part in page


def test_schema_lists_and_prints_every_schema():
    assert driftcheck("schema").out.splitlines() == schema_names()
    for name in schema_names():
        assert driftcheck("schema", name).out == schema_text(name)
        Draft202012Validator.check_schema(json.loads(schema_text(name)))
    assert {"ores-v1", "report-v1"} <= set(schema_names())


@pytest.mark.parametrize(
    "command",
    [[], ["check"], ["show"], ["explain"], ["rules"], ["schema"]],
    ids=lambda command: f"help of {' '.join(command) or 'everything'}",
)
def test_help(command):
    outcome = driftcheck(*command, "--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == driftcheck(*command, "-h").out
    assert max(map(len, outcome.out.splitlines())) <= 100


def test_start_up_imports_nothing_heavy():
    """What click imports, which is the standard library's subprocess on Python 3.10, is click's own."""
    script = (
        "import sys\nimport click\nbefore = set(sys.modules)\nfrom driftcheck.cli import cli\n"
        "heavy = {'tree_sitter', 'jsonschema', 'jsonschema_rs', 'tabulate', 'yaml', 'subprocess'}\n"
        "print(*sorted(heavy & (set(sys.modules) - before)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=process_environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


def test_a_check_loads_what_its_profile_and_format_need(at):
    """What it loads has no data class either: to make one takes half a millisecond at every start."""
    at(DRIFTING)
    before = "import atexit, sys; atexit.register(lambda: print('loaded', *sys.modules))"
    outcome = process("check", "--extension-date", "2017-11-20", "--no-cache", before=before)
    loaded = set(outcome.out.splitlines()[-1].split())
    rules, idle = "driftcheck.layers.extension.rules", ("jsonschema", "yaml", "tabulate", "deepdiff")
    assert f"{rules}.drift" in loaded
    assert loaded.isdisjoint({*idle, f"{rules}.settings", "driftcheck.statistics.solve", "driftcheck.report.html"})
    sources = {
        path.with_suffix("") for path in (ROOT / "driftcheck").rglob("*.py") if "@dataclass" in path.read_text("utf-8")
    }
    assert loaded.isdisjoint(".".join(path.relative_to(ROOT).parts) for path in sources)


def test_the_version_is_printed():
    from driftcheck import __version__

    assert __version__ in driftcheck("--version").out


def test_the_package_runs_as_a_module():
    done = subprocess.run([sys.executable, "-m", "driftcheck", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("driftcheck, version ")
