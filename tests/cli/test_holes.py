"""What could not be read: every command knows of it, and a run is complete once somebody has accepted it."""

from __future__ import annotations

import pytest
from support.cli import driftcheck
from support.git import write
from support.trees import COMMON_LABS, ON, OVERLAY, charts, service, tree

pytestmark = pytest.mark.unmeasured

UNKNOWN = tree(ON + "'wgOresX' => [ 'default' => $x ],\n")
APPROVED = ("--reason", "it comes from elsewhere", "--owner", "ores-team", "--until", "2999-01-01")


def broken(path):
    """A tree in which one file is not PHP that can be read."""
    files = tree(ON, "'wgOresX' => [ 'default' => 1 ],\n")
    wrong = b"'wgOresY' => [ 'default' => => ],\n\t];\n}\n" if path == OVERLAY else b"$wgOresY = = 1;\n"
    return {**files, path: files[path].removesuffix(b"\n\t];\n}\n") + b"\n" + wrong}


@pytest.mark.parametrize("path", [OVERLAY, COMMON_LABS])
def test_show_and_explain_know_what_check_cannot_read(tmp_path, path):
    write(broken(path), tmp_path)
    asked = ("--repo", str(tmp_path))
    for command in (("check", "--no-cache"), ("show", "--realm", "beta"), ("explain", "enwiki", "wgOresX")):
        done = driftcheck(*command, *asked)
        assert done.code == 3, command
        assert f"incomplete: {path}:" in done.err
    assert "realms agree" not in done.out.replace("Whether the realms agree is not known", "")


def test_a_value_that_is_not_known_is_no_answer_of_show_or_explain(tmp_path):
    write(UNKNOWN, tmp_path)
    for command in (("show", "--realm", "beta", "--until", "arrays"), ("explain", "enwiki", "wgOresX")):
        done = driftcheck(*command, "--repo", str(tmp_path))
        assert (done.code, "unknown values" in done.err) == (3, True), command
    assert "registration" not in done.out


def test_show_of_lift_wing_knows_a_file_that_is_no_yaml(tmp_path):
    files = charts()
    path = next(path for path in files if path.endswith("/values.yaml"))
    write({**files, path: "a: [\n"}, tmp_path)
    done = driftcheck("show", "--repo", str(tmp_path))
    assert (done.code, path in done.err) == (3, True)


def test_a_repository_without_lift_wing_is_refused(tmp_path):
    write(tree(ON), tmp_path / "config")
    write(service(enwiki=["damaging"]), tmp_path / "service")
    done = driftcheck("check", "--repo", str(tmp_path / "config"), "--liftwing", str(tmp_path / "service"))
    assert (done.code, done.out) == (2, "")
    assert "name another repository with --liftwing" in done.err


def test_a_hole_in_a_baseline_is_accepted(tmp_path):
    write(UNKNOWN, tmp_path)
    asked = ("--repo", str(tmp_path), "--no-cache", "--extension-date", "2017-11-20")
    known = str(tmp_path / "baseline.json")
    assert driftcheck("check", *asked).code == 3
    assert driftcheck("baseline", *asked, "--output", known).code == 0
    assert driftcheck("check", *asked, "--baseline", known).code == 0


def test_a_hole_with_a_waiver_is_accepted_until_the_waiver_ends(tmp_path):
    write(UNKNOWN, tmp_path)
    asked = ("--repo", str(tmp_path), "--no-cache", "--extension-date", "2017-11-20")
    found = driftcheck("check", *asked, "--format", "json", "--select", "undetermined-value").out
    fingerprint = found.split('"fingerprint": "')[1][:32]
    assert driftcheck("waive", fingerprint, *asked, *APPROVED).code == 0
    assert driftcheck("check", *asked).code == 0
    assert driftcheck("check", *asked, "--today", "2999-01-02").code == 3
