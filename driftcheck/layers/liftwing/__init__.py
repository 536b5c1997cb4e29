"""Lift Wing: the inference services of deployment-charts."""

NAME = "liftwing"
ROOT = "inference_services"
COUNTED = "services"
"""What the coverage counts."""
