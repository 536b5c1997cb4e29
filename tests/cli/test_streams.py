"""The exit code when nobody reads on, when a stream is closed, and when standard error is full."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from support.cli import driftcheck, process_environment
from support.git import write
from support.trees import BETA_URL, ON, OVERLAY, tree

from driftcheck.core.characters import json_text

PRODUCTION = (
    ON
    + "'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => true, 'reverted' => false, 'wp10' => false ] ],\n"
)
MANY = "".join(f"'wgOresX{n}' => [ 'default' => '{'x' * 100}' ],\n" for n in range(250))
WIKIS = [f"x{n}wiki" for n in range(10)]
BROKEN = {OVERLAY: "<?php\nx ["}


@pytest.fixture(scope="module")
def trees(tmp_path_factory):
    """A tree with much to say: with drift, and one that cannot be read whole; and where reports are kept for all runs."""
    held = tree(
        PRODUCTION, "'wgOresModels' => [ 'default' => [ 'goodfaith' => false ] ],\n" + MANY, common_labs=BETA_URL
    )
    drift = write(tree(PRODUCTION, MANY, wikis=WIKIS), tmp_path_factory.mktemp("drift"))
    hole = write({**held, **BROKEN}, tmp_path_factory.mktemp("hole"))
    unknown = write(tree(PRODUCTION + "'wgOresX' => [ 'default' => $unset ],\n"), tmp_path_factory.mktemp("unknown"))
    cache = str(tmp_path_factory.mktemp("cache"))
    return {
        "unknown": str(unknown), "drift": str(drift), "hole": str(hole), "nowhere": str(drift / "none"), "cache": cache
    }  # fmt: skip


def shell(trees, arguments, rest):
    """The exit code of a command in a shell that does something with its streams, and what came to the shell's own."""
    script = f"{sys.executable} -c 'from driftcheck.cli import main; main()' {arguments.format(**trees)} {rest}"
    done = subprocess.run(
        ["bash", "-c", f"{script}; exit ${{PIPESTATUS[0]}}"],
        env=process_environment() | {"XDG_CACHE_HOME": trees["cache"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


LEAVING = ("| true", "| head -c 100 >/dev/null", ">&-")


@pytest.mark.parametrize("rest", LEAVING)
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("check --format json --repo {drift}", 1),
        ("check --repo {drift}", 1),
        ("check --exit-zero --format json --repo {drift}", 0),
        ("check -q --repo {hole}", 3),
        ("show --until defaults --repo {drift}", 0),
        ("show --until defaults --repo {unknown}", 3),
    ],
)
def test_the_verdict_survives_a_reader_that_leaves_first(trees, arguments, code, rest):
    got, said = shell(trees, arguments, f"2>/dev/null {rest}")
    assert (got, said) == (code, "")


@pytest.mark.parametrize("sink", [">/dev/full", ">&-"])
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("check --repo {hole}", 3),
        ("check --verbose --repo {drift}", 1),
        ("check --repo {nowhere}", 2),
        ("check --no-such-option", 2),
        ("show --until defaults --repo {unknown}", 3),
    ],
)
def test_the_verdict_survives_a_standard_error_that_is_full_or_closed(trees, arguments, code, sink):
    assert shell(trees, arguments, f">/dev/null 2{sink}") == (code, "")


def test_a_short_report_that_does_not_fit_on_the_disk_is_one_line_and_exit_2(trees):
    code, said = shell(trees, "check -q --repo {drift}", ">/dev/full")
    assert code == 2
    assert "No space left" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--format", "##[error]x"),
        ("##vso[task]x",),
        ("check", "--##[add-mask]a"),
        ("check", "--fail-on", "\x1b[31m"),
    ],
)
def test_what_click_refuses_is_shown_without_what_a_runner_or_a_terminal_obeys(arguments):
    outcome = driftcheck(*arguments)
    assert outcome.code == 2
    assert "Error: " in outcome.err
    assert not any(sign in outcome.err for sign in ("##[", "##vso[", "\x1b"))


@pytest.mark.parametrize("address", ["https://me:hunter2@h/", "https://h/?token=hunter2", "https://me:hunter2@h:x/"])
def test_a_secret_in_an_address_is_not_repeated(tmp_path, address):
    outcome = driftcheck("check", "--repo", str(tmp_path), "--statistics", address)
    assert outcome.code == 2
    assert "hunter2" not in outcome.err
    assert "--statistics" in outcome.err


@pytest.mark.parametrize(("value", "told"), [("INF", "INF"), ("-INF", "-INF"), ("NAN", "NAN"), ("1e400", "INF")])
def test_a_float_that_json_does_not_have_is_an_object_with_php_s_name(tmp_path, value, told):
    write(
        tree(ON + "'wgOresX' => [ 'default' => 1 ],\n", f"'wgOresX' => [ 'default' => {value} ],\n"),
        tmp_path,
    )
    outcome = driftcheck("check", "--no-cache", "--repo", str(tmp_path), "--format", "json")

    def refused(constant):
        raise AssertionError(constant)

    document = json.loads(outcome.out, parse_constant=refused)
    assert {"float": told} in [finding.get("beta") for finding in document["findings"]]


def test_no_writer_of_json_lets_a_float_through_that_json_does_not_have():
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_text({"a": float("nan")})
