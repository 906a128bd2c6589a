"""Limits of time for connections that serve requests.

Migrations, backups and other commands have none of these: their statements may be long.
"""

from typing import Any

from django.db import connections

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


def limit_all() -> None:
    """Limit all connections that this process opens from now on. Call once."""
    for entry in connections.settings.values():
        if entry["ENGINE"] == "core.mysql":
            entry["OPTIONS"] = limited(entry["OPTIONS"])


def limited(options: dict[str, Any]) -> dict[str, Any]:
    """Return the OPTIONS of a database with limits. A replica's shorter ones are kept."""
    timeouts = DRIVER_TIMEOUTS | {
        name: options[name] for name in DRIVER_TIMEOUTS if name in options
    }
    command = options["init_command"]
    return options | timeouts | {"init_command": command + STATEMENT_LIMITS}


def probe_in_this_thread() -> None:
    """Give this thread a connection of its own with the limits of the readiness check."""
    primary = connections["default"].copy()
    if primary.vendor == "mysql":
        primary.settings_dict["OPTIONS"] |= PROBE_TIMEOUTS
    else:
        primary.settings_dict["OPTIONS"] = primary.settings_dict.get("OPTIONS", {}) | {"timeout": 1}
    connections["default"] = primary
