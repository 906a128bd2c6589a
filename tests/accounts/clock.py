"""Moving the server's clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest.mock import patch


@contextmanager
def clock_at(instant: datetime) -> Iterator[None]:
    """The server thinks that it is `instant`."""
    with patch("core.days.now", lambda: instant):
        yield


def later(delta: timedelta) -> object:
    """The server's clock, set forward by `delta`."""
    return clock_at(datetime.now(UTC) + delta)
