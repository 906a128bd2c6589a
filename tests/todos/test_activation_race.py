"""Concurrent requests of many devices for one offer."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from tests.base import Client, RaceTest, needs_row_locks
from tests.todos.quick_input_base import MONDAY, QuickInputs, dismissal_path, todo_path
from todos.models import Dismissal, Todo

THREADS = 16
ROUNDS = 5

Request = Callable[[Client], Any]


@needs_row_locks
@pytest.mark.races
class ActivationRaceTest(QuickInputs, RaceTest):
    def setUp(self) -> None:
        super().setUp()
        self.todo_path, self.dismissal_path = (
            todo_path(self.water, MONDAY),
            dismissal_path(self.water, MONDAY),
        )
        self.row_path = f"todos/{self.water.todo_id(MONDAY)}/"

    def race(self, requests: list[Request]) -> list[Any]:
        """Send the requests at the same time, each from its own device; return the responses."""
        phones = [Client(self.alice) for _ in requests]
        return self.at_once(lambda number: requests[number](phones[number]), threads=len(requests))

    def test_concurrent_activations_of_an_offer_make_one_todo(self) -> None:
        for _ in range(ROUNDS):
            responses = self.race([lambda phone: phone.put(self.todo_path)] * THREADS)
            assert Counter(r.status_code for r in responses) == {201: 1, 200: THREADS - 1}
            assert {r.json()["id"] for r in responses} == {str(self.todo().pk)}
            self.put_back(MONDAY)

    def test_concurrent_verbs_on_an_offer_leave_one_outcome(self) -> None:
        mix: list[Request] = [
            lambda phone: phone.put(self.todo_path),
            lambda phone: phone.put(self.dismissal_path),
            lambda phone: phone.delete(self.todo_path),
            lambda phone: phone.delete(self.dismissal_path),
            lambda phone: phone.put(self.todo_path, {"is_done": True}),
            lambda phone: phone.delete(self.row_path),
            lambda phone: phone.patch(self.row_path, {"is_done": True}),
            lambda phone: phone.patch(self.row_path, {"date": "2026-03-08", "is_done": False}),
        ]
        for _ in range(ROUNDS):
            responses = self.race(mix * 2)
            assert {r.status_code for r in responses} <= {200, 201, 204, 404, 409}
            codes = {r.json()["code"] for r in responses if r.status_code >= 400}
            assert codes <= {"dismissed", "activated", "done", "not_found"}
            states = Todo.objects.count() + Dismissal.objects.count()
            assert states + self.offered(MONDAY, MONDAY).count("2026-03-02") == 1

    def test_offers_of_a_day_activated_concurrently_get_different_positions(self) -> None:
        with transaction.atomic():
            paths = [
                todo_path(self.quick_input(title=str(number)), MONDAY) for number in range(THREADS)
            ]
        responses = self.race([lambda phone, path=path: phone.put(path) for path in paths])
        assert sorted(r.json()["position"] for r in responses) == list(range(THREADS))

    def test_a_todo_done_concurrently_is_not_put_back(self) -> None:
        for _ in range(ROUNDS):
            self.ok(self.as_alice.put(self.todo_path), 201)
            check = lambda phone: phone.patch(
                self.row_path, {"is_done": True}
            )  # kept beside the other request
            put_back = lambda phone: phone.delete(self.todo_path)
            done, back = self.race([check, put_back])
            assert (done.status_code, back.status_code) in {(200, 409), (404, 204)}
            assert Todo.objects.exists() == (done.status_code == 200)
            Todo.objects.all().delete()

    def test_a_quick_input_deleted_concurrently_leaves_no_todo_referring_to_it(self) -> None:
        requests = [lambda phone: phone.put(self.todo_path)] * (THREADS - 1)
        responses = self.race(
            [*requests, lambda phone: phone.delete(f"quick-inputs/{self.water.pk}/")]
        )
        assert {r.status_code for r in responses} <= {200, 201, 204, 404}
        assert not Todo.objects.exclude(quick_input=None).exists()
