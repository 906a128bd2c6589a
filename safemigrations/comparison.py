"""Compare the real tables with those that the applied migrations have created."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import models
from django.db.migrations.executor import MigrationExecutor
from django.db.models.options import Options

from safemigrations.introspection import QUERIES, Table, read_schema
from safemigrations.names import quote_name


@dataclass
class SchemaDifferences:
    """The result of a comparison.

    `missing`: what the migrations have created and the database does not have, in words.
    `repairs`: a statement for each extra column that is NOT NULL and has no default. Such a column
    makes every INSERT fail; the statement makes it nullable.
    """

    missing: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)


def compare_schema(executor: MigrationExecutor, *, newer: bool) -> SchemaDifferences:
    """Compare the tables of all applied migrations.

    `newer`: the database has migrations of a later release, so a missing constraint or NOT NULL is
    no difference: that release may have removed it. On SQLite only columns are compared.
    """
    differences = SchemaDifferences()
    connection, loader = executor.connection, executor.loader
    applied = [key for key in loader.applied_migrations if key in loader.graph.nodes]
    if not applied:
        return differences
    real = read_schema(connection)
    with_constraints = not newer and connection.vendor in QUERIES
    for model in loader.project_state(applied).apps.get_models(include_auto_created=True):
        options = model._meta
        if not options.managed or options.proxy or options.swapped:
            continue
        if options.db_table not in real:
            differences.missing.append(f"the table {options.db_table}")
            continue
        table = real[options.db_table]
        differences.missing += _missing_columns(options, table, with_null=with_constraints)
        if with_constraints:
            differences.missing += _missing_constraints(options, table)
        differences.repairs += _repairs(options, table, connection.vendor)
    return differences


def _missing_columns(options: Options, real: Table, *, with_null: bool) -> Iterator[str]:
    """Yield missing columns and, `with_null`, columns whose nullability differs."""
    table = options.db_table
    fields = {field.column: field for field in options.local_fields if field.column}
    for name, field_ in sorted(fields.items()):
        column = real.columns.get(name)
        if column is None:
            yield f"the column {name} of {table}"
        elif with_null and not field_.generated and field_.null != column.nullable:
            yield f"{'NULL' if field_.null else 'NOT NULL'} for the column {name} of {table}"


def _missing_constraints(options: Options, real: Table) -> Iterator[str]:
    """Yield missing unique indexes and foreign keys."""
    table = options.db_table
    unique = {frozenset(index.columns) for index in real.indexes.values() if index.unique}
    for columns in _unique_columns(options):
        if frozenset(columns) not in unique:
            yield f"the unique index over {', '.join(columns)} of {table}"
    keys = {(key.columns, key.table, key.references) for key in real.foreign_keys.values()}
    for field_ in options.local_fields:
        if isinstance(field_, models.ForeignKey) and getattr(field_, "db_constraint", True):
            target = field_.target_field
            other = target.model._meta.db_table
            if ((field_.column,), other, (target.column,)) not in keys:
                yield f"the foreign key {field_.column} of {table}"


def _unique_columns(options: Options) -> Iterator[list[str]]:
    """Yield the columns of each unique index Django creates, primary key included."""
    names = [[field.name] for field in options.local_fields if field.unique and field.column]
    names += [list(together) for together in options.unique_together]
    names += [
        list(constraint.fields)
        for constraint in options.constraints
        if isinstance(constraint, models.UniqueConstraint)
        and constraint.fields
        and not constraint.condition
    ]
    columns = {field.name: field.column for field in options.local_fields}
    for fields in names:
        yield [str(columns[name]) for name in fields]


def _repairs(options: Options, real: Table, vendor: str) -> Iterator[str]:
    """Yield statements that make required columns unknown to the model nullable."""
    known = {field.column for field in options.local_fields}
    for name, column in real.columns.items():
        if name not in known and not column.nullable and not column.optional:
            if vendor == "postgresql":
                names = [text.replace('"', '""') for text in (options.db_table, name)]
                yield 'ALTER TABLE "{}" ALTER COLUMN "{}" DROP NOT NULL;'.format(*names)
            else:
                table = quote_name(options.db_table)
                yield f"ALTER TABLE {table} MODIFY {quote_name(name)} {column.type} NULL;"
