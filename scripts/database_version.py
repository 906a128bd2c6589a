"""Prints what a database calls itself: database_version.py URL. The name of a program proves nothing: `mysqld` is
MariaDB on many systems."""

import sqlite3
import sys
from urllib.parse import unquote, urlsplit


def version(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    import MySQLdb  # here, since SQLite must not need it

    connection = MySQLdb.connect(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or 3306,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        connect_timeout=10,
    )
    cursor = connection.cursor()
    cursor.execute("SELECT VERSION(), @@version_comment")
    number, comment = cursor.fetchone()
    name = "MariaDB" if "mariadb" in f"{number} {comment}".lower() else "MySQL"
    return f"{name} {number} ({comment})"


if __name__ == "__main__":
    try:
        print(version(sys.argv[1]))
    except Exception as error:
        sys.exit(f"The database does not answer: {error}")
