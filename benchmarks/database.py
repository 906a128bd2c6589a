"""The MySQL server of the benchmark: a connection without Django, and what it says of itself."""

from typing import Any
from urllib.parse import unquote, urlsplit

NAME = "todomate_bench"
# What decides how fast it writes and how much it holds in memory.
VARIABLES = (
    "innodb_buffer_pool_size",
    "innodb_flush_log_at_trx_commit",
    "innodb_doublewrite",
    "innodb_flush_method",
    "log_bin",
    "sync_binlog",
)


def connect(url: str, *, database: bool = True, **options: Any) -> Any:
    """A connection that commits by itself, to the server or to the database that the URL names."""
    import MySQLdb  # noqa: PLC0415  # the report of a run is read where there is no driver, too

    parts = urlsplit(url)
    if database:
        options["database"] = parts.path.strip("/")
    return MySQLdb.connect(
        host=parts.hostname,
        port=parts.port or 3306,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        charset="utf8mb4",
        autocommit=True,
        **options,
    )


def with_name(url: str) -> str:
    """The URL with the benchmark's own database in it, unless it names one."""
    parts = urlsplit(url)
    return url if parts.path.strip("/") else parts._replace(path=f"/{NAME}").geturl()


def query(connection: Any, sql: str, arguments: Any = None) -> tuple[tuple[Any, ...], ...]:
    """All rows of one statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        rows: tuple[tuple[Any, ...], ...] = cursor.fetchall()
    return rows


def variables(url: str) -> dict[str, str]:
    """The settings of the server that the figures depend on."""
    connection = connect(url, database=False)
    rows = query(connection, f"SHOW VARIABLES WHERE Variable_name IN {VARIABLES}")
    connection.close()
    return {name: value for name, value in rows}  # noqa: C416  # pairs, which the types do not say
