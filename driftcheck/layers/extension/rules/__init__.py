"""The rules on the settings of extensions, one module a family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.layers.extension.rules import drift, exercised, feasibility, shape, thresholds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from driftcheck.core.finding import Draft
    from driftcheck.layers.extension.comparison import Comparison

CHECKS: tuple[Callable[[Comparison], Iterator[Draft]], ...] = (
    drift.wikis,
    drift.models,
    drift.thresholds,
    drift.settings,
    drift.endpoints,
    drift.overrides,
    shape.schema,
    shape.options,
    shape.classes,
    shape.registration,
    shape.dead,
    shape.undetermined,
    thresholds.check,
    thresholds.disabled,
    thresholds.sensitivity,
    feasibility.infeasible,
    exercised.check,
)
"""What runs."""
