"""Change the server's clock for a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest.mock import patch


@contextmanager
def clock_at(instant: datetime) -> Iterator[None]:
    """Set the server's clock to `instant`."""
    with patch("core.clock.now", lambda: instant):
        yield


def later(delta: timedelta) -> object:
    """Set the server's clock forward by `delta`."""
    return clock_at(datetime.now(UTC) + delta)
