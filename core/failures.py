"""Errors of a database that are our own, and so are the same on every one."""

from django.db import OperationalError

# The code of our own error of a request that has waited for too long. The servers use no such one.
OUT_OF_TIME = 60_001


class CommitUnknown(OperationalError):  # noqa: N818  # it may be no error
    """The connection was lost while COMMIT was executed: it may have succeeded."""
