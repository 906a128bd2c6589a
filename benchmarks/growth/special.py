"""Add two people with extreme data: one with 100,000 todos, one with 5,000 follows.

Their rows come from the same statements as everyone's, so their measured day is like any other.
"""

from django.db import transaction

from benchmarks import rows, seed
from benchmarks.rows import FIRST, LONG_AGO

# Numbers above those of all other people.
DILIGENT_NUMBER, POPULAR_NUMBER = 20_000, 20_001
DILIGENT, POPULAR = FIRST + DILIGENT_NUMBER, FIRST + POPULAR_NUMBER
DILIGENT_TODOS = 100_000  # five a day, like everyone, back to 1971
MOST_FOLLOWS = 5_000

# In place of rows.FOLLOWS, which has a pending follow for everyone.
POPULAR_FOLLOWS = f"""
INSERT INTO accounts_follow (created_at, updated_at, state, follower_id, followee_id)
SELECT {LONG_AGO}, {LONG_AGO}, 'accepted', {POPULAR}, id
FROM accounts_user WHERE id BETWEEN {FIRST} AND %(last)s
UNION ALL
SELECT {LONG_AGO}, {LONG_AGO}, 'accepted', id, {POPULAR}
FROM accounts_user WHERE id BETWEEN {FIRST} AND %(last)s"""


def prepare(people: int, todos: int) -> None:
    """Add the two people unless they exist; the arguments are those of seed.prepare()."""
    seed.query("CREATE TABLE IF NOT EXISTS bench_special (pk BIGINT PRIMARY KEY)")
    if seed.query("SELECT pk FROM bench_special"):
        return
    seed.write_numbers(POPULAR_NUMBER + 1)
    with transaction.atomic():
        _write(DILIGENT_NUMBER, DILIGENT_TODOS, people)
        _write(POPULAR_NUMBER, todos, people)
        seed.query(POPULAR_FOLLOWS, {"last": FIRST + min(people, MOST_FOLLOWS) - 1})
        seed.query("INSERT INTO bench_special VALUES (%s), (%s)", [DILIGENT, POPULAR])
    seed.analyze()


def _write(number: int, todos: int, people: int) -> None:
    whom = {"low": number, "high": number, "people": people}
    for sql in rows.PERSON:
        if sql != rows.FOLLOWS or number != POPULAR_NUMBER:
            seed.query(sql, whom)
    seed.write_days(todos // seed.TODOS_PER_DAY, whom)
