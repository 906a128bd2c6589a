"""The number of rows that a request reads does not grow with the number of rows stored."""

from __future__ import annotations

import datetime as dt

from django.db import connection

from accounts.models import User
from cheers.models import Cheer
from tests.plans.base import PlansTest, as_mysql_plans
from tests.plans.rows import DAY, DAYS, Life, analyze, cheer, crowd, follows, spread
from todos.models import Todo

PEOPLE, FEW_FOLLOWS, MANY_FOLLOWS = 5_000, 200, 5_000
FEW_CHEERS, MANY_CHEERS = 300, 3_000
COPIES, FRIENDS_COPIES = 24, 5  # of 4,000 dated todos, with later dates
MARCH = f"month={DAY:%Y-%m}"


@as_mysql_plans
class GrowthTest(PlansTest):
    """Alice and Bob follow each other; then both get far more rows of everything."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.alice.follow(cls.bob)
        cls.people = crowd(PEOPLE)
        cls.lives = [Life(cls.alice), Life(cls.bob)]
        for life in cls.lives:
            life.create_all()
            cls.meet(life.owner, cls.people[:FEW_FOLLOWS])
            cheer(cls.people[:FEW_FOLLOWS], life.owner, FEW_CHEERS)
        analyze()

    @classmethod
    def meet(cls, owner: User, people: list[User]) -> None:
        follows((other, owner) for other in people)
        follows((owner, other) for other in people)

    def grow(self) -> None:
        copy_todos(self.alice, COPIES)
        copy_todos(self.bob, FRIENDS_COPIES)
        for life in self.lives:
            self.meet(life.owner, self.people[FEW_FOLLOWS:MANY_FOLLOWS])
            cheer(self.people[FEW_FOLLOWS:], life.owner, MANY_CHEERS, newest=False)
        spread(Cheer)
        analyze()

    def paths(self) -> list[str]:
        mine, friends = self.lives
        bobs = f"owner={self.bob.uuid}"
        lists = [
            f"todos/?date={DAY}",
            f"todos/?date_from={DAY}",
            f"todos/?date_from={DAY}&date_to={DAY + dt.timedelta(days=6)}&is_done=false",
            "todos/",
            "diaries/",
        ]
        return [
            *lists,
            *(f"{path}{'&' if '?' in path else '?'}{bobs}" for path in lists),
            f"todos/?goal={mine.large_goal.pk}",
            f"todos/?goal={friends.large_goal.pk}&{bobs}",
            "archive/",
            "cheers/",
            "cheers/?received=true",
            "follow-requests/",
            f"days/{DAY}/",
            f"days/{DAY}/?{bobs}",
            f"calendar/?{MARCH}",
            f"calendar/?{MARCH}&{bobs}",
        ]

    def read(self, path: str) -> int:
        """Count the rows read, apart from those of an index by which the end of a part is found."""
        seen = self.statements_of(path)[1]
        for statement in seen:
            if statement.finds_end:
                self.assert_few(path, statement)
        return sum(statement.read for statement in seen if not statement.finds_end)

    def test_requests_read_no_more_after_100000_todos_5000_follows_and_many_cheers(self) -> None:
        before = {path: self.read(path) for path in self.paths()}
        self.grow()
        for path, rows in before.items():
            with self.subTest(path):
                assert self.read(path) <= 1.2 * rows + 20, rows


def copy_todos(owner: User, copies: int) -> None:
    """Copy the owner's dated todos this many times, each copy with later dates."""
    todo = connection.ops.quote_name(Todo._meta.db_table)
    numbers = " UNION ALL ".join(f"SELECT {n} AS n" for n in range(1, copies + 1))
    values = {
        field.column: connection.ops.quote_name(field.column)
        for field in Todo._meta.concrete_fields
    }
    values |= {
        "id": "UNHEX(SUBSTR(SHA2(CONCAT(HEX(id), n), 256), 1, 32))",
        "date": f"date + INTERVAL (n * {DAYS}) DAY",
        "quick_input_id": "NULL",
        "offered_on": "NULL",
    }
    if connection.vendor == "postgresql":
        values |= {"id": "MD5(id::text || n)::uuid", "date": f"date + n * {DAYS}"}
    columns = ", ".join(map(connection.ops.quote_name, values))
    with connection.cursor() as cursor:
        source = f"SELECT {', '.join(values.values())} FROM {todo}, ({numbers}) AS numbers"  # noqa: S608  # constant names
        condition = "WHERE owner_id = %s AND date IS NOT NULL"
        cursor.execute(f"INSERT INTO {todo} ({columns}) {source} {condition}", [owner.pk])
