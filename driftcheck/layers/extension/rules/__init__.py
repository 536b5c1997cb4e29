"""The rules on the settings of extensions, one module a family."""
