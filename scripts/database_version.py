"""Print the product and version of a database.

Usage: database_version.py URL, or SERVER=URL database_version.py.

The name of MySQL's program is not enough (`mysqld` is MariaDB on many systems), nor is
version_comment (that of Debian's MySQL is "(Debian)"). So this also looks for a variable that only
MySQL has.
"""

import os
import sqlite3
import sys
from urllib.parse import unquote, urlsplit


def version(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    if parts.scheme in ("postgres", "postgresql"):
        return postgres_version(url)
    import MySQLdb  # noqa: PLC0415  # not installed where SQLite is used

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
    # MySQL has this variable since 8.0.30; MariaDB and Percona Server do not.
    cursor.execute("SHOW VARIABLES LIKE 'innodb_redo_log_capacity'")
    if "mariadb" in f"{number} {comment}".lower():
        name = "MariaDB"
    elif "percona" in comment.lower():
        name = "Percona"
    else:
        name = "MySQL" if cursor.fetchone() else "Unknown"
    return f"{name} {number}, {comment.strip('()')}"


def postgres_version(url: str) -> str:
    import psycopg  # noqa: PLC0415  # not installed where SQLite is used

    # Every server has this database, and the one in the URL may not exist yet.
    server = urlsplit(url)._replace(path="/postgres").geturl()
    with psycopg.connect(server, connect_timeout=10) as connection:
        return f"PostgreSQL {connection.info.parameter_status('server_version')}"


if __name__ == "__main__":
    try:
        print(version(sys.argv[1] if sys.argv[1:] else os.environ["SERVER"]))
    except Exception as error:
        sys.exit(f"The database does not answer: {error}")
