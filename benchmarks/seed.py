"""Fills a database: people × todos with what hangs on them, by the server itself, in the order of the primary keys.

Every value follows from the numbers of the person, the day and the todo, so that two runs hold the same rows. Everyone
has on DAY ten todos in three goals, a diary and a few cheers, and on the day after ten todos to be set done. Ids are
UUIDv7 of the moment at which the row would have been made, with all people's rows mixed: a person's ten todos of a day
lie on as many pages as in a database that grew.
"""

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks import database
from benchmarks.errors import BenchmarkError
from benchmarks.rows import (
    ALARMS,
    CHEERS,
    DAY,
    DIARIES,
    FOLLOWS,
    GOALS,
    PROFILES,
    QUICK_INPUTS,
    TODOS,
    USERS,
)

ROOT = Path(__file__).resolve().parent.parent
VERSION = 1  # of what is written below: a database of another one is filled anew
DAYS_AHEAD = 14
TODOS_PER_DAY = 5  # on average; 10 on the two days above
ROWS_AT_ONCE = 20_000
FEWEST_PEOPLE, FEWEST_TODOS = 3, 100


def prepare(url: str, people: int, todos: int) -> None:
    """Bring the database to `people` people with about `todos` todos each; what is there already is kept.

    Makes the database where there is none. Raises BenchmarkError for one that holds somebody's data.
    """
    if people < FEWEST_PEOPLE or todos < FEWEST_TODOS:
        raise BenchmarkError(
            f"It takes {FEWEST_PEOPLE} people or more with {FEWEST_TODOS} todos or more each."
        )
    wanted = (VERSION, people, todos)
    if _found(url) == wanted:
        migrate(url)  # it may be older than the newest index
        return
    name = urlsplit(url).path.strip("/")
    server = database.connect(url, database=False)
    database.query(server, f"DROP DATABASE IF EXISTS `{name}`")
    database.query(server, f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
    server.close()
    migrate(url)
    connection = database.connect(url)
    database.query(connection, "CREATE TABLE bench_seed (version INT, people INT, todos INT)")
    database.query(connection, "CREATE TABLE bench_number (n INT PRIMARY KEY)")
    fill(connection, people, todos)
    database.query(connection, "INSERT INTO bench_seed VALUES (%s, %s, %s)", wanted)
    connection.close()


def _found(url: str) -> tuple[Any, ...] | None:
    """What the database was filled with; None where there is nothing yet. Raises BenchmarkError for somebody's data."""
    name = urlsplit(url).path.strip("/")
    server = database.connect(url, database=False)
    tables = database.query(
        server, "SELECT table_name FROM information_schema.tables WHERE table_schema = %s", [name]
    )
    if tables and ("bench_seed",) not in tables:
        raise BenchmarkError(
            f"The database {name} holds something that this benchmark did not make; name another one."
        )
    rows = database.query(server, f"SELECT * FROM `{name}`.bench_seed") if tables else ()
    server.close()
    return rows[0] if rows else None


def migrate(url: str) -> None:
    """Make the project's tables, or bring them up to date."""
    env = os.environ | {
        "DATABASE_URL": url,
        "TODOMATE_ENV": "local",
        "DJANGO_SETTINGS_MODULE": "todomate.settings",
    }
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=env, check=True
    )


def fill(connection: Any, people: int, todos: int) -> None:
    """All rows. The database is empty but for its tables."""
    database.query(connection, "SET foreign_key_checks = 0, unique_checks = 0")
    number(connection, max(people, todos // TODOS_PER_DAY, 32))
    everyone = {"low": 0, "high": people - 1, "people": people}
    for sql in (USERS, PROFILES, FOLLOWS, ALARMS, GOALS, QUICK_INPUTS):
        database.query(connection, sql, everyone)
    write_days(connection, todos // TODOS_PER_DAY, everyone)
    database.query(connection, "SET foreign_key_checks = 1, unique_checks = 1")
    analyze(connection)


def number(connection: Any, count: int) -> None:
    """The numbers below `count` are there."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT IGNORE INTO bench_number VALUES (%s)", [(n,) for n in range(count)]
        )


def write_days(connection: Any, days: int, whom: dict[str, int]) -> None:
    """The todos, diaries and cheers of these people on so many days, the last of them DAYS_AHEAD of DAY."""
    first = DAY + dt.timedelta(days=DAYS_AHEAD + 1 - days)
    step = max(1, ROWS_AT_ONCE // ((whom["high"] - whom["low"] + 1) * TODOS_PER_DAY))
    for begin in range(0, days, step):
        stretch = whom | {
            "first": first,
            "begin": begin,
            "end": min(begin + step, days),
            "half": days // 2,
        }
        database.query(connection, TODOS, stretch)
        database.query(connection, DIARIES, stretch)
    database.query(connection, CHEERS, whom)


def analyze(connection: Any) -> None:
    """Bring the planner's figures up to date."""
    tables = (
        "accounts_user, accounts_profile, accounts_follow, goals_goal, todos_quickinput, todos_todo"
    )
    database.query(connection, f"ANALYZE TABLE {tables}, diaries_diary, cheers_cheer")
