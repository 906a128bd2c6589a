"""Readiness of this process."""

import logging
import shutil
from pathlib import Path

from django.db import Error, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from core.outages import is_transient

logger = logging.getLogger(__name__)


class Migrations:
    """The state of the database's migrations. Once applied, they stay so for this process."""

    applied = False

    @classmethod
    def are_applied(cls) -> bool:
        """Return whether all migrations are applied."""
        if not cls.applied:
            executor = MigrationExecutor(connection)
            cls.applied = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        return cls.applied


# Bytes. With less SQLite can hardly write, and does not say so before it has to.
LEAST_FREE = 8 * 1024 * 1024


def is_ready() -> bool:
    """Return whether the database can be used and is migrated. The reason is logged if not."""
    try:
        ask()
        if Migrations.are_applied():
            return True
        logger.warning("Not ready: some migrations are not applied.")
    except Error as error:
        logger.warning("Not ready: the database cannot be used: %s", error)
    return False


def ask() -> None:
    """Ask the database for anything. Raise Error if it does not answer, or SQLite cannot write."""
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            cursor.execute("SELECT 1")
            return
        try:
            # Writes a page. Nothing else uses this number.
            cursor.execute("PRAGMA user_version = 0")
        except OperationalError as error:
            if not is_transient(error):  # another one writes: it can be written
                raise
    folder = Path(str(connection.settings_dict["NAME"])).parent
    if folder.is_absolute() and shutil.disk_usage(folder).free < LEAST_FREE:
        raise OperationalError("database or disk is full")
