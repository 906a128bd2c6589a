"""Read the real schema of a database.

All queries to the catalogues are here. `read_tables` needs no more than a DB-API cursor, so it also
works before Django is set up.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = """
    SELECT TABLE_NAME, TABLE_TYPE = 'BASE TABLE', TABLE_COLLATION
    FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME
"""
COLUMNS = """
    SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE = 'YES',
        COLUMN_DEFAULT IS NOT NULL OR EXTRA <> '', CHARACTER_SET_NAME
    FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()
    ORDER BY TABLE_NAME, ORDINAL_POSITION
"""
INDEXES = """
    SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE = 0, COLUMN_NAME
    FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()
    ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX
"""
FOREIGN_KEYS = """
    SELECT TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME
    FROM information_schema.KEY_COLUMN_USAGE
    WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME IS NOT NULL
    ORDER BY TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION
"""
CHECKS = """
    SELECT TABLE_NAME, CONSTRAINT_NAME FROM information_schema.TABLE_CONSTRAINTS
    WHERE TABLE_SCHEMA = DATABASE() AND CONSTRAINT_TYPE = 'CHECK'
"""
MYSQL = TABLES, COLUMNS, INDEXES, FOREIGN_KEYS, CHECKS
# The same rows of PostgreSQL, which has no character set for a column and no collation for a table.
POSTGRES = (
    """
    SELECT c.relname, c.relkind IN ('r', 'p'), NULL FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
    ORDER BY c.relname COLLATE "C"
    """,
    """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
        a.atthasdef OR a.attidentity <> '' OR a.attgenerated <> '', NULL
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
        AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY c.relname COLLATE "C", a.attnum
    """,
    """
    SELECT c.relname, i.relname, x.indisunique AND x.indpred IS NULL, a.attname
    FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
        CROSS JOIN unnest(x.indkey::int[]) WITH ORDINALITY k (attnum, place)
        LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum
    WHERE c.relnamespace = current_schema()::regnamespace AND x.indisvalid
        AND k.place <= x.indnkeyatts
    ORDER BY c.relname COLLATE "C", i.relname COLLATE "C", k.place
    """,
    """
    SELECT c.relname, f.conname, a.attname, other.relname, b.attname
    FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid
        JOIN pg_class other ON other.oid = f.confrelid
        CROSS JOIN unnest(f.conkey, f.confkey) WITH ORDINALITY k (own, referenced, place)
        JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.own
        JOIN pg_attribute b ON b.attrelid = f.confrelid AND b.attnum = k.referenced
    WHERE c.relnamespace = current_schema()::regnamespace AND f.contype = 'f'
    ORDER BY c.relname COLLATE "C", f.conname COLLATE "C", k.place
    """,
    """
    SELECT c.relname, f.conname FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid
    WHERE c.relnamespace = current_schema()::regnamespace AND f.contype = 'c'
    """,
)
QUERIES = {"mysql": MYSQL, "postgresql": POSTGRES}
SQLITE_COLUMNS = """
    SELECT m.name, c.name, c.type, c."notnull" = 0,
        c.dflt_value IS NOT NULL OR c.pk > 0 OR c.hidden > 0
    FROM sqlite_master m, pragma_table_xinfo(m.name) c WHERE m.type = 'table'
"""


@dataclass(frozen=True)
class Column:
    """A column. `optional`: an INSERT may omit it (default, AUTO_INCREMENT, generated)."""

    type: str
    nullable: bool
    optional: bool
    charset: str | None = None


@dataclass(frozen=True)
class Index:
    """An index. An expression among its columns has the name ""."""

    columns: tuple[str, ...]
    unique: bool


@dataclass(frozen=True)
class ForeignKey:
    """A foreign key: its columns, and the table and columns it references."""

    columns: tuple[str, ...]
    table: str
    references: tuple[str, ...]


@dataclass
class Table:
    """A table or view. Columns have the order of the table."""

    is_base_table: bool = True
    collation: str | None = None
    columns: dict[str, Column] = field(default_factory=dict)
    indexes: dict[str, Index] = field(default_factory=dict)
    foreign_keys: dict[str, ForeignKey] = field(default_factory=dict)
    checks: set[str] = field(default_factory=set)


def read_schema(connection: BaseDatabaseWrapper) -> dict[str, Table]:
    """Return the tables by name. On SQLite they have nothing but columns."""
    with connection.cursor() as cursor:
        if queries := QUERIES.get(connection.vendor):
            return read_tables(cursor, queries)
        return _read_sqlite(cursor)


def read_tables(cursor: Any, queries: tuple[str, ...] = MYSQL) -> dict[str, Table]:
    """Return the tables and views of the cursor's database, sorted by name.

    `queries` are those of the server: MYSQL or POSTGRES.
    """
    tables_query, columns_query, indexes_query, foreign_keys_query, checks_query = queries
    tables: dict[str, Table] = {}
    cursor.execute(tables_query)
    for name, is_base_table, collation in cursor.fetchall():
        tables[name] = Table(bool(is_base_table), collation)
    # Tables may be created or dropped between two of these queries.
    cursor.execute(columns_query)
    for table, name, type_, nullable, optional, charset in cursor.fetchall():
        if table in tables:
            column = Column(type_, bool(nullable), bool(optional), charset)
            tables[table].columns[name] = column
    cursor.execute(indexes_query)
    for table, name, unique, column_name in cursor.fetchall():
        if table in tables:
            known = tables[table].indexes.get(name, Index((), bool(unique)))
            index = Index((*known.columns, column_name or ""), bool(unique))
            tables[table].indexes[name] = index
    cursor.execute(foreign_keys_query)
    for table, name, column_name, other, reference in cursor.fetchall():
        if table in tables:
            key = tables[table].foreign_keys.get(name, ForeignKey((), other, ()))
            key = ForeignKey((*key.columns, column_name), other, (*key.references, reference))
            tables[table].foreign_keys[name] = key
    cursor.execute(checks_query)
    for table, name in cursor.fetchall():
        if table in tables:
            tables[table].checks.add(name)
    return tables


def _read_sqlite(cursor: Any) -> dict[str, Table]:
    tables: dict[str, Table] = defaultdict(Table)
    cursor.execute(SQLITE_COLUMNS)
    for table, name, type_, nullable, optional in cursor.fetchall():
        tables[table].columns[name] = Column(type_, bool(nullable), bool(optional))
    return dict(tables)
