"""A world of people with extreme data, in which every list is measured: see lists.py.

The rows are written by the database server itself. Alice has 200,000 todos, 50,000 followers and as
many cheers. She sees half of Bob's 200,000 todos, and three of Carol's. Nearly every row that a
filter or the rule of visibility leaves out comes before those that it keeps.
"""

from dataclasses import dataclass

from django.db import transaction

from benchmarks import rows, seed
from benchmarks.rows import FIRST, LONG_AGO, TITLES

ALICE, BOB, CAROL = FIRST, FIRST + 1, FIRST + 2
FIRST_DAY = "2020-01-01"
VERSION = 1


@dataclass(frozen=True)
class Size:
    """The number of people, and of the rows that one person has."""

    people: int = 200_000
    todos: int = 200_000
    follows: int = 50_000
    cheers: int = 50_000
    requests: int = 20_000
    blocks: int = 2_000
    diaries: int = 3_650


def id_of(kind: str, owner: str, number: str) -> str:
    """Return the SQL of the id of a row; `owner` and `number` are SQL."""
    return rows._uuid7(kind, f"{owner}, '-', {number}", LONG_AGO)


def goal(owner: int, number: str) -> str:
    """Return the SQL of the id of a person's goal."""
    return id_of("goal", str(owner), number)


def todo(owner: int, number: str) -> str:
    """Return the SQL of the id of a person's todo."""
    return id_of("todo", str(owner), number)


NUMBERS = "bench_number n WHERE n.n < %(count)s"
TITLE = rows._one_of(TITLES, "n.n")


def prepare(name: str, size: Size) -> None:
    """Fill the database of this name, unless it is filled already."""
    seed.use("information_schema")
    wanted = (VERSION, size.people, size.todos)
    if seed.contents(name) == wanted:
        seed.use(name)
        return
    seed.query(f"DROP DATABASE IF EXISTS `{name}`")
    seed.query(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
    seed.use(name)
    seed.migrate()
    seed.query("CREATE TABLE bench_seed (version INT, people INT, todos INT)")
    seed.query("CREATE TABLE bench_number (n INT PRIMARY KEY)")
    seed.query("SET foreign_key_checks = 0, unique_checks = 0")
    seed.write_numbers(max(size.people, size.todos))
    write(size)
    seed.query("SET foreign_key_checks = 1, unique_checks = 1")
    seed.analyze()
    seed.query("INSERT INTO bench_seed VALUES (%s, %s, %s)", wanted)


def write(size: Size) -> None:
    """Write all rows."""
    with transaction.atomic():
        everyone = {"low": 0, "high": size.people - 1, "people": size.people}
        seed.query(rows.USERS, everyone)
        seed.query(rows.PROFILES, everyone)
        seed.query(f"UPDATE accounts_profile SET is_private = 0 WHERE user_id < {FIRST + 10}")
    for owner in (ALICE, BOB, CAROL):
        with transaction.atomic():
            write_goals(owner)
            write_todos(owner, size.todos)
            write_diaries(owner, size.diaries)
    with transaction.atomic():
        write_people(size)
        write_cheers(size)


def write_goals(owner: int) -> None:
    """Write 200 goals: the first is public and the second private, and the others hold nothing."""
    visibility = "'public'" if owner != CAROL else "IF(n.n = 2, 'public', 'private')"
    if owner == BOB:
        visibility = "IF(n.n %% 2 = 0, 'public', 'private')"
    seed.query(
        f"""INSERT INTO goals_goal (created_at, updated_at, id, title, color, visibility, position,
        state, owner_id) SELECT {LONG_AGO}, {LONG_AGO}, {goal(owner, "n.n")}, 'Goal', '#FF8800',
        {visibility}, n.n, 'active', {owner} FROM {NUMBERS}""",
        {"count": 200},
    )
    seed.query(
        f"""INSERT INTO todos_quickinput (created_at, updated_at, id, title, weekdays, starts_on,
        goal_id, owner_id) SELECT {LONG_AGO}, {LONG_AGO}, {id_of("quick", str(owner), "n.n")},
        'Quick', 'mon', '2024-01-01', {goal(owner, "0")}, {owner} FROM {NUMBERS}""",
        {"count": 100},
    )


def write_todos(owner: int, count: int) -> None:
    """Write 200 todos a day, in two goals. The last hundred are done, at a time, and found."""
    late = "n.n >= %(count)s - 100"
    in_goal = f"IF({late} AND {owner} = {CAROL}, 2, IF({owner} = {CAROL}, 1, n.n %% 2))"
    seed.query(
        f"""INSERT INTO todos_todo (created_at, updated_at, id, title, title_folded, memo, date,
        time, position, is_done, done_at, offered_on, goal_id, owner_id, quick_input_id)
        SELECT {LONG_AGO}, {LONG_AGO}, {todo(owner, "n.n")}, IF({late}, 'Found', {TITLE}),
        IF({late}, 'found', LOWER({TITLE})), '', DATE '{FIRST_DAY}' + INTERVAL (n.n DIV 200) DAY,
        IF({late}, '09:00:00', NULL), n.n %% 200, {late}, IF({late}, {LONG_AGO}, NULL), NULL,
        {goal(owner, in_goal)}, {owner}, NULL FROM {NUMBERS}""",
        {"count": count},
    )
    seed.query(
        f"""INSERT INTO todos_todo (created_at, updated_at, id, title, title_folded, memo, date,
        position, is_done, goal_id, owner_id) SELECT {LONG_AGO}, {LONG_AGO},
        {id_of("archived", str(owner), "n.n")}, {TITLE}, LOWER({TITLE}), '', NULL, 0, 0,
        {goal(owner, "n.n %% 2")}, {owner} FROM {NUMBERS}""",
        {"count": 2_000},
    )


def write_diaries(owner: int, count: int) -> None:
    """Write a diary a day, which only Bob shows to others."""
    visibility = "'public'" if owner == BOB else "IF(n.n < 5, 'public', 'private')"
    seed.query(
        f"""INSERT INTO diaries_diary (created_at, updated_at, id, date, body, emoji, visibility,
        is_draft, owner_id) SELECT {LONG_AGO}, {LONG_AGO}, {id_of("diary", str(owner), "n.n")},
        DATE '{FIRST_DAY}' + INTERVAL n.n DAY, REPEAT('A day. ', 50),
        IF(n.n < 5, '😢', '😀'), {visibility}, n.n < 5, {owner} FROM {NUMBERS}""",
        {"count": count},
    )


FOLLOW = "INSERT INTO accounts_follow (created_at, updated_at, state, follower_id, followee_id)"


def write_people(size: Size) -> None:
    """Write Alice's followers, whom she follows, the requests to her and her blocks."""
    last, count = FIRST + size.people - 1, {"count": size.follows}
    at = f"{LONG_AGO} + INTERVAL n.n SECOND"
    seed.query(
        f"{FOLLOW} SELECT {at}, {at}, 'accepted', {last} - n.n, {ALICE} FROM {NUMBERS}", count
    )
    seed.query(
        f"{FOLLOW} SELECT {at}, {at}, 'accepted', {ALICE}, {last} - n.n FROM {NUMBERS}", count
    )
    seed.query(
        f"{FOLLOW} SELECT {at}, {at}, 'pending', {FIRST} + 10 + n.n, {ALICE} FROM {NUMBERS}",
        {"count": size.requests},
    )
    seed.query(
        f"""INSERT INTO accounts_block (created_at, updated_at, blocker_id, blocked_id)
        SELECT {at}, {at}, {ALICE}, {FIRST} + 10 + {size.requests} + n.n FROM {NUMBERS}""",
        {"count": size.blocks},
    )


def write_cheers(size: Size) -> None:
    """Write cheers from Alice on what Carol hides, and from others on a todo of each."""
    columns = """INSERT INTO cheers_cheer (created_at, updated_at, id, emoji, todo_id, owner_id,
        target_owner_id)"""
    at = f"{LONG_AGO} + INTERVAL n.n SECOND"
    seed.query(
        f"""{columns} SELECT {at}, {at}, {id_of("given", "1", "n.n")}, '👍', {todo(CAROL, "n.n")},
        {ALICE}, {CAROL} FROM {NUMBERS}""",
        {"count": size.cheers},
    )
    for owner in (ALICE, BOB, CAROL):
        seed.query(
            f"""{columns} SELECT {at}, {at}, {id_of("received", str(owner), "n.n")}, '👍',
            {todo(owner, "0")}, {FIRST} + {size.people} - 1 - n.n, {owner} FROM {NUMBERS}""",
            {"count": size.cheers},
        )
