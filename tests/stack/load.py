"""Users who send requests during a test; failed requests are recorded."""

from __future__ import annotations

import ssl
import threading
from collections import Counter
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests.base import new_id

PASSWORD = "a walk by the river"
PAUSE = 0.02  # seconds between turns of three requests, to leave processor time to the deploy


class Person(threading.Thread):
    """A user who creates and completes todos and reads the day, over one connection."""

    def __init__(self, address: str, ca: Path, number: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.stop_event, self.answers, self.failures = stop, Counter[int](), list[str]()
        trusted = ssl.create_default_context(cafile=str(ca))
        self.http = httpx.Client(base_url=f"{address}/api/v1/", verify=trusted, timeout=60)
        body = {
            "id": new_id(),
            "email": f"{new_id()}@example.com",
            "password": PASSWORD,
            "nickname": f"p{number}",
        }
        me = self.http.post("auth/signup/", json=body).raise_for_status().json()
        self.http.headers["Authorization"] = f"Bearer {me['access']}"
        self.refresh, self.today = me["refresh"], me["user"]["today"]
        self.address, page = address, self.http.get(f"{address}/api/docs/").text
        self.style = next(
            word
            for word in page.split('"')
            if word.startswith("/static/") and word.endswith(".css")
        )
        self.length = len(self.http.get(f"{address}{self.style}").content)
        self.goal = self.expect(201, "POST", "goals/", {"title": "건강 챙기기"})["id"]

    def expect(self, status: int, method: str, path: str, body: Any = None) -> Any:
        try:
            answer = self.http.request(method, path, json=body)
        except httpx.HTTPError as error:
            self.failures.append(f"{method} {path}: {error!r}")
            self.answers[0] += 1
            return {}
        self.answers[answer.status_code] += 1
        if answer.status_code != status:
            self.failures.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
            return {}
        return answer.json()

    def run(self) -> None:
        for turn in count():
            if self.stop_event.wait(PAUSE):
                return
            if turn % 150 == 149:  # before the access token expires after 15 minutes
                tokens = self.expect(200, "POST", "auth/token/refresh/", {"refresh": self.refresh})
                self.refresh = tokens.get("refresh", self.refresh)
                self.http.headers["Authorization"] = f"Bearer {tokens.get('access')}"
            todo = {"id": new_id(), "goal": self.goal, "title": "한강 5km", "date": self.day(turn)}
            self.expect(201, "POST", "todos/", todo)
            self.expect(200, "PATCH", f"todos/{todo['id']}/", {"is_done": True})
            self.expect(200, "GET", f"todos/?date={todo['date']}")
            if turn % 10 == 0:
                self.read_static_file()

    def read_static_file(self) -> None:
        """Read a static file of the first release, completely."""
        try:
            answer = self.http.get(f"{self.address}{self.style}")
        except httpx.HTTPError as error:
            self.failures.append(f"{self.style}: {error!r}")
            return
        self.answers[answer.status_code] += 1
        if (answer.status_code, len(answer.content)) != (200, self.length):
            self.failures.append(f"{self.style}: {answer.status_code}, {len(answer.content)} bytes")

    def day(self, turn: int) -> str:
        """Return the date for a turn: a day is limited to 200 todos."""
        return f"{2000 + turn // 150}{self.today[4:8]}01"


class Load:
    """Users who send requests until the end of the block: `with Load(address, ca) as load`."""

    def __init__(self, address: str, ca: Path, people: int = 4) -> None:
        self.stop_event = threading.Event()
        self.people = [Person(address, ca, number, self.stop_event) for number in range(people)]

    def __enter__(self) -> Self:
        for person in self.people:
            person.start()
        return self

    def __exit__(self, *what: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop_event.set()
        for person in self.people:
            person.join()
            person.http.close()

    @property
    def requests(self) -> int:
        return sum(person.answers.total() for person in self.people)

    @property
    def failures(self) -> list[str]:
        return [failure for person in self.people for failure in person.failures]
