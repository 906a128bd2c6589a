"""Check that the database and its tables can store every character."""

import re
from collections.abc import Iterator

from operations.doctor.address import Address
from operations.doctor.driver import Cursor, fetch_value
from operations.doctor.findings import Finding
from safemigrations.introspection import Table, read_tables
from safemigrations.names import quote_name

# A line of SHOW CREATE TABLE, after the column's name.
DEFINITION = (
    r"(?P<type>\w+(?:\((?:[^'()]|'(?:[^']|'')*')*\))?)"
    r"(?: CHARACTER SET \w+)?(?: COLLATE (?P<collation>\w+))?(?P<rest>.*?),?"
)


def examine(cursor: Cursor, address: Address) -> Iterator[Finding]:
    """Yield findings about the cursor's database, with the statements that convert it."""
    charset = fetch_value(cursor, "SELECT @@character_set_database")
    if charset != "utf8mb4":
        yield Finding(
            "database-not-utf8mb4",
            f"The character set of the database {address.name} is {charset}: new tables cannot"
            " store emoji.",
            f"Run: ALTER DATABASE {address.quoted_name} CHARACTER SET utf8mb4;",
        )
    statements = list(_conversions(cursor))
    if statements:
        hint = "Run, while the server is stopped (after the statement for the database, if any):"
        yield Finding(
            "tables-not-utf8mb4",
            f"{len(statements)} tables of {address.name} are not utf8mb4: storing emoji in them"
            " is an error.",
            "\n".join([hint, *statements]),
        )


def _conversions(cursor: Cursor) -> Iterator[str]:
    """Yield the statement for each table that has to be converted."""
    for name, table in read_tables(cursor).items():
        columns = _columns_to_convert(table)
        is_utf8mb4 = (table.collation or "utf8mb4").startswith("utf8mb4")
        if table.is_base_table and (columns or not is_utf8mb4):
            yield _conversion(name, columns, _show_create_table(cursor, name))


def _columns_to_convert(table: Table) -> list[str]:
    """Return the text columns that are not utf8mb4.

    CONVERT TO, which changes whole tables, would also give columns that compare exactly
    (utf8mb4_bin) a collation that does not.
    """
    return [
        name for name, column in table.columns.items() if column.charset not in (None, "utf8mb4")
    ]


def _show_create_table(cursor: Cursor, table: str) -> str:
    cursor.execute(f"SHOW CREATE TABLE {quote_name(table)}")
    row = cursor.fetchone() or ()
    return str(row[1])


def _conversion(table: str, columns: list[str], definition: str) -> str:
    """Return the statement that converts a table; columns keep their defaults and expressions."""
    changes = ["DEFAULT CHARACTER SET utf8mb4"]
    changes += [f"MODIFY {_convert_column(name, definition)}" for name in columns]
    return f"ALTER TABLE {quote_name(table)} {', '.join(changes)};"


def _convert_column(name: str, definition: str) -> str:
    """Return a column's definition in utf8mb4, given that of its table."""
    pattern = rf"^  {re.escape(quote_name(name))} {DEFINITION}$"
    found = re.search(pattern, definition, re.MULTILINE)
    if not found:
        raise ValueError(f"SHOW CREATE TABLE describes the column {name} in an unknown form.")
    collate = " COLLATE utf8mb4_bin" if (found["collation"] or "").endswith("_bin") else ""
    return f"{quote_name(name)} {found['type']} CHARACTER SET utf8mb4{collate}{found['rest']}"
