"""Where the tree stands on a server."""

ROOT = "/srv/mediawiki"
"""``__DIR__`` of wmf-config is a folder in it."""
