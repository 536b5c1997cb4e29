"""The habits of the terminal: progress, -q and -v, widths, completion, and help whose examples run."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import termios
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from support import FIXTURES, ROOT
from support.cli import commands, driftcheck, process, process_environment
from support.git import Repo, write
from support.trees import MODELS_AND_DRIFT, service, tree

from driftcheck.cli import cli
from driftcheck.cli.stages import Stages
from driftcheck.core.resources import schema_names
from driftcheck.layers.extension.profiles import BUNDLED
from driftcheck.layers.registry import RULES
from driftcheck.report import FORMATS
from driftcheck.statistics.http import Client

if TYPE_CHECKING:
    import click

COMMANDS = commands()
DRIFTING = tree(*MODELS_AND_DRIFT)
HOLED = tree("'wgOresY' => [ 'default' => getenv( 'Y' ) ],")
CHECK = ("check", "--extension-date", "2017-11-20")
ERASE = "\r\x1b[K"
# A timer that goes off as soon as it starts: what is drawn does not depend on how fast the machine is.
AT_ONCE = """
import threading
class Timer:
    daemon = True
    def __init__(self, seconds, function, arguments): self.run = lambda: function(*arguments)
    def start(self): self.run()
    def cancel(self): pass
    def join(self): pass
threading.Timer = Timer
"""


@pytest.fixture
def at(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    folder = write(DRIFTING, tmp_path / "tree")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr("threading.Timer", threading.Timer)  # so that it is put back
    exec(AT_ONCE)


# -- progress --------------------------------------------------------------------------------------------------------


class Screen:
    """A standard error that remembers."""

    encoding = "utf-8"

    def __init__(self, terminal=True):
        self.terminal, self.text = terminal, ""

    def isatty(self):
        return self.terminal

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def watched(monkeypatch, *, terminal=True, quiet=False, **environment):
    screen = Screen(terminal)
    monkeypatch.setattr(sys, "stderr", screen)
    for name, value in {"TERM": "xterm", **environment}.items():
        monkeypatch.setenv(name, value)
    if "CI" not in environment:
        monkeypatch.delenv("CI", raising=False)
    return Stages(quiet=quiet, verbose=False), screen


def test_a_stage_is_named_while_it_lasts_and_erased_when_it_ends(monkeypatch, at_once):
    stages, screen = watched(monkeypatch)
    with stages("evaluate beta"):
        assert screen.text == f"{ERASE}driftcheck: evaluate beta ..."
    assert screen.text.endswith(f"...{ERASE}")


def test_a_stage_that_fails_leaves_nothing_behind_either(monkeypatch, at_once):
    stages, screen = watched(monkeypatch)
    with pytest.raises(KeyboardInterrupt), stages("parse"):
        raise KeyboardInterrupt
    assert screen.text.endswith(ERASE)


def test_work_that_is_soon_done_is_not_talked_about(monkeypatch):
    monkeypatch.setattr("driftcheck.cli.stages._PATIENCE", 3600)
    stages, screen = watched(monkeypatch)
    for name in ("snapshot", "parse"):
        with stages(name):
            pass
    assert screen.text == ""


UNWATCHED = [
    ("no terminal", {"terminal": False}),
    ("a dumb terminal", {"TERM": "dumb"}),
    ("a CI job", {"CI": "true"}),
    ("--quiet", {"quiet": True}),
]


@pytest.mark.parametrize("how", [case[1] for case in UNWATCHED], ids=[f"not with {case[0]}" for case in UNWATCHED])
def test_nobody_is_told_who_does_not_watch(monkeypatch, at_once, how):
    stages, screen = watched(monkeypatch, **how)
    with stages("parse"):
        pass
    assert screen.text == ""


def on_a_terminal(arguments, columns=100, **environment):
    """The command with standard error on a terminal: exit code, standard output, and what the terminal got."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    held = process_environment() | {"TERM": "xterm"} | environment
    held.pop("CI", None)
    done = subprocess.run(
        [sys.executable, "-c", f"{AT_ONCE}\nfrom driftcheck.cli import main; main()", *arguments],
        env=held,
        stdout=subprocess.PIPE,
        stderr=follower,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=60,
    )
    os.close(follower)
    said = b""
    try:
        while part := os.read(leader, 65536):
            said += part
    except OSError:
        pass  # Linux says so at the end of a terminal
    os.close(leader)
    return done.returncode, done.stdout.decode(), said.decode()


def test_a_person_who_watches_sees_each_stage_and_then_nothing_of_it(at):
    code, out, said = on_a_terminal(CHECK)
    stages = re.findall(r"driftcheck: ([a-z ]+) \.\.\.", said)
    assert code == 1
    assert stages == ["snapshot", "cache", "parse", "evaluate production", "evaluate beta", "compare", "waivers", "render table"]  # fmt: skip
    assert said.endswith(ERASE)
    assert ERASE not in out


@pytest.mark.parametrize(
    ("arguments", "stage"),
    [
        (["show", "enwiki"], "evaluate"),
        (["explain", "enwiki", "wgOresModels"], "evaluate"),
        (["baseline"], "evaluate beta"),
    ],
    ids=["show", "explain", "baseline"],
)
def test_other_commands_say_what_they_are_at_too(at, arguments, stage):
    code, out, said = on_a_terminal(arguments)
    assert (code, ERASE in out, out != "") == (0, False, True)
    assert f"driftcheck: {stage} ..." in said
    assert said.endswith(ERASE)


def test_pipes_get_no_progress(at):
    assert process(*CHECK, before=AT_ONCE).err == ""


# -- -q and -v -------------------------------------------------------------------------------------------------------


def test_verbose_adds_the_time_of_each_stage_on_standard_error_and_nothing_else(tmp_path, monkeypatch):
    repo = Repo(tmp_path / "repo")
    repo.commit(DRIFTING)
    monkeypatch.chdir(repo.root)
    arguments = (*CHECK, "--no-cache", "--since", "HEAD", "--format", "json")
    plain, verbose = driftcheck(*arguments), driftcheck(*arguments, "-v")
    assert (verbose.code, verbose.out, plain.err) == (plain.code, plain.out, "")
    told = [re.fullmatch(r"driftcheck: +\d+\.\d{3} s  (.+)", line)[1] for line in verbose.err.splitlines()]
    assert told == ["snapshot", "parse", "evaluate production", "evaluate beta", "compare", "waivers", "since", "render json"]  # fmt: skip


def test_quiet_is_the_last_line_of_the_table(at):
    loud, quiet = driftcheck(*CHECK), driftcheck(*CHECK, "-q")
    assert (quiet.code, quiet.out, quiet.err) == (1, f"{loud.out.splitlines()[-1]}\n", "")
    assert quiet.out.startswith("1 error, ")


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "table"])
def test_quiet_leaves_a_machine_format_as_it_is(at, name):
    assert driftcheck(*CHECK, "-q", "--format", name) == driftcheck(*CHECK, "--format", name)


def test_quiet_leaves_a_file_as_it_is(at):
    driftcheck(*CHECK, "--output", "loud")
    assert driftcheck(*CHECK, "-q", "--output", "quiet").out == ""
    assert Path("quiet").read_text() == Path("loud").read_text()


def test_quiet_still_says_why_a_run_is_incomplete(at):
    write(HOLED, at)
    outcome = driftcheck(*CHECK, "-q")
    assert (outcome.code, len(outcome.out.splitlines())) == (3, 1)
    assert outcome.err.startswith("driftcheck: incomplete: ")


def test_quiet_and_verbose_at_once_are_refused(at):
    outcome = driftcheck(*CHECK, "-q", "-v")
    assert (outcome.code, outcome.out) == (2, "")
    assert "use only one of" in outcome.err


@pytest.mark.parametrize("columns", [60, 90])
def test_before_a_pager_a_table_is_as_wide_as_the_terminal(at, columns):
    write(tree(*MODELS_AND_DRIFT, wikis=[f"x{number}wiki" for number in range(60)]), at)
    _, out, _ = on_a_terminal(CHECK, columns)
    widest = max(len(line) for line in out.splitlines() if line.startswith(" "))
    assert columns - 15 < widest <= columns


# -- completion ------------------------------------------------------------------------------------------------------


def completed(*words, **environment):
    """What click's protocol for bash answers: (kind, text) for each."""
    line = shlex.join([w for w in words if w]) + ("" if words[-1] else " ")
    outcome = driftcheck(
        _DRIFTCHECK_COMPLETE="bash_complete", COMP_WORDS=f"driftcheck {line}", COMP_CWORD=str(len(words)), **environment
    )
    assert (outcome.code, outcome.err) == (0, "")
    return [tuple(line.split(",", 1)) for line in outcome.out.splitlines() if line]


def offered(*words):
    return {text for _, text in completed(*words)}


OFFERS = [
    ("commands", [""], set(COMMANDS)),
    ("a command", ["tr"], {"trend"}),
    ("options", ["check", "--fo"], {"--format"}),
    ("formats", ["check", "--format", ""], set(FORMATS)),
    ("severities", ["check", "--fail-on", "w"], {"warning"}),
    ("rules to select", ["check", "--select", ""], set(RULES)),
    ("rules to ignore", ["check", "--ignore", "model-o"], {rule for rule in RULES if rule.startswith("model-o")}),
    ("rules to print", ["rules", ""], set(RULES)),
    ("profiles", ["check", "--profile", ""], set(BUNDLED)),
    ("schemas", ["schema", ""], set(schema_names())),
    ("wikis to explain", ["explain", "f"], {"frwiki"}),
    ("wikis to show", ["show", "enwiki", ""], {"enwiki", "frwiki"}),
    ("wikis to check", ["check", "--wiki", "e"], {"enwiki"}),
    ("settings to explain", ["explain", "frwiki", "wgOresM"], {"wgOresModels"}),
    ("settings to check", ["check", "--setting", "wgOres"], {"wgOresModels", "wgOresX"}),
]


@pytest.mark.parametrize(("words", "names"), [case[1:] for case in OFFERS], ids=[case[0] for case in OFFERS])
def test_a_shell_is_offered(at, words, names):
    assert names
    assert offered(*words) == names


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (["check", "--repo", "wm"], "dir"),
        (["check", "--output", "re"], "file"),
        (["check", "--profile", "our"], "file"),
        (["baseline", "--prune", "b"], "file"),
        (["trend", "old"], "file"),
        (["trend", "old.json", "n"], "file"),
        (["init", "--repo", "x"], "dir"),
    ],
    ids=lambda held: " ".join(held) if isinstance(held, list) else held,
)
def test_a_shell_is_told_to_look_for_paths(at, words, kind):
    assert completed(*words) == [(kind, words[-1])]


def test_every_option_that_takes_a_path_a_rule_or_a_glob_completes_it():
    bare = {
        (name, option.name)
        for name, command in COMMANDS.items()
        for option in command.params
        if option.metavar in {"FILE", "PATH", "RULE", "GLOB", "NAME"} and option._custom_shell_complete is None
    }
    assert bare == set()


def test_wikis_and_settings_are_those_of_the_repository_that_is_named(at, monkeypatch, tmp_path_factory):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert offered("explain", "f") == set()
    assert offered("explain", "--repo", str(at), "f") == {"frwiki"}
    assert "wgOresX" in offered("explain", "--repo", str(at), "frwiki", "")


SPOILED = {
    "a configuration that cannot be read": {"driftcheck.yaml": "a: [\n"},
    "lists that are no text": {"dblists/all.dblist": b"\xff\xfe\0enwiki\n", "dblists/all-labs.dblist": b"\0"},
    "lists that are folders": {"dblists/all.dblist/x": "", "wmf-config/InitialiseSettings.php/x": ""},
    "hostile names": {"dblists/all.dblist": "\x1b[31mwiki\n`id`\n$(id)\nfrwiki; id\n"},
    "nothing": {},
}


@pytest.mark.parametrize("words", [["explain", ""], ["explain", "frwiki", ""], ["check", "--wiki", ""]], ids=" ".join)
@pytest.mark.parametrize("files", SPOILED.values(), ids=SPOILED)
def test_a_shell_that_asks_at_a_bad_place_gets_an_answer(tmp_path, monkeypatch, files, words):
    monkeypatch.chdir(write(files, tmp_path))
    assert all(re.fullmatch(r"\w+", text) for text in offered(*words))


def test_completion_does_not_wait_for_the_evaluator(at):
    heavy = ("tree_sitter", "jsonschema", "driftcheck.php.evaluator", "tabulate", "yaml")
    write({"driftcheck.yaml": "fail-on: never\n"}, at)
    for words in ("check --select ", "explain f", "explain frwiki wg", "schema ", "check --profile "):
        before = (
            f"import atexit, sys; atexit.register(lambda: print('loaded', [m for m in {heavy} if m in sys.modules]))"
        )
        outcome = process(
            before=before,
            _DRIFTCHECK_COMPLETE="bash_complete",
            COMP_WORDS=f"driftcheck {words}",
            COMP_CWORD=str(len(words.split(" "))),
        )
        *names, loaded = outcome.out.splitlines()
        assert names
        assert (outcome.code, outcome.err, loaded) == (0, "", "loaded []")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_one_line_installs_it_and_the_readme_has_it(shell, monkeypatch):
    readme = (ROOT / "README.md").read_text("utf-8")
    assert f"{shell}_source" in readme
    if shell == "bash":
        monkeypatch.setattr("click.shell_completion.BashComplete._check_version", lambda *_: None)
    outcome = driftcheck(_DRIFTCHECK_COMPLETE=f"{shell}_source")
    assert (outcome.code, outcome.err) == (0, "")
    assert f"_DRIFTCHECK_COMPLETE={shell}_complete" in outcome.out


@pytest.fixture
def command(tmp_path):
    """A folder for PATH in which driftcheck is this checkout's."""
    shim = tmp_path / "bin/driftcheck"
    shim.parent.mkdir()
    shim.write_text(
        f"#!/bin/sh\nexec {shlex.quote(sys.executable)} -c 'from driftcheck.cli import main; main()' \"$@\"\n"
    )
    shim.chmod(0o755)
    return f"{shim.parent}:{os.environ['PATH']}"


def test_a_real_bash_completes(at, command):
    readme = (ROOT / "README.md").read_text("utf-8")
    (line,) = re.findall(r"^eval .*bash_source.*$", readme, re.MULTILINE)
    done = subprocess.run(
        ["bash", "--norc", "-c", f"{line}\nCOMP_WORDS=(driftcheck explain fr) COMP_CWORD=2\n_driftcheck_completion driftcheck\necho ${{COMPREPLY[@]}}"],
        env=process_environment() | {"PATH": command},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("frwiki\n", "")


# -- help ------------------------------------------------------------------------------------------------------------


def examples(command: click.Command) -> list[str]:
    """The lines of a help text that are commands; what follows two spaces is said about them."""
    return [
        re.split(r"\s{2,}", line)[0] for line in re.findall(r"^ +(driftcheck .*)$", command.help or "", re.MULTILINE)
    ]


EXAMPLES = [(name, text) for name, command in [("", cli), *COMMANDS.items()] for text in examples(command)]
FIRST = set(dict(reversed(EXAMPLES)).values())


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """What the examples speak of: the incident in git, a bare copy, a checkout below, reports, a baseline, statistics."""
    root = tmp_path_factory.mktemp("examples") / "root"
    incident = FIXTURES / "mediawiki/incident"
    shutil.copytree(incident, root)
    common = root / "wmf-config/CommonSettings.php"
    common.write_text(common.read_text("utf-8") + "wfLoadExtension( 'GrowthExperiments' );\n", "utf-8")
    repo = Repo(root)
    repo.commit()
    repo.git("commit", "-q", "--allow-empty", "-m", "again")
    repo.git("update-ref", "refs/remotes/origin/master", "HEAD")
    repo.git("clone", "-q", "--bare", ".", "mw.git")
    shutil.copytree(incident, root / "mediawiki-config")
    write(service(enwiki=["damaging", "goodfaith"]), root / "ores-deploy")
    for name in ("tables", "today", "tomorrow"):
        shutil.copytree(FIXTURES / "statistics-2017-11-20", root / name)
    for name in ("yesterday.json", "report.json"):
        driftcheck("check", "--no-cache", "--format", "json", "--output", name, cwd=root)
    driftcheck("baseline", "--no-cache", "--output", "baseline.json", cwd=root)
    for name, realm in (("values.json", "production"), ("production.json.gz", "production"), ("beta.json.gz", "labs")):
        (root / name).write_text(
            json.dumps({"meta": {"realm": realm, "tree": "HEAD"}, "settings": {}}), encoding="utf-8"
        )
    return root


def null(_, urls):
    """A service without a connection, that answers null to everything."""
    out = []
    for url in urls:
        parts = urlsplit(url)
        query = {name: held[0] for name, held in parse_qs(parts.query).items()}
        thresholds = {}
        for outcome in re.findall(r"thresholds\.(true|false)\.", query["model_info"]):
            thresholds.setdefault(outcome, []).append(None)
        models = {name: {"statistics": {"thresholds": thresholds}} for name in query["models"].split("|")}
        out.append(json.dumps({parts.path.split("/")[3]: {"models": models}}).encode())
    return out


def held(root):
    """Every path below, and when it changed."""
    return {path.relative_to(root): path.lstat().st_mtime_ns for path in root.rglob("*")}


@pytest.fixture
def place(stage):
    """The stage as it was made, at the same place for each example: after one that wrote it is made anew."""
    root = stage.parent / "copy"
    if not root.exists():
        shutil.copytree(stage, root)
    yield root
    if held(root) != held(stage):
        shutil.rmtree(root)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(text, marks=[pytest.mark.unmeasured] * (text not in FIRST))
        for text in dict.fromkeys(text for _, text in EXAMPLES)
    ],
)
def test_an_example_of_the_help_runs(stage, place, text, monkeypatch):
    monkeypatch.setattr(Client, "fetch", null)
    # Each finds what those before it kept in the cache.
    monkeypatch.setenv("XDG_CACHE_HOME", str(stage.parent / "cache"))
    outcome = driftcheck(*shlex.split(text)[1:], cwd=place)
    assert outcome.code in (0, 1), outcome.err
    assert outcome.out or "--apply" in text or held(place).keys() - held(stage).keys() or "--output" in text


def test_every_command_s_help_has_examples_before_its_options():
    told = {name for name, _ in EXAMPLES}
    assert told == {"", *COMMANDS}
    for name, command in COMMANDS.items():
        text = driftcheck(name, "--help").out
        assert text.index("Example") < re.search("^  -", text, re.MULTILINE).start(), name
        assert all(example.startswith(f"driftcheck {name}") for example in examples(command)[:1])


@pytest.mark.parametrize("columns", ["80", "120"])
@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_fits_a_terminal(name, columns):
    text = driftcheck(*filter(None, [name]), "--help", COLUMNS=columns).out
    assert max(map(len, text.splitlines())) <= 100


def test_the_sections_of_check_hold_each_option_once():
    command = COMMANDS["check"]
    listed = [name for names in command.sections.values() for name in names]
    assert len(listed) == len(set(listed))
    told = re.findall(r"^  (?:-\w, )?(--[\w-]+)", driftcheck("check", "--help", COLUMNS="100").out, re.MULTILINE)
    assert sorted(told) == sorted([option.opts[-1] for option in command.params if not option.hidden] + ["--help"])


def test_an_interrupt_while_the_program_is_loaded_ends_it_without_a_word():
    script = (
        # A process that was started in the background may have inherited that it ignores interrupts.
        "import os, signal, sys\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Interrupts:\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'driftcheck.cli':\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupts())\n"
        "from driftcheck.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")
