"""Lift Wing: the inference services of deployment-charts."""
