"""The ORES service: its YAML configuration in both realms."""

NAME = "service"
ROOT = "contexts"
COUNTED = "contexts"
"""What the coverage counts."""
