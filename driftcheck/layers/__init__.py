"""The layers: what is compared, each with a reader and rules of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.layers.extension.layer import Extension
from driftcheck.layers.liftwing.layer import LiftWing
from driftcheck.layers.service.layer import OresService

if TYPE_CHECKING:
    from driftcheck.layers.base import Layer

LAYERS: tuple[Layer, ...] = (Extension(), OresService(), LiftWing())
"""Every layer. The first is what a tree is taken for that none recognises."""
BY_NAME = {layer.name: layer for layer in LAYERS}
