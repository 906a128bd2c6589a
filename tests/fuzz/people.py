"""Create people and rows for the fuzzer, over HTTP."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import httpx
import uuid_utils.compat

from tests.photos.pictures import jpeg

JPEG = jpeg()
PASSWORD = "a fuzzed life 한글"
_numbers = itertools.count(1)


def new_id() -> str:
    return str(uuid_utils.compat.uuid7())


class Person:
    """A signed-in person, with a method that creates a row of each resource."""

    def __init__(self, address: str, name: str) -> None:
        self.http = httpx.Client(base_url=f"{address}/api/v1/", timeout=30)
        self.email = f"{name}.{new_id()[-8:]}@example.com"
        body = {"email": self.email, "password": PASSWORD, "nickname": name}
        answer = self.call("POST", "auth/signup/", body)
        self.keep: set[str] = set()
        self.id, self.access, self.refresh = (
            answer["user"]["id"],
            answer["access"],
            answer["refresh"],
        )
        self.http.headers["Authorization"] = f"Bearer {self.access}"
        self.today = dt.date.fromisoformat(answer["user"]["today"])

    def call(self, method: str, path: str, body: Any = None) -> Any:
        response = self.http.request(method, path, json=body)
        if response.status_code == 409 and response.json()["code"] == "limit":
            self.make_room(path)
            response = self.http.request(method, path, json=body)
        assert response.is_success, (method, path, response.text)
        return response.json() if response.content else None

    def make_room(self, path: str) -> None:
        """Delete the rows of this list, but for those in `keep`, which the fuzzer works with."""
        cascade = {"cascade": "true"} if path == "goals/" else None
        for row in self.http.get(path, params={"page_size": 200}).json()["results"]:
            if row["id"] not in self.keep:
                self.http.delete(f"{path.replace('archive', 'todos')}{row['id']}/", params=cascade)

    # Each creates a row and returns its id.

    def goal(self) -> str:
        return str(self.call("POST", "goals/", {"title": "Goal", "visibility": "public"})["id"])

    def todo(self, goal: str) -> str:
        day = self.today + dt.timedelta(next(_numbers) % 3000 + 100)
        return str(
            self.call("POST", "todos/", {"title": "Todo", "goal": goal, "date": str(day)})["id"]
        )

    def quick_input(self, goal: str) -> str:
        weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        body = {"title": "Each day", "goal": goal, "weekdays": weekdays, "starts_on": "1900-01-01"}
        return str(self.call("POST", "quick-inputs/", body)["id"])

    def diary(self) -> str:
        day = dt.date(2100, 1, 1) + dt.timedelta(next(_numbers))
        body = {"date": str(day), "body": "Dear #diary", "place": "Home", "visibility": "public"}
        return str(self.call("POST", "diaries/", body)["id"])

    def alarm(self) -> str:
        taken = {row["time"] for row in self.http.get("alarms/").json()["results"]}
        times = (f"{number // 60:02}:{number % 60:02}" for number in range(1440))
        time = next(time for time in times if time not in taken)
        return str(self.call("POST", "alarms/", {"time": time})["id"])

    def photo(self) -> str:
        pk = new_id()
        kind = {"Content-Type": "image/jpeg"}
        if len(self.http.get("photos/", params={"page_size": 200}).json()["results"]) > 40:
            self.make_room("photos/")
        response = self.http.put(f"photos/{pk}/", content=JPEG, headers=kind)
        assert response.is_success, response.text
        return pk

    def cheer(self, goal: str) -> str:
        return str(self.call("PUT", f"cheers/todos/{self.todo(goal)}/", {"emoji": "🍣"})["id"])
