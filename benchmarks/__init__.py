"""Compare the server's speed with a bare WSGI function and plain DRF (`make bench`; README.md)."""


class BenchmarkError(Exception):
    """Raised when a run cannot continue or its figures would be meaningless."""
