"""Quotas of people and networks, their headers, and the number of rows of one person"""

import itertools
import re
from typing import Any
from unittest import mock

import pytest
from django.test import SimpleTestCase, override_settings

from accounts.models import Block, Follow
from core import quotas
from core.problems import LimitReached
from core.quotas import Buckets, Quota, RowCounts
from diaries.models import Diary
from goals.models import Goal
from tests.base import ApiTest, new_id, person
from todos.models import QuickInput, Todo
from todos.recurrence import WEEKDAYS

OFF = dict.fromkeys(("reads", "writes", "searches", "follows", "anonymous", "open_reads"), (0, 60))


def only(**given: tuple[int, int]) -> Any:
    """Return a decorator that sets these quotas and turns the others off."""
    return override_settings(QUOTAS=OFF | given)


class BucketTest(SimpleTestCase):
    quota = Quota("writes", 10, 100)

    def setUp(self) -> None:
        self.buckets = Buckets()

    def take(self, now: float, key: str = "alice") -> quotas.Level:
        return self.buckets.take(self.quota, key, now)

    def test_a_full_bucket_is_there_at_once(self) -> None:
        assert [self.take(5).left for _ in range(10)] == [*range(9, -1, -1)]
        refused = self.take(5)
        assert refused.wait == 10
        assert refused.left == 0

    def test_it_fills_steadily(self) -> None:
        for _ in range(10):
            self.take(0)
        assert self.take(9.9).wait
        assert not self.take(10).wait
        assert self.take(10.1).wait
        assert self.take(1_000).left == 9

    def test_a_refused_request_takes_nothing(self) -> None:
        for _ in range(10):
            self.take(0)
        for _ in range(100):
            assert self.take(0).wait == 10
        assert not self.take(10).wait

    def test_each_key_has_its_own(self) -> None:
        for _ in range(10):
            self.take(0)
        assert self.take(0, "bob").left == 9

    def test_the_headers_are_those_of_the_draft(self) -> None:
        level = self.take(0)
        assert level.headers == {
            "RateLimit-Policy": '"writes";q=10;w=100',
            "RateLimit": '"writes";r=9;t=10',
        }

    def test_memory_is_bounded(self) -> None:
        with mock.patch.object(quotas, "MOST", 100):
            for number in range(1_000):
                self.take(0, str(number))
        assert len(self.buckets._full_at) == 100


class QuotaTest(ApiTest):
    def setUp(self) -> None:
        super().setUp()
        quotas.buckets.clear()
        self.addCleanup(quotas.buckets.clear)

    def assert_throttled(self, response: Any) -> None:
        self.assert_problem(response, 429, "throttled")
        assert 1 <= int(response["Retry-After"]) <= 3_600
        assert re.fullmatch(r'"[a-z-]+";q=\d+;w=\d+', response["RateLimit-Policy"])
        assert re.fullmatch(r'"[a-z-]+";r=0;t=\d+', response["RateLimit"])

    @only(writes=(3, 3_600))
    def test_writes_of_a_person(self) -> None:
        for left in (2, 1, 0):
            response = self.as_alice.post("goals/", {"title": "x"})
            self.ok(response, 201)
            assert response["RateLimit"].startswith(f'"writes";r={left};t=')
            assert response["RateLimit-Policy"] == '"writes";q=3;w=3600'
        self.assert_throttled(self.as_alice.post("goals/", {"title": "x"}))
        self.assert_throttled(self.phone(self.alice).delete(f"goals/{new_id()}/"))
        assert Goal.objects.of(self.alice).count() == 3
        self.ok(self.as_alice.get("goals/"))
        self.ok(self.as_bob.post("goals/", {"title": "x"}), 201)

    @only(writes=(1, 3_600))
    def test_a_refused_write_counts(self) -> None:
        self.assert_problem(self.as_alice.post("goals/", {}), 400, "invalid")
        self.assert_throttled(self.as_alice.post("goals/", {}))

    @only(searches=(1, 3_600))
    def test_searches_of_a_person(self) -> None:
        self.ok(self.as_alice.get("users/?q=bob"))
        for path in ("users/?q=bob", "todos/?q=x", "archive/?q=x", "users/?handle=bobby"):
            self.assert_throttled(self.as_alice.get(path))
        self.ok(self.as_alice.get("todos/"))

    @only(follows=(1, 3_600))
    def test_follows_of_a_person(self) -> None:
        self.ok(self.as_alice.put(f"users/{self.bob.uuid}/follow/"))
        self.assert_throttled(self.as_alice.put(f"users/{self.charlie.uuid}/follow/"))
        self.ok(self.as_alice.delete(f"users/{self.bob.uuid}/follow/"), 204)
        assert not Follow.objects.filter(followee=self.charlie).exists()

    @only(reads=(1, 3_600))
    def test_reads_of_a_person_if_the_host_wants(self) -> None:
        assert self.as_alice.get("days/today/")["RateLimit"].startswith('"reads";r=0;t=')
        self.assert_throttled(self.as_alice.get("days/today/"))
        for path in ("health/live/", "health/ready/"):
            self.ok(self.as_alice.get(path))

    @only(anonymous=(2, 3_600))
    def test_requests_of_nobody_count_for_the_network(self) -> None:
        self.ok(self.anonymous.get(""))
        self.assert_problem(self.anonymous.get("goals/"), 401, "not_authenticated")
        self.assert_throttled(self.anonymous.get(""))
        self.assert_throttled(self.anonymous.post("auth/token/", {}))
        self.assert_throttled(self.anonymous.get("goals/", HTTP_AUTHORIZATION="Bearer x"))
        self.ok(self.anonymous.get("", REMOTE_ADDR="192.0.2.1"))
        self.ok(self.as_alice.get("goals/"))

    @only(writes=(1, 3_600))
    def test_a_network_has_the_quota_of_twenty_people(self) -> None:
        phones = [self.phone(person(f"Person{number}")) for number in range(21)]
        *answers, last = [phone.post("goals/", {"title": "x"}) for phone in phones]
        assert {answer.status_code for answer in answers} == {201}
        self.assert_throttled(last)
        assert last["RateLimit-Policy"] == '"writes-network";q=20;w=3600'
        self.ok(phones[-1].post("goals/", {"title": "x"}, REMOTE_ADDR="2001:db8::1"), 429)
        other = self.phone(person("Somebody"))
        self.ok(other.post("goals/", {"title": "x"}, REMOTE_ADDR="2001:db8::1"), 201)

    def test_a_phone_that_was_offline_sends_all_at_once(self) -> None:
        goal = self.goal()
        body = {"goal": str(goal.pk), "title": "x", "date": str(self.today)}
        todos = [
            self.ok(self.as_alice.post("todos/", body | {"id": new_id()}), 201) for _ in range(100)
        ]
        for todo, is_done in itertools.product(todos, (True, False, True, False)):
            self.ok(self.as_alice.patch(f"todos/{todo['id']}/", {"is_done": is_done}))

    @only(writes=(1, 3_600))
    def test_a_throttled_write_is_accepted_later_as_it_was(self) -> None:
        body = {"id": new_id(), "title": "x"}
        self.ok(self.as_alice.post("goals/", {"title": "y"}), 201)
        response = self.as_alice.post("goals/", body)
        self.assert_throttled(response)
        now = quotas.time.monotonic() + int(response["Retry-After"])
        with mock.patch.object(quotas.time, "monotonic", return_value=now):
            self.ok(self.as_alice.post("goals/", body), 201)

    @only(writes=(1, 3_600))
    @override_settings(RATE_LIMITS=False)
    def test_a_load_test_turns_them_off(self) -> None:
        for _ in range(3):
            response = self.as_alice.post("goals/", {"title": "x"})
            self.ok(response, 201)
        assert "RateLimit" not in response

    def test_they_cost_no_query(self) -> None:
        self.as_alice.get("goals/")
        with self.assertNumQueries(2), only(reads=(10, 60)):
            self.as_alice.get("goals/")


class RowCountTest(ApiTest):
    def setUp(self) -> None:
        super().setUp()
        quotas.row_counts.clear()
        self.addCleanup(quotas.row_counts.clear)

    def limit(self, name: str, number: int) -> Any:
        return override_settings(ROW_LIMITS={**ALL, name: number})

    def test_todos_diaries_and_cheers(self) -> None:
        goal = self.goal(visibility="public")
        todo = {"goal": str(goal.pk), "title": "x", "date": str(self.today)}
        with self.limit("todos", 2):
            self.ok(self.as_alice.post("todos/", todo), 201)
            first = todo | {"id": new_id()}
            self.ok(self.as_alice.post("todos/", first), 201)
            problem = self.assert_problem(self.as_alice.post("todos/", todo), 409, "limit")
            assert problem["limit"] == 2
            self.ok(self.as_alice.post("todos/", first), 200)  # a repeated create
            self.ok(self.as_alice.delete(f"todos/{first['id']}/"), 204)
            self.ok(self.as_alice.post("todos/", todo), 201)
        with self.limit("diaries", 1):
            self.ok(self.as_alice.post("diaries/", {"date": str(self.day(0))}), 201)
            answer = self.as_alice.post("diaries/", {"date": str(self.day(1))})
            self.assert_problem(answer, 409, "limit")
            assert Diary.objects.count() == 1
        with self.limit("cheers", 1):
            one, other = Todo.objects.of(self.alice)
            self.ok(self.as_bob.put(f"cheers/todos/{one.pk}/", {"emoji": "👍"}), 201)
            self.ok(self.as_bob.put(f"cheers/todos/{one.pk}/", {"emoji": "🎉"}), 200)
            answer = self.as_bob.put(f"cheers/todos/{other.pk}/", {"emoji": "👍"})
            self.assert_problem(answer, 409, "limit")
            diary = Diary.add(self.alice, date=self.day(2), visibility="public")
            answer = self.as_bob.put(f"cheers/diaries/{diary.pk}/", {"emoji": "👍"})
            self.assert_problem(answer, 409, "limit")

    def test_dismissals(self) -> None:
        daily = QuickInput.add(
            self.alice,
            goal=self.goal(),
            title="x",
            weekdays=list(WEEKDAYS),
            starts_on=self.day(0),
        )
        with self.limit("dismissals", 1):
            offers = f"quick-inputs/{daily.pk}/offers/"
            self.ok(self.as_alice.put(f"{offers}{self.day(0)}/dismissal/"), 204)
            self.ok(self.as_alice.put(f"{offers}{self.day(0)}/dismissal/"), 204)
            answer = self.as_alice.put(f"{offers}{self.day(1)}/dismissal/")
            self.assert_problem(answer, 409, "limit")

    def test_follows_and_blocks(self) -> None:
        with self.limit("follows", 1):
            self.ok(self.as_charlie.put(f"users/{self.alice.uuid}/follow/"))
            self.ok(self.as_charlie.put(f"users/{self.alice.uuid}/follow/"))
            answer = self.as_charlie.put(f"users/{self.bob.uuid}/follow/")
            self.assert_problem(answer, 409, "limit")
        with self.limit("blocks", 1):
            self.ok(self.as_charlie.put(f"users/{self.alice.uuid}/block/"), 204)
            self.ok(self.as_charlie.put(f"users/{self.alice.uuid}/block/"), 204)
            answer = self.as_charlie.put(f"users/{self.bob.uuid}/block/")
            self.assert_problem(answer, 409, "limit")
        assert Block.objects.count() == 1

    def test_few_creates_count(self) -> None:
        counts = RowCounts()
        queries = []

        def count() -> Any:
            queries.append(1)
            return Goal.objects.none()

        with self.limit("todos", 1_000):
            for _ in range(500):
                counts.require_room("todos", 1, count)
            assert len(queries) == 50
            counts.require_room("todos", 2, count)
            assert len(queries) == 50

    def test_close_to_the_limit_each_create_counts(self) -> None:
        goal = self.goal()
        Todo.objects.bulk_create(
            Todo(owner=self.alice, goal=goal, title="x", date=self.day(number % 200))
            for number in range(395)
        )
        with self.limit("todos", 400):
            for _ in range(3):
                Todo.add(self.alice, goal=goal, title="x", date=self.day(0))
            for _ in range(2):
                Todo.add(self.alice, goal=goal, title="x", date=self.day(0))
            with pytest.raises(LimitReached):
                Todo.add(self.alice, goal=goal, title="x", date=self.day(0))


ALL = {"todos": 0, "diaries": 0, "cheers": 0, "dismissals": 0, "follows": 0, "blocks": 0}
