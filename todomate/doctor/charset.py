"""Whether database and tables can hold every character, and the statements that see to it."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from todomate.doctor.address import Address, quoted
from todomate.doctor.findings import Finding

# Column by column: CONVERT TO would take those that compare exactly (utf8mb4_bin) along to a collation that does not.
COLUMNS = """
    SELECT t.table_name, c.column_name, c.column_type, c.is_nullable
    FROM information_schema.tables t
    LEFT JOIN information_schema.columns c ON c.table_schema = t.table_schema AND c.table_name = t.table_name
        AND c.character_set_name <> 'utf8mb4'
    WHERE t.table_schema = DATABASE() AND t.table_type = 'BASE TABLE'
        AND (c.column_name IS NOT NULL OR t.table_collation NOT LIKE 'utf8mb4%')
    ORDER BY t.table_name, c.ordinal_position
"""


def examine(cursor: Any, address: Address) -> Iterator[Finding]:
    """Of the database that `cursor` uses."""
    cursor.execute("SELECT @@character_set_database")
    ((charset,),) = cursor.fetchall()
    if charset != "utf8mb4":
        says = f"The database {address.name} is made for {charset}: new tables cannot hold an emoji."
        do = f"Run: ALTER DATABASE {address.quoted_name} CHARACTER SET utf8mb4;"
        yield Finding("database-not-utf8mb4", says, do)
    cursor.execute(COLUMNS)
    statements = [statement(table, list(columns)) for table, columns in groupby(cursor.fetchall(), lambda row: row[0])]
    if statements:
        says = f"Tables of {address.name} are not utf8mb4 ({len(statements)}): an emoji written there is an error."
        do = "Run, while nobody writes (after the statement for the database, if there is one above):"
        yield Finding("tables-not-utf8mb4", says, "\n".join([do, *statements]))


def statement(table: str, columns: list[tuple[str, str | None, str, str]]) -> str:
    """The one that mends a table; columns have no default here, as Django gives them none."""
    changes = ["DEFAULT CHARACTER SET utf8mb4"]
    for _, name, kind, nullable in columns:
        if name:
            null = "NULL" if nullable == "YES" else "NOT NULL"
            changes.append(f"MODIFY {quoted(name)} {kind} CHARACTER SET utf8mb4 {null}")
    return f"ALTER TABLE {quoted(table)} {', '.join(changes)};"
