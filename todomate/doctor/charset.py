"""Whether database and tables can hold every character, and the statements that see to it."""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from safemigrations.names import quoted
from todomate.doctor.address import Address
from todomate.doctor.findings import Finding

# Column by column: CONVERT TO would take those that compare exactly (utf8mb4_bin) along to a collation that does not.
COLUMNS = """
    SELECT t.table_name, c.column_name
    FROM information_schema.tables t
    LEFT JOIN information_schema.columns c ON c.table_schema = t.table_schema AND c.table_name = t.table_name
        AND c.character_set_name <> 'utf8mb4'
    WHERE t.table_schema = DATABASE() AND t.table_type = 'BASE TABLE'
        AND (c.column_name IS NOT NULL OR t.table_collation NOT LIKE 'utf8mb4%')
    ORDER BY t.table_name, c.ordinal_position
"""
# A line of SHOW CREATE TABLE behind the column's name.
DEFINITION = (
    r"(?P<type>\w+(?:\((?:[^'()]|'(?:[^']|'')*')*\))?)(?: CHARACTER SET \w+)?(?: COLLATE (?P<collation>\w+))?"
    r"(?P<rest>.*?),?"
)


def examine(cursor: Any, address: Address) -> Iterator[Finding]:
    """Of the database that `cursor` uses."""
    cursor.execute("SELECT @@character_set_database")
    ((charset,),) = cursor.fetchall()
    if charset != "utf8mb4":
        says = f"The database {address.name} is made for {charset}: new tables cannot hold an emoji."
        do = f"Run: ALTER DATABASE {address.quoted_name} CHARACTER SET utf8mb4;"
        yield Finding("database-not-utf8mb4", says, do)
    cursor.execute(COLUMNS)
    found = [
        (table, [name for _, name in rows if name]) for table, rows in groupby(cursor.fetchall(), lambda row: row[0])
    ]
    statements = [statement(table, names, made(cursor, table)) for table, names in found]
    if statements:
        says = f"Tables of {address.name} are not utf8mb4 ({len(statements)}): an emoji written there is an error."
        do = "Run, while nobody writes (after the statement for the database, if there is one above):"
        yield Finding("tables-not-utf8mb4", says, "\n".join([do, *statements]))


def made(cursor: Any, table: str) -> str:
    """The statement that makes the table."""
    cursor.execute(f"SHOW CREATE TABLE {quoted(table)}")
    return str(cursor.fetchone()[1])


def statement(table: str, names: list[str], made_by: str) -> str:
    """The one that mends a table; the columns of these names keep their defaults, and what computes them."""
    changes = ["DEFAULT CHARACTER SET utf8mb4", *(f"MODIFY {changed(name, made_by)}" for name in names)]
    return f"ALTER TABLE {quoted(table)} {', '.join(changes)};"


def changed(name: str, made_by: str) -> str:
    """A column's definition, as it would be."""
    found = re.search(rf"^  {re.escape(quoted(name))} {DEFINITION}$", made_by, re.MULTILINE)
    if not found:
        raise ValueError(f"The server describes the column {name} in a form that is not known here.")
    collate = " COLLATE utf8mb4_bin" if (found["collation"] or "").endswith("_bin") else ""
    return f"{quoted(name)} {found['type']} CHARACTER SET utf8mb4{collate}{found['rest']}"
