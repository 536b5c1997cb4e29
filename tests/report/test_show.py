"""What show prints for people: the same JSON, a line an element."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys

import pytest
from support.cli import driftcheck, process_environment
from support.git import write
from support.trees import ON, tree

from driftcheck.report.show import indented

DOCUMENTS = [
    "{}",
    "[]",
    '{"a":{},"b":[],"c":[1,[2,{"d":null}]],"e":"x"}',
    '{"a \\" {[,:]}":"\\\\","b":" : , "}',
    '{"a":1.0e+25,"b":-0.0,"c":9223372036854775807}',
]


@pytest.mark.parametrize("text", DOCUMENTS)
def test_an_indented_document_is_as_python_indents_it(text):
    exact = {"parse_float": str, "parse_int": str}
    assert json.loads(indented(text), **exact) == json.loads(text, **exact)
    if "e+" not in text:
        assert indented(text) == json.dumps(json.loads(text), indent=2) + "\n"


def test_pretty_is_for_people_and_json_stays_a_line_a_wiki(tmp_path):
    write(tree(ON), tmp_path)
    given = ("show", "enwiki", "--until", "arrays", "--setting", "wmgUseORES", "--repo", str(tmp_path))
    plain, pretty = (driftcheck(*given, *more).out for more in ((), ("--format", "pretty")))
    assert plain == '{\n"enwiki":{"wmgUseORES":true}\n}\n'
    assert pretty == '{\n  "enwiki": {\n    "wmgUseORES": true\n  }\n}\n'
    assert driftcheck(*given, "--format", "json").out == plain
    assert _on_a_terminal(given) == pretty
    assert _on_a_terminal((*given, "--format", "json")) == plain


def _on_a_terminal(arguments):
    above, below = pty.openpty()
    command = [sys.executable, "-c", "from driftcheck.cli import main; main()", *arguments]
    done = subprocess.run(command, stdout=below, env=process_environment(), check=True, timeout=60)
    os.close(below)
    said = os.read(above, 65536).decode()
    os.close(above)
    assert done.returncode == 0
    return said.replace("\r\n", "\n")
