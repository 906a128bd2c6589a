"""The project: settings, URLs, the start page and the demo."""

__version__ = "0.1.0"
