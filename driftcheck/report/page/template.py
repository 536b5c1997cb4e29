"""How a page is made of its template: everything from outside is made visible, cut and escaped on the way in."""

from __future__ import annotations

import base64
import functools
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from driftcheck.report.escape import visible
from driftcheck.report.page.text import cut

if TYPE_CHECKING:
    from jinja2 import Template

_FOLDER = Path(__file__).parent


def part(name: str) -> str:
    """A file of the page: its style, its script."""
    return (_FOLDER / name).read_text(encoding="utf-8")


@functools.cache
def template(name: str) -> Template:
    """A template that escapes what it is given."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, finalize=_safe, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(part(name))


def _safe(held: object) -> object:
    """Every expression of a template passes here: text is cut and made visible; Markup is the template's own."""
    return visible(cut(held)) if isinstance(held, str) and not hasattr(held, "__html__") else held


def hashed(text: str) -> str:
    """What the page's policy allows a style or a script by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
