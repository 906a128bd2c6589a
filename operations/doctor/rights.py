"""What the account of DATABASE_URL may do, asked of the server itself: roles and patterns are its own to read.

Each statement needs a right and cannot succeed, so it changes nothing: its table is not there, or would have two
columns of one name. Who has the right hears that, and who has not, that it is denied.
"""

import uuid
from collections.abc import Iterator
from typing import Any

from operations.doctor.address import Address
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
NEEDS = {"LOCK TABLES": "SELECT", "REFERENCES": "CREATE"}  # what else a statement needs
DENIED = 1044, 1142
FOR_BACKUPS = {"LOCK TABLES"}


def examine(cursor: Any, address: Address) -> Iterator[Finding]:
    """Of the database that `cursor` uses, which is there."""
    denied = [right for right, statement in STATEMENTS.items() if is_denied(cursor, statement)]
    lacks = [right for right in denied if NEEDS.get(right) not in denied]
    if lacks:
        cursor.execute("SELECT CURRENT_USER()")
        ((account,),) = cursor.fetchall()
        message = f"User {address.user!r} lacks rights on the database {address.name}: {', '.join(lacks)}."
        hint = f"As the server's administrator run: {grant(address, account)}"
        yield Finding(
            "database-rights", message, hint, "warning" if set(lacks) <= FOR_BACKUPS else "error"
        )


def is_denied(cursor: Any, statement: str) -> bool:
    from MySQLdb import Error  # noqa: PLC0415  # not installed where SQLite is used

    try:
        cursor.execute(statement.format(f"doctor_{uuid.uuid4().hex}"))
    except Error as error:
        return error.args[0] in DENIED
    return False


def grant(address: Address, account: str) -> str:
    """The statement that lets `account`, in the form of CURRENT_USER(), do all in this database and in no other."""
    user, _, host = account.rpartition("@")
    return f"GRANT ALL ON {quote_grant_pattern(address.name)}.* TO {quote_name(user)}@{quote_name(host)};"
