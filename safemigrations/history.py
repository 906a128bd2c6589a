"""Answer questions about the history of migrations."""

from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration


def pending_migrations(executor: MigrationExecutor) -> list[Migration]:
    """Return the migrations that `migrate` would run, in its order."""
    targets = executor.loader.graph.leaf_nodes()
    return [migration for migration, _ in executor.migration_plan(targets)]
