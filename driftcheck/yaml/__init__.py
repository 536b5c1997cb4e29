"""YAML with places: driftcheck's own files, and the values of services."""
