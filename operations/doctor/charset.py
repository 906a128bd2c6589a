"""Whether database and tables can hold every character, and the statements that see to it."""

import re
from collections.abc import Iterator
from typing import Any

from operations.doctor.address import Address
from operations.doctor.findings import Finding
from safemigrations.introspection import Table, read_tables
from safemigrations.names import quote_name

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
        message = (
            f"The database {address.name} is made for {charset}: new tables cannot hold an emoji."
        )
        hint = f"Run: ALTER DATABASE {address.quoted_name} CHARACTER SET utf8mb4;"
        yield Finding("database-not-utf8mb4", message, hint)
    statements: list[str] = []
    for table_name, table in read_tables(cursor).items():
        names = columns_of_other_charsets(table)
        is_utf8mb4 = (table.collation or "utf8mb4").startswith("utf8mb4")
        if table.is_base_table and (names or not is_utf8mb4):
            statements.append(statement(table_name, names, made(cursor, table_name)))
    if statements:
        message = f"Tables of {address.name} are not utf8mb4 ({len(statements)}): an emoji written there is an error."
        hint = "Run, while nobody writes (after the statement for the database, if there is one above):"
        yield Finding("tables-not-utf8mb4", message, "\n".join([hint, *statements]))


def columns_of_other_charsets(table: Table) -> list[str]:
    """Return the text columns that are not utf8mb4.

    CONVERT TO, which changes whole tables, would also give columns that compare exactly
    (utf8mb4_bin) a collation that does not.
    """
    return [
        name for name, column in table.columns.items() if column.charset not in (None, "utf8mb4")
    ]


def made(cursor: Any, table: str) -> str:
    """The statement that makes the table."""
    cursor.execute(f"SHOW CREATE TABLE {quote_name(table)}")
    return str(cursor.fetchone()[1])


def statement(table: str, names: list[str], made_by: str) -> str:
    """The one that mends a table; the columns of these names keep their defaults, and what computes them."""
    changes = [
        "DEFAULT CHARACTER SET utf8mb4",
        *(f"MODIFY {changed(name, made_by)}" for name in names),
    ]
    return f"ALTER TABLE {quote_name(table)} {', '.join(changes)};"


def changed(name: str, made_by: str) -> str:
    """A column's definition, as it would be."""
    found = re.search(rf"^  {re.escape(quote_name(name))} {DEFINITION}$", made_by, re.MULTILINE)
    if not found:
        raise ValueError(
            f"The server describes the column {name} in a form that is not known here."
        )
    collate = " COLLATE utf8mb4_bin" if (found["collation"] or "").endswith("_bin") else ""
    return f"{quote_name(name)} {found['type']} CHARACTER SET utf8mb4{collate}{found['rest']}"
