"""driftcheck: whether a staging environment still tells the truth about production."""

__version__ = "0.1.0"
