"""The diff is what git makes of the edits: git applies it, and what comes out is what was meant."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from support.git import Repo

from driftcheck.repair import patch
from driftcheck.repair.edits import Change, applied, merged

if TYPE_CHECKING:
    from pathlib import Path

_LINES = [b"a\n", b"b\n", b"\n", b"  c\r\n", b"\td\n", "é\n".encode(), b"--- x\n", b"@@ -1 +1 @@\n"]


def _random(dice: random.Random) -> tuple[bytes, list[Change]]:
    text = b"".join(dice.choices(_LINES, k=dice.randint(1, 40)))
    text = text[:-1] if dice.random() < 0.3 else text
    places = sorted(dice.sample(range(len(text) + 1), k=min(len(text) + 1, 2 * dice.randint(1, 4))))
    pairs = zip(places[::2], places[1::2], strict=False)
    return text, merged(Change("x", a, b, dice.choice([b"", b"new", b"new\n", b"\n", b"x\ny"])) for a, b in pairs)


def test_git_applies_what_is_made_of_random_edits(tmp_path: Path):
    dice = random.Random(13)
    repo = Repo(tmp_path)
    wanted: dict[str, bytes] = {}
    diffs: list[bytes] = []
    for number in range(300):
        path = f'folder {number % 3}/f"ile\t{number}é' if number % 5 == 0 else f"f{number}.php"
        text, changes = _random(dice)
        target = tmp_path / path
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(text)
        wanted[path] = applied(text, changes)
        diffs.append(patch.diff(path, text, [change._replace(path=path) for change in changes]))
        assert (diffs[-1] == b"") == (wanted[path] == text)
    whole = b"".join(diff for diff, (path, text) in zip(diffs, wanted.items(), strict=True) if text or not diff)
    emptied = {path for path, text in wanted.items() if not text}
    repo.git("apply", "--whitespace=nowarn", "-", text=whole)
    wrong = [path for path, text in wanted.items() if path not in emptied and (tmp_path / path).read_bytes() != text]
    assert wrong == []
