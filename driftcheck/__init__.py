"""driftcheck compares the configuration of production and beta, and reports what differs or is wrong."""

__version__ = "0.1.0"
