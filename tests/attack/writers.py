"""People who write while the server is killed, and remember what was acknowledged."""

from __future__ import annotations

import random
import threading
import time
from contextlib import suppress
from typing import Any

import httpx

from tests.attack.arena import sign_up
from tests.base import new_id

DAYS = 300  # a day is limited to 200 todos
UNTRUE = ("Nothing was changed", "바뀐 내용이 없습니다")
PATIENCE = 60  # seconds until a request that is sent again and again must be acknowledged


class Writer(threading.Thread):
    """A phone that creates, checks and deletes todos, and repeats each write until it succeeds.

    `todos` has the ids of the todos that exist, with whether they are done.
    """

    def __init__(self, address: str, number: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.rng = random.Random(number)  # noqa: S311  # not a secret
        self.stop_event = stop
        self.http = sign_up(address, number)
        self.goal = self.http.post("goals/", json={"title": "건강"}).raise_for_status().json()["id"]
        self.todos: dict[str, bool] = {}
        self.failures: list[str] = []
        self.acknowledged = self.repeated = self.longest_wait = 0.0

    def run(self) -> None:
        while not self.stop_event.is_set():
            try:
                self.step()
            except AssertionError as error:
                self.failures.append(str(error))
                return

    def step(self) -> None:
        action = self.rng.random()
        if action < 0.5 or not self.todos:
            todo = new_id()
            body = {"id": todo, "goal": self.goal, "title": "한강 5km", "date": self.any_day()}
            self.send("POST", "todos/", body, todo)
            self.todos[todo] = False
        elif action < 0.85:
            todo = self.rng.choice(list(self.todos))
            done = not self.todos[todo]
            answer = self.send("PATCH", f"todos/{todo}/", {"is_done": done}, todo)
            assert answer.json()["is_done"] is done, answer.text
            self.todos[todo] = done
        else:
            todo = self.rng.choice(list(self.todos))
            self.send("DELETE", f"todos/{todo}/", None, todo)
            del self.todos[todo]

    def any_day(self) -> str:
        return f"{2000 + self.rng.randrange(DAYS) // 12}-{self.rng.randrange(1, 13):02}-01"

    def send(self, method: str, path: str, body: Any, todo: str) -> httpx.Response:
        """Send a request until it is acknowledged, as a phone does."""
        began = time.monotonic()
        while True:
            answer = None
            # If the worker is killed, it is unknown whether the write happened.
            with suppress(httpx.TransportError):
                answer = self.http.request(method, path, json=body)
            if answer is not None and answer.status_code < 300:
                self.acknowledged += 1
                self.longest_wait = max(self.longest_wait, time.monotonic() - began)
                return answer
            if answer is not None:
                assert answer.status_code == 503, f"{method} {path}: {answer.text[:300]}"
                assert answer.headers.get("retry-after"), f"no Retry-After: {answer.text[:300]}"
                self.check_truth(method, answer.text, todo)
            assert time.monotonic() - began < PATIENCE, f"{method} {path}: never acknowledged"
            self.repeated += 1
            time.sleep(0.05)  # a phone waits, too

    def check_truth(self, method: str, text: str, todo: str) -> None:
        """Fail if a create that "changed nothing" did create the todo."""
        if method != "POST" or not any(words in text for words in UNTRUE):
            return
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                answer = self.http.get(f"todos/{todo}/")
            except httpx.TransportError:
                continue
            if answer.status_code in (200, 404):
                assert answer.status_code == 404, f"untrue: {text[:300]}"
                return
            time.sleep(0.05)  # the database is not back yet

    def compare(self) -> list[str]:
        """Return what the server has lost, has twice or has otherwise than acknowledged."""
        rows: list[dict[str, Any]] = []
        for year in range(2000, 2000 + DAYS // 12 + 1):
            for month in range(1, 13):
                url: str | None = f"todos/?date={year}-{month:02}-01&page_size=200"
                while url:
                    page = self.http.get(url).raise_for_status().json()
                    rows += page["results"]
                    url = page["next"]
        there = {row["id"]: row["is_done"] for row in rows}
        wrong = [f"lost: {todo}" for todo in self.todos.keys() - there.keys()]
        wrong += [f"not acknowledged: {todo}" for todo in there.keys() - self.todos.keys()]
        wrong += [
            f"is_done: {todo}"
            for todo in there.keys() & self.todos.keys()
            if there[todo] != self.todos[todo]
        ]
        if len(rows) != len(there):
            wrong.append(f"{len(rows) - len(there)} todos twice")
        return wrong
