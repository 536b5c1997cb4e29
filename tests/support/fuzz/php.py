"""PHP itself: one process that runs each program in a child of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self

_SERVER = Path(__file__).with_name("server.php")
_OPTIONS = ("-d", "precision=14", "-d", "memory_limit=256M", "-d", "opcache.enable_cli=0", "-d", "display_errors=0", "-d", "log_errors=0",
            "-d", "extension=mbstring", "-d", "extension=ctype", "-d", "extension=tokenizer")  # fmt: skip


@cache
def there() -> bool:
    """Whether a PHP 8.2 is installed that can fork."""
    if shutil.which("php") is None:
        return False
    code = "echo PHP_MAJOR_VERSION * 100 + PHP_MINOR_VERSION, function_exists( 'pcntl_fork' ) ? 'f' : '';"
    return subprocess.run(["php", "-n", "-r", code], capture_output=True, text=True, check=False).stdout == "802f"


class Php:
    """Runs programs; ``with Php() as php``."""

    def __enter__(self) -> Self:
        self.folder = tempfile.mkdtemp(prefix="driftcheck-php.")
        self._process = subprocess.Popen(
            ["php", "-n", *_OPTIONS, str(_SERVER)],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=self.folder,
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stderr.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, files: dict[str, str]) -> dict[str, Any] | None:
        """The global variables after ``main.php`` of these files has run; None where PHP refuses it."""
        self.send(files)
        return self.receive()

    def send(self, files: dict[str, str]) -> None:
        """Ask for a run; a few can wait for their answers at once."""
        self._process.stdin.write(json.dumps({"files": files, "folder": self.folder}) + "\n")
        self._process.stdin.flush()

    def receive(self) -> dict[str, Any] | None:
        """The answer for the first of the runs that were asked for; what PHP itself says before, when it fails, is none."""
        answer = next(line for line in self._process.stderr if line.startswith("{"))
        return json.loads(answer).get("vars")
