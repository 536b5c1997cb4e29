"""What the shell offers for a name. It is asked at each press of a key, so nothing here loads the evaluator."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import click
    from click.shell_completion import CompletionItem

_MAX_BYTES = 4 * 1024 * 1024
_SETTING = r"(?m)^\t{0,2}'[-+]?(\w+)' => "
_LISTS = ("all", "all-labs")


def rules(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The ids of the rules."""
    from driftcheck.layers.registry import RULES

    return _starting(incomplete, RULES)


def profiles(_: click.Context, __: click.Parameter, incomplete: str) -> list[str] | list[CompletionItem]:
    """The bundled profiles, or else somebody's own, which are files."""
    from driftcheck.layers.extension.profiles import BUNDLED

    return _starting(incomplete, BUNDLED) or _paths(incomplete, "file")


def schemas(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The published schemas."""
    from driftcheck.core.resources import schema_names

    return _starting(incomplete, schema_names())


def wikis(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The wikis of both realms, where the repository is a checkout."""
    lists = [_text(_root(context) / f"dblists/{name}.dblist") for name in _LISTS]
    lists += [_text(_root(context) / f"{name}.dblist") for name in _LISTS]  # before 2015 they stood in the root
    lines = (line.strip() for text in lists for line in text.splitlines())
    return _starting(incomplete, (line for line in lines if re.fullmatch(r"\w+", line)))


def settings(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The settings that the checkout's arrays name."""
    folder = _root(context) / "wmf-config"
    files = sorted([*folder.glob("InitialiseSettings*.php"), *folder.glob("ext-*.php")])
    return _starting(incomplete, (name for path in files for name in re.findall(_SETTING, _text(path))))


def inputs(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The inputs from outside the tree."""
    from driftcheck.core.resources import table

    return _starting(incomplete, (row["name"] for row in table("inputs")["inputs"]))


def extensions(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The extensions and skins of which the defaults are known."""
    from driftcheck.core.resources import row_names

    return _starting(incomplete, row_names("registration"))


def files(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files, as the shell lists them."""
    return _paths(incomplete, "file")


def folders(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Folders, as the shell lists them."""
    return _paths(incomplete, "dir")


def _paths(incomplete: str, kind: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type=kind)]


def _root(context: click.Context) -> Path:
    return Path(context.params.get("repo") or ".")


def _text(path: Path) -> str:
    """A file's text; empty if it cannot be read, because a prompt is no place for an error."""
    from driftcheck.core import files

    try:
        return files.read(path, _MAX_BYTES).decode("utf-8", errors="replace")
    except (OSError, ValueError):
        return ""


def _starting(incomplete: str, names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for name in names if name.startswith(incomplete)))
