"""Lift Wing: the inference services of deployment-charts."""

NAME = "liftwing"
ROOT = "inference_services"
COUNTED = "services"
"""What the coverage counts."""
FOLDER = "helmfile.d/ml-services"
"""Where a tree has the values: a folder for each namespace."""
