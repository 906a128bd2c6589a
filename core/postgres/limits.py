"""Limits of time for connections to PostgreSQL that serve requests."""

from typing import Any

# Seconds. A statement ends on the server before we give up waiting for its answer. The driver takes
# no shorter time to connect.
DRIVER_TIMEOUTS = {"connect_timeout": 2, "read_timeout": 4}
# For the readiness check, which must answer in 3 seconds.
PROBE_TIMEOUTS = {"connect_timeout": 2, "read_timeout": 1}
# A statement, and a transaction whose client is silent (a network that lost it).
SERVER_LIMITS = "-c statement_timeout=3s -c idle_in_transaction_session_timeout=10s"


def limited(options: dict[str, Any]) -> dict[str, Any]:
    """Return the OPTIONS of a database with limits."""
    return options | DRIVER_TIMEOUTS | {"options": f"{options['options']} {SERVER_LIMITS}"}
