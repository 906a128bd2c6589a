"""Mailers that do not work as they should."""

import threading
from collections.abc import Sequence
from typing import Any, ClassVar

from django.core.mail.backends.base import BaseEmailBackend


class BrokenMailer(BaseEmailBackend):
    """Its server is down."""

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        raise ConnectionRefusedError


class SlowMailer(BaseEmailBackend):
    """Sends when it may."""

    may_send: ClassVar[threading.Event] = threading.Event()
    sent: ClassVar[list[Any]] = []

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        assert self.may_send.wait(30)
        self.sent.extend(email_messages)
        return len(email_messages)
