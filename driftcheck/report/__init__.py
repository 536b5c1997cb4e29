"""Renderers: one a format, each a pure function of what it shows. Escaping is theirs."""
