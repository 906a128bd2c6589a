"""Connections to a database server that are not pinged after recent use."""

import time
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper


class SeldomPinged(BaseDatabaseWrapper):
    """Skip the check of a connection (CONN_HEALTH_CHECKS) that was used a moment ago."""

    # Seconds after its last use during which a connection is not pinged. A ping costs as much as a
    # query, and no server restarts in less time.
    FRESH = 0.5
    used_at = 0.0

    def _cursor(self, name: str | None = None) -> Any:
        cursor = super()._cursor(name)  # type: ignore[misc]  # not in the stubs
        self.used_at = time.monotonic()
        return cursor

    def close_if_health_check_failed(self) -> None:
        if time.monotonic() - self.used_at < self.FRESH:
            self.health_check_done = True
        super().close_if_health_check_failed()
