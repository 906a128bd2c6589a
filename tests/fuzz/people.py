"""The people and rows that the fuzzer is given, over HTTP."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from typing import Any

import httpx
import uuid_utils.compat

PASSWORD = "a fuzzed life 한글"
_numbers = itertools.count(1)


class Person:
    """Somebody signed in, who makes one of anything when asked."""

    def __init__(self, address: str, name: str, email: str | None = None) -> None:
        self.http = httpx.Client(base_url=f"{address}/api/v1/", timeout=30)
        self.email = email or f"{name}.{next(_numbers)}.{uuid_utils.compat.uuid7().hex[-8:]}@example.com"
        # The same id for the same email: who is there already signs in by signing up again.
        pk = uuid.UUID(int=uuid.uuid5(uuid.NAMESPACE_DNS, self.email).int & ~(0xF << 76) | 7 << 76)
        body = {"id": str(pk), "email": self.email, "password": PASSWORD, "nickname": name}
        answer = self.call("POST", "auth/signup/", body)
        self.id, self.access, self.refresh = answer["user"]["id"], answer["access"], answer["refresh"]
        self.http.headers["Authorization"] = f"Bearer {self.access}"
        self.today = dt.date.fromisoformat(answer["user"]["today"])

    def call(self, method: str, path: str, body: Any = None) -> Any:
        response = self.http.request(method, path, json=body)
        assert response.is_success, (method, path, response.text)
        return response.json() if response.content else None

    # One of each, new

    def goal(self) -> str:
        return str(self.call("POST", "goals/", {"title": "Goal", "visibility": "public"})["id"])

    def todo(self, goal: str) -> str:
        day = self.today + dt.timedelta(next(_numbers) % 3000 + 100)
        return str(self.call("POST", "todos/", {"title": "Todo", "goal": goal, "date": str(day)})["id"])

    def quick_input(self, goal: str) -> str:
        weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        body = {"title": "Each day", "goal": goal, "weekdays": weekdays, "starts_on": "1900-01-01"}
        return str(self.call("POST", "quick-inputs/", body)["id"])

    def diary(self) -> str:
        day = dt.date(2100, 1, 1) + dt.timedelta(next(_numbers))
        return str(self.call("POST", "diaries/", {"date": str(day), "body": "Dear diary"})["id"])

    def alarm(self) -> str:
        minute = next(_numbers) % 1440
        response = self.http.post("alarms/", json={"time": f"{minute // 60:02}:{minute % 60:02}"})
        return str(response.json()["existing" if response.status_code == 409 else "id"])

    def cheer(self, goal: str) -> str:
        return str(self.call("PUT", f"cheers/todos/{self.todo(goal)}/", {"emoji": "🍣"})["id"])
