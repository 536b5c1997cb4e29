"""The rules on the settings of extensions, each with its page: one module a family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.layers.extension.pages import drift, exercised, feasibility, overrides, shape, thresholds

if TYPE_CHECKING:
    from driftcheck.core.finding import Rule

RULES: tuple[Rule, ...] = (
    *drift.RULES,
    *overrides.RULES,
    *exercised.RULES,
    *shape.RULES,
    *thresholds.RULES,
    *feasibility.RULES,
)
"""Every rule, in the order in which findings of equal severity are told."""
