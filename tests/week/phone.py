"""An API client that sends each write twice, as if the first answer had been lost."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx

PASSWORD = "a week of two people"


class Phone:
    """A signed-in device of a person."""

    def __init__(self, address: str, name: str) -> None:
        self.name = name
        self.device = {"device": name, "device_id": str(uuid4())}
        self.http = httpx.Client(base_url=f"{address}/api/v1/", timeout=30)
        self.refresh_token = ""

    def use(self, tokens: dict[str, str]) -> None:
        self.refresh_token = tokens["refresh"]
        self.http.headers["Authorization"] = f"Bearer {tokens['access']}"

    def sign_up(self, **body: Any) -> dict[str, Any]:
        answer = self.write(
            "POST", "auth/signup/", {"password": PASSWORD, **self.device, **body}, first=201
        )
        self.use(answer)
        return dict(answer["user"])

    def sign_in(self, email: str) -> None:
        body = {"email": email, "password": PASSWORD, **self.device}
        self.use(self.write("POST", "auth/token/", body))

    def refresh(self) -> None:
        """Refresh twice with the same token; both answers must have the same successor."""
        body = {"refresh": self.refresh_token}
        first, second = (
            self.expect(200, self.http.post("auth/token/refresh/", json=body)) for _ in range(2)
        )
        assert first["refresh"] == second["refresh"]
        self.use(second)

    def get(self, path: str, **params: Any) -> Any:
        return self.expect(200, self.http.get(path, params=params or None))

    def listed(self, path: str, **params: Any) -> list[Any]:
        """Return the rows of all pages of a list."""
        page = self.get(path, **params)
        rows = list(page["results"])
        while page["next"]:
            page = self.get(page["next"])
            rows += page["results"]
        return rows

    def write(self, method: str, path: str, body: Any = None, *, first: int = 200) -> Any:
        """Send the request twice and return the second answer.

        `first` is the first status; after a 201 the second must be 200.
        """
        self.expect(first, self.http.request(method, path, json=body))
        second = 200 if first == 201 else first
        return self.expect(second, self.http.request(method, path, json=body))

    def expect(self, status: int, response: httpx.Response) -> Any:
        assert response.status_code == status, (
            response.request.method,
            response.url,
            response.text,
        )
        return response.json() if response.content else None
