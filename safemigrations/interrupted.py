"""Migrations that broke off half-way: found by what the real schema has, and brought to their end."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.state import ProjectState

from safemigrations.schema_editors import ListingSchemaEditor, ResumingSchemaEditor, editing
from safemigrations.statements import Progress, Schema, Statement, progress

SHOWN = 3  # of a long list


@dataclass(frozen=True)
class BrokenOff:
    """A migration whose first statements ran, and which is not recorded as applied."""

    migration: Migration
    statements: list[Statement]
    progress: Progress

    @property
    def says(self) -> str:
        name, came = str(self.migration), self.progress
        if came.in_the_way:
            return f"The migration {name} is not recorded as applied, and {came.in_the_way}."
        has = f"The migration {name} broke off half-way: the database has {_listed(came.has)}"
        if came.lacks:
            return f"{has}, and lacks {_listed(came.lacks)}."
        return f"{has}, which is all of it, but no record that it is applied."


def _listed(words: list[str]) -> str:
    shown = words if len(words) <= SHOWN + 1 else [*words[:SHOWN], f"{len(words) - SHOWN} more"]
    return ", ".join(shown[:-1]) + (" and " if shown[1:] else "") + shown[-1]


def find(executor: MigrationExecutor) -> Iterator[BrokenOff]:
    """Migrations that could run next and of which something is there already. Only MySQL and MariaDB leave such behind.

    The history must be consistent. Where what is there is not what the migration makes, `progress.in_the_way` says so.
    """
    connection: Any = executor.connection
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
    schema = Schema.of(connection)
    for key in candidates:
        statements = _statements(connection, graph.nodes[key], state.clone())
        came = progress(schema, statements)
        if came.done or came.in_the_way:
            yield BrokenOff(graph.nodes[key], statements, came)


def _statements(connection: Any, migration: Migration, state: ProjectState) -> list[Statement]:
    """What the migration would run on this schema. Its Python is left out, so nothing is changed."""
    with ListingSchemaEditor(connection, atomic=migration.atomic) as editor:
        migration.apply(state, editor, collect_sql=True)
    return editor.statements


def finish(executor: MigrationExecutor, broken: BrokenOff) -> None:
    """Run the rest of the migration and record it. Its Python, if it has any, runs again from its beginning."""
    done = broken.statements[: broken.progress.done]
    migration = broken.migration
    executor.recorder.ensure_schema()  # whose own statement is none of those
    with editing(executor.connection, ResumingSchemaEditor, done=done):
        executor.migrate([(migration.app_label, migration.name)], plan=[(migration, False)])
