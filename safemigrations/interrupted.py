"""Find interrupted migrations by the real schema, and complete them."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.state import ProjectState

from safemigrations.schema_editors import (
    ListingSchemaEditor,
    ResumingSchemaEditor,
    use_schema_editor,
)
from safemigrations.statements import Progress, Schema, Statement, measure_progress

LIST_LIMIT = 3  # items of a long list that are named


@dataclass(frozen=True)
class InterruptedMigration:
    """A migration that is not recorded as applied although some of its statements ran.

    `progress.conflict` is not empty if what exists cannot come from this migration alone. Then it
    cannot be completed.
    """

    migration: Migration
    statements: list[Statement]
    progress: Progress

    @property
    def message(self) -> str:
        """Return a description in one or more sentences."""
        name, progress = str(self.migration), self.progress
        if progress.conflict:
            return (
                f"The migration {name} is not recorded as applied, and the schema conflicts with"
                f" it: {progress.conflict}."
            )
        done = _join(progress.done)
        if progress.missing:
            missing = _join(progress.missing)
            return f"The migration {name} was interrupted. Done: {done}. Not done: {missing}."
        return (
            f"The migration {name} was interrupted. All statements ran ({done}), but it is not"
            " recorded."
        )


def _join(items: list[str]) -> str:
    if len(items) > LIST_LIMIT + 1:
        items = [*items[:LIST_LIMIT], f"{len(items) - LIST_LIMIT} more"]
    return ", ".join(items)


def find_interrupted(executor: MigrationExecutor) -> Iterator[InterruptedMigration]:
    """Yield the migrations that could run next and of which parts exist already.

    The history must be consistent. Databases that roll back DDL have no such migrations.
    """
    connection = executor.connection
    graph, applied = executor.loader.graph, executor.loader.applied_migrations
    if connection.vendor != "mysql":
        return
    candidates = [
        key
        for key, node in sorted(graph.node_map.items())
        if key not in applied and all(parent.key in applied for parent in node.parents)
    ]
    if not candidates:
        return
    state = executor.loader.project_state([key for key in applied if key in graph.nodes])
    schema = Schema.read(connection)
    for key in candidates:
        statements = _list_statements(connection, graph.nodes[key], state.clone())
        progress = measure_progress(schema, statements)
        if progress.applied or progress.conflict:
            yield InterruptedMigration(graph.nodes[key], statements, progress)


def _list_statements(
    connection: BaseDatabaseWrapper, migration: Migration, state: ProjectState
) -> list[Statement]:
    """Return the statements that the migration would run on this schema. RunPython is left out."""
    with ListingSchemaEditor(connection, atomic=migration.atomic) as editor:
        migration.apply(state, editor, collect_sql=True)
    return editor.statements


def complete(executor: MigrationExecutor, interrupted: InterruptedMigration) -> None:
    """Run the rest of the migration and record it. Its RunPython operations run from the start."""
    migration = interrupted.migration
    applied = interrupted.statements[: interrupted.progress.applied]
    executor.recorder.ensure_schema()  # before the editor counts statements
    with use_schema_editor(executor.connection, ResumingSchemaEditor, applied=applied):
        executor.migrate([(migration.app_label, migration.name)], plan=[(migration, False)])
