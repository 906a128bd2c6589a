"""Readiness of this process."""

import logging

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

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


def is_ready() -> bool:
    """Return whether the database is reachable and migrated. The reason is logged if it is not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if Migrations.are_applied():
            return True
        logger.warning("Not ready: some migrations are not applied.")
    except Error as error:
        logger.warning("Not ready: the database cannot be reached: %s", error)
    return False
