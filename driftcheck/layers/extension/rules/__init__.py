"""The rules on the settings of extensions, one module a family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.layers.extension.rules import drift, exercised, feasibility, shape, thresholds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from driftcheck.core.finding import Draft, Rule
    from driftcheck.layers.extension.comparison import Comparison

RULES: tuple[Rule, ...] = (
    drift.MODEL_OFF,
    drift.MODEL_ONLY,
    drift.MODEL_OPTION,
    drift.EXTENSION_OFF,
    drift.EXTENSION_ONLY,
    drift.THRESHOLD,
    drift.SETTING,
    drift.SHARED_ENDPOINT,
    drift.OVERRIDE_DEFEATED,
    drift.WIKI_NOT_IN_BETA,
    exercised.NOT_EXERCISED,
    shape.SCHEMA_VIOLATION,
    shape.UNKNOWN_OPTION,
    shape.ILLEGAL_MODEL_NAME,
    shape.UNDETERMINED,
    shape.INT_KEYS,
    shape.DEAD_CONFIG,
    shape.DEFAULT_LEAK,
    shape.CLASSES_MISSING,
    shape.VERSION_MISSING,
    thresholds.SYNTAX,
    thresholds.MISSING_BOUND,
    thresholds.ORIENTATION,
    thresholds.NESTING,
    thresholds.RANGE,
    thresholds.DISABLED_MODEL,
    thresholds.SENSITIVITY,
    feasibility.INFEASIBLE,
)
"""Every rule of the layer, in the order in which findings of equal severity are told."""
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
