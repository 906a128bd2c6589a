"""Limits of time for connections to MySQL and MariaDB that serve requests."""

from typing import Any

# Seconds. A statement ends on the server (on MySQL a SELECT only; other statements there when the
# next connection kills them, see `gates.py`) before the driver gives up reading.
STATEMENT_TIMEOUT = 3
DRIVER_TIMEOUTS = {"connect_timeout": 2, "read_timeout": 4, "write_timeout": 4}
# For the readiness check, which must answer in 3 seconds: to connect, and to read one row.
PROBE_TIMEOUTS = {"connect_timeout": 1, "read_timeout": 1, "write_timeout": 1}
# A transaction whose client is silent (a network that lost it) is rolled back. For MariaDB only.
IDLE_TRANSACTION_TIMEOUT = 10
# Comments that are executed by MariaDB, or by MySQL, only.
STATEMENT_LIMITS = (
    f" /*M!100300 , max_statement_time={STATEMENT_TIMEOUT},"
    f" idle_transaction_timeout={IDLE_TRANSACTION_TIMEOUT} */"
    f" /*!80000 , max_execution_time={STATEMENT_TIMEOUT * 1000} */"
)


def limited(options: dict[str, Any]) -> dict[str, Any]:
    """Return the OPTIONS of a database with limits. A replica's shorter ones are kept."""
    timeouts = DRIVER_TIMEOUTS | {
        name: options[name] for name in DRIVER_TIMEOUTS if name in options
    }
    command = options["init_command"]
    return options | timeouts | {"init_command": command + STATEMENT_LIMITS}
