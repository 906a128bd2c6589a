"""Connections to a server that does not answer"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import skipUnless
from urllib.parse import urlsplit

import pytest
from django.db import OperationalError, connection, connections
from django.test import TransactionTestCase

from tests.proxy import Proxy

needs_mysql = skipUnless(connection.vendor == "mysql", "the driver is for MySQL and MariaDB")


@needs_mysql
class SilentServerTest(TransactionTestCase):
    @contextmanager
    def proxy(self) -> Iterator[tuple[Proxy, Any]]:
        """Yield a proxy to the database and a connection through it, which waits for a second."""
        settings = connection.settings_dict
        host, port = settings["HOST"] or "127.0.0.1", int(settings["PORT"] or 3306)
        with Proxy(str(urlsplit(f"//{host}").hostname), port) as proxy:
            through: Any = connections["default"].copy()
            through.settings_dict |= {"HOST": "127.0.0.1", "PORT": proxy.port}
            through.settings_dict["OPTIONS"] |= {"connect_timeout": 1, "read_timeout": 1}
            try:
                yield proxy, through
            finally:
                through.close()

    def is_connected(self, thread: int) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SHOW PROCESSLIST")
            return any(row[0] == thread for row in cursor.fetchall())

    def test_a_statement_that_was_given_up_is_ended_by_the_next_connection(self) -> None:
        with self.proxy() as (_, through):
            with through.cursor() as cursor:
                cursor.execute("SELECT CONNECTION_ID()")
                (thread,) = cursor.fetchone()
                with pytest.raises(OperationalError):
                    cursor.execute("SELECT SLEEP(60)")
            through.close()
            assert self.is_connected(thread)
            # Until a second has passed, nobody tries again.
            with pytest.raises(OperationalError, match="a moment ago"):
                through.ensure_connection()
            end = time.monotonic() + 5
            while time.monotonic() < end:
                try:
                    through.ensure_connection()
                    break
                except OperationalError:
                    time.sleep(0.05)  # the gate opens by the clock
            while self.is_connected(thread):
                assert time.monotonic() < end, "it was not ended"

    def test_one_attempt_at_a_time_is_made_while_the_server_is_silent(self) -> None:
        with self.proxy() as (proxy, through):
            proxy.swallow()
            with pytest.raises(OperationalError):
                through.ensure_connection()
            for _ in range(20):
                started = time.monotonic()
                with pytest.raises(OperationalError, match="a moment ago"):
                    through.ensure_connection()
                assert time.monotonic() - started < 0.5
