"""Fill the database with people, todos and their related rows, by SQL on the server itself.

The rows are described in rows.py. Needs Django set up; all functions use its connection.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.management import call_command
from django.db import connection

from benchmarks import BenchmarkError, rows

VERSION = 1  # of rows.py; a database with another version is filled anew
DAYS_AHEAD = 14
TODOS_PER_DAY = 5  # on average; 10 on DAY and WRITTEN_DAY
ROWS_AT_ONCE = 20_000
FEWEST_PEOPLE, FEWEST_TODOS = 3, 100
TABLES = (
    "accounts_user, accounts_profile, accounts_follow, goals_goal, todos_quickinput, todos_todo,"
    " diaries_diary, cheers_cheer"
)
# What determines how fast the server writes and how much it keeps in memory.
VARIABLES = (
    "innodb_buffer_pool_size",
    "innodb_flush_log_at_trx_commit",
    "innodb_doublewrite",
    "innodb_flush_method",
    "log_bin",
    "sync_binlog",
)


def use(database: str) -> None:
    """Let the connection use another database of the same server."""
    connection.close()
    connection.settings_dict["NAME"] = database


def query(sql: str, values: Any = None) -> tuple[tuple[Any, ...], ...]:
    """Execute one statement and return all rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else ()


def prepare(people: int, todos: int) -> None:
    """Fill the database with `people` people and about `todos` todos each, unless it is already.

    The database is created if needed. Raise BenchmarkError if it has tables of another origin.
    """
    if people < FEWEST_PEOPLE or todos < FEWEST_TODOS:
        raise BenchmarkError(f"The least is {FEWEST_PEOPLE} people with {FEWEST_TODOS} todos each.")
    wanted = (VERSION, people, todos)
    name = connection.settings_dict["NAME"]
    use("information_schema")  # the other one may not exist yet
    filled = contents(name) == wanted
    if not filled:
        print(f"Filling {name}: {people} people × {todos} todos", flush=True)
        query(f"DROP DATABASE IF EXISTS `{name}`")
        query(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
    use(name)
    migrate()
    if not filled:
        query("CREATE TABLE bench_seed (version INT, people INT, todos INT)")
        query("CREATE TABLE bench_number (n INT PRIMARY KEY)")
        _fill(people, todos)
        query("INSERT INTO bench_seed VALUES (%s, %s, %s)", wanted)


def migrate() -> None:
    """Create the tables."""
    call_command("migrate", verbosity=0)


def contents(name: str) -> tuple[Any, ...] | None:
    """Return the values of `wanted` with which a database was filled, None if it is empty."""
    found = query("SELECT table_name FROM tables WHERE table_schema = %s", [name])
    if not found:
        return None
    if ("bench_seed",) not in found:
        raise BenchmarkError(
            f"The database {name} was not created by this benchmark. Name another one."
        )
    filled = query(f"SELECT * FROM `{name}`.bench_seed")
    return filled[0] if filled else None


def _fill(people: int, todos: int) -> None:
    query("SET foreign_key_checks = 0, unique_checks = 0")
    write_numbers(max(people, todos // TODOS_PER_DAY, 32))
    everyone = {"low": 0, "high": people - 1, "people": people}
    for sql in rows.PERSON:
        query(sql, everyone)
    write_days(todos // TODOS_PER_DAY, everyone)
    query("SET foreign_key_checks = 1, unique_checks = 1")
    analyze()


def write_numbers(count: int) -> None:
    """Fill bench_number with the numbers below `count`."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT IGNORE INTO bench_number VALUES (%s)", [(n,) for n in range(count)]
        )


def write_days(days: int, whom: Mapping[str, int]) -> None:
    """Write todos, diaries and cheers for so many days, the last of them DAYS_AHEAD of DAY."""
    first = rows.DAY + dt.timedelta(days=DAYS_AHEAD + 1 - days)
    step = max(1, ROWS_AT_ONCE // ((whom["high"] - whom["low"] + 1) * TODOS_PER_DAY))
    for begin in range(0, days, step):
        period = {"first": first, "begin": begin, "end": min(begin + step, days)}
        values = {**whom, **period, "half": days // 2}
        query(rows.TODOS, values)
        query(rows.DIARIES, values)
    query(rows.CHEERS, whom)


def analyze() -> None:
    """Update the statistics of the query planner."""
    query(f"ANALYZE TABLE {TABLES}")


def variables() -> dict[str, str]:
    """Return the settings of the database server on which the figures depend."""
    return dict(query("SHOW VARIABLES WHERE Variable_name IN %s", [VARIABLES]))
