"""The project: settings, paths, and what is open to everyone."""

__version__ = "0.1.0"
