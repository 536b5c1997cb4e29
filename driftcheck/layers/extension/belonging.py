"""The extension that a setting belongs to, by the registration of a day, else by its name."""

from __future__ import annotations

import functools
import re

from driftcheck.core.model import is_loading
from driftcheck.core.resources import table
from driftcheck.mediawiki import known

_PREFIX = re.compile(r"(?:wmg|wg)(?:Use|Enable)?(?=[A-Z0-9])")
_LOADED = re.compile(r"@(.+)-extension-loaded")
_SHORTEST = 4


def extension_of(setting: str, date: str) -> str:
    """The extension, the skin or core that reads a setting; for a name of wmf-config's own the one that it begins with."""
    name = setting.partition(".")[0]
    if is_loading(name):
        found = _LOADED.fullmatch(name)
        return found[1] if found else ""
    return _reader(name, date) or (name.startswith("wmg") and _reader(f"wg{name[3:]}", date)) or _by_name(name)


def _reader(name: str, date: str) -> str:
    """Who reads a setting on a day, else who did last."""
    lives = sorted(known.lives(name), key=lambda life: (life.since <= date < life.until, life.until))
    return lives[-1].reader if lives else ""


def _by_name(name: str) -> str:
    """The longest name of an extension with which the rest of a setting's name begins."""
    rest = _PREFIX.sub("", name, count=1)
    fitting = (extension for extension in _extensions() if rest.startswith(extension))
    return max(fitting, key=len, default="")


@functools.cache
def _extensions() -> tuple[str, ...]:
    return ("ORES", *(name for name in table("registration") if not name.startswith("@") and len(name) >= _SHORTEST))
