"""Get the JUnit schema that no installed package has: python tests/fetch_schemas.py FOLDER.

It is junit-10.xsd of Jenkins' xUnit plugin, from pytest's source archive. Name the folder in DRIFTCHECK_TEST_SCHEMAS. Where
the archive cannot be had this says so and succeeds: the tests skip then.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

_ARCHIVE = "pytest==8.3.5"
_SCHEMA = "testing/example_scripts/junit-10.xsd"


def main(folder: Path) -> None:
    """Unpack the schema into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    with tempfile.TemporaryDirectory() as download:
        if subprocess.run([*pip, "--dest", download, _ARCHIVE], check=False).returncode:
            print(f"fetch_schemas: {_ARCHIVE} cannot be had; the tests of the JUnit schema will skip")
            return
        (archive,) = Path(download).glob("pytest-*.tar.gz")
        with tarfile.open(archive) as held:
            (member,) = (member for member in held if member.name.endswith(f"/{_SCHEMA}"))
            content = held.extractfile(member)
            assert content is not None
            (folder / Path(_SCHEMA).name).write_bytes(content.read())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
