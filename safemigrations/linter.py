"""Check that the previous release can run on the schema that a migration creates.

README.md explains the rules.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import sqlparse
from django.db import connection, models
from django.db.migrations import operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from safemigrations.conf import project_app_labels
from safemigrations.operations import Drop

# MySQL stores the length of a text in one byte if the column has at most 255 bytes, else in two.
ONE_BYTE_LENGTH = 255 // 4  # characters of utf8mb4
DDL = re.compile(r"ALTER|CREATE|DROP|RENAME|TRUNCATE", re.IGNORECASE)
DATA_OPERATIONS = (operations.RunPython, operations.RunSQL)
# These do not change the schema.
STATE_OPERATIONS = (
    operations.AlterModelOptions,
    operations.AlterModelManagers,
    operations.AlterOrderWithRespectTo,
    operations.AlterModelTableComment,
)
# These add something, or remove what the previous release does not depend on.
SAFE_OPERATIONS = (
    operations.CreateModel,
    operations.AddIndex,
    operations.RemoveIndex,
    operations.RenameIndex,
    operations.RemoveConstraint,
)


@dataclass(frozen=True)
class LintError:
    """A broken rule. `message` continues a sentence that begins with the migration's name."""

    migration: Migration
    message: str

    def __str__(self) -> str:
        return f"{self.migration} {self.message}"


def lint_project() -> Iterator[LintError]:
    """Check the migrations of the project's apps, except the initial ones and squashed ones."""
    loader = MigrationLoader(None)
    own = project_app_labels()
    for key, migration in sorted(loader.graph.nodes.items()):  # replaced migrations are not nodes
        if key[0] in own and _has_parent_in_app(loader, key):
            state = loader.project_state([key], at_end=False)
            yield from lint_migration(migration, state)
            yield from _lint_preparation(loader, migration, state)


def lint_migration(migration: Migration, state: ProjectState) -> Iterator[LintError]:
    """Check a migration that is not the first of its app. `state` has the models before it."""
    for message in _messages(migration, state):
        yield LintError(migration, message)


def is_contracting(migration: Migration) -> bool:
    """Return whether the previous release has to be prepared for this migration.

    A new field with a `contract` is none: it only explains why its table may be copied.
    """
    return bool(_contract(migration)) and not all(
        isinstance(operation, operations.AddField) for operation in _database_operations(migration)
    )


def subjects(migration: Migration) -> set[tuple[str, str]]:
    """Return the (model, field) pairs a migration is about, in lower case.

    An operation on a whole model gives (model, "").
    """
    found: set[tuple[str, str]] = set()
    for outer in _database_operations(migration) + _state_operations(migration):
        operation = outer.created_by if isinstance(outer, Drop) else outer
        values = vars(operation)
        model = values.get("model_name") or values.get("name") or values.get("old_name") or ""
        names = {values[key] for key in ("old_name", "new_name") if key in values}
        if isinstance(
            operation, operations.AddField | operations.AlterField | operations.RemoveField
        ):
            names = {operation.name}
        if isinstance(operation, operations.AddConstraint):
            names = set(getattr(operation.constraint, "fields", ()))
        found |= {(model.lower(), name.lower()) for name in names or {""}}
    return found


def _has_parent_in_app(loader: MigrationLoader, key: tuple[str, str]) -> bool:
    return any(parent.key[0] == key[0] for parent in loader.graph.node_map[key].parents)


def _lint_preparation(
    loader: MigrationLoader, migration: Migration, state: ProjectState
) -> Iterator[LintError]:
    """Check that a migration that demands more of new rows depends on one without schema changes.

    Code alone prepares for such a migration, so only a migration of the same release can show
    which releases have that code.
    """
    if not _contract(migration):
        return
    demanding = any(
        _demands_more(operation, migration.app_label, state)
        for operation in _database_operations(migration)
    )
    if demanding and not any(map(_is_preparation, _preparations(loader, migration))):
        yield LintError(
            migration,
            "demands more of new rows, and no migration shows which releases are prepared for that:"
            " let it depend on a migration of an earlier release without schema operations"
            " (operations = []).",
        )


def _preparations(loader: MigrationLoader, migration: Migration) -> Iterator[Migration]:
    """Yield the migrations of the app it names in `dependencies`.

    In place of a contracting one, yield those that this one depends on.
    """
    for parent in loader.graph.node_map[migration.app_label, migration.name].parents:
        if parent.key[0] == migration.app_label:
            node = loader.graph.nodes[parent.key]
            yield from _preparations(loader, node) if is_contracting(node) else [node]


def _is_preparation(migration: Migration) -> bool:
    """Return whether a migration does not change the schema."""
    return all(
        isinstance(operation, DATA_OPERATIONS) for operation in _database_operations(migration)
    )


def _demands_more(operation: Operation, app_label: str, state: ProjectState) -> bool:
    """Return whether new rows have to meet a condition that they did not have to meet before."""
    if isinstance(operation, operations.AlterUniqueTogether):
        options = state.models[app_label, operation.name_lower].options
        before = set(options.get("unique_together", ()))
        return not (operation.unique_together or set()) <= before
    if isinstance(operation, operations.AlterField):
        old, new = _get_field(state, app_label, operation), operation.field
        return (old.null and not new.null) or (new.unique and not old.unique)
    return isinstance(operation, operations.AddConstraint)


def _get_field(
    state: ProjectState,
    app_label: str,
    operation: operations.AlterField | operations.RemoveField,
) -> models.Field:
    model = state.apps.get_model(app_label, operation.model_name)
    # Migrations name no reverse relations.
    return cast(models.Field, model._meta.get_field(operation.name))


def _database_operations(migration: Migration) -> list[Operation]:
    """Return the operations that reach the database, those of SeparateDatabaseAndState included."""
    return [
        operation
        for outer in migration.operations
        for operation in _flatten(outer)
        if not isinstance(operation, STATE_OPERATIONS)
    ]


def _flatten(operation: Operation) -> list[Operation]:
    if isinstance(operation, operations.SeparateDatabaseAndState):
        return [inner for one in operation.database_operations for inner in _flatten(one)]
    return [operation]


def _state_operations(migration: Migration) -> list[Operation]:
    """Return the operations that change the models only."""
    return [
        operation
        for outer in migration.operations
        if isinstance(outer, operations.SeparateDatabaseAndState)
        for operation in outer.state_operations
    ]


def _contract(migration: Migration) -> str:
    """Return the reason why the previous release does not need what this migration removes."""
    return str(getattr(migration, "contract", ""))


def _messages(migration: Migration, state: ProjectState) -> Iterator[str]:
    all_operations = _database_operations(migration)
    schema = [one for one in all_operations if not isinstance(one, DATA_OPERATIONS)]
    data = [one for one in all_operations if isinstance(one, DATA_OPERATIONS)]
    if len(schema) > 1:
        yield (
            f"has {len(schema)} schema operations: use one per migration, so that none is left half"
            " done."
        )
    if data and schema:
        yield "changes rows and the schema: change rows in a migration of their own."
    if data and not getattr(migration, "repeatable", ""):
        yield 'changes rows: explain why it may run twice in repeatable = "…".'
    for one in data:
        if isinstance(one, operations.RunSQL) and any(map(DDL.match, _split_sql(one))):
            yield (
                "changes the schema with RunSQL, which neither mend nor these rules understand: use"
                " Django's operations."
            )
    for operation in schema:
        yield from _schema_messages(operation, migration, state)
    for operation in _state_operations(migration):
        yield from _leftover_messages(operation, migration.app_label, state)


def _split_sql(operation: operations.RunSQL) -> Iterator[str]:
    """Yield each statement without the comments around it."""
    parts = [operation.sql] if isinstance(operation.sql, str) else operation.sql
    for part in parts:
        text = part if isinstance(part, str) else part[0]
        yield from sqlparse.split(sqlparse.format(text, strip_comments=True))


def _schema_messages(
    operation: Operation, migration: Migration, state: ProjectState
) -> Iterator[str]:
    if isinstance(operation, operations.AddField):
        yield from _new_field_messages(operation, migration)
        return
    if isinstance(operation, SAFE_OPERATIONS) or _contract(migration):
        return
    if isinstance(operation, operations.AlterField) and not _narrows(
        operation, migration.app_label, state
    ):
        return
    yield (
        f"removes or narrows something ({operation.describe()}): explain why the previous release"
        ' does not need it in contract = "…".'
    )


def _new_field_messages(operation: operations.AddField, migration: Migration) -> Iterator[str]:
    """Check a new field. For some kinds MySQL copies the table and blocks writes meanwhile."""
    field = operation.field
    name = f"{operation.model_name}.{operation.name}"
    if _is_required(field):
        yield (
            f"adds {name}, which the previous release does not set: use null=True or a db_default."
        )
    if field.unique and field.has_db_default():
        yield f"adds {name}, which is unique but equal in all existing rows: use null=True."
    if _contract(migration):
        return
    if _has_constraint(field):
        yield (
            f"adds {name} with its constraint, for which MySQL copies the table: use"
            " db_constraint=False, and add the constraint in a later release; or explain why the"
            ' copy stops nobody in contract = "…".'
        )
    if _is_stored_generated(field):
        yield (
            f"adds {name}, a stored generated column, for which MySQL copies the table: use"
            ' db_persist=False, or explain why the copy stops nobody in contract = "…".'
        )


def _has_constraint(field: models.Field) -> bool:
    """Return whether the field is a foreign key with a constraint in the database."""
    return bool(
        field.remote_field and getattr(field, "db_constraint", False) and not field.many_to_many
    )


def _is_stored_generated(field: models.Field) -> bool:
    return bool(getattr(field, "db_persist", False))  # an attribute of GeneratedField alone


def _is_required(field: models.Field) -> bool:
    """Return whether an INSERT that omits the column fails."""
    return not (
        field.null
        or field.has_db_default()
        or field.many_to_many
        or isinstance(field, models.GeneratedField)
    )


def _narrows(operation: operations.AlterField, app_label: str, state: ProjectState) -> bool:
    """Return whether the previous release may break, or the table is copied."""
    old = _get_field(state, app_label, operation)
    after: ProjectState = state.clone()
    operation.state_forwards(app_label, after)
    new = _get_field(after, app_label, operation)
    editor: Any = connection.schema_editor()
    if not editor._field_should_be_altered(old, new):
        return False
    return (
        (old.null and not new.null)
        or (new.unique and not old.unique)
        or (old.has_db_default() and not new.has_db_default() and _is_required(new))
        or old.column != new.column
        or _is_copied(old, new)
        or _has_constraint(new)  # Django drops the constraint and creates it again
    )


def _is_copied(old: models.Field, new: models.Field) -> bool:
    """Return whether the stored values change.

    They do for any other type, except for a text that may become longer.
    """
    for name in ("max_digits", "decimal_places", "db_collation"):
        if getattr(old, name, None) != getattr(new, name, None):
            return True
    old_type = old.db_type(connection) or ""
    new_type = new.db_type(connection) or ""
    if old_type.startswith("varchar") and new_type.startswith("varchar"):
        before: Any = old.max_length
        after: Any = new.max_length
        return bool(before > after or (before <= ONE_BYTE_LENGTH) != (after <= ONE_BYTE_LENGTH))
    return old_type != new_type or old.get_internal_type() != new.get_internal_type()


def _leftover_messages(operation: Operation, app_label: str, state: ProjectState) -> Iterator[str]:
    """Check columns that only the models lose.

    They stay in the table, so they must neither require a value nor protect other rows.
    """
    if isinstance(operation, operations.RemoveField):
        field = _get_field(state, app_label, operation)
        fields = [field]
        if _is_required(field):
            yield (
                f"removes {operation.model_name}.{operation.name} from the models, but new rows"
                " need a value for it: set null=True or a db_default in an earlier migration."
            )
    elif isinstance(operation, operations.DeleteModel):
        fields = list(state.apps.get_model(app_label, operation.name)._meta.local_fields)
    else:
        return
    for field in fields:
        if _has_constraint(field):
            yield (
                f"removes the foreign key {field.name} from the models, but its constraint would"
                " still prevent deletions of the rows it references: set db_constraint=False in an"
                " earlier migration."
            )
