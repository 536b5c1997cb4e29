"""The rules on the settings of extensions, one module a family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.layers.extension.rules import (
    drift,
    endpoints,
    exercised,
    feasibility,
    ids,
    inherited,
    late,
    lists,
    overrides,
    redundant,
    selectors,
    settings,
    shadowed,
    shape,
    thresholds,
    unloaded,
    unread,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from driftcheck.core.finding import Draft
    from driftcheck.layers.extension.comparison import Comparison

CHECKS: tuple[Callable[[Comparison], Iterator[Draft]], ...] = (
    *drift.CHECKS,
    *lists.CHECKS,
    *settings.CHECKS,
    *endpoints.CHECKS,
    *inherited.CHECKS,
    *ids.CHECKS,
    *overrides.CHECKS,
    *late.CHECKS,
    *unread.CHECKS,
    *unloaded.CHECKS,
    *shadowed.CHECKS,
    *selectors.CHECKS,
    *redundant.CHECKS,
    *shape.CHECKS,
    *thresholds.CHECKS,
    *feasibility.CHECKS,
    *exercised.CHECKS,
)
"""What runs. The first draft of several that are one finding gives it its values."""
