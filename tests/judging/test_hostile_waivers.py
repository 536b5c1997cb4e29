"""Waivers in hostile files: read in one pass, or refused with the reason."""

from __future__ import annotations

import time

import pytest

from driftcheck.core.globs import LONGEST, matches
from driftcheck.core.model import InputError, Source
from driftcheck.judging import waivers
from driftcheck.layers.registry import RULES

_SIGNED = "until 2030-01-01 (me): why"
_COMMENTS = {
    "100,000 signs of a comment": ("#" * 100_000 + " driftcheck:", 1),
    "100,000 signs of a comment behind the word": ("driftcheck: " + "#" * 100_000, 0),
    "4,000 waivers in a row": (f"# driftcheck: allow model-off-in-beta {_SIGNED}\n" * 4_000, 0),
    "a glob of 100,000 brackets": (f"# driftcheck: allow model-off-in-beta for {'[' * 100_000} {_SIGNED}", 1),
    "a glob of 1,000 brackets": (f"# driftcheck: allow model-off-in-beta for {'[' * 1_000} {_SIGNED}", 1),
    "words without a comment": ("driftcheck: x\n" * 10_000, 0),
    "an owner without end": (f"# driftcheck: allow model-off-in-beta until 2030-01-01 ({'a ' * 50_000}", 1),
}


@pytest.mark.parametrize(("text", "invalid"), _COMMENTS.values(), ids=_COMMENTS)
def test_comments_are_read_in_one_pass(text, invalid):
    started = time.process_time()
    found = waivers.read(None, [waivers.Written("extension", Source("x.php", f"<?php\n{text}\n".encode()))], RULES)
    assert len(found.invalid) == invalid
    # Not a measurement: what hangs takes minutes.
    assert time.process_time() - started < 10


@pytest.mark.parametrize("key", ["setting", "path", "wikis"])
def test_a_long_glob_of_the_file_is_told_and_not_applied(key):
    row = f"version: 1\nwaivers:\n- rule: model-off-in-beta\n  reason: x\n  owner: me\n  until: 2030-01-01\n  {key}: '{'[' * 30_000}'\n"
    found = waivers.read(waivers.Written("extension", Source("w.yaml", row.encode())), [], RULES)
    assert [f"a glob of more than {LONGEST} characters" in finding.message for finding in found.invalid] == [True]
    assert not found.entries


def test_a_long_glob_is_refused_wherever_it_comes_from():
    assert matches("a" * LONGEST, "a" * LONGEST)
    with pytest.raises(InputError, match="write a shorter one"):
        matches("a", "[" * 30_000)
