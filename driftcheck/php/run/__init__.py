"""Running PHP files whole, for many worlds at once: a statement runs once for all worlds that are alike in what it reads."""
