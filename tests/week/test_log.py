"""What a server in production logs in a week of two people: no email, password, token or text"""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.server import running_server
from tests.week.phone import PASSWORD, Phone
from tests.week.test_week import live_a_week

# What the people of the week write, and the hosts of their addresses.
WRITTEN = ["mina@example.com", "june@example.com", "건강 챙기기", "물 여덟 잔", "오늘은", PASSWORD]
CANARY = "canary-of-a-diary"
CANARY_EMAIL = "canary+x@secret.example"


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Collect the tokens of all phones."""
    found: set[str] = set()
    use = Phone.use

    def collect(phone: Phone, tokens: dict[str, str]) -> None:
        found.update((tokens["access"], tokens["refresh"]))
        use(phone, tokens)

    monkeypatch.setattr(Phone, "use", collect)
    return found


def send(address: str, request: bytes) -> None:
    """Send bytes, and hang up without reading the answer."""
    url = urlsplit(address)
    with socket.create_connection((str(url.hostname), int(url.port or 0)), timeout=20) as client:
        client.sendall(request)


def go_wrong(address: str, tokens: set[str]) -> None:
    """Do what is logged elsewhere: mistakes, attacks and requests that end early."""
    with httpx.Client(base_url=f"{address}/api/v1/", timeout=30) as http:
        phone = Phone(address, "phone")
        account = {"email": CANARY_EMAIL, "password": PASSWORD, "nickname": CANARY}
        answer = http.post("auth/signup/", json=account)
        assert answer.status_code == 201, answer.text
        phone.use(answer.json())
        stolen = phone.refresh_token
        for _ in range(2):
            pair = http.post("auth/token/refresh/", json={"refresh": phone.refresh_token}).json()
            phone.use(pair)
        assert http.post("auth/signup/", json=account).status_code >= 400
        wrong = {"email": CANARY_EMAIL, "password": f"wrong {CANARY}"}
        assert http.post("auth/token/", json=wrong).status_code == 401
        http.post("auth/token/", json=account | {"password": PASSWORD, "device": CANARY})
        http.post("auth/password/reset/", json={"email": CANARY_EMAIL})
        http.post("auth/password/reset/confirm/", json={"token": CANARY, "new_password": CANARY})
        http.post("auth/token/refresh/", json={"refresh": stolen})
        http.post("diaries/", content=f'{{"body": "{CANARY}"', headers=phone.http.headers)
        http.get("todos/", params={"q": CANARY}, headers=phone.http.headers)
        http.get("todos/", headers={"Host": f"{CANARY}.example", **phone.http.headers})
    phone.http.close()
    head = (
        f"Host: 127.0.0.1\r\nAuthorization: Bearer {stolen}\r\nContent-Type: application/json\r\n"
    )
    for request in (
        f"POST /api/v1/diaries/?q={CANARY} HTTP/1.1\r\n{head}Content-Length: 999\r\n\r\n{CANARY}",
        f"POST /api/v1/auth/token/ HTTP/1.1\r\n{head}Transfer-Encoding: chunked\r\n\r\n"
        f"ff\r\n{CANARY_EMAIL}",
        f"POST /api/v1/auth/token/ HTTP/1.1\r\n{head}Transfer-Encoding: chunked\r\n\r\n"
        f"zz\r\n{CANARY_EMAIL}",
        f"GET /api/v1/todos/?q={CANARY} HTTP/9.9\r\n{head}\r\n",
        f"GET /api/v1/todos/?q={CANARY} {CANARY_EMAIL}\r\n{head}\r\n",
        f"HEAD /api/v1/ HTTP/1.1\r\n{head}\r\n",
    ):
        send(address, request.encode())


@pytest.mark.django_db(transaction=True)
def test_nothing_that_they_wrote_or_signed_in_with_is_logged(
    tmp_path: Path, tokens: set[str]
) -> None:
    production = {
        "TODOMATE_ENV": "production",
        "SECRET_KEY": "key-of-a-test-" * 5,
        "ALLOWED_HOSTS": "127.0.0.1",
        "LOG_LEVEL": "DEBUG",
    }
    with running_server(tmp_path, **production) as address:
        live_a_week(address)
        go_wrong(address, tokens)
        assert httpx.get(f"{address}/api/v1/health/live/").status_code == 200
    log = (tmp_path / "server.log").read_text()
    assert len(tokens) > 50
    for secret in (*WRITTEN, *tokens, *(token.rsplit(".", 1)[1] for token in tokens)):
        assert secret not in log, f"{secret} is in the log"
    for secret in (CANARY_EMAIL, "secret.example", f"wrong {CANARY}", f"q={CANARY}"):
        assert secret not in log, f"{secret} is in the log"
    for line in log.splitlines():
        assert re.match(r"\{|  |\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [A-Z]+ ", line), line
    assert not re.findall(r"^\S+ (?:ERROR|CRITICAL) .*", log, re.MULTILINE)
    assert "sent body bytes" not in log, "an answer to HEAD had a body"
    check_events(log)


def check_events(log: str) -> None:
    events: list[dict[str, Any]] = [
        json.loads(line) for line in log.splitlines() if line.startswith("{")
    ]
    assert {event["event"] for event in events} >= {
        "sign_up",
        "sign_in",
        "sign_in_failed",
        "sign_out",
        "password_reset_asked",
        "token_reused",
    }
    for event in events:
        assert event["request_id"]
        assert event["address"] == "127.0.0.1"
