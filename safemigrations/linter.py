"""What a migration must keep to, so that the release before runs on the new schema (CONTRIBUTING.md, "Migrations")."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import sqlparse
from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.db.migrations import operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from safemigrations.operations import Drop

# A text in a column of up to 255 bytes has one byte for its length, a longer one has two.
ONE_BYTE = 255 // 4  # characters of utf8mb4
DDL = re.compile(r"ALTER|CREATE|DROP|RENAME|TRUNCATE", re.IGNORECASE)
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
    for key, migration in sorted(loader.graph.nodes.items()):  # which has not those that another one replaces
        if key[0] in own_apps() and any(app == key[0] for app, _ in loader.graph.node_map[key].parents):
            state = loader.project_state([key], at_end=False)
            for fault in (*faults(migration, state), *_unprepared(loader, migration, state)):
                yield f"{migration} {fault}"


def _unprepared(loader: MigrationLoader, migration: Migration, state: ProjectState) -> Iterator[str]:
    """Code alone can see to what new rows must be from now on; that a release has it, a migration has to tell."""
    asks = any(_asks_more(op, migration.app_label, state) for op in database_operations(migration))
    if asks and contract(migration) and not any(map(_is_first_step, _before(loader, migration))):
        yield (
            "asks more of new rows, and no migration tells the releases that give it from those that do not: let it"
            " depend on one of an earlier release without schema operations (operations = [])."
        )


def _before(loader: MigrationLoader, migration: Migration) -> Iterator[Migration]:
    """Those of its app that it depends on by name; of one that is a second step itself, those that this one does."""
    for parent in loader.graph.node_map[migration.app_label, migration.name].parents:
        if parent.key[0] == migration.app_label:
            before = loader.graph.nodes[parent.key]
            yield from _before(loader, before) if is_second_step(before) else [before]


def _is_first_step(migration: Migration) -> bool:
    return all(isinstance(op, DATA) for op in database_operations(migration))


def _asks_more(op: Operation, app_label: str, state: ProjectState) -> bool:
    if isinstance(op, operations.AlterUniqueTogether):
        before = state.models[app_label, op.name_lower].options.get("unique_together", ())
        return not (op.unique_together or set()) <= set(before)
    if not isinstance(op, operations.AlterField):
        return isinstance(op, operations.AddConstraint)
    old: Any = state.apps.get_model(app_label, op.model_name)._meta.get_field(op.name)
    return (old.null and not op.field.null) or (op.field.unique and not old.unique)


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


def is_second_step(migration: Migration) -> bool:
    """Whether the release before has to be ready for it. A new field has `contract` only since its table is copied."""
    return bool(contract(migration)) and not all(
        isinstance(op, operations.AddField) for op in database_operations(migration)
    )


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
    for op in ours:
        if isinstance(op, operations.RunSQL) and any(DDL.match(sql) for sql in _statements(op)):
            yield "changes the schema by RunSQL, which neither mend nor these rules can read: operations of Django's."
    for op in schema:
        yield from _faults_of(op, migration, state)
    for op in state_operations(migration):
        yield from _left_behind(op, migration.app_label, state)


def _faults_of(op: Operation, migration: Migration, state: ProjectState) -> Iterator[str]:
    if isinstance(op, operations.AddField):
        yield from _faults_of_new(op, migration)
        return
    if isinstance(op, ADDS) or contract(migration):
        return
    if isinstance(op, operations.AlterField) and not _narrows(op, migration.app_label, state):
        return
    yield f'takes away or narrows ({op.describe()}) and does not say why the release before runs on it: contract = "…".'


def _statements(op: operations.RunSQL) -> Iterator[str]:
    """Each statement, without the comments before it."""
    parts = [op.sql] if isinstance(op.sql, str) else op.sql
    for part in parts:
        text = part if isinstance(part, str) else part[0]
        yield from sqlparse.split(sqlparse.format(text, strip_comments=True))


def _faults_of_new(op: operations.AddField, migration: Migration) -> Iterator[str]:
    """Of a new field. MySQL copies the table, into which nobody can write meanwhile, for some kinds of them."""
    field: Any = op.field
    name = f"{op.model_name}.{op.name}"
    if _is_required(field):
        yield f"adds {name}, which the release before does not fill in: null=True or a db_default."
    if field.unique and field.has_db_default():
        yield f"adds {name}, which is unique and the same in all rows that are there: null=True."
    if contract(migration):
        return
    if _is_foreign_key(field):
        yield (
            f"adds {name} with its constraint, for which MySQL copies the table: db_constraint=False, and the"
            ' constraint in a later release; or say why nobody has to wait: contract = "…".'
        )
    if getattr(field, "generated", False) and field.db_persist:
        yield (
            f"adds {name}, which is stored in each row, for which MySQL copies the table: db_persist=False, or say why"
            ' nobody has to wait: contract = "…".'
        )


def _is_foreign_key(field: Any) -> bool:
    """With a constraint in the database."""
    return bool(field.remote_field and getattr(field, "db_constraint", False) and not field.many_to_many)


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
    return (
        (old.null and not new.null)
        or (new.unique and not old.unique)
        or (old.has_db_default() and not new.has_db_default() and _is_required(new))
        or old.column != new.column
        or _is_copied(old, new)
        or _is_foreign_key(new)  # Django drops the constraint, and makes it anew
    )


def _is_copied(old: Any, new: Any) -> bool:
    """Whether what is stored becomes another thing, as any change of a type does but for a text that may be longer."""
    kept = ("max_digits", "decimal_places", "db_collation")
    if any(getattr(old, name, None) != getattr(new, name, None) for name in kept):
        return True
    types = [field.db_type(connection) or "" for field in (old, new)]
    if all(type_.startswith("varchar") for type_ in types):
        before, after = old.max_length, new.max_length
        return bool(before > after or (before <= ONE_BYTE) != (after <= ONE_BYTE))
    return types[0] != types[1] or old.get_internal_type() != new.get_internal_type()


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
