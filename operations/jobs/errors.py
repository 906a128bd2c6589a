"""What goes wrong with a backup."""


class BackupError(Exception):
    """One or more sentences for the operator: what is the case and what to do."""
