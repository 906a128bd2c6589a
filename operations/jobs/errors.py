"""Errors of backups and restores."""


class BackupError(Exception):
    """A backup or restore failed. The message tells the operator why, and what to do."""
