"""The ORES service: its YAML configuration in both realms."""
