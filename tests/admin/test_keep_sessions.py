"""The admin's sessions are cached in Redis, and kept in the database if that is down."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
import redis
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from tests.admin.base import OperatorTest
from tests.base import PASSWORD
from tests.server import START_TIMEOUT, free_port
from todomate import sessions

PROGRAM = shutil.which("redis-server")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no redis-server is installed")
PORT = free_port()
CACHE = {
    "BACKEND": "django.core.cache.backends.redis.RedisCache",
    "LOCATION": f"redis://127.0.0.1:{PORT}/0",
    "OPTIONS": {
        "serializer": "todomate.sessions.Json",
        "socket_connect_timeout": 1,
        "socket_timeout": 1,
    },
}


@contextmanager
def running_redis() -> Iterator[subprocess.Popen[bytes]]:
    with tempfile.TemporaryDirectory() as folder:
        command = [
            PROGRAM or "",
            "--port",
            str(PORT),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            folder,
        ]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            wait_for(redis_answers)
            yield server
        finally:
            server.kill()
            server.wait()


def redis_answers() -> bool:
    try:
        with redis.Redis(port=PORT) as client:
            return bool(client.ping())
    except redis.ConnectionError:
        return False


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + START_TIMEOUT
    while not condition():
        assert time.monotonic() < end, "Redis did not start in time."
        time.sleep(0.02)  # the port is not open yet; there is no event to wait for


@override_settings(CACHES={"default": CACHE}, SESSION_ENGINE="todomate.sessions")
class KeepSessionsTest(OperatorTest):
    def setUp(self) -> None:
        super().setUp()
        self.enterContext(patch.object(sessions.FailSafeCache, "suspended_until", 0.0))
        self.enterContext(patch.object(sessions, "RETRY_AFTER", 0))
        self.addCleanup(caches["default"].close)
        self.operator = Client()

    def sign_in(self) -> None:
        answer = self.operator.post(
            "/admin/login/?next=/admin/", {"username": self.root.email, "password": PASSWORD}
        )
        assert answer.status_code == 302

    def is_signed_in(self) -> bool:
        return self.operator.get("/admin/").status_code == 200

    def session_queries(self) -> int:
        """Load a page and count its queries for the session."""
        with CaptureQueriesContext(connection) as queries:
            assert self.is_signed_in()
        return sum("django_session" in query["sql"] for query in queries)

    def test_a_session_in_redis_takes_no_query(self) -> None:
        with running_redis():
            self.sign_in()
            assert self.session_queries() == 0

    def test_sessions_in_redis_are_json_and_a_pickle_is_not_loaded(self) -> None:
        with running_redis(), redis.Redis(port=PORT) as client:
            self.sign_in()
            [key] = client.keys()
            assert "_auth_user_id" in json.loads(client.get(key))
            client.set(key, b"\x80\x05.")
            with self.assertLogs("todomate.sessions", "WARNING"):
                assert self.is_signed_in()

    def test_a_session_survives_a_crash_of_redis(self) -> None:
        with running_redis() as server:
            self.sign_in()
            server.kill()
            server.wait()
            with self.assertLogs("todomate.sessions", "WARNING"):
                assert self.session_queries() > 0
        with running_redis():
            self.session_queries()
            assert self.session_queries() == 0

    def test_signing_in_and_out_works_without_redis(self) -> None:
        with self.assertLogs("todomate.sessions", "WARNING"):
            self.sign_in()
            assert self.is_signed_in()
            self.operator.post("/admin/logout/")
            assert not self.is_signed_in()
        assert not Session.objects.exists()

    def test_an_unreachable_redis_is_logged_once_and_not_retried_for_a_while(self) -> None:
        with (
            patch.object(sessions, "RETRY_AFTER", 60),
            self.assertLogs("todomate.sessions", "WARNING") as log,
        ):
            self.sign_in()
            assert self.session_queries() > 0
        assert len(log.records) == 1

    def test_sessions_in_redis_expire(self) -> None:
        with running_redis(), redis.Redis(port=PORT) as client:
            self.sign_in()
            times = [client.ttl(key) for key in client.scan_iter()]
        assert len(times) == 1
        assert 0 < times[0] <= sessions.MAX_TIMEOUT
