"""Two people unlike the others, in a database that is filled already: one with 100,000 todos, one whom all follow.

Their rows are made by the statements of everybody's, so that their measured day is like anybody's; only what lies
around it is more.
"""

from typing import Any

from benchmarks import database, seed
from benchmarks.rows import ALARMS, FIRST, FOLLOWS, GOALS, LONG_AGO, PROFILES, QUICK_INPUTS, USERS

# Above all other people's numbers.
DILIGENT_NUMBER, POPULAR_NUMBER = 20_000, 20_001
DILIGENT, POPULAR = FIRST + DILIGENT_NUMBER, FIRST + POPULAR_NUMBER
DILIGENT_TODOS = 100_000  # 5 a day, as everyone: since 1971
MOST_FOLLOWS = 5_000

# Nobody asks to follow here, so that no pending row counts.
POPULAR_FOLLOWS = f"""
INSERT INTO accounts_follow (created_at, updated_at, state, follower_id, followee_id)
SELECT {LONG_AGO}, {LONG_AGO}, 'accepted', {POPULAR}, id FROM accounts_user WHERE id BETWEEN {FIRST} AND %(last)s
UNION ALL
SELECT {LONG_AGO}, {LONG_AGO}, 'accepted', id, {POPULAR} FROM accounts_user WHERE id BETWEEN {FIRST} AND %(last)s"""


def prepare(url: str, people: int, todos: int) -> None:
    """Make the two, unless they are there; `people` and `todos` are what seed.prepare has filled the database with."""
    connection = database.connect(url)
    database.query(connection, "CREATE TABLE IF NOT EXISTS bench_special (pk BIGINT PRIMARY KEY)")
    if not database.query(connection, "SELECT pk FROM bench_special"):
        seed.number(connection, POPULAR_NUMBER + 1)
        connection.begin()  # both are there, or neither
        _write(connection, DILIGENT_NUMBER, DILIGENT_TODOS, people)
        _write(connection, POPULAR_NUMBER, todos, people)
        last = FIRST + min(people, MOST_FOLLOWS) - 1
        database.query(connection, POPULAR_FOLLOWS, {"last": last})
        database.query(
            connection, "INSERT INTO bench_special VALUES (%s), (%s)", [DILIGENT, POPULAR]
        )
        connection.commit()
        seed.analyze(connection)
    connection.close()


def _write(connection: Any, number: int, todos: int, people: int) -> None:
    whom = {"low": number, "high": number, "people": people}
    follows = () if number == POPULAR_NUMBER else (FOLLOWS,)
    for sql in (USERS, PROFILES, *follows, ALARMS, GOALS, QUICK_INPUTS):
        database.query(connection, sql, whom)
    seed.write_days(connection, todos // seed.TODOS_PER_DAY, whom)
