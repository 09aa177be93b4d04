"""数财 Shucai: an open platform for a city's public money."""

__version__ = "0.1.0"
