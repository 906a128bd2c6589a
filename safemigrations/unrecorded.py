"""Find migrations that are not recorded although others that depend on them are."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from safemigrations.introspection import read_schema

type Key = tuple[str, str]
type TableColumn = tuple[str, str]


@dataclass(frozen=True)
class UnrecordedMigration:
    """A migration without a record. `creates`: its columns, `missing`: those that do not exist."""

    key: Key
    creates: frozenset[TableColumn]
    missing: frozenset[TableColumn]

    @property
    def is_applied(self) -> bool:
        """Return whether it creates columns and all of them exist."""
        return bool(self.creates) and not self.missing

    @property
    def message(self) -> str:
        """Return a sentence about a migration that creates columns."""
        name = ".".join(self.key)
        tables = ", ".join(sorted({table for table, _ in self.creates}))
        if self.is_applied:
            return f"All that {name} creates exists ({tables}), but it is not recorded."
        if self.missing == self.creates:
            return f"Nothing that {name} creates exists ({tables})."
        return f"A part of what {name} creates exists, but {len(self.missing)} columns are missing."


def find_unrecorded(executor: MigrationExecutor) -> Iterator[UnrecordedMigration]:
    """Yield unrecorded migrations in execution order."""
    loader = executor.loader
    missing: dict[Key, None] = {}
    for applied in sorted(loader.applied_migrations):
        if applied in loader.graph.nodes:
            plan = loader.graph.forwards_plan(applied)
            missing |= {key: None for key in plan if key not in loader.applied_migrations}
    if not missing:
        return
    real = {
        (name, column)
        for name, table in read_schema(executor.connection).items()
        for column in table.columns
    }
    for key in missing:
        after = _columns(loader, key, at_end=True)
        creates = after - _columns(loader, key, at_end=False)
        yield UnrecordedMigration(key, creates, creates - real)


def _columns(loader: MigrationLoader, key: Key, *, at_end: bool) -> frozenset[TableColumn]:
    """Return all columns that the models have before or after a migration."""
    models = loader.project_state(key, at_end=at_end).apps.get_models(include_auto_created=True)
    return frozenset(
        (model._meta.db_table, field.column)
        for model in models
        if model._meta.managed and not model._meta.proxy
        for field in model._meta.local_fields
        if field.column
    )


def record(executor: MigrationExecutor, migrations: list[UnrecordedMigration]) -> None:
    """Record the migrations as applied."""
    for migration in migrations:
        executor.recorder.record_applied(*migration.key)
