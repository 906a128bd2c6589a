"""Check the privileges of the account in DATABASE_URL.

Trying each statement takes roles and patterns of names into account, which reading the grants
would not. No statement can succeed, so nothing is changed: its table does not exist, or would have
two columns of one name. The server reports that error only to accounts with the privilege.
"""

import uuid
from collections.abc import Iterator

from operations.doctor.address import Address
from operations.doctor.driver import Cursor, fetch_value
from operations.doctor.findings import Finding
from safemigrations.names import quote_grant_pattern, quote_name

STATEMENTS = {
    "SELECT": "SELECT 1 FROM {0}",
    "INSERT": "INSERT INTO {0} VALUES (1)",
    "UPDATE": "UPDATE {0} SET id = 1",
    "DELETE": "DELETE FROM {0}",
    "CREATE": "CREATE TABLE {0} (id INT, id INT)",
    "ALTER": "ALTER TABLE {0} ADD COLUMN id INT",
    "DROP": "DROP TABLE {0}",
    "INDEX": "CREATE INDEX i ON {0} (id)",
    "REFERENCES": "CREATE TABLE {0} (id INT, id INT, FOREIGN KEY (id) REFERENCES {0}_of (id))",
    "CREATE TEMPORARY TABLES": "CREATE TEMPORARY TABLE {0} (id INT, id INT)",
    "LOCK TABLES": "LOCK TABLES {0} READ",
}
# Statements that need a second privilege.
ALSO_NEEDS = {"LOCK TABLES": "SELECT", "REFERENCES": "CREATE"}
ACCESS_DENIED = 1044, 1142
ONLY_FOR_BACKUPS = {"LOCK TABLES"}


def examine(cursor: Cursor, address: Address) -> Iterator[Finding]:
    """Yield a finding about the privileges that are missing on the cursor's database."""
    denied = [right for right, statement in STATEMENTS.items() if _is_denied(cursor, statement)]
    missing = [right for right in denied if ALSO_NEEDS.get(right) not in denied]
    if missing:
        account = fetch_value(cursor, "SELECT CURRENT_USER()")
        yield Finding(
            "database-rights",
            f"User {address.user!r} lacks privileges on the database {address.name}:"
            f" {', '.join(missing)}.",
            f"Run as the server's administrator: {grant_statement(address, account)}",
            "warning" if set(missing) <= ONLY_FOR_BACKUPS else "error",
        )


def _is_denied(cursor: Cursor, statement: str) -> bool:
    from MySQLdb import Error  # noqa: PLC0415  # not installed where SQLite is used

    try:
        cursor.execute(statement.format(f"doctor_{uuid.uuid4().hex}"))
    except Error as error:
        return error.args[0] in ACCESS_DENIED
    return False


def grant_statement(address: Address, account: str) -> str:
    """Return the statement that gives `account` all privileges on this database only.

    `account` has the form of CURRENT_USER().
    """
    user, _, host = account.rpartition("@")
    pattern = quote_grant_pattern(address.name)
    return f"GRANT ALL ON {pattern}.* TO {quote_name(user)}@{quote_name(host)};"
