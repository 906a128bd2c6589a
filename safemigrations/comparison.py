"""Whether the real schema is the one that the applied migrations have made."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.migrations.executor import MigrationExecutor

from safemigrations.names import quoted
from todomate.doctor.findings import Finding, listed

COLUMNS = """
    SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE = 'YES', COLUMN_DEFAULT IS NOT NULL OR EXTRA <> ''
    FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()
"""
UNIQUE = """
    SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME
    FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND NON_UNIQUE = 0
"""
KEYS = """
    SELECT TABLE_NAME, COLUMN_NAME, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME
    FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME IS NOT NULL
"""
SQLITE = """
    SELECT m.name, c.name, c.type, c."notnull" = 0, c.dflt_value IS NOT NULL OR c.pk > 0 OR c.hidden > 0
    FROM sqlite_master m, pragma_table_xinfo(m.name) c WHERE m.type = 'table'
"""


@dataclass(frozen=True)
class Column:
    """`fills_itself`: it has a default, counts up or is computed."""

    type_: str
    may_be_null: bool
    fills_itself: bool


@dataclass
class Table:
    columns: dict[str, Column] = field(default_factory=dict)
    unique: set[frozenset[str]] = field(default_factory=set)
    keys: set[tuple[str, str, str]] = field(default_factory=set)


def examine(executor: MigrationExecutor, *, newer: bool) -> Iterator[Finding]:
    """`newer`: a later release has migrated. What it took off (a constraint, NOT NULL) is no fault then."""
    connection: Any = executor.connection
    applied = [key for key in executor.loader.applied_migrations if key in executor.loader.graph.nodes]
    if not applied:
        return
    real, strict = read(connection), not newer and connection.vendor == "mysql"
    lacks: list[str] = []
    asks: list[str] = []
    for model in executor.loader.project_state(applied).apps.get_models(include_auto_created=True):
        options = model._meta
        if not options.managed or options.proxy or options.swapped:
            continue
        if options.db_table not in real:
            lacks.append(f"the table {options.db_table}")
            continue
        lacks += list(lacking(model, real[options.db_table], strict=strict))
        asks += list(asking(model, real[options.db_table]))
    yield from said(connection.settings_dict["NAME"], lacks, asks)


def said(database: str, lacks: list[str], asks: list[str]) -> Iterator[Finding]:
    if lacks:
        yield Finding(
            "schema-differs",
            f"The database {database} lacks what its migrations are recorded to have made: {listed(lacks)}.",
            "Somebody has changed it by hand, or a restore was not complete. Make it again by hand, or restore a backup"
            " (`scripts/restore`).",
        )
    if asks:
        yield Finding(
            "schema-asks-for-more",
            f"The database {database} has columns that are no migration's, NOT NULL and without a default"
            f" ({len(asks)}): every new row of their tables is refused.",
            "\n".join(["Find out whose they are, and take them away or run:", *asks]),
        )


def lacking(model: type[models.Model], real: Table, *, strict: bool) -> Iterator[str]:
    """What the table of a model has not; `strict` asks for what keeps wrong rows out, too."""
    options: Any = model._meta
    table, fields = options.db_table, [field for field in options.local_fields if field.column]
    for field_ in sorted(fields, key=lambda field: field.column):
        if field_.column not in real.columns:
            yield f"the column {field_.column} of {table}"
        elif strict and not field_.generated and field_.null != real.columns[field_.column].may_be_null:
            yield f"{'NULL' if field_.null else 'NOT NULL'} for the column {field_.column} of {table}"
    if not strict:
        return
    for columns in unique(options):
        if frozenset(columns) not in real.unique:
            yield f"the unique index over {', '.join(columns)} of {table}"
    for field_ in fields:
        if field_.remote_field and field_.db_constraint:
            other = field_.target_field.model._meta.db_table
            if (field_.column, other, field_.target_field.column) not in real.keys:
                yield f"the foreign key {field_.column} of {table}"


def unique(options: Any) -> Iterator[list[str]]:
    """The columns of each unique index that Django makes for a model on MySQL, the primary key among them."""
    names = [[field.name] for field in options.local_fields if field.unique]
    names += [list(together) for together in options.unique_together]
    names += [
        list(one.fields)
        for one in options.constraints
        if isinstance(one, models.UniqueConstraint) and one.fields and not one.condition
    ]
    for some in names:
        yield [options.get_field(name).column for name in some]


def asking(model: type[models.Model], real: Table) -> Iterator[str]:
    """The statements for columns that no INSERT of ours fills in, and that want a value."""
    ours = {field.column for field in model._meta.local_fields}
    for name, column in real.columns.items():
        if name not in ours and not column.may_be_null and not column.fills_itself:
            table = quoted(model._meta.db_table)
            yield f"ALTER TABLE {table} MODIFY {quoted(name)} {column.type_} NULL;"


def read(connection: Any) -> dict[str, Table]:
    """The tables as they are; of SQLite only their columns."""
    tables: dict[str, Table] = defaultdict(Table)
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS if connection.vendor == "mysql" else SQLITE)
        for table, name, type_, may_be_null, fills_itself in cursor.fetchall():
            tables[table].columns[name] = Column(type_, bool(may_be_null), bool(fills_itself))
        if connection.vendor != "mysql":
            return tables
        cursor.execute(UNIQUE)
        indexes: dict[tuple[str, str], set[str]] = defaultdict(set)
        for table, index, column in cursor.fetchall():
            indexes[table, index].add(column or "")  # an expression has no name
        for (table, _), columns in indexes.items():
            tables[table].unique.add(frozenset(columns))
        cursor.execute(KEYS)
        for table, *key in cursor.fetchall():
            tables[table].keys.add(tuple(key))
    return tables
