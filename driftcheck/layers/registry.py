"""Every rule by its id: those of the layers in their order, then those about waivers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.judging import pages
from driftcheck.layers import LAYERS

if TYPE_CHECKING:
    from driftcheck.core.finding import Rule

RULES: dict[str, Rule] = {
    rule.id: rule for rules in (*(layer.rules() for layer in LAYERS), pages.RULES) for rule in rules
}
"""Findings of equal severity are told in this order."""
