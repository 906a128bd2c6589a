"""Lines of the log: one for each message, with a time zone and the request, without secrets"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from unittest import TestCase
from urllib.parse import quote
from uuid import UUID

from core.events import of_request, security_event
from core.logs import LogFormatter, without_secrets

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyIjoxfQ.c2lnbmF0dXJl"  # of nobody
RESET = "WyIwMTk1Il0:1tYx3C:kR0c3lYb0xXc2ZkZ2hqa2xxd2VydHl1aW8"


def line(message: str, *args: object, exc_info: object = None) -> str:
    record = logging.makeLogRecord(
        {"msg": message, "args": args, "name": "x", "levelname": "INFO", "exc_info": exc_info}
    )
    return LogFormatter().format(record)


class LineTest(TestCase):
    def test_a_line_has_the_time_with_its_zone_and_the_request(self) -> None:
        with of_request("an-id", lambda: ""):
            assert re.fullmatch(rf"{TIME} INFO x an-id the 1st", line("the %sst", 1))
        assert re.fullmatch(rf"{TIME} INFO x - outside", line("outside"))

    def test_a_message_cannot_forge_a_line(self) -> None:
        for break_ in ("\n", "\r\n", "\x0b", "\x85", "\u2028", "\u202e", "\x1b[2J"):
            assert break_ not in line("%s", f"a{break_}b"), repr(break_)

    def test_a_traceback_follows_indented(self) -> None:
        try:
            raise ValueError("a\n2026-01-01 CRITICAL forged, of alice@example.com")
        except ValueError:
            first, *rest = line("failed", exc_info=sys.exc_info()).split("\n")
        assert first.endswith("failed")
        assert all(part.startswith("  ") for part in rest)
        assert "alice" not in "".join(rest)

    def test_no_line_has_an_email_or_a_token(self) -> None:
        for text, expected in (
            ("Duplicate entry 'alice@example.com' for key", "Duplicate entry <email>' for key"),
            ("'o'brien@example.com'", "<email>'"),
            ('"a b"@example.com', "<email>"),
            ("root@localhost", "<email>"),
            ("a@[127.0.0.1]", "<email>"),
            ("김@예시.한국, b+c@d.co.kr", "<email>, <email>"),
            ("/x/?q=alice%40example.com&r=1", "<email>&r=1"),
            ("the handle @alice", "the handle @alice"),
            (f"Bearer {TOKEN}!", "Bearer <token>!"),
            (f"todomate://reset?token={RESET}", "todomate://reset?token=<token>"),
            (f"/reset?token={quote(RESET)}&x=1", "/reset?token=<token>&x=1"),
            ("12:30:45 and 2001:db8::1", "12:30:45 and 2001:db8::1"),
        ):
            assert without_secrets(text) == expected, text

    def test_long_texts_take_linear_time(self) -> None:
        began = time.process_time()
        for text in ("@" + "a" * 100_000, "a" * 100_000 + "@", "a:" * 50_000, "@." * 50_000):
            without_secrets(text)
            without_secrets("%40" + text)
        assert time.process_time() - began < 2


class EventTest(TestCase):
    PERSON = UUID("0195a1b2-0000-7000-8000-000000000001")

    def event(self) -> str:
        with self.assertLogs("todomate.security", "INFO") as logs:
            security_event("sign_in", person=self.PERSON, by="a\nb@example.com")
        return LogFormatter().format(logs.records[0])

    def test_an_event_is_one_line_of_json(self) -> None:
        with of_request("an-id", lambda: "192.0.2.1"):
            event = json.loads(self.event())
        assert re.fullmatch(TIME, event.pop("time"))
        assert event == {
            "event": "sign_in",
            "request_id": "an-id",
            "address": "192.0.2.1",
            "person": str(self.PERSON),
            "by": "<email>",
        }

    def test_outside_of_requests_it_has_no_request(self) -> None:
        event = json.loads(self.event())
        assert (event["request_id"], event["address"]) == (None, None)
