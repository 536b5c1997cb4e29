"""The rules on the settings of extensions, one module a family."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from driftcheck.core.finding import Draft
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.extension.profiles import Profile

_FAMILIES = (
    "drift",
    "lists",
    "settings",
    "endpoints",
    "inherited",
    "ids",
    "overrides",
    "late",
    "unread",
    "unloaded",
    "shadowed",
    "selectors",
    "redundant",
    "shape",
    "thresholds",
    "feasibility",
    "exercised",
)
_UNDESCRIBED = {"lists", "settings", "inherited", "ids", "unloaded"}
"""Those about settings that no schema describes, and about the loading of every extension."""


def checks(profile: Profile) -> Iterator[Callable[[Comparison], Iterator[Draft]]]:
    """What runs by a profile; a family is loaded where it may say anything.

    The first draft of several that are one finding gives it its values.
    """
    described = profile.schema and profile.extension
    for family in _FAMILIES:
        if not (described and family in _UNDESCRIBED):
            yield from import_module(f"{__name__}.{family}").CHECKS
