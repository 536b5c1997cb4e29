"""The layers of configuration that are compared, one package each."""
