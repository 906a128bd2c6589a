"""Whether this process can do its work."""

import logging

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

logger = logging.getLogger(__name__)


class Migrations:
    """Whether the database has all tables. Once it has, that stays so for the life of the process."""

    applied = False

    @classmethod
    def are_applied(cls) -> bool:
        if not cls.applied:
            executor = MigrationExecutor(connection)
            cls.applied = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        return cls.applied


def is_ready() -> bool:
    """Whether the database answers and is migrated; the log says why not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if Migrations.are_applied():
            return True
        logger.warning("not ready: some migrations have not been run")
    except Error as error:
        logger.warning("not ready: the database does not answer: %s", error)
    return False
