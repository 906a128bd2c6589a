"""The one way in which a run ends early."""


class BenchmarkError(Exception):
    """The run cannot go on, or its figures would mean nothing; the message is a sentence that says why."""
