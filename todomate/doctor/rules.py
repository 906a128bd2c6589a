"""What a migration must keep to, so that the release before runs on the new schema (CONTRIBUTING.md, "Migrations")."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.db.migrations import operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from todomate.api.drop import Drop

DATA = operations.RunPython, operations.RunSQL
# These write nothing into the schema.
STATE = (
    operations.AlterModelOptions,
    operations.AlterModelManagers,
    operations.AlterOrderWithRespectTo,
    operations.AlterModelTableComment,
)
# These add, or take away what only made reading faster or writing harder.
ADDS = (
    operations.CreateModel,
    operations.AddIndex,
    operations.RemoveIndex,
    operations.RenameIndex,
    operations.RemoveConstraint,
)


def own_apps() -> set[str]:
    """The labels of the apps whose code lies beside manage.py, not among the packages."""
    installed = Path(django.__path__[0]).parent
    return {
        config.label
        for config in apps.get_app_configs()
        if Path(config.path).is_relative_to(settings.BASE_DIR) and not Path(config.path).is_relative_to(installed)
    }


def all_faults() -> Iterator[str]:
    """What is wrong with the project's migrations, those but for each app's first, as "app.name operation …"."""
    loader = MigrationLoader(None)
    for key, migration in sorted(loader.disk_migrations.items()):
        if key[0] in own_apps() and any(app == key[0] for app, _ in loader.graph.node_map[key].parents):
            for fault in faults(migration, loader.project_state([key], at_end=False)):
                yield f"{migration} {fault}"


def database_operations(migration: Migration) -> list[Operation]:
    """The operations that reach the database; what SeparateDatabaseAndState hides is taken out of it."""
    return [op for outer in migration.operations for op in _of_the_database(outer) if not isinstance(op, STATE)]


def _of_the_database(operation: Operation) -> list[Operation]:
    if isinstance(operation, operations.SeparateDatabaseAndState):
        return [op for inner in operation.database_operations for op in _of_the_database(inner)]
    return [operation]


def state_operations(migration: Migration) -> list[Operation]:
    """The operations that only the models' history knows of."""
    outer = (op for op in migration.operations if isinstance(op, operations.SeparateDatabaseAndState))
    return [op for separate in outer for op in separate.state_operations]


def subjects(migration: Migration) -> set[tuple[str, str]]:
    """The fields and models that a migration speaks of, as (model, field) in lower case; ("model", "") is all of it."""
    found: set[tuple[str, str]] = set()
    for outer in database_operations(migration) + state_operations(migration):
        op = outer.was if isinstance(outer, Drop) else outer
        values: dict[str, Any] = vars(op)
        model = values.get("model_name") or values.get("name") or values.get("old_name") or ""
        names = {values[key] for key in ("old_name", "new_name") if key in values}
        if isinstance(op, operations.AddField | operations.AlterField | operations.RemoveField):
            names = {op.name}
        if isinstance(op, operations.AddConstraint):
            names = set(getattr(op.constraint, "fields", ()))
        found |= {(model.lower(), name.lower()) for name in names or {""}}
    return found


def contract(migration: Migration) -> str:
    """Why the release before runs on what this migration takes away; "" where it takes nothing away."""
    return str(getattr(migration, "contract", ""))


def faults(migration: Migration, state: ProjectState) -> Iterator[str]:
    """What is wrong with a migration that is not its app's first, a sentence each. `state` is the models before it."""
    ours = database_operations(migration)
    schema = [op for op in ours if not isinstance(op, DATA)]
    if len(schema) > 1:
        yield f"has {len(schema)} schema operations: one each, so that none is left half done."
    if len(schema) < len(ours):
        if schema:
            yield "changes rows beside the schema: rows in a migration of their own."
        if not getattr(migration, "repeatable", ""):
            yield 'changes rows and does not say why it may run twice: repeatable = "…".'
    for op in schema:
        yield from _faults_of(op, migration, state)
    for op in state_operations(migration):
        yield from _left_behind(op, migration.app_label, state)


def _faults_of(op: Operation, migration: Migration, state: ProjectState) -> Iterator[str]:
    if isinstance(op, operations.AddField):
        if _is_required(op.field):
            yield (
                f"adds {op.model_name}.{op.name}, which the release before does not fill in: null=True or a db_default."
            )
        return
    if isinstance(op, ADDS) or contract(migration):
        return
    if isinstance(op, operations.AlterField) and not _narrows(op, migration.app_label, state):
        return
    yield f'takes away or narrows ({op.describe()}) and does not say why the release before runs on it: contract = "…".'


def _is_required(field: models.Field) -> bool:
    """Whether an INSERT that does not know this column fails."""
    return not (field.null or field.has_db_default() or field.many_to_many or getattr(field, "generated", False))


def _narrows(op: operations.AlterField, app_label: str, state: ProjectState) -> bool:
    """Whether something that the release before may write or ask does not go any more, or the table is copied."""
    old: Any = state.apps.get_model(app_label, op.model_name)._meta.get_field(op.name)
    after = state.clone()
    op.state_forwards(app_label, after)
    new: Any = after.apps.get_model(app_label, op.model_name)._meta.get_field(op.name)
    editor = connection.schema_editor()
    if not editor._field_should_be_altered(old, new):  # type: ignore[attr-defined]  # not in the stubs
        return False
    longer = (old.max_length or 0) <= (new.max_length or 0) and type(old) is type(new)
    return (
        (old.null and not new.null)
        or (new.unique and not old.unique)
        or (old.has_db_default() and not new.has_db_default() and _is_required(new))
        or old.column != new.column
        or (old.db_type(connection) != new.db_type(connection) and not longer)
        or (new.remote_field is not None and new.db_constraint and not getattr(old, "db_constraint", False))
    )


def _left_behind(op: Operation, app_label: str, state: ProjectState) -> Iterator[str]:
    """A column that the models forget stays in the table: it must neither ask for a value nor hold other rows."""
    if isinstance(op, operations.RemoveField):
        fields = [state.apps.get_model(app_label, op.model_name)._meta.get_field(op.name)]
        if _is_required(fields[0]):
            yield (
                f"forgets {op.model_name}.{op.name}, which new rows then lack:"
                " null=True or a db_default in a migration before."
            )
    elif isinstance(op, operations.DeleteModel):
        fields = list(state.apps.get_model(app_label, op.name)._meta.local_fields)
    else:
        return
    for field in fields:
        if getattr(field, "remote_field", None) is not None and getattr(field, "db_constraint", False):
            yield (
                f"forgets the foreign key {field.name}, which then stops the deletion of what it points at:"
                " db_constraint=False in a migration before."
            )
