"""A server whose database is locked, silent, refuses connections or loses them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import pytest
from django.db import OperationalError, connection, connections

from core.outages import problem_of
from tests.base import PASSWORD, new_id
from tests.proxy import Proxy
from tests.server import default_port, own_database, running_server

pytestmark = [
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no connections"),
    pytest.mark.races,
]
BUDGET = 5.5  # seconds: 5, and half a one for a busy machine


class Server:
    """A running server, its proxy to the database, and Alice and Bob with a client for each."""

    def __init__(self, address: str, proxy: Proxy, database: str, log: Path) -> None:
        self.address, self.proxy, self.database, self.log = address, proxy, database, log
        self.stack = ExitStack()
        self.anonymous = self.client()
        self.refresh_tokens: list[str] = []
        self.alice, self.bob = self.sign_up("Alice"), self.sign_up("Bob")

    def client(self, **headers: str) -> httpx.Client:
        client = httpx.Client(base_url=f"{self.address}/api/v1/", headers=headers, timeout=30)
        return self.stack.enter_context(client)

    def sign_up(self, nickname: str) -> httpx.Client:
        body = {
            "email": f"{nickname.lower()}@example.com",
            "password": PASSWORD,
            "nickname": nickname,
        }
        answer = self.anonymous.post("auth/signup/", json=body)
        assert answer.status_code == 201, answer.text
        self.refresh_tokens.append(answer.json()["refresh"])
        return self.client(Authorization=f"Bearer {answer.json()['access']}")

    @contextmanager
    def locked_profile(self, nickname: str) -> Iterator[None]:
        """Lock the row of this person's profile, as a statement that does not end would."""
        with self.locked("SELECT 1 FROM accounts_profile WHERE nickname = %s FOR UPDATE", nickname):
            yield

    @contextmanager
    def locked_sessions(self) -> Iterator[None]:
        """Lock all sessions."""
        with self.locked("SELECT 1 FROM accounts_session WHERE user_id >= %s FOR UPDATE", 0):
            yield

    @contextmanager
    def locked(self, sql: str, value: object) -> Iterator[None]:
        other: Any = connections["default"].copy()
        other.settings_dict["NAME"] = self.database
        with connections["default"].wrap_database_errors:
            other.connect()
        try:
            other.set_autocommit(False)
            with other.cursor() as cursor:
                cursor.execute(sql, [value])
                assert cursor.fetchall()
            yield
        finally:
            other.rollback()
            other.close()

    def recover(self) -> None:
        """End the outage, and wait until every thread of every worker answers again."""
        self.proxy.forward()
        ended = time.monotonic()
        everyone = [lambda: self.alice.get("goals/"), lambda: self.bob.get("goals/")] * 4
        everyone += [lambda: self.anonymous.post("auth/token/refresh/", json={"refresh": "x"})] * 8
        while {answer.status_code for answer, _ in at_once(everyone)} - {200, 401}:
            assert time.monotonic() - ended < 5


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: Any, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    with django_db_blocker.unblock(), own_database(folder) as url:
        parts = urlsplit(url)
        with Proxy(str(parts.hostname), parts.port or default_port()) as proxy:
            user = parts.netloc.rpartition("@")[0]
            through = parts._replace(netloc=f"{user}@127.0.0.1:{proxy.port}").geturl()
            with running_server(
                folder,
                DATABASE_URL=through,
                RATE_LIMITS="false",
                DJANGO_SETTINGS_MODULE="tests.fast_settings",
            ) as address:
                running = Server(address, proxy, unquote(parts.path[1:]), folder / "server.log")
                with running.stack:
                    yield running


@pytest.fixture(autouse=True)
def recovered(server: Server) -> Iterator[int]:
    """Yield the length of the log so far; afterwards check what the test added to it."""
    start = len(server.log.read_bytes())
    yield start
    server.recover()
    added = server.log.read_bytes()[start:].decode()
    assert "Traceback" not in added, added
    assert " ERROR " not in added, added


def assert_busy(answer: httpx.Response, code: str = "busy") -> None:
    assert (answer.status_code, answer.json()["code"]) == (503, code), answer.text
    assert int(answer.headers["Retry-After"]) >= 1
    assert "othing was changed" not in answer.text


def requests(server: Server) -> list[Any]:
    """Return calls of a read, a write and a sign-in."""
    credentials = {"email": "alice@example.com", "password": PASSWORD}
    return [
        lambda: server.alice.get("goals/"),
        lambda: server.alice.post("goals/", json={"id": new_id(), "title": "x"}),
        lambda: server.anonymous.post("auth/token/", json=credentials),
    ]


def at_once(calls: list[Any]) -> list[tuple[httpx.Response, float]]:
    """Make the calls at the same time; return each answer and its seconds."""

    def timed(call: Any) -> tuple[httpx.Response, float]:
        started = time.monotonic()
        answer = call()
        return answer, time.monotonic() - started

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(timed, calls))


def test_a_database_that_refuses_connections_is_a_503(server: Server, recovered: int) -> None:
    server.proxy.refuse()
    calls = requests(server)
    for call in calls * 3:
        started = time.monotonic()
        assert_busy(call())
        assert time.monotonic() - started < 1
    lines = server.log.read_bytes()[recovered:].decode().splitlines()
    assert len(lines) == len(calls) * 3, lines


def test_pages_are_a_503_too(server: Server, recovered: int) -> None:
    cookies = {"sessionid": "x" * 32}
    with httpx.Client(base_url=server.address, cookies=cookies, timeout=30) as browser:
        assert browser.get("/admin/").status_code == 302
        form = {"csrfmiddlewaretoken": "x" * 32, "username": "a@example.com", "password": "x"}
        browser.cookies.set("csrftoken", "x" * 32)
        server.proxy.refuse()
        assert_busy(browser.get("/admin/"))
        assert_busy(browser.post("/admin/login/", data=form))
    lines = server.log.read_bytes()[recovered:].decode().splitlines()
    assert len(lines) == 2, lines


def test_a_database_that_swallows_bytes_is_a_503_in_time(server: Server) -> None:
    server.proxy.swallow()
    for answer, seconds in at_once(requests(server) * 8):
        assert_busy(answer)
        assert seconds < BUDGET
    # From then on nobody waits for a connection that another request tries to open.
    for answer, seconds in at_once(requests(server) * 8):
        assert_busy(answer)
        assert seconds < BUDGET


def health(server: Server, check: str) -> Any:
    return lambda: server.anonymous.get(f"health/{check}/")


def test_health_checks_answer_in_time_whatever_the_database_does(server: Server) -> None:
    for check in ("live", "ready") * 4:  # the connections of the checks are open
        assert health(server, check)().status_code == 200
    for outage in (server.proxy.swallow, server.proxy.refuse):
        outage()
        calls = requests(server) * 8 + [health(server, "live"), health(server, "ready")] * 4
        for number, (answer, seconds) in enumerate(at_once(calls)[24:]):
            if number % 2 == 0:
                assert answer.status_code == 200
                assert seconds < 1
            else:
                assert_busy(answer)
                assert seconds < 3
        server.recover()
        assert health(server, "ready")().status_code == 200


def test_a_lost_commit_is_made_once_or_said_to_be_unknown(server: Server) -> None:
    server.proxy.cut_at(b"COMMIT", after=b"without an id")
    assert_busy(server.alice.post("goals/", json={"title": "without an id"}), "outcome_unknown")
    server.proxy.cut_at(b"COMMIT", after=b"with an id")
    body = {"id": new_id(), "title": "with an id"}
    assert server.alice.post("goals/", json=body).status_code == 200
    titles = [goal["title"] for goal in server.alice.get("goals/").json()["results"]]
    assert titles.count("with an id") == titles.count("without an id") == 1


def test_a_connection_lost_before_commit_is_not_noticed(server: Server) -> None:
    table = connection.ops.quote_name("goals_goal")
    server.proxy.cut_at(f"INSERT INTO {table}".encode())
    body = {"id": new_id(), "title": "one"}
    assert server.alice.post("goals/", json=body).status_code in (200, 201)
    server.proxy.cut_at(b"SELECT")
    assert server.alice.get("goals/").status_code == 200


def test_a_locked_person_holds_a_part_of_the_threads(server: Server) -> None:
    def write() -> httpx.Response:
        return server.alice.post("goals/", json={"id": new_id(), "title": "x"})

    def read() -> httpx.Response:
        return server.bob.get("goals/")

    with server.locked_profile("Alice"):
        found = at_once([write] * 24 + [read] * 8)
        for answer, seconds in found[:24]:
            assert_busy(answer)
            assert seconds < BUDGET
        for answer, seconds in found[24:]:
            assert answer.status_code == 200
            assert seconds < 2
    assert write().status_code == 201


def test_a_locked_session_holds_a_part_of_the_threads(server: Server) -> None:
    body = {"refresh": server.refresh_tokens[0]}

    def refresh(number: int) -> httpx.Response:
        headers = {"Authorization": f"Bearer {number}"}  # as if from many clients
        return server.anonymous.post("auth/token/refresh/", json=body, headers=headers)

    def read() -> httpx.Response:
        return server.bob.get("goals/")

    with server.locked_sessions():
        found = at_once([partial(refresh, number) for number in range(24)] + [read] * 8)
        for answer, seconds in found[:24]:
            assert_busy(answer)
            assert seconds < BUDGET
        for answer, seconds in found[24:]:
            assert answer.status_code == 200
            assert seconds < 2


def test_a_read_does_not_wait_for_a_locked_session(server: Server) -> None:
    body = {"refresh": server.refresh_tokens[1]}
    pair = server.anonymous.post("auth/token/refresh/", json=body).json()
    server.refresh_tokens[1] = pair["refresh"]
    phone = server.client(Authorization=f"Bearer {pair['access']}")
    with server.locked_sessions():
        for call in (partial(phone.get, "goals/"), partial(phone.delete, "blocks/")):
            started = time.monotonic()
            assert call().status_code in (200, 405)
            assert time.monotonic() - started < 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the limits of PostgreSQL")
def test_a_statement_ends_on_postgresql_when_its_time_is_up(server: Server) -> None:
    from core.postgres.limits import limited  # noqa: PLC0415  # of the database under test

    other: Any = connections["default"].copy()
    other.settings_dict["NAME"] = server.database
    other.settings_dict["OPTIONS"] = limited(other.settings_dict["OPTIONS"])
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(f"current_setting('{name}')" for name in names))
            assert cursor.fetchone() == ("3s", "2s", "10s")
            started = time.monotonic()
            with pytest.raises(OperationalError) as caught:
                cursor.execute("SELECT pg_sleep(60)")
            assert time.monotonic() - started < 4
            problem = problem_of(caught.value)
            assert problem is not None
            assert problem.code == "busy"
    finally:
        other.close()


@pytest.mark.skipif(connection.vendor != "mysql", reason="the limits of MySQL and MariaDB")
def test_a_statement_ends_on_the_server_when_its_time_is_up(server: Server) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT VERSION()")
        is_mariadb = "MariaDB" in cursor.fetchone()[0]
    from core.mysql.limits import limited  # noqa: PLC0415  # there is no driver without MySQL

    other: Any = connections["default"].copy()
    other.settings_dict["OPTIONS"] = limited(other.settings_dict["OPTIONS"])
    try:
        with other.cursor() as cursor:
            cursor.execute(
                "SHOW SESSION VARIABLES WHERE variable_name IN ('max_statement_time',"
                " 'max_execution_time', 'innodb_lock_wait_timeout', 'idle_transaction_timeout')"
            )
            found = {name: float(value) for name, value in cursor.fetchall()}
    finally:
        other.close()
    wanted = (
        {"max_statement_time": 3, "idle_transaction_timeout": 10}
        if is_mariadb
        else {"max_execution_time": 3000}
    )
    assert found == wanted | {"innodb_lock_wait_timeout": 2}
