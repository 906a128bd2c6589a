"""Mail backends that fail or wait."""

import threading
from collections.abc import Sequence
from typing import Any, ClassVar

from django.core.mail.backends.base import BaseEmailBackend


class BrokenMailer(BaseEmailBackend):
    """A backend whose server refuses the connection."""

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        raise ConnectionRefusedError


class SlowMailer(BaseEmailBackend):
    """A backend that waits until the test lets it send."""

    may_send: ClassVar[threading.Event] = threading.Event()
    sent: ClassVar[list[Any]] = []

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        assert self.may_send.wait(30)
        self.sent.extend(email_messages)
        return len(email_messages)
